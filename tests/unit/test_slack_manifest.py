"""The manifest that is printed is one that Slack takes, and asks for what is used and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from handlers.slack.app import build_app
from handlers.slack.manifest import manifest
from tests.unit.cli_case import CONFIG, Desk

URL = "https://desk.example.com"


def words(least: int, most: int, pattern: str | None = None) -> Any:
    return StringConstraints(min_length=least, max_length=most, pattern=pattern)


class _Part(BaseModel):
    """Written by hand from slackapi/manifest-schema, schemas/manifest.schema.1.0.0.json."""

    model_config = ConfigDict(extra="forbid", strict=True)


Url = Annotated[str, words(8, 3_000, r"^https?://")]
Word = Annotated[str, words(1, 50)]


class Metadata(_Part):
    major_version: int
    minor_version: int


class Display(_Part):
    name: Annotated[str, words(1, 35)]
    description: Annotated[str, words(1, 140)]
    background_color: Annotated[str, words(4, 7, r"^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$")]


class Home(_Part):
    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(_Part):
    display_name: Annotated[str, words(1, 80)]
    always_online: bool


class Slash(_Part):
    command: Annotated[str, words(2, 32, r"^/")]
    description: Annotated[str, words(1, 2_000)]
    usage_hint: Annotated[str, words(1, 1_000)]
    should_escape: bool
    url: Url | None = None


class Shortcut(_Part):
    name: Annotated[str, words(1, 24)]
    type: Literal["message", "global"]
    callback_id: Annotated[str, words(1, 255)]
    description: Annotated[str, words(1, 150)]


class Features(_Part):
    app_home: Home
    bot_user: BotUser
    slash_commands: Annotated[list[Slash], Field(min_length=1, max_length=50)]
    shortcuts: Annotated[list[Shortcut], Field(min_length=1, max_length=10)]


class Scopes(_Part):
    bot: Annotated[list[Word], Field(max_length=255)]


class OAuth(_Part):
    scopes: Scopes


class Events(_Part):
    bot_events: Annotated[list[Word], Field(max_length=100)]
    request_url: Url | None = None


class Interactivity(_Part):
    is_enabled: bool
    request_url: Url | None = None


class Settings(_Part):
    event_subscriptions: Events
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class Manifest(_Part):
    metadata: Annotated[Metadata, Field(alias="_metadata")]
    display_information: Display
    features: Features
    oauth_config: OAuth
    settings: Settings


@pytest.mark.parametrize("url", ["", URL])
def test_the_manifest_has_the_official_shape(url: str) -> None:
    shown = Manifest.model_validate(manifest("/desk", url))
    assert shown.settings.socket_mode_enabled is (url == "")
    addresses = {
        shown.settings.event_subscriptions.request_url,
        shown.settings.interactivity.request_url,
        shown.features.slash_commands[0].url,
    }
    assert addresses == {f"{URL}/chats/slack/events" if url else None}


def test_the_shape_refuses_what_slack_refuses() -> None:
    long: dict[str, object] = {"display_information": {"name": "x" * 36}}
    changes: tuple[dict[str, object], ...] = ({"surprise": 1}, {"settings": {}}, long)
    for change in changes:
        with pytest.raises(ValidationError):
            Manifest.model_validate(manifest("/desk") | change)


def test_only_what_is_used_is_asked_for() -> None:
    """Every method that we call, and the scope that Slack's documentation names for it."""
    source = "".join(
        path.read_text("utf-8") for path in Path(build_app.__code__.co_filename).parent.glob("*.py")
    )
    needed = {
        "chat.postMessage": {"chat:write"},
        "chat.update": {"chat:write"},
        "chat.postEphemeral": {"chat:write"},
        "conversations.history": {"channels:history", "groups:history", "im:history"},
        "conversations.info": {"channels:read", "groups:read"},
        "conversations.open": {"im:write"},
        "conversations.replies": {"channels:history", "groups:history"},
        "files.getUploadURLExternal": {"files:write"},
        "files.completeUploadExternal": {"files:write"},
        "users.info": {"users:read"},
    }
    # asked for by a field of a form, whose bytes are then read at an address that Slack names
    needed |= {"file_input": {"files:read"}}
    assert all(f'"{method}"' in source for method in needed)
    wanted = {"commands"}.union(*needed.values())
    assert set(manifest("/desk")["oauth_config"]["scopes"]["bot"]) == wanted


# --- the command


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys, monkeypatch)


def test_without_a_file_the_defaults_are_printed(desk: Desk) -> None:
    said = desk.run("manifest", "slack")
    assert said.code == 0
    assert json.loads(said.out) == manifest("/desk")


def test_the_configuration_names_the_command_and_the_address(desk: Desk) -> None:
    desk.write(
        CONFIG.replace("port = 8000", f'port = 8000\npublic_url = "{URL}"')
        + '[slack]\nmode = "http"\ncommand = "/acme"\n'
    )
    shown = json.loads(desk.run("manifest", "slack").out)
    assert shown == manifest("/acme", URL)


def test_http_without_an_address_is_refused_with_the_remedy(desk: Desk) -> None:
    desk.write(CONFIG + '[slack]\nmode = "http"\n')
    said = desk.run("manifest", "slack")
    assert said.code != 0
    assert "public_url" in said.err
