"""The part of `replydesk check` about what was connected in the console: accounts and chats."""

from __future__ import annotations

from collections.abc import Mapping

from bot.bootstrap.joined_chats import introduced
from bot.bootstrap.sealing import Sealing
from bot.bootstrap.wiring import tried_line
from bot.cli.check_accounts import abilities, verified
from bot.cli.findings import Finding, fail, ok, warn
from bot.cli.opening import opened_store
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.errors import AnswersRefused, ConfigurationError, ConnectorError, ReplydeskError
from bot.model.joining import JoinedAccount
from bot.model.team_chat import TeamChat
from bot.speech.speech import ENGLISH
from bot.store.migrate import current, head

NOBODY = "Nobody has pasted its tokens yet. An admin does, on the Connect page of the console."


async def check_joined(settings: Settings) -> list[Finding]:
    """Asks each one's network or chat whose token it has; none before the first run."""
    accounts, chats = await _joined(settings)
    found = []
    for joined in accounts:
        found += await _check(settings, joined)
    for chat in chats:
        found += await _check_chat(settings, chat)
    known = {one.chat for one in chats}
    wanted = settings.chats - settings.named_chats - known
    return [*found, *(warn(chat, NOBODY) for chat in sorted(wanted))]


async def _joined(settings: Settings) -> tuple[list[JoinedAccount], list[TeamChat]]:
    """None where the store cannot be read, which is told in its own line."""
    try:
        if current(settings.desk.database_url) != head():
            return [], []
        async with opened_store(settings) as store:
            accounts = await store.read(lambda tx: tx.joined.all())
            chats = await store.read(lambda tx: tx.team_chats.connected())
    except ReplydeskError:
        return [], []
    return list(accounts.values()), [
        one for name, one in chats.items() if name not in settings.named_chats
    ]


async def _check_chat(settings: Settings, joined: TeamChat) -> list[Finding]:
    chat = joined.chat
    try:
        vault = Sealing(settings.desk).vault()
        tokens = {name: vault.open(text, joined.context(name))
                  for name, text in joined.sealed.items()}  # fmt: skip
        told = await introduced(settings, SystemClock(), chat, tokens, ENGLISH)
    except (AnswersRefused, ConfigurationError, ConnectorError) as error:
        return [fail(chat, str(error))]
    except TimeoutError:
        return [fail(chat, "It did not answer in time.")]
    says = f"This is {told.name}, connected in the console."
    return [ok(chat, says), *(warn(chat, one) for one in told.cannot)]


async def _check(settings: Settings, joined: JoinedAccount) -> list[Finding]:
    about = joined.account.slug
    try:
        answers = {**_written(joined.settings), **_opened(settings, joined)}
        network = joined.account.network
        async with tried_line(settings, SystemClock(), network, answers) as tried:
            line = tried.connector
            return [
                *await verified(about, line),
                *abilities(about, line.capabilities),
                *_hook(settings, joined),
            ]
    except (AnswersRefused, ConfigurationError) as error:
        return [fail(about, str(error))]


def _hook(settings: Settings, joined: JoinedAccount) -> list[Finding]:
    if joined.hook is None:
        return []
    address = f"{settings.desk.console_url}/hooks/{joined.account.network}/{joined.hook.name}"
    came = "some have come" if joined.hook.since is not None else "none has come yet"
    return [ok(joined.account.slug, f"Webhooks belong at {address}; {came}.")]


def _written(settings: Mapping[str, object]) -> dict[str, str]:
    """As somebody would write it into the form."""
    return {k: ", ".join(v) if isinstance(v, list) else str(v) for k, v in settings.items()}


def _opened(settings: Settings, joined: JoinedAccount) -> dict[str, str]:
    if not joined.sealed:
        return {}
    vault = Sealing(settings.desk).vault()
    return {name: vault.open(text, joined.context(name)) for name, text in joined.sealed.items()}
