"""What a team made of a drill, read from what the desk wrote down anyway.

    acknowledge   30 points   from the first alarm to the first who said that they are at it
    statement     20 points   from the first alarm until words of a holding statement are public
    answers       30 points   of the comments that wait for an answer, how many have one
    care          20 points   5 less for each mistake

A time in its target has all its points; they shrink evenly to none at three times the target. What
could not be had (no alarm, nothing that waits for an answer) costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.cards.kinds import CardKind
from bot.model.drill import DrillScore, Expects, Mistake, MistakeKind, Part, Storm, StormLine
from bot.model.event import Subject
from bot.model.ids import AccountId, ItemId, MemberId, Moment, RemoteId
from bot.model.incident import Happened, Incident
from bot.model.item import Item
from bot.model.publication import Publication, PublicationState
from bot.model.text import excerpt
from bot.store.audits import AuditRow
from bot.store.tx import Tx

ACKNOWLEDGE, STATEMENT, ANSWERS, CARE = 30, 20, 30, 20
EACH_MISTAKE = 5
GONE_AT = 3
"""So many times the target is worth nothing."""
_K = MistakeKind


@dataclass(frozen=True, slots=True)
class Drill:
    """One that runs: what was said under which remote id of which account."""

    storm: Storm
    account_id: AccountId
    begun_at: Moment
    said: Mapping[RemoteId, StormLine]


def score(tx: Tx, drill: Drill) -> DrillScore:
    storm, arrived = drill.storm, _arrived(tx, drill)
    items = {item.id: item for item, _line in arrived}
    wanted = [item for item, line in arrived if line.expects is Expects.ANSWER]
    public = {
        item_id: one
        for item_id, one in tx.publications.latest_of_items(set(items)).items()
        if one.state is PublicationState.PUBLISHED
    }
    answered = [item for item in wanted if item.id in public]
    alarm = _first_alarm(tx, set(items))
    acknowledged = None if alarm is None else _acknowledged(tx, alarm)
    since = None if alarm is None else alarm.opened_at
    taken = None if since is None or acknowledged is None else acknowledged[0] - since
    told = _statement_after(tx, storm, public, since)
    mistakes = tuple(_mistakes(tx, arrived, public, storm))
    return DrillScore(
        storm=storm,
        begun_at=drill.begun_at,
        comments=len(arrived),
        alarmed_at=since,
        acknowledged_after=taken,
        acknowledged_by="" if acknowledged is None else _name(tx, acknowledged[1]),
        statement_after=told,
        wanted=len(wanted),
        answered=len(answered),
        mistakes=mistakes,
        acknowledge=_in_time(ACKNOWLEDGE, taken, storm.acknowledge_within, is_asked=bool(alarm)),
        statement=_in_time(
            STATEMENT, told, storm.statement_within, is_asked=bool(alarm and storm.statements)
        ),
        answers=Part(_share(ANSWERS, len(answered), len(wanted)), ANSWERS),
        care=Part(max(0, CARE - EACH_MISTAKE * len(mistakes)), CARE),
    )


def _arrived(tx: Tx, drill: Drill) -> list[tuple[Item, StormLine]]:
    known = tx.items.known(drill.account_id, list(drill.said))
    return [(known[key], line) for key, line in drill.said.items() if key in known]


def lay_statements(tx: Tx, commands: Sequence[tuple[Storm, Moment]]) -> list[None]:
    """The storm's holding statements are at hand, until then, as if the team had agreed on them."""
    for storm, expires_at in commands:
        now, brand = tx.now(), tx.accounts.brands()[0]
        owner, *others = tx.people.of_brand(brand.id)
        for one in storm.statements:
            number = tx.holding.add(
                brand.id, one.name, one.language, one.text, owner.id, now, expires_at
            )
            tx.cards.add(brand.id, CardKind.STATEMENT, [number], now)
            approver = others[0] if others else owner
            tx.holding.note(number, approved_by=approver.id, approved_at=now)
    return [None] * len(commands)


# Times


def _first_alarm(tx: Tx, items: set[ItemId]) -> Incident | None:
    found = [tx.incidents.get(one) for one in tx.incidents.of_items(sorted(items))]
    return min(found, key=lambda one: one.opened_at, default=None)


def _acknowledged(tx: Tx, incident: Incident) -> tuple[Moment, MemberId | None] | None:
    """By the timeline: one that fires again forgets who was first."""
    for entry in tx.incidents.timeline(incident.id):
        if entry.what is Happened.ACKNOWLEDGED:
            return entry.at, entry.member_id
    return None


def _statement_after(
    tx: Tx, storm: Storm, public: Mapping[ItemId, Publication], since: Moment | None
) -> int | None:
    if since is None:
        return None
    moments = [
        _left_at(tx, one)
        for one in public.values()
        if any(words.text in one.text for words in storm.statements)
    ]
    return max(0, min(moments) - since) if moments else None


def _left_at(tx: Tx, publication: Publication) -> Moment:
    attempt = tx.publications.attempts(publication.id)[-1]
    return attempt.ended_at or attempt.started_at


def _in_time(most: int, taken: int | None, target: int, *, is_asked: bool) -> Part:
    if not is_asked:
        return Part(most, most)
    if taken is None:
        return Part(0, most)
    late = (taken - target) / (target * (GONE_AT - 1))
    return Part(round(most * min(1.0, max(0.0, 1.0 - late))), most)


def _share(most: int, done: int, of: int) -> int:
    return most if not of else round(most * done / of)


# Mistakes


def _mistakes(
    tx: Tx,
    arrived: list[tuple[Item, StormLine]],
    public: Mapping[ItemId, Publication],
    storm: Storm,
) -> Iterator[Mistake]:
    acts = _acts(tx, [item.id for item, _line in arrived])
    for item, line in arrived:
        reply = public.get(item.id)
        if reply is not None:
            who = _approver(tx, acts.get(item.id, []))
            if line.expects is Expects.SILENCE:
                yield Mistake(_K.WRONG_APPROVAL, item.id, who, excerpt(reply.text, 80))
            for word in storm.banned:
                if has_word(reply.text, word):
                    yield Mistake(_K.BANNED_WORD, item.id, who, word)
        native = tx.items.native_reply(item.id)
        if native is not None:
            yield Mistake(_K.UNAPPROVED, item.id, says=excerpt(native, 80))
        elif line.expects is Expects.ANSWER and item.id not in acts:
            yield Mistake(_K.UNSEEN, item.id, says=excerpt(item.text, 80))


def has_word(text: str, word: str) -> bool:
    """Whole, in whatever case; `word` may be several."""
    return re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", text.casefold()) is not None


def _acts(tx: Tx, items: list[ItemId]) -> dict[ItemId, list[AuditRow]]:
    """What people did about each, oldest first."""
    found: dict[ItemId, list[AuditRow]] = {}
    for row in tx.audits.about(Subject.ITEM, items):
        if row.member_id is not None:
            found.setdefault(ItemId(row.subject_id), []).append(row)
    return found


def _approver(tx: Tx, acts: list[AuditRow]) -> str:
    said = [row.member_id for row in acts if row.action == "approved"]
    return _name(tx, said[-1]) if said else ""


def _name(tx: Tx, member_id: MemberId | None) -> str:
    return "" if member_id is None else tx.people.get(member_id).name
