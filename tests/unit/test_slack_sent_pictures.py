"""A picture sent into the thread of a planned post comes into it, or its sender is told why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.ids import HOUR, Moment
from handlers.slack.names import REPLY
from tests.fakes.desk_kit import desk_address
from tests.fakes.slack_desk import CHANNEL, SlackDesk, slack_desk
from tests.fakes.slack_server import Message

PNG = b"\x89PNG\r\n\x1a\n"
OFFERED = "Shall this be in the planned post? Then say what it shows."


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path)) as made:
        yield made


async def planned(desk: SlackDesk) -> Message:
    at = Moment(desk.kit.clock.now() + HOUR)
    order = c.ComposePost((c.VariantText("acme", "Tea is ready."),), at)
    assert (await desk.kit.order("olga", order)).is_done
    await desk.work()
    return desk.message


def pot(desk: SlackDesk, more: bytes = b"1") -> dict[str, Any]:
    return desk.slack.attached("pot.png", PNG + more)


async def shows(desk: SlackDesk) -> tuple[int, list[str]]:
    """The post's version and what its pictures are described with."""
    post = await desk.kit.read(lambda tx: tx.posts.get(1))  # type: ignore[arg-type]
    return post.revision, [one.alt_text for one in post.media]


async def test_described_pictures_come_into_the_post_as_its_next_version(desk: SlackDesk) -> None:
    card, olga = await planned(desk), desk.person("olga")
    text = "here they are\nalt: A pot &amp; a cup\nALT: A cup"
    await olga.writes(card, text, [pot(desk), pot(desk, b"2")])
    assert await shows(desk) == (2, ["A pot & a cup", "A cup"])
    await olga.again()
    assert await shows(desk) == (2, ["A pot & a cup", "A cup"]), "told twice, there once"
    await desk.work()
    assert "2 pictures" in str(card.blocks)
    alice = desk.person("alice")
    await alice.press(card, "Approve & schedule")
    assert alice.heard == []


async def test_two_messages_at_once_are_both_in_the_post(desk: SlackDesk) -> None:
    card = await planned(desk)
    who = ("olga", "bob", "alice")
    await asyncio.gather(
        *(desk.person(w).writes(card, f"alt: {w}", [pot(desk, w.encode())]) for w in who)
    )
    _version, described = await shows(desk)
    assert sorted(described) == sorted(who)


async def test_an_undescribed_picture_is_asked_about_privately_and_added_by_a_form(
    desk: SlackDesk,
) -> None:
    card, olga = await planned(desk), desk.person("olga")
    await olga.writes(card, "What about this one?", [pot(desk)])
    assert olga.heard == [OFFERED]
    assert await shows(desk) == (1, [])
    assert desk.slack.downloads == 0, "it may be no more than talk"
    [asked] = desk.slack.whispered
    assert asked.body["thread_ts"] == card.ts
    await olga.press(asked, "Add to the post")
    await olga.submit({"alt": "One\nTwo"})
    assert "Pictures: 1, lines: 2." in olga.view.errors["alt"]
    await olga.submit({"alt": "A pot"})
    assert not olga.has_view, olga.view.errors
    assert await shows(desk) == (2, ["A pot"])


async def test_the_shortcut_on_a_message_with_pictures_opens_the_same_form(
    desk: SlackDesk,
) -> None:
    card, olga = await planned(desk), desk.person("olga")
    sent = desk.slack.written(olga.user, card, "A pot", [pot(desk)])
    await olga.shortcut(REPLY, {**sent.body, "ts": sent.ts, "channel": sent.channel})
    await olga.submit()
    assert await shows(desk) == (2, ["A pot"])


async def test_talk_elsewhere_is_not_heard(desk: SlackDesk) -> None:
    comment, olga = await desk.card(), desk.person("olga")
    post = await planned(desk)
    await olga.writes(comment, "alt: A pot", [pot(desk)])
    await olga.writes(post, "alt: A pot", [])
    await desk.person("nobody").writes(post, "alt: A pot", [pot(desk)])
    assert (await shows(desk), desk.slack.whispers) == ((1, []), [])


@pytest.mark.parametrize(
    ("who", "text", "file", "says"),
    [
        ("vic", "alt: A pot", ("pot.png", PNG, "image/png"), "this takes an agent"),
        ("olga", "alt: A\nalt: B", ("pot.png", PNG, "image/png"), "Pictures: 1, lines: 2."),
        ("olga", "alt: A pot", ("a.svg", b"<svg/>", "image/svg+xml"), "a.svg is not a PNG"),
        ("olga", "alt: A pot", ("pot.png", b"MZ", "image/png"), "That is not a PNG"),
    ],
)
async def test_what_cannot_be_taken_is_said_to_its_sender_alone(
    desk: SlackDesk, who: str, text: str, file: tuple[str, bytes, str], says: str
) -> None:
    card = await planned(desk)
    await desk.person(who).writes(card, text, [desk.slack.attached(*file)])
    assert await shows(desk) == (1, [])
    [(channel, user, said)] = desk.slack.whispers
    assert (channel, user) == (CHANNEL, desk.person(who).user)
    assert says in said


async def test_an_eleventh_picture_and_a_post_that_is_over_are_refused(desk: SlackDesk) -> None:
    card, olga = await planned(desk), desk.person("olga")
    ten = [pot(desk, bytes([number])) for number in range(10)]
    await olga.writes(card, "\n".join(f"alt: {number}" for number in range(10)), ten)
    await olga.writes(card, "alt: one more", [pot(desk, b"more")])
    assert olga.heard[-1] == "A post takes at most 10 pictures; this one has 10."
    alice = desk.person("alice")
    assert (await desk.kit.press("alice", await _card(desk), c.CancelPost)).is_done
    await alice.writes(card, "alt: late", [pot(desk, b"late")])
    assert alice.heard == ["This post cannot be edited any more."]
    assert len((await shows(desk))[1]) == 10


async def _card(desk: SlackDesk) -> Any:
    def token(tx: Any) -> Any:
        return tx.cards.of(CardKind.POST, 1).token

    return await desk.kit.card(await desk.kit.read(token))
