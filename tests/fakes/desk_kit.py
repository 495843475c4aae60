"""A whole desk without doors: store, members, one scripted network, and workers run by hand.

`work` runs every due row to rest, `pass_time` moves the clock from due row to due row; nothing
sleeps. On PostgreSQL the server's clock is skewed to the fake one, as the store allows.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

from bot.cards.card import Card, CardKind
from bot.cards.pages import CardQuery, HistoryPage, HistoryQuery, QueueFilter, QueuePage, QueueQuery
from bot.coordination.feed import StoreFeed
from bot.coordination.limits import MemoryLimiter, Rates
from bot.coordination.wakeup import LocalWakeup
from bot.errors import DraftingFailed
from bot.metrics import Metrics
from bot.model.account import PRACTICE_SLUG, Account, AccountState
from bot.model.commands import Command, Order, Outcome
from bot.model.draft import DraftOrigin, DraftProposal, DraftRequest
from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import SECOND, AccountId, CardToken, CommandId, ItemId, Moment, RemoteId
from bot.model.item import Item, ItemKind
from bot.model.member import ChatIdentity, Role
from bot.model.network import IncomingItem, RemoteAuthor
from bot.model.publication import Publication
from bot.model.triage import LanguageCode
from bot.ports import ChatFrontend, Clock, Drafter, Pager, Translates
from bot.services.deciding import DeskRules
from bot.services.desk import TheDesk
from bot.services.inlet import TheInlet
from bot.services.intake import Delivery, take
from bot.services.lexicon import load_cues
from bot.services.lines import Lines
from bot.services.settling_in import (
    NamedAccount,
    NamedBrand,
    NamedChannel,
    NamedMember,
    Roster,
    Verified,
    identify,
    settle_in,
)
from bot.services.triage_rules import Triager
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from bot.workers.audience import AudienceTask
from bot.workers.card import CardTask, ChatTiming
from bot.workers.digest import DigestTask
from bot.workers.failing import Failed, Failing
from bot.workers.first_day import FirstDayTask
from bot.workers.indexing import IndexTask, set_to_index
from bot.workers.items import (
    BulkTask,
    CrisisTask,
    DraftTask,
    DutyTask,
    EditingTask,
    GoalsTask,
    LapseTask,
    ModerateTask,
    PeakTask,
    PromiseTask,
    QuestionTask,
    ReminderTask,
    TriageTask,
    WakeTask,
)
from bot.workers.loop import Claim, Task, claim
from bot.workers.measure import MeasureTask
from bot.workers.page import EscalateTask, PageTask
from bot.workers.poll import PollTask
from bot.workers.publish import PublishTask, Timing
from bot.workers.recall import RecallTask, WarmTask
from bot.workers.translate import TranslateTask
from bot.workers.upkeep import HealthTask, SealTask, TidyTask, VerifyTask
from integrations.sandbox.practice import PracticeLine
from tests.databases import migrated_postgres, migrated_sqlite
from tests.fakes.chat import CHAT, FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.network import NETWORK, FakeNetwork

R = TypeVar("R")

TEAM = (
    NamedMember("vic", "Vic", Role.VIEWER),
    NamedMember("olga", "Olga", Role.AGENT),
    NamedMember("bob", "Bob", Role.APPROVER),
    NamedMember("eve", "Eve", Role.APPROVER),
    NamedMember("alice", "Alice", Role.MANAGER),
    NamedMember("ada", "Ada", Role.ADMIN),
)
ACME = NamedBrand(
    slug="acme",
    name="Acme Tea",
    languages=("en",),
    keywords=("acme tea",),
    zone="UTC",
    voice="Warm.",
    members=TEAM,
    accounts=tuple(NamedAccount(slug, NETWORK) for slug in ("acme", "acme-two")),
)
FAN = RemoteAuthor(RemoteId("fan"), "fan", "A Fan")
COMPLAINT = "My order never arrived, where is it? I want my money back."
WORK = (Lane.PAGES, Lane.PUBLISH, Lane.REDRAWS, Lane.CARDS, Lane.TRIAGE, Lane.DRAFTS)
CONSOLE = "https://desk.example"
ROUNDS = 60
JITTER = 40
"""Milliseconds."""


class DeskClock(FakeClock):
    """A fake clock that PostgreSQL follows too."""

    @property
    def skew(self) -> int:
        """Milliseconds from the server's clock to ours."""
        return self._now - time.time_ns() // 1_000_000


class Plain:
    """Every text is English; no language model is loaded."""

    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        return LanguageCode("en")


MISSED = 20
"""Times that what is due at once is looked for again when time passes."""


@dataclass(slots=True)
class FixedDrafter:
    """Answers the same to everything; `silent` makes it give nothing."""

    says: str = "A fixed drafter."
    words: str = "We are sorry. Tell us your order number, please."
    silent: bool = False
    requests: list[DraftRequest] = field(default_factory=list)
    translated: list[tuple[str, str]] = field(default_factory=list)
    """Texts with the languages into which they were asked to be told."""

    async def draft(self, request: DraftRequest) -> DraftProposal:
        self.requests.append(request)
        if self.silent:
            raise DraftingFailed("The drafter is silent.")
        words = f"{self.words} ({request.instruction})" if request.instruction else self.words
        return DraftProposal(words, DraftOrigin.TEMPLATE, "fixed")

    async def translate(self, text: str, language: str) -> str:
        if self.silent:
            raise DraftingFailed("The drafter is silent.")
        self.translated.append((text, language))
        return f"[{language}] {text[::-1]}"


@cache
def triager() -> Triager:
    return Triager(load_cues(), Plain())


def desk_address(request: pytest.FixtureRequest, folder: Path, database: str = "sqlite") -> str:
    """A migrated database that is empty."""
    if database == "sqlite":
        return migrated_sqlite(folder / "desk.db")
    return migrated_postgres(request.getfixturevalue("postgres_server"))


@dataclass(slots=True)
class DeskKit:
    address: str
    store: Store
    clock: DeskClock
    network: FakeNetwork
    second: FakeNetwork
    account: AccountId
    other: AccountId
    lines: Lines
    rules: DeskRules
    desk: TheDesk
    inlet: TheInlet
    drafter: FixedDrafter
    limiter: MemoryLimiter
    tasks: Mapping[str, Task]
    chat: FakeChat
    _comments: int = 0
    _presses: int = 0

    # Intake

    def incoming(self, text: str = COMPLAINT, **fields: object) -> IncomingItem:
        self._comments += 1
        number = f"c{self._comments}"
        values: dict[str, object] = {
            "remote_id": RemoteId(number),
            "kind": ItemKind.COMMENT,
            "author": FAN,
            "text": text,
            "published_at": self.clock.now(),
            "permalink": f"https://fakebook.example/{number}",
            "thread_remote_id": RemoteId("post-1"),
            "thread_title": "Our new tea",
        }
        return IncomingItem(**(values | fields))  # type: ignore[arg-type]

    async def take(self, *observations: object) -> None:
        """As a hook or a stream brings it."""
        delivery = Delivery(self.account, observations)  # type: ignore[arg-type]
        await self.store.write(take, delivery)

    async def comment(self, text: str = COMPLAINT, **fields: object) -> ItemId:
        """A comment arrives, is sorted and drafted."""
        incoming = self.incoming(text, **fields)
        await self.take(incoming)
        await self.work()
        return await self.id_of(incoming.remote_id)

    async def id_of(self, remote_id: str) -> ItemId:
        known = await self.read(lambda tx: tx.items.known(self.account, [RemoteId(remote_id)]))
        return known[RemoteId(remote_id)].id

    # Reading

    async def read(self, fn: Callable[[Tx], R]) -> R:
        return await self.store.read(fn)

    async def item(self, item_id: ItemId) -> Item:
        return await self.read(lambda tx: tx.items.get(item_id))

    async def publication(self, item_id: ItemId) -> Publication:
        found = await self.read(lambda tx: tx.publications.latest_of_item(item_id))
        assert found is not None, "the item has no publication"
        return found

    async def account_now(self) -> Account:
        return await self.read(lambda tx: tx.accounts.get(self.account))

    async def token_of(self, subject_id: int, kind: CardKind = CardKind.ITEM) -> CardToken:
        return (await self.read(lambda tx: tx.cards.of(kind, subject_id))).token

    async def card_of(self, subject_id: int, kind: CardKind = CardKind.ITEM) -> Card:
        return await self.card(await self.token_of(subject_id, kind))

    async def card(self, token: str) -> Card:
        page = await self.desk.view(CardQuery(CardToken(token)), self.who("bob"))
        assert page.card is not None
        return page.card

    async def history_of(self, token: str) -> HistoryPage:
        return await self.desk.view(HistoryQuery(CardToken(token)), self.who("bob"))

    async def queue(self, wanted: QueueFilter, member: str = "bob") -> QueuePage:
        return await self.desk.view(QueueQuery(wanted), self.who(member))

    # Pressing

    def who(self, member: str) -> ChatIdentity:
        return ChatIdentity("console", member)

    async def order(self, member: str, command: Command, press: str = "") -> Outcome:
        """One press; `press` is its id, a new one unless given."""
        self._presses += 1
        number = CommandId(press or f"press-{self._presses}")
        return await self.desk.perform(Order(number, self.who(member), command))

    async def press(
        self, member: str, card: Card, command: Callable[..., Command], *values: object
    ) -> Outcome:
        """`command(token, revision, *values)` on the card as it was seen."""
        return await self.order(member, command(card.key, card.revision, *values))

    async def index(self) -> None:
        """Whatever was said until now can be searched."""
        await self.store.write(set_to_index, None)
        await self.do(lambda tx: tx.due.hurry("search", tx.now()))
        await self.work(Lane.ANALYTICS)

    # Work

    async def claim(self, *lanes: Lane, limit: int = 20, owner: str = "kit") -> list[DueRow]:
        wanted = dict.fromkeys(lanes or WORK, limit)
        return await self.store.write(claim, Claim(wanted, owner, ()))

    async def run(self, row: DueRow) -> None:
        """One task as the loop runs it: what it raises is recorded by its class."""
        try:
            await self.tasks[row.kind](row)
        except Exception as error:  # noqa: BLE001 - stands in for the supervisor
            await Failing(self.store, self.clock).record(Failed(row, error))

    async def work(self, *lanes: Lane) -> int:
        """Everything that is due, to rest; how many rows were run."""
        ran = missed = 0
        for _ in range(ROUNDS):
            rows = await self.claim(*lanes)
            if not rows:
                missed += 1
                if missed > MISSED or not await self._catch_up(*lanes):
                    return ran
            for row in rows:
                await self.run(row)
                ran += 1
        raise AssertionError("the work never comes to rest")

    async def _catch_up(self, *lanes: Lane) -> bool:
        """PostgreSQL's clock runs on between two statements: more may be due by now, or soon.

        Ours follows it.
        """
        ready, due = await self.read(lambda tx: tx.due.ready(lanes or WORK))
        if ready:
            return True
        if due is None or due - self.clock.now() > JITTER:
            return False
        self.clock.advance(JITTER / SECOND)
        return True

    async def pass_time(self, seconds: float, *lanes: Lane) -> None:
        """Let time pass, working at every moment at which something is due."""
        end = self.clock.now() + round(seconds * SECOND)
        await self.work(*lanes)
        missed = 0
        for _ in range(2_000):
            ready, due = await self.read(lambda tx: tx.due.ready(lanes or WORK))
            if due is None or due > end:
                # PostgreSQL's clock runs on: something may have become due since we looked
                missed += 1
                if not ready or missed > MISSED:
                    break
                due = self.clock.now()
            self.clock.advance(max(1, due - self.clock.now()) / SECOND)
            await self.work(*lanes)
        else:
            raise AssertionError("the work never comes to rest")
        self.clock.advance(max(0, end - self.clock.now()) / SECOND)
        await self.work(*lanes)

    async def next_due(self, *lanes: Lane) -> Moment | None:
        return (await self.read(lambda tx: tx.due.ready(lanes or WORK)))[1]

    async def add_due(self, *rows: NewDue) -> None:
        def add(tx: Tx, commands: Sequence[Sequence[NewDue]]) -> list[None]:
            for command in commands:
                tx.due.add(command)
            return [None] * len(commands)

        await self.store.write(add, rows)

    async def do(self, fn: Callable[[Tx], R]) -> R:
        """One write of the test's own."""

        def run(tx: Tx, commands: Sequence[None]) -> list[R]:
            return [fn(tx) for _ in commands]

        return await self.store.write(run, None)

    async def wait_for_locks(self, many: int) -> None:
        """Return when so many transactions wait for another one (PostgreSQL)."""
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        for _ in range(1_000):
            found = await self.read(lambda tx: tx.connection.execute(waiting).scalar_one())
            if found >= many:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"there are not {many} transactions that wait for a lock")


@asynccontextmanager
async def opened_desk(
    address: str,
    *,
    rules: DeskRules | None = None,
    first_state: AccountState = AccountState.LIVE,
    writers: int | None = None,
    channels: Sequence[NamedChannel] = (),
    members: Sequence[NamedMember] = TEAM,
    pagers: Callable[[Clock], Mapping[str, Pager]] = lambda _clock: {},
    has_goals: bool = False,
    on_plan: frozenset[str] = frozenset(),
    rates: Rates = lambda _key: None,
    languages: tuple[str, ...] = ACME.languages,
    clock: DeskClock | None = None,
) -> AsyncIterator[DeskKit]:
    """A settled desk with two accounts, `acme` and `acme-two`, on two scripted networks.

    `channels` are of the chat `fakechat`; `pagers` makes those of the routes; `clock` is another
    than one that begins at the start of all tests.
    """
    clock = clock or DeskClock()
    store = await open_store(address, clock, writers=writers)
    try:
        brand = replace(
            ACME,
            channels=tuple(channels),
            members=tuple(members),
            has_goals=has_goals,
            languages=languages,
            on_plan=on_plan,
        )
        yield await _settled(
            address, store, clock, rules or DeskRules(), brand, first_state, pagers(clock), rates
        )
    finally:
        await store.close()


def tasks_of(
    store: Store,
    clock: Clock,
    lines: Lines,
    rules: DeskRules,
    limiter: MemoryLimiter,
    drafter: Drafter,
    frontends: Mapping[str, ChatFrontend],
    pagers: Mapping[str, Pager] | None = None,
) -> Mapping[str, Task]:
    """What the workers of one process do, by kind of due row; connections that stay apart."""
    return {
        "poll": PollTask(store, clock, lines, limiter),
        "recall": RecallTask(store, clock, lines, limiter, triager()),
        "warm": WarmTask(store),
        "first_day": FirstDayTask(store, lines, triager()),
        "measure": MeasureTask(store, clock, lines, limiter, rules.oncall),
        "triage": TriageTask(store, triager(), lines, rules),
        "draft": DraftTask(store, lines, drafter, translates=rules.translates),
        "translate": TranslateTask(
            store, drafter if isinstance(drafter, Translates) else None, rules.language_of
        ),
        "card": CardTask(store, clock, lines, rules, limiter, frontends, ChatTiming()),
        "audience": AudienceTask(store, clock, frontends),
        "publish": PublishTask(store, clock, lines, limiter, Timing()),
        "moderate": ModerateTask(store, lines),
        "editing": EditingTask(store),
        "wake": WakeTask(store),
        "lapse": LapseTask(store),
        "reminder": ReminderTask(store, rules),
        "peak": PeakTask(store, rules.peaks),
        "goals": GoalsTask(store, rules.goals),
        "duty": DutyTask(store, rules.duties, rules.goals),
        "crisis": CrisisTask(store),
        "question": QuestionTask(store),
        "promise": PromiseTask(store),
        "bulk": BulkTask(store, lines, rules),
        "digest": DigestTask(store, clock, lines, rules, frontends),
        "search": IndexTask(store, StoreFeed(store, LocalWakeup())),
        "seal": SealTask(store),
        "tidy": TidyTask(store, clock),
        "health": HealthTask(store, clock, rules.oncall),
        "verify": VerifyTask(store, lines),
        "escalate": EscalateTask(store, rules.oncall),
        "page": PageTask(store, clock, lines, rules, frontends, pagers or {}, CONSOLE),
    }


async def _settled(
    address: str,
    store: Store,
    clock: DeskClock,
    rules: DeskRules,
    brand: NamedBrand,
    first_state: AccountState,
    pagers: Mapping[str, Pager],
    rates: Rates,
) -> DeskKit:
    roster = Roster((brand,), first_state, tell_audience=rules.tell_audience)
    settled = await store.write(settle_in, roster)
    account, other = settled["acme", "acme"].id, settled["acme", "acme-two"].id
    network, second = FakeNetwork(clock), FakeNetwork(clock)
    practice = settled["acme", PRACTICE_SLUG].id
    lines = Lines(
        {account: network, other: second, practice: PracticeLine()}, {(NETWORK, "main"): account}
    )
    await store.write(identify, Verified(account, await network.verify()))
    network.calls.clear()
    chat = FakeChat(clock)
    drafter, metrics = FixedDrafter(), Metrics()
    limiter = MemoryLimiter(rates, clock)
    tasks = tasks_of(store, clock, lines, rules, limiter, drafter, {CHAT: chat}, pagers)
    desk = TheDesk(store, clock, lines, rules, drafter.says, metrics)
    return DeskKit(
        address, store, clock, network, second, account, other, lines, rules, desk,
        TheInlet(store, lines, metrics), drafter, limiter, tasks, chat,
    )  # fmt: skip


def labels(card: Card) -> list[str]:
    return [one.label for one in card.actions]
