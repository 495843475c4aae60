"""The part of `replydesk check` about what was connected in the console: accounts and chats."""

from __future__ import annotations

from bot.bootstrap.chats import address_of, has_address
from bot.bootstrap.joined_chats import introduced
from bot.bootstrap.wiring import tried_line
from bot.cli.check_accounts import abilities, verified
from bot.cli.findings import Finding, fail, ok, warn
from bot.cli.joined import answers_of, given_of, joined_in
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.errors import AnswersRefused, ConfigurationError, ConnectorError
from bot.model.joining import JoinedAccount
from bot.model.team_chat import TeamChat
from bot.speech.speech import ENGLISH

NOBODY = "Nobody has pasted its tokens yet. An admin does, on the Connect page of the console."


async def check_joined(settings: Settings) -> list[Finding]:
    """Asks each one's network or chat whose token it has; none before the first run."""
    kept = await joined_in(settings)
    found = []
    for joined in kept.accounts:
        found += await _check(settings, joined)
    for chat in kept.chats:
        found += await _check_chat(settings, chat)
    known = {one.chat for one in kept.chats}
    wanted = settings.chats - settings.named_chats - known
    return [*found, *(warn(chat, NOBODY) for chat in sorted(wanted))]


async def _check_chat(settings: Settings, joined: TeamChat) -> list[Finding]:
    chat = joined.chat
    try:
        tokens = given_of(settings, joined).tokens
        told = await introduced(settings, SystemClock(), chat, tokens, ENGLISH)
    except (AnswersRefused, ConfigurationError, ConnectorError) as error:
        return [fail(chat, str(error))]
    except TimeoutError:
        return [fail(chat, "It did not answer in time.")]
    says = f"This is {told.name}, connected in the console."
    found = [ok(chat, says), *(warn(chat, one) for one in told.cannot)]
    if joined.is_called:
        found.append(_called(settings, joined))
    return found


def _called(settings: Settings, joined: TeamChat) -> Finding:
    chat = joined.chat
    if not has_address(settings, chat):
        says = "It calls the desk, and [desk] public_url does not say where that is. Set it."
        return fail(chat, says)
    came = "some have come" if joined.called_at is not None else "none has come yet"
    return ok(chat, f"Its requests belong at {address_of(settings, chat)}; {came}.")


async def _check(settings: Settings, joined: JoinedAccount) -> list[Finding]:
    about = joined.account.slug
    try:
        answers = answers_of(settings, joined)
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
