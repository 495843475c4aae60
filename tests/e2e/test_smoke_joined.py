"""`replydesk smoke` and `check` of what was connected in the console, from the sealed tokens."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.loop import alice_at, network_of, written
from tests.e2e.process import TOKEN, DeskHome, said_by
from tests.e2e.smoking import CHANNEL
from tests.e2e.test_connecting import SLUG, home_without_accounts, joined
from tests.e2e.test_connecting_chats import joined as joined_chat
from tests.e2e.test_connecting_chats import lands_in, pasted
from tests.fakes import telegram_server
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.fakes.telegram_world import GROUP

TABLES = """
[slack]
tokens = "console"
api_url = "{slack}"

[telegram]
tokens = "console"
base_url = "{telegram}"
"""
TOKENS = (BOT_TOKEN, APP_TOKEN, telegram_server.TOKEN, TOKEN)
PRIVATE = (*TOKENS, "Where is my order", CHANNEL, SLUG, "Acme", "Alice")


async def set_up(home: DeskHome) -> None:
    """An account and both chats, as an admin connects them; then the desk is stopped."""
    async with home.open() as desk, alice_at(home) as alice:
        await joined(home, alice)
        await joined_chat(alice, pasted())
        asked = {"chat": "telegram", "answers": {"bot_token": telegram_server.TOKEN}}
        await joined_chat(alice, asked)
        await lands_in(alice, "slack", CHANNEL)
        await lands_in(alice, "telegram", str(GROUP))
        await desk.interrupt()


async def test_what_was_connected_in_the_console_goes_through_the_checklist_and_is_recorded(
    tmp_path: Path,
) -> None:
    async with SlackServer().serving() as slack, TelegramServer().serving() as telegram:
        telegram.world.chats[GROUP].is_forum = True
        home = home_without_accounts(tmp_path / "desk")
        with home.configuration.open("a", encoding="utf-8") as file:
            file.write(TABLES.format(slack=slack.api_url, telegram=telegram.url))
        async with network_of(home, hooks=False) as sandbox:
            comment = await written(sandbox, "Where is my order?")
            await set_up(home)
            records = tmp_path / "records"
            words = ("--yes", "--reply", f"{SLUG}={comment}", "--record", str(records))
            code, said = await said_by(home.folder, "smoke", *words)
            assert code == 3, said
            [report] = (home.folder / ".replydesk" / "smoke").glob("*.json")
            rows = json.loads(report.read_text("utf-8"))["steps"]
            verdicts = {(one["where"], one["step"]): one["verdict"] for one in rows}
            for where, step in (("slack", "post"), ("telegram", "post"), (SLUG, "reply")):
                assert verdicts[where, step] == "pass", rows
            assert "fail" not in verdicts.values()
            assert slack.messages == []
            assert (await sandbox.visible_replies()).get(comment, []) == []

            files = {path.stem: path.read_text("utf-8") for path in records.glob("*.json")}
            assert files.keys() == {"slack", "telegram", "sandbox"}
            for name, text in files.items():
                assert [word for word in PRIVATE if word in text] == [], name
            assert [token for token in TOKENS if token in said] == []

            code, said = await said_by(home.folder, "smoke", "--yes", "--only", SLUG)
            assert code == 3, said
            assert "slack" not in said
            _code, said = await said_by(home.folder, "check")
            assert "This is @replydesk · Acme, connected in the console." in said
            assert f"Webhooks belong at {home.url}/hooks/sandbox/{SLUG}" in said
