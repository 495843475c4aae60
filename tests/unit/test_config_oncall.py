"""`[oncall]` in the file: what it says, and every way to get it wrong with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load
from bot.config.problems import SettingsRefused
from bot.model.ids import MINUTE
from bot.model.incident import AlertKind, Severity
from bot.model.oncall import RouteKind, When
from tests.unit.cli_case import CONFIG, Desk

BASE = """
[slack]

[[brands]]
slug = "acme"
name = "Acme"
[[brands.members]]
slug = "vic"
name = "Vic"
role = "viewer"
[[brands.members]]
slug = "bob"
name = "Bob"
role = "approver"
slack = "U0BOB"
email = "bob@acme.example"
[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "C0CARE"
"""
GOOD = """
[oncall]
reach = 100_000
heartbeat_url = "https://beats.example/abc"

[oncall.business]
days = ["mon", "tue"]
begins = "8:30"
zone = "Europe/Bucharest"

[oncall.quiet]
broken_by = 2

[[oncall.routes]]
slug = "dm"
kind = "direct"
chat = "slack"
[[oncall.routes]]
slug = "care"
kind = "channel"
channel = "care"
[[oncall.routes]]
slug = "duty"
kind = "pagerduty"
secret = { env = "PAGERDUTY_KEY" }
[[oncall.routes]]
slug = "mail"
kind = "email"
server = "mail.acme.example"
sender = "desk@acme.example"

[[oncall.rotations]]
slug = "first"
members = ["bob", "alice"]
starts = 2026-11-30
hand_over = "10:00"

[[oncall.policies]]
slug = "default"
[[oncall.policies.steps]]
who = ["rotation:first"]
routes = ["dm", "duty"]
minutes = 3
[[oncall.policies.steps]]
who = ["alice"]
routes = ["duty", "care"]
hours = "outside"
"""


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "desk.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsRefused) as refused:
        load(path, None, {})
    return [str(one).removeprefix("desk.toml:") for one in refused.value.problems]


def test_the_file_says_who_is_woken_when_and_how(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(BASE + GOOD, "utf-8")
    rules = load(tmp_path / "desk.toml", None, {}).oncall_rules
    assert rules.reach == 100_000
    assert [(one.slug, one.kind) for one in rules.routes.values()][2] == (
        "duty",
        RouteKind.PAGERDUTY,
    )
    policy = rules.policy_for("acme", Severity.CRITICAL, AlertKind.SAFETY)
    assert policy is not None
    first, second = policy.steps
    assert (first.who, first.routes, first.timeout) == (
        ("rotation:first",),
        ("dm", "duty"),
        3 * MINUTE,
    )
    assert second.hours is When.OUTSIDE
    assert rules.policy_for("acme", Severity.NOTICE, AlertKind.SAFETY) is None
    assert rules.quiet is not None
    assert rules.quiet.broken_by is Severity.HIGH
    assert rules.business is not None
    assert (rules.business.start, rules.business.days) == (8 * 60 + 30, frozenset({0, 1}))
    assert rules.contacts["bob"].email == "bob@acme.example"


WRONG = [
    (
        'chat = "slack"\n[[oncall',
        "[[oncall",
        "routes[dm]:chat: a route of kind direct needs it; add it.",
    ),
    (
        "secret = { env",
        'server = "x"\nsecret = { env',
        ("routes[duty]:server: a route of kind pagerduty has no such key; take it out."),
    ),
    (
        'channel = "care"\n[[oncall',
        'channel = "cars"\n[[oncall',
        "routes[care]:channel: there is no channel 'cars'; did you mean care?",
    ),
    (
        'sender = "desk@acme.example"',
        'sender = "desk"',
        "routes[mail]:sender: write an e-mail address.",
    ),
    (
        '["bob", "alice"]',
        '["bob", "vic"]',
        (
            "rotations[first]:members: there is no member 'vic' that may "
            "acknowledge; did you mean alice?"
        ),
    ),
    (
        '"10:00"',
        '"25:00"',
        'rotations[first]:hand_over: write a time of the day as "09:00".',
    ),
    (
        '"rotation:first"',
        '"rotation:fist"',
        ("policies[default].steps[1]:who: there is no rotation 'fist'; did you mean first?"),
    ),
    (
        'who = ["alice"]',
        'who = ["alise"]',
        (
            "policies[default].steps[2]:who: there is no member 'alise' that "
            "may acknowledge; did you mean alice?"
        ),
    ),
    (
        '["dm", "duty"]',
        '["dn"]',
        ("policies[default].steps[1]:routes: there is no route 'dn'; did you mean dm?"),
    ),
    (
        'who = ["alice"]\n',
        "",
        "policies[default].steps[2]:who: care reaches a person; say who.",
    ),
    (
        "minutes = 3",
        "minuts = 3",
        ("policies[default].steps[1]:minuts: there is no such key; did you mean minutes?"),
    ),
    (
        "broken_by = 2",
        "broken_by = 4",
        "quiet:broken_by: it must be at most 3.",
    ),
    (
        'slug = "default"',
        'slug = "default"\nbrands = ["acne"]',
        "policies[default]:brands: there is no brand 'acne'; did you mean acme?",
    ),
    (
        '{ env = "PAGERDUTY_KEY" }',
        '"R0123456789ABCDEF0123"',
        (
            "routes[duty]:secret: a secret may not stand in the file; put it "
            'into an environment variable and write { env = "NAME" }.'
        ),
    ),
]
"""What stands there, what is written instead, and what is said of it."""


@pytest.mark.parametrize(("old", "new", "says"), WRONG)
def test_what_is_wrong_is_said_with_what_to_do(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert GOOD.count(old) >= 1
    found = problems(tmp_path, BASE + GOOD.replace(old, new, 1))
    assert f"oncall.{says}" in found, found


def test_hours_that_are_not_there_are_missed(tmp_path: Path) -> None:
    text = GOOD.replace("[oncall.business]", "[oncall.gone]", 1)
    assert any("oncall:gone" in one for one in problems(tmp_path, BASE + text))
    without = GOOD[: GOOD.index("[oncall.business]")] + GOOD[GOOD.index("[oncall.quiet]") :]
    assert problems(tmp_path, BASE + without) == [
        "oncall.policies[default].steps[2]:hours: add an [oncall.business] table that says when."
    ]


def test_check_says_who_is_woken_and_who_cannot_be(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGERDUTY_KEY", raising=False)
    desk.write(BASE + GOOD + CONFIG.partition("[[brands]]")[0])
    said = desk.run("check")
    lines = [one for one in said.out.splitlines() if " oncall " in f" {one} "]
    assert any("PAGERDUTY_KEY is not set" in one for one in lines), said.out
    assert any("rotation:first by dm, else duty (3 min)" in one for one in lines), said.out
    assert any("first: " in one and "until" in one for one in lines)
    assert any("Alice has no slack id" in one for one in lines)


def test_pages_to_a_real_pager_are_chaos_that_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLYDESK_CHAOS", "1")
    route = '[[oncall.routes]]\nslug = "duty"\nkind = "pagerduty"\nsecret = { file = "s" }\n'
    desk.write(CONFIG + route)
    said = desk.run("run")
    assert said.code == 2
    assert "duty may be real" in said.err
