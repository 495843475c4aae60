"""Silence is noticed: once for each trouble, and its incident is over when it is.

Looked for once a minute (`bot.model.silence` says what). What is found opens an incident, a notice
that wakes nobody unless a policy takes notices, also where nobody is on call: its card lands where
everything does. When the trouble is gone, the desk resolves it. Whoever resolves it before is
believed for a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.model.account import Account, AccountState
from bot.model.due import DueRow, Lane
from bot.model.ids import DAY, MINUTE, BrandId, Moment
from bot.model.incident import Alert, AlertKind, Happened, Incident, IncidentState, Severity
from bot.model.oncall import OnCall
from bot.model.signal import bucket_of, end_of
from bot.model.silence import (
    AWAKE_FOR,
    BLIND_FOR,
    ENDS_WITHIN,
    FETCHES_MISSED,
    UNREAD_FOR,
    WAITS_FOR,
    Silence,
    cause_of,
    longest_pause,
)
from bot.services.alarms import Alarming, escalate_key, turned
from bot.services.page_due import tell_pages
from bot.store.tx import Tx

HOW = "The desk heard it again"
WEEK = 7 * DAY
BELIEVED_FOR = DAY
QUEUES = frozenset(Lane) - {Lane.ANALYTICS, Lane.STREAMS}
"""Lanes in which people would notice that something waits."""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found by whoever holds the row."""

    row: DueRow
    found: tuple[Alert, ...]


def troubles(tx: Tx, now: Moment, awake_since: Moment) -> tuple[Alert, ...]:
    """All there is now; reads only. `awake_since`: when whoever looks began to."""
    is_awake = now - awake_since >= AWAKE_FOR
    accounts = [one for one in tx.accounts.all() if one.state is not AccountState.SUSPENDED]
    found = [alert for one in accounts for alert in _of_account(tx, one, now, is_awake=is_awake)]
    if is_awake:
        found += [
            _alert(brand_id, silence, minutes)
            for silence, minutes in _of_desk(tx, now)
            for brand_id in dict.fromkeys(one.brand_id for one in accounts)
        ]
    return tuple(found)


def _of_account(tx: Tx, account: Account, now: Moment, *, is_awake: bool) -> Iterator[Alert]:
    if account.state is AccountState.PAUSED:
        if account.trouble:
            yield _alert(account.brand_id, Silence.TOKEN, 0, account)
        return
    if account.token_ends_at is not None and account.token_ends_at - now <= ENDS_WITHIN:
        yield _alert(account.brand_id, Silence.ENDING, 0, account)
    heard = account.last_heard_at
    if not is_awake or heard is None:
        return
    every = tx.silences.polled_every(account.id)
    patience = max(UNREAD_FOR, FETCHES_MISSED * (every or 0))
    if every is not None and now - heard > patience:
        yield _alert(account.brand_id, Silence.CONTACT, patience // MINUTE, account)
        return
    pause = longest_pause(tx.silences.heard(account.id, bucket_of(now - WEEK)), now)
    if pause is not None:
        yield _alert(account.brand_id, Silence.QUIET, pause // MINUTE, account)


def _of_desk(tx: Tx, now: Moment) -> Iterator[tuple[Silence, int]]:
    """With the minutes that the desk bears."""
    waiting = tx.silences.waiting_since(QUEUES, now)
    if waiting is not None and now - waiting > WAITS_FOR:
        yield Silence.QUEUE, WAITS_FOR // MINUTE
    judged = [one["detector"]["last_bucket"] for one in tx.signals.watches().values()]
    last = max((one for one in judged if one is not None), default=None)
    if last is not None and now - end_of(last) > BLIND_FOR:
        yield Silence.BLIND, BLIND_FOR // MINUTE


def _alert(
    brand_id: BrandId, silence: Silence, minutes: int, account: Account | None = None
) -> Alert:
    account_id = None if account is None else account.id
    return Alert(
        brand_id,
        AlertKind.SILENCE,
        cause_of(silence, account_id),
        Severity.NOTICE,
        account_id=account_id,
        minutes=minutes,
    )


class Silencing:
    def __init__(self, oncall: OnCall) -> None:
        self._alarming = Alarming(oncall)

    def keep(self, tx: Tx, commands: Sequence[Health]) -> list[bool]:
        """False for one that lost its lease."""
        return [self._keep(tx, command, tx.now()) for command in commands]

    def _keep(self, tx: Tx, command: Health, now: Moment) -> bool:
        if not tx.due.done(command.row):
            return False
        found = {(one.brand_id, one.cause): one for one in command.found}
        standing = _standing(tx)
        for key, incident in standing.items():
            if key not in found:
                _recovered(tx, incident, now)
        fresh = [
            alert
            for key, alert in found.items()
            if key not in standing and not _is_believed(tx, alert, now)
        ]
        self._alarming.sound(tx, fresh)
        return True


def _standing(tx: Tx) -> Mapping[tuple[BrandId, str], Incident]:
    return {
        (one.brand_id, one.cause): one
        for brand in tx.accounts.brands()
        for one in tx.incidents.open_in(brand.id)
        if one.kind is AlertKind.SILENCE
    }


def _is_believed(tx: Tx, alert: Alert, now: Moment) -> bool:
    """Somebody said lately that this is over."""
    settled = tx.silences.settled_at(alert.brand_id, alert.cause)
    return settled is not None and now - settled < BELIEVED_FOR


def _recovered(tx: Tx, incident: Incident, now: Moment) -> None:
    locked = tx.incidents.locked(incident.id)
    if not locked.is_open:
        return
    state = IncidentState.RESOLVED.value
    tx.incidents.note(incident.id, state=state, resolved_at=now, next_at=None)
    tx.due.drop(escalate_key(incident.id))
    tx.incidents.happened(incident.id, Happened.RESOLVED, now)
    tell_pages(tx, incident.id, now)
    turned(tx, incident, now, how=HOW)
