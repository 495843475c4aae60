"""Configuration: one strict TOML file, read once; secrets are references until they are used."""

from __future__ import annotations

from bot.config.chats import ChannelSettings, RelaySettings, SlackSettings, TelegramSettings
from bot.config.connections import NetworkModels, settings_for
from bot.config.consistency import is_near
from bot.config.demo import DemoOptions, demo_options
from bot.config.loading import load, sealing_key
from bot.config.oncall import (
    EscalationSettings,
    OnCallSettings,
    PageRouteSettings,
    StepSettings,
)
from bot.config.problems import Problem, SettingsRefused
from bot.config.secret_values import (
    Secret,
    resolve,
    resolve_all,
    resolve_if_set,
    secrets_of,
)
from bot.config.settings import (
    AccountSettings,
    BrandSettings,
    DeskSettings,
    DraftSettings,
    MemberSettings,
    PolicySettings,
    Settings,
)

__all__ = [
    "AccountSettings",
    "BrandSettings",
    "ChannelSettings",
    "DemoOptions",
    "DeskSettings",
    "DraftSettings",
    "EscalationSettings",
    "MemberSettings",
    "NetworkModels",
    "OnCallSettings",
    "PageRouteSettings",
    "PolicySettings",
    "Problem",
    "RelaySettings",
    "Secret",
    "Settings",
    "SettingsRefused",
    "SlackSettings",
    "StepSettings",
    "TelegramSettings",
    "demo_options",
    "is_near",
    "load",
    "resolve",
    "resolve_all",
    "resolve_if_set",
    "sealing_key",
    "secrets_of",
    "settings_for",
]
