"""`replydesk shadow`: what accounts in shadow recorded, beside what the team answered itself."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import Any

from bot.cli.opening import opened_store, settings_from
from bot.cli.terminal import say
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.model.ids import DAY, Moment
from bot.services.shadowing import Shadowed, Words, shadowed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--days", type=int, default=7, metavar="N", help="Looks so many days back; 7 without it."
    )
    parser.add_argument(
        "--json", action="store_true", help="Prints JSON, with both texts of every reply."
    )


def run(arguments: argparse.Namespace) -> int:
    settings = settings_from(arguments)
    return asyncio.run(_run(settings, arguments.days, as_json=arguments.json))


async def _run(settings: Settings, days: int, *, as_json: bool) -> int:
    since = Moment(SystemClock().now() - days * DAY)
    async with opened_store(settings) as store:
        found = await store.read(lambda tx: shadowed(tx, since))
    if as_json:
        say(json.dumps([_form(one) for one in found], ensure_ascii=False, indent=2))
        return 0
    if not found:
        say(f"Nothing was recorded in shadow in the last {days} days.")
    for one in found:
        for line in _told(one):
            say(line)
    return 0


def _told(one: Shadowed) -> Sequence[str]:
    where = one.account.slug if one.account.is_shadow else f"{one.account.slug} (not in shadow now)"
    lines = [
        f"{where}: {len(one.replies)} replies recorded, none sent.",
        f"  Approved as drafted: {one.many(Words.UNCHANGED)}. Edited before: "
        f"{one.many(Words.EDITED)}. Written by the team: {one.many(Words.WRITTEN)}.",
        f"  Answered on the network itself: {len(one.nearness)}.",
    ]
    if one.median is not None:
        lines.append(
            f"  As many of their words were the same: {one.median:.0%} at the median, from "
            f"{one.nearness[0]:.0%} to {one.nearness[-1]:.0%}."
        )
    return lines


def _form(one: Shadowed) -> dict[str, Any]:
    return {
        "account": one.account.slug,
        "in_shadow": one.account.is_shadow,
        "recorded": len(one.replies),
        **{words.value: one.many(words) for words in Words},
        "answered_natively": len(one.nearness),
        "nearness_median": one.median,
        "replies": [
            {
                "item": reply.item_id,
                "words": reply.words.value,
                "ours": reply.ours,
                "theirs": reply.theirs,
                "nearness": reply.nearness,
            }
            for reply in one.replies
        ],
    }
