"""Measuring: what people do with a post, and how far it will go.

One recurring row for each account whose network tells counts; it is put off to the next post that
is due (`bot.model.engagement.next_look`), at most five minutes, so that a new post is seen while it
is young. A look asks after as many posts as are due, within the account's limits.

What is expected of a post stands on the cards of what is written below it, and those that are open
are redrawn without a new revision: nobody's press becomes stale by it. A post that left all of its
account's past behind in its first hour is a notice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.detection.outlook import Outlook
from bot.model.due import DueRow
from bot.model.engagement import FINAL_AGE, SAMPLES, Engagement, Reactions, expect
from bot.model.engagement import next_look as pause_after
from bot.model.ids import AccountId, ItemId, Moment, RemoteId
from bot.model.incident import Alert, AlertKind, Severity
from bot.model.oncall import OnCall
from bot.services.alarms import Alarming
from bot.services.measure_due import LONGEST
from bot.store.items import WholeItem
from bot.store.tx import Tx

WATCHED = 25
"""Newest posts and threads of an account that are looked for."""
AT_ONCE = 10
"""Posts that one look asks after."""
SHORTEST = 30_000
"""Milliseconds between two looks of an account, at least."""
PAST_NEEDED = 5
"""Posts whose end is known, before one may be called greater than all of them."""


def due_posts(tx: Tx, account_id: AccountId, now: Moment) -> list[RemoteId]:
    """Those that were never counted, then those whose time has come."""
    posts = tx.publications.own_posts(account_id)
    threads = tx.items.watched_threads(account_id)
    watched = list(dict.fromkeys([*posts, *threads]))[:WATCHED]
    known = tx.engagements.of(account_id, watched)
    new = [post for post in watched if post not in known]
    again = [one.remote_id for one in tx.engagements.waiting(account_id) if one.next_at is not None
             and one.next_at <= now]  # fmt: skip
    return [*new, *again][:AT_ONCE]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was asked and what the network told; a post that is left out is not shown any more."""

    row: DueRow
    account_id: AccountId
    asked: tuple[RemoteId, ...]
    found: Mapping[RemoteId, Reactions]


class Measuring:
    def __init__(self, oncall: OnCall) -> None:
        self._alarming = Alarming(oncall)

    def keep(self, tx: Tx, commands: Sequence[Measured]) -> list[bool]:
        """False for one that lost its lease."""
        return [self._keep(tx, command, tx.now()) for command in commands]

    def _keep(self, tx: Tx, command: Measured, now: Moment) -> bool:
        account_id = command.account_id
        before = tx.engagements.of(account_id, command.asked)
        finals = tx.engagements.finals(account_id, FINAL_AGE)
        counted = [
            _counted(account_id, post, seen, before.get(post), finals, now)
            for post, seen in command.found.items()
        ]
        if not self._again(tx, command.row, counted, now):
            return False
        tx.engagements.keep(counted)
        tx.engagements.gone(account_id, [one for one in command.asked if one not in command.found])
        for one in counted:
            if one.told(now) != (
                before[one.remote_id].told(now) if one.remote_id in before else None
            ):
                self._tell(tx, one, finals, now)
        return True

    def _again(self, tx: Tx, row: DueRow, counted: Sequence[Engagement], now: Moment) -> bool:
        waiting = tx.engagements.waiting(AccountId(row.arg["account"]))
        soonest = [one.next_at - now for one in (*waiting, *counted) if one.next_at is not None]
        wait = max(SHORTEST, min([LONGEST, *soonest]))
        return tx.due.again(row, wait, counts=False)

    def _tell(self, tx: Tx, one: Engagement, finals: Sequence[int], now: Moment) -> None:
        below = tx.engagements.under(one.account_id, one.remote_id)
        tx.due.add(tx.card_refs.due_again(CardKind.ITEM, below, now))
        if one.expected is not None and _stands_out(one.expected, finals):
            brand_id = tx.accounts.get(one.account_id).brand_id
            alert = Alert(
                brand_id, AlertKind.VIRAL, f"viral:{one.account_id}:{one.remote_id}"[:80],
                Severity.NOTICE, tuple(reversed(below)), one.account_id,
                count=one.reactions.total, reach=one.reactions.views or 0,
            )  # fmt: skip
            self._alarming.sound(tx, [alert])


def _stands_out(expected: Outlook, finals: Sequence[int]) -> bool:
    return len(finals) >= PAST_NEEDED and expected.already > max(finals)


def _counted(
    account_id: AccountId,
    post: RemoteId,
    seen: Reactions,
    before: Engagement | None,
    finals: Sequence[int],
    now: Moment,
) -> Engagement:
    age = max(0, now - seen.published_at)
    earlier = () if before is None else before.samples
    samples = (*earlier, (age, seen.total))[-SAMPLES:]
    pause = pause_after(age, samples)
    expected = expect(age, samples, finals) or (None if before is None else before.expected)
    next_at = None if pause is None else Moment(now + pause)
    return Engagement(account_id, post, seen, now, next_at, samples, expected)


def spreading(tx: Tx, wholes: Collection[WholeItem], now: Moment) -> dict[ItemId, Engagement]:
    """Of the posts that these stand below, or are: those of which something can be told."""
    posts: dict[AccountId, set[RemoteId]] = {}
    for whole in wholes:
        posts.setdefault(whole.item.account_id, set()).add(whole.thread_remote_id)
    known = {account: tx.engagements.of(account, found) for account, found in posts.items()}
    found = {}
    for whole in wholes:
        one = known[whole.item.account_id].get(whole.thread_remote_id)
        if one is not None and one.told(now) is not None:
            found[whole.item.id] = one
    return found
