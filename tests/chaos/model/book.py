"""What people decided, written down beside the desk and never asked of it.

A yes names the words, the text they answer and the account, as its giver saw them. When enough
have said it and the desk says that it goes out, that is a grant: leave for one text to become
visible once. A grant ends when a person calls it off. It is excused when the world changed under
it: then it may come to nothing, but what was approved of the old world may not leave any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.model.commands import HoldKind
from bot.model.ids import Moment, RemoteId
from bot.model.publication import Prepared


class Broken(AssertionError):
    """A promise of the desk was broken."""


@dataclass(slots=True)
class Grant:
    """`target` None is a post. `keys` are the writes that left for it."""

    token: str
    account: str
    target: RemoteId | None
    answers: str
    """The text of the comment, as it stood on the card that was approved."""
    words: str
    not_before: Moment
    expires: Moment | None = None
    keys: set[str] = field(default_factory=set)
    moves: bool = False
    """Its time was moved since it last left: its write is prepared anew, under another key."""
    is_late: bool = False
    """Its time passed while posts were paused: it waits until somebody says another one."""
    ended: str = ""
    excused: str = ""
    visible: int = 0

    @property
    def hold(self) -> HoldKind:
        return HoldKind.POSTS if self.target is None else HoldKind.REPLIES


@dataclass(frozen=True, slots=True)
class Known:
    """How the desk knows the world when a request leaves it."""

    now: Moment
    is_live: bool
    text: str = ""
    is_gone: bool = False


@dataclass(slots=True)
class Book:
    needed: int = 1
    yeses: dict[tuple[str, str, str, str], set[str]] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    holds: set[tuple[HoldKind, str | None]] = field(default_factory=set)
    watch_only: set[str] = field(default_factory=set)
    shadow: set[str] = field(default_factory=set)
    doomed: set[str] = field(default_factory=set)
    """Cards whose comment somebody said to remove; a worker will, and calls off what waits."""

    # Deciding

    def yes(self, grant: Grant, member: str) -> int:
        """How many have said it now."""
        given = self.yeses.setdefault(_key(grant), set())
        given.add(member)
        return len(given)

    def goes_out(self, grant: Grant, needed: int) -> None:
        """The desk says that enough have said yes."""
        given = self.yeses.get(_key(grant), set())
        if len(given) < needed:
            raise Broken(f"{grant} goes out with the yes of {given}, and needs {needed}")
        self.excuse(grant.token, "another version was approved")
        self.grants.append(grant)
        if grant.token in self.doomed:
            grant.excused = "the comment is to be removed"
        if grant.account in self.shadow:
            grant.ended = "it was approved in shadow"

    def end(self, token: str, why: str) -> None:
        """Somebody called it off: its yeses go with it."""
        for grant in self.of(token):
            grant.ended = grant.ended or why
            self.yeses.pop(_key(grant), None)

    def excuse(self, token: str, why: str) -> None:
        for grant in self.of(token):
            grant.excused = grant.excused or why

    def changed(self, account: str, target: RemoteId, why: str) -> None:
        """Something happened on the network to what it answers."""
        for grant in self.grants:
            if (grant.account, grant.target) == (account, target):
                grant.excused = grant.excused or why

    def shadowed(self, account: str) -> None:
        """What was approved before may be recorded now, or leave once the account is live again."""
        self.shadow.add(account)
        for grant in self.grants:
            if grant.account == account:
                grant.excused = grant.excused or "its account was in shadow"

    def of(self, token: str) -> Iterator[Grant]:
        return (grant for grant in self.grants if grant.token == token)

    def is_held(self, grant: Grant) -> bool:
        return self._is_paused(grant) or grant.account in self.watch_only | self.shadow

    def unpaused(self, kind: HoldKind, account: str | None, now: Moment) -> None:
        paused = [one for one in self.grants if one.hold is HoldKind.POSTS and self._is_paused(one)]
        self.holds.discard((kind, account))
        for grant in paused:
            if grant.not_before <= now and not self._is_paused(grant):
                grant.is_late = True

    def _is_paused(self, grant: Grant) -> bool:
        return bool({(grant.hold, None), (grant.hold, grant.account)} & self.holds)

    # Judging

    def leaves(self, account: str, prepared: Prepared, known: Known) -> None:
        """A request is about to be made: exactly this must have been approved, and stand."""
        fits = self._fitting(account, prepared)
        objections = [(self._objection(grant, known), grant) for grant in fits]
        for objection, grant in objections:
            if not objection:
                grant.keys.add(prepared.key)
                grant.moves = False
                return
        why = [f"{objection}: {grant}" for objection, grant in objections]
        raise Broken(f"{prepared.request} leaves for {account}: {why or 'nobody approved it'}")

    def _fitting(self, account: str, prepared: Prepared) -> list[Grant]:
        """That it left for before, or those that nothing left for yet."""
        fits = [
            grant
            for grant in self.grants
            if (grant.account, grant.target, grant.words)
            == (account, prepared.request["target"], prepared.request["text"])
        ]
        known = [grant for grant in fits if prepared.key in grant.keys]
        return known or [grant for grant in fits if grant.moves or not grant.keys]

    def _objection(self, grant: Grant, known: Known) -> str:
        if grant.ended:
            return grant.ended
        if grant.target is not None and (known.is_gone or known.text != grant.answers):
            return f"what it answers is not what was shown ({known.text!r})"
        if self.is_held(grant) or not known.is_live:
            return f"it is held ({self.holds}, {self.watch_only | self.shadow}, {known.is_live})"
        if grant.is_late and not grant.keys:
            return "its time passed while it was paused, and nobody said what becomes of it"
        if known.now < grant.not_before:
            return f"{grant.not_before - known.now} ms too early"
        if grant.expires is not None and known.now > grant.expires:
            return "its time has passed"
        return ""

    def shown(self, account: str, prepared: Prepared) -> None:
        """The network made a text of ours visible."""
        for grant in self.grants:
            if prepared.key in grant.keys:
                grant.visible += 1
                self.yeses.pop(_key(grant), None)
                if grant.visible > 1:
                    raise Broken(f"{grant.words!r} stands {grant.visible} times on {account}")
                return
        raise Broken(f"{prepared.request} became visible and never left")


def _key(grant: Grant) -> tuple[str, str, str, str]:
    return grant.token, grant.account, grant.answers, grant.words
