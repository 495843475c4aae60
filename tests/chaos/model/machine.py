"""The state machine: everything that people, networks, clocks and processes can do to the desk.

Each rule is one thing that happens. Hypothesis chooses which, in what order, and how it goes;
after each the promises are asked (`judge`), and at the end everything is let come to rest.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.cards.card import CardKind, plain
from bot.model import commands as c
from bot.model.commands import HoldKind
from bot.model.ids import HOUR, MINUTE, CardToken, Moment
from tests.chaos.model.ground import DeskGround, lucks, often_held, some
from tests.chaos.model.lines import At
from tests.chaos.model.process import Process
from tests.chaos.model.team import APPROVERS, PEOPLE, WORDS, Act, Seen
from tests.chaos.model.weather import Luck
from tests.chaos.model.world import ACCOUNTS

_ASKS = "Not sure it went out. Look"

acts = st.sampled_from([one for one in Act if one is not Act.DELETE] * 3 + list(Act))
slots = st.sampled_from([None, 0, 5, 120])
"""Minutes from now."""


class DeskMachine(DeskGround):
    """Everything that can happen, people included."""

    # What people do

    @rule(who=st.sampled_from(APPROVERS), which=some, words=st.none() | st.sampled_from(WORDS))
    def an_approver_says_yes(self, who: str, which: int, words: str | None) -> None:
        """To what the card shows, or to words of their own."""
        act = Act.APPROVE if words is None else Act.EDIT
        self._press(self.hosts[0], who, which, act, words or "")

    @rule(which=some, words=st.none() | st.sampled_from(WORDS), luck=lucks, hold=often_held)
    def a_yes_is_said_and_it_leaves(
        self, which: int, words: str | None, luck: Luck, hold: At | None
    ) -> None:
        """By as many as it takes."""
        for who in APPROVERS[: self.team.needed]:
            self.an_approver_says_yes(who, which, words)
        self.a_publication_goes_on(0, luck, hold)

    @rule(
        who=st.sampled_from(PEOPLE), which=some, act=acts, words=st.sampled_from(WORDS),
        host=some, back=st.sampled_from([0, 0, 1, 2, 5, 9]),
    )  # fmt: skip
    def somebody_presses(
        self, who: str, which: int, act: Act, words: str, host: int, back: int
    ) -> None:
        """On a card as it is, or (`back`) as somebody saw one some time ago."""
        if not back or not self.team.seen:
            self._press(self.host(host), who, which, act, words)
            return
        self.by_a_person = True
        seen = self.team.seen[-1 - back % len(self.team.seen)]
        self.run(self._press_seen(self.host(host), who, seen, act, words))

    def _press(self, host: Process, who: str, which: int, act: Act, words: str) -> None:
        self.by_a_person = True
        self.run(self._look_and_press(host, who, self.token(which), act, words))

    async def _look_and_press(
        self, host: Process, who: str, token: CardToken, act: Act, words: str
    ) -> None:
        seen = await self.team.look(host, token)
        await self._press_seen(host, who, seen, act, words)

    async def _press_seen(self, host: Process, who: str, seen: Seen, act: Act, words: str) -> None:
        says = plain(seen.card.state.spans)
        if act is Act.RETRY and not says.startswith("Not published"):
            return
        if act is Act.CONFIRM and not self.team.stands(seen):
            return
        if act is Act.APPROVE and seen.card.kind is CardKind.POST:
            await self.planning.approve(host, who, seen)
        else:
            await self.team.press(host, who, seen, act, words)

    @rule(
        pair=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True),
        first=acts, second=acts, which=some, words=st.sampled_from(WORDS),
    )  # fmt: skip
    def two_people_press_at_once(
        self, pair: list[str], first: Act, second: Act, which: int, words: str
    ) -> None:
        self.by_a_person = True
        self.run(self._race(pair, (first, second), self.token(which), words))

    async def _race(
        self, pair: list[str], acts: tuple[Act, Act], token: CardToken, words: str
    ) -> None:
        seen = await self.team.look(self.hosts[0], token)
        for host, who, act in zip((self.hosts[0], self.hosts[-1]), pair, acts, strict=True):
            await self._press_seen(host, who, seen, act, words)

    @precondition(lambda self: self.team.pressed)
    @rule(back=st.integers(0, 8), host=some)
    def the_chat_delivers_a_press_again(self, back: int, host: int) -> None:
        self.by_a_person = True
        pressed = self.team.pressed[-1 - back % len(self.team.pressed)]
        if self.world.clock.now() - pressed.at < 40 * HOUR:
            self.run(self.team.replay(self.host(host), pressed))

    @rule(which=some, gives_up=st.sampled_from([False, False, True]))
    def a_manager_settles_a_doubt(self, which: int, gives_up: bool) -> None:
        self.by_a_person = True
        self.run(self._settle(which, gives_up))

    async def _settle(self, which: int, gives_up: bool) -> None:
        """Of the cards that ask for it, one."""
        host = self.hosts[0]
        seen = [await self.team.look(host, token) for token in self.team.tokens]
        asking = [one for one in seen if plain(one.card.state.spans).startswith(_ASKS)]
        if asking:
            one = asking[which % len(asking)]
            act = Act.CONFIRM if self.team.stands(one) else Act.RETRY
            await self.team.press(host, "alice", one, Act.ABANDON if gives_up else act, "")

    @rule(
        who=st.sampled_from(["olga", "alice", "ada", "ada"]),
        kind=st.none() | st.sampled_from(HoldKind),
        account=st.sampled_from([None, *ACCOUNTS]),
        host=some,
        shadows=st.booleans(),
    )
    def somebody_pauses_or_unpauses(
        self, who: str, kind: HoldKind | None, account: str | None, host: int, shadows: bool
    ) -> None:
        """Replies or posts, of one account or all; or makes one watch-only, shadow or live."""
        book = self.world.book
        if kind is not None:
            held = (kind, account) in book.holds
            command = c.Unpause((kind,), account) if held else c.Pause((kind,), account, "why")
            if self.run(self.team.order(self.host(host), who, command)).is_done:
                if held:
                    book.unpaused(kind, account, self.world.clock.now())
                else:
                    book.holds.add((kind, account))
        elif account is not None:
            is_silent = account in book.watch_only | book.shadow
            silencing = c.Shadow(account) if shadows else c.WatchOnly(account)
            switch = c.GoLive(account) if is_silent else silencing
            if self.run(self.team.order(self.host(host), who, switch)).is_done:
                book.watch_only.discard(account)
                book.shadow.discard(account)
                if isinstance(switch, c.Shadow):
                    book.shadowed(account)
                elif isinstance(switch, c.WatchOnly):
                    book.watch_only.add(account)

    # Posts

    def _slot(self, wait: int | None) -> Moment | None:
        return None if wait is None else Moment(self.world.clock.now() + wait * MINUTE)

    @rule(
        who=st.sampled_from(["vic", "olga", "alice"]), account=st.sampled_from(ACCOUNTS),
        words=st.sampled_from(WORDS), wait=slots, approver=st.sampled_from([None, "alice", "ada"]),
    )  # fmt: skip
    def somebody_composes_a_post(
        self, who: str, account: str, words: str, wait: int | None, approver: str | None
    ) -> None:
        host, slot = self.hosts[0], self._slot(wait)
        self.run(self.planning.compose(host, who, account, words, slot))
        if approver is not None and self.planning.tokens:
            token = CardToken(self.planning.tokens[-1])
            self.run(self._look_and_press(host, approver, token, Act.APPROVE, ""))

    @precondition(lambda self: self.planning.tokens)
    @rule(
        who=st.sampled_from(["olga", "alice"]), which=some, words=st.sampled_from(WORDS),
        wait=slots, is_late=st.booleans(),
    )  # fmt: skip
    def somebody_edits_a_post(
        self, who: str, which: int, words: str, wait: int | None, is_late: bool
    ) -> None:
        self.by_a_person = True
        tokens = self.planning.tokens
        self.run(self._edit_post(tokens[which % len(tokens)], who, words, wait, is_late))

    async def _edit_post(
        self, token: str, who: str, words: str, wait: int | None, is_late: bool
    ) -> None:
        host = self.hosts[0]
        seen = await self.team.look(host, CardToken(token))
        if is_late:
            seen = next(one for one in self.team.seen if one.card.key == token)
        await self.planning.edit(host, who, seen, words, self._slot(wait))
