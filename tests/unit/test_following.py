"""Whoever writes again below our reply comes back to whoever answered, with both texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import Card, MemberName, plain
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.ids import ItemId, RemoteId
from bot.model.item import ItemKind, ItemState
from bot.model.member import ChatIdentity
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
ASKS = "Where can I buy the green tea in Lyon?"
AGAIN = "Which shop in Lyon is it, please?"
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[NamedChannel("care", CHAT, Place("C"))]) as found:
        yield found


async def answered(kit: DeskKit, by: str = "bob", words: str = "In our shop in Lyon.") -> ItemId:
    """Ann asked, and our reply stands below."""
    item = await kit.comment(ASKS, author=ANN)
    await kit.press(by, await kit.card_of(item), c.ApproveEdited, words)
    await kit.pass_time(60)
    assert (await kit.item(item)).state is ItemState.ANSWERED
    return item


async def below(kit: DeskKit, item: ItemId, text: str = AGAIN, **fields: object) -> ItemId:
    """Somebody writes below our reply to this item."""
    receipt = (await kit.publication(item)).receipt
    assert receipt is not None
    fields = {"author": ANN, "parent_remote_id": receipt.remote_id} | fields
    return await kit.comment(text, **fields)


def earlier(card: Card) -> list[tuple[str, str]]:
    return [(one.title, one.text) for one in card.earlier]


def facts(card: Card) -> list[str]:
    return [plain(fact) for fact in card.facts]


BOTH = [("They wrote before", ASKS), ("We answered", "In our shop in Lyon.")]


async def test_below_our_reply_both_texts_are_shown_and_it_is_back_with_who_answered(
    kit: DeskKit,
) -> None:
    first = await answered(kit)
    again = await below(kit, first)
    card = await kit.card_of(again)
    assert earlier(card) == BOTH
    assert "With Bob" in facts(card)
    assert "Writes again" in facts(card)
    found = await kit.item(again)
    assert (found.state, found.follows_id) == (ItemState.OPEN, first)
    assert kit.chat.messages[-1].card.earlier == card.earlier
    lines = (await kit.history_of(card.key)).lines
    assert "came back to Bob, who answered before" in [plain(line.spans) for line in lines]


async def test_in_the_same_conversation_it_is_an_answer_too(kit: DeskKit) -> None:
    await answered(kit)
    card = await kit.card_of(await kit.comment(AGAIN, author=ANN))
    assert earlier(card) == BOTH


async def test_under_another_post_it_is_something_new(kit: DeskKit) -> None:
    await answered(kit)
    other = await kit.comment(AGAIN, author=ANN, thread_remote_id=RemoteId("post-2"))
    card = await kit.card_of(other)
    assert earlier(card) == []
    assert (await kit.item(other)).assignee_id is None


async def test_what_was_not_answered_yet_is_no_exchange(kit: DeskKit) -> None:
    await kit.comment(ASKS, author=ANN)
    assert earlier(await kit.card_of(await kit.comment(AGAIN, author=ANN))) == []


async def test_somebody_else_below_our_reply_is_called_so(kit: DeskKit) -> None:
    again = await below(kit, await answered(kit), author=JO)
    assert earlier(await kit.card_of(again))[0] == ("Somebody else wrote before", ASKS)


async def test_below_a_native_reply_its_words_are_shown_and_nobody_is_assigned(
    kit: DeskKit,
) -> None:
    item = await kit.comment(ASKS, author=ANN)
    remote = (await kit.item(item)).remote_id
    native = {"by_us": True, "remote_id": RemoteId("native"), "parent_remote_id": remote}
    await kit.take(kit.incoming("By hand: in Lyon.", **native))
    again = await kit.comment(AGAIN, author=JO, parent_remote_id=RemoteId("native"))
    card = await kit.card_of(again)
    assert earlier(card) == [
        ("Somebody else wrote before", ASKS),
        ("We answered", "By hand: in Lyon."),
    ]
    assert (await kit.item(again)).assignee_id is None


async def test_plain_thanks_is_quiet_with_its_reason_and_disturbs_nobody(kit: DeskKit) -> None:
    again = await below(kit, await answered(kit), "Thank you so much!")
    found = await kit.item(again)
    assert (found.state, found.assignee_id) == (ItemState.QUIET, None)
    card = await kit.card_of(again)
    assert earlier(card) == BOTH
    assert any("hank" in why for why in (await kit.history_of(card.key)).why)


async def test_the_drafts_author_counts_as_who_answered_not_the_approver(kit: DeskKit) -> None:
    item = await kit.comment(ASKS, author=ANN)
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "Olga's words.")
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(60)
    assert "With Olga" in facts(await kit.card_of(await below(kit, item)))


async def test_a_member_no_longer_is_given_nothing(kit: DeskKit) -> None:
    item = await answered(kit)
    bob = await kit.read(lambda tx: tx.people.who(kit.who("bob")))
    assert bob is not None
    await kit.do(lambda tx: tx.people.retire(bob.id))
    assert (await kit.item(await below(kit, item))).assignee_id is None


async def test_an_edit_of_it_takes_it_from_nobody(kit: DeskKit) -> None:
    item = await answered(kit)
    again = await below(kit, item)
    await kit.press("eve", await kit.card_of(again), c.Take)
    remote = (await kit.item(again)).remote_id
    await kit.take(kit.incoming(AGAIN + " Thanks", author=ANN, remote_id=remote))
    await kit.work()
    assert "With Eve" in facts(await kit.card_of(again))


async def test_whoever_answered_is_mentioned_in_the_chats_that_know_them(kit: DeskKit) -> None:
    item = await answered(kit)
    bob = await kit.read(lambda tx: tx.people.who(kit.who("bob")))
    assert bob is not None
    await kit.do(lambda tx: tx.people.identify(bob, ChatIdentity("slack", "U012BOB")))
    await kit.do(lambda tx: tx.people.identify(bob, ChatIdentity("telegram", "4711")))
    card = await kit.card_of(await below(kit, item))
    message = render(card, UTC_ZONE)
    assert '"user_id": "U012BOB"' in str(message.blocks).replace("'", '"')
    assert judged_message({"text": message.text, "blocks": message.blocks}) == []
    html = drawn(card, Drawing(Reading(kit.clock.now(), UTC_ZONE))).html
    assert '<a href="tg://user?id=4711">Bob</a>' in html
    [before, ours] = [block for block in message.blocks if "before" in block["block_id"]]
    assert ASKS in str(before)
    assert "In our shop in Lyon." in str(ours)
    assert html.index("In Lyon" if "In Lyon" in html else "We answered") < html.index("Which")


async def test_a_card_that_is_merely_assigned_mentions_nobody(kit: DeskKit) -> None:
    item = await kit.comment(ASKS, author=ANN)
    await kit.press("bob", await kit.card_of(item), c.Take)
    [name] = [
        span
        for fact in (await kit.card_of(item)).facts
        for span in fact
        if isinstance(span, MemberName)
    ]
    assert name.users == ()


async def test_under_our_post_its_words_and_link_stand_on_the_card(kit: DeskKit) -> None:
    link = "https://fakebook.example/post-1"
    post = {"kind": ItemKind.POST, "by_us": True, "remote_id": RemoteId("post-1")}
    words = "Our new tea is here. " * 9
    item = await kit.comment(ASKS, author=ANN)
    assert plain((await kit.card_of(item)).context) == "Under Our new tea"
    await kit.take(kit.incoming(words, thread_remote_id=None, permalink=link, **post))
    card = await kit.card_of(item)
    assert plain(card.context) == f"Under our post: {words.strip()}"
    assert link in str(render(card, UTC_ZONE).blocks)


async def test_a_forgotten_authors_words_are_not_shown_again(kit: DeskKit) -> None:
    item = await answered(kit)
    again = await below(kit, item)
    await kit.do(lambda tx: tx.erasures.items([item]))
    await kit.do(lambda tx: tx.erasures.publications([item]))
    assert earlier(await kit.card_of(again)) == []
