"""What no single key can get wrong: names used twice, and keys that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from bot.config.oncall_consistency import oncall_problems
from bot.config.problems import Problem
from bot.config.settings import LOOPBACK_NAMES, Settings
from bot.model.approval import ApprovalSubject
from bot.model.member import ChatIdentity, Role
from bot.model.triage import Risk

_GROUP = re.compile(r"-?[0-9]{1,20}")


def inconsistencies(settings: Settings, file: str) -> list[Problem]:
    if not settings.brands:
        return [Problem(file, "brands", "", "add at least one [[brands]] table.")]
    return [
        *_names_used_twice(settings, file),
        *_hooks_used_twice(settings, file),
        *_people_used_twice(settings, file),
        *_chats_not_configured(settings, file),
        *_telegram(settings, file),
        *_pasted(settings, file),
        *_solo(settings, file),
        *_goals(settings, file),
        *_shifts(settings, file),
        *_outlasting(settings, file),
        *_stand_ins(settings, file),
        *_direct(settings, file),
        *oncall_problems(settings, file),
    ]


def _solo(settings: Settings, file: str) -> Iterator[Problem]:
    """What lifts four eyes, and what asks for them, in one file."""
    if not settings.policies.solo_team:
        return
    policies = settings.policies
    named = {one.value: getattr(policies, one.value) for one in ApprovalSubject}
    named |= {f"risks.{risk}": getattr(policies.risks, risk.value) for risk in Risk}
    for section, own in named.items():
        if own is not None and own.four_eyes and "four_eyes" in own.model_fields_set:
            says = (
                "true asks for a second person, and policies.solo_team = true says that there is "
                "none. Take one of them out."
            )
            yield Problem(file, f"policies.{section}", "four_eyes", says)


def _goals(settings: Settings, file: str) -> Iterator[Problem]:
    for brand in settings.brands:
        if brand.goals is None:
            continue
        section = f"brands[{brand.slug}].goals"
        if brand.goals.hours is not None and not any(brand.goals.hours.week):
            says = "no day is open, so nothing could ever be due. Name the hours of a day."
            yield Problem(file, section, "hours", says)
        accounts = {account.slug for account in brand.accounts}
        for rule in brand.goals.rules:
            for slug in rule.accounts:
                if slug not in accounts:
                    says = f"there is no account {slug} in this brand."
                    yield Problem(file, f"{section}.rules", "accounts", says)


def _shifts(settings: Settings, file: str) -> Iterator[Problem]:
    for brand in settings.brands:
        if brand.shifts is None:
            continue
        section = f"brands[{brand.slug}].shifts"
        members = {member.slug for member in brand.members}
        channels = {channel.slug for channel in brand.channels}
        named = [slug for one in brand.shifts.hours for slug in one.members]
        for slug in dict.fromkeys(named):
            if slug not in members:
                says = f"there is no member {slug} in this brand."
                yield Problem(file, f"{section}.hours", "members", says)
            if named.count(slug) > 1:
                says = f"{slug} stands in several tables; name all their hours in one."
                yield Problem(file, f"{section}.hours", "members", says)
        if not all(any(one.week) for one in brand.shifts.hours):
            says = "no day has a shift. Name the hours of a day, or take the table out."
            yield Problem(file, section, "hours", says)
        for slug in brand.shifts.channels:
            if slug not in channels:
                says = f"there is no channel {slug} in this brand."
                yield Problem(file, f"{section}.channels", slug, says)


def _stand_ins(settings: Settings, file: str) -> Iterator[Problem]:
    """Whoever stands in for somebody must be able to say yes to a post."""
    least = settings.policies.post.role
    for brand in settings.brands:
        able = {one.slug for one in brand.members if one.role.includes(least)}
        for member in brand.members:
            if member.stand_in is not None and member.stand_in not in able - {member.slug}:
                says = f"name another member of this brand who is {least} or above."
                section = f"brands[{brand.slug}].members[{member.slug}]"
                yield Problem(file, section, "stand_in", says)


def _direct(settings: Settings, file: str) -> Iterator[Problem]:
    """Whoever is told alone what waits must be able to say yes, and be somebody in a chat."""
    for brand in settings.brands:
        for member in (one for one in brand.members if one.direct):
            section = f"brands[{brand.slug}].members[{member.slug}]"
            if not member.role.includes(Role.APPROVER):
                says = f"nothing waits for the yes of one who is {member.role}; make them approver."
                yield Problem(file, section, "direct", says)
            if not (member.slack or member.telegram):
                says = "say beside it who they are in a chat: slack or telegram."
                yield Problem(file, section, "direct", says)


def _outlasting(settings: Settings, file: str) -> Iterator[Problem]:
    """Whoever takes over a row must find that its request has ended."""
    desk = settings.desk
    if desk.answer_seconds >= desk.lease_seconds:
        says = (
            f"{desk.answer_seconds:g} is not shorter than desk.lease_seconds "
            f"({desk.lease_seconds:g}). Make it shorter, or the lease longer."
        )
        yield Problem(file, "desk", "answer_seconds", says)


def _names_used_twice(settings: Settings, file: str) -> Iterator[Problem]:
    yield from _repeated(file, "brands", [brand.slug for brand in settings.brands])
    for brand in settings.brands:
        section = f"brands[{brand.slug}].accounts"
        yield from _repeated(file, section, [account.slug for account in brand.accounts])
        section = f"brands[{brand.slug}].channels"
        yield from _repeated(file, section, [channel.slug for channel in brand.channels])
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


def _people_used_twice(settings: Settings, file: str) -> Iterator[Problem]:
    """A press by one chat user cannot be the press of two members."""
    seen: dict[ChatIdentity, str] = {}
    for brand in settings.brands:
        for member in brand.members:
            for identity in member.identities:
                other = seen.setdefault(identity, member.slug)
                if other != member.slug:
                    section = f"brands[{brand.slug}].members[{member.slug}]"
                    says = f"{identity.user} is {other} already; one person is one member."
                    yield Problem(file, section, identity.chat, says)


def _chats_not_configured(settings: Settings, file: str) -> Iterator[Problem]:
    for brand in settings.brands:
        for channel in brand.channels:
            if channel.chat not in settings.chats:
                section = f"brands[{brand.slug}].channels[{channel.slug}]"
                says = f"add a [{channel.chat}] table that says how to reach it."
                if channel.chat != "relay":
                    says += ' With tokens = "console" its tokens are pasted there.'
                yield Problem(file, section, "chat", says)
            if channel.chat == "slack" and channel.topic:
                section = f"brands[{brand.slug}].channels[{channel.slug}]"
                says = "Slack's channels have no topics; leave it out."
                yield Problem(file, section, "topic", says)


def _telegram(settings: Settings, file: str) -> Iterator[Problem]:
    for brand in settings.brands:
        for channel in brand.channels:
            if channel.chat == "telegram" and not _GROUP.fullmatch(channel.channel):
                section = f"brands[{brand.slug}].channels[{channel.slug}]"
                says = (
                    'write the group\'s number in quotes, for example "-1001234567890"; the bot '
                    "answers it to /help in the group."
                )
                yield Problem(file, section, "channel", says)
    telegram = settings.telegram
    if telegram is None or telegram.mode == "polling":
        return
    if telegram.secret is None:
        says = "mode webhook needs a secret, so that nobody else can send presses."
        yield Problem(file, "telegram", "secret", says)
    if not settings.desk.public_url.startswith("https://") and not is_near(telegram.base_url):
        says = "mode webhook needs it, with https://: Telegram sends presses there."
        yield Problem(file, "desk", "public_url", says)


def _pasted(settings: Settings, file: str) -> Iterator[Problem]:
    """Tokens that are pasted in the console stand nowhere else; the way is chosen there too."""
    for chat, table, mode in (
        ("slack", settings.slack, "socket"),
        ("telegram", settings.telegram, "polling"),
    ):
        if table is None or table.tokens == "file":
            continue
        if table.mode != mode:
            says = 'with tokens = "console" the Connect page asks for it. Take it out.'
            yield Problem(file, chat, "mode", says)
        for name in ("bot_token", "app_token", "signing_secret", "secret"):
            if name in table.model_fields_set:
                says = 'tokens = "console" says that it is pasted there. Take one of them out.'
                yield Problem(file, chat, name, says)


def is_near(address: str) -> bool:
    """A Bot API server on this machine may call us by any address."""
    return urlsplit(address).hostname in LOOPBACK_NAMES
