"""`[slack]` in the configuration, and what `replydesk check` says of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import SettingsRefused, load
from bot.model.account import SecretRef
from bot.model.member import ChatIdentity
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.unit.cli_case import CONFIG, Desk

MEMBER = '[[brands.members]]\nslug = "bob"\nname = "Bob"\nrole = "approver"\nslack = "U0BOB"\n'
CHANNEL = '[[brands.channels]]\nslug = "care"\nchat = "slack"\nchannel = "C0CARE"\n'


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return Desk(tmp_path, capsys, monkeypatch)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A Slack in a thread of its own: the command line has a loop of its own."""
    server, ready, over = SlackServer(), threading.Event(), threading.Event()

    async def serve() -> None:
        async with server.serving():
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    yield server
    over.set()
    thread.join()


def refused(desk: Desk, text: str) -> str:
    desk.write(text)
    with pytest.raises(SettingsRefused) as caught:
        load(desk.folder / "replydesk.toml", environment={})
    return str(caught.value)


def test_an_empty_table_is_enough(desk: Desk) -> None:
    desk.write(CONFIG + MEMBER + CHANNEL + "[slack]\n")
    settings = load(desk.folder / "replydesk.toml", environment={})
    assert settings.slack is not None
    assert settings.slack.bot_token == SecretRef(env="SLACK_BOT_TOKEN")
    assert settings.chats == {"slack"}
    [bob] = [one for one in settings.brands[0].members if one.slug == "bob"]
    assert ChatIdentity("slack", "U0BOB") in bob.identities


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (CONFIG + CHANNEL, "add a [slack] table"),
        (CONFIG + CHANNEL + 'topic = "x"\n[slack]\n', "no topics"),
        (CONFIG + '[slack]\ncommand = "desk"\n', "/desk"),
        (CONFIG + '[slack]\nmode = "carrier pigeon"\n', "mode"),
        (CONFIG + '[slack]\nbot_token = "xoxb-1-secret"\n', "environment variable"),
        (CONFIG + MEMBER + MEMBER.replace("bob", "rob") + "[slack]\n", "one person is one member"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(desk: Desk, text: str, says: str) -> None:
    told = refused(desk, text)
    assert says in told
    assert "xoxb-1-secret" not in told


def lines(desk: Desk) -> list[str]:
    return [one for one in desk.run("check").out.splitlines() if one[6:].startswith("slack ")]


def test_check_says_whose_token_it_is_and_who_is_known(
    desk: Desk, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_APP_TOKEN", APP_TOKEN)
    desk.write(CONFIG + MEMBER + CHANNEL + f'[slack]\napi_url = "{slack.api_url}"\n')
    assert lines(desk) == [
        "ok    slack      This is @replydesk of Acme.",
        "ok    slack      A socket can be opened; no public address is needed.",
        "ok    slack      Cards can be posted in #care.",
        "ok    slack      Known there: Bob.",
    ]
    assert slack.messages == []


def test_check_says_what_to_do_where_something_is_missing(
    desk: Desk, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_APP_TOKEN", APP_TOKEN)
    away = CHANNEL.replace("C0CARE", "C0OUT") + CHANNEL.replace('"care"', '"no"').replace(
        "C0CARE", "C0NONE"
    )
    desk.write(CONFIG + away + f'[slack]\napi_url = "{slack.api_url}"\n')
    told = lines(desk)
    assert [one.split()[0] for one in told] == ["ok", "ok", "fail", "fail", "warn"]
    assert "/invite" in told[2]
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    [refusal] = [one for one in lines(desk) if one.startswith("fail")]
    assert "Slack refuses the token" in refusal


def test_check_names_the_variable_that_is_not_set(desk: Desk) -> None:
    desk.write(CONFIG + "[slack]\n")
    assert "SLACK_BOT_TOKEN" in desk.run("check").out
