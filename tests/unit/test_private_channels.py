"""What stands in a private channel alone is for those who read it, by whatever way one looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import CardKind
from bot.cards.pages import (
    CardQuery,
    EditorQuery,
    HistoryQuery,
    JustHappenedQuery,
    MessageQuery,
    NumberQuery,
    QueueFilter,
    ReportQuery,
    SearchQuery,
)
from bot.errors import PermissionMissing, Unavailable
from bot.model import commands as c
from bot.model.audience import Audience
from bot.model.channel import Place, Route
from bot.model.commands import OutcomeKind
from bot.model.ids import ItemId, RemoteId
from bot.model.member import ChatIdentity
from bot.model.question import DueBy
from bot.model.triage import Risk
from bot.services.chat_memory import StoredMemory
from bot.services.deciding import DeskRules
from bot.services.presence import StoredPresence
from bot.services.settling_in import NamedChannel
from tests.fakes.chat import CHAT, ChatStep
from tests.fakes.desk_kit import COMPLAINT, TEAM, DeskKit, desk_address, opened_desk

THREAT = "I will sue you, my lawyer has your tea."
LEGAL = NamedChannel("legal", CHAT, Place("C-legal"), routes=(Route(risks=(Risk.LEGAL,)),))
PLAIN = NamedChannel(
    "care", CHAT, Place("C-care"), routes=(Route(languages=("fr",)), Route(accounts=("acme-two",)))
)
PEOPLE = tuple(replace(one, identities=(ChatIdentity(CHAT, f"U-{one.slug}"),)) for one in TEAM)
TELLS = DeskRules(tell_audience=frozenset({CHAT}))
HIDDEN = "This stands in a private channel that you are not in. Ask Alice or Ada."


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    """Legal matters go to `legal`, which Eve alone reads of those who are no managers."""
    address = desk_address(request, tmp_path, request.param)
    channels = (PLAIN, LEGAL)
    async with opened_desk(address, rules=TELLS, channels=channels, members=PEOPLE) as made:
        made.chat.audiences["C-legal"] = Audience(is_open=False, inside=frozenset({"U-eve"}))
        yield made


async def threatened(kit: DeskKit) -> ItemId:
    """A legal threat, whose card stands in `legal` alone."""
    await kit.work()
    incoming = kit.incoming(THREAT)
    await kit.take(incoming)
    await kit.work()
    assert [one.place.channel for one in kit.chat.messages if one.card.kind is CardKind.ITEM] == [
        "C-legal"
    ]
    return await kit.id_of(incoming.remote_id)


async def numbers(kit: DeskKit, member: str, wanted: QueueFilter = QueueFilter.OPEN) -> list[int]:
    page = await kit.queue(wanted, member)
    assert page.counts[wanted] == page.total == len(page.cards)
    return [one.number for one in page.cards if one.kind is CardKind.ITEM]


async def found(kit: DeskKit, member: str, words: str) -> int:
    page = await kit.desk.view(SearchQuery(words), kit.who(member))
    assert page.total == len(page.cards)
    return page.total


@pytest.mark.parametrize("member", ["vic", "olga", "bob"])
async def test_who_is_not_in_it_finds_nothing_of_it_anywhere(kit: DeskKit, member: str) -> None:
    item = await threatened(kit)
    await kit.index()
    token, who = await kit.token_of(item), kit.who(member)
    assert await numbers(kit, member) == []
    assert await numbers(kit, member, QueueFilter.ALL) == []
    assert await found(kit, member, "lawyer") == 0
    message = next(one for one in kit.chat.messages if one.card.kind is CardKind.ITEM).id
    for query in (CardQuery(token), NumberQuery(item), MessageQuery(CHAT, "C-legal", message)):
        page = await kit.desk.view(query, who)
        assert (page.card, page.refusal) == (None, HIDDEN)
    assert (await kit.desk.view(EditorQuery(token), who)).card is None
    history = await kit.desk.view(HistoryQuery(token), who)
    assert (history.card, history.lines, history.refusal) == (None, (), HIDDEN)
    report = (await kit.desk.view(ReportQuery(), who)).report
    assert report is not None
    assert (report.now.came, report.now.open, report.kinds, report.labels, report.risks) == (
        0, 0, (), (), (),
    )  # fmt: skip
    assert report.busiest is None
    happened = await kit.desk.view(JustHappenedQuery(), who)
    assert not [one for one in happened.lines if f"#{item} " in str(one.spans)]


@pytest.mark.parametrize("member", ["eve", "alice", "ada"])
async def test_who_is_in_it_and_who_leads_sees_it(kit: DeskKit, member: str) -> None:
    item = await threatened(kit)
    await kit.index()
    assert await numbers(kit, member) == [item]
    assert await found(kit, member, "lawyer") == 1
    page = await kit.desk.view(NumberQuery(item), kit.who(member))
    assert page.card is not None
    report = (await kit.desk.view(ReportQuery(), kit.who(member))).report
    assert report is not None
    assert (report.now.came, report.risks) == (1, (("legal", 1),))
    among = replace(ReportQuery(), among=(CHAT, "C-care"))
    report = (await kit.desk.view(among, kit.who(member))).report
    assert report is not None
    assert report.now.came == 0
    happened = await kit.desk.view(JustHappenedQuery(), kit.who(member))
    assert [one for one in happened.lines if f"#{item} " in str(one.spans)]


async def test_a_known_token_opens_nothing_and_the_refusal_says_who_can(kit: DeskKit) -> None:
    item = await threatened(kit)
    page = await kit.desk.view(NumberQuery(item), kit.who("eve"))
    assert page.card is not None
    for member, command in (("olga", c.Take), ("bob", c.Approve), ("bob", c.NoReplyNeeded)):
        outcome = await kit.press(member, page.card, command)
        assert (outcome.kind, outcome.says) == (OutcomeKind.REFUSED, HIDDEN)
    assert (await kit.item(item)).assignee_id is None
    assert (await kit.press("eve", page.card, c.Take)).is_done


async def test_a_stranger_sees_nothing(kit: DeskKit) -> None:
    item = await threatened(kit)
    page = await kit.desk.view(NumberQuery(item), ChatIdentity(CHAT, "U-stranger"))
    assert (page.card, page.refusal) == (None, "")
    assert await kit.queue(QueueFilter.OPEN, "nobody") == await kit.queue(QueueFilter.ALL, "nobody")


async def test_what_stands_in_an_open_channel_is_everybodys(kit: DeskKit) -> None:
    incoming = kit.incoming(COMPLAINT)
    await kit.work()
    await kit.do(lambda tx: None)
    await kit.take(incoming)
    await kit.work()
    item = await kit.id_of(incoming.remote_id)
    assert await numbers(kit, "olga") == [item]


async def test_until_the_chat_has_told_nobody_reads_it_but_managers(kit: DeskKit) -> None:
    """The audience is never asked about: the card worker alone runs."""
    kit.chat.script("audience", *[ChatStep(error=Unavailable("down"))] * 50)
    item = await threatened(kit)
    assert await numbers(kit, "eve") == []
    assert await numbers(kit, "alice") == [item]


async def test_who_comes_sees_it_and_who_leaves_does_not(kit: DeskKit) -> None:
    item = await threatened(kit)
    presence = StoredPresence(kit.store, CHAT)
    await presence.entered("C-legal", "U-olga")
    assert await numbers(kit, "olga") == [item]
    await presence.quit("C-legal", "U-olga")
    await presence.quit("C-legal", "U-eve")
    assert await numbers(kit, "olga") == await numbers(kit, "eve") == []
    await presence.entered("C-legal", "U-nobody-knows")
    known = await kit.read(lambda tx: tx.connection.exec_driver_sql(
        'SELECT "user" FROM audience_member WHERE address = \'C-legal\''
    ).all())  # fmt: skip
    assert not [one for one in known if one[0] == "U-nobody-knows"]


async def test_it_is_asked_again_and_what_is_told_then_counts(kit: DeskKit) -> None:
    item = await threatened(kit)
    kit.chat.audiences["C-legal"] = Audience(is_open=False, inside=frozenset({"U-olga"}))
    await kit.pass_time(601)
    assert await numbers(kit, "olga") == [item]
    assert await numbers(kit, "eve") == []


async def test_a_chat_that_is_away_keeps_what_it_told_and_one_that_refuses_does_not(
    kit: DeskKit,
) -> None:
    item = await threatened(kit)
    kit.chat.script("audience", *[ChatStep(error=Unavailable("down"))] * 4)
    await kit.pass_time(601)
    assert await numbers(kit, "eve") == [item]
    refuses = ChatStep(error=PermissionMissing("no", scope="groups:read"))
    kit.chat.script("audience", *[refuses] * 10)
    await kit.pass_time(601)
    assert await numbers(kit, "eve") == []
    assert await numbers(kit, "ada") == [item]


async def test_it_is_given_to_nobody_who_cannot_see_it(kit: DeskKit) -> None:
    item = await threatened(kit)
    page = await kit.desk.view(NumberQuery(item), kit.who("eve"))
    assert page.card is not None
    outcome = await kit.press("eve", page.card, c.GiveTo, "olga")
    assert outcome.kind is OutcomeKind.REFUSED
    assert outcome.says.startswith("Olga is not in the private channel where this stands.")
    assert (await kit.press("eve", page.card, c.GiveTo, "alice")).is_done


async def test_no_note_is_written_about_what_one_may_not_see(kit: DeskKit) -> None:
    item = await threatened(kit)
    page = await kit.desk.view(NumberQuery(item), kit.who("eve"))
    assert page.card is not None
    outcome = await kit.press("olga", page.card, c.WriteNote, "Is it so?")
    assert (outcome.kind, outcome.says) == (OutcomeKind.REFUSED, HIDDEN)
    assert (await kit.press("eve", page.card, c.WriteNote, "It is so.")).is_done


async def test_nobody_is_asked_about_it_who_cannot_see_it_and_the_refusal_says_who_can(
    kit: DeskKit,
) -> None:
    item = await threatened(kit)
    page = await kit.desk.view(NumberQuery(item), kit.who("eve"))
    assert page.card is not None
    ask = (page.card, c.AskColleague)
    outcome = await kit.press("eve", *ask, "olga", DueBy.HOURS, "Is it so?")
    assert outcome.kind is OutcomeKind.REFUSED
    assert outcome.says.startswith("Olga is not in the private channel where this stands")
    assert "Ask Alice or Ada" in outcome.says

    assert (await kit.press("eve", *ask, "alice", DueBy.HOURS, "Is it so?")).is_done
    await kit.work()

    shown = [one for one in kit.chat.messages if one.card.kind is CardKind.QUESTION]
    assert [one.place.channel for one in shown] == ["C-legal"]

    async def questions(member: str) -> list[int]:
        found = (await kit.queue(QueueFilter.OPEN, member)).cards
        return [one.number for one in found if one.kind is CardKind.QUESTION]

    assert (await questions("olga"), await questions("eve")) == ([], [1])
    late = await kit.press("olga", shown[0].card, c.AnswerQuestion, "No.")
    assert (late.kind, late.says) == (OutcomeKind.REFUSED, HIDDEN)


async def test_no_channel_is_asked_about_it_whose_readers_cannot_see_it(kit: DeskKit) -> None:
    item = await threatened(kit)
    page = await kit.desk.view(NumberQuery(item), kit.who("eve"))
    assert page.card is not None
    ask = (page.card, c.AskColleague)
    outcome = await kit.press("eve", *ask, "#care", DueBy.HOURS, "Is it so?")
    assert outcome.kind is OutcomeKind.REFUSED
    assert "It can be asked in legal, or of Alice or Ada." in outcome.says
    assert (await kit.press("eve", *ask, "#legal", DueBy.HOURS, "Is it so?")).is_done


async def test_what_a_private_channel_is_asked_is_answered_by_whoever_reads_it(
    kit: DeskKit,
) -> None:
    await kit.work()
    card = await kit.card_of(await kit.comment())
    assert (
        await kit.press("olga", card, c.AskColleague, "#legal", DueBy.HOURS, "Is it so?")
    ).is_done
    question = await kit.card_of(1, CardKind.QUESTION)
    refusal = await kit.press("bob", question, c.AnswerQuestion, "No.")
    assert "This was asked in legal." in refusal.says
    assert (await kit.press("eve", question, c.AnswerQuestion, "Yes.")).is_done


async def test_what_a_peak_of_it_collapsed_is_hidden_with_its_card(kit: DeskKit) -> None:
    kit.chat.audiences["C-care"] = Audience(is_open=False, inside=frozenset({"U-eve"}))
    await kit.work()
    threads = [RemoteId(f"p{number}") for number in range(14)]
    await kit.take(*(kit.incoming(COMPLAINT, thread_remote_id=one) for one in threads))
    await kit.work()
    assert len(await numbers(kit, "eve")) == 14
    page = await kit.queue(QueueFilter.OPEN, "eve")
    [peak] = [one for one in page.cards if one.kind is CardKind.PEAK]
    assert (await kit.queue(QueueFilter.OPEN, "olga")).cards == ()
    outcome = await kit.press("olga", peak, c.StopBulk, 1)
    assert (outcome.kind, outcome.says) == (OutcomeKind.REFUSED, HIDDEN)


async def test_the_configuration_may_open_a_private_channel_to_the_desk(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    channels = (PLAIN, replace(LEGAL, private=False))
    address = desk_address(request, tmp_path)
    async with opened_desk(address, rules=TELLS, channels=channels, members=PEOPLE) as kit:
        kit.chat.audiences["C-legal"] = Audience(is_open=False)
        item = await threatened(kit)
        assert await numbers(kit, "olga") == [item]


async def test_a_counter_counts_what_its_readers_see(kit: DeskKit) -> None:
    await threatened(kit)
    boards = await StoredMemory(kit.store, CHAT).boards()
    assert {one.place.channel: one.counts[QueueFilter.OPEN] for one in boards} == {
        "C-care": 0,
        "C-legal": 1,
    }
