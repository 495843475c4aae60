"""Practice: one marked comment in the real channel, every button real, and nothing leaves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.pages import DeskQuery, QueueFilter
from bot.coordination.feed import StoreFeed
from bot.coordination.wakeup import LocalWakeup
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.ids import DAY, MINUTE, EventId, ItemId
from bot.model.item import ItemState
from bot.model.peak import PeakRule
from bot.model.publication import PublicationState
from bot.services.deciding import DeskRules
from bot.services.language import identifier_for
from bot.services.lexicon import load_cues
from bot.services.practice import COMMENTS, close_old
from bot.services.settling_in import NamedChannel
from bot.services.triage_rules import Triager
from bot.speech.speech import LANGUAGES, speech_in
from bot.workers.counting import practised_among
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.slack_desk import CHANNEL, slack_desk
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import opened_team

CARE = NamedChannel("care", CHAT, Place("care"))
OTHER = NamedChannel("other", CHAT, Place("other"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=(CARE, OTHER)) as kit:
        yield kit


async def begun(kit: DeskKit, member: str = "olga", channel: str = "care") -> ItemId:
    outcome = await kit.order(member, c.BeginPractice(CHAT, channel))
    assert outcome.is_done, outcome.says
    await kit.work()
    return ItemId((await kit.card(outcome.note)).number)


async def published(kit: DeskKit, item: ItemId) -> None:
    assert (await kit.press("bob", await kit.card_of(item), c.Approve)).is_done
    await kit.pass_time(20)


# --- the flow


async def test_a_practice_comment_lands_where_it_was_begun_with_a_draft_and_every_button(
    kit: DeskKit,
) -> None:
    item = await begun(kit)
    card = await kit.card_of(item)
    real = await kit.card_of(await kit.comment())
    assert card.draft is not None
    assert card.draft.text
    # practice calls nobody, and promises nothing
    left_out = {"Escalate…", "Ask…", "Promise…"}
    assert labels(card) == [one for one in labels(real) if one not in left_out]
    assert "Practice" in repr(card.source)
    assert "nothing leaves the desk" in repr(card.facts)
    shown = [(one.place.channel, one.card.number) for one in kit.chat.messages]
    assert ("care", item) in shown
    assert ("other", item) not in shown


async def test_what_is_approved_is_published_and_reaches_no_network(kit: DeskKit) -> None:
    item = await begun(kit)
    kit.clock.advance(30)
    card = await kit.card_of(item)
    assert (await kit.press("olga", card, c.SaveDraft, "We look into it at once.")).is_done
    before = len(kit.network.calls), len(kit.second.calls)
    await published(kit, item)
    assert (await kit.publication(item)).state is PublicationState.PUBLISHED
    assert (await kit.item(item)).state is ItemState.ANSWERED
    assert (len(kit.network.calls), len(kit.second.calls)) == before
    card = await kit.card_of(item)
    assert "Bob approved version 2 in 30 s. Nothing left the desk." in repr(card.facts)
    assert not card.links
    assert "30 s. Nothing left" in repr([one.card.facts for one in kit.chat.messages])


async def test_practice_works_where_nothing_is_live_yet(kit: DeskKit) -> None:
    await kit.order("ada", c.WatchOnly("acme"))
    item = await begun(kit)
    await published(kit, item)
    assert (await kit.item(item)).state is ItemState.ANSWERED


async def test_a_process_that_dies_while_it_publishes_leaves_a_practice_that_goes_on(
    kit: DeskKit,
) -> None:
    item = await begun(kit)
    await kit.press("bob", await kit.card_of(item), c.Approve)
    kit.clock.advance(15)
    number = (await kit.publication(item)).id

    def die(tx: object) -> None:
        tx.publications.move(number, PublicationState.QUEUED, PublicationState.SENDING, trouble="")  # type: ignore[attr-defined]
        tx.publications.begin_attempt(number, kit.clock.now(), kit.clock.now())  # type: ignore[attr-defined]

    await kit.do(die)
    await kit.pass_time(60)
    assert (await kit.publication(item)).state is PublicationState.PUBLISHED


@pytest.mark.parametrize("act", [c.ModerationAction.HIDE, c.ModerationAction.DELETE])
async def test_moderating_is_practised_too(kit: DeskKit, act: c.ModerationAction) -> None:
    item = await begun(kit)
    calls = len(kit.network.calls)
    assert (await kit.press("bob", await kit.card_of(item), c.Moderate, act)).is_done
    await kit.work()
    found = await kit.item(item)
    assert found.is_hidden or found.state is ItemState.GONE
    assert len(kit.network.calls) == calls


# --- what it does not count in


async def test_practice_is_in_no_queue_and_no_count(kit: DeskKit) -> None:
    item = await begun(kit)
    for wanted in QueueFilter:
        page = await kit.queue(wanted)
        assert (page.total, page.cards) == (0, ()), wanted
    await published(kit, item)
    for wanted in QueueFilter:
        assert (await kit.queue(wanted)).total == 0, wanted


async def test_practice_is_no_account_of_the_desk(kit: DeskKit) -> None:
    page = await kit.desk.view(DeskQuery(), kit.who("ada"))
    assert [one.slug for one in page.accounts] == ["acme", "acme-two"]
    outcome = await kit.order("olga", c.ComposePost((c.VariantText("(practice)", "Tea."),)))
    assert not outcome.is_done


async def test_practice_joins_no_peak_and_makes_none(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rules = DeskRules(peaks=PeakRule(in_channel=3, under_one_post=3))
    async with opened_desk(desk_address(request, tmp_path), channels=(CARE,), rules=rules) as kit:
        for number in range(5):
            await begun(kit, "bob" if number % 2 else "olga")
        assert len(kit.chat.messages) == 5
        for number in range(3):
            await kit.comment(thread_remote_id=f"post-{number}")
        assert len(kit.chat.messages) == 8, "practice did not fill the channel"


async def test_practice_is_no_figure(kit: DeskKit) -> None:
    item = await begun(kit)
    await published(kit, item)
    real = await kit.comment()
    events = await StoreFeed(kit.store, LocalWakeup()).since(EventId(0), 500)
    practised = await practised_among(kit.store, events)
    assert item in practised
    assert real not in practised


# --- again and again


async def test_it_is_repeated_and_what_stood_unfinished_there_is_closed(kit: DeskKit) -> None:
    first, elsewhere = await begun(kit), await begun(kit, channel="other")
    second = await begun(kit, "bob")
    assert (await kit.item(first)).state is ItemState.CLOSED
    assert (await kit.item(elsewhere)).state is ItemState.OPEN
    assert (await kit.item(second)).state is ItemState.OPEN
    card = await kit.card_of(first)
    assert "Practice is over. Nothing left the desk." in repr(card.facts)


async def test_one_that_nobody_finished_is_closed_after_a_day(kit: DeskKit) -> None:
    item = await begun(kit)
    await kit.do(lambda tx: close_old(tx, tx.now()))
    assert (await kit.item(item)).state is ItemState.OPEN
    kit.clock.advance((DAY + MINUTE) / 1000)
    await kit.do(lambda tx: close_old(tx, tx.now()))
    await kit.work()
    assert (await kit.item(item)).state is ItemState.CLOSED


async def test_the_same_press_again_begins_nothing_again(kit: DeskKit) -> None:
    command = c.BeginPractice(CHAT, "care")
    first = await kit.order("olga", command, "one-press")
    second = await kit.order("olga", command, "one-press")
    assert first == second
    await kit.work()
    assert len(kit.chat.messages) == 1


async def test_where_nothing_lands_there_is_nothing_to_practise(kit: DeskKit) -> None:
    outcome = await kit.order("olga", c.BeginPractice(CHAT, "elsewhere"))
    assert not outcome.is_done
    assert "Nothing lands in this channel yet" in outcome.says


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("comment", COMMENTS)
def test_what_is_practised_on_asks_for_an_answer_in_every_language(
    language: str, comment: str
) -> None:
    text = speech_in(language).say(comment)
    triager = Triager(load_cues(), identifier_for(["en", "fr", "ro", "ru"]))  # type: ignore[list-item]
    triage = triager.triage(text, languages=LANGUAGES)
    assert triage.language == language
    assert triage.needs_reply


# --- from the chats


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_team_practises_in_slack(
    request: pytest.FixtureRequest, tmp_path: Path, mode: str
) -> None:
    async with slack_desk(desk_address(request, tmp_path), mode) as desk:
        olga, bob, vic = desk.person("olga"), desk.person("bob"), desk.person("vic")
        assert "this takes an agent" in await vic.slash("practice")
        assert "does not know you" in await desk.person("stranger").slash("practice")
        assert desk.slack.messages == []
        assert "Nothing of it leaves" in await olga.slash("practice")
        await desk.work()
        (message,) = desk.slack.in_channel(CHANNEL)
        assert "Practice" in json.dumps(message.blocks)
        await bob.press(message, "Publish")
        await desk.kit.pass_time(20)
        assert "Bob approved version 1" in json.dumps(message.blocks)
        assert desk.kit.network.visible == []
        assert "practice" in await olga.slash("help")


async def test_a_team_practises_in_telegram(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    async with opened_team(desk_address(request, tmp_path)) as team:
        team.vic.write("/practice")
        await until(team.server, team.server.world.by_bot)
        assert "this takes an agent" in team.last().text
        team.olga.write("/practice")
        await until(team.server, lambda: "Nothing of it leaves" in team.last().text)
        await team.kit.work()
        shown = team.last()
        assert "Practice" in shown.text
        await team.bob.tap(shown, "Publish")
        await team.kit.pass_time(20)
        await until(team.server, lambda: "Bob approved version 1" in shown.text)
        assert team.kit.network.visible == []


async def test_whoever_practises_again_meets_somebody_new(kit: DeskKit) -> None:
    first = await kit.item(await begun(kit))
    await published(kit, first.id)
    second = await kit.item(await begun(kit))
    assert second.author_id != first.author_id
    assert "again" not in repr((await kit.card_of(second.id)).facts)
