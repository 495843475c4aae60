"""Nights on call: ten incidents at once, while processes die, clocks jump and pagers fall silent.

One night is one desk on one file. A death is a `Killed` raised where the process stands: at a fault
point, or while a request is out, before or after it did something. Whatever was not committed by
then is gone; the next process opens the file and takes over, as a start does. Bob is paged by a
chat that knows no keys and then by a pager that does, Alice the other way round.

The judge is outside: what the chat and the pager really have, and the moments of it.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bot import faults
from bot.cards.card import CardKind, plain
from bot.coordination.limits import MemoryLimiter
from bot.errors import OutcomeUnknown, Unavailable
from bot.faults import FaultPoint
from bot.metrics import Metrics
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.commands import Order
from bot.model.due import Lane
from bot.model.ids import MINUTE, SECOND, CommandId, IncidentId, Moment
from bot.model.incident import Alert, AlertKind, Incident, IncidentState, Severity
from bot.model.member import ChatIdentity
from bot.model.oncall import EscalationPolicy, OnCall, Step
from bot.model.paging import Page, PageState
from bot.services.alarms import StoredAlarms
from bot.services.cardboard import draw
from bot.services.deciding import DeskRules
from bot.services.desk import TheDesk
from bot.services.lines import Lines
from bot.services.settling_in import Roster, settle_in
from bot.services.standing_by import set_on_call
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from bot.workers.failing import Failed, Failing
from bot.workers.loop import Claim, Task, claim, pull_in
from tests.fakes.chat import CHAT, ChatStep, FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.desk_kit import ACME, FixedDrafter, tasks_of
from tests.fakes.oncall_kit import CARE, MEMBERS, ROUTES
from tests.fakes.pager import FakePager, PagerStep

INCIDENTS = 10
"""In one night."""
STEPS = (
    Step(("bob",), ("dm", "duty"), 5 * MINUTE),
    Step(("alice",), ("duty", "dm"), 10 * MINUTE),
)
ONCALL = OnCall((EscalationPolicy("default", STEPS, repeat=1),), ROUTES)
RULES = DeskRules(oncall=ONCALL)
LANES = (Lane.PAGES, Lane.REDRAWS, Lane.CARDS)
POINTS = (
    FaultPoint.ESCALATE_FIRED,
    FaultPoint.PAGE_CLAIMED,
    FaultPoint.PAGE_CALLED,
    FaultPoint.PAGE_SAVED,
)
LATE = 5 * SECOND
CHAT_SAYS, PAGER_SAYS = "The chat", "The pager"


class Killed(BaseException):
    """The process ends here: nobody catches it, nothing more is written."""


@dataclass(slots=True)
class Harm:
    """How rough the night is: chances for each request and each passage of a fault point."""

    kill: float = 0.05
    dead: float = 0.0
    silent: float = 0.0
    jumps: float = 0.0
    gone: frozenset[str] = frozenset()
    """Whom no request reaches for so many `minutes`: `CHAT_SAYS`, `PAGER_SAYS`."""
    minutes: int = 35


@dataclass(slots=True)
class Night:
    """`address` is a migrated, empty database of its own."""

    address: str
    seed: int
    harm: Harm
    clock: FakeClock = field(default_factory=FakeClock)
    kills: int = 0
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Requests whose end nobody heard, by whom they went to and the key of the page."""
    last: tuple[str, str] = ("", "")
    """The request that was made last: who dies at a fault point may not have written its end."""
    acknowledged: dict[int, Moment] = field(default_factory=dict)
    down: list[tuple[Moment, Moment]] = field(default_factory=list)
    """When no process lived."""
    was_set: bool = False
    lateness: list[int] = field(default_factory=list)
    """Milliseconds beside the restarts: steps after their time, pages after their step."""
    asked_first: dict[str, Moment] = field(default_factory=dict)
    """When each page was first tried, by its key."""
    went_undelivered: int = 0
    """How often a card said of a page that no route took that it was not delivered."""
    chance: random.Random = field(init=False)
    chat: FakeChat = field(init=False)
    duty: FakePager = field(init=False)
    store: Store = field(init=False)
    tasks: Mapping[str, Task] = field(init=False)
    desk: TheDesk = field(init=False)
    begun_at: Moment = field(init=False)
    is_rough: bool = True
    complaints: list[str] = field(default_factory=list)
    presses: int = 0
    lines: Lines = field(default_factory=lambda: Lines({}))

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.begun_at = self.clock.now()
        self.chat, self.duty = FakeChat(self.clock), FakePager(self.clock)

    # The process

    async def start(self) -> None:
        self.store = await open_store(self.address, self.clock)
        brand = replace(ACME, channels=(CARE,), members=MEMBERS)
        await self.store.write(settle_in, Roster((brand,), AccountState.LIVE))
        await self.store.write(_take_over, None)
        await self.store.write(set_on_call, None)
        limiter, chats = MemoryLimiter(lambda _key: None, self.clock), {CHAT: _Line(self)}
        pagers = {"duty": _Duty(self)}
        self.tasks = tasks_of(
            self.store, self.clock, self.lines, RULES, limiter, FixedDrafter(),
            chats, pagers,  # type: ignore[arg-type]
        )  # fmt: skip
        self.desk = TheDesk(self.store, self.clock, self.lines, RULES, "", Metrics())

    async def die(self) -> None:
        self.kills += 1
        await self.store.close()
        began = self.clock.now()
        self.clock.advance(self.chance.uniform(0.2, 2.0))
        self.down.append((began, self.clock.now()))
        await self.start()

    def may_die(self) -> None:
        if self.is_rough and self.chance.random() < self.harm.kill:
            self.lost[self.last] += 1
            raise Killed

    # The night

    async def pass_by(self) -> None:
        """From the alerts to the morning, when all is well and everything has come to rest."""
        for point in POINTS:
            faults.arm(point, self.may_die)
        try:
            await self.start()
            await self._alarm()
            end = Moment(self.clock.now() + 35 * MINUTE)
            while self.clock.now() < end:
                await self._go_on(end)
            self.is_rough = False
            for _ in range(90):
                await self._go_on(Moment(self.clock.now() + MINUTE))
            await self._judge()
        finally:
            faults.disarm()
            await self.store.close()

    async def _alarm(self) -> None:
        brand = await self.store.read(lambda tx: tx.accounts.brands()[0].id)
        alarms = StoredAlarms(self.store, ONCALL)
        for number in range(INCIDENTS):
            alert = Alert(
                brand, AlertKind.COMPLAINTS, f"cause-{number}", Severity.CRITICAL, count=number + 1
            )
            await alarms.sound([alert])

    async def _go_on(self, end: Moment) -> None:
        """To the next moment at which something is due; somebody may press, or set the clock."""
        rows = await self.store.write(claim, Claim(dict.fromkeys(LANES, 8), "night", ()))
        for row in rows:
            try:
                await self.tasks[row.kind](row)
            except Killed:
                await self.die()
                return
            except Exception as error:  # noqa: BLE001 - stands in for the supervisor
                self.complaints.append(f"{row.kind} raised {error!r}")
                await Failing(self.store, self.clock).record(Failed(row, error))
        if rows:
            return
        await self._people()
        if self.is_rough:
            await self._look_for_undelivered()
        ready, due = await self.store.read(lambda tx: tx.due.ready(list(LANES)))
        if ready:
            return
        ahead = end if due is None else min(end, due)
        self.clock.advance(max(0.001, min(30.0, (ahead - self.clock.now()) / SECOND)))

    async def _people(self) -> None:
        chance = self.chance
        if not self.is_rough:
            return
        if chance.random() < 0.03:
            await self._acknowledge(chance.randrange(INCIDENTS) + 1)
        if chance.random() < self.harm.jumps:
            seconds = chance.choice([-3_600.0, -40.0, 20.0])
            self.clock.jump(seconds)
            self.was_set = True
            if seconds < 0:
                await self.store.write(pull_in, None)

    async def _acknowledge(self, number: int) -> None:
        incident = await self.incident(number)
        if incident.state is not IncidentState.FIRING:
            return
        card = await self.store.read(lambda tx: tx.cards.of(CardKind.INCIDENT, number))
        self.presses += 1
        order = Order(
            CommandId(f"press-{self.presses}"),
            ChatIdentity("console", "eve"),
            c.Acknowledge(card.token, card.revision),
        )
        assert (await self.desk.perform(order)).is_done
        self.acknowledged[number] = self.clock.now()

    async def incident(self, number: int) -> Incident:
        return await self.store.read(lambda tx: tx.incidents.get(IncidentId(number)))

    # What happens to a request

    async def weather(self, name: str, key: str, act: Callable[[], None]) -> None:
        """`act` is what the request does in the world."""
        chance, harm, self.last = self.chance, self.harm, (name, key)
        self.asked_first.setdefault(key, self.clock.now())
        if not self.is_rough:
            act()
            return
        fate = chance.random()
        is_gone = name in harm.gone and self.clock.now() < self.begun_at + harm.minutes * MINUTE
        if fate < harm.dead or is_gone:
            raise Unavailable(f"{name} could not be reached.")
        if fate < harm.dead + harm.silent:
            if chance.random() < 0.5:
                act()
            self.lost[name, key] += 1
            raise OutcomeUnknown(f"{name} did not answer.")
        self.may_die()
        act()
        self.may_die()

    # The judge

    async def _judge(self) -> None:
        for number in range(1, INCIDENTS + 1):
            incident = await self.incident(number)
            pages = await self.store.read(
                lambda tx, key=incident.id: tx.pages.of_incident(key)  # type: ignore[misc]
            )
            self._judge_steps(incident, pages)
            for page in pages:
                self._judge_page(incident, page)
            await self._judge_card(incident)

    def _judge_steps(self, incident: Incident, pages: list[Page]) -> None:
        """Each step once and in time, all of them unless somebody acknowledged."""
        turns = [page.turn for page in pages]
        if sorted(set(turns)) != turns:
            self.complaints.append(f"incident {incident.id} fired steps twice: {turns}")
        if incident.id not in self.acknowledged and len(turns) != 4:
            self.complaints.append(f"incident {incident.id} fired {len(turns)} of 4 steps")
        if self.was_set:
            return
        waits = (5, 10, 5)
        for before, after, minutes in zip(pages, pages[1:], waits, strict=False):
            due = Moment(before.created_at + minutes * MINUTE)
            late = after.created_at - due - self._down_between(due, after.created_at)
            self.lateness.append(late)
            if late < 0:
                self.complaints.append(f"incident {incident.id}: a step {-late} ms early")

    def _down_between(self, since: Moment, until: Moment) -> int:
        """Milliseconds: what is late beside the restarts."""
        return sum(max(0, min(end, until) - max(begun, since)) for begun, end in self.down)

    def _judge_page(self, incident: Incident, page: Page) -> None:
        tried = self.asked_first.get(page.key)
        if tried is not None and not self.was_set:
            down = self._down_between(page.created_at, tried)
            self.lateness.append(tried - page.created_at - down)
        messages = [one for one in self.chat.messages if one.key == page.key]
        pagers = [one for one in self.duty.arrived if one.key == page.key]
        is_over = incident.id in self.acknowledged
        if page.state is not PageState.DELIVERED and not (
            is_over and page.state is PageState.CANCELLED
        ):
            self.complaints.append(f"page {page.id} is {page.state}")
        if page.state is PageState.DELIVERED and not messages and not pagers:
            self.complaints.append(f"page {page.id} is missed")
        if len(pagers) > 1:
            self.complaints.append(f"page {page.id} is twice where keys are known")
        in_chat, at_pager = self.lost[CHAT_SAYS, page.key], self.lost[PAGER_SAYS, page.key]
        if len(messages) > 1 + in_chat:
            self.complaints.append(f"page {page.id} is {len(messages)} times in the chat")
        if not all(one.is_repeat for one in messages[1:]):
            self.complaints.append(f"page {page.id} is sent again and does not say so")
        if not in_chat and not at_pager and len(messages) + len(pagers) > 1:
            self.complaints.append(f"page {page.id} came twice although every answer was heard")

    async def _look_for_undelivered(self) -> None:
        """While no route has taken a page of an incident that fires, its card says so."""
        incident = await self.incident(self.chance.randrange(INCIDENTS) + 1)
        if incident.state is not IncidentState.FIRING:
            return
        pages = await self.store.read(lambda tx: tx.pages.of_incident(incident.id))
        waits = any(one.is_undelivered for one in pages if one.created_at >= incident.fired_at)
        told = await self.store.read(lambda tx: self._card_says(tx, incident))
        self.went_undelivered += waits
        if waits is not ("Not delivered yet" in told):
            self.complaints.append(f"incident {incident.id} is undelivered: {waits}, says {told}")

    def _card_says(self, tx: Tx, incident: Incident) -> str:
        row = tx.cards.of(CardKind.INCIDENT, incident.id)
        card = draw(tx, row, self.lines, RULES, self.clock.now(), MEMBERS[0].tongue)
        return "\n".join(plain(one) for one in (*card.facts, card.state.spans))

    async def _judge_card(self, incident: Incident) -> None:
        """In the morning nothing says that it was not delivered, and every copy is told."""
        told = await self.store.read(lambda tx: self._card_says(tx, incident))
        if "Not delivered" in told:
            self.complaints.append(f"incident {incident.id} still says: {told}")
        if incident.id not in self.acknowledged:
            return
        copies: dict[str, list[str]] = defaultdict(list)
        for message in self.chat.messages:
            card = message.card
            # one whose answer was lost is not known, so it cannot be told
            is_known = not self.lost[CHAT_SAYS, message.key]
            if card.kind is CardKind.INCIDENT and card.number == incident.id and is_known:
                copies[message.key].append(plain(card.state.spans))
        for states in copies.values():
            if not all("acknowledged it" in one for one in states):
                self.complaints.append(f"a copy of incident {incident.id} says {states}")


@dataclass(slots=True)
class _Line:
    """The chat as this process reaches it."""

    night: Night

    @property
    def abilities(self) -> object:
        return self.night.chat.abilities

    async def direct(self, user: str) -> str:
        return await self.night.chat.direct(user)

    async def post(self, posting, deadline):  # type: ignore[no-untyped-def]
        """Cards in the channel have no part in this night's weather."""
        if not posting.notice:
            return await self.night.chat.post(posting, deadline)
        self.night.chat.script("post", ChatStep())
        made = []

        def act() -> None:
            coroutine = self.night.chat.post(posting, deadline)
            try:
                coroutine.send(None)
            except StopIteration as done:
                made.append(done.value)

        await self.night.weather(CHAT_SAYS, posting.key, act)
        return made[0]

    async def redraw(self, place, message, card):  # type: ignore[no-untyped-def]
        self.night.may_die()
        await self.night.chat.redraw(place, message, card)

    async def find(self, key, place, since):  # type: ignore[no-untyped-def]
        return await self.night.chat.find(key, place, since)


@dataclass(slots=True)
class _Duty:
    night: Night

    @property
    def abilities(self) -> object:
        return self.night.duty.abilities

    async def page(self, page, deadline):  # type: ignore[no-untyped-def]
        made = []
        self.night.duty.steps.append(PagerStep())

        def act() -> None:
            coroutine = self.night.duty.page(page, deadline)
            try:
                coroutine.send(None)
            except StopIteration as done:
                made.append(done.value)

        await self.night.weather(PAGER_SAYS, page.key, act)
        return made[0]

    async def settle(self, page, *, is_over):  # type: ignore[no-untyped-def]
        self.night.may_die()
        await self.night.duty.settle(page, is_over=is_over)


def _take_over(tx: Tx, commands: object) -> list[None]:
    tx.due.release()
    return [None]
