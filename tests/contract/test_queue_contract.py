"""What each filter of the queue shows, on both databases, against a plain reading of all cards."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.cards.kinds import CardKind, QueueFilter
from bot.model.ids import BrandId, MemberId, Moment
from bot.model.item import ItemState
from bot.model.post import PostState
from bot.store import schema
from bot.store.database import parse, writing_engine
from bot.store.queue_statements import MOST_COUNTED, OUT_OF_STEP
from tests.contract.store_case import DATABASES, make_database, opened

ITEMS, POSTS, PAGE = 3_000, 40, 25
BRAND, ME, NOW = BrandId(1), MemberId(1), Moment(1_000_000)
Row = dict[str, Any]


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return make_database(request, tmp_path)


def things(luck: random.Random) -> Sequence[Row]:
    """Items and posts with their cards, newest last."""
    items = [
        {
            "kind": CardKind.ITEM,
            "id": number,
            "state": luck.choice([*ItemState, ItemState.QUIET, ItemState.QUIET]),
            "assignee_id": luck.choice([None, ME]),
            "snoozed_until": luck.choice([None, None, NOW - 1, NOW + 1]),
            "due_at": luck.choice([None, None, NOW - 5, NOW + 5, NOW + number]),
        }
        for number in range(1, ITEMS + 1)
    ]
    posts = [
        {"kind": CardKind.POST, "id": number, "state": luck.choice(list(PostState))}
        for number in range(1, POSTS + 1)
    ]
    mixed: list[Row] = list(items)
    places = sorted(luck.sample(range(ITEMS), POSTS))
    for shift, (place, post) in enumerate(zip(places, posts, strict=True)):
        mixed.insert(place + shift, post)
    return out_of_step(mixed, luck)


def out_of_step(rows: Sequence[Row], luck: random.Random) -> Sequence[Row]:
    """Cards numbered in another order than what they show, as far as others may be between."""
    half = OUT_OF_STEP // 2
    parts = [list(rows[start : start + half]) for start in range(0, len(rows), half)]
    for part in parts:
        luck.shuffle(part)
    return [row for part in parts for row in part]


def store(address: str, cards: Sequence[Row]) -> None:
    engine = writing_engine(parse(address))
    member = {"brand_id": 1, "role": "admin", "is_active": True}
    account = {"brand_id": 1, "network": "n", "state": "live", "resume_state": "live"}
    with engine.begin() as connection:
        for table, row in (
            (schema.brand, {"slug": "acme", "languages": [], "keywords": [], "zone": "UTC"}),
            (schema.member, {"slug": "bob", **member}),
            (schema.account, {"slug": "page", **account}),
            (schema.author, {"account_id": 1, "remote_id": "a"}),
            (
                schema.conversation,
                {"account_id": 1, "root_remote_id": "t", "changed_at": 1},
            ),
        ):
            connection.execute(insert(table), row)
        items = [_item(row) for row in cards if row["kind"] is CardKind.ITEM]
        posts = [_post(row) for row in cards if row["kind"] is CardKind.POST]
        connection.execute(insert(schema.item), items)
        connection.execute(insert(schema.post), posts)
        connection.execute(insert(schema.card), [_card(n, row) for n, row in numbered(cards)])
    engine.dispose()


def numbered(cards: Sequence[Row]) -> Sequence[tuple[int, Row]]:
    return list(enumerate(cards, start=1))


def _item(row: Row) -> Row:
    wanted = {key: value for key, value in row.items() if key != "kind"}
    thread = {"conversation_id": 1, "thread_remote_id": "t", "author_id": 1}
    moments = {"published_at": 1, "received_at": 1, "revision": 1}
    known = {"brand_id": 1, "account_id": 1, "kind": "comment", "hints": {}, "media": []}
    return {**known, **thread, **moments, **wanted, "remote_id": str(row["id"])}


def _post(row: Row) -> Row:
    by = {"brand_id": 1, "author_id": 1, "edited_by": 1, "revision": 1, "created_at": 1}
    return {**by, "id": row["id"], "state": row["state"]}


def _card(number: int, row: Row) -> Row:
    of = {"kind": row["kind"], "subject_id": row["id"], "token": f"t{number:011}"}
    return {"id": number, "brand_id": 1, "revision": 1, "changed_at": 1, **of}


def by_time_left(found: tuple[int, Row]) -> tuple[int, int]:
    """What is due first comes first, then the newest."""
    number, row = found
    return (row.get("due_at") or 2**62, -number)


def is_shown(row: Row, wanted: QueueFilter) -> bool:
    if row["kind"] is CardKind.POST:
        is_waiting = row["state"] in {PostState.WAITING, PostState.DRAFT}
        shows = {QueueFilter.POSTS: True, QueueFilter.ALL: True}
        return shows.get(wanted, is_waiting is (wanted is QueueFilter.OPEN)) and (
            wanted not in {QueueFilter.MINE, QueueFilter.QUIET, QueueFilter.BACKLOG}
        )
    state, until = row["state"], row["snoozed_until"]
    is_awake = until is None or until <= NOW
    is_open = is_awake and state in {ItemState.OPEN, ItemState.ANSWERING}
    return {
        QueueFilter.OPEN: is_open,
        QueueFilter.MINE: is_open and row["assignee_id"] == ME,
        QueueFilter.POSTS: False,
        QueueFilter.QUIET: is_awake and state is ItemState.QUIET,
        QueueFilter.DONE: state in {ItemState.ANSWERED, ItemState.CLOSED, ItemState.GONE},
        QueueFilter.BACKLOG: state is ItemState.MUTED,
        QueueFilter.ALL: state is not ItemState.NEW,
    }[wanted]


async def test_every_page_and_count_of_every_filter_is_what_a_plain_reading_finds(
    address: str,
) -> None:
    cards = things(random.Random(7))
    store(address, cards)
    async with opened(address) as desk:
        for wanted in QueueFilter:
            shown = [one for one in reversed(numbered(cards)) if is_shown(one[1], wanted)]
            if wanted in {QueueFilter.OPEN, QueueFilter.MINE}:
                shown.sort(key=by_time_left)
            expected = [number for number, _row in shown]
            for offset in range(0, len(expected) + PAGE, PAGE):
                page = await desk.read(
                    lambda tx: tx.cards.page(BRAND, wanted, ME, NOW, PAGE, offset)  # noqa: B023
                )
                assert [row.id for row in page] == expected[offset : offset + PAGE], wanted
            counted = await desk.read(lambda tx: tx.cards.count(BRAND, wanted, ME, NOW))  # noqa: B023
            assert counted == min(len(expected), MOST_COUNTED), wanted
