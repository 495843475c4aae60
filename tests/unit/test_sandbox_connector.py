"""The sandbox connector beyond the contract: cursors, drift, keys, posts, moderation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.account import SecretRef
from bot.model.commands import ModerationAction
from bot.model.engagement import Reactions
from bot.model.ids import MediaHash, Moment, RemoteId
from bot.model.media import OwnMedia
from bot.model.network import Cursor, IncomingItem, Leg, ReadBack, Removal, Watch
from bot.model.publication import OutgoingText, ReplyTarget
from integrations.definition import Surroundings
from integrations.sandbox.connector import SandboxConnector, connect
from integrations.sandbox.faults import Drift, Shot
from integrations.sandbox.reading import Listing, read_listing
from integrations.sandbox.records import ChangeKind
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.settings import SandboxSettings
from tests.contract.connectors.sandbox.case import NoVault
from tests.fakes.clock import START, FakeClock

LEG = Leg("comments")
FIXTURES = Path(__file__).parent.parent / "contract/connectors/sandbox/fixtures"
TARGET = ReplyTarget(RemoteId("c1"), RemoteId("p1"), RemoteId("maya"), "maya.brews")
REPLY = OutgoingText("We are sorry, Maya.", START, b"0123456789abcdef", target=TARGET)
PICTURE = b"\x89PNG\r\n\x1a\n not really a picture"


@asynccontextmanager
async def sandbox(
    *, has_keys: bool = True, settle_seconds: float = 0.0, can_be_read_back: bool = True
) -> AsyncIterator[tuple[SandboxServer, SandboxConnector, FakeClock]]:
    clock = FakeClock()
    async with SandboxServer(now=clock.now) as server, aiohttp.ClientSession() as http:
        server.network.honours_keys = has_keys
        await server.network.publish_post("Spring boxes")
        await server.network.comment("maya", "My box is broken", post_id=1)
        settings = SandboxSettings(
            base_url=server.url,
            token=SecretRef(env="TOKEN"),
            has_idempotency_keys=has_keys,
            can_be_read_back=can_be_read_back,
            settle_seconds=settle_seconds,
            timeout_seconds=2.0,
        )
        secrets: Mapping[str, str] = {"token": "sandbox-token"}
        yield server, connect(settings, Surroundings(http, clock, NoVault(), secrets, "s")), clock


async def _texts(connector: SandboxConnector, since: Cursor | None) -> list[str]:
    batch = await connector.fetch(LEG, since, Watch())
    return [seen.text for seen in batch.observations if isinstance(seen, IncomingItem)]


def test_a_recorded_listing_reads_as_comment_reply_of_ours_and_removal() -> None:
    listing = Listing.model_validate_json((FIXTURES / "listing.json").read_bytes())
    comment, ours, removal = read_listing(listing)
    assert isinstance(comment, IncomingItem)
    assert (comment.parent_remote_id, comment.by_us) == ("p1", False)
    assert isinstance(ours, IncomingItem)
    assert (ours.parent_remote_id, ours.by_us) == ("c1", True)
    assert removal == Removal(RemoteId("c2"))


async def test_a_poll_alone_brings_edits_and_deletions() -> None:
    async with sandbox() as (server, connector, _):
        cursor = (await connector.fetch(LEG, None, Watch())).cursor
        other = await server.network.comment("tom", "Mine too", post_id=1)
        await server.network.edit(1, "My box is broken and wet")
        await server.network.mark(other.id, ChangeKind.DELETED)
        batch = await connector.fetch(LEG, cursor, Watch())
    edited, removed = batch.observations
    assert isinstance(edited, IncomingItem)
    assert edited.text == "My box is broken and wet"
    assert removed == Removal(RemoteId("c2"))
    assert batch.cursor is not None
    assert json.loads(batch.cursor) == {"since": 4}


async def test_renamed_fields_stop_the_cursor_and_lose_nothing() -> None:
    async with sandbox() as (server, connector, _):
        cursor = (await connector.fetch(LEG, None, Watch())).cursor
        await server.network.comment("tom", "Written during the drift", post_id=1)
        server.faults.drift = Drift.RENAMED_FIELD
        with pytest.raises(UnexpectedResponse):
            await connector.fetch(LEG, cursor, Watch())
        server.faults.drift = Drift.NONE
        assert await _texts(connector, cursor) == ["Written during the drift"]


async def test_a_look_among_comments_that_cannot_be_read_proves_nothing() -> None:
    async with sandbox() as (server, connector, clock):
        prepared = connector.prepare(REPLY)
        await connector.publish(prepared, None, clock.deadline_in(30))
        server.faults.drift = Drift.RENAMED_FIELD
        with pytest.raises(UnexpectedResponse):
            await connector.find(prepared)


async def test_an_outage_says_that_nothing_was_done_and_a_retry_publishes_once() -> None:
    async with sandbox() as (server, connector, clock):
        prepared = connector.prepare(REPLY)
        server.faults.is_out = True
        with pytest.raises(Unavailable):
            await connector.publish(prepared, None, clock.deadline_in(30))
        server.faults.is_out = False
        await connector.publish(prepared, None, clock.deadline_in(30))
        assert await server.visible_replies() == {"c1": ["We are sorry, Maya."]}


async def test_with_keys_a_repeated_publication_is_one_reply() -> None:
    async with sandbox() as (server, connector, clock):
        prepared = connector.prepare(REPLY)
        server.faults.strike_next(Shot.LOSE_ANSWER, writes_only=True)
        with pytest.raises(OutcomeUnknown):
            await connector.publish(prepared, None, clock.deadline_in(30))
        receipt = await connector.publish(prepared, None, clock.deadline_in(30))
        assert await server.visible_replies() == {"c1": ["We are sorry, Maya."]}
        assert await connector.find(prepared) == receipt


async def test_without_keys_a_lost_reply_is_found_by_its_text() -> None:
    async with sandbox(has_keys=False) as (server, connector, clock):
        prepared = connector.prepare(REPLY)
        assert await connector.find(prepared) is None
        server.faults.strike_next(Shot.LOSE_ANSWER, writes_only=True)
        with pytest.raises(OutcomeUnknown):
            await connector.publish(prepared, None, clock.deadline_in(30))
        found = await connector.find(prepared)
        assert found is not None
        assert found.remote_id == "c2"


async def test_without_keys_an_older_identical_reply_is_not_claimed() -> None:
    async with sandbox(has_keys=False) as (_, connector, clock):
        await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(30))
        later = replace(REPLY, at=Moment(REPLY.at + 10_000))
        assert await connector.find(connector.prepare(later)) is None


async def test_without_keys_a_reply_of_ours_that_was_deleted_leaves_doubt() -> None:
    async with sandbox(has_keys=False) as (server, connector, clock):
        prepared = connector.prepare(REPLY)
        await connector.publish(prepared, None, clock.deadline_in(30))
        await server.network.mark(2, ChangeKind.DELETED)
        with pytest.raises(CannotTell):
            await connector.find(prepared)


async def test_with_keys_a_reply_that_was_deleted_is_not_sent_again() -> None:
    async with sandbox() as (server, connector, clock):
        prepared = connector.prepare(REPLY)
        receipt = await connector.publish(prepared, None, clock.deadline_in(30))
        await server.network.mark(2, ChangeKind.DELETED)
        assert await connector.find(prepared) == receipt
        await connector.publish(prepared, None, clock.deadline_in(30))
        assert await server.visible_replies() == {}


async def test_a_lagging_listing_is_declared_and_its_absence_ends_with_the_lag() -> None:
    async with sandbox(settle_seconds=5.0) as (server, connector, clock):
        assert connector.capabilities.read_back is ReadBack.SETTLES
        assert connector.capabilities.settle_seconds == 5.0
        server.faults.list_lag_ms = 4_000
        prepared = connector.prepare(REPLY)
        await connector.publish(prepared, None, clock.deadline_in(30))
        assert await connector.find(prepared) is None
        clock.advance(5.0)
        assert await connector.find(prepared) is not None


async def test_without_a_lag_reading_back_is_immediate() -> None:
    async with sandbox() as (_, connector, _clock):
        assert connector.capabilities.read_back is ReadBack.IMMEDIATE


async def test_a_network_that_does_not_show_our_writing_says_so_and_shows_none() -> None:
    async with sandbox(can_be_read_back=False) as (server, connector, clock):
        assert connector.capabilities.read_back is ReadBack.NONE
        server.network.shows_own = False
        await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(30))
        assert await server.visible_replies() == {"c1": [REPLY.text]}
        seen = (await connector.fetch(LEG, None, Watch())).observations
        assert [one.remote_id for one in seen if isinstance(one, IncomingItem)] == ["c1"]
        with pytest.raises(Rejected, match="does not list your own replies"):
            await connector.find(connector.prepare(REPLY))


async def test_a_network_may_tell_no_echo_and_still_show_our_writing_to_who_looks() -> None:
    async with sandbox() as (server, connector, clock):
        server.network.echoes = False
        prepared = connector.prepare(REPLY)
        receipt = await connector.publish(prepared, None, clock.deadline_in(30))
        seen = (await connector.fetch(LEG, None, Watch())).observations
        assert [one.remote_id for one in seen if isinstance(one, IncomingItem)] == ["c1"]
        assert await connector.find(prepared) == receipt


@pytest.mark.parametrize(("has_keys", "seconds"), [(True, 86_400.0), (False, 0.0)])
async def test_how_long_a_key_is_known_is_declared(has_keys: bool, seconds: float) -> None:
    async with sandbox(has_keys=has_keys) as (_, connector, _clock):
        assert connector.capabilities.key_seconds == seconds


async def test_a_429_names_the_moment_to_wait_for() -> None:
    async with sandbox() as (server, connector, _):
        server.faults.apply({"rate_limited_seconds": 30}, START)
        with pytest.raises(RateLimited) as caught:
            await connector.fetch(LEG, None, Watch())
        assert caught.value.until == START + 30_000


async def test_a_dead_token_asks_for_a_new_one_and_works_again_when_it_returns() -> None:
    async with sandbox() as (server, connector, _):
        server.faults.is_token_dead = True
        with pytest.raises(AuthenticationFailed, match="new one"):
            await connector.verify()
        server.faults.is_token_dead = False
        assert (await connector.verify()).handle == "acme_tea"


async def test_a_text_of_501_characters_does_not_fit_and_is_refused_there_too() -> None:
    async with sandbox() as (server, connector, clock):
        assert connector.prepare(replace(REPLY, text="я" * 500)).length.fits
        prepared = connector.prepare(replace(REPLY, text="я" * 501))
        assert (prepared.length.used, prepared.length.fits) == (501, False)
        with pytest.raises(Rejected, match="500"):
            await connector.publish(prepared, None, clock.deadline_in(30))
        assert await server.visible_replies() == {}


async def test_answering_a_deleted_comment_says_that_it_is_gone() -> None:
    async with sandbox() as (server, connector, clock):
        await server.network.mark(1, ChangeKind.DELETED)
        with pytest.raises(TargetGone):
            await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(30))


async def test_a_post_with_a_picture_stands_with_its_alt_text_and_is_found_again() -> None:
    name = MediaHash(hashlib.sha256(PICTURE).hexdigest())
    picture = OwnMedia(name, "image/png", "A cup of tea", len(PICTURE))
    post = OutgoingText("A new tea", START, b"fedcba9876543210", media=(picture,))
    async with sandbox() as (server, connector, clock):
        prepared = connector.prepare(post)
        staged = await connector.stage(prepared, [PICTURE])
        assert await connector.stage(prepared, [PICTURE]) == staged
        assert len(await server.network.posts()) == 1, "staging shows nothing"
        receipt = await connector.publish(prepared, staged, clock.deadline_in(30))
        assert await connector.find(prepared) == receipt
        newest = (await server.network.posts())[0]
        assert (newest.text, newest.pictures[0].alt) == ("A new tea", "A cup of tea")
        target = ReplyTarget(receipt.remote_id, receipt.remote_id, RemoteId("acme"), "acme_tea")
        await connector.moderate(ModerationAction.DELETE_OWN, target)
        assert await server.world.visible_posts() == ["Spring boxes"]


async def test_a_picture_in_a_reply_is_a_problem_that_is_said() -> None:
    picture = OwnMedia(MediaHash("0" * 64), "image/png", "A cup", 10)
    async with sandbox() as (_, connector, _clock):
        assert "posts only" in connector.prepare(replace(REPLY, media=(picture,))).length.problem


@pytest.mark.parametrize(
    ("action", "flag"),
    [
        (ModerationAction.LIKE, "is_liked"),
        (ModerationAction.HIDE, "is_hidden"),
        (ModerationAction.SPAM, "is_spam"),
        (ModerationAction.DELETE, "is_deleted"),
    ],
)
async def test_moderation_shows_on_the_network(action: ModerationAction, flag: str) -> None:
    async with sandbox() as (server, connector, _):
        await connector.moderate(action, TARGET)
        assert getattr(await server.network.existing_comment(1), flag) is True


@pytest.mark.parametrize("action", [ModerationAction.UNLIKE, ModerationAction.UNHIDE])
async def test_moderation_can_be_taken_back(action: ModerationAction) -> None:
    async with sandbox() as (server, connector, _):
        await connector.moderate(ModerationAction.LIKE, TARGET)
        await connector.moderate(ModerationAction.HIDE, TARGET)
        await connector.moderate(action, TARGET)
        comment = await server.network.existing_comment(1)
        assert comment.is_liked is (action is not ModerationAction.UNLIKE)
        assert comment.is_hidden is (action is not ModerationAction.UNHIDE)


async def test_hiding_does_not_look_like_a_removal() -> None:
    async with sandbox() as (_, connector, _clock):
        cursor = (await connector.fetch(LEG, None, Watch())).cursor
        await connector.moderate(ModerationAction.HIDE, TARGET)
        (seen,) = (await connector.fetch(LEG, cursor, Watch())).observations
        assert isinstance(seen, IncomingItem)


async def test_what_people_did_with_a_post_is_counted_and_one_that_is_gone_is_left_out() -> None:
    async with sandbox() as (server, connector, clock):
        await server.network.react(1, likes=10, shares=4, views=900)
        await server.network.react(1, likes=2)
        gone = await server.network.publish_post("Sold out")
        await server.network.delete_post(gone.id)
        found = await connector.measure(list(map(RemoteId, ("p1", f"p{gone.id}", "c1"))))
        assert found == {RemoteId("p1"): Reactions(clock.now(), 12, 4, 1, 900)}
