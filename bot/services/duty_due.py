"""The due row of a member's shifts; apart, because every start reads who settles in."""

from __future__ import annotations

from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import MemberId, Moment


def duty_due(member_id: MemberId, at: Moment) -> NewDue:
    arg = {"member": member_id}
    return NewDue("duty", f"duty:{member_id}", Lane.CARDS, at, arg, max_attempts=NEVER_DEAD)
