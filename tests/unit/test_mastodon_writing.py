"""How the Mastodon connector writes, uploads and moderates."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.errors import (
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
)
from bot.model.commands import ModerationAction
from bot.model.ids import MINUTE, MediaHash, Moment, RemoteId
from bot.model.media import OwnMedia
from bot.model.network import Capability
from bot.model.publication import OutgoingText, ReplyTarget
from integrations.mastodon.connector import MastodonConnector
from integrations.mastodon.counting import counted
from integrations.mastodon.entities import Configuration, StatusLimits
from integrations.mastodon.settings import Audience
from integrations.mastodon.writing import prepare
from tests.contract.connector_case import Fault
from tests.contract.connectors.mastodon.case import REPLY, TARGET, connected
from tests.contract.connectors.mastodon.fake import (
    FakeMastodon,
    fake_mastodon,
)
from tests.fakes.clock import START, FakeClock

LIMITS = Configuration()
POST = replace(REPLY, target=None, text="Now roasting", seed=b"of the post")
PICTURE = OwnMedia(MediaHash("ab" * 32), "image/png", "A cup", 7)


@asynccontextmanager
async def desk(
    *, honours_keys: bool = True
) -> AsyncIterator[tuple[MastodonConnector, FakeMastodon, FakeClock]]:
    clock = FakeClock()
    now = Moment(START + 2_000)
    async with (
        fake_mastodon(now, honours_keys=honours_keys) as fake,
        aiohttp.ClientSession() as http,
    ):
        yield connected(fake.url, http, clock), fake, clock


def sent(text: OutgoingText, default: Audience = Audience.PUBLIC) -> dict[str, Any]:
    return dict(prepare(text, LIMITS, default).request)


def answering(**hints: str) -> ReplyTarget:
    return replace(TARGET, hints={**TARGET.hints, **hints})


# --- preparing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Sorry!", "@ada@far.example.test Sorry!"),
        ("Sorry, @Ada@Far.example.test!", "Sorry, @Ada@Far.example.test!"),
        ("Sorry, @ada!", "@ada@far.example.test Sorry, @ada!"),
        ("mail me@ada@far.example.test", "@ada@far.example.test mail me@ada@far.example.test"),
        (
            "https://x.test/@ada@far.example.test",
            "@ada@far.example.test https://x.test/@ada@far.example.test",
        ),
        ("a\x00b\r\nc\x1b", "@ada@far.example.test ab\nc"),
    ],
)
def test_whoever_is_answered_is_named_once(text: str, status: str) -> None:
    assert sent(replace(REPLY, text=text))["status"] == status


def test_a_neighbour_is_named_without_a_host_and_known_with_one() -> None:
    ben = replace(
        TARGET, author_handle="ben@social.example.test", hints={**TARGET.hints, "acct": "ben"}
    )
    assert sent(replace(REPLY, text="Hi", target=ben))["status"] == "@ben Hi"
    text = "Hi @ben@social.example.test"
    assert sent(replace(REPLY, text=text, target=ben))["status"] == text


def test_a_name_that_is_none_cannot_smuggle_words_into_a_reply() -> None:
    target = answering(acct="ada buy https://evil.test")
    assert sent(replace(REPLY, text="Hi", target=target))["status"] == "Hi"


@pytest.mark.parametrize(
    ("parent", "default", "wanted", "visibility"),
    [
        ("public", "public", "", "public"),
        ("public", "unlisted", "", "unlisted"),
        ("unlisted", "public", "", "unlisted"),
        ("private", "public", "public", "private"),
        ("direct", "public", "public", "direct"),
        ("public", "public", "direct", "direct"),
        ("public", "public", "nonsense", "public"),
        ("mutuals_only", "public", "", "direct"),
    ],
)
def test_a_reply_is_never_wider_than_what_it_answers(
    parent: str, default: str, wanted: str, visibility: str
) -> None:
    text = replace(
        REPLY, target=answering(visibility=parent), options={"visibility": wanted} if wanted else {}
    )
    assert sent(text, Audience(default))["visibility"] == visibility


def test_a_content_warning_of_a_stranger_is_not_repeated_in_our_name() -> None:
    assert sent(replace(REPLY, target=answering(spoiler_text="Acme lies")))["spoiler_text"] == ""


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("👨‍👩‍👧", 5),
        ("e\u0301", 2),
        ("https://a.test", 23),
        ("see https://a.test/" + "x" * 200 + ".", 4 + 23 + 1),
        ("HTTP://A.TEST/x/ http://b.test?c=d#e", 23 + 1 + 23),
        ("@ada@far.example.test hi", 7),
        ("ada@far.example.test", 20),
        ("https://x.test/@ada@far.example.test", 23),
        ("http://[::1", 11),
    ],
)
def test_length_is_counted_as_the_server_counts(text: str, length: int) -> None:
    assert counted(text, 23) == length


async def test_the_servers_own_limits_hold_once_it_told_them() -> None:
    long = replace(REPLY, text="x" * 600)
    async with desk() as (connector, fake, _clock):
        assert not connector.prepare(long).length.fits
        assert fake.instance is not None
        fake.instance["configuration"]["statuses"] = {
            "max_characters": 5000,
            "characters_reserved_per_url": 25,
        }
        await connector.verify()
        length = connector.prepare(long).length
    assert length.fits
    assert (length.used, length.limit) == (605, 5000)


def test_a_spoiler_is_counted_too() -> None:
    text = replace(POST, options={"spoiler_text": "cups"})
    assert prepare(text, LIMITS, Audience.PUBLIC).length.used == len("Now roasting") + 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (replace(POST, text=" "), "no text"),
        (replace(POST, media=(PICTURE,) * 5), "at most 4 pictures"),
        (replace(POST, media=(replace(PICTURE, size=17 * 1024 * 1024),)), "at most 16 MB"),
    ],
)
def test_what_the_server_would_refuse_is_said_before(text: OutgoingText, words: str) -> None:
    length = prepare(text, LIMITS, Audience.PUBLIC).length
    assert words in length.problem
    assert not length.fits


def test_the_key_is_a_uuid_of_the_approval_and_moves_with_the_slot() -> None:
    prepared = prepare(REPLY, LIMITS, Audience.PUBLIC)
    assert uuid.UUID(prepared.key).version == 4
    assert prepare(replace(REPLY, text="x"), LIMITS, Audience.PUBLIC).key == prepared.key
    for other in (replace(REPLY, seed=b"other"), replace(REPLY, at=Moment(REPLY.at + 1))):
        assert prepare(other, LIMITS, Audience.PUBLIC).key != prepared.key


def test_a_server_without_room_for_pictures_is_believed() -> None:
    limits = Configuration(statuses=StatusLimits(max_media_attachments=0))
    assert prepare(replace(POST, media=(PICTURE,)), limits, Audience.PUBLIC).length.problem


# --- refusals ---------------------------------------------------------------------------------


async def test_a_rate_limit_names_the_moment_that_the_server_names() -> None:
    async with desk() as (connector, fake, clock):
        fake.fail_next(Fault.RATE_LIMITED)
        with pytest.raises(RateLimited) as caught:
            await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(9))
    assert caught.value.until == START + 5 * MINUTE


@pytest.mark.parametrize("honours_keys", [True, False], ids=["mastodon", "gotosocial"])
async def test_a_refused_text_is_rejected_whatever_the_status_is(honours_keys: bool) -> None:
    async with desk(honours_keys=honours_keys) as (connector, fake, clock):
        with pytest.raises(Rejected, match="character limit"):
            await connector.publish(
                connector.prepare(replace(REPLY, text="x" * 1200)), None, clock.deadline_in(9)
            )
        assert not fake.visible


async def test_what_is_gone_is_not_answered() -> None:
    target = replace(TARGET, remote_id=RemoteId("gone/../1"))
    async with desk() as (connector, fake, clock):
        with pytest.raises(TargetGone):
            await connector.publish(
                connector.prepare(replace(REPLY, target=target)), None, clock.deadline_in(9)
            )
        assert await connector.find(connector.prepare(replace(REPLY, target=target))) is None
        assert not fake.visible


# --- pictures ---------------------------------------------------------------------------------


async def test_a_post_carries_its_pictures_and_is_told_from_one_without() -> None:
    text = replace(POST, media=(PICTURE,))
    async with desk() as (connector, fake, clock):
        prepared = connector.prepare(text)
        with pytest.raises(Unavailable):
            await connector.publish(prepared, None, clock.deadline_in(9))
        staged = await connector.stage(prepared, [b"\x89PNG\r\n--part"])
        bare = connector.prepare(replace(POST, seed=b"without"))
        await connector.publish(bare, None, clock.deadline_in(9))
        assert await connector.find(prepared) is None
        receipt = await connector.publish(prepared, staged, clock.deadline_in(9))
        assert await connector.find(prepared) == receipt
        assert await connector.find(bare) != receipt
        (upload,) = [one for one in fake.exchanges if one.path == "/api/v2/media"]
    assert upload.body == {"description": "A cup", "file": b"\x89PNG\r\n--part"}


async def test_a_picture_that_is_still_processed_is_asked_after_and_not_uploaded_again() -> None:
    async with desk() as (connector, fake, _clock):
        prepared = connector.prepare(replace(POST, media=(PICTURE,)))
        fake.processing = 3
        for _ in range(3):
            with pytest.raises(Unavailable, match="still processing"):
                await connector.stage(prepared, [b"picture"])
        assert (await connector.stage(prepared, [b"picture"])).refs == {PICTURE.hash: {"id": "M0"}}
        assert len(fake.media) == 1


async def test_an_upload_that_the_server_lost_is_made_anew() -> None:
    async with desk() as (connector, fake, _clock):
        prepared = connector.prepare(replace(POST, media=(PICTURE,)))
        fake.processing = 2
        with pytest.raises(Unavailable):
            await connector.stage(prepared, [b"picture"])
        fake.media.clear()
        with pytest.raises(Unavailable, match="uploaded again"):
            await connector.stage(prepared, [b"picture"])
        fake.processing = 0
        assert (await connector.stage(prepared, [b"picture"])).refs


# --- moderation -------------------------------------------------------------------------------


async def test_likes_come_and_go_however_often_they_are_asked_for() -> None:
    async with desk() as (connector, fake, _clock):
        for action, liked in (
            (ModerationAction.LIKE, True),
            (ModerationAction.LIKE, True),
            (ModerationAction.UNLIKE, False),
            (ModerationAction.UNLIKE, False),
        ):
            await connector.moderate(action, TARGET)
            assert fake.find(TARGET.remote_id)["favourited"] is liked


async def test_our_reply_is_taken_back_once_and_again_but_never_what_others_wrote() -> None:
    async with desk() as (connector, fake, clock):
        receipt = await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(9))
        ours = replace(TARGET, remote_id=receipt.remote_id)
        for _ in range(2):
            await connector.moderate(ModerationAction.DELETE_OWN, ours)
            assert not fake.visible
        with pytest.raises(PermissionMissing, match="did not write"):
            await connector.moderate(ModerationAction.DELETE_OWN, TARGET)


@pytest.mark.parametrize(
    ("action", "capability"),
    [
        (ModerationAction.HIDE, Capability.HIDE),
        (ModerationAction.UNHIDE, Capability.HIDE),
        (ModerationAction.SPAM, Capability.SPAM),
        (ModerationAction.DELETE, Capability.DELETE),
    ],
)
async def test_what_mastodon_does_not_have_is_refused_with_its_reason(
    action: ModerationAction, capability: Capability
) -> None:
    async with desk() as (connector, fake, _clock):
        with pytest.raises(Rejected) as caught:
            await connector.moderate(action, TARGET)
        assert str(caught.value) == connector.capabilities.why_not(capability)
        assert not fake.exchanges
