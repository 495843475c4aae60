"""How the Mastodon connector looks for what it wrote, so that nothing stands twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from bot.errors import (
    CannotTell,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import MINUTE, Moment
from bot.model.publication import OutgoingText, Prepared, Receipt
from integrations.mastodon.connector import MastodonConnector
from tests.contract.connector_case import Fault
from tests.contract.connectors.mastodon.case import REPLY, TARGET, connected
from tests.contract.connectors.mastodon.fake import (
    FakeMastodon,
    fake_mastodon,
    recorded,
)
from tests.contract.connectors.mastodon.rendering import rendered
from tests.fakes.clock import START, FakeClock
from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode

POST = replace(REPLY, target=None, text="Now roasting", seed=b"of the post")


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


# --- lost answers -----------------------------------------------------------------------------


async def publish_as_the_desk_does(
    connector: MastodonConnector, prepared: Prepared, clock: FakeClock
) -> tuple[Receipt, list[type[ConnectorError]]]:
    """Wait and send again when nothing was sent; look first when it may have been."""
    troubles: list[type[ConnectorError]] = []
    for _ in range(4):
        try:
            return await connector.publish(prepared, None, clock.deadline_in(9)), troubles
        except (Unavailable, RateLimited) as error:
            troubles.append(type(error))
        except (OutcomeUnknown, UnexpectedResponse) as error:
            troubles.append(type(error))
            found = await connector.find(prepared)
            if found is not None:
                return found, troubles
    raise AssertionError(f"never published: {troubles}")


@pytest.mark.parametrize("honours_keys", [True, False], ids=["mastodon", "gotosocial"])
@pytest.mark.parametrize("text", [REPLY, POST], ids=["reply", "post"])
@pytest.mark.parametrize(
    ("mode", "trouble"),
    [
        (Mode.PASS, []),
        (Mode.DROP_AFTER_FORWARD, [OutcomeUnknown]),
        (Mode.DROP_BEFORE_FORWARD, [OutcomeUnknown]),
        (Mode.ERROR_500_AFTER_FORWARD, [OutcomeUnknown]),
        (Mode.DELAY_BEYOND_TIMEOUT, [OutcomeUnknown]),
        (Mode.CLOSE_AFTER_HEADERS, [OutcomeUnknown]),
        (Mode.TOO_MANY_REQUESTS, [RateLimited]),
    ],
)
async def test_however_the_answer_is_lost_one_status_stands(
    honours_keys: bool, text: OutgoingText, mode: Mode, trouble: list[type[ConnectorError]]
) -> None:
    clock = FakeClock()
    now = Moment(START + 2_000)
    async with (
        fake_mastodon(now, honours_keys=honours_keys) as fake,
        LostAnswerProxy(fake.url, mode=mode, hold_seconds=1.0) as proxy,
        aiohttp.ClientSession() as http,
    ):
        connector = connected(proxy.url, http, clock)
        prepared = connector.prepare(text)
        receipt, troubles = await publish_as_the_desk_does(connector, prepared, clock)
        assert troubles == trouble
        assert list(fake.visible) == [text.text]
        assert await connector.find(prepared) == receipt


async def test_only_looking_first_keeps_a_server_that_ignores_keys_from_showing_it_twice() -> None:
    for honours_keys, copies in ((True, 1), (False, 2)):
        async with desk(honours_keys=honours_keys) as (connector, fake, clock):
            prepared = connector.prepare(REPLY)
            for _ in range(2):
                await connector.publish(prepared, None, clock.deadline_in(9))
            assert len(fake.visible) == copies


# --- looking ----------------------------------------------------------------------------------


async def test_what_a_server_shows_differently_is_recognised_by_what_was_typed() -> None:
    text = replace(REPLY, text='@ada@far.example.test "Sorry" -- *really*... @nobody')
    async with desk() as (connector, fake, clock):
        fake.render = lambda typed: rendered(
            typed.replace('"', "”").replace("--", "–").replace("*", "").replace("...", "…")
        )
        prepared = connector.prepare(text)
        receipt = await connector.publish(prepared, None, clock.deadline_in(9))
        assert await connector.find(prepared) == receipt
        similar = connector.prepare(replace(text, text='@ada@far.example.test "Sorry", really'))
        assert await connector.find(similar) is None
        del fake.made[receipt.remote_id]
        with pytest.raises(CannotTell) as caught:
            await connector.find(prepared)
        assert caught.value.look_again_at == clock.now() + MINUTE // 2


@pytest.mark.parametrize(
    "text",
    [
        "שלום \u202eabc\u202c a\u00a0b",
        "👍",
        "<b>not bold</b> & &amp; <script>",
        "tabs\tand   spaces\n\n\n\nlines",
        "#tag and https://example.test/a_(b)?c=d#e, end",
        "lone \ud83d surrogate",
    ],
)
async def test_whatever_the_text_it_is_found_again(text: str) -> None:
    async with desk() as (connector, _fake, clock):
        for outgoing in (replace(REPLY, text=text), replace(POST, text=text)):
            prepared = connector.prepare(outgoing)
            assert await connector.find(prepared) is None
            receipt = await connector.publish(prepared, None, clock.deadline_in(9))
            assert await connector.find(prepared) == receipt


async def test_the_same_words_elsewhere_by_others_or_earlier_are_not_ours() -> None:
    content = rendered(REPLY.text)
    own, others = recorded("me"), recorded("statuses")[1]["account"]
    fresh = "2026-11-30T09:00:05.000Z"
    async with desk() as (connector, fake, _clock):
        prepared = connector.prepare(REPLY)
        for n, changes in enumerate(
            (
                {"account": others, "created_at": fresh},
                {"account": own, "created_at": fresh, "in_reply_to_id": "115590000000000005"},
                {"account": own, "created_at": "2026-11-30T08:57:00.000Z"},
            )
        ):
            fake.add(f"n{n}", **{"content": content, "in_reply_to_id": TARGET.remote_id, **changes})
        assert await connector.find(prepared) is None
        fake.add(
            "ours",
            account=own,
            created_at="2026-11-30T08:58:30.000Z",
            content=content,
            in_reply_to_id=TARGET.remote_id,
        )
        found = await connector.find(prepared)
    assert found is not None
    assert found.remote_id == "ours"


async def test_a_reply_is_found_though_what_it_answered_was_deleted() -> None:
    async with desk() as (connector, fake, clock):
        prepared = connector.prepare(REPLY)
        receipt = await connector.publish(prepared, None, clock.deadline_in(9))
        fake.statuses.remove(fake.find(TARGET.remote_id))
        fake.find(receipt.remote_id)["in_reply_to_id"] = None
        assert await connector.find(prepared) == receipt
        other = connector.prepare(replace(REPLY, text="Another"))
        assert await connector.find(other) is None


async def test_absence_is_not_claimed_when_not_everything_since_can_be_listed() -> None:
    fresh = "2026-11-30T09:30:00.000Z"
    async with desk() as (connector, fake, _clock):
        for n in range(45):
            fake.add(f"n{n}", account=recorded("me"), in_reply_to_id=None, created_at=fresh)
        prepared = connector.prepare(POST)
        assert await connector.find(prepared) is None
        for n in range(300):
            fake.add(f"m{n}", account=recorded("me"), in_reply_to_id=None, created_at=fresh)
        with pytest.raises(CannotTell):
            await connector.find(prepared)


async def test_a_status_of_ours_that_cannot_be_read_is_no_proof_of_absence() -> None:
    async with desk() as (connector, fake, _clock):
        fake.add("odd", account={"id": recorded("me")["id"]}, in_reply_to_id=TARGET.remote_id)
        with pytest.raises(CannotTell):
            await connector.find(connector.prepare(REPLY))


async def test_a_look_that_fails_is_not_absence() -> None:
    async with desk() as (connector, fake, _clock):
        for fault in (Fault.SERVER_ERROR, Fault.UNAUTHORIZED, Fault.GARBAGE, Fault.RATE_LIMITED):
            fake.fail_when_looking = fault
            with pytest.raises(ConnectorError):
                await connector.find(connector.prepare(REPLY))
