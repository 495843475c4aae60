"""Bulk: what one person decided about a cluster, done to each of its items as if by hand.

The decision is a row, carried out in small operations by a due row, each item through the very
service that its own button would call: the same checks, the same approval by hash, the same audit.
Replies leave at the pace of the network's limit, because every one of them is a publication. A
stop ends it, and calls off what has not left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.account import Account
from bot.model.bulk import ALL, Bulk, BulkState, BulkVerb, worded
from bot.model.commands import ModerationAction, Outcome
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import HOUR, BulkId, ItemId, Moment, PeakId
from bot.model.member import Role
from bot.model.peak import Cluster, RollKind
from bot.model.publication import PublicationState
from bot.services import approvals, handling, outcomes
from bot.services.deciding import Deciding, DeskRules, done, lacks_role, refused, taker_of
from bot.services.lines import Lines
from bot.services.sight import why_not_theirs
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

AT_ONCE = 25
"""Items in one operation: a person's press never waits behind more of them."""
SNOOZE = HOUR
_DOING: Mapping[BulkVerb, str] = {
    BulkVerb.TAKE: "Taking",
    BulkVerb.GIVE: "Giving",
    BulkVerb.CLOSE: "Closing",
    BulkVerb.SNOOZE: "Snoozing",
    BulkVerb.HIDE: "Hiding",
    BulkVerb.ANSWER: "Answering",
    BulkVerb.LIKE: "Liking",
    BulkVerb.OPEN: "Opening",
}
_BEGUN: Mapping[BulkVerb, str] = {
    BulkVerb.TAKE: marked("Taking {count}. You may stop it on this card."),
    BulkVerb.GIVE: marked("Giving {count}. You may stop it on this card."),
    BulkVerb.CLOSE: marked("Closing {count}. You may stop it on this card."),
    BulkVerb.SNOOZE: marked("Snoozing {count}. You may stop it on this card."),
    BulkVerb.HIDE: marked("Hiding {count}. You may stop it on this card."),
    BulkVerb.ANSWER: marked("Answering {count}. You may stop it on this card."),
    BulkVerb.LIKE: marked("Liking {count}. You may stop it on this card."),
    BulkVerb.OPEN: marked("Opening {count}, a few at a time. You may stop it on this card."),
}
_LEAVING: Mapping[BulkVerb, Callable[[Account], bool]] = {
    # in shadow an answer is recorded
    BulkVerb.ANSWER: lambda one: one.is_watch_only,
    BulkVerb.HIDE: lambda one: one.lets_nothing_leave,
    BulkVerb.LIKE: lambda one: one.lets_nothing_leave,
}
"""What would leave, and from which accounts it cannot."""
_APPROVERS = frozenset({BulkVerb.HIDE, BulkVerb.ANSWER})


def begin(deciding: Deciding, card: CardRow, command: c.BulkAct) -> Outcome:
    """Write the decision down; the work follows by itself."""
    if command.verb in _APPROVERS:
        objection = lacks_role(deciding, Role.APPROVER)
        if objection is not None:
            return objection
    if command.verb is BulkVerb.ANSWER and not worded(command.text, "", 0):
        return refused("There is no text to answer with. Write one.")
    if command.verb is BulkVerb.GIVE:
        taker = taker_of(deciding, command.text)
        if isinstance(taker, Outcome):
            return taker
        hidden = why_not_theirs(deciding, taker, card)
        if hidden:
            return refused(hidden)
    tx, peak_id = deciding.tx, PeakId(card.subject_id)
    if command.verb is BulkVerb.ANSWER and tx.crises.on(card.brand_id) is not None:
        return refused("Crisis mode is on: many are not answered at once. Answer each by itself.")
    cluster = _cluster(tx, peak_id, command.cluster)
    if cluster is None or not cluster.undecided:
        return refused("Nothing of this is undecided any more. Look at the card again.")
    if any(one.cluster == cluster.key for one in tx.bulks.running(peak_id)):
        return refused("Somebody is at these already. Wait until that is done, or stop it.")
    silent = _silent(tx, peak_id, command.verb)
    if silent:
        says = "Nothing leaves from {accounts}, so nothing of this is begun."
        return refused(deciding.speech.say(says, accounts=", ".join(silent)))
    pair = (cluster.key, cluster.label)
    number = tx.bulks.add(
        peak_id, deciding.identity, command.verb, pair, command.text, deciding.now
    )
    key, arg = f"bulk:{number}", {"bulk": number}
    tx.due.add([NewDue("bulk", key, Lane.CARDS, deciding.now, arg, max_attempts=NEVER_DEAD)])
    doing = _DOING[command.verb].lower()
    _sign(deciding, card, EventKind.BULK_BEGUN, f"began {doing} {cluster.label!r}")
    deciding.audit(
        "bulk_begun",
        card,
        text=command.text or None,
        bulk=number,
        verb=command.verb.value,
        cluster=cluster.key,
    )
    return done(deciding.speech.say(_BEGUN[command.verb], count=cluster.undecided))


def _silent(tx: Tx, peak_id: PeakId, verb: BulkVerb) -> list[str]:
    """The accounts that all of it came to, where none of them could do it; else nothing."""
    if verb not in _LEAVING:
        return []
    met = [tx.accounts.get(one) for one in sorted(tx.peaks.accounts(peak_id))]
    may = [one for one in met if not _LEAVING[verb](one)]
    return [] if may else [one.slug for one in met]


def _cluster(tx: Tx, peak_id: PeakId, key: str) -> Cluster | None:
    if key == ALL:
        waiting = tx.peaks.count_quiet(peak_id)
        kind = tx.peaks.get(peak_id).rolling.kind
        label = "Advertising" if kind is RollKind.SPAM else "No reply needed"
        return Cluster(ALL, label, waiting, waiting)
    return next((one for one in tx.peaks.clusters(peak_id) if one.key == key), None)


def stop(deciding: Deciding, card: CardRow, command: c.StopBulk) -> Outcome:
    """Nothing more is begun, and replies that have not left are called off."""
    tx = deciding.tx
    bulk = tx.bulks.maybe(BulkId(command.bulk))
    if bulk is None or bulk.peak_id != card.subject_id:
        return refused("There is no such work any more.")
    if bulk.actor != deciding.identity:
        objection = lacks_role(deciding, Role.APPROVER)
        if objection is not None:
            return objection
    called_off = halt(deciding, bulk.id)
    return done(
        deciding.speech.plural(
            "Stopped after {acted}; {count} reply was called off.",
            "Stopped after {acted}; {count} replies were called off.",
            called_off,
            acted=bulk.acted,
        )
    )


def halt(deciding: Deciding, number: BulkId) -> int:
    """How many replies were called off; what has left stays where it is."""
    tx = deciding.tx
    bulk = tx.bulks.maybe(number)
    if bulk is None:
        return 0
    if bulk.state is BulkState.RUNNING:
        tx.bulks.note(bulk.id, state=BulkState.STOPPED.value)
    tx.due.drop(f"bulk:{bulk.id}")
    called_off = sum(_call_off(deciding, item_id) for item_id in tx.bulks.items(bulk.id))
    card = tx.cards.of(CardKind.PEAK, bulk.peak_id)
    _sign(deciding, card, EventKind.BULK_ENDED, "stopped the work on these")
    deciding.audit("bulk_stopped", card, bulk=bulk.id, called_off=called_off)
    return called_off


def _call_off(deciding: Deciding, item_id: ItemId) -> bool:
    publication = deciding.tx.publications.latest_of_item(item_id)
    if publication is None or publication.state is not PublicationState.QUEUED:
        return False
    trouble = f"Stopped by {deciding.member.name}."
    return outcomes.given_up(
        deciding.tx, publication, PublicationState.CANCELLED, deciding.now, trouble=trouble
    )


def _answer(deciding: Deciding, card: CardRow, bulk: Bulk) -> Outcome:
    whole = deciding.tx.items.whole(ItemId(card.subject_id))
    assert whole is not None
    text = worded(bulk.text, whole.author.display_name, card.subject_id)
    outcome = approvals.approve(deciding, card, text)
    if outcome.is_done:
        deciding.tx.bulks.answered(bulk.id, ItemId(card.subject_id))
    return outcome


Act = Callable[[Deciding, CardRow, Bulk], Outcome]
_ACTS: Mapping[BulkVerb, Act] = {
    BulkVerb.TAKE: lambda d, card, _: handling.take(d, card),
    BulkVerb.GIVE: lambda d, card, bulk: handling.give_to(d, card, bulk.text),
    BulkVerb.CLOSE: lambda d, card, _: handling.no_reply_needed(d, card),
    BulkVerb.SNOOZE: lambda d, card, _: handling.snooze(
        d, card, c.Snooze(card.token, card.revision, Moment(d.now + SNOOZE))
    ),
    BulkVerb.HIDE: lambda d, card, _: handling.moderate(d, card, ModerationAction.HIDE),
    BulkVerb.ANSWER: _answer,
    BulkVerb.LIKE: lambda d, card, _: handling.moderate(d, card, ModerationAction.LIKE),
    BulkVerb.OPEN: lambda d, card, _: handling.reopen(d, card),
}


class BulkWork:
    def __init__(self, lines: Lines, rules: DeskRules) -> None:
        self._lines = lines
        self._rules = rules

    def carry_on(self, tx: Tx, rows: Sequence[DueRow]) -> list[None]:
        """The next items of each bulk; the last of them ends it."""
        for row in rows:
            number = BulkId(row.arg["bulk"])
            brand_id = tx.bulks.answers_for(number)
            if brand_id is not None:
                # a crisis that is beginning has counted the works on many already
                tx.crises.wait_out(brand_id)
            bulk = tx.bulks.maybe(number)
            if bulk is None or bulk.state is not BulkState.RUNNING:
                tx.due.done(row)
                continue
            many, wait = self._pace(bulk)
            if tx.due.again(row, wait, counts=False):
                self._carry_on(tx, row, bulk, many)
        return [None] * len(rows)

    def _pace(self, bulk: Bulk) -> tuple[int, int]:
        """Items at once, and milliseconds until the next: cards stay below the rate of a peak."""
        if bulk.verb is not BulkVerb.OPEN:
            return AT_ONCE, 0
        rule = self._rules.peaks
        return max(1, (rule.in_channel or AT_ONCE) // 2), rule.window

    def _carry_on(self, tx: Tx, row: DueRow, bulk: Bulk, many: int) -> None:
        member = tx.people.who(bulk.actor)
        if bulk.cluster == ALL:
            items = tx.peaks.quiet(bulk.peak_id, bulk.after, many)
        else:
            items = tx.peaks.undecided(bulk.peak_id, bulk.cluster, bulk.after, many)
        answers = bulk.verb is BulkVerb.ANSWER
        if member is None or not items or (answers and tx.crises.on(member.brand_id)):
            self._end(tx, row, bulk)
            return
        deciding = Deciding(tx, member, bulk.actor, tx.now(), self._lines, self._rules)
        acted = sum(self._act(deciding, bulk, item_id) for item_id in items)
        tx.bulks.note(
            bulk.id,
            after=items[-1],
            acted=bulk.acted + acted,
            refused=bulk.refused + len(items) - acted,
        )
        if len(items) < many:
            self._end(tx, row, bulk)

    def _act(self, deciding: Deciding, bulk: Bulk, item_id: ItemId) -> bool:
        deciding.tx.cards.lock_of(CardKind.ITEM, item_id)
        card = deciding.tx.cards.of(CardKind.ITEM, item_id)
        outcome = _ACTS[bulk.verb](deciding, card, bulk)
        if outcome.is_done and bulk.cluster == ALL and bulk.verb is BulkVerb.HIDE:
            outcome = handling.no_reply_needed(deciding, card)
        return outcome.is_done

    def _end(self, tx: Tx, row: DueRow, bulk: Bulk) -> None:
        tx.bulks.note(bulk.id, state=BulkState.DONE.value)
        tx.due.drop(row.key)
        peak, now = tx.peaks.get(bulk.peak_id), tx.now()
        how = f"The desk finished {_DOING[bulk.verb].lower()} {bulk.label!r}"
        tx.cards.turn(CardKind.PEAK, peak.id, now, how=how)
        tx.events.add(EventKind.BULK_ENDED, peak.brand_id, Subject.PEAK, peak.id, now)


def _sign(deciding: Deciding, card: CardRow, kind: EventKind, how: str) -> None:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    tx.cards.turn(CardKind.PEAK, card.subject_id, now, how=how, by=member.id)
    tx.events.add(
        kind, member.brand_id, Subject.PEAK, card.subject_id, now, member_id=member.id, how=how
    )
