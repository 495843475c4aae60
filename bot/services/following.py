"""The answer to our answer: whoever writes again comes back to whoever answered them last.

    stands below a reply of ours                          answers it, whoever wrote it
    same author, same conversation, answered before       answers that

Both texts stand on the card of the new item. It goes back to the member who answered, while they
still are one who may and are not away; what the rules set aside, as plain thanks, disturbs nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.model.event import EventKind, Subject
from bot.model.ids import ItemId, Moment
from bot.model.item import Item, ItemState
from bot.model.member import Member, Role
from bot.model.triage import Triage
from bot.store.tx import Tx


def follow(
    tx: Tx,
    found: Sequence[tuple[Item, Triage]],
    followed: Mapping[ItemId, ItemId],
    now: Moment,
) -> None:
    """Note what these answer again; those that want a reply go back to who gave the last one."""
    again = [(item, triage) for item, triage in found if item.id in followed]
    if not again:
        return
    tx.followings.save([(item.id, followed[item.id]) for item, _triage in again])
    wanting = [item for item, triage in again if triage.needs_reply and item.state is ItemState.NEW]
    answerers = tx.followings.answerers({followed[item.id] for item in wanting})
    for item in wanting:
        number = answerers.get(followed[item.id])
        member = None if number is None else tx.people.get(number)
        if member is None or not _takes_work(member, now):
            continue
        if tx.followings.give_back(item.id, member.id):
            how = f"came back to {member.name}, who answered before"
            tx.events.add(
                EventKind.ITEM_ASSIGNED, item.brand_id, Subject.ITEM, item.id, now, how=how
            )


def _takes_work(member: Member, now: Moment) -> bool:
    is_here = member.is_active and not member.is_away(now)
    return is_here and member.role.includes(Role.AGENT)
