"""Replies, posts and acts: what is sent, what is refused, and what each refusal means."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.commands import ModerationAction
from bot.model.ids import DAY, MediaHash, Moment, RemoteId
from bot.model.media import OwnMedia
from bot.model.publication import OutgoingText, Prepared, Receipt, Staged, Visibility
from integrations.wire import Answer
from integrations.wordpress.connector import WordPressConnector
from integrations.wordpress.errors import check
from tests.contract.connector_case import Fault
from tests.contract.connectors.wordpress.case import REPLY, connect
from tests.contract.connectors.wordpress.fake import FakeWordPress, fake_wordpress
from tests.fakes.clock import START, FakeClock

CLOCK = FakeClock()
PICTURE = OwnMedia(MediaHash("ab" * 32), "image/png", 'A "red" cup <b>', 4)
POST = OutgoingText(
    "Winter <b>sale</b> [gallery]\n\nFrom Monday.\nAll week.\n\nSee you!", START, bytes(range(16))
)


@asynccontextmanager
async def site() -> AsyncIterator[tuple[FakeWordPress, WordPressConnector]]:
    async with fake_wordpress(Moment(START + 2_000)) as fake, aiohttp.ClientSession() as http:
        connector = connect(fake.url, http, CLOCK)
        assert isinstance(connector, WordPressConnector)
        yield fake, connector


async def publish(
    connector: WordPressConnector, prepared: Prepared, staged: Staged | None = None
) -> Receipt:
    return await connector.publish(prepared, staged, CLOCK.deadline_in(30))


def answer(status: int, code: str = "", **headers: str) -> Answer:
    body = json.dumps({"code": code, "message": "It&#8217;s so.", "data": {}}) if code else "<p>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body.encode())


@pytest.mark.parametrize(
    ("given", "when_reading", "when_writing"),
    [
        (answer(401, "rest_not_logged_in"), AuthenticationFailed, AuthenticationFailed),
        (answer(401, "incorrect_password"), AuthenticationFailed, AuthenticationFailed),
        (answer(401), AuthenticationFailed, AuthenticationFailed),
        (answer(403, "rest_cannot_edit"), PermissionMissing, PermissionMissing),
        (answer(403, "rest_forbidden_context"), PermissionMissing, PermissionMissing),
        (answer(403), PermissionMissing, PermissionMissing),
        (answer(403, "rest_comment_closed"), Rejected, Rejected),
        (answer(403, "rest_comment_trash_post"), TargetGone, TargetGone),
        (answer(404, "rest_comment_invalid_id"), TargetGone, TargetGone),
        (answer(410, "rest_already_trashed"), TargetGone, TargetGone),
        (answer(404, "rest_no_route"), UnexpectedResponse, UnexpectedResponse),
        (answer(404), UnexpectedResponse, UnexpectedResponse),
        (answer(400, "rest_invalid_param"), Rejected, Rejected),
        (answer(400, "comment_content_column_length"), Rejected, Rejected),
        (answer(400, "comment_flood"), RateLimited, RateLimited),
        (answer(429), RateLimited, RateLimited),
        (answer(501, "rest_trash_not_supported"), Rejected, Rejected),
        (answer(500, "rest_comment_failed_create"), Unavailable, OutcomeUnknown),
        (answer(503), Unavailable, OutcomeUnknown),
        (answer(301), UnexpectedResponse, Rejected),
    ],
)
def test_an_answer_has_its_class_by_its_code(
    given: Answer, when_reading: type[ConnectorError], when_writing: type[ConnectorError]
) -> None:
    for writes, expected in ((False, when_reading), (True, when_writing)):
        with pytest.raises(ConnectorError) as caught:
            check(given, writes=writes, now=START)
        assert type(caught.value) is expected
        assert "&#8217;" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "until"),
    [
        (answer(429, retry_after="120"), START + 120_000),
        (answer(429, retry_after="Mon, 30 Nov 2026 09:01:00 GMT"), START + 60_000),
        (answer(429, retry_after="soon"), None),
        (answer(429), None),
        (answer(400, "comment_flood"), START + 15_000),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_was_said(given: Answer, until: int | None) -> None:
    with pytest.raises(RateLimited) as caught:
        check(given, writes=True, now=START)
    assert caught.value.until == until


async def test_staff_text_is_sent_as_text_not_as_markup() -> None:
    async with site() as (fake, connector):
        text = replace(REPLY, text="  <script>1</script> & \x00 https://a.example/?b=1&c \n")
        await publish(connector, connector.prepare(text))
        sent = fake.seen[-1]
    assert sent.body == {
        "post": 1,
        "parent": 2,
        "content": {"raw": "&lt;script&gt;1&lt;/script&gt; &amp;  https://a.example/?b=1&amp;c"},
    }


async def test_the_length_is_that_of_the_escaped_text_in_bytes() -> None:
    async with site() as (_, connector):
        assert connector.prepare(replace(REPLY, text="<ä>")).length.used == 4 + 2 + 4
        assert connector.prepare(replace(REPLY, text="x" * 65_525)).length.fits
        assert not connector.prepare(replace(REPLY, text="x" * 65_526)).length.fits


async def test_a_reply_with_a_picture_is_called_a_problem_before_anyone_approves_it() -> None:
    async with site() as (_, connector):
        prepared = connector.prepare(replace(REPLY, media=(PICTURE,)))
    assert prepared.length.problem == "A WordPress comment cannot carry pictures."


@pytest.mark.parametrize("status", ["trash", "spam"])
async def test_a_comment_in_the_trash_or_in_spam_is_not_answered(status: str) -> None:
    async with site() as (fake, connector):
        fake.comment(2)["status"] = status
        with pytest.raises(TargetGone):
            await publish(connector, connector.prepare(REPLY))
        assert fake.writes == 0


async def test_a_reply_to_a_comment_that_does_not_exist_is_not_sent() -> None:
    async with site() as (fake, connector):
        assert REPLY.target is not None
        nobody = replace(REPLY.target, remote_id=RemoteId("comment:999"))
        with pytest.raises(TargetGone):
            await publish(connector, connector.prepare(replace(REPLY, target=nobody)))
        assert fake.writes == 0


async def test_a_held_reply_has_a_receipt_that_says_so() -> None:
    async with site() as (fake, connector):
        fake.held = True
        prepared = connector.prepare(REPLY)
        receipt = await publish(connector, prepared)
        assert receipt.visibility is Visibility.HELD
        assert await connector.find(prepared) == receipt


async def test_a_twin_of_this_approval_is_left_to_the_look() -> None:
    async with site() as (fake, connector):
        prepared = connector.prepare(REPLY)
        receipt = await publish(connector, prepared)
        with pytest.raises(OutcomeUnknown):
            await publish(connector, prepared)
        assert await connector.find(prepared) == receipt
        assert len(fake.visible) == 1


async def test_an_older_twin_is_refused_with_its_address() -> None:
    async with site() as (fake, connector):
        receipt = await publish(connector, connector.prepare(REPLY))
        tomorrow = connector.prepare(replace(REPLY, at=Moment(START + DAY)))
        assert await connector.find(tomorrow) is None
        with pytest.raises(Rejected, match="Change the text") as caught:
            await publish(connector, tomorrow)
        assert receipt.permalink in str(caught.value)
        assert len(fake.visible) == 1


async def test_a_twin_that_cannot_be_looked_at_stays_unknown() -> None:
    async with site() as (fake, connector):
        prepared = connector.prepare(REPLY)
        await publish(connector, prepared)
        fake.fail_when_looking = Fault.SERVER_ERROR
        with pytest.raises(OutcomeUnknown):
            await publish(connector, prepared)


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (ModerationAction.HIDE, "hold"),
        (ModerationAction.UNHIDE, "approved"),
        (ModerationAction.SPAM, "spam"),
        (ModerationAction.DELETE, "trash"),
        (ModerationAction.DELETE_OWN, "trash"),
    ],
)
async def test_an_act_may_be_repeated(action: ModerationAction, status: str) -> None:
    assert REPLY.target is not None
    async with site() as (fake, connector):
        for _ in range(2):
            await connector.moderate(action, REPLY.target)
            assert fake.comment(2)["status"] == status


async def test_deleting_what_is_gone_is_done_and_hiding_it_is_not() -> None:
    assert REPLY.target is not None
    gone = replace(REPLY.target, remote_id=RemoteId("comment:999"))
    async with site() as (_, connector):
        await connector.moderate(ModerationAction.DELETE, gone)
        with pytest.raises(TargetGone):
            await connector.moderate(ModerationAction.HIDE, gone)
        with pytest.raises(Rejected, match="no likes"):
            await connector.moderate(ModerationAction.LIKE, gone)


async def test_a_post_has_a_title_paragraphs_and_pictures_and_no_foreign_markup() -> None:
    async with site() as (fake, connector):
        prepared = connector.prepare(replace(POST, media=(PICTURE,)))
        staged = await connector.stage(prepared, [b"data"])
        assert await connector.stage(prepared, [b"data"]) == staged
        receipt = await publish(connector, prepared, staged)
        assert await connector.find(prepared) == receipt
        (post,) = fake.posts
        assert [each["alt_text"] for each in fake.media] == [PICTURE.alt_text]
    assert post["title"]["raw"] == "Winter &lt;b&gt;sale&lt;/b&gt; &#91;gallery&#93;"
    assert post["content"]["raw"] == (
        "<p>From Monday.<br>All week.</p>\n<p>See you!</p>\n"
        '<figure class="wp-block-image"><img src="https://blog.example.test/uploads/80.png" '
        'alt="A &quot;red&quot; cup &lt;b&gt;"></figure>'
    )
    assert post["slug"] == "winter-b-sale-b-gallery-0001020304050607"
    assert post["featured_media"] == 80
    assert receipt == Receipt(
        RemoteId("post:50"),
        "https://blog.example.test/winter-b-sale-b-gallery-0001020304050607/",
    )


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER_ACTING, Fault.SERVER_ERROR_AFTER_ACTING])
async def test_a_post_whose_answer_was_lost_is_found_by_its_slug(fault: Fault) -> None:
    async with site() as (fake, connector):
        prepared = connector.prepare(POST)
        assert await connector.find(prepared) is None
        fake.fail_next(fault)
        with pytest.raises(OutcomeUnknown):
            await publish(connector, prepared)
        assert await connector.find(prepared) is not None
        assert len(fake.posts) == 1


@pytest.mark.parametrize(
    ("text", "title", "options"),
    [
        ("One line", "One line", {}),
        ("Короткий заголовок\nи текст", "Короткий заголовок", {}),
        ("w" * 200 + "\nrest", "w" * 60 + "…", {}),
        ("many words " * 20, "many words many words many words many words many words many…", {}),
        ("The text", "Its title", {"title": " Its title "}),
    ],
)
async def test_a_title_is_the_first_line_the_first_words_or_what_was_asked(
    text: str, title: str, options: dict[str, str]
) -> None:
    async with site() as (_, connector):
        prepared = connector.prepare(OutgoingText(text, START, bytes(16), options=options))
    assert prepared.request["title"] == title
    assert prepared.length.fits


async def test_a_post_without_its_uploaded_picture_is_not_sent() -> None:
    async with site() as (fake, connector):
        with pytest.raises(Rejected):
            await publish(connector, connector.prepare(replace(POST, media=(PICTURE,))))
        assert fake.writes == 0
