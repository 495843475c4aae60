"""`[telegram]` in the file: what it says, and every way to get it wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.bootstrap.intake import open_intake
from bot.bootstrap.opening import OpenDesk, opened
from bot.config import Settings, SettingsRefused, load
from bot.errors import ConfigurationError
from bot.model.member import ChatIdentity

FILE = """
[desk]
public_url = "{url}"
[telegram]
{telegram}
[[brands]]
slug = "acme"
name = "Acme"
[[brands.members]]
slug = "olga"
name = "Olga"
role = "agent"
telegram = 1002
{olga}
[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"
{alice}
[[brands.channels]]
slug = "care"
chat = "telegram"
channel = "{channel}"
"""


def read(folder: Path, **parts: str) -> Settings:
    usual = {"url": "", "telegram": "", "alice": "", "olga": "", "channel": "-1001234567890"}
    path = folder / "desk.toml"
    path.write_text(FILE.format(**(usual | parts)), "utf-8")
    return load(path, None, {})


def test_an_empty_table_polls_with_the_token_of_the_environment(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.telegram is not None
    assert settings.telegram.mode == "polling"
    assert settings.telegram.bot_token.env == "TELEGRAM_BOT_TOKEN"
    assert settings.chats == {"telegram"}
    olga, alice = settings.brands[0].members
    assert ChatIdentity("telegram", "1002") in olga.identities
    assert [one.chat for one in alice.identities] == ["console"]


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"channel": "@acme"}, "group's number"),
        ({"channel": "acme"}, "group's number"),
        ({"telegram": 'mode = "webhook"', "url": "https://a.example"}, "needs a secret"),
        ({"telegram": 'mode = "webhook"\nsecret = { env = "S" }'}, "with https://"),
        ({"telegram": 'mode = "webhook"\nsecret = { env = "S" }', "url": "http://a.b"}, "https"),
        ({"telegram": 'bot_token = "123:abc"'}, "a secret may not stand in the file"),
        ({"telegram": 'mode = "push"'}, "mode"),
        ({"telegram": 'tokens = "console"\nbot_token = { env = "T" }'}, "pasted there"),
        (
            {
                "telegram": 'tokens = "console"\nmode = "webhook"\nsecret = { env = "S" }',
                "url": "https://a.example",
            },
            "the Connect page asks for it",
        ),
        ({"alice": "telegram = 1002"}, "1002 is olga already"),
        ({"alice": 'telegram = "alice"'}, "telegram"),
        ({"alice": "telegram = -5"}, "telegram"),
        ({"alice": "direct = true"}, "who they are in a chat: slack or telegram"),
        ({"olga": "direct = true"}, "nothing waits for the yes of one who is agent"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, parts: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read(tmp_path, **parts)
    assert says in str(refused.value)


def test_a_channel_needs_the_table_of_its_chat(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    read(tmp_path)
    path.write_text(path.read_text("utf-8").replace("[telegram]\n", ""), "utf-8")
    with pytest.raises(SettingsRefused, match=r"add a \[telegram\] table"):
        load(path, None, {})


@asynccontextmanager
async def whole_desk(settings: Settings) -> AsyncIterator[OpenDesk]:
    async with open_intake(settings) as intake, AsyncExitStack() as stack:
        yield await opened(stack, intake)


async def test_without_its_token_a_run_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    with pytest.raises(ConfigurationError, match="TELEGRAM_BOT_TOKEN"):
        async with whole_desk(read(tmp_path)):
            pass


@pytest.mark.parametrize("secret", ["", "with blanks", "é", "x" * 257])
async def test_a_secret_that_telegram_would_refuse_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:x")
    monkeypatch.setenv("S", secret)
    settings = read(
        tmp_path, telegram='mode = "webhook"\nsecret = { env = "S" }', url="https://a.example"
    )
    with pytest.raises(ConfigurationError):
        async with whole_desk(settings):
            pass


async def test_nothing_of_telegram_is_connected_without_its_table(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    read(tmp_path)
    text = path.read_text("utf-8").partition("[[brands.channels]]")[0]
    path.write_text(text.replace("[telegram]\n", ""), "utf-8")
    async with whole_desk(load(path, None, {})) as desk:
        assert desk.chats.frontends == {}
