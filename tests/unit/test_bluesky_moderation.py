"""Likes, hidden replies and taking our own posts back: each can be repeated without harm."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import aiohttp
import pytest

from bot.errors import PermissionMissing, Rejected, Unavailable
from bot.model.commands import ModerationAction as Act
from bot.model.ids import RemoteId
from bot.model.publication import ReplyTarget
from bot.ports import Moderates
from integrations.bluesky.settings import BlueskySettings
from tests.contract.connectors.bluesky.case import COMPLAINT, ROOT, SECOND, TARGET, connected
from tests.contract.connectors.bluesky.fake import BRAND, FAN, FakeBluesky, running_bluesky
from tests.fakes.clock import FakeClock

GATE = ("app.bsky.feed.threadgate", "3n2wdoejsf222")
LIKE = "app.bsky.feed.like"


@asynccontextmanager
async def _network() -> AsyncIterator[tuple[FakeBluesky, Moderates, FakeClock]]:
    clock = FakeClock()
    async with running_bluesky() as fake, aiohttp.ClientSession() as http:
        yield fake, cast("Moderates", connected(fake.url, http, clock)), clock


def _likes(fake: FakeBluesky) -> list[str]:
    return [key for collection, key in fake.records if collection == LIKE]


async def test_a_like_given_twice_at_different_times_is_one_like() -> None:
    async with _network() as (fake, connector, clock):
        await connector.moderate(Act.LIKE, TARGET)
        clock.advance(60)
        await connector.moderate(Act.LIKE, TARGET)
        (key,) = _likes(fake)
        assert fake.records[LIKE, key]["subject"] == {
            "uri": COMPLAINT,
            "cid": TARGET.hints["cid"],
        }
        await connector.moderate(Act.UNLIKE, TARGET)
        await connector.moderate(Act.UNLIKE, TARGET)
        assert _likes(fake) == []


async def test_a_like_given_in_the_app_is_taken_back_too() -> None:
    async with _network() as (fake, connector, _):
        fake.records[LIKE, "3n2wnative222"] = {}
        fake.posts[COMPLAINT]["viewer"] = {"like": f"at://{BRAND}/{LIKE}/3n2wnative222"}
        await connector.moderate(Act.UNLIKE, TARGET)
        assert _likes(fake) == []


async def test_hiding_adds_to_the_list_of_the_thread_and_keeps_its_rules() -> None:
    async with _network() as (fake, connector, _):
        rules = [{"$type": "app.bsky.feed.threadgate#followerRule"}]
        fake.records[GATE] = {"post": ROOT, "allow": rules, "hiddenReplies": [SECOND]}
        await connector.moderate(Act.HIDE, TARGET)
        await connector.moderate(Act.HIDE, TARGET)
        assert fake.records[GATE]["hiddenReplies"] == [SECOND, COMPLAINT]
        assert fake.records[GATE]["allow"] == rules
        await connector.moderate(Act.UNHIDE, TARGET)
        assert fake.records[GATE]["hiddenReplies"] == [SECOND]


async def test_the_first_hidden_reply_makes_a_list_that_locks_nobody_out() -> None:
    async with _network() as (fake, connector, _):
        await connector.moderate(Act.UNHIDE, TARGET)
        assert GATE not in fake.records
        await connector.moderate(Act.HIDE, TARGET)
        assert fake.records[GATE]["hiddenReplies"] == [COMPLAINT]
        assert "allow" not in fake.records[GATE]


async def test_a_list_that_somebody_changed_in_between_is_not_overwritten() -> None:
    async with _network() as (fake, connector, _):
        fake.records[GATE] = {"post": ROOT, "hiddenReplies": []}
        read = fake._calls["com.atproto.repo.getRecord"]

        async def changed_after(request: Any, body: Any) -> tuple[int, Any]:
            told = await read(request, body)
            fake.records[GATE] = {"post": ROOT, "hiddenReplies": [SECOND]}
            return told

        fake._calls["com.atproto.repo.getRecord"] = changed_after
        with pytest.raises(Unavailable):
            await connector.moderate(Act.HIDE, TARGET)
        assert fake.records[GATE]["hiddenReplies"] == [SECOND]


async def test_a_full_list_is_said_and_not_cut() -> None:
    async with _network() as (fake, connector, _):
        full = [f"at://{FAN}/app.bsky.feed.post/{number}" for number in range(300)]
        fake.records[GATE] = {"post": ROOT, "hiddenReplies": full}
        with pytest.raises(Rejected, match="at most 300"):
            await connector.moderate(Act.HIDE, TARGET)
        assert fake.records[GATE]["hiddenReplies"] == full


async def test_only_replies_below_our_own_posts_can_be_hidden() -> None:
    async with _network() as (_, connector, _clock):
        elsewhere = replace(TARGET, thread_remote_id=SECOND, hints={"cid": "x"})
        with pytest.raises(Rejected, match="below our own posts"):
            await connector.moderate(Act.HIDE, elsewhere)


async def test_our_own_post_is_deleted_and_deleting_it_again_is_harmless() -> None:
    async with _network() as (fake, connector, _):
        ours = ReplyTarget(ROOT, ROOT, RemoteId(BRAND), "brand.test")
        await connector.moderate(Act.DELETE_OWN, ours)
        await connector.moderate(Act.DELETE_OWN, ours)
        assert not fake.records


async def test_what_others_wrote_is_never_asked_to_be_deleted() -> None:
    async with _network() as (fake, connector, _):
        with pytest.raises(PermissionMissing):
            await connector.moderate(Act.DELETE_OWN, TARGET)
        assert "com.atproto.repo.deleteRecord" not in {one.nsid for one in fake.exchanges}


@pytest.mark.parametrize(("act", "words"), [(Act.SPAM, "no spam folder"), (Act.DELETE, "nobody")])
async def test_what_bluesky_does_not_have_is_refused_with_the_reason(act: Act, words: str) -> None:
    async with _network() as (_, connector, _clock):
        with pytest.raises(Rejected, match=words):
            await connector.moderate(act, TARGET)


def test_settings_take_a_handle_as_people_write_it_and_refuse_other_things() -> None:
    settings = BlueskySettings.model_validate(
        {"handle": "@Brand.Bsky.Social", "app_password": {"env": "X"}}
    )
    assert settings.handle == "brand.bsky.social"
    assert settings.service == "https://bsky.social"
    for wrong in ({"handle": "brand"}, {"service": "bsky.social"}, {"app_pasword": {"env": "X"}}):
        with pytest.raises(ValueError, match="validation error"):
            BlueskySettings.model_validate(
                {"handle": "brand.test", "app_password": {"env": "X"}, **wrong}
            )


def test_a_secret_written_into_the_settings_is_refused_without_being_printed() -> None:
    with pytest.raises(ValueError, match="app_password") as caught:
        BlueskySettings.model_validate({"handle": "brand.test", "app_password": "evov-nn4d"})
    assert "evov-nn4d" not in str(caught.value)
