"""The part of `replydesk check` about accounts that were connected in the console."""

from __future__ import annotations

from collections.abc import Mapping

from bot.bootstrap.sealing import Sealing
from bot.bootstrap.wiring import tried_line
from bot.cli.check_accounts import abilities, verified
from bot.cli.findings import Finding, fail
from bot.cli.opening import opened_store
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.errors import AnswersRefused, ConfigurationError, ReplydeskError
from bot.model.joining import JoinedAccount
from bot.store.migrate import current, head


async def check_joined(settings: Settings) -> list[Finding]:
    """Asks each one's network whose token it has; none before the first run."""
    found = []
    for joined in await _joined(settings):
        found += await _check(settings, joined)
    return found


async def _joined(settings: Settings) -> list[JoinedAccount]:
    """None where the store cannot be read, which is told in its own line."""
    try:
        if current(settings.desk.database_url) != head():
            return []
        async with opened_store(settings) as store:
            return list((await store.read(lambda tx: tx.joined.all())).values())
    except ReplydeskError:
        return []


async def _check(settings: Settings, joined: JoinedAccount) -> list[Finding]:
    about = joined.account.slug
    try:
        answers = {**_written(joined.settings), **_opened(settings, joined)}
        network = joined.account.network
        async with tried_line(settings, SystemClock(), network, answers) as tried:
            line = tried.connector
            return [*await verified(about, line), *abilities(about, line.capabilities)]
    except (AnswersRefused, ConfigurationError) as error:
        return [fail(about, str(error))]


def _written(settings: Mapping[str, object]) -> dict[str, str]:
    """As somebody would write it into the form."""
    return {k: ", ".join(v) if isinstance(v, list) else str(v) for k, v in settings.items()}


def _opened(settings: Settings, joined: JoinedAccount) -> dict[str, str]:
    if not joined.sealed:
        return {}
    vault = Sealing(settings.desk).vault()
    return {name: vault.open(text, joined.context(name)) for name, text in joined.sealed.items()}
