"""One network as the public sees it. It outlives every desk, and what stands on it is the judge.

    body written   what the public sees          what the desk hears
    ------------   -------------------------     ----------------------------------
    FINE           it stands                     the receipt
    UNHEARD        it stands                     nothing: the answer is lost
    GARBLED        it stands                     a page instead of an answer
    LATE           it stands within 20 s         nothing
    LOST           nothing, ever                 nothing
    the others     nothing                       an error that says so

A network that keeps keys makes nothing new of a key that it knows. What it lists may lag behind
for as long as it declares. Everything that happens on it is one line in `log`: polls read on from
their cursor, hooks tell any line at any time and as often as they like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    ConnectorError,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import SECOND, Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import (
    Batch,
    Capabilities,
    Capability,
    Cursor,
    IncomingItem,
    Leg,
    Observation,
    ReadBack,
    RemoteAuthor,
    Removal,
)
from bot.model.publication import Prepared, Receipt
from tests.chaos.model.weather import Sight, Weather
from tests.fakes.clock import FakeClock
from tests.fakes.network import NETWORK

LEG = Leg("comments")
PAGE = 4
FAN = RemoteAuthor(RemoteId("fan"), "fan", "A Fan")
US = RemoteAuthor(RemoteId("us"), "@acme", "Acme")
ROOT = RemoteId("post-0")


class Kind(StrEnum):
    """What a network can do about a request whose answer was lost."""

    KEYED = "keyed"
    """Knows our keys again, and lists at once what stands there."""
    LAGGING = "lagging"
    """No keys; its lists are up to five seconds late."""
    BLIND = "blind"
    """Neither keys nor lists."""
    BLIND_KEYED = "blind_keyed"
    """No lists, and knows a key for two minutes."""


class Change(StrEnum):
    """What can happen to a comment on the network."""

    EDIT = "edited"
    TOGGLE = "deleted, or brought back"
    BY_HAND = "answered by hand"


KEY_SECONDS = 120.0
SETTLE_SECONDS = 5.0


def capabilities(kind: Kind) -> Capabilities:
    read_back = {
        Kind.KEYED: ReadBack.IMMEDIATE,
        Kind.LAGGING: ReadBack.SETTLES,
        Kind.BLIND: ReadBack.NONE,
        Kind.BLIND_KEYED: ReadBack.NONE,
    }
    return Capabilities(
        network=NETWORK,
        title="Fakebook",
        can=frozenset(Capability),
        cannot={},
        legs={LEG: 30},
        read_back=read_back[kind],
        settle_seconds=SETTLE_SECONDS if kind is Kind.LAGGING else 0.0,
        key_seconds=KEY_SECONDS if kind is Kind.BLIND_KEYED else 0.0,
    )


@dataclass(slots=True)
class Said:
    """One text that the public can read; `key` is that of our request, or empty."""

    remote_id: RemoteId
    kind: ItemKind
    text: str
    at: Moment
    parent: RemoteId | None
    by_us: bool = False
    key: str = ""
    since: float = 0.0
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """A request whose body is written and which the network will read a little later."""

    prepared: Prepared
    at: float


@dataclass(slots=True)
class PublicNetwork:
    """`on_shown` is told of every text of ours that our request made visible."""

    slug: str
    clock: FakeClock
    kind: Kind = Kind.KEYED
    alters: bool = False
    """It shows our words in another form, as some networks do."""
    on_shown: Callable[[str, Prepared], None] = lambda slug, prepared: None
    said: dict[RemoteId, Said] = field(default_factory=dict)
    log: list[RemoteId] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)
    weather: Weather = Weather.FINE
    sight: Sight = Sight.CLEAR
    late_by: float = 1.0
    key_seconds: float = KEY_SECONDS

    # What people do on it

    def says(self, text: str, *, by_us: bool = False, parent: RemoteId | None = ROOT) -> RemoteId:
        """A fan comments, or (`by_us`) somebody of the team answers by hand."""
        number = RemoteId(f"{'native' if by_us else 'c'}-{len(self.log) + 1}")
        kind = ItemKind.REPLY if by_us else ItemKind.COMMENT
        self._add(Said(number, kind, text, self.clock.now(), parent, by_us=by_us))
        return number

    def edits(self, remote_id: RemoteId, text: str) -> None:
        self.said[remote_id].text = text
        self.log.append(remote_id)

    def deletes(self, remote_id: RemoteId) -> None:
        self.said[remote_id].is_gone = True
        self.log.append(remote_id)

    def restores(self, remote_id: RemoteId) -> None:
        self.said[remote_id].is_gone = False
        self.log.append(remote_id)

    def reads(self, remote_id: RemoteId, text: str) -> bool:
        """Whether it stands there like this, and nobody of the team answered it by hand."""
        one = self.said[remote_id]
        by_hand = (said for said in self.said.values() if said.by_us and not said.key)
        answered = any(said.parent == remote_id for said in by_hand)
        return one.text == text and not one.is_gone and not answered

    def comments(self) -> list[Said]:
        return [one for one in self.said.values() if not one.by_us]

    def ours(self, key: str) -> list[Said]:
        return [one for one in self.said.values() if one.key == key and not one.is_gone]

    def _add(self, said: Said) -> None:
        self.said[said.remote_id] = said
        self.log.append(said.remote_id)

    # What it tells

    def observation(self, remote_id: RemoteId) -> Observation:
        """As it is now."""
        one = self.said[remote_id]
        if one.is_gone:
            return Removal(remote_id)
        return IncomingItem(
            remote_id=remote_id,
            kind=one.kind,
            author=US if one.by_us else FAN,
            text=one.text,
            published_at=one.at,
            permalink=link_of(remote_id),
            parent_remote_id=one.parent if one.parent != ROOT else None,
            thread_remote_id=ROOT if one.parent is not None else remote_id,
            thread_title="Our new tea",
            by_us=one.by_us,
        )

    def page(self, since: Cursor | None) -> Batch:
        begin = int(since or 0)
        end = min(len(self.log), begin + PAGE)
        told = dict.fromkeys(self.log[begin:end])
        observations = tuple(self.observation(remote_id) for remote_id in told)
        return Batch(observations, Cursor(str(end)), more=end < len(self.log))

    # What it does with our requests

    def request(self, prepared: Prepared) -> Receipt | ConnectorError:
        """The body arrives, or does not; the answer as the network would give it."""
        weather, self.weather = self.weather, Weather.FINE
        if weather in _REFUSALS:
            return _REFUSALS[weather]()
        if weather is Weather.BUSY:
            return RateLimited("Too fast.", until=Moment(self.clock.now() + 40 * SECOND))
        if weather is Weather.LOST:
            return OutcomeUnknown("The connection broke.")
        if weather is Weather.LATE:
            self.coming.append(Coming(prepared, self.clock.monotonic() + self.late_by))
            return OutcomeUnknown("The connection broke.")
        if self._target_is_gone(prepared):
            return TargetGone("The comment is not there any more.")
        receipt = self.show(prepared)
        if weather is Weather.UNHEARD:
            return OutcomeUnknown("The connection broke.")
        if weather is Weather.GARBLED:
            return UnexpectedResponse("200 with an HTML page.", payload="<html>")
        return receipt

    def tick(self) -> None:
        """Late requests arrive when their time has come."""
        now = self.clock.monotonic()
        self.arrive([one for one in self.coming if one.at <= now])

    def arrive(self, coming: list[Coming]) -> None:
        self.coming = [one for one in self.coming if one not in coming]
        for one in coming:
            if not self._target_is_gone(one.prepared):
                self.show(one.prepared)

    def _target_is_gone(self, prepared: Prepared) -> bool:
        target = prepared.request["target"]
        return target is not None and self.said[RemoteId(target)].is_gone

    def show(self, prepared: Prepared) -> Receipt:
        known = self._known(prepared.key)
        if known is not None:
            return Receipt(known.remote_id, link_of(known.remote_id))
        target = prepared.request["target"]
        words = prepared.request["text"]
        number = RemoteId(f"ours-{len(self.log) + 1}")
        self._add(
            Said(
                number,
                ItemKind.POST if target is None else ItemKind.REPLY,
                f"{words} (sent from Acme)" if self.alters else words,
                self.clock.now(),
                None if target is None else RemoteId(target),
                by_us=True,
                key=prepared.key,
                since=self.clock.monotonic(),
            )
        )
        self.on_shown(self.slug, prepared)
        return Receipt(number, link_of(number))

    def _known(self, key: str) -> Said | None:
        """What this key made, where the network still knows it."""
        lasts = {Kind.KEYED: float("inf"), Kind.BLIND_KEYED: self.key_seconds}.get(self.kind, 0.0)
        now = self.clock.monotonic()
        made = (one for one in self.said.values() if one.key == key)
        return next((one for one in made if now - one.since < lasts), None)

    def look(self, prepared: Prepared) -> Receipt | ConnectorError | None:
        """What stands there of this request, as a look sees it now."""
        sight, self.sight = self.sight, Sight.CLEAR
        now = self.clock.now()
        match sight:
            case Sight.DOWN:
                return Unavailable("The network is down.")
            case Sight.BUSY:
                return RateLimited("Too fast.", until=Moment(now + 40 * SECOND))
            case Sight.NEVER_TELLS:
                return CannotTell("Something was deleted there.")
            case Sight.NOT_YET:
                again = Moment(now + 30 * SECOND)
                return CannotTell("The list is late.", look_again_at=again)
            case Sight.LAGGING if self.kind is Kind.LAGGING:
                listed = self.clock.monotonic() - SETTLE_SECONDS
            case _:
                listed = self.clock.monotonic()
        for one in self.ours(prepared.key):
            if one.since <= listed:
                return Receipt(one.remote_id, link_of(one.remote_id))
        return None


def change_it(network: PublicNetwork, said: Said, change: Change, text: str, words: str) -> bool:
    """False when nothing changed."""
    match change:
        case Change.TOGGLE:
            (network.restores if said.is_gone else network.deletes)(said.remote_id)
        case Change.EDIT if not said.is_gone and said.text != text:
            network.edits(said.remote_id, text)
        case Change.BY_HAND if not said.is_gone:
            network.says(words, by_us=True, parent=said.remote_id)
        case _:
            return False
    return True


_REFUSALS: dict[Weather, Callable[[], ConnectorError]] = {
    Weather.DOWN: lambda: Unavailable("The network is down."),
    Weather.REFUSED: lambda: Rejected("Links are not allowed here."),
    Weather.NO_SCOPE: lambda: PermissionMissing("The scope write is missing.", scope="write"),
    Weather.DEAD_TOKEN: lambda: AuthenticationFailed("The token was revoked. Renew it."),
}


def link_of(remote_id: RemoteId) -> str:
    return f"https://fakebook.example/{remote_id}"
