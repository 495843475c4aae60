"""The team, changed from a chat or the console: members are added, get another role, are suspended.

It takes effect at once and outlives a start. The configuration stays the truth about whom it names:
they are changed there alone. Somebody must be left who can change the team, and a team that could
never give the approvals that the policies ask for is refused with the sum.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.model import commands as c
from bot.model.commands import Outcome, OutcomeKind
from bot.model.event import EventKind, Subject
from bot.model.ids import BrandId
from bot.model.member import ChatIdentity, Member, Role
from bot.model.text import slugified
from bot.services.audiences import look_again
from bot.services.deciding import Deciding, done, refused
from bot.services.policing import in_force, why_unsatisfiable
from bot.services.sign_in import issue
from bot.speech.speech import Speech
from bot.store.tx import Tx

LONGEST_NAME = 100
CONSOLE = "console"


def add(deciding: Deciding, command: c.AddMember) -> Outcome:
    """A new member, or one who left and comes back."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    tx.accounts.take_turns()
    name = " ".join(command.name.split())[:LONGEST_NAME]
    if not name:
        return refused("What is their name?")
    identity = _identity(deciding.identity.chat, command.user)
    before = None if identity is None else tx.people.ever(identity)
    if before is not None and (before.is_active or before.brand_id != brand_id):
        return refused(_is_known(before, brand_id, deciding.speech))
    slug = _free_slug(tx, brand_id, name) if before is None else before.slug
    member = tx.people.save(brand_id, slug, name, command.role, from_file=False)
    for known in (identity, ChatIdentity(CONSOLE, slug)):
        if known is not None:
            tx.people.identify(member, known, from_file=False)
            look_again(tx, known.chat)
    _write(deciding, member, "member_added", f"added {name} as {command.role}",
           text=identity.user if identity else None, role=command.role.value)  # fmt: skip
    say = deciding.speech.say
    says = say(
        "{name} is in the team: {role}, called {slug}.",
        name=name,
        role=say(command.role.value),
        slug=slug,
    )
    return done(says, note=slug)


def change_role(deciding: Deciding, command: c.ChangeRole) -> Outcome:
    tx, brand_id = deciding.tx, deciding.member.brand_id
    tx.accounts.take_turns()
    member = tx.people.by_slug(brand_id, command.member)
    objection = _cannot_change(member, command.member, deciding.speech)
    if objection is not None or member is None:
        return objection or refused("There is no such member.")
    changed = replace(member, role=command.role)
    objection = _leaves_too_few(deciding, member, changed)
    if objection is not None:
        return objection
    tx.people.save(brand_id, member.slug, member.name, command.role, from_file=False)
    how = f"made {member.name} {command.role}"
    _write(deciding, member, "role_changed", how, role=command.role.value, was=member.role.value)
    say = deciding.speech.say
    role = say(command.role.value)
    return done(say("{name} has another role now: {role}.", name=member.name, role=role))


def suspend(deciding: Deciding, slug: str) -> Outcome:
    """They can do nothing any more, in whatever chat; what they decided stands."""
    tx = deciding.tx
    tx.accounts.take_turns()
    member = tx.people.by_slug(deciding.member.brand_id, slug)
    objection = _cannot_change(member, slug, deciding.speech)
    if objection is not None or member is None:
        return objection or refused("There is no such member.")
    objection = _leaves_too_few(deciding, member, None)
    if objection is not None:
        return objection
    tx.people.retire(member.id)
    _write(deciding, member, "member_suspended", f"suspended {member.name}")
    return done(deciding.speech.say("{name} can do nothing here any more.", name=member.name))


def invite(deciding: Deciding, slug: str) -> Outcome:
    """A link into the console, in `once` alone.

    Of those whom the configuration names nobody gets one here: an admin could be them, and be
    the second person of four eyes.
    """
    member = deciding.tx.people.by_slug(deciding.member.brand_id, slug)
    if member is not None and member.is_active and member.is_named:
        says = deciding.speech.say(
            "{name} stands in replydesk.toml. Whoever runs the desk gives them a link: "
            "replydesk console-token {slug}",
            name=member.name,
            slug=slug,
        )
        return refused(says)
    objection = _cannot_change(member, slug, deciding.speech)
    if objection is not None or member is None:
        return objection or refused("There is no such member.")
    says = deciding.speech.say(
        "This link works once, within 10 minutes. Whoever opens it is {name} for 12 hours: give it "
        "to them alone.",
        name=member.name,
    )
    ticket = secrets.token_urlsafe(32)
    issue(deciding.tx, member, ticket, by=deciding.member.id)
    return Outcome(OutcomeKind.DONE, says, once=f"/sign-in?token={ticket}")


def _identity(chat: str, user: str) -> ChatIdentity | None:
    """The console knows people by their slugs, which are given here and asked of nobody."""
    return ChatIdentity(chat, user) if user and chat != CONSOLE else None


def _is_known(member: Member, brand_id: BrandId, speech: Speech) -> str:
    if member.brand_id != brand_id:
        return speech.say("They belong to another brand of this desk, or did.")
    return speech.say(
        "They are a member already: {name}, {role}, called {slug}.",
        name=member.name,
        role=speech.say(member.role.value),
        slug=member.slug,
    )


def _cannot_change(member: Member | None, slug: str, speech: Speech) -> Outcome | None:
    if member is None or not member.is_active:
        says = speech.say("There is no member called {name} on this desk.", name=repr(slug[:40]))
        return refused(says)
    if member.is_named:
        says = speech.say(
            "{name} stands in replydesk.toml. Change them there, and start the desk again.",
            name=member.name,
        )
        return refused(says)
    return None


def _leaves_too_few(deciding: Deciding, member: Member, changed: Member | None) -> Outcome | None:
    """Without an admin nobody could mend it, and without approvers everything waits for ever."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    before = tx.people.of_brand(brand_id)
    after = [one for one in before if one.id != member.id] + ([changed] if changed else [])
    if not any(one.role is Role.ADMIN for one in after):
        says = deciding.speech.say(
            "{name} is the only admin. Make somebody else an admin first.", name=member.name
        )
        return refused(says)
    sums = _sums(deciding, after)
    if sums and not _sums(deciding, before):
        return refused(" ".join(sums))
    return None


def _sums(deciding: Deciding, team: Sequence[Member]) -> list[str]:
    brand = deciding.tx.accounts.brand(deciding.member.brand_id)
    policies = in_force(deciding.tx, brand.id, deciding.rules.policies)
    return why_unsatisfiable(policies, brand.name, team)


def _free_slug(tx: Tx, brand_id: BrandId, name: str) -> str:
    """One that nobody has or had, here or as a name in the console."""
    slug, number = slugified(name, otherwise="member")[:50], 1
    free = slug
    while tx.people.by_slug(brand_id, free) or tx.people.ever(ChatIdentity(CONSOLE, free)):
        number += 1
        free = f"{slug}-{number}"
    return free


def _write(
    deciding: Deciding,
    member: Member,
    action: str,
    how: str,
    *,
    text: str | None = None,
    **facts: Any,
) -> None:
    tx, by = deciding.tx, deciding.member
    tx.audits.add(
        by.brand_id,
        action,
        Subject.MEMBER,
        member.id,
        deciding.now,
        member_id=by.id,
        chat=deciding.identity.chat,
        text=text,
        **facts,
    )
    tx.events.add(
        EventKind.MEMBER_CHANGED,
        by.brand_id,
        Subject.MEMBER,
        member.id,
        deciding.now,
        member_id=by.id,
        how=how,
    )
