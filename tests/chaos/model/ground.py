"""The ground of the state machine: the desk of one life, and what happens to it from outside.

Networks, chats, processes and clocks; people come on top of it in `machine`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.due import Lane
from bot.model.ids import HOUR, SECOND, CardToken, RemoteId
from bot.model.network import ReadBack
from bot.model.peak import PeakRule
from bot.services.deciding import DeskRules
from bot.services.intake import Delivery, take
from bot.workers.loop import pull_in
from tests.chaos.model.judge import Judge
from tests.chaos.model.lines import At
from tests.chaos.model.posts import Planning
from tests.chaos.model.process import LANES, Process
from tests.chaos.model.public import (
    Change,
    Kind,
    PublicNetwork,
    Said,
    change_it,
)
from tests.chaos.model.rest import come_to_rest
from tests.chaos.model.team import WORDS, Team
from tests.chaos.model.template import fresh_world
from tests.chaos.model.weather import Luck, Sight, Weather
from tests.chaos.model.world import ACCOUNTS

T = TypeVar("T")
_TOKENS = sqlalchemy.text("SELECT token FROM card WHERE kind IN ('item', 'post') ORDER BY id")
"""What people decide about; cards that roll on tell of the same once more."""

TEXTS = (
    "My order never arrived, where is it?",
    "Where is my refund? This is the third time I ask.",
    "Lovely tea, thank you!",
)


some = st.integers(0, 5)
"""Which of the things there are; counted round."""

lucks = st.builds(
    Luck,
    st.sampled_from([Weather.FINE] * 4 + list(Weather)),
    st.sampled_from([Sight.CLEAR] * 3 + list(Sight)),
    st.sampled_from([1.0, 8.0, 14.0]),
)
often_held = st.sampled_from([None] * 3 + list(At))
downtimes = st.sampled_from([0, 2, 40])


class DeskGround(RuleBasedStateMachine):
    """`file` is where the desk of this run lives; one run uses it after the other."""

    file: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.by_a_person = False
        self.is_sound = True
        self.hosts: list[Process] = []

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return self.runner.run(coroutine)
        except BaseException:
            self.is_sound = False
            raise

    @initialize(
        kinds=st.tuples(st.sampled_from(Kind), st.sampled_from(Kind)),
        alters=st.booleans(),
        undo=st.sampled_from([0, 10 * SECOND]),
        needed=st.sampled_from([1, 1, 2]),
        shares=st.booleans(),
        chat=st.sampled_from(ReadBack),
    )
    def open(
        self,
        kinds: tuple[Kind, Kind],
        alters: bool,
        undo: int,
        needed: int,
        shares: bool,
        chat: ReadBack,
    ) -> None:
        self.world, tokens = fresh_world(self.file)
        for slug, kind in zip(ACCOUNTS, kinds, strict=True):
            self.world.networks[slug].kind = kind
            self.world.networks[slug].alters = alters
        self.world.chats["otherchat"].read_back = chat
        policies = {**DEFAULT_POLICIES, ApprovalSubject.REPLY: ApprovalPolicy(needed)}
        rules = DeskRules(undo, policies, PeakRule(0, 0, sets_aside=False))
        names = ("east", "west") if shares else ("east",)
        self.shares = shares
        self.hosts = [Process(name, self.world, rules, shares=shares) for name in names]
        self.judge = Judge(self.world)
        self.team = Team(self.world, needed, undo, tokens)
        self.planning = Planning(self.team)
        self.run(self._open_all())

    async def _open_all(self) -> None:
        for host in self.hosts:
            await host.open()

    # Who and what is meant

    def host(self, number: int) -> Process:
        return self.hosts[number % len(self.hosts)]

    def network(self, number: int) -> PublicNetwork:
        return self.world.networks[ACCOUNTS[number % len(ACCOUNTS)]]

    def comment(self, number: int) -> tuple[PublicNetwork, Said]:
        found = [(net, one) for net in self.world.networks.values() for one in net.comments()]
        return found[number % len(found)]

    def token(self, number: int) -> CardToken:
        return self.team.tokens[number % len(self.team.tokens)]

    # What happens on the networks

    @rule(net=some, text=st.sampled_from(TEXTS))
    def somebody_comments(self, net: int, text: str) -> None:
        self.network(net).says(text)

    @rule(
        which=some, change=st.sampled_from(Change), text=st.sampled_from(TEXTS),
        words=st.sampled_from(WORDS), is_told=st.booleans(),
    )  # fmt: skip
    def something_changes_there(
        self, which: int, change: Change, text: str, words: str, is_told: bool
    ) -> None:
        """`is_told`: a hook tells of it at once; else a hook or a poll may, later."""
        network, said = self.comment(which)
        if not change_it(network, said, change, text, words):
            return
        self.world.book.changed(network.slug, said.remote_id, change.value)
        if is_told:
            self.run(self._deliver(self.hosts[0], network, network.log[-1]))

    @rule(net=some, which=st.integers(0, 30), host=some)
    def a_hook_tells(self, net: int, which: int, host: int) -> None:
        """Anything that ever happened, as it is now: late, twice, in any order."""
        network = self.network(net)
        remote_id = network.log[-1 - which % len(network.log)]
        self.run(self._deliver(self.host(host), network, remote_id))

    async def _deliver(self, host: Process, network: PublicNetwork, remote_id: RemoteId) -> None:
        number = next(key for key, slug in host.accounts.items() if slug == network.slug)
        told = network.observation(remote_id)
        await host.store.write(take, Delivery(number, (told,)))
        await self.judge.after_an_echo(host, network, network.said[remote_id])
        await self._notice_cards(host)

    async def _notice_cards(self, host: Process) -> None:
        """Cards that people can see from now on."""
        found = await host.read(lambda tx: tx.connection.execute(_TOKENS).scalars().all())
        self.team.tokens.extend(token for token in found if token not in self.team.tokens)

    # What processes do

    @rule(host=some, luck=lucks, seconds=st.sampled_from([0, 0, 6, 31, 130]))
    def the_desk_works(self, host: int, luck: Luck, seconds: int) -> None:
        """Everything that is due, and what becomes due while so many seconds pass."""
        self.world.set(luck)
        self.run(self._work(self.host(host), seconds))

    async def _work(self, host: Process, seconds: int) -> None:
        end = self.world.clock.now() + seconds * SECOND
        for _ in range(12):
            for row in await host.claim():
                await host.work(row)
            due = (await host.read(lambda tx: tx.due.ready(LANES)))[1]
            if due is None or due > end:
                break
            self.world.pass_time(max(0, due - self.world.clock.now()) / SECOND)
        await self._notice_cards(host)

    @rule(host=some, lane=st.sampled_from(LANES), luck=lucks, hold=often_held)
    def the_next_task_is_done(self, host: int, lane: Lane, luck: Luck, hold: At | None) -> None:
        """Time passes until something of a lane is due, and one task is done or held."""
        self.world.set(luck)
        self.run(self._do_next(self.host(host), lane, hold))

    @rule(host=some, luck=lucks, hold=often_held)
    def a_publication_goes_on(self, host: int, luck: Luck, hold: At | None) -> None:
        self.world.set(luck)
        self.run(self._do_next(self.host(host), Lane.PUBLISH, hold))

    async def _do_next(self, host: Process, lane: Lane, hold: At | None) -> None:
        due = (await host.read(lambda tx: tx.due.ready([lane])))[1]
        rows = await host.claim(lane, limit=1)
        if not rows and due is not None and due - self.world.clock.now() < HOUR:
            self.world.pass_time(max(0, due - self.world.clock.now()) / SECOND)
            rows = await host.claim(lane, limit=1)
        for row in rows:
            await host.work(row, hold)
        await self._notice_cards(host)

    @precondition(lambda self: any(host.parked for host in self.hosts))
    @rule(which=some, heard=st.booleans())
    def a_held_task_goes_on(self, which: int, heard: bool) -> None:
        parked = [(one, task) for one in self.hosts for task in one.parked]
        process, task = parked[which % len(parked)]
        self.run(process.resume(task, heard=heard))

    @precondition(lambda self: any(host.parked for host in self.hosts))
    @rule()
    def leases_are_renewed(self) -> None:
        for host in self.hosts:
            self.run(host.renew())

    @rule(host=some, is_killed=st.sampled_from([True, True, False]), downtime=downtimes)
    def a_process_ends_and_comes_back(self, host: int, is_killed: bool, downtime: int) -> None:
        self.run(self._reborn(self.host(host), is_killed, downtime))

    async def _reborn(self, host: Process, is_killed: bool, downtime: int) -> None:
        await (host.die() if is_killed else host.stop())
        self.world.pass_time(downtime)
        self.world.restarted()
        await host.open()

    # Time

    @rule(seconds=st.sampled_from([1, 6, 11, 31, 65, 600, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @precondition(lambda self: not self.shares)
    @rule(seconds=st.sampled_from([-7200, -60, 60, 7200]))
    def somebody_sets_the_clock(self, seconds: int) -> None:
        self.world.set_clock(seconds)
        if seconds < 0:
            # what the loop does when it notices
            self.run(self.hosts[0].store.write(pull_in, None))

    # The judge

    @invariant()
    def the_promises_hold(self) -> None:
        if self.hosts:
            by_a_person, self.by_a_person = self.by_a_person, False
            self.run(self.judge.after_a_step(self.hosts[0], by_a_person=by_a_person))

    def teardown(self) -> None:
        try:
            if self.is_sound and self.hosts:
                self.run(come_to_rest(self.hosts, self.world, self.judge))
        finally:
            self.runner.run(self._close_all())
            self.runner.close()

    async def _close_all(self) -> None:
        for host in self.hosts:
            if host.is_alive:
                await host.die()
