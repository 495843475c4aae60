"""The frame around every page: who looks, where they can go, and what the dialogs offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.pages import DeskPage, MemberRow
from handlers.console.visitor import Visitor

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


LINKS = (
    PageLink("queue", "/", "Queue", "inbox"),
    PageLink("compose", "/compose", "New post", "pen"),
    PageLink("desk", "/desk", "Desk", "sliders"),
)


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
    return Chrome(
        page=page,
        pane=pane if pane in PANES else PANES[0],
        sandbox=sandbox,
        csrf=visitor.csrf,
        brand=desk.brand,
        drafter=desk.drafter,
        me=me,
        me_name=visitor.member.name if visitor.member else me,
        me_role=visitor.member.role.value if visitor.member else "viewer",
        links=LINKS,
        members=desk.members,
        personas=_personas(act_as or (), desk.members, me),
    )


def _personas(slugs: Sequence[str], members: Sequence[MemberRow], me: str) -> tuple[Persona, ...]:
    known = {member.slug: member for member in members}
    return tuple(
        Persona(
            slug=slug,
            name=known[slug].name if slug in known else slug.title(),
            role=known[slug].role if slug in known else "",
            is_me=slug == me,
        )
        for slug in slugs
    )
