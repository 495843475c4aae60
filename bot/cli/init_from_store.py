"""`replydesk init --from-store`: what was set up from chat or console, as the file spells it.

Nothing is written into the file, which may be generated, read-only or in a repository. Once a table
stands there the configuration is the truth about it, and the next start takes the row over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.cli.init_accounts import variable_of
from bot.cli.opening import opened_store
from bot.cli.terminal import say
from bot.cli.toml_text import Value, toml_lines
from bot.config import Settings
from bot.model.account import Brand
from bot.model.channel import Channel, Route, Shows
from bot.model.member import Member
from bot.store.tx import Tx

NOTHING = "Everything that the desk has stands in the configuration already."
SEALED = (
    "\n# The secrets of this account are sealed in the store. Once its table stands in the file,"
    "\n# they are deleted there and read from these variables: set them first."
)
PASTED = (
    "\n# {name} was connected in the console, and its tokens are sealed in the store. With this"
    "\n# table they are deleted there and read from these variables: set them first. To leave them"
    '\n# there, write tokens = "console" instead.'
)
HEAD = "# Set up from chat or console. Put each table below the [[brands]] that it belongs to."
CALLED = {"slack": "http", "telegram": "webhook"}
"""The mode of a chat that calls us."""
IN_TOML = frozenset({"relay", "slack", "telegram"})
"""Chats that say in a member's table who they are there."""


async def export(settings: Settings) -> int:
    async with opened_store(settings) as store:
        lines = await store.read(lambda tx: [*_chats(tx, settings), *_exported(tx)])
    say("\n".join([HEAD, *lines]) if lines else NOTHING)
    return 0


def _exported(tx: Tx) -> Iterator[str]:
    for brand in tx.accounts.brands():
        tables = [*_people(tx, brand), *_accounts(tx, brand), *_channels(tx, brand)]
        if tables:
            yield f"\n# [[brands]] {brand.slug}"
            yield from tables


def _chats(tx: Tx, settings: Settings) -> Iterator[str]:
    """Those of which the file says nothing yet; with the names of the usual variables."""
    for chat, joined in tx.team_chats.connected().items():
        if chat not in settings.chats:
            yield PASTED.format(name=joined.name)
            held: dict[str, Value] = {"mode": CALLED[chat]} if joined.is_called else {}
            held |= {name: {"env": f"{chat}_{name}".upper()} for name in joined.sealed}
            yield "\n".join([f"[{chat}]", *toml_lines(held)])


def _people(tx: Tx, brand: Brand) -> Iterator[str]:
    added = {member.id for member in tx.people.added(brand.id)}
    for member in tx.people.of_brand(brand.id):
        linked = _linked(tx, member)
        if member.id in added:
            about = {"slug": member.slug, "name": member.name, "role": member.role.value}
            yield _table("brands.members", about | linked)
        elif linked:
            said = ", ".join(toml_lines(linked))
            yield f"\n# in the [[brands.members]] of {member.slug}, who linked it: {said}"


def _linked(tx: Tx, member: Member) -> dict[str, Value]:
    found = {one.chat: one.user for one in tx.people.linked(member.id) if one.chat in IN_TOML}
    return {chat: int(user) if chat == "telegram" else user for chat, user in found.items()}


def _accounts(tx: Tx, brand: Brand) -> Iterator[str]:
    """With the names of variables for their secrets, which are not taken out of the store."""
    for joined in tx.joined.all().values():
        account = joined.account
        if account.brand_id == brand.id:
            held = {name: {"env": variable_of(account.slug, name)} for name in joined.sealed}
            about: dict[str, Value] = {"slug": account.slug, "network": account.network}
            if joined.hook is not None:
                about["hook"] = joined.hook.name
            if held:
                yield SEALED
            yield _table("brands.accounts", {**about, **_written(joined.settings), **held})


def _written(settings: Mapping[str, object]) -> dict[str, Value]:
    return {k: tuple(v) if isinstance(v, list) else str(v) for k, v in settings.items()}


def _channels(tx: Tx, brand: Brand) -> Iterator[str]:
    for channel in tx.channels.all_of_brand(brand.id):
        if not channel.from_file:
            yield _table("brands.channels", _channel(channel, brand))
            for route in channel.routes:
                yield _table("brands.channels.routes", _route(route))


def _channel(channel: Channel, brand: Brand) -> dict[str, Value]:
    place = channel.place
    values: dict[str, Value] = {
        "slug": channel.slug,
        "chat": channel.chat,
        "channel": place.channel,
        "topic": place.topic,
        "title": channel.title,
        "language": place.language,
        "zone": "" if place.zone == brand.zone else place.zone,
        "reads": channel.reads,
        "shows": () if channel.shows == frozenset(Shows) else sorted(channel.shows),
    }
    spelled = {key: value for key, value in values.items() if value}
    return spelled if channel.threads else spelled | {"threads": False}


def _route(route: Route) -> dict[str, Value]:
    values: dict[str, Value] = {
        "accounts": route.accounts,
        "kinds": route.kinds,
        "languages": route.languages,
        "risks": route.risks,
        "labels": route.labels,
    }
    return {key: value for key, value in values.items() if value}


def _table(name: str, values: Mapping[str, Value]) -> str:
    return "\n".join(["", f"[[{name}]]", *toml_lines(values)])
