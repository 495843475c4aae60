"""Words written in Telegram: drafts corrected on a phone, instructions, posts, the desk's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import CardKind
from bot.cards.pages import QueueFilter
from bot.errors import StoreUnavailable
from bot.model.post import PostState
from handlers.telegram.composer import taken_apart
from handlers.telegram.corrections import corrected
from handlers.telegram.markup import JOINER, typed
from tests.fakes.desk_kit import desk_address
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import GROUP, Team, opened_team
from tests.fakes.telegram_world import Chat, Shown

DRAFT = (
    "Hi Ann, we are sorry about the wait, that is not how it should be. A refund takes 3 days once "
    "the parcel is back with us, and the courier collects it from your door, free of charge. "
    "Please send us your order number in a private message, so that we can book the courier for "
    "tomorrow morning. Thank you!"
)
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 20


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as opened:
        yield opened


async def visible(team: Team) -> list[str]:
    await team.kit.pass_time(60)
    return [one.text for one in team.kit.network.visible]


async def prompt(team: Team, card: Shown, label: str, who: str = "bob") -> Shown:
    before = len(team.server.world.by_bot())
    said = await team.people[who].tap(card, label)
    assert not said["show_alert"], said
    assert len(team.server.world.by_bot()) == before + 1
    return team.last()


async def says(team: Team, after: Shown) -> Shown:
    """What the bot answers to a message."""
    found = await until(
        team.server,
        lambda: [one for one in team.server.world.by_bot() if one.answers == after.id],
    )
    return found[0]  # type: ignore[no-any-return]


# --- a draft corrected on a phone


async def test_a_long_draft_is_corrected_and_published_with_three_taps_and_a_short_line(
    team: Team,
) -> None:
    assert len(DRAFT) >= 300
    team.kit.drafter.words = DRAFT
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    assert DRAFT in asked.text
    assert asked.answers == card.id
    assert asked.now["force_reply"]["selective"] is True
    [mention] = [one for one in asked.now["entities"] if one.get("url", "").startswith("tg:")]
    assert mention["url"] == f"tg://user?id={team.bob.id}"
    line = "3 days => 5 days"
    answer = team.bob.write(line, answering=asked)
    saved = await says(team, answer)
    assert saved.text.startswith("Saved as version 2.")
    assert typed(saved.text).endswith(DRAFT.replace("3 days", "5 days"))
    await team.bob.tap(saved, "Publish")
    assert team.bob.taps == 3
    assert len(line) <= 20
    assert await visible(team) == [DRAFT.replace("3 days", "5 days")]
    assert asked in team.server.world.deleted
    assert saved.keyboard == []
    assert "✅ Published" in card.text


async def test_the_whole_text_may_be_written_anew(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    answer = team.bob.write("Hello Ann,\n\nwe look into it.", answering=asked)
    saved = await says(team, answer)
    await team.bob.tap(saved, "Publish")
    assert await visible(team) == ["Hello Ann,\n\nwe look into it."]


async def test_nothing_that_is_written_leaves_by_itself(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    await says(team, team.bob.write("Hello Ann.", answering=asked))
    team.bob.write("What do you think?", answering=card)
    team.bob.write("Publish this!")
    assert await visible(team) == []


async def test_the_others_see_who_is_editing(team: Team) -> None:
    card = await team.comes()
    await prompt(team, card, "Edit", "olga")
    await team.kit.work()
    assert "Olga is editing" in card.text
    asked = await prompt(team, card, "Edit", "bob")
    assert "Olga has this open too." in typed(asked.text)


async def test_an_answer_to_a_card_that_changed_meanwhile_is_told_so(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    await team.alice.tap(card, "No reply needed")
    told = await says(team, team.bob.write("Hello Ann.", answering=asked))
    assert "Alice" in told.text
    assert await visible(team) == []


async def test_whoever_answers_a_prompt_answers_as_themselves(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    told = await says(team, team.vic.write("Mine.", answering=asked))
    assert "Your role here is viewer" in told.text
    told = await says(team, team.stranger.write("Mine.", answering=asked))
    assert "4242" in told.text
    saved = await says(team, team.olga.write("Hers.", answering=asked))
    assert any("Ask for approval" in label for label in saved.labels)
    said = await team.olga.tap(saved, "Ask for approval")
    assert said["text"].startswith("Asked for approval.")
    assert await visible(team) == []


async def test_words_that_are_refused_are_told_to_the_one_who_wrote_them(team: Team) -> None:
    world, vic = team.server.world, team.people["vic"]
    world.chats[vic.id] = Chat(vic.id, "private", "Vic")
    draft = await prompt(team, await team.comes(), "Edit")
    menu = await says(team, team.olga.write("/new"))
    await team.olga.tap(menu, "All of them")
    for asked in (draft, team.last()):
        vic.write("Mine.", answering=asked)
    told = await until(team.server, lambda: world.by_bot(vic.id)[1:] and world.by_bot(vic.id))
    for one in told:
        assert one.text.startswith("Your role here is viewer; this takes an agent. Ask Olga")


async def test_a_correction_that_fits_nowhere_is_said_and_changes_nothing(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    told = await says(team, team.bob.write("5 weeks => 5 days", answering=asked))
    assert "does not stand in the draft" in told.text
    saved = await says(team, team.bob.write("Tell us => Please send us", answering=asked))
    assert "Please send us your order number" in saved.text


async def test_an_answer_that_was_not_saved_comes_again(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    perform = type(team.kit.desk).perform
    failures = 1

    async def busy(self: Any, order: Any) -> Any:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise StoreUnavailable("busy")
        return await perform(self, order)

    monkeypatch.setattr(type(team.kit.desk), "perform", busy)
    saved = await says(team, team.bob.write("Hello Ann.", answering=asked))
    assert saved.text.startswith("Saved")


async def test_words_of_others_cannot_pass_for_a_prompt(team: Team) -> None:
    """Only what we write as code is a reference, whoever's words a message of ours shows."""
    look = {"text": "What they said\nnew.all"}
    ours = team.server.world.show(team.server.world.chat(GROUP), look, {})
    team.bob.write("Very funny", answering=ours)
    await until(team.server, lambda: not team.server.world.updates)
    assert (await team.kit.queue(QueueFilter.POSTS)).total == 0


async def test_who_writes_as_the_group_is_told_why_that_cannot_be(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    answer = team.bob.write("Hello", answering=asked, sender_chat={"id": GROUP, "type": "group"})
    assert "as the group itself" in (await says(team, answer)).text
    assert await visible(team) == []


async def test_a_view_can_be_put_away(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Edit")
    saved = await says(team, team.bob.write("Hello.", answering=asked))
    await team.bob.tap(saved, "✕")
    assert saved in team.server.world.deleted
    assert card in team.server.world.messages


# --- where one types


async def test_a_short_draft_is_edited_where_one_types(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_team(desk_address(request, tmp_path), can_prefill=True) as team:
        card = await team.comes()
        [query] = [
            button["switch_inline_query_current_chat"]
            for row in card.keyboard
            for button in row
            if "switch_inline_query_current_chat" in button
        ]
        [result] = await team.bob.types(query.replace("sorry", "very sorry"))
        assert result["title"] == f"Save as the next version of #{card.text.split(JOINER)[-1]}"
        saved = await says(team, team.bob.choose(result))
        assert "We are very sorry." in typed(saved.text)
        await team.bob.tap(saved, "Publish")
        assert (await visible(team))[0].startswith("We are very sorry.")
        assert await team.stranger.types(query) == []
        assert await team.bob.types("hello") == []
        assert await team.bob.types("approve.k7Qf2mZx9LpA.3 hello") == []


# --- one line


async def test_an_instruction_makes_the_next_version(team: Team) -> None:
    card = await team.comes()
    asked = await prompt(team, card, "Change…")
    answer = team.olga.write("refund takes 5 days, shorter", answering=asked)
    await until(team.server, lambda: answer.reactions)
    await team.kit.work()
    assert team.kit.drafter.requests[-1].instruction == "refund takes 5 days, shorter"
    assert "(refund takes 5 days, shorter)" in card.text
    assert "v2" in card.text
    assert asked in team.server.world.deleted


# --- planned posts


async def test_a_post_is_planned_in_a_chat_and_approved_by_a_second_person(team: Team) -> None:
    menu = await says(team, team.olga.write("/new"))
    await team.olga.tap(menu, "All of them")
    asked = team.last()
    told = await says(team, team.olga.write("Our autumn sale.", answering=asked))
    assert "waits for approval" in told.text
    await team.kit.work()
    card = team.last()
    assert "Our autumn sale." in typed(card.text)
    refused = await team.olga.tap(card, "Approve")
    assert refused["show_alert"]
    said = await team.alice.tap(card, "Approve")
    assert not said["show_alert"]
    await team.kit.pass_time(60)
    assert [one.text for one in team.kit.network.visible] == ["Our autumn sale."]
    assert [one.text for one in team.kit.second.visible] == ["Our autumn sale."]


async def test_a_post_with_a_picture_is_approved_below_it(team: Team) -> None:
    team.server.world.files["photo-1"] = JPEG
    menu = await says(team, team.olga.write("/new@acme_desk_bot"))
    await team.olga.tap(menu, "@acme")
    asked = team.last()
    words = "Our autumn sale.\nalt: A green coat on a chair"
    told = await says(team, team.olga.write(words, answering=asked, photo="photo-1"))
    assert "waits for approval" in told.text, told.text
    await team.kit.work()
    *_, picture, card = team.server.world.by_bot()
    assert "photo" in picture.now
    assert card.answers == picture.id
    assert "A green coat on a chair" in card.text
    await team.alice.tap(card, "Approve")
    await team.kit.pass_time(60)
    assert len(team.kit.network.visible) == 1


async def test_a_picture_alone_without_a_description_is_refused(team: Team) -> None:
    menu = await says(team, team.olga.write("/new"))
    await team.olga.tap(menu, "All of them")
    told = await says(team, team.olga.write("", answering=team.last(), photo="photo-1"))
    assert "description" in told.text


async def planned(team: Team) -> Shown:
    """A post for both accounts; its card."""
    menu = await says(team, team.olga.write("/new"))
    await team.olga.tap(menu, "All of them")
    await says(team, team.olga.write("Our autumn sale.", answering=team.last()))
    await team.kit.work()
    return team.last()


async def shows(team: Team) -> tuple[str, list[str]]:
    """The post's words and what its pictures are described with."""
    post = await team.kit.read(lambda tx: tx.posts.get(1))  # type: ignore[arg-type]
    assert post.state is PostState.WAITING
    return post.variants[0].text, [one.alt_text for one in post.media]


async def test_pictures_sent_as_an_answer_to_its_card_come_into_the_post(team: Team) -> None:
    card = await planned(team)
    sent = []
    for number, who in enumerate((team.olga, team.bob)):
        team.server.world.files[f"photo-{number}"] = JPEG + bytes([number])
        words = f"here it is\nalt: Coat {number}"
        sent.append(who.write(words, answering=card, photo=f"photo-{number}"))
        await until(team.server, lambda: sent[-1].reactions)
    assert await shows(team) == ("Our autumn sale.", ["Coat 0", "Coat 1"])
    await team.kit.work()
    assert "2 pictures" in card.text
    assert not (await team.alice.tap(card, "Approve"))["show_alert"]


async def test_a_picture_that_cannot_come_into_the_post_is_refused_with_a_sentence(
    team: Team,
) -> None:
    team.server.world.files["photo-1"] = JPEG
    item = await team.comes()
    post = await planned(team)
    before = len(team.server.world.by_bot())
    team.olga.write("alt: A coat", answering=item, photo="photo-1")
    team.stranger.write("alt: A coat", answering=post, photo="photo-1")
    await until(team.server, lambda: not team.server.world.updates)
    refused = await says(team, team.vic.write("alt: A coat", answering=post, photo="photo-1"))
    assert "Your role here is viewer" in refused.text
    assert len(team.server.world.by_bot()) == before + 1
    assert await shows(team) == ("Our autumn sale.", [])


async def test_an_edit_that_comes_with_a_picture_keeps_it(team: Team) -> None:
    team.server.world.files["photo-1"] = JPEG
    asked = await prompt(team, await planned(team), "Edit", "olga")
    words = "autumn => winter\nalt: A white coat"
    answer = team.olga.write(words, answering=asked, photo="photo-1")
    await until(team.server, lambda: answer.reactions)
    assert await shows(team) == ("Our winter sale.", ["A white coat"])


async def test_a_post_is_edited_and_sent_back_with_words(team: Team) -> None:
    menu = await says(team, team.olga.write("/new"))
    await team.olga.tap(menu, "All of them")
    await says(team, team.olga.write("Our autumn sail.", answering=team.last()))
    await team.kit.work()
    card = team.last()
    asked = await prompt(team, card, "Request changes", "alice")
    answer = team.alice.write("sale, not sail", answering=asked)
    await until(team.server, lambda: answer.reactions)
    await team.kit.work()
    assert "Changes wanted: sale, not sail" in card.text
    asked = await prompt(team, card, "Edit", "olga")
    answer = team.olga.write("sail => sale", answering=asked)
    await until(team.server, lambda: answer.reactions)
    await team.kit.work()
    assert "Our autumn sale." in typed(card.text)
    post = await team.kit.read(lambda tx: tx.posts.get(1))  # type: ignore[arg-type]
    assert post.state is PostState.WAITING
    assert await team.kit.token_of(1, CardKind.POST)


# --- the desk's words


async def test_the_queue_is_paged_and_a_card_decided_in_it(team: Team) -> None:
    for number in range(9):
        await team.kit.comment(f"Where is my order number {number}? I want my money back.")
    asked = team.bob.write("/queue")
    page = await says(team, asked)
    assert page.text.startswith("Queue: 10")  # nine, and the peak they made
    await team.bob.tap(page, "›")
    assert "‹" in page.labels
    await team.bob.tap(page, "‹")
    await team.bob.tap(page, "#3")
    await until(team.server, lambda: any("Publish" in label for label in page.labels))
    assert "order number 2" in page.text
    await team.bob.tap(page, "Publish")
    await until(team.server, lambda: "Publishing" in page.text)
    assert page in team.server.world.messages
    await team.bob.tap(page, "‹ Queue")
    await until(team.server, lambda: page.text.startswith("Queue:"))
    assert len(await visible(team)) == 1


async def test_what_was_said_is_searched_and_the_card_opened(team: Team) -> None:
    for number in range(9):
        await team.kit.comment(f"Where is my order number {number}? I want my money back.")
    await team.kit.index()
    page = await says(team, team.bob.write("/search ORDER mon"))
    assert page.text.startswith("“ORDER mon”: 9")
    assert "One more word makes them fewer" in page.text
    await team.bob.tap(page, "#3")
    await until(team.server, lambda: any("Publish" in label for label in page.labels))
    assert "order number 2" in page.text
    assert "search refund parcel" in (await says(team, team.bob.write("/search"))).text


async def test_ones_own_are_under_mine(team: Team) -> None:
    card = await team.comes()
    page = await says(team, team.olga.write("/mine"))
    assert page.text.startswith("Mine: 0")
    await team.olga.tap(card, "Team")
    await team.olga.tap(card, "Take it")
    await team.olga.tap(page, "🔄")
    assert page.text.startswith("Mine: 1")


async def test_a_pause_keeps_replies_in_and_its_end_lets_them_out(team: Team) -> None:
    card = await team.comes()
    told = await says(team, team.olga.write("/pause"))
    assert "Your role here is agent" in told.text
    told = await says(team, team.alice.write("/pause"))
    assert "Nothing is paused yet" in told.text
    told = await says(team, team.alice.write("/pause now\nbad news"))
    assert "Paused" in told.text
    await team.bob.tap(card, "Publish")
    assert await visible(team) == []
    told = await says(team, team.alice.write("/unpause"))
    assert "1 approved reply waits" in told.text
    await says(team, team.alice.write("/unpause now"))
    assert len(await visible(team)) == 1


async def test_why_tells_the_reasons_of_a_card(team: Team) -> None:
    card = await team.comes()
    told = await says(team, team.vic.write("/why", answering=card))
    assert "•" in told.text
    number = card.text.rpartition("#")[2].replace(JOINER, "")
    assert (await says(team, team.vic.write(f"/why #{number}"))).text == told.text
    assert "Answer a card" in (await says(team, team.vic.write("/why"))).text
    assert "Answer a card" in (await says(team, team.vic.write("/why 999999"))).text


async def test_help_tells_everybody_the_numbers_that_the_file_needs(team: Team) -> None:
    told = await says(team, team.stranger.write("/help"))
    assert "4242" in told.text
    assert str(GROUP) in told.text
    told = await says(team, team.bob.write("/start"))
    assert "You are Bob, approver" in told.text


async def test_strangers_learn_nothing_from_the_desks_words(team: Team) -> None:
    await team.comes()
    words = ("/queue", "/mine", "/why 1", "/new", "/team", "/oncall")
    for word in words:
        told = await says(team, team.stranger.write(word))
        assert told.text.startswith("The desk does not know you yet."), word
    world, number = team.server.world, team.stranger.id
    world.chats[number] = Chat(number, "private", "Mallory")
    for word in words:
        team.stranger.write(word)
    told_alone = await until(team.server, lambda: world.by_bot(number)[len(words) - 1 :])
    assert told_alone[0].text.startswith("The desk does not know you yet.")


@pytest.mark.parametrize("word", ["/queue@another_bot", "/weather", "/ queue", "/"])
async def test_words_that_are_not_ours_are_not_answered(team: Team, word: str) -> None:
    asked = team.bob.write(word)
    await until(team.server, lambda: not team.server.world.updates)
    assert [one for one in team.server.world.by_bot() if one.answers == asked.id] == []


# --- pure


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("5 => 6", "It takes 6 days."),
        ("5 -> 6", "It takes 6 days."),
        ("5→6", "It takes 6 days."),
        ("takes 5 =>", "It  days."),
        ("A whole new text.", "A whole new text."),
        ("two\nlines => here", "two\nlines => here"),
        ("=> 6", "=> 6"),
    ],
)
def test_one_line_corrects_a_draft(answer: str, result: str) -> None:
    assert corrected("It takes 5 days.", answer) == result


def test_words_that_stand_there_twice_are_not_guessed() -> None:
    with pytest.raises(ValueError, match="2 times"):
        corrected("5 of 5", "5 => 6")


def test_a_post_is_taken_apart() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    whole = taken_apart("at 2026-12-24 18:00\nHello\n\nworld\nalt: a coat", berlin)
    assert (whole.text, whole.alts) == ("Hello\n\nworld", ("a coat",))
    assert whole.slot == 1_798_131_600_000
    assert taken_apart("at home all day", berlin).text == "at home all day"
    with pytest.raises(ValueError, match="no such time"):
        taken_apart("at 2026-13-45 18:00\nx", berlin)
