"""The pictures of a planned post in Slack: in the thread under its card, once, whatever is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.pages import DeskQuery
from bot.coordination.clock import SystemClock
from bot.errors import UnexpectedResponse
from bot.model import commands as c
from bot.model.due import Lane
from bot.model.ids import CardToken, MediaHash
from handlers.slack.line import SlackOptions, slack_line
from tests.fakes.desk_kit import WORK, desk_address
from tests.fakes.slack_desk import SlackDesk, slack_desk
from tests.fakes.slack_server import Fault, Message

PNG = b"\x89PNG\r\n\x1a\n"
LANES = (*WORK, Lane.THREADS)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path, request.param), "http") as made:
        yield made


async def picture(desk: SlackDesk, more: bytes, alt: str) -> c.PictureRef:
    outcome = await desk.kit.order("olga", c.AddPicture("image/png", PNG + more))
    return c.PictureRef(MediaHash(outcome.note), alt)


async def composed(desk: SlackDesk, *pictures: c.PictureRef) -> tuple[Message, CardToken]:
    texts = (c.VariantText("acme", "New tea."),)
    outcome = await desk.kit.order("olga", c.ComposePost(texts, None, pictures))
    assert outcome.is_done, outcome.says
    await desk.work()
    return desk.message, CardToken(outcome.note)


async def later(desk: SlackDesk, seconds: float = 60) -> None:
    await desk.kit.pass_time(seconds, *LANES)


def shown(desk: SlackDesk, card: Message) -> list[list[str]]:
    """The titles of the pictures in each message of the thread that has some."""
    return [
        [file["title"] for file in message.body["files"]]
        for message in desk.slack.in_thread(card.ts)
        if "files" in message.body
    ]


async def test_the_pictures_stand_in_the_thread_under_the_card(desk: SlackDesk) -> None:
    first, second = await picture(desk, b"1", "A pot"), await picture(desk, b"22", "<!channel>")
    card, _token = await composed(desk, first, second)
    await later(desk)
    assert shown(desk, card) == [["A pot", "<!channel>"]]
    files = list(desk.slack.files.values())
    assert [(one.data, one.alt) for one in files] == [
        (PNG + b"1", "A pot"),
        (PNG + b"22", "<!channel>"),
    ]
    assert all(one.name.endswith(".png") for one in files)


async def test_a_redraw_shows_nothing_again_and_other_pictures_are_shown(desk: SlackDesk) -> None:
    first = await picture(desk, b"1", "A pot")
    card, token = await composed(desk, first)
    await later(desk)
    seen = await desk.kit.card(token)
    await desk.kit.press("alice", seen, c.RequestChanges, "Another picture.")
    await later(desk)
    assert shown(desk, card) == [["A pot"]]
    seen, other = await desk.kit.card(token), await picture(desk, b"2", "A cup")
    texts = (c.VariantText("acme", "New tea."),)
    edit = c.EditPost(seen.key, seen.revision, texts, None, (other,))
    assert (await desk.kit.order("olga", edit)).is_done
    await later(desk)
    assert shown(desk, card) == [["A pot"], ["A cup"]]


async def test_a_post_without_pictures_asks_for_no_upload(desk: SlackDesk) -> None:
    card, _token = await composed(desk)
    await later(desk)
    assert shown(desk, card) == []
    assert desk.slack.called("files.getUploadURLExternal") == []


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload"])
@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.ERROR, Fault.TOO_MANY])
async def test_a_lost_upload_is_made_again_and_seen_once(
    desk: SlackDesk, method: str, fault: Fault
) -> None:
    desk.slack.fail(method, fault)
    card, _token = await composed(desk, await picture(desk, b"1", "A pot"))
    await later(desk, 120)
    assert shown(desk, card) == [["A pot"]]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOSE_ANSWER,
        Fault.LOSE_REQUEST,
        Fault.ERROR_AFTER_ACTING,
        Fault.ERROR,
        Fault.NONSENSE,
        Fault.TOO_MANY,
    ],
)
async def test_a_lost_answer_never_shows_them_twice(desk: SlackDesk, fault: Fault) -> None:
    desk.slack.fail("files.completeUploadExternal", fault)
    card, _token = await composed(desk, await picture(desk, b"1", "A pot"))
    await later(desk, 180)
    assert shown(desk, card) == [["A pot"]]


async def test_where_the_thread_cannot_be_read_back_they_are_not_shown_twice(
    desk: SlackDesk,
) -> None:
    desk.slack.scopes.discard("channels:history")
    desk.slack.fail("files.completeUploadExternal", Fault.LOSE_ANSWER)
    card, _token = await composed(desk, await picture(desk, b"1", "A pot"))
    await later(desk, 180)
    assert shown(desk, card) == [["A pot"]]


async def test_files_that_slack_forgot_are_uploaded_anew(desk: SlackDesk) -> None:
    desk.slack.fail("files.completeUploadExternal", Fault.ERROR)
    card, _token = await composed(desk, await picture(desk, b"1", "A pot"))
    await desk.kit.pass_time(1, *LANES)
    desk.slack.files.clear()
    await later(desk, 180)
    assert shown(desk, card) == [["A pot"]]


async def test_without_the_scope_the_card_stands_and_the_desk_page_says_why(
    desk: SlackDesk,
) -> None:
    desk.slack.scopes.discard("files:write")
    card, _token = await composed(desk, await picture(desk, b"1", "A pot"))
    await later(desk, 3_000)
    assert card.looks
    page = await desk.kit.desk.view(DeskQuery(), desk.kit.who("ada"))
    [letter] = page.dead_letters
    assert letter.kind == "pictures"
    assert "Add the scope" in letter.error
    desk.slack.scopes.add("files:write")
    await desk.kit.order("bob", c.RetryWork(letter.id))
    await later(desk)
    assert shown(desk, card) == [["A pot"]]


async def test_a_file_goes_nowhere_but_to_slack(desk: SlackDesk) -> None:
    options = SlackOptions("xoxb", api_url="https://slack.com/api")
    async with slack_line(options, SystemClock()) as line:
        for address in (
            "https://evil.example/upload",
            "http://files.slack.com/upload",
            "https://files.slack.com.evil.example/x",
            "https://slack.com:8443/x",
            "https://notslack.com/x",
            "http://169.254.169.254/x",
        ):
            with pytest.raises(UnexpectedResponse):
                await line.upload(address, PNG, "image/png")
            with pytest.raises(UnexpectedResponse):
                await line.download(address, 10)
