"""The frame around every page: who looks, where they can go, and what the dialogs offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cards.pages import DeskPage, MemberRow
from bot.model.member import Role
from bot.speech.speech import Speech, marked
from handlers.console.visitor import Visitor
from handlers.question_words import DUE_BY, askable
from handlers.team_words import Choice, known_as

PANES = ("team", "sandbox")


@dataclass(frozen=True, slots=True)
class PageLink:
    page: str
    href: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class Persona:
    slug: str
    name: str
    role: str
    is_me: bool


@dataclass(frozen=True, slots=True)
class Chrome:
    page: str
    pane: str
    sandbox: bool
    csrf: str
    brand: str
    drafter: str
    me: str
    me_name: str
    me_role: str
    links: tuple[PageLink, ...]
    members: tuple[MemberRow, ...]
    personas: tuple[Persona, ...]
    askable: tuple[Choice, ...]
    """Who else can be asked, channels too."""
    due_by: tuple[tuple[str, str], ...]
    """By when an answer may be wanted: its value, and what it is called."""


LINKS = (
    PageLink("queue", "/", marked("Queue"), "inbox"),
    PageLink("compose", "/compose", marked("New post"), "pen"),
    PageLink("desk", "/desk", marked("Desk"), "sliders"),
)
CONNECT = PageLink("connect", "/connect", marked("Connect"), "plug")
"""For those who may use it."""


def chrome_for(
    page: str,
    visitor: Visitor,
    desk: DeskPage,
    *,
    act_as: Sequence[str] | None,
    sandbox: bool,
    pane: str = "team",
) -> Chrome:
    me = visitor.identity.user if visitor.identity else ""
    role = visitor.member.role if visitor.member else Role.VIEWER
    return Chrome(
        page=page,
        pane=pane if pane in PANES else PANES[0],
        sandbox=sandbox,
        csrf=visitor.csrf,
        brand=desk.brand,
        drafter=desk.drafter,
        me=me,
        me_name=visitor.member.name if visitor.member else me,
        me_role=desk.speech.say(role.value),
        links=tuple(replace(one, label=desk.speech.say(one.label)) for one in _links(role)),
        members=tuple(_told(one, desk.speech) for one in desk.members),
        personas=_personas(act_as or (), desk, me),
        askable=tuple(one for one in askable(desk, desk.speech.say) if one.to != me),
        due_by=tuple((one.value, desk.speech.say(label)) for one, label in DUE_BY.items()),
    )


def _links(role: Role) -> tuple[PageLink, ...]:
    return (*LINKS, CONNECT) if role.includes(Role.ADMIN) else LINKS


def _personas(slugs: Sequence[str], desk: DeskPage, me: str) -> tuple[Persona, ...]:
    known = {member.slug: member for member in desk.members}
    return tuple(
        Persona(
            slug=slug,
            name=known[slug].name if slug in known else slug.title(),
            role=desk.speech.say(known[slug].role) if slug in known else "",
            is_me=slug == me,
        )
        for slug in slugs
    )


def _told(member: MemberRow, speech: Speech) -> MemberRow:
    return replace(member, name=known_as(member, speech.say), role=speech.say(member.role))
