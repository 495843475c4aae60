"""What whoever leads an incident may do though their role is less: hold, but not let go.

At night there may be no manager awake. Crisis mode holds and publishes nothing, so the lead of an
incident for which people are paged may start it; what ends it lets things leave again, and that
stays with the role that the matrix says.
"""

from __future__ import annotations

from bot.model import commands as c
from bot.model.commands import Command, Outcome
from bot.model.incident import Severity
from bot.model.member import Role
from bot.services.deciding import REQUIRED, Deciding, lacks_role, refused, who_can

LEADS_MAY = frozenset({c.ProposeCrisis, c.StartCrisis, c.DropCrisis})
LEADS_FROM = Severity.HIGH


def objection_to(deciding: Deciding, command: type[Command]) -> Outcome | None:
    """A refusal that says who can, or None when the member may."""
    objection = lacks_role(deciding, REQUIRED[command])
    if objection is None or command not in LEADS_MAY:
        return objection
    if _leads(deciding):
        return None
    say = deciding.speech.say
    says = say(
        "Your role here is {role}; this takes a manager, or whoever leads an open incident of "
        "severity 1 or 2. Ask {names}.",
        role=say(deciding.member.role.value),
        names=who_can(deciding, REQUIRED[command]),
    )
    return refused(says)


def _leads(deciding: Deciding) -> bool:
    member = deciding.member
    return member.role.includes(Role.AGENT) and any(
        one.lead_id == member.id and one.severity <= LEADS_FROM
        for one in deciding.tx.incidents.open_in(member.brand_id)
    )
