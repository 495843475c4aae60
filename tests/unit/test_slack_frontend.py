"""The line to Slack over real HTTP: cards out, and every failure by the class of what it means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.cards.card import MemberName, Text
from bot.cards.posting import Posting
from bot.coordination.clock import SystemClock
from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
)
from bot.model.channel import Place
from bot.model.ids import SECOND, MessageId, Moment, Monotonic, PostKey
from bot.model.member import ChatIdentity
from handlers.slack.errors import error_of
from handlers.slack.frontend import SlackFrontend
from handlers.slack.line import SlackLine, SlackOptions, slack_line
from handlers.slack.render import REPEATED
from tests.fakes.sample_cards import every_shape, incident, incident_over, published, waiting
from tests.fakes.slack_server import BOT_TOKEN, Fault, SlackServer

CLOCK = SystemClock()
PLACE = Place("C0CARE", zone="Europe/Berlin")
KEY = PostKey("0" * 32)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer().serving() as served:
        yield served
        assert served.complaints == []


@pytest.fixture
async def line(slack: SlackServer) -> AsyncIterator[SlackLine]:
    async with slack_line(SlackOptions(BOT_TOKEN, api_url=slack.api_url), CLOCK) as made:
        yield made


@pytest.fixture
def frontend(line: SlackLine) -> SlackFrontend:
    return SlackFrontend(line)


def soon() -> Monotonic:
    return Monotonic(CLOCK.monotonic() + 5)


async def post(frontend: SlackFrontend, key: PostKey = KEY, place: Place = PLACE) -> MessageId:
    return await frontend.post(Posting(key, place, waiting()), soon())


async def test_a_card_is_posted_redrawn_and_found_by_its_key(
    slack: SlackServer, frontend: SlackFrontend
) -> None:
    before = CLOCK.now()
    assert await frontend.find(KEY, PLACE, before) is None
    message = await post(frontend)
    await frontend.redraw(PLACE, message, published())
    assert await frontend.find(KEY, PLACE, before) == message
    assert await frontend.find(PostKey("1" * 32), PLACE, before) is None
    [shown] = slack.messages
    assert len(shown.looks) == 2
    assert shown.body["metadata"]["event_payload"]["token"] == waiting().key


async def test_every_shape_of_card_is_taken(slack: SlackServer, frontend: SlackFrontend) -> None:
    message = await post(frontend)
    for card in every_shape():
        await frontend.redraw(PLACE, message, card)
    assert len(slack.messages[0].looks) == 1 + len(every_shape())


async def test_a_key_is_found_on_a_later_page(slack: SlackServer, frontend: SlackFrontend) -> None:
    before = CLOCK.now()
    first = await post(frontend)
    for number in range(2):
        await post(frontend, PostKey(f"{number + 1:032x}"))
    slack.page = 1
    assert await frontend.find(KEY, PLACE, before) == first
    slack.calls.clear()
    assert await frontend.find(PostKey("f" * 32), PLACE, before) is None
    assert len(slack.called("conversations.history")) == 3


async def test_a_card_posted_again_says_so(slack: SlackServer, frontend: SlackFrontend) -> None:
    await frontend.post(Posting(KEY, PLACE, waiting(), is_repeat=True), soon())
    assert slack.messages[0].blocks[0]["elements"][0]["text"] == REPEATED


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault.LOSE_ANSWER, OutcomeUnknown, 1),
        (Fault.LOSE_REQUEST, OutcomeUnknown, 0),
        (Fault.ERROR_AFTER_ACTING, OutcomeUnknown, 1),
        (Fault.ERROR, OutcomeUnknown, 0),
        (Fault.NONSENSE, OutcomeUnknown, 0),
        (Fault.TOO_MANY, RateLimited, 0),
    ],
)
async def test_a_failed_posting_has_the_class_of_what_may_have_happened_and_is_sent_once(
    slack: SlackServer,
    frontend: SlackFrontend,
    fault: Fault,
    error: type[Exception],
    arrived: int,
) -> None:
    slack.fail("chat.postMessage", fault)
    with pytest.raises(error):
        await post(frontend)
    assert len(slack.messages) == arrived
    assert len(slack.called("chat.postMessage")) == 1


async def test_a_rate_limit_names_its_moment(slack: SlackServer, frontend: SlackFrontend) -> None:
    slack.fail("chat.postMessage", Fault.TOO_MANY)
    before = CLOCK.now()
    with pytest.raises(RateLimited) as caught:
        await post(frontend)
    assert caught.value.until is not None
    assert 0 <= caught.value.until - before - SECOND < 5 * SECOND


async def test_more_than_a_message_a_second_is_told_to_wait(
    slack: SlackServer, frontend: SlackFrontend
) -> None:
    keys = [PostKey(f"{number:032x}") for number in range(10)]
    told = await asyncio.gather(*(post(frontend, key) for key in keys), return_exceptions=True)
    assert {type(one) for one in told} == {str, RateLimited}
    assert len(slack.messages) < 10


async def test_a_slack_that_is_not_there_got_nothing() -> None:
    options = SlackOptions(BOT_TOKEN, api_url=SlackServer().api_url)
    async with slack_line(options, CLOCK) as line:
        with pytest.raises(Unavailable):
            await post(SlackFrontend(line))


@pytest.mark.parametrize("is_reused", [False, True], ids=["new connection", "old connection"])
async def test_nothing_leaves_after_the_deadline(
    slack: SlackServer, frontend: SlackFrontend, line: SlackLine, is_reused: bool
) -> None:
    if is_reused:
        await line.read("auth.test", {})
    late = Monotonic(CLOCK.monotonic() - 0.001)
    with pytest.raises(Unavailable):
        await frontend.post(Posting(KEY, PLACE, waiting()), late)
    await asyncio.sleep(0.05)
    assert slack.called("chat.postMessage") == []


async def test_a_message_that_somebody_deleted_is_gone(frontend: SlackFrontend) -> None:
    with pytest.raises(TargetGone):
        await frontend.redraw(PLACE, MessageId("1.000001"), waiting())


@pytest.mark.parametrize(
    ("channel", "says"), [("C0NONE", "no such channel"), ("C0OUT", "not in this channel")]
)
async def test_a_channel_that_refuses_is_a_refusal_with_what_to_do(
    frontend: SlackFrontend, channel: str, says: str
) -> None:
    with pytest.raises(Rejected, match=says):
        await post(frontend, place=Place(channel))
    with pytest.raises(CannotTell):
        await frontend.find(KEY, Place(channel), Moment(0))


async def test_a_channel_whose_history_may_not_be_read_cannot_tell(
    slack: SlackServer, frontend: SlackFrontend
) -> None:
    slack.scopes.clear()
    with pytest.raises(CannotTell):
        await frontend.find(KEY, PLACE, Moment(0))


async def test_a_history_that_does_not_answer_is_looked_at_again(
    slack: SlackServer, frontend: SlackFrontend
) -> None:
    slack.fail("conversations.history", Fault.LOSE_ANSWER, Fault.ERROR)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await frontend.find(KEY, PLACE, Moment(0))


async def test_a_wrong_token_is_an_authentication_failure(slack: SlackServer) -> None:
    async with slack_line(SlackOptions("xoxb-other", api_url=slack.api_url), CLOCK) as line:
        with pytest.raises(AuthenticationFailed):
            await post(SlackFrontend(line))
    assert slack.messages == []


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, {"ok": True}, None),
        (200, {"ok": False, "error": "token_revoked"}, AuthenticationFailed),
        (200, {"ok": False, "error": "missing_scope", "needed": "chat:write"}, PermissionMissing),
        (200, {"ok": False, "error": "message_not_found"}, TargetGone),
        (200, {"ok": False, "error": "ratelimited"}, RateLimited),
        (200, {"ok": False, "error": "internal_error"}, OutcomeUnknown),
        (200, {"ok": False, "error": "a_code_of_next_year"}, Rejected),
        (200, {}, OutcomeUnknown),
        (404, {}, OutcomeUnknown),
        (502, {}, OutcomeUnknown),
        (500, {"ok": True}, OutcomeUnknown),
        (429, {}, RateLimited),
    ],
)
def test_an_answer_is_what_its_code_says(
    status: int, answer: dict[str, object], error: type[Exception] | None
) -> None:
    found = error_of(status, {"Retry-After": "soon"}, answer, Moment(0))
    assert type(found) is (error or type(None))


async def test_what_the_app_may_not_do_is_said_before_a_run(
    slack: SlackServer, frontend: SlackFrontend
) -> None:
    assert not any(one.is_trouble for one in await frontend.examine([PLACE]))
    slack.scopes.discard("files:write")
    [trouble] = [one for one in await frontend.examine([PLACE]) if one.is_trouble]
    assert trouble.says.startswith("The app lacks files:write. Add what is missing")


# --- pages


async def test_a_page_goes_to_one_person_alone_and_calls_them(
    slack: SlackServer, frontend: SlackFrontend
) -> None:
    slack.people["U0BOB"] = {}
    place = Place(await frontend.direct("U0BOB"))
    assert place.channel == await frontend.direct("U0BOB") == "D0BOB"
    assert len(slack.called("conversations.open")) == 1
    bob = MemberName("bob", "Bob", (ChatIdentity("slack", "U0BOB"),))
    notice = (bob, Text(", you are paged."))
    message = await frontend.post(Posting(KEY, place, incident(), notice=notice), soon())
    [shown] = slack.in_channel("D0BOB")
    above = shown.blocks[0]["elements"][0]["elements"]
    assert above[0] == {"type": "user", "user_id": "U0BOB"}
    assert above[1]["text"] == ", you are paged."
    await frontend.redraw(place, message, incident_over())
    assert "resolved it" in str(shown.blocks)
    assert "U0BOB" not in str(shown.blocks)


async def test_whoever_is_not_in_the_workspace_cannot_be_paged(
    slack: SlackServer, frontend: SlackFrontend
) -> None:
    with pytest.raises(Rejected, match="no such person"):
        await frontend.direct("U0GONE")
    slack.scopes.discard("im:write")
    with pytest.raises(PermissionMissing):
        await frontend.direct("U0BOB")
