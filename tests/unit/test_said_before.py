"""Looking back from a card: its author's history, and what others were told about the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.actions import ButtonData, to_command
from bot.cards.card import CardKind
from bot.cards.pages import SearchQuery
from bot.cards.said_before import SaidBeforePage, SaidBeforeQuery
from bot.model import commands as c
from bot.model.channel import Place, Route
from bot.model.ids import ItemId, RemoteId
from bot.model.network import RemoteAuthor
from bot.model.question import DueBy
from bot.model.triage import Risk
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS

ANN = RemoteAuthor(RemoteId("ann"), "ann", "Ann")
JO = RemoteAuthor(RemoteId("jo"), "jo", "Jo")
LATE = "My parcel with the green tea never arrived, I want my money back."
LATE_TOO = "The parcel of green tea has not arrived, please send my money back."
OURS = "Hello Ann, we send your money back today."
INSIDE = NamedChannel(
    "inside", CHAT, Place("C-inside"), routes=(Route(risks=(Risk.LEGAL,)),), private=True
)
OUTSIDE = NamedChannel("care", CHAT, Place("C-care"), routes=(Route(languages=("fr",)),))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE], members=MEMBERS) as kit:
        yield kit


async def answered(kit: DeskKit, text: str = LATE, words: str = OURS) -> ItemId:
    """Ann wrote, and our reply stands below it."""
    item = await kit.comment(text, author=ANN)
    assert (await kit.press("bob", await kit.card_of(item), c.ApproveEdited, words)).is_done
    await kit.pass_time(60)
    await kit.index()
    return item


async def looked_back(kit: DeskKit, item: ItemId, member: str = "bob") -> SaidBeforePage:
    return await kit.desk.view(SaidBeforeQuery(await kit.token_of(item)), kit.who(member))


async def test_what_an_author_said_before_is_listed_with_what_we_answered(kit: DeskKit) -> None:
    first = await answered(kit)
    page = await looked_back(kit, await kit.comment("Is there black tea too?", author=ANN))
    [said] = page.by_author
    assert (said.number, said.author, said.theirs, said.ours) == (first, "Ann", LATE, OURS)
    receipt = (await kit.publication(first)).receipt
    assert receipt is not None
    assert said.link == receipt.permalink
    assert page.to_others == ()


async def test_what_others_were_told_about_the_same_is_found_and_nothing_else(
    kit: DeskKit,
) -> None:
    like = await answered(kit)
    await answered(kit, "What a lovely green tea, thank you!", "Thank you, Ann!")
    await kit.comment(LATE, author=ANN)
    await kit.index()
    page = await looked_back(kit, await kit.comment(LATE_TOO, author=JO))
    assert [(one.number, one.ours) for one in page.to_others] == [(like, OURS)]
    assert page.by_author == ()


async def test_one_press_makes_it_the_draft_with_the_name_of_whoever_is_answered_now(
    kit: DeskKit,
) -> None:
    await answered(kit)
    item = await kit.comment(LATE_TOO, author=JO)
    [said] = (await looked_back(kit, item)).to_others
    command = to_command(ButtonData.decode(said.use), now=kit.clock.now())
    assert (await kit.order("olga", command)).is_done
    draft = (await kit.card_of(item)).draft
    assert draft is not None
    assert draft.text == "Hello Jo, we send your money back today."
    assert len(kit.network.visible) == 1


async def test_nothing_is_offered_for_what_is_decided(kit: DeskKit) -> None:
    await answered(kit)
    item = await kit.comment(LATE_TOO, author=JO)
    assert (await kit.press("bob", await kit.card_of(item), c.NoReplyNeeded)).is_done
    [said] = (await looked_back(kit, item)).to_others
    assert said.use == ""


async def test_nobody_looks_back_at_what_they_may_not_see(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = desk_address(request, tmp_path)
    async with opened_desk(address, channels=[OUTSIDE, INSIDE], members=MEMBERS) as kit:
        threat = "I will sue you, my lawyer says, the parcel with the green tea never arrived."
        hidden = await kit.comment(threat, author=ANN)
        token = await kit.token_of(hidden)
        card = (await kit.desk.view(SaidBeforeQuery(token), kit.who("alice"))).card
        assert card is not None
        assert (await kit.press("alice", card, c.ApproveEdited, OURS)).is_done
        await kit.pass_time(60)
        await kit.index()
        item = await kit.comment(LATE, author=ANN)
        assert [one.number for one in (await looked_back(kit, item, "alice")).by_author] == [hidden]
        assert (await looked_back(kit, item, "olga")).by_author == ()
        assert (await looked_back(kit, hidden, "olga")).card is None
        refusal = await kit.press("olga", await kit.card_of(item), c.UseTold, hidden)
        assert refusal.says.startswith("This stands in a private channel")


async def test_questions_and_their_answers_are_found_by_their_words(kit: DeskKit) -> None:
    item = await kit.comment()
    ask = (await kit.card_of(item), c.AskColleague)
    assert (await kit.press("olga", *ask, "bob", DueBy.HOURS, "Which warehouse?")).is_done
    question = await kit.read(lambda tx: tx.questions.about([item]))
    card = await kit.card_of(question[0], CardKind.QUESTION)
    assert (await kit.press("bob", card, c.AnswerQuestion, "The one in Rotterdam.")).is_done
    await kit.index()
    for words in ("warehouse", "rotterdam"):
        page = await kit.desk.view(SearchQuery(words), kit.who("olga"))
        assert [one.number for one in page.cards] == [item]
