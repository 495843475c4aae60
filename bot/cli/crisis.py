"""`replydesk crisis start|end|status`: the door that is left when every chat is dead.

It decides as a member whose slug is given, with what that member may do, through the same desk as
a press; a desk that runs meanwhile sees it at once.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
from collections.abc import Iterable

from bot.bootstrap.rules import rules_of
from bot.cards.card import Card, plain
from bot.cards.held_view import DECISIONS
from bot.cards.kinds import CardKind
from bot.cards.pages import CardQuery
from bot.cli.opening import opened_store, settings_from
from bot.cli.terminal import ask, complain, say
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.errors import ConfigurationError
from bot.metrics import Metrics
from bot.model import commands as c
from bot.model.commands import Command, Order, Outcome
from bot.model.crisis import CrisisState, Level
from bot.model.hold import HeldVerb
from bot.model.ids import CardToken, CommandId
from bot.model.member import ChatIdentity, Role
from bot.services.desk import TheDesk
from bot.services.lines import Lines
from bot.store.store import Store
from bot.store.tx import Tx

LEAVE = "leave"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("start", "end", "status"))
    parser.add_argument("--reason", default="", metavar="TEXT", help="Says why it starts.")
    parser.add_argument(
        "--as", dest="member", metavar="MEMBER", help="Decides as this member, by their slug."
    )
    parser.add_argument(
        "--level",
        choices=[level.value for level in Level],
        help="Says what approvals ask for meanwhile.",
    )
    parser.add_argument("--yes", action="store_true", help="Does not ask anything.")


def run(arguments: argparse.Namespace) -> int:
    settings = settings_from(arguments)
    return asyncio.run(_run(settings, arguments))


async def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    async with opened_store(settings) as store:
        if arguments.what == "status":
            for line in await store.read(lambda tx: list(_status(tx))):
                say(line)
            return 0
        if not arguments.member:
            able = await store.read(_managers)
            raise ConfigurationError(
                f"Say who decides, with --as and a slug. Managers here: {', '.join(able) or '-'}."
            )
        hand = _Hand(store, settings, arguments.member)
        if arguments.what == "start":
            return await _start(hand, arguments)
        return await _end(hand, asks=not arguments.yes)


class _Hand:
    """One member at the terminal."""

    def __init__(self, store: Store, settings: Settings, member: str) -> None:
        self._desk = TheDesk(store, SystemClock(), Lines({}), rules_of(settings), "", Metrics())
        self._who = ChatIdentity("console", member)

    async def does(self, command: Command) -> Outcome:
        order = Order(CommandId(secrets.token_hex(16)), self._who, command)
        outcome = await self._desk.perform(order)
        (say if outcome.is_done else complain)(outcome.says)
        return outcome

    async def card(self, token: str) -> Card:
        page = await self._desk.view(CardQuery(CardToken(token)), self._who)
        if page.card is None:
            raise ConfigurationError("The card of the crisis is gone. Look at its status.")
        return page.card


async def _start(hand: _Hand, arguments: argparse.Namespace) -> int:
    level = None if arguments.level is None else Level(arguments.level)
    proposed = await hand.does(c.ProposeCrisis(arguments.reason, level))
    if not proposed.is_done:
        return 1
    card = await hand.card(proposed.note)
    for line in _told(card):
        say(line)
    if not arguments.yes and not _is_sure("Start crisis mode? (yes/no)"):
        await hand.does(c.DropCrisis(card.key, card.revision))
        return 1
    started = await hand.does(c.StartCrisis(card.key, card.revision))
    return 0 if started.is_done else 1


async def _end(hand: _Hand, *, asks: bool) -> int:
    """What was held is asked about one by one; what nobody decides about stays held."""
    if asks and not _is_sure("End crisis mode? Nothing leaves by that. (yes/no)"):
        say("Crisis mode goes on.")
        return 1
    ended = await hand.does(c.EndCrisis())
    if not ended.is_done:
        return 1
    left: set[int] = set()
    while asks:
        card = await hand.card(ended.note)
        first = next((one for one in _asked(card) if one not in left), None)
        if first is None:
            break
        say(plain(card.quote))
        verb = ask(f"Post #{first}: {', '.join(map(str, DECISIONS))} or leave", LEAVE, check=_known)
        if verb == LEAVE:
            break
        decided = await hand.does(c.DecideHeld(card.key, card.revision, first, HeldVerb(verb)))
        if not decided.is_done:
            left.add(first)
    return 0


def _asked(card: Card) -> Iterable[int]:
    """Numbers of the posts that the card asks about."""
    held = [one.argument for one in card.actions if one.argument.startswith(HeldVerb.NOW.value)]
    return [int(argument.rpartition("-")[2]) for argument in held]


def _known(answer: str) -> str | None:
    return None if answer in {*map(str, DECISIONS), LEAVE} else "Write one of these words."


def _told(card: Card) -> list[str]:
    return [plain(one) for one in (card.quote, *card.facts) if plain(one).strip()]


def _is_sure(question: str) -> bool:
    return ask(question, "no").lower() in {"y", "yes"}


def _managers(tx: Tx) -> list[str]:
    team = (one for brand in tx.accounts.brands() for one in tx.people.of_brand(brand.id))
    return sorted({one.slug for one in team if one.role.includes(Role.MANAGER)})


def _status(tx: Tx) -> Iterable[str]:
    for brand in tx.accounts.brands():
        crisis = tx.crises.on(brand.id)
        if crisis is not None:
            assert crisis.started_by is not None
            who = tx.people.get(crisis.started_by).name
            held, away = len(tx.held_posts.pending(brand.id)), len(tx.crises.on_their_way(brand.id))
            yield f"{brand.name}: crisis mode is on, started by {who}. Posts held: {held}."
            yield f"{brand.name}: on their way: {away}."
            continue
        over = tx.crises.in_state(brand.id, CrisisState.OVER)
        cards = tx.cards.of_all(CardKind.CRISIS, [one.id for one in over]).values()
        waits = sum(len(tx.held_posts.undecided(brand.id, one.id)) for one in cards)
        asked = f" Posts that wait for a decision: {waits}." if waits else ""
        yield f"{brand.name}: crisis mode is off.{asked}"
