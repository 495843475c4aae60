"""The promises, asked after every step and once more when everything has come to rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from bot.cards.card import plain
from bot.model.ids import MINUTE, Moment, PublicationId, RemoteId
from bot.model.item import ItemState
from bot.model.peak import RollKind
from bot.model.publication import Prepared, PublicationState
from bot.services.audit_book import ChainCheck, verify_store
from bot.store.tx import Tx
from tests.chaos.model.book import Broken, Grant
from tests.chaos.model.process import Process
from tests.chaos.model.public import PublicNetwork, Said
from tests.chaos.model.world import CHANNELS, World

_P = PublicationState

WATCHERS = (
    "CREATE TABLE seen_move (number INTEGER PRIMARY KEY, publication INTEGER, old TEXT, new TEXT)",
    "CREATE TRIGGER moves AFTER UPDATE OF state ON publication WHEN OLD.state <> NEW.state BEGIN "
    "INSERT INTO seen_move (publication, old, new) VALUES (OLD.id, OLD.state, NEW.state); END",
    "CREATE TRIGGER turns AFTER UPDATE OF revision ON card WHEN NEW.revision <= OLD.revision BEGIN "
    "SELECT RAISE(ABORT, 'a card went back'); END",
    *(
        f"CREATE TRIGGER keeps_{table} BEFORE DELETE ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'something stored was deleted'); END"
        for table in ("item", "card", "draft", "approval", "publication", "post", "audit")
    ),
)
"""The file itself watches what no later look could see. Laid into the file before a run."""

ARROWS: Mapping[str, str] = {
    "queued": "sending recorded cancelled failed published",
    "sending": "published queued unknown failed",
    "unknown": "published failed queued needs_human",
    "needs_human": "published queued cancelled",
    "failed": "queued cancelled published",
    "published": "failed",
    "cancelled": "",
    "recorded": "",
}
"""DESIGN section 4, copied by hand."""

BY_A_PERSON = {("needs_human", "queued"), ("needs_human", "cancelled"), ("failed", "queued")}


SKEW = MINUTE
"""By so much the clocks of a network and of the desk may differ, as the desk allows for."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A publication as the desk stores it."""

    id: PublicationId
    token: str
    account: str
    target: RemoteId | None
    words: str
    key: str
    state: PublicationState
    created_at: Moment
    is_abandoned: bool


@dataclass(slots=True)
class Judge:
    world: World
    moves_seen: int = 0
    abandoned: set[int] = field(default_factory=set)
    chain: ChainCheck = field(default_factory=ChainCheck)

    async def after_a_step(self, process: Process, *, by_a_person: bool) -> None:
        moves, stored, sealed = await process.read(lambda tx: self._look(tx, process))
        self._judge_moves(moves, by_a_person=by_a_person)
        for one in stored:
            self._judge_truth(one)
        for row in sealed:
            self.chain.take(row)
        if self.chain.trouble is not None:
            raise Broken(f"the audit's chain: {self.chain.trouble}")
        for each in self.world.faults:
            raise Broken("a task raised what it should not") from each

    def _look(self, tx: Tx, process: Process) -> tuple[list[Any], list[Stored], list[Any]]:
        moves = tx.connection.execute(_MOVES, {"after": self.moves_seen}).all()
        self.abandoned |= {m.publication for m in moves if (m.old, m.new) == _GIVEN_UP}
        return list(moves), self._stored(tx, process), tx.audits.sealed(self.chain.number)

    def _stored(self, tx: Tx, process: Process) -> list[Stored]:
        return [
            Stored(
                PublicationId(row.id),
                row.token,
                process.accounts[row.account_id],
                None if row.remote_id is None else RemoteId(row.remote_id),
                row.text,
                Prepared.from_json(row.prepared).key,
                PublicationState(row.state),
                Moment(row.created_at),
                row.id in self.abandoned,
            )
            for row in tx.connection.execute(_PUBLICATIONS)
        ]

    def _judge_moves(self, moves: list[Any], *, by_a_person: bool) -> None:
        for move in moves:
            self.moves_seen = move.number
            if move.new not in ARROWS[move.old].split():
                raise Broken(f"publication {move.publication} went from {move.old} to {move.new}")
            if (move.old, move.new) in BY_A_PERSON and not by_a_person:
                raise Broken(f"nobody decided that {move.publication} goes to {move.new}")

    def _judge_truth(self, one: Stored) -> None:
        """What the desk believes of a publication agrees with what stands on the network."""
        network = self.world.networks[one.account]
        stands = any(said.key == one.key for said in network.said.values())
        is_coming = any(coming.prepared.key == one.key for coming in network.coming)
        match one.state:
            case _P.QUEUED | _P.FAILED | _P.RECORDED if stands or is_coming:
                raise Broken(f"{one} stands on the network already, or may soon")
            case _P.CANCELLED if (stands or is_coming) and not one.is_abandoned:
                raise Broken(f"{one} was called off, and stands on the network")
            case _P.PUBLISHED if not stands and not _said_by_hand(network, one):
                raise Broken(f"{one} is not on the network")

    async def after_an_echo(self, process: Process, network: PublicNetwork, said: Said) -> None:
        """Our own words, seen as we wrote them, are proof whatever was believed of them.

        Unless they are dated before they were approved: then somebody set the clock in between.
        """
        if not said.key or said.is_gone or network.alters:
            return
        for one in await process.read(lambda tx: self._stored(tx, process)):
            if said.at < one.created_at - SKEW:
                continue
            if one.key == said.key and one.state not in {_P.PUBLISHED, _P.CANCELLED}:
                raise Broken(f"{one} was seen on the network")

    # At rest

    async def at_rest(self, process: Process) -> None:
        """Everything that was due has been done, and the networks are well."""
        verdict = await verify_store(process.store)
        if not verdict.is_sound:
            raise Broken(verdict.says)
        await self._judge_items(process)
        stored = await process.read(lambda tx: self._stored(tx, process))
        for one in stored:
            if one.state in {_P.SENDING, _P.UNKNOWN}:
                raise Broken(f"{one} came to no end")
            # what stands there was seen by a poll
            network = self.world.networks[one.account]
            for said in network.ours(one.key):
                await self.after_an_echo(process, network, said)
        await self._judge_messages(process)
        for grant in self.world.book.grants:
            await self._judge_grant(process, grant, stored)

    async def _judge_items(self, process: Process) -> None:
        """Every comment is on the desk, as it reads on the network now."""
        for number, slug in process.accounts.items():
            said = self.world.networks[slug].comments()
            keys = [one.remote_id for one in said]
            known = await process.read(
                lambda tx, number=number, keys=keys: tx.items.known(number, keys)  # type: ignore[misc]
            )
            for one in said:
                item = known.get(one.remote_id)
                if item is None and one.is_gone:
                    continue  # it was deleted before the desk could hear of it
                if item is None:
                    raise Broken(f"{one} is not on the desk")
                if (item.state is ItemState.GONE) is not one.is_gone:
                    raise Broken(f"{one} is {item.state} on the desk")
                if not one.is_gone and item.text != one.text:
                    raise Broken(f"{one} reads {item.text!r} on the desk")

    async def _judge_messages(self, process: Process) -> None:
        """Every card stands in every channel as it was last decided, what rolls on in its own."""
        cards = await process.read(lambda tx: tx.connection.execute(_CARDS).all())
        lost = await process.read(lambda tx: tx.connection.execute(_LOST_TWICE).all())
        for card in cards:
            for channel in CHANNELS:
                chat = self.world.chats[channel.chat]
                shown = chat.showing(card.token, channel.place.channel)
                if card.channel not in {None, channel.slug}:
                    if shown:
                        raise Broken(f"{card} stands in {channel.slug} as {shown}")
                    continue
                if card.item_state == ItemState.GONE and not shown:
                    continue  # it was deleted before anybody could be shown it
                if card.rolls == RollKind.WOKE and not card.remain and not shown:
                    continue  # what came back from a snooze was deleted before it could be told
                if chat.may_repeat and (card.token, channel.slug) in map(tuple, lost):
                    continue  # the chat shows nothing, and a third one would be one more double
                if not any(one.card.revision == card.revision for one in shown):
                    raise Broken(f"{card} stands in {channel.slug} as {shown}")

    async def _judge_grant(self, process: Process, grant: Grant, stored: list[Stored]) -> None:
        """It stands there, or a person called it off, or its card says what is wrong."""
        if grant.visible or grant.ended or grant.excused:
            return
        own = [one for one in stored if one.key in grant.keys] or [
            one for one in stored if (one.token, one.words) == (grant.token, grant.words)
        ]
        if not own:
            raise Broken(f"{grant} was approved, and there is no publication of it")
        last = own[-1]
        if last.state is _P.QUEUED and (self.world.book.is_held(grant) or grant.is_late):
            return
        if last.state is _P.PUBLISHED and _said_by_hand(self.world.networks[grant.account], last):
            return
        expired = grant.expires is not None and grant.expires < self.world.latest
        may_be = {_P.FAILED, _P.NEEDS_HUMAN} | ({_P.CANCELLED} if expired else set())
        if last.state not in may_be:
            raise Broken(f"{grant} was approved, and became {last}")
        await self._judge_card(process, grant)

    async def _judge_card(self, process: Process, grant: Grant) -> None:
        card = await process.card(grant.token)
        says = [plain(spans) for spans in (card.state.spans, *card.facts)]
        if not any(_TELLS.search(one) for one in says):
            raise Broken(f"{grant} is stuck, and its card says: {says}")


def _said_by_hand(network: PublicNetwork, one: Stored) -> bool:
    """Somebody of the team wrote the same words on the network itself."""
    return any(
        said.by_us and not said.key and said.parent == one.target and said.text == one.words
        for said in network.said.values()
    )


_TELLS = re.compile("Not published|Not sure it went out|Not sent: its time had passed")
_GIVEN_UP = ("needs_human", "cancelled")
_CARDS = text(
    "SELECT c.kind, c.token, c.subject_id, c.revision, i.state AS item_state, n.slug AS channel, "
    "p.kind AS rolls, (SELECT count(*) FROM peak_item m JOIN item w ON w.id = m.item_id "
    "WHERE m.peak_id = p.id AND w.state != 'gone') AS remain "
    "FROM card c LEFT JOIN item i ON c.kind = 'item' AND i.id = c.subject_id "
    "LEFT JOIN peak p ON c.kind = 'peak' AND p.id = c.subject_id "
    "LEFT JOIN channel n ON n.id = p.channel_id"
)
_LOST_TWICE = text(
    "SELECT c.token, n.slug FROM card_ref r JOIN card c ON c.id = r.card_id "
    "JOIN channel n ON n.id = r.channel_id "
    "WHERE r.state = 'gone' AND r.is_repeat"
)
_MOVES = text("SELECT * FROM seen_move WHERE number > :after ORDER BY number")
_PUBLICATIONS = text(
    "SELECT p.id, p.account_id, p.text, p.prepared, p.state, p.created_at, i.remote_id, c.token "
    "FROM publication p LEFT JOIN item i ON i.id = p.item_id "
    "LEFT JOIN post_variant v ON v.id = p.variant_id "
    "JOIN card c ON (c.kind, c.subject_id) = "
    "(CASE WHEN i.id THEN 'item' ELSE 'post' END, coalesce(i.id, v.post_id)) ORDER BY p.id"
)
