"""What a card says of what was said around its comment: the one above, and earlier contacts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import Card, When, plain
from bot.model import commands as c
from bot.model.channel import Place, Route
from bot.model.ids import HOUR, SECOND, ItemId, Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import RemoteAuthor
from bot.services.settling_in import NamedChannel
from handlers.slack.render import render
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.slack_judges import judged_message

ANN = RemoteAuthor(RemoteId("ann"), "ann", "Ann")
JO = RemoteAuthor(RemoteId("jo"), "jo", "Jo")
WHERE = "Where is my parcel, please?"
UTC = ZoneInfo("UTC")
CARE = NamedChannel("care", CHAT, Place("C"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return desk_address(request, tmp_path, request.param)


@pytest.fixture
async def kit(address: str) -> AsyncIterator[DeskKit]:
    async with opened_desk(address, channels=[CARE]) as found:
        yield found


async def asked(
    kit: DeskKit, text: str = WHERE, thread: str = "post-1", **fields: object
) -> ItemId:
    """Ann asks, each time under another post."""
    return await kit.comment(text, author=ANN, thread_remote_id=RemoteId(thread), **fields)


async def answer(kit: DeskKit, item: ItemId, words: str) -> None:
    await kit.press("bob", await kit.card_of(item), c.ApproveEdited, words)
    await kit.pass_time(60)


def contacts(card: Card) -> list[str]:
    return [] if card.contacts is None else [plain(line) for line in card.contacts.lines]


async def test_the_last_three_contacts_are_shown_with_our_replies(kit: DeskKit) -> None:
    assert (await kit.card_of(await asked(kit))).contacts is None
    await answer(kit, await asked(kit, "Is it late?", "post-2"), "It leaves today.")
    await kit.pass_time(3 * 24 * 3600)
    await asked(kit, "And the second one?", "post-3")
    await kit.pass_time(2 * 3600)
    await kit.comment("Somebody else asks where his parcel is", author=JO)
    await asked(kit, "Third?", "post-4")
    card = await kit.card_of(await asked(kit, "Still waiting for it", "post-5"))
    assert card.contacts is not None
    assert card.contacts.title == "4 contacts before"
    assert contacts(card) == [
        ": “Third?” (no reply of ours)",
        ": “And the second one?” (no reply of ours)",
        ": “Is it late?” We answered: “It leaves today.”",
    ]
    said = [span.at for line in card.contacts.lines for span in line if isinstance(span, When)]
    assert [(kit.clock.now() - at) // HOUR for at in said] == [0, 2, 74]


async def test_the_last_contacts_are_those_that_were_published_last(kit: DeskKit) -> None:
    await kit.pass_time(HOUR / SECOND)
    now = kit.clock.now()
    # a backlog comes from its newest page back
    for hours, text in ((1, "The newest?"), (3, "Older?"), (4, "Oldest?"), (2, "Between?")):
        at = Moment(now - hours * HOUR // 10)
        await asked(kit, text, f"post-{hours}", published_at=at)
    card = await kit.card_of(await asked(kit, "And today?", "post-5"))
    assert card.contacts is not None
    assert card.contacts.title == "4 contacts before"
    told = [line.split("“")[1].split("”")[0] for line in contacts(card)]
    assert told == ["The newest?", "Between?", "Older?"]


async def test_all_front_ends_show_them_below_the_comment(kit: DeskKit) -> None:
    await answer(kit, await asked(kit), "It <leaves> today.")
    card = await kit.card_of(await asked(kit, "And the second one?", "post-2"))
    message = render(card, UTC)
    assert judged_message({"text": message.text, "blocks": message.blocks}) == []
    [met] = [block for block in message.blocks if block["block_id"].startswith("met.")]
    assert "It <leaves> today." in str(met)
    html = drawn(card, Drawing(Reading(kit.clock.now(), UTC))).html
    assert html.index("And the second one?") < html.index("1 contact before")
    assert "It &lt;leaves&gt; today." in html


async def test_what_is_shown_as_writes_again_is_not_shown_twice(kit: DeskKit) -> None:
    await answer(kit, await asked(kit), "It leaves today.")
    card = await kit.card_of(await asked(kit, "It did not"))
    assert [one.text for one in card.earlier] == [WHERE, "It leaves today."]
    assert card.contacts is None


async def test_what_was_said_in_private_is_shown_in_private(kit: DeskKit) -> None:
    await asked(kit, "My address is Baker Street", kind=ItemKind.MESSAGE)
    assert (await kit.card_of(await asked(kit, thread="post-2"))).contacts is None
    again = await asked(kit, thread="post-3", kind=ItemKind.MESSAGE)
    assert len(contacts(await kit.card_of(again))) == 2


async def test_what_is_gone_or_forgotten_is_not_shown(kit: DeskKit) -> None:
    first = await asked(kit)
    card = await kit.card_of(await asked(kit, thread="post-2"))
    assert len(contacts(card)) == 1
    await kit.do(lambda tx: tx.erasures.items([first]))
    assert (await kit.card(card.key)).contacts is None


async def test_the_comment_above_is_shown_with_its_author(kit: DeskKit) -> None:
    above = await kit.comment("Does anybody know when they open?", author=JO)
    remote = (await kit.item(above)).remote_id
    below = await asked(kit, "I would like to know that too", parent_remote_id=remote)
    card = await kit.card_of(below)
    assert [(one.title, one.text) for one in card.earlier] == [
        ("Jo wrote above", "Does anybody know when they open?")
    ]
    html = drawn(card, Drawing(Reading(kit.clock.now(), UTC))).html
    assert html.index("Jo wrote above") < html.index("know that too")


async def test_what_stands_in_a_private_channel_is_on_no_card_outside(address: str) -> None:
    """Neither as the one above nor as an earlier contact."""
    kinds = [("care", ItemKind.COMMENT, False), ("few", ItemKind.MENTION, True)]
    channels = [
        NamedChannel(name, CHAT, Place(name), routes=(Route(kinds=(kind,)),), private=private)
        for name, kind, private in kinds
    ]
    async with opened_desk(address, channels=channels) as kit:
        above = await asked(kit, kind=ItemKind.MENTION)
        below = {"parent_remote_id": (await kit.item(above)).remote_id}
        card = await kit.card_of(await asked(kit, "It did not come", "post-2", **below))
        assert (card.earlier, card.contacts) == ((), None)
        await asked(kit, "Nor this", "post-3", kind=ItemKind.MENTION, **below)
        card = kit.chat.messages[-1].card
        assert ([one.text for one in card.earlier], len(contacts(card))) == ([WHERE], 1)
