"""What the Mastodon connector hears while it happens."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from bot.errors import AuthenticationFailed, ConnectorError, Unavailable
from bot.model.ids import Moment, RemoteId
from bot.model.network import Observation, Removal, Unsupported, Watch
from bot.ports import Connector, Streams
from integrations.mastodon.settings import MastodonSettings
from integrations.mastodon.streaming import streaming_url
from tests.contract.connectors.mastodon.case import ADAS, BENS, OURS, QUIET, connected
from tests.contract.connectors.mastodon.fake import TOKEN, FakeMastodon, fake_mastodon, recorded
from tests.contract.stage import told_by
from tests.fakes.clock import START, FakeClock

POST, COMPLAINT, _MENTION, _DIRECT, SAME, NATIVE, TAGGED = recorded("statuses")


def frame(event: str, payload: Any, stream: str = "user") -> str:
    told = payload if isinstance(payload, str) else json.dumps(payload)
    return json.dumps({"stream": [stream], "event": event, "payload": told})


async def heard(fake: FakeMastodon, connector: Connector, watch: Watch) -> list[Observation]:
    """Everything until the server closes the stream."""
    told: list[Observation] = []
    with pytest.raises(Unavailable, match="closed the stream"):
        await listen(connector, told, watch)
    return told


async def listen(
    connector: Connector, told: list[Observation] | None = None, watch: Watch | None = None
) -> None:
    assert isinstance(connector, Streams)
    async for batch in connector.stream(watch or Watch()):
        assert batch.cursor is None, "a stream never moves a cursor"
        assert told is not None, "nothing was to be heard"
        told += batch.observations


async def heard_of(*frames: str) -> list[Observation]:
    async with fake_mastodon(Moment(START)) as fake, aiohttp.ClientSession() as http:
        fake.frames = list(frames)
        return await heard(fake, connected(fake.url, http, FakeClock(), seconds=5.0), Watch())


async def test_mentions_answers_and_our_own_words_come_as_they_happen() -> None:
    mention = recorded("notifications")[1]
    assert await heard_of(frame("notification", mention), frame("update", NATIVE)) == [BENS, OURS]


async def test_an_answer_that_names_nobody_is_heard_when_it_answers_us() -> None:
    (told,) = await heard_of(frame("update", COMPLAINT))
    assert told == ADAS


async def test_an_edit_is_the_same_item_with_its_new_text() -> None:
    edited = {**COMPLAINT, "content": "<p>It came!</p>", "edited_at": "2026-11-22T09:00:00.000Z"}
    (told,) = await heard_of(frame("status.update", edited))
    assert not isinstance(told, Removal | Unsupported)
    assert (told.remote_id, told.text) == (ADAS.remote_id, "It came!")


async def test_a_deletion_is_a_removal() -> None:
    assert await heard_of(frame("delete", "115590000000000005")) == [
        Removal(RemoteId("115590000000000005"))
    ]


async def test_what_is_not_about_us_is_no_item() -> None:
    boost = {**POST, "reblog": COMPLAINT}
    like = {**recorded("notifications")[0], "type": "favourite"}
    frames = [
        frame("update", {**SAME, "mentions": []}),
        frame("update", boost),
        frame("notification", like),
        frame("filters_changed", ""),
    ]
    assert await heard_of(*frames) == []


async def test_watched_hashtags_are_asked_for_and_heard() -> None:
    async with fake_mastodon(Moment(START)) as fake, aiohttp.ClientSession() as http:
        fake.frames = [frame("update", SAME, "hashtag"), frame("update", TAGGED)]
        connector = connected(fake.url, http, FakeClock(), seconds=5.0)
        told = await heard(fake, connector, Watch(keywords=("#latte", "acme")))
        orders = fake.orders
    assert told == [QUIET]
    assert orders == [
        {"stream": "user"},
        {"type": "subscribe", "stream": "hashtag", "tag": "coffee"},
        {"type": "subscribe", "stream": "hashtag", "tag": "latte"},
    ]


async def test_a_frame_that_cannot_be_read_is_kept() -> None:
    refusal = json.dumps({"error": "No such hashtag stream", "status": 404})
    told = await heard_of("not json", "[]", frame("update", "{}"), refusal, frame("sang", {"a": 1}))
    assert [one.kind for one in told if isinstance(one, Unsupported)] == [
        "unreadable frame",
        "unreadable frame",
        "unreadable status",
        "stream error",
        "event sang",
    ]


async def test_a_refused_stream_tells_what_to_do_and_never_the_token() -> None:
    async with fake_mastodon(Moment(START)) as fake, aiohttp.ClientSession() as http:
        connector = connected(fake.url, http, FakeClock())
        await connector.verify()
        wrong = connected(fake.url, http, FakeClock(), token="wr0ng-secret")
        with pytest.raises(AuthenticationFailed, match="access token"):
            await listen(wrong)
        told = await _refusal_at_the_door(fake, http)
    assert isinstance(told, AuthenticationFailed)
    assert "wr0ng-secret" not in told_by(told)
    assert TOKEN not in told_by(told)


async def _refusal_at_the_door(fake: FakeMastodon, http: aiohttp.ClientSession) -> ConnectorError:
    """The token was good a moment ago: only the handshake itself finds out."""
    connector = connected(fake.url, http, FakeClock(), token="wr0ng-secret")
    fake.also_accepts = "wr0ng-secret"
    with pytest.raises(ConnectorError) as caught:
        await listen(connector)
    return caught.value


@pytest.mark.parametrize(
    ("base", "advertised", "place"),
    [
        ("http://127.0.0.1:8080", "wss://127.0.0.1:8080", "ws://127.0.0.1:8080"),
        ("http://localhost:3000", "ws://localhost:4000", "ws://localhost:4000"),
        ("https://a.test", "wss://a.test", "wss://a.test"),
        ("https://a.test", "ws://a.test", "wss://a.test"),
        ("https://a.test", "wss://stream.a.test", "wss://stream.a.test"),
        ("https://a.test", "https://stream.a.test/x?y=z", "wss://stream.a.test"),
        ("https://a.test:8443", None, "wss://a.test:8443"),
        ("https://a.test", "", "wss://a.test"),
        ("https://a.test", "http://[broken", "wss://a.test"),
    ],
)
def test_where_a_server_streams(base: str, advertised: str | None, place: str) -> None:
    assert str(streaming_url(base, advertised)) == f"{place}/api/v1/streaming?stream=user"


def test_the_token_is_not_sent_to_another_host_in_the_clear() -> None:
    with pytest.raises(Unavailable, match="without encryption"):
        streaming_url("https://a.test", "ws://stream.a.test")


async def test_the_token_is_not_sent_into_a_private_network_that_a_server_names() -> None:
    knocks: list[str] = []

    def knock(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.append("knock")
        writer.close()

    async with fake_mastodon(Moment(START)) as fake, aiohttp.ClientSession() as http:
        inside = await asyncio.start_server(knock, "127.0.0.1", 0)
        port = inside.sockets[0].getsockname()[1]
        assert fake.instance is not None
        fake.instance["configuration"]["urls"]["streaming"] = f"wss://localhost:{port}"
        async with inside:
            with pytest.raises(Unavailable, match="could not be reached"):
                await listen(connected(fake.url, http, FakeClock(), seconds=5.0))
    assert knocks == []


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "mastodon.social"},
        {"base_url": "https://"},
        {"hashtags": ["two words"]},
        {"visibility": "everyone"},
        {"timeout_seconds": 0},
        {"token": "x"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, Any]) -> None:
    good = {"base_url": "https://a.test/", "access_token": {"env": "TOKEN"}, "hashtags": ["#tea"]}
    assert MastodonSettings.model_validate(good).base_url == "https://a.test"
    assert MastodonSettings.model_validate(good).hashtags == ("tea",)
    with pytest.raises(ValueError, match="validation error"):
        MastodonSettings.model_validate({**good, **settings})
