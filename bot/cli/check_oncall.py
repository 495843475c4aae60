"""The part of `replydesk check` about being on call: who is woken, and whether they can be."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.findings import Finding, fail, ok, warn
from bot.config import BrandSettings, MemberSettings, Settings, resolve
from bot.coordination.clock import SystemClock
from bot.errors import ConfigurationError
from bot.model.incident import AlertKind, Severity
from bot.model.oncall import ROTATION, EscalationPolicy, OnCall, RouteKind, local

ABOUT = "oncall"


def check_oncall(settings: Settings) -> list[Finding]:
    """Asks nobody, and pages nobody."""
    oncall = settings.oncall_rules
    if not oncall.is_on:
        if not settings.oncall.routes:
            return []
        return [warn(ABOUT, "There are routes, but no [[oncall.policies]], so nobody is paged.")]
    return [
        *_secrets(settings),
        *(finding for policy in oncall.policies for finding in _policy(policy)),
        *_rotations(oncall),
        *_reachable(settings, oncall),
        *(finding for brand in settings.brands for finding in _covered(brand, oncall)),
    ]


def _secrets(settings: Settings) -> Iterator[Finding]:
    for route in settings.oncall.routes:
        if route.secret is not None:
            try:
                resolve(route.secret)
            except ConfigurationError as error:
                yield fail(ABOUT, f"Route {route.slug}: {error}")


def _policy(policy: EscalationPolicy) -> Iterator[Finding]:
    steps = "; then ".join(
        f"{' and '.join(step.who) or 'nobody in particular'} by {', else '.join(step.routes)}"
        f" ({step.timeout // 60_000} min)"
        for step in policy.steps
    )
    grave = ", ".join(str(int(one)) for one in sorted(policy.severities))
    again = f", again {policy.repeat} times" if policy.repeat else ""
    yield ok(ABOUT, f"{policy.slug}, severity {grave}: {steps}{again}.")


def _rotations(oncall: OnCall) -> Iterator[Finding]:
    now = SystemClock().now()
    for rotation in oncall.rotations.values():
        shift = rotation.planned(now)
        after = rotation.planned(shift.until)
        until = f"{local(shift.until, rotation.zone):%a %d %b, %H:%M}"
        turns = f"{shift.member} until {until} ({rotation.zone}), then {after.member}"
        yield ok(ABOUT, f"{rotation.slug}: {turns}.")


def _reachable(settings: Settings, oncall: OnCall) -> Iterator[Finding]:
    """A step's member whom none of its routes can reach is not woken by it."""
    members = {member.slug: member for brand in settings.brands for member in brand.members}
    said = set()
    for policy in oncall.policies:
        for step in policy.steps:
            for slug in _everybody(step.who, oncall):
                found = [_lacks(members, slug, route, oncall) for route in step.routes]
                finding = warn if None in found else fail
                for why in found:
                    if why is not None and why not in said:
                        said.add(why)
                        yield finding(ABOUT, why)


def _everybody(who: tuple[str, ...], oncall: OnCall) -> Iterator[str]:
    for one in who:
        rotation = oncall.rotations.get(one.removeprefix(ROTATION))
        yield from rotation.members if one.startswith(ROTATION) and rotation else (one,)


def _lacks(
    members: dict[str, MemberSettings], slug: str, route_slug: str, oncall: OnCall
) -> str | None:
    member, route = members[slug], oncall.routes[route_slug]
    if route.kind is RouteKind.EMAIL and not member.email:
        return f"{member.name} has no email, so route {route_slug} cannot reach them."
    known = {identity.chat for identity in member.identities}
    if route.kind is RouteKind.DIRECT and route.chat not in known:
        return (
            f"{member.name} has no {route.chat} id in [[brands.members]], so route {route_slug} "
            "cannot reach them unless they link that chat themselves."
        )
    return None


def _covered(brand: BrandSettings, oncall: OnCall) -> Iterator[Finding]:
    if oncall.policy_for(brand.slug, Severity.CRITICAL, AlertKind.SAFETY) is None:
        says = f"No policy takes severity 1 of {brand.name}: nobody is woken when somebody is hurt."
        yield warn(ABOUT, says)
