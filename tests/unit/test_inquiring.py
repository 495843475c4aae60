"""Asking a colleague: who may answer, what the answer becomes, and what is due when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import Card, CardKind, plain
from bot.cards.pages import HistoryQuery, QueueFilter
from bot.model import commands as c
from bot.model.business_hours import OFFICE, BusinessHours, Opening
from bot.model.channel import Place, Route
from bot.model.event import Subject
from bot.model.ids import SECOND, ItemId, Moment
from bot.model.question import DueBy
from bot.services.forgetting import Forget, forget
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, words

WHAT = "How long does a refund take?"
STORE = NamedChannel("shop", CHAT, Place("C-shop"), "The shop", routes=(Route(languages=("fr",)),))
ANSWER = "Five days from today, the bank is slow."


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE, STORE], members=MEMBERS) as kit:
        yield kit


async def asked(kit: DeskKit, to: str = "bob") -> tuple[ItemId, Card]:
    item = await kit.comment()
    card = await kit.card_of(item)
    outcome = await kit.press("olga", card, c.AskColleague, to, DueBy.HOURS, WHAT)
    assert outcome.is_done, outcome.says
    await kit.work()
    return item, await kit.card_of(1, CardKind.QUESTION)


async def test_a_question_stands_in_the_channel_and_calls_whoever_is_asked(kit: DeskKit) -> None:
    item, _card = await asked(kit)
    shown = [one.card for one in kit.chat.in_channel("C-care")]
    [question] = [one for one in shown if one.kind is CardKind.QUESTION]
    assert WHAT in words(question)
    assert "U-bob" in str(question.facts)
    assert f"Asked Bob, answer due : {WHAT}" in words(await kit.card_of(item))


async def test_an_answer_is_a_private_note_and_known_to_the_drafter_and_never_leaves(
    kit: DeskKit,
) -> None:
    item, card = await asked(kit)
    assert (await kit.press("bob", card, c.AnswerQuestion, ANSWER)).is_done
    await kit.work()
    assert f"Private note, Bob: {ANSWER}" in words(await kit.card_of(item))
    assert kit.drafter.requests[-1].knowledge == (ANSWER,)
    assert kit.network.visible == []


async def test_nobody_else_answers_but_a_manager(kit: DeskKit) -> None:
    _item, card = await asked(kit)
    refusal = await kit.press("eve", card, c.AnswerQuestion, ANSWER)
    assert "Bob" in refusal.says
    assert (await kit.press("alice", card, c.AnswerQuestion, ANSWER)).is_done


async def test_an_answer_leaves_alone_what_somebody_wrote_themselves(kit: DeskKit) -> None:
    item, card = await asked(kit)
    assert (await kit.press("olga", await kit.card_of(item), c.SaveDraft, "My own words.")).is_done
    before = len(kit.drafter.requests)
    assert (await kit.press("bob", card, c.AnswerQuestion, ANSWER)).is_done
    await kit.work()
    draft = (await kit.card_of(item)).draft
    assert draft is not None
    assert draft.text == "My own words."
    assert len(kit.drafter.requests) == before


async def test_the_question_can_be_answered_once(kit: DeskKit) -> None:
    _item, card = await asked(kit)
    assert (await kit.press("bob", card, c.AnswerQuestion, ANSWER)).is_done
    after = await kit.card_of(1, CardKind.QUESTION)
    assert labels(after) == []
    assert "not waiting any more" in (await kit.press("bob", after, c.AnswerQuestion, "No.")).says


async def test_nobody_asks_themselves_nor_whom_the_desk_does_not_know(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    for to, says in (
        ("olga", "That is you."),
        ("nobody", "no member called 'nobody'"),
        ("#nowhere", "no channel called 'nowhere'"),
    ):
        outcome = await kit.press("olga", card, c.AskColleague, to, DueBy.HOURS, WHAT)
        assert not outcome.is_done
        assert says in outcome.says


async def test_when_it_is_due_both_are_called_by_a_new_message_once(kit: DeskKit) -> None:
    _item, card = await asked(kit)
    await kit.pass_time(4 * 3600 + 60)
    [due] = [one for one in kit.chat.in_channel("C-care") if one.card.kind is CardKind.PEAK]
    assert all(user in str(due.card.facts) for user in ("U-bob", "U-olga"))
    assert WHAT in words(due.card)
    assert "was due" in words(await kit.card_of(1, CardKind.QUESTION))

    late = await kit.card_of(card.number, CardKind.QUESTION)
    assert (await kit.press("bob", late, c.AnswerQuestion, ANSWER)).is_done
    await kit.work()
    [over] = [one for one in kit.chat.in_channel("C-care") if one.card.kind is CardKind.PEAK]
    assert "Nobody waits for this answer any more" in words(over.card)


async def test_a_channel_is_asked_calls_nobody_and_anybody_who_reads_it_answers(
    kit: DeskKit,
) -> None:
    item, card = await asked(kit, "#shop")
    questions = [one for one in kit.chat.messages if one.card.kind is CardKind.QUESTION]
    assert [one.place.channel for one in questions] == ["C-shop"]
    assert "For whoever reads The shop" in words(questions[0].card)
    assert "U-" not in str(questions[0].card.facts)
    assert f"Asked The shop, answer due : {WHAT}" in words(await kit.card_of(item))
    assert (await kit.press("vic", card, c.AnswerQuestion, ANSWER)).is_done
    assert f"Private note, Vic: {ANSWER}" in words(await kit.card_of(item))


async def test_when_it_is_due_the_channel_that_was_asked_is_reminded_and_the_asker(
    kit: DeskKit,
) -> None:
    _item, card = await asked(kit, "#shop")
    await kit.pass_time(4 * 3600 + 60)
    due = [one for one in kit.chat.messages if one.card.kind is CardKind.PEAK]
    assert sorted(one.place.channel for one in due) == ["C-care", "C-shop"]
    assert all("U-olga" in str(one.card.facts) for one in due)

    late = await kit.card_of(card.number, CardKind.QUESTION)
    assert (await kit.press("vic", late, c.AnswerQuestion, ANSWER)).is_done
    await kit.work()
    over = [one for one in kit.chat.messages if one.card.kind is CardKind.PEAK]
    assert all("Nobody waits for this answer" in words(one.card) for one in over)


async def test_what_is_withdrawn_or_decided_reminds_nobody(kit: DeskKit) -> None:
    _item, card = await asked(kit)
    assert not (await kit.press("eve", card, c.WithdrawQuestion)).is_done
    assert (await kit.press("olga", card, c.WithdrawQuestion)).is_done
    other = await kit.comment()
    await kit.press("olga", await kit.card_of(other), c.AskColleague, "bob", DueBy.HOURS, WHAT)
    assert (await kit.press("olga", await kit.card_of(other), c.NoReplyNeeded)).is_done
    await kit.pass_time(4 * 3600 + 60)
    assert [one for one in kit.chat.messages if one.card.kind is CardKind.PEAK] == []


async def test_it_is_in_the_queue_of_whoever_is_asked_until_it_is_answered(kit: DeskKit) -> None:
    _item, card = await asked(kit)

    async def mine(member: str) -> list[CardKind]:
        return [one.kind for one in (await kit.queue(QueueFilter.MINE, member)).cards]

    assert (await mine("bob"), await mine("olga")) == ([CardKind.QUESTION], [])
    await kit.press("bob", card, c.AnswerQuestion, ANSWER)
    assert await mine("bob") == []


async def test_the_history_tells_who_asked_and_what_was_answered(kit: DeskKit) -> None:
    item, card = await asked(kit)
    await kit.press("bob", card, c.AnswerQuestion, ANSWER)
    for token in (await kit.token_of(item), card.key):
        page = await kit.desk.view(HistoryQuery(token), kit.who("olga"))
        told = [(plain(one.spans), one.detail) for one in page.lines]
        assert ("Olga asked a colleague", WHAT) in told
        assert ("Bob answered the question, a private note", ANSWER) in told


async def test_question_and_answer_go_with_the_author_who_is_forgotten(kit: DeskKit) -> None:
    item, card = await asked(kit)
    await kit.press("bob", card, c.AnswerQuestion, ANSWER)
    author = (await kit.item(item)).author_id
    assert await kit.do(lambda tx: forget(tx, [Forget(author)])[0].is_done)
    shown = words(await kit.card_of(1, CardKind.QUESTION)) + words(await kit.card_of(item))
    assert WHAT not in shown
    assert ANSWER not in shown
    about = await kit.read(lambda tx: tx.audits.about(Subject.QUESTION, [1]))
    assert about
    assert [one.text for one in about if one.text] == []


HOLIDAY = date(2026, 12, 7)
LUNCH = (Opening(8 * 60, 12 * 60), Opening(13 * 60, 17 * 60))
SHOP = BusinessHours("Europe/Paris", (LUNCH,) * 5 + ((),) * 2, frozenset({HOLIDAY}))
PARIS = BusinessHours("Europe/Paris", OFFICE)


@pytest.mark.parametrize(
    ("due", "at", "hours", "says"),
    [
        (DueBy.HOUR, "2026-12-04T09:00", PARIS, "2026-12-04T10:00"),
        (DueBy.TOMORROW, "2026-12-04T09:00", PARIS, "2026-12-05T09:00"),
        (DueBy.TODAY, "2026-12-03T09:00", PARIS, "2026-12-03T18:00"),
        (DueBy.TODAY, "2026-12-04T18:00", PARIS, "2026-12-07T18:00"),
        (DueBy.TODAY, "2026-12-04T11:00", SHOP, "2026-12-04T17:00"),
        (DueBy.TODAY, "2026-12-04T17:30", SHOP, "2026-12-08T17:00"),
    ],
)
def test_a_business_day_ends_when_the_team_goes_home(
    due: DueBy, at: str, hours: BusinessHours, says: str
) -> None:
    def moment(text: str) -> Moment:
        local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris"))
        return Moment(round(local.timestamp() * SECOND))

    assert due.moment(moment(at), hours) == moment(says)
