"""Everything the connector sends is what WordPress describes of itself (`/?rest_route=/`)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft4Validator

from bot.model.commands import ModerationAction
from bot.model.ids import MediaHash, Moment
from bot.model.media import OwnMedia
from bot.model.network import Leg, Watch
from bot.model.publication import OutgoingText
from integrations.wordpress.connector import WordPressConnector
from tests.contract.connectors.wordpress.case import REPLY, connect
from tests.contract.connectors.wordpress.fake import FakeWordPress, Seen, fake_wordpress
from tests.fakes.clock import START, FakeClock

EVERYWHERE = {"rest_route", "_fields", "_embed"}
"""Parameters of every route: https://developer.wordpress.org/rest-api/using-the-rest-api/"""


@pytest.fixture
def described(specs_dir: Path) -> dict[str, Any]:
    text = (specs_dir / "wordpress" / "wp-v2-index.json").read_text(encoding="utf-8")
    routes = json.loads(text)["routes"]
    assert isinstance(routes, dict)
    return routes


async def everything_it_does(fake: FakeWordPress) -> list[Seen]:
    clock = FakeClock()
    async with aiohttp.ClientSession() as http:
        connector = connect(fake.url, http, clock)
        assert isinstance(connector, WordPressConnector)
        await connector.verify()
        for leg in ("comments", "changes"):
            first = await connector.fetch(Leg(leg), None, Watch())
            await connector.fetch(Leg(leg), first.cursor, Watch())
        reply = connector.prepare(REPLY)
        await connector.publish(reply, None, clock.deadline_in(5))
        await connector.find(reply)
        picture = OwnMedia(MediaHash("ab" * 32), "image/png", "A cup", 4)
        post = connector.prepare(
            OutgoingText("A title\nA text", START, bytes(16), media=(picture,))
        )
        staged = await connector.stage(post, [b"data"])
        await connector.publish(post, staged, clock.deadline_in(5))
        await connector.find(post)
        assert REPLY.target is not None
        for action in ModerationAction:
            if action not in {ModerationAction.LIKE, ModerationAction.UNLIKE}:
                await connector.moderate(action, REPLY.target)
    return fake.seen


async def test_every_request_is_one_that_wordpress_describes(described: dict[str, Any]) -> None:
    async with fake_wordpress(Moment(START)) as fake:
        sent = await everything_it_does(fake)
    routes = {seen.route for seen in sent}
    assert {"/wp/v2/comments", "/wp/v2/posts", "/wp/v2/media", "/wp/v2/users/me"} <= routes
    troubles = [trouble for seen in sent for trouble in troubles_of(seen, described)]
    assert troubles == []


async def test_the_judge_of_requests_refuses_a_bad_one(described: dict[str, Any]) -> None:
    bad = Seen("GET", "/wp/v2/comments", {"per_page": "101", "sort": "x"}, b"")
    assert len(list(troubles_of(bad, described))) == 2
    assert list(troubles_of(Seen("PURGE", "/wp/v2/comments", {}, b""), described))


def troubles_of(seen: Seen, described: dict[str, Any]) -> list[str]:
    arguments = arguments_of(seen, described)
    if arguments is None:
        return [f"{seen.method} {seen.route} is not described"]
    given = {name: value for name, value in seen.params.items() if name not in EVERYWHERE}
    troubles = []
    for name, value in given.items():
        troubles += judged(seen, name, typed(value, arguments.get(name)), arguments)
    if isinstance(seen.body, dict):
        for name, value in seen.body.items():
            troubles += judged(seen, name, value, arguments)
    return troubles


def arguments_of(seen: Seen, described: dict[str, Any]) -> dict[str, Any] | None:
    for pattern, route in described.items():
        if re.fullmatch(pattern, seen.route):
            for endpoint in route["endpoints"]:
                if seen.method in endpoint["methods"]:
                    arguments = endpoint["args"]
                    assert isinstance(arguments, dict)
                    return arguments
    return None


def judged(seen: Seen, name: str, value: Any, arguments: dict[str, Any]) -> list[str]:
    if name not in arguments:
        return [f"{seen.method} {seen.route} has no {name}"]
    # `required` stands for draft 3 there: a truth about the argument, not a list
    schema = {key: each for key, each in arguments[name].items() if key != "required"}
    errors = Draft4Validator(schema).iter_errors(value)
    return [f"{seen.method} {seen.route} {name}: {error.message}" for error in errors]


def typed(value: str, argument: dict[str, Any] | None) -> Any:
    """A query parameter as WordPress reads it."""
    kind = (argument or {}).get("type")
    if kind == "integer":
        return int(value)
    if kind == "array":
        numeric = argument is not None and argument["items"].get("type") == "integer"
        return [int(each) if numeric else each for each in value.split(",")]
    return value
