"""The example and the reference page speak of every setting."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.cli.opening import known_networks
from bot.config import load
from bot.config.chats import (
    ChannelSettings,
    PeakSettings,
    RelaySettings,
    RouteSettings,
    SlackSettings,
    TelegramSettings,
)
from bot.config.goals import GoalRuleSettings, GoalSettings, WeekSettings
from bot.config.loading import ENVIRONMENT, KEY_VARIABLE
from bot.config.oncall import (
    BusinessSettings,
    EscalationSettings,
    OnCallSettings,
    PageRouteSettings,
    QuietSettings,
    RotationSettings,
    StepSettings,
)
from bot.config.risk_routes import RiskRouteSettings, RiskRoutesSettings
from bot.config.settings import (
    AccountSettings,
    BrandSettings,
    DeskSettings,
    DraftSettings,
    MemberSettings,
    PolicySettings,
    PostPolicySettings,
    ReplyPolicySettings,
    RiskPoliciesSettings,
    RiskPolicySettings,
)
from bot.config.shifts import ShiftHoursSettings, ShiftSettings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "replydesk.example.toml"
PAGE = (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8")
TABLES: list[tuple[str, type[BaseModel]]] = [
    ("[desk]", DeskSettings),
    ("[drafts]", DraftSettings),
    ("[policies]", PolicySettings),
    ("[policies.reply]", ReplyPolicySettings),
    ("[policies.post]", PostPolicySettings),
    *(
        (f"[policies.risks.{risk}]", RiskPolicySettings)
        for risk in RiskPoliciesSettings.model_fields
    ),
    ("[[brands]]", BrandSettings),
    ("[[brands.members]]", MemberSettings),
    ("[[brands.accounts]]", AccountSettings),
    ("[[brands.channels]]", ChannelSettings),
    ("[[brands.channels.routes]]", RouteSettings),
    *((f"[brands.risks.{risk}]", RiskRouteSettings) for risk in RiskRoutesSettings.model_fields),
    ("[brands.goals]", GoalSettings),
    ("[brands.goals.hours]", WeekSettings),
    ("[[brands.goals.rules]]", GoalRuleSettings),
    ("[brands.shifts]", ShiftSettings),
    ("[[brands.shifts.hours]]", ShiftHoursSettings),
    ("[relay]", RelaySettings),
    ("[slack]", SlackSettings),
    ("[telegram]", TelegramSettings),
    ("[peaks]", PeakSettings),
    ("[oncall]", OnCallSettings),
    ("[oncall.business]", BusinessSettings),
    ("[oncall.quiet]", QuietSettings),
    ("[[oncall.routes]]", PageRouteSettings),
    ("[[oncall.rotations]]", RotationSettings),
    ("[[oncall.policies]]", EscalationSettings),
    ("[[oncall.policies.steps]]", StepSettings),
]
SETTINGS = [
    (section, key)
    for section, model in TABLES
    for key in model.model_fields
    if key not in {"settings", "reply", "post", "risks"}
]


def _section_of_page(section: str) -> str:
    parts = re.split(r"(?m)^##+ (.*)$", PAGE)
    named = f"`{section}`"
    found = [text for head, text in zip(parts[1::2], parts[2::2], strict=True) if named in head]
    assert found, f"docs/reference/configuration.md has no heading with {section}"
    return found[0]


@pytest.mark.parametrize(("section", "key"), SETTINGS)
def test_every_setting_has_its_line_on_the_reference_page(section: str, key: str) -> None:
    assert f"| `{key}` |" in _section_of_page(section)


@pytest.mark.parametrize(("section", "model"), TABLES)
def test_the_reference_page_names_no_setting_that_does_not_exist(
    section: str, model: type[BaseModel]
) -> None:
    listed = re.findall(r"(?m)^\| `([a-z_]+)` \|", _section_of_page(section))
    assert set(listed) <= set(model.model_fields)


@pytest.mark.parametrize(("section", "key"), SETTINGS)
def test_every_setting_stands_in_the_example(section: str, key: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    tables = re.split(r"(?m)^(\[.*\])$", text)
    bodies = [b for head, b in zip(tables[1::2], tables[2::2], strict=True) if head == section]
    nested = {"members": "[[brands.members]]", "accounts": "[[brands.accounts]]"}
    nested |= {"channels": "[[brands.channels]]", "routes": "[[brands.channels.routes]]"}
    nested |= {"goals": "[brands.goals]", "hours": "[brands.goals.hours]"}
    nested |= {"rules": "[[brands.goals.rules]]", "shifts": "[brands.shifts]"}
    nested |= {"quiet": "[brands.channels.quiet]"}
    if section in {"[oncall]", "[[oncall.policies]]"}:
        inner = section.strip("[]")
        nested = {key: f"[[{inner}.{key}]]" for key in ("routes", "rotations", "policies", "steps")}
        nested |= {key: f"[{inner}.{key}]" for key in ("business", "quiet")}
    elif section.startswith("[[oncall"):
        nested = {}
    if key in nested and section not in {"[[brands.channels.routes]]", "[[brands.goals.rules]]"}:
        assert nested[key] in text
    else:
        assert any(re.search(rf"(?m)^(# )?{key} = ", body) for body in bodies)


HELD = (
    "OPENAI_API_KEY",
    "SLACK_APP_TOKEN",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
)


@pytest.mark.parametrize("variable", [*ENVIRONMENT, KEY_VARIABLE, *HELD])
def test_every_variable_is_on_the_reference_page(variable: str) -> None:
    assert f"| `{variable}` |" in PAGE


def test_the_example_is_a_configuration() -> None:
    settings = load(EXAMPLE, known_networks(), {})
    assert [account.slug for _, account in settings.accounts] == [
        "blog",
        "bluesky",
        "mastodon",
        "news",
    ]


def test_the_example_shows_the_defaults() -> None:
    raw = tomllib.loads(EXAMPLE.read_text("utf-8"))
    shown = load(EXAMPLE, known_networks(), {})
    for table, model in (("desk", DeskSettings), ("drafts", DraftSettings)):
        defaults = model()
        for key in raw[table]:
            if key not in {"data_dir"}:
                assert getattr(getattr(shown, table), key) == getattr(defaults, key), key
