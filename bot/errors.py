"""What can go wrong; the class of an error is what its catcher must do about it.

    ReplydeskError
    |- ConfigurationError          say it and stop: the person at the keyboard mends it
    |- StoreError
    |  |- StoreUnavailable         nothing was committed; do not acknowledge, try again
    |  |- StoreFull                the disk is full; nothing was committed
    |  |- StoreCorrupt             stop; restore a backup
    |  |- SchemaMismatch           the data and the code are of different versions
    |  `- AlreadyRunning           another desk holds this file
    |- AnswersRefused              say at each answer what is wrong with it
    |- SignatureInvalid            a hook that its network did not sign: 401, count it
    |- HookMalformed               a hook that cannot be read: 400, count it
    |- DraftingFailed              the drafter gave nothing; fall back to templates
    |- CoordinationLost            Redis does not answer: go on without it, the other way
    `- ConnectorError
       |- AuthenticationFailed     pause the account and ask for a new token
       |- PermissionMissing        say which scope is missing
       |- RateLimited              wait exactly until then
       |- Unavailable              nothing was sent; back off and try again
       |- Rejected                 the network refused; show its reason on the card
       |- TargetGone               what we would answer is gone; close
       |- OutcomeUnknown           it may have happened: look first, never resend blindly
       |- CannotTell               looking did not help: look again later, or ask a person
       `- UnexpectedResponse       keep the payload, tell; a write is then unknown

The message of each is a sentence for a person: what happened and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping


class ReplydeskError(Exception):
    """Root of everything the desk raises on purpose."""


class ConfigurationError(ReplydeskError):
    """The settings cannot be used as they are; the message says which and how to mend them."""


class AnswersRefused(ReplydeskError):
    """What a person wrote down to connect an account does not pass; `problems` by question."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class StoreError(ReplydeskError):
    """The database did not do what it was asked."""


class StoreUnavailable(StoreError):
    """Busy, locked or out of reach: nothing was committed, the same call may be made again."""


class StoreFull(StoreError):
    """No room on the disk: nothing was committed."""


class StoreCorrupt(StoreError):
    """The database file is damaged or is not ours."""


class SchemaMismatch(StoreError):
    """The database was written by a newer desk, or has not been migrated yet."""


class AlreadyRunning(StoreError):
    """Another process holds the lock beside the SQLite file."""


class SignatureInvalid(ReplydeskError):
    """A webhook whose signature does not prove its sender, or that is too old to be believed."""


class HookMalformed(ReplydeskError):
    """A webhook that cannot be read as what its network documents."""


class DraftingFailed(ReplydeskError):
    """No usable draft came; the message says why, and the caller falls back."""


class CoordinationLost(ReplydeskError):
    """Redis did not answer, or refused: whatever was asked may or may not have been done there."""


class ConnectorError(ReplydeskError):
    """A network did not do what it was asked."""


class AuthenticationFailed(ConnectorError):
    """The token is wrong, expired or revoked: nothing works until a person renews it."""


class PermissionMissing(ConnectorError):
    """The token is good but may not do this.

    `scope` is the network's own name of what is missing.
    """

    def __init__(self, message: str, *, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class RateLimited(ConnectorError):
    """Too many requests; nothing was done.

    `until` is the moment (UTC milliseconds) the network named, or None when it named none.
    """

    def __init__(self, message: str, *, until: int | None = None) -> None:
        super().__init__(message)
        self.until = until


class Unavailable(ConnectorError):
    """It is proved that nothing was sent or done; try again after a back-off."""


class Rejected(ConnectorError):
    """The network understood and refused for good; the reason is the network's own words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TargetGone(ConnectorError):
    """What we answer or act upon is no longer there."""


class OutcomeUnknown(ConnectorError):
    """The request may have been carried out; only looking can tell."""


class CannotTell(ConnectorError):
    """A look that proved neither presence nor absence.

    `look_again_at` is a moment in UTC milliseconds, or None when looking will never help.
    """

    def __init__(self, message: str, *, look_again_at: int | None = None) -> None:
        super().__init__(message)
        self.look_again_at = look_again_at


class UnexpectedResponse(ConnectorError):
    """An answer that the vendor's documents do not describe; `payload` keeps (a piece of) it."""

    def __init__(self, message: str, *, payload: str = "") -> None:
        super().__init__(message)
        self.payload = payload[:2000]
