"""What people write to see and change the team, the same words in every chat.

    (nothing)               the team
    add WHO ROLE [NAME]     a person of this chat becomes a member
    role WHO ROLE           a member gets another role
    suspend WHO             a member can do nothing any more

WHO is what the chat calls a person, or a member's short name; the chat's own door knows which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.cards.pages import MemberRow
from bot.model.member import Role
from bot.speech.speech import Speech, marked

HOW = marked("Write: add WHO ROLE, role WHO ROLE, or suspend WHO. Roles: {roles}.")


class TeamVerb(StrEnum):
    ADD = "add"
    ROLE = "role"
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class TeamOrder:
    verb: TeamVerb
    who: str
    role: Role = Role.VIEWER
    name: str = ""


def read(words: Sequence[str]) -> TeamOrder:
    """ValueError for what is none of these."""
    verb = TeamVerb(words[0].lower())
    if verb is TeamVerb.SUSPEND:
        (_verb, who) = words
        return TeamOrder(verb, who)
    who, role, *name = words[1:]
    if verb is TeamVerb.ROLE and name:
        raise ValueError("a role has no name")
    return TeamOrder(verb, who, Role(role.lower()), " ".join(name))


def how(speech: Speech) -> str:
    return speech.say(HOW, roles=", ".join(Role))


def known_as(member: MemberRow, say: Callable[[str], str]) -> str:
    """As lists call them: whoever is away may be chosen, knowingly."""
    return member.name if member.away_until is None else f"{member.name} ({say('away')})"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list: `to` is what the command calls them, `label` what people do."""

    to: str
    label: str


def choices(members: Iterable[MemberRow], say: Callable[[str], str]) -> tuple[Choice, ...]:
    return tuple(Choice(one.slug, known_as(one, say)) for one in members)


def listed(members: Sequence[MemberRow], say: Callable[[str], str]) -> list[str]:
    """A line for each: name, role, short name, and where the desk knows them."""
    return [
        f"{known_as(one, say)} · {say(one.role)} · {one.slug} · {', '.join(one.chats) or '-'}"
        for one in members
    ]
