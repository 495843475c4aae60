"""Every request we make and every answer our fake gives is valid after Mastodon's OpenAPI."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.errors import PermissionMissing, Unavailable
from bot.model.commands import ModerationAction
from bot.model.ids import MediaHash, Moment, RemoteId
from bot.model.media import OwnMedia
from bot.model.network import Watch
from bot.model.publication import OutgoingText
from integrations.mastodon.connector import MastodonConnector
from tests.contract.connectors.mastodon.case import POST, REPLY, TARGET, connected
from tests.contract.connectors.mastodon.fake import Exchange, FakeMastodon, fake_mastodon
from tests.contract.connectors.mastodon.openapi import OpenApi
from tests.fakes.clock import START, FakeClock

PICTURE = OwnMedia(MediaHash("ab" * 32), "image/png", 'A "red" cup', 7)


@pytest.fixture(scope="module")
def openapi(specs_dir: Path) -> OpenApi:
    return OpenApi(specs_dir / "mastodon/dist/schema.json")


async def use_everything(
    connector: MastodonConnector, fake: FakeMastodon, clock: FakeClock
) -> None:
    await connector.verify()
    watch = Watch(own_posts=(POST,), keywords=("#coffee", "acme"), since=Moment(0))
    for leg in connector.capabilities.legs:
        batch = await connector.fetch(leg, None, watch)
        await connector.fetch(leg, batch.cursor, watch)
    reply = connector.prepare(REPLY)
    receipt = await connector.publish(reply, None, clock.deadline_in(9))
    assert await connector.find(reply) == receipt
    fake.render = lambda text: f"<p>{text.replace('A', '«A')}</p>"
    options = {"visibility": "unlisted", "spoiler_text": "cups"}
    post = connector.prepare(
        OutgoingText("A cup", REPLY.at, b"post", media=(PICTURE,), options=options)
    )
    fake.processing = 2
    for _ in range(2):
        with pytest.raises(Unavailable):
            staged = await connector.stage(post, [b"a photo"])
    staged = await connector.stage(post, [b"a photo"])
    receipt = await connector.publish(post, staged, clock.deadline_in(9))
    assert await connector.find(post) == receipt
    ours = replace(TARGET, remote_id=receipt.remote_id)
    await connector.moderate(ModerationAction.LIKE, TARGET)
    await connector.moderate(ModerationAction.UNLIKE, TARGET)
    await connector.moderate(ModerationAction.DELETE_OWN, ours)
    await connector.moderate(ModerationAction.DELETE_OWN, ours)
    with pytest.raises(PermissionMissing):
        await connector.moderate(ModerationAction.DELETE_OWN, TARGET)


async def test_every_request_and_every_answer_is_as_described(openapi: OpenApi) -> None:
    clock = FakeClock()
    async with fake_mastodon(Moment(START)) as fake, aiohttp.ClientSession() as http:
        await use_everything(connected(fake.url, http, clock), fake, clock)
    assert len({(one.method, one.path) for one in fake.exchanges}) > 12
    assert [problem for one in fake.exchanges for problem in openapi.problems(one)] == []


async def test_the_judge_notices_what_is_not_described(openapi: OpenApi) -> None:
    good = Exchange("DELETE", f"/api/v1/statuses/{RemoteId('1')}", (), {}, "", None, 404, None)
    good = replace(good, answer={"error": "Record not found"})
    assert openapi.problems(good) == []
    for bad in (
        replace(good, path="/api/v1/status/1"),
        replace(good, params=(("since", "1"),)),
        replace(good, answer={"message": "no"}),
        replace(good, status=418),
        Exchange(
            "POST",
            "/api/v1/statuses",
            (),
            {},
            "application/json",
            {"text": "hi"},
            401,
            {"error": ""},
        ),
    ):
        assert openapi.problems(bad), bad
