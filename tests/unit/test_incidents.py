"""One is enough, one cause is one incident, and the first decision wins wherever it was made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import Card, CardKind, Group, Light, plain
from bot.cards.pages import QueueFilter
from bot.model import commands as c
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import HOUR, MINUTE, ItemId, Moment, RemoteId
from bot.model.incident import Alert, AlertKind, IncidentRole, IncidentState, Severity, Verdict
from bot.model.network import RemoteAuthor
from bot.services.alarms import StoredAlarms, is_practice
from bot.services.forgetting import Forget, forget
from tests.fakes.chat import Message
from tests.fakes.desk_kit import desk_address, labels
from tests.fakes.oncall_kit import ONCALL, POISONED, OnCallKit, on_call, words


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path, request.param)) as found:
        yield found


@pytest.fixture
async def small(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path)) as found:
        yield found


def cards(desk: OnCallKit) -> list[Message]:
    here = desk.kit.chat.in_channel("C-care")
    return [one for one in here if one.card.kind is CardKind.INCIDENT]


def labels_of_team(card: Card) -> list[str]:
    return [one.label for one in card.actions if one.group is Group.TEAM]


async def alarm(desk: OnCallKit, **fields: object) -> None:
    account = await desk.kit.account_now()
    values: dict[str, object] = {
        "brand_id": account.brand_id,
        "kind": AlertKind.COMPLAINTS,
        "cause": "complaints",
        "severity": Severity.HIGH,
        "account_id": account.id,
        "count": 48,
        "expected": 3.0,
        "minutes": 15,
    }
    await StoredAlarms(desk.kit.store, desk.kit.rules.oncall).sound([Alert(**(values | fields))])  # type: ignore[arg-type]
    await desk.kit.work()


@pytest.mark.parametrize(
    "text",
    [
        POISONED,
        "Mon fils est à l'hôpital à cause de votre thé.",
        "Copilul meu a ajuns la spital după ceaiul vostru.",
        "Мой сын попал в больницу после вашего чая.",
    ],
)
async def test_one_allegation_of_harm_pages_at_once(desk: OnCallKit, text: str) -> None:
    await desk.kit.comment(text)
    [incident] = await desk.incidents()
    assert (incident.severity, incident.state) == (Severity.CRITICAL, IncidentState.FIRING)
    [message] = desk.direct("bob")
    assert (message.calls, message.notice) == ("U-bob", "Bob, you are paged.")
    assert text in words(message.card)
    [card] = cards(desk)
    assert "On call: Bob; escalates to Alice at" in words(card.card)
    assert "Paged: Bob (dm)" in words(card.card)


async def test_what_alleges_no_harm_wakes_nobody(desk: OnCallKit) -> None:
    await desk.kit.comment("My order never arrived, where is it?")
    assert await desk.incidents() == []
    assert desk.kit.chat.in_channel("D-U-bob") == []


async def test_without_policies_nothing_opens_an_incident(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with on_call(desk_address(request, tmp_path), replace(ONCALL, policies=())) as desk:
        await desk.kit.comment(POISONED)
        await alarm(desk)
        assert await desk.incidents() == []


async def test_a_flood_of_one_cause_is_one_incident_and_one_page(desk: OnCallKit) -> None:
    kit = desk.kit
    await kit.take(
        *(
            kit.incoming(f"{POISONED} ({number})", thread_remote_id=RemoteId(f"p{number % 40}"))
            for number in range(200)
        )
    )
    await kit.work()
    [incident] = await desk.incidents()
    assert incident.count == 200
    assert len(await desk.pages()) == 1
    assert len(desk.direct("bob")) == 1
    [card] = cards(desk)
    assert len(card.looks) < 12


async def test_an_author_whom_many_follow_is_a_notice_that_wakes_nobody(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with on_call(desk_address(request, tmp_path), replace(ONCALL, reach=100_000)) as desk:
        small = RemoteAuthor(RemoteId("small"), "small", "Small", followers=99_999)
        great = RemoteAuthor(RemoteId("great"), "great", "Great", followers=100_000)
        await desk.kit.comment("Nice tea.", author=small)
        assert await desk.incidents() == []
        await desk.kit.comment("Nice tea.", author=great)
        [incident] = await desk.incidents()
        assert incident.severity is Severity.NOTICE
        assert await desk.pages() == []
        assert "Reach ≈ 100 000" in words(cards(desk)[0].card)
        assert "Nobody is paged for this" in words(cards(desk)[0].card)


async def test_acknowledged_in_one_place_it_is_over_in_all(desk: OnCallKit) -> None:
    await desk.kit.comment(POISONED)
    direct = desk.direct("bob")[0].card
    outcome = await desk.kit.press("olga", direct, c.Acknowledge)
    assert outcome.is_done, outcome
    await desk.kit.pass_time(3 * 60 * 60)
    assert len(await desk.pages()) == 1
    for message in (*desk.direct("bob"), *cards(desk)):
        assert "Olga acknowledged it" in words(message.card)
        assert "Acknowledge" not in labels(message.card)
    assert desk.duty.arrived == []


async def test_whoever_comes_second_is_told_who_was_first(desk: OnCallKit) -> None:
    await desk.kit.comment(POISONED)
    seen = await desk.card()
    assert (await desk.kit.press("olga", seen, c.Acknowledge)).is_done
    desk.kit.clock.advance(12)
    outcome = await desk.kit.press("bob", seen, c.Acknowledge)
    assert outcome.kind is OutcomeKind.STALE
    assert outcome.says.startswith("Olga acknowledged this 12 s ago")
    assert (await desk.incident()).acknowledged_by == (await desk.incident()).lead_id


async def test_a_viewer_acknowledges_nothing_and_it_is_written_down(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    outcome = await small.kit.press("vic", await small.card(), c.Acknowledge)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "takes an agent" in outcome.says
    assert (await small.incident()).state is IncidentState.FIRING
    page = await small.kit.history_of((await small.card()).key)
    assert any("Vic" in line and "refused" in line for line in page.audit), page.audit


async def test_an_old_button_acknowledges_what_fires_again(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    seen = await small.card()
    await small.kit.press("bob", seen, c.Acknowledge)
    await small.kit.comment(POISONED)
    assert (await small.incident()).state is IncidentState.FIRING
    assert (await small.kit.press("bob", seen, c.Acknowledge)).is_done
    assert (await small.incident()).state is IncidentState.ACKNOWLEDGED


async def test_an_acknowledged_one_fires_again_when_it_doubled(small: OnCallKit) -> None:
    for _ in range(3):
        await small.kit.comment(POISONED)
    await small.kit.press("bob", await small.card(), c.Acknowledge)
    states = []
    for _ in range(3):
        await small.kit.comment(POISONED)
        states.append((await small.incident()).state.value)
    assert states == ["acknowledged", "acknowledged", "firing"]
    assert len(small.direct("bob")) == 2


async def test_a_silenced_one_does_not_fire_again_before_its_hour_is_over(
    small: OnCallKit,
) -> None:
    await small.kit.comment(POISONED)
    await small.kit.press("bob", await small.card(), c.Acknowledge)
    hour = Moment(small.kit.clock.now() + HOUR)
    assert (await small.kit.press("bob", await small.card(), c.Silence, hour)).is_done
    for _ in range(5):
        await small.kit.comment(POISONED)
    assert (await small.incident()).state is IncidentState.ACKNOWLEDGED
    await small.kit.pass_time(HOUR / 1000)
    await small.kit.comment(POISONED)
    assert (await small.incident()).state is IncidentState.FIRING


async def test_silence_makes_the_next_step_wait(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    hour = Moment(small.kit.clock.now() + HOUR)
    await small.kit.press("bob", await small.card(), c.Silence, hour)
    await small.kit.pass_time(59 * 60)
    assert small.duty.arrived == []
    assert "Silent until" in words(await small.card())
    await small.kit.pass_time(2 * 60)
    assert [one.member for one in small.duty.arrived] == ["alice"]


async def test_what_is_graver_now_begins_the_steps_anew(small: OnCallKit) -> None:
    await alarm(small)
    await small.kit.press("bob", await small.card(), c.Acknowledge)
    await alarm(small, severity=Severity.CRITICAL)
    incident = await small.incident()
    assert (incident.severity, incident.state) == (Severity.CRITICAL, IncidentState.FIRING)
    assert len(small.direct("bob")) == 2


async def test_an_alert_that_says_nothing_new_changes_nothing(small: OnCallKit) -> None:
    await alarm(small)
    before = await small.card()
    await alarm(small)
    assert (await small.card()).revision == before.revision


async def test_an_alert_says_how_much_more_it_is_than_usual(small: OnCallKit) -> None:
    await alarm(small)
    card = await small.card()
    assert "48 in 15 min (usual 3)" in words(card)
    assert "Complaints are rising" in words(card)


async def test_after_it_is_over_the_next_one_is_another_incident(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    assert (await small.kit.press("bob", await small.card(), c.Resolve)).is_done
    await small.kit.pass_time(60)
    await small.kit.comment(POISONED)
    assert [one.id for one in await small.incidents()] == [2]
    assert len(small.direct("bob")) == 2


async def test_afterwards_one_tap_says_whether_it_was_right_to_be_woken(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    early = await small.kit.press("bob", await small.card(), c.Judge, Verdict.RIGHT)
    assert early.kind is OutcomeKind.REFUSED
    await small.kit.press("bob", await small.card(), c.Resolve)
    card = await small.card()
    assert labels(card) == ["Right to wake me", "Not worth waking me", "Too late"]
    assert (await small.kit.press("bob", card, c.Judge, Verdict.NEEDLESS)).is_done
    late = await small.kit.press("alice", card, c.Judge, Verdict.RIGHT)
    assert late.kind is OutcomeKind.STALE
    card = await small.card()
    assert (labels(card), card.state.light) == ([], Light.DONE)
    assert "Not worth waking me" in words(card)
    brand = (await small.kit.account_now()).brand_id
    counted = await small.kit.read(lambda tx: tx.incidents.verdicts(brand))
    assert counted == {(AlertKind.SAFETY, Verdict.NEEDLESS): 1}


async def test_it_stands_in_the_queue_until_it_is_over(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    kinds = [card.kind for card in (await small.kit.queue(QueueFilter.OPEN)).cards]
    assert CardKind.INCIDENT in kinds
    await small.kit.press("bob", await small.card(), c.Resolve)
    kinds = [card.kind for card in (await small.kit.queue(QueueFilter.OPEN)).cards]
    assert CardKind.INCIDENT not in kinds
    kinds = [card.kind for card in (await small.kit.queue(QueueFilter.DONE)).cards]
    assert CardKind.INCIDENT in kinds


async def test_take_and_give_say_who_leads(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    assert (await small.kit.press("eve", await small.card(), c.Take)).is_done
    assert "Lead: Eve" in words(await small.card())
    assert (await small.kit.press("eve", await small.card(), c.GiveTo, "olga")).is_done
    assert "Lead: Olga" in words(await small.card())
    to_viewer = await small.kit.press("eve", await small.card(), c.GiveTo, "vic")
    assert to_viewer.kind is OutcomeKind.REFUSED
    assert (await small.incident()).state is IncidentState.FIRING


async def test_from_severity_1_on_people_are_asked_for_beside_the_lead(small: OnCallKit) -> None:
    await alarm(small)
    assert "Scribe" not in words(await small.card())
    assert "Scribe…" not in labels_of_team(await small.card())
    await alarm(small, severity=Severity.CRITICAL)
    said = await small.kit.press("bob", await small.card(), c.Acknowledge)
    assert "name who does communications and who is the scribe" in said.says
    assert labels_of_team(await small.card())[2:] == ["Communications…", "Scribe…"]
    assert "Communications: nobody yet\nScribe: nobody yet" in words(await small.card())


async def test_a_role_is_given_handed_over_and_told(small: OnCallKit) -> None:
    async def gives(role: IncidentRole, member: str) -> Outcome:
        return await small.kit.press("bob", await small.card(), c.Assign, role, member)

    _lead, comms, scribe = IncidentRole
    await small.kit.comment(POISONED)
    assert (await gives(comms, "eve")).says == "Eve does communications now."
    assert (await gives(comms, "olga")).is_done
    assert (await gives(comms, "eve")).is_done, "it came back"
    assert (await gives(scribe, "alice")).is_done
    assert "may only look" in (await gives(scribe, "vic")).says
    assert "no member called" in (await gives(scribe, "nobody")).says
    assert "Communications: Eve\nScribe: Alice" in words(await small.card())
    page = await small.kit.history_of((await small.card()).key)
    told = [plain(line.spans) for line in page.lines][-4:]
    assert told == [
        "Bob gave communications to Eve",
        "Bob handed communications over from Eve to Olga",
        "Bob handed communications over from Olga to Eve",
        "Bob made Alice the scribe",
    ]
    await small.kit.press("bob", await small.card(), c.Resolve)
    assert (await gives(scribe, "olga")).kind is OutcomeKind.REFUSED
    assert "Scribe: Alice" in words(await small.card())


async def test_whoever_is_given_a_role_is_told_by_the_routes_that_would_wake_them(
    small: OnCallKit,
) -> None:
    await small.kit.comment(POISONED)
    await small.kit.press("bob", await small.card(), c.Acknowledge)
    await small.kit.press("bob", await small.card(), c.Assign, IncidentRole.COMMS, "eve")
    await small.kit.press("bob", await small.card(), c.Assign, IncidentRole.SCRIBE, "bob")
    await small.kit.work()
    told = [one.notice for one in small.direct("eve")]
    assert told == ["Eve, you do communications in this."]
    assert len(small.direct("bob")) == 1, "he was paged, and gave himself the role"
    await small.kit.press("bob", await small.card(), c.GiveTo, "olga")
    await small.kit.work()
    assert [one.notice for one in small.direct("olga")] == ["Olga, you lead this now."]
    assert "On call: Eve" not in words(await small.card())


async def test_a_role_that_was_handed_on_before_it_was_told_tells_the_new_one_alone(
    small: OnCallKit,
) -> None:
    await small.kit.comment(POISONED)
    for member in ("eve", "olga"):
        # nothing is sent between the two
        card = await small.card()
        await small.kit.order("bob", c.Assign(card.key, card.revision, IncidentRole.SCRIBE, member))
    await small.kit.work()
    assert small.direct("eve") == []
    assert len(small.direct("olga")) == 1


async def test_the_history_of_an_incident_is_its_timeline(small: OnCallKit) -> None:
    await small.kit.comment(POISONED)
    await small.kit.pass_time(5 * MINUTE / 1000 + 1)
    await small.kit.press("alice", await small.card(), c.Acknowledge)
    await small.kit.press("alice", await small.card(), c.Resolve)
    assert await small.happened() == [
        "opened", "step", "delivered", "step", "delivered", "acknowledged", "resolved",
    ]  # fmt: skip
    page = await small.kit.history_of((await small.card()).key)
    said = ["".join(getattr(span, "text", getattr(span, "name", "")) for span in line.spans)
            for line in page.lines]  # fmt: skip
    assert said[1] == "step 1, round 1: pages Bob"
    assert said[-1] == "Alice resolved it"


async def test_what_is_only_edited_after_it_was_resolved_wakes_nobody_again(
    small: OnCallKit,
) -> None:
    incoming = small.kit.incoming(POISONED)
    await small.kit.take(incoming)
    await small.kit.work()
    await small.kit.press("bob", await small.card(), c.Resolve)
    await small.kit.take(replace(incoming, text=f"{POISONED} Shame on you!"))
    await small.kit.work()
    assert await small.incidents() == []
    assert len(small.direct("bob")) == 1
    await small.kit.comment(POISONED)
    assert len(await small.incidents()) == 1


async def test_what_is_forgotten_stands_in_no_card_and_no_page_any_more(small: OnCallKit) -> None:
    item = await small.kit.item(await small.kit.comment(POISONED))
    await small.kit.store.write(forget, Forget(item.author_id))
    await small.kit.work()
    for message in (*small.direct("bob"), *cards(small)):
        assert POISONED not in words(message.card)


async def test_what_a_team_practises_on_wakes_nobody(small: OnCallKit) -> None:
    outcome = await small.kit.order("olga", c.BeginPractice())
    assert outcome.is_done, outcome
    await small.kit.work()
    item = await small.kit.item(ItemId((await small.kit.card(outcome.note)).number))
    alleged = Alert(
        item.brand_id, AlertKind.SAFETY, "safety", Severity.CRITICAL, account_id=item.account_id
    )
    assert await small.kit.read(lambda tx: is_practice(tx, alleged))
    real = replace(alleged, account_id=small.kit.account)
    assert not await small.kit.read(lambda tx: is_practice(tx, real))
    assert await small.incidents() == []
