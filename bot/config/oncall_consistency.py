"""What no single key of `[oncall]` can get wrong: names that lead nowhere, keys of another kind."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from datetime import date

from bot.config.oncall import EscalationSettings, PageRouteSettings, StepSettings
from bot.config.problems import Problem
from bot.config.settings import BrandSettings, Settings
from bot.model.member import Role
from bot.model.oncall import ROTATION, RouteKind, When

_K = RouteKind
NEEDS = {
    _K.DIRECT: ("chat",),
    _K.CHANNEL: ("channel",),
    _K.PAGERDUTY: ("secret",),
    _K.OPSGENIE: ("secret",),
    _K.ALERTMANAGER: ("url",),
    _K.WEBHOOK: ("url",),
    _K.EMAIL: ("server", "sender"),
}
MAY = {
    _K.DIRECT: (),
    _K.CHANNEL: (),
    _K.PAGERDUTY: ("url",),
    _K.OPSGENIE: ("url",),
    _K.ALERTMANAGER: ("secret",),
    _K.WEBHOOK: ("secret", "knows_keys"),
    _K.EMAIL: ("port", "user", "secret", "security"),
}


def oncall_problems(settings: Settings, file: str) -> Iterator[Problem]:
    oncall = settings.oncall
    for section, slugs in (
        ("routes", [one.slug for one in oncall.routes]),
        ("rotations", [one.slug for one in oncall.rotations]),
        ("policies", [one.slug for one in oncall.policies]),
    ):
        for slug in dict.fromkeys(slugs):
            if slugs.count(slug) > 1:
                says = f"{slug} is used {slugs.count(slug)} times; give each a slug of its own."
                yield Problem(file, f"oncall.{section}", "slug", says)
    for route in oncall.routes:
        yield from _route(settings, route, file)
    yield from _rotations(settings, file)
    for policy in oncall.policies:
        yield from _policy(settings, policy, file)


def _route(settings: Settings, route: PageRouteSettings, file: str) -> Iterator[Problem]:
    section = f"oncall.routes[{route.slug}]"
    known = {"slug", "kind", *NEEDS[route.kind], *MAY[route.kind]}
    for key in NEEDS[route.kind]:
        if not getattr(route, key):
            yield Problem(file, section, key, f"a route of kind {route.kind} needs it; add it.")
    for key in sorted(route.model_fields_set - known):
        says = f"a route of kind {route.kind} has no such key; take it out."
        yield Problem(file, section, key, says)
    if route.chat and route.chat not in settings.chats:
        yield Problem(
            file, section, "chat", f"add a [{route.chat}] table that says how to reach it."
        )
    channels = {channel.slug for brand in settings.brands for channel in brand.channels}
    if route.channel and route.channel not in channels:
        yield Problem(file, section, "channel", _no_such("channel", route.channel, channels))
    if route.sender and "@" not in route.sender:
        yield Problem(file, section, "sender", "write an e-mail address.")
    if bool(route.user) != bool(route.secret) and route.kind is _K.EMAIL:
        yield Problem(file, section, "user", "user and secret are given together, or neither.")


def _rotations(settings: Settings, file: str) -> Iterator[Problem]:
    agents = _agents(settings.brands)
    for rotation in settings.oncall.rotations:
        section = f"oncall.rotations[{rotation.slug}]"
        for slug in rotation.members:
            if slug not in agents:
                yield Problem(file, section, "members", _no_such("member", slug, agents))
        if rotation.starts > date(2200, 1, 1) or rotation.starts < date(2000, 1, 1):
            yield Problem(file, section, "starts", "write a day of this century.")


def _policy(settings: Settings, policy: EscalationSettings, file: str) -> Iterator[Problem]:
    section = f"oncall.policies[{policy.slug}]"
    slugs = {brand.slug for brand in settings.brands}
    for slug in policy.brands:
        if slug not in slugs:
            yield Problem(file, section, "brands", _no_such("brand", slug, slugs))
    brands = [one for one in settings.brands if not policy.brands or one.slug in policy.brands]
    for number, step in enumerate(policy.steps, 1):
        yield from _step(settings, brands, step, f"{section}.steps[{number}]", file)


def _step(
    settings: Settings,
    brands: Collection[BrandSettings],
    step: StepSettings,
    section: str,
    file: str,
) -> Iterator[Problem]:
    oncall = settings.oncall
    routes = {one.slug: one for one in oncall.routes}
    for slug in step.routes:
        if slug not in routes:
            yield Problem(file, section, "routes", _no_such("route", slug, routes))
    yield from _people(settings, brands, step, section, file)
    alone = [routes[slug] for slug in step.routes if slug in routes]
    personal = [one.slug for one in alone if one.kind in {_K.DIRECT, _K.CHANNEL, _K.EMAIL}]
    if not step.who and personal:
        says = f"{', '.join(personal)} reaches a person; say who."
        yield Problem(file, section, "who", says)
    if step.hours is not When.ANY and oncall.business is None:
        yield Problem(file, section, "hours", "add an [oncall.business] table that says when.")


def _people(
    settings: Settings,
    brands: Collection[BrandSettings],
    step: StepSettings,
    section: str,
    file: str,
) -> Iterator[Problem]:
    rotations = {one.slug: one for one in settings.oncall.rotations}
    everybody = _agents(settings.brands)
    for one in step.who:
        name = one.removeprefix(ROTATION)
        if one.startswith(ROTATION) and name not in rotations:
            yield Problem(file, section, "who", _no_such("rotation", name, rotations))
        elif not one.startswith(ROTATION) and one not in everybody:
            yield Problem(file, section, "who", _no_such("member", one, everybody))
        else:
            slugs = rotations[name].members if one.startswith(ROTATION) else (one,)
            yield from _of_every_brand(brands, slugs, section, file)


def _of_every_brand(
    brands: Collection[BrandSettings], slugs: Collection[str], section: str, file: str
) -> Iterator[Problem]:
    """Whoever is paged for a brand must be one of its members, or nothing they press counts."""
    for brand in brands:
        team = _agents([brand])
        if not any(slug in team for slug in slugs):
            says = (
                f"{', '.join(slugs)} is no member of {brand.slug}, so could decide nothing there. "
                "Say in the policy's `brands` for which it is."
            )
            yield Problem(file, section, "who", says)


def _agents(brands: Collection[BrandSettings]) -> set[str]:
    """Whoever may acknowledge."""
    return {
        member.slug
        for brand in brands
        for member in brand.members
        if member.role.includes(Role.AGENT)
    }


def _no_such(what: str, name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else "."
    may = " that may acknowledge" if what == "member" else ""
    return f"there is no {what} {name!r}{may}{hint}"
