"""What no single key can get wrong: names used twice, and policies that nobody could satisfy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.config.problems import Problem
from bot.config.settings import BrandSettings, Settings
from bot.model.approval import ApprovalPolicy, ApprovalSubject
from bot.model.member import Role


def inconsistencies(settings: Settings, file: str) -> list[Problem]:
    if not settings.brands:
        return [Problem(file, "brands", "", "add at least one [[brands]] table.")]
    return [
        *_names_used_twice(settings, file),
        *_hooks_used_twice(settings, file),
        *_unsatisfiable(settings, file),
    ]


def why_unsatisfiable(
    subject: ApprovalSubject, policy: ApprovalPolicy, brand: BrandSettings
) -> str | None:
    """The sum, when the brand's members can never give the approvals that a policy asks for."""
    may = [member for member in brand.members if member.role.includes(policy.role)]
    writers = [member for member in brand.members if member.role.includes(Role.AGENT)]
    left = len(may)
    if policy.four_eyes and all(member in may for member in writers):
        left -= 1
    if left >= policy.needed:
        return None
    names = f" ({', '.join(member.name for member in may)})" if may else ""
    sum_ = f"{brand.name} has {len(may)}{names}"
    if left < len(may):
        sum_ += f", and whoever wrote the {subject} does not count: {len(may)} - 1 = {left}"
    remedy = f"Add members of that role, or lower what [policies.{subject}] asks for"
    if left < len(may) and len(may) >= policy.needed:
        remedy += f": four_eyes = false lets people approve a {subject} of their own"
    return (
        f"a {subject} needs {policy.needed} of role {policy.role.value} or above, but {sum_}. "
        f"{remedy}."
    )


def _unsatisfiable(settings: Settings, file: str) -> Iterator[Problem]:
    for subject, policy in settings.policies.by_subject().items():
        for brand in settings.brands:
            says = why_unsatisfiable(subject, policy, brand)
            if says is not None:
                yield Problem(file, f"policies.{subject}", "needed", says)


def _names_used_twice(settings: Settings, file: str) -> Iterator[Problem]:
    yield from _repeated(file, "brands", [brand.slug for brand in settings.brands])
    for brand in settings.brands:
        section = f"brands[{brand.slug}].accounts"
        yield from _repeated(file, section, [account.slug for account in brand.accounts])
    everybody = [member.slug for brand in settings.brands for member in brand.members]
    yield from _repeated(file, "brands.members", everybody)


def _repeated(file: str, section: str, slugs: Sequence[str]) -> Iterator[Problem]:
    for slug in dict.fromkeys(slugs):
        count = slugs.count(slug)
        if count > 1:
            says = f"{slug} is used {count} times; give each a slug of its own."
            yield Problem(file, section, "slug", says)


def _hooks_used_twice(settings: Settings, file: str) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for brand, account in settings.accounts:
        hook = (account.network, account.hook)
        if account.hook and hook in seen:
            section = f"brands[{brand.slug}].accounts[{account.slug}]"
            says = f"/hooks/{account.network}/{account.hook} belongs to another account already."
            yield Problem(file, section, "hook", says)
        seen.add(hook)
