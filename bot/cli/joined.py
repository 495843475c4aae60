"""What was connected in the console, as commands of the command line find it in the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot import logs
from bot.bootstrap.chats import Given
from bot.bootstrap.sealing import Sealing
from bot.cli.opening import opened_store
from bot.config import Settings
from bot.errors import ReplydeskError
from bot.model.channel import Place
from bot.model.joining import JoinedAccount
from bot.model.team_chat import TeamChat
from bot.store.migrate import current, head
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Joined:
    accounts: tuple[JoinedAccount, ...] = ()
    chats: tuple[TeamChat, ...] = ()
    """Those whose tokens the file does not name."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """By chat, the first channel that an admin chose there."""
    words: tuple[str, ...] = ()
    """Names of people and channels in the store."""


async def joined_in(settings: Settings) -> Joined:
    """Nothing where the store cannot be read, which `check` tells in its own line."""
    try:
        if current(settings.desk.database_url) != head():
            return Joined()
        async with opened_store(settings) as store:
            return await store.read(lambda tx: _joined(tx, settings))
    except ReplydeskError:
        return Joined()


def _joined(tx: Tx, settings: Settings) -> Joined:
    chats = tx.team_chats.connected().values()
    places: dict[str, Place] = {}
    for brand in tx.accounts.brands():
        for channel in tx.channels.all_of_brand(brand.id):
            places.setdefault(channel.chat, channel.place)
    return Joined(
        tuple(tx.joined.all().values()),
        tuple(one for one in chats if one.chat not in settings.named_chats),
        places,
        tuple(_words(tx)),
    )


def _words(tx: Tx) -> Iterator[str]:
    for brand in tx.accounts.brands():
        for channel in tx.channels.all_of_brand(brand.id):
            yield from (channel.title, channel.place.channel)
        for member in tx.people.of_brand(brand.id):
            yield from (member.name, member.slug)
    for account in tx.accounts.all():
        yield from (account.slug, account.name or account.slug)


def answers_of(settings: Settings, joined: JoinedAccount) -> dict[str, str]:
    """As somebody would write them into the form. ConfigurationError without the key."""
    written = {
        k: ", ".join(v) if isinstance(v, list) else str(v) for k, v in joined.settings.items()
    }
    if not joined.sealed:
        return written
    vault = Sealing(settings.desk).vault()
    return written | {
        name: vault.open(text, joined.context(name)) for name, text in joined.sealed.items()
    }


def given_of(settings: Settings, chat: TeamChat) -> Given:
    """ConfigurationError without the key."""
    vault = Sealing(settings.desk).vault()
    tokens = {name: vault.open(text, chat.context(name)) for name, text in chat.sealed.items()}
    for token in tokens.values():
        logs.redact(token)
    return Given(tokens, chat.is_called)
