"""The people around a desk: customers who write in bursts, and a team that approves."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

import aiohttp

from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.personas import PERSONAS
from integrations.sandbox.records import NewComment
from tests.chaos.book import Book, Press, Told
from tests.chaos.seats import Offer, Seat
from tests.e2e.console_client import Unserved

AT_ONCE = 4
"""Comments that arrive in one moment."""
PER_LOOK = 8
"""Cards that an approver handles before looking again."""


async def customers(network: SandboxNetwork, book: Book, chance: random.Random) -> None:
    """Questions under one post, a few each second, until cancelled."""
    post = await network.publish_post("Slow mornings deserve good leaves.")
    while True:
        await asyncio.shield(_write(network, book, chance, post.id, 1))
        await asyncio.sleep(chance.uniform(0.1, 0.5))


async def burst(
    network: SandboxNetwork, book: Book, chance: random.Random, post_id: int, count: int
) -> None:
    """So many questions, a few at once, within a second."""
    while count > 0:
        several = min(AT_ONCE, count)
        # shielded: what the network has must be in the book
        await asyncio.shield(_write(network, book, chance, post_id, several))
        count -= several
        await asyncio.sleep(chance.uniform(0.02, 0.2))


async def _write(
    network: SandboxNetwork, book: Book, chance: random.Random, post_id: int, count: int
) -> None:
    marks = [book.next_mark(number) for number in range(count)]
    ids = await network.comment_all(
        [
            NewComment(
                post_id=post_id,
                author_id=chance.choice(PERSONAS).id,
                text=f"Where is my order {mark}? It has not arrived.",
            )
            for mark in marks
        ]
    )
    for number, mark in zip(ids, marks, strict=True):
        book.written[f"c{number}"] = mark


async def approver(seat: Seat, book: Book, chance: random.Random) -> None:
    """Takes cards, approves their drafts as they are or edited, and goes on, until cancelled."""
    while True:
        try:
            offers = await seat.offers()
        except Unserved:
            await asyncio.sleep(0.05)
            continue
        for offer in chance.sample(list(offers), min(PER_LOOK, len(offers))):
            await _approve(seat, book, offer, chance)
        await asyncio.sleep(chance.uniform(0.05, 0.2))


async def _approve(seat: Seat, book: Book, offer: Offer, chance: random.Random) -> None:
    if chance.random() < 0.5:
        press = Press(seat.who, offer.comment, offer.draft, offer.approve, "")
    else:
        text = f"Sorry! We look for {offer.mark} today. {uuid4().hex[:8]}"
        press = Press(seat.who, offer.comment, text, offer.edit, text)
    book.presses.append(press)
    await _press(seat, press, is_patient=chance.random() < 0.7)


async def _press(seat: Seat, press: Press, *, is_patient: bool) -> None:
    """A patient person whose answer was lost presses again, which is the same press."""
    while True:
        try:
            status = await seat.press(press.data, press.entry, press.id)
        except (aiohttp.ClientError, TimeoutError):
            if not is_patient:
                return
            await asyncio.sleep(0.05)
            continue
        if status == 503:
            await asyncio.sleep(0.05)
            continue
        press.told = Told.DONE if status == 200 else Told.REFUSED
        return
