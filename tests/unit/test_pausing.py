"""A pause and its end show first what they would do, ask once, and then do that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.actions import ButtonData, to_command
from bot.cards.card import Card, plain
from bot.cards.kinds import CardKind, QueueFilter
from bot.cards.pages import DeskQuery
from bot.model import commands as c
from bot.model.commands import HoldKind, OutcomeKind
from bot.model.hold import HeldVerb, Shown
from bot.model.ids import HOUR, MINUTE, SECOND, Moment, PublicationId
from handlers import hold_words
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk

POSTS = (HoldKind.POSTS,)
EVERYTHING = tuple(HoldKind)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        yield kit


async def planned(kit: DeskKit, text: str, ahead: int, account: str = "acme") -> None:
    slot = Moment(kit.clock.now() + ahead)
    composed = await kit.order("olga", c.ComposePost((c.VariantText(account, text),), slot))
    assert (await kit.press("alice", await kit.card(composed.note), c.Approve)).is_done


async def holds(kit: DeskKit) -> int:
    brand = (await kit.account_now()).brand_id
    return len(await kit.read(lambda tx: tx.accounts.holds(brand)))


async def asked(kit: DeskKit, command: c.Pause | c.Unpause, member: str = "alice") -> Card:
    outcome = await kit.order(member, command)
    assert outcome.is_done, outcome.says
    return await kit.card(outcome.note)


def shown(card: Card) -> str:
    return plain(card.quote) + "\n" + "\n".join(plain(one) for one in card.facts)


async def sent(kit: DeskKit) -> list[str]:
    await kit.pass_time(60)
    return [one.text for one in kit.network.visible]


async def test_it_says_what_it_would_hold_and_holds_nothing(kit: DeskKit) -> None:
    await planned(kit, "Autumn tea", 2 * HOUR)
    await planned(kit, "Winter tea", 3 * HOUR, "acme-two")
    assert (await kit.press("bob", await kit.card_of(await kit.comment()), c.Approve)).is_done
    told = await kit.order("alice", c.Pause(EVERYTHING, is_sure=False))
    assert "Nothing is paused yet" in told.says
    assert "2 planned posts wait\n1 approved reply waits" in told.says
    assert "• 2026-11-30 11:00 · acme: “Autumn tea”" in told.says
    one = await kit.order("alice", c.Pause(POSTS, "acme-two", is_sure=False))
    assert "Winter tea" in one.says
    assert "Autumn tea" not in one.says
    card = await kit.card(one.note)
    assert "Winter tea" in shown(card)
    assert "Autumn tea" not in shown(card)
    assert await holds(kit) == 0
    page = await kit.desk.view(DeskQuery(), kit.who("alice"))
    assert page.leaving == ("2 planned posts wait", "1 approved reply waits")


async def test_one_press_on_its_card_pauses_and_a_second_one_is_the_same_press(
    kit: DeskKit,
) -> None:
    await planned(kit, "Autumn tea", 2 * HOUR)
    card = await asked(kit, c.Pause(POSTS, None, "A recall", is_sure=False))
    assert labels(card) == ["Pause now", "Not now"]
    assert "1 planned post waits" in shown(card)
    first = await kit.press("alice", card, c.GoAhead)
    assert first.says == "Paused: posts everywhere. Nothing was on its way."
    assert await kit.press("alice", card, c.GoAhead) == first
    assert await holds(kit) == 1
    done = await kit.card(card.key)
    assert labels(done) == []
    again = await kit.press("alice", done, c.GoAhead)
    assert "done already" in again.says
    history = await kit.history_of(card.key)
    assert "Alice · hold pause pressed" in history.audit[0]


async def test_nobody_else_can_press_it(kit: DeskKit) -> None:
    card = await asked(kit, c.Pause(POSTS, is_sure=False))
    for command in (c.GoAhead, c.NotNow):
        refused = await kit.press("ada", card, command)
        assert "Alice was asked this, not you" in refused.says
    assert "takes a manager" in (await kit.press("bob", card, c.GoAhead)).says
    assert await holds(kit) == 0
    for wanted in (QueueFilter.OPEN, QueueFilter.ALL):
        page = await kit.queue(wanted, "ada")
        assert CardKind.HOLD not in {one.kind for one in page.cards}


async def test_not_now_changes_nothing_and_ends_it(kit: DeskKit) -> None:
    card = await asked(kit, c.Pause(POSTS, is_sure=False))
    assert (await kit.press("alice", card, c.NotNow)).is_done
    assert "put away" in (await kit.press("alice", await kit.card(card.key), c.GoAhead)).says
    assert await holds(kit) == 0


async def test_what_somebody_else_did_meanwhile_is_said_and_not_done_again(kit: DeskKit) -> None:
    card = await asked(kit, c.Pause(EVERYTHING, is_sure=False))
    await kit.pass_time(5)
    assert (await kit.order("ada", c.Pause(EVERYTHING, None, "Ada's reason"))).is_done
    await kit.pass_time(180)
    late = await kit.press("alice", card, c.GoAhead)
    assert late.kind is OutcomeKind.STALE
    assert late.says == "Ada paused replies and posts everywhere 3 min ago. Nothing was changed."
    page = await kit.desk.view(DeskQuery(), kit.who("alice"))
    assert all("Ada's reason" in one for one in page.holds)
    ends = await asked(kit, c.Unpause(EVERYTHING, is_sure=False))
    assert labels(ends) == ["Unpause now", "Not now"]
    await kit.pass_time(5)
    assert (await kit.order("ada", c.Unpause(EVERYTHING))).is_done
    late = await kit.press("alice", ends, c.GoAhead)
    assert late.says.startswith("Ada unpaused replies and posts everywhere")


async def test_what_waits_has_changed_since_so_it_is_asked_anew(kit: DeskKit) -> None:
    card = await asked(kit, c.Pause(POSTS, is_sure=False))
    await planned(kit, "Autumn tea", 2 * HOUR)
    pressed = await kit.press("alice", card, c.GoAhead)
    assert pressed.kind is OutcomeKind.STALE
    assert "has changed since you were asked" in pressed.says
    assert await holds(kit) == 0
    anew = await kit.card(card.key)
    assert "Autumn tea" in shown(anew)
    assert (await kit.press("alice", anew, c.GoAhead)).is_done
    assert await holds(kit) == 1


def test_a_reply_more_or_less_is_not_much_else() -> None:
    posts = frozenset({PublicationId(1)})
    assert not Shown(posts, 10).is_much_else(Shown(posts, 13))
    assert not Shown(posts, 0).is_much_else(Shown(posts, 3))
    assert Shown(posts, 2).is_much_else(Shown(posts, 9))
    assert Shown(posts, 9).is_much_else(Shown(posts, 2))
    assert Shown(posts).is_much_else(Shown(frozenset({PublicationId(2)})))


async def three_were_paused(kit: DeskKit) -> None:
    """Two of them past their time, the first of which past its grace."""
    assert (await kit.order("alice", c.Pause(POSTS))).is_done
    for text, ahead in (("First", 10 * MINUTE), ("Second", 80 * MINUTE), ("Third", 5 * HOUR)):
        await planned(kit, text, ahead)
    await kit.pass_time(90 * MINUTE // SECOND)


async def test_its_end_asks_about_each_that_is_late_and_lets_none_leave_by_itself(
    kit: DeskKit,
) -> None:
    await three_were_paused(kit)
    told = await kit.order("alice", c.Unpause(POSTS, is_sure=False))
    assert "“First”: its time has passed: asked about" in told.says
    assert "“Second”: its time has passed: asked about" in told.says
    assert "“Third”: leaves at its time" in told.says
    card = await kit.card(told.note)
    assert "2 of them are late and asked about" in shown(card)
    ended = await kit.press("alice", card, c.GoAhead)
    assert "2 posts are late: a card asks about each, and none leaves by itself" in ended.says
    assert await holds(kit) == 0
    assert await sent(kit) == []
    card = await kit.card(card.key)
    assert card.key in {one.key for one in (await kit.queue(QueueFilter.OPEN)).cards}
    assert "2 posts to decide" in shown(card)
    assert labels(card) == [
        "Publish now · #1",
        "In an hour · #1",
        "In a day · #1",
        "Cancel post · #1",
        "Another time… · #1",
    ]
    assert (await decided(kit, card, 1, HeldVerb.NOW)).startswith("It leaves now")
    assert await sent(kit) == ["First"]
    card = await kit.card(card.key)
    assert "Publish now · #2" in labels(card)
    assert "decided already" in await decided(kit, card, 1, HeldVerb.CANCEL, "ada")
    assert (await decided(kit, card, 2, HeldVerb.CANCEL)).startswith("Cancelled")
    assert labels(await kit.card(card.key)) == []
    await kit.pass_time(4 * HOUR // SECOND)
    assert await sent(kit) == ["First", "Third"]


async def decided(
    kit: DeskKit, card: Card, post: int, verb: HeldVerb, member: str = "alice"
) -> str:
    return (await kit.order(member, c.DecideHeld(card.key, card.revision, post, verb))).says


async def test_the_word_now_asks_about_what_is_late_too(kit: DeskKit) -> None:
    await three_were_paused(kit)
    ended = await kit.order("alice", c.Unpause(POSTS))
    assert "2 posts are late" in ended.says
    assert await sent(kit) == []
    card = await kit.card(ended.note)
    assert (await decided(kit, card, 2, HeldVerb.HOUR)).startswith("It leaves in an hour")
    await kit.pass_time(HOUR // SECOND)
    assert await sent(kit) == ["Second"]


@pytest.mark.parametrize("written", ["", "soon", "2026-11-30 08:00", "25:00", "2026-02-30 10:00"])
async def test_what_is_no_time_to_come_moves_nothing(kit: DeskKit, written: str) -> None:
    await three_were_paused(kit)
    card = await kit.card((await kit.order("alice", c.Unpause(POSTS))).note)
    command = c.DecideHeld(card.key, card.revision, 1, HeldVerb.AT, written)
    assert (await kit.order("alice", command)).says.startswith("Write when: 18:00")
    assert "2 posts to decide" in shown(await kit.card(card.key))


async def test_another_time_may_be_written(kit: DeskKit) -> None:
    await three_were_paused(kit)
    card = await kit.card((await kit.order("alice", c.Unpause(POSTS))).note)
    [action] = [one for one in card.actions if one.label.startswith("Another time")]
    data = ButtonData(action.name, card.key, card.revision, action.argument)
    command = to_command(data, now=kit.clock.now(), entry="11:45")
    assert (await kit.order("alice", command)).says == "It leaves at that time."
    assert await sent(kit) == []
    await kit.pass_time(HOUR // SECOND + 15 * MINUTE // SECOND)
    assert await sent(kit) == ["First"], "at 11:45 by the clock of whoever wrote it"


async def test_late_posts_are_asked_about_once_and_where_they_are_let_go(kit: DeskKit) -> None:
    await three_were_paused(kit)
    assert (await kit.order("alice", c.Pause(POSTS, "acme"))).is_done
    everywhere = await kit.order("alice", c.Unpause(POSTS))
    assert "late" not in everywhere.says, "the account is paused itself"
    first = await kit.order("alice", c.Unpause(POSTS, "acme"))
    assert "2 posts are late" in first.says
    card = await kit.card(first.note)
    assert (await kit.order("alice", c.Pause(POSTS))).is_done
    assert "Posts are paused there" in await decided(kit, card, 1, HeldVerb.NOW)
    again = await kit.order("alice", c.Unpause(POSTS))
    assert "late" not in again.says, "the first card asks about them"
    assert (await decided(kit, card, 1, HeldVerb.NOW)).startswith("It leaves now")


async def test_another_time_on_the_post_itself_decides_about_it(kit: DeskKit) -> None:
    await three_were_paused(kit)
    card = await kit.card((await kit.order("alice", c.Unpause(POSTS))).note)
    post = await kit.card_of(1, CardKind.POST)
    later = Moment(kit.clock.now() + HOUR)
    edit = c.EditPost(post.key, post.revision, (c.VariantText("acme", "First"),), later)
    assert "Moved" in (await kit.order("olga", edit)).says
    assert "1 post to decide" in shown(await kit.card(card.key))


async def test_a_pause_that_ends_in_a_crisis_leaves_the_asking_to_its_end(kit: DeskKit) -> None:
    await three_were_paused(kit)
    crisis = await kit.card((await kit.order("alice", c.ProposeCrisis())).note)
    assert (await kit.press("alice", crisis, c.StartCrisis)).is_done
    assert "late" not in (await kit.order("alice", c.Unpause(POSTS))).says
    assert "3 planned posts were held" in (await kit.order("alice", c.EndCrisis())).says
    assert await sent(kit) == []


async def test_nothing_to_leave_is_said_too(kit: DeskKit) -> None:
    told = await kit.order("alice", c.Pause(POSTS, is_sure=False))
    assert "Nothing waits to leave." in told.says
    assert "Nothing waits to leave." in shown(await kit.card(told.note))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", (False, EVERYTHING, "")),
        ("posts on acme", (False, POSTS, "on acme")),
        ("now", (True, EVERYTHING, "")),
        ("NOW Posts acme", (True, POSTS, "acme")),
        ("nowhere", (False, EVERYTHING, "nowhere")),
    ],
)
def test_only_the_word_now_is_sure(said: str, meant: object) -> None:
    assert hold_words.read(said) == meant
