"""Planned posts: composed by one, approved by another, sent once at their time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.cards.card import Added, Card, CardKind, Removed, Untrusted, plain
from bot.cards.difference import difference
from bot.cards.pages import CardQuery, QueueFilter
from bot.errors import AuthenticationFailed, OutcomeUnknown, Rejected, Unavailable
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.commands import OutcomeKind
from bot.model.ids import HOUR, SECOND, MediaHash, Moment, VariantId
from bot.model.member import Role
from bot.model.post import Post, PostState
from bot.model.publication import Publication, PublicationState
from bot.services.deciding import DeskRules
from bot.workers.publish import PublishTask, Timing
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import Step

_P = PublicationState
PNG = b"\x89PNG\r\n\x1a\n" + zlib.compress(b"tea")
HERE = c.VariantText("acme", "Tea is ready.")
THERE = c.VariantText("acme-two", "Tea is ready, there too.")


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


async def composed(
    kit: DeskKit,
    *variants: c.VariantText,
    slot: int | None = None,
    pictures: tuple[c.PictureRef, ...] = (),
    member: str = "olga",
) -> Card:
    moment = None if slot is None else Moment(kit.clock.now() + slot)
    outcome = await kit.order(member, c.ComposePost(variants or (HERE,), moment, pictures))
    assert outcome.is_done, outcome.says
    return await kit.card(outcome.note)


async def now(kit: DeskKit, card: Card) -> Card:
    return await kit.card(card.key)


async def approve(kit: DeskKit, card: Card, member: str = "alice") -> None:
    outcome = await kit.press(member, await now(kit, card), c.Approve)
    assert outcome.is_done, outcome.says


async def post_of(kit: DeskKit, card: Card) -> Post:
    return await kit.read(lambda tx: tx.posts.get(card.number))  # type: ignore[arg-type]


async def sent(kit: DeskKit, card: Card) -> dict[VariantId, Publication]:
    variants = [variant.id for variant in (await post_of(kit, card)).variants]
    return await kit.read(lambda tx: tx.publications.latest_of_variants(variants))


async def states(kit: DeskKit, card: Card) -> list[PublicationState]:
    return [one.state for one in (await sent(kit, card)).values()]


async def picture(kit: DeskKit) -> tuple[c.PictureRef, ...]:
    outcome = await kit.order("olga", c.AddPicture("image/png", PNG))
    return (c.PictureRef(MediaHash(outcome.note), "A cup of tea"),)


def edit(card: Card, *variants: c.VariantText, slot: Moment | None = None) -> c.EditPost:
    return c.EditPost(card.key, card.revision, variants, slot)


async def test_a_post_waits_for_a_second_person_and_then_leaves_once(kit: DeskKit) -> None:
    card = await composed(kit)
    await kit.pass_time(600)
    assert kit.network.visible == []
    assert (await kit.queue(QueueFilter.OPEN)).total == 1
    await approve(kit, card)
    await kit.pass_time(600)
    assert kit.network.texts() == ["Tea is ready."]
    assert (await now(kit, card)).links[0].url == "https://fakebook.example/ours-1"


async def test_the_writer_of_a_post_cannot_approve_it_nor_can_its_last_editor(
    kit: DeskKit,
) -> None:
    card = await composed(kit, member="alice")
    outcome = await kit.press("alice", card, c.Approve)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "Ada" in outcome.says
    await kit.order("ada", edit(card, c.VariantText("acme", "Other words.")))
    outcome = await kit.press("ada", await now(kit, card), c.Approve)
    assert outcome.kind is OutcomeKind.REFUSED


async def test_a_post_that_needs_two_yeses_takes_them_of_two_people(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    two = ApprovalPolicy(2, Role.MANAGER, four_eyes=True)
    rules = DeskRules(policies={**DEFAULT_POLICIES, ApprovalSubject.POST: two})
    async with opened_desk(desk_address(request, tmp_path), rules=rules) as kit:
        card = await composed(kit, HERE, THERE)
        for _ in range(2):
            first = await kit.press("alice", await now(kit, card), c.Approve)
            assert first.says == "Counted: 1 of 2 approvals."
        await kit.pass_time(60)
        assert kit.network.visible == []
        await approve(kit, card, "ada")
        await kit.pass_time(60)
        assert await states(kit, card) == [_P.PUBLISHED, _P.PUBLISHED]


async def test_a_post_leaves_at_its_slot(kit: DeskKit) -> None:
    card = await composed(kit, slot=2 * HOUR)
    await approve(kit, card)
    await kit.pass_time(2 * HOUR / SECOND - 1)
    assert kit.network.visible == []
    await kit.pass_time(2)
    assert kit.network.texts() == ["Tea is ready."]


async def test_moving_the_slot_keeps_the_approval_and_mints_a_new_key(kit: DeskKit) -> None:
    card = await composed(kit, slot=HOUR)
    await approve(kit, card)
    (before,) = (await sent(kit, card)).values()
    later = Moment(kit.clock.now() + 3 * HOUR)
    outcome = await kit.order("olga", edit(await now(kit, card), HERE, slot=later))
    assert outcome.is_done, outcome.says
    (after,) = (await sent(kit, card)).values()
    assert after.id == before.id
    assert after.prepared.key != before.prepared.key
    await kit.pass_time(2 * HOUR / SECOND)
    assert kit.network.visible == []
    await kit.pass_time(HOUR / SECOND + 1)
    assert [one.key for one in kit.network.visible] == [after.prepared.key]


async def test_a_slot_moved_while_pictures_are_uploaded_sends_the_new_write(kit: DeskKit) -> None:
    card = await composed(kit, slot=HOUR, pictures=await picture(kit))
    await approve(kit, card)
    seen = await now(kit, card)
    kit.clock.advance(HOUR / SECOND)
    (row,) = await kit.claim()
    gate, reached = asyncio.Event(), asyncio.Event()
    kit.network.next("stage", Step(gate=gate, reached=reached))
    task = asyncio.create_task(kit.run(row))
    await reached.wait()
    form = (await kit.desk.view(CardQuery(card.key), kit.who("olga"))).post
    assert form is not None
    command = c.EditPost(seen.key, seen.revision, form.variants, None, form.pictures)
    assert (await kit.order("olga", command)).is_done
    gate.set()
    await task
    await kit.pass_time(60)
    (publication,) = (await sent(kit, card)).values()
    assert [one.key for one in kit.network.visible] == [publication.prepared.key]


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A limiter in front of which somebody does something."""

    act: Callable[[], Awaitable[object]]

    async def reserve(self, keys: Sequence[str]) -> int:
        await self.act()
        return 0

    async def close_until(self, key: str, until: Moment) -> None:
        raise AssertionError("nobody said 429")


async def test_a_slot_moved_while_the_sender_waits_sends_the_new_write(kit: DeskKit) -> None:
    """A write whose key the store has forgotten could never be found again."""
    card = await composed(kit, slot=HOUR)
    await approve(kit, card)
    seen = await now(kit, card)
    kit.clock.advance(HOUR / SECOND)
    (row,) = await kit.claim()
    limiter = Meanwhile(lambda: kit.order("olga", edit(seen, HERE), "once"))
    await PublishTask(kit.store, kit.clock, kit.lines, limiter, Timing())(row)
    await kit.pass_time(60)
    (publication,) = (await sent(kit, card)).values()
    assert [one.key for one in kit.network.visible] == [publication.prepared.key]


async def test_an_edit_of_the_words_voids_the_approval(kit: DeskKit) -> None:
    card = await composed(kit, slot=HOUR)
    await approve(kit, card)
    changed = c.VariantText("acme", "Other words.")
    slot = (await post_of(kit, card)).slot
    await kit.order("olga", edit(await now(kit, card), changed, slot=slot))
    assert (await post_of(kit, card)).state is PostState.WAITING
    await kit.pass_time(HOUR / SECOND + 60)
    assert kit.network.visible == []


async def test_changes_can_be_requested_and_the_words_come_back(kit: DeskKit) -> None:
    card = await composed(kit)
    assert (await kit.press("alice", card, c.RequestChanges, "Shorter, please.")).is_done
    card = await now(kit, card)
    assert "Shorter, please." in str(card.facts)
    assert (await kit.press("alice", card, c.Approve)).kind is OutcomeKind.REFUSED
    await kit.order("olga", edit(card, c.VariantText("acme", "Tea.")))
    await approve(kit, card)
    await kit.pass_time(60)
    assert kit.network.texts() == ["Tea."]


async def test_changes_cannot_be_requested_of_what_is_on_its_way(kit: DeskKit) -> None:
    card = await composed(kit, slot=HOUR)
    await approve(kit, card)
    outcome = await kit.press("alice", await now(kit, card), c.RequestChanges, "No.")
    assert outcome.kind is OutcomeKind.REFUSED
    assert (await post_of(kit, card)).state is PostState.APPROVED


async def test_a_cancelled_post_never_leaves(kit: DeskKit) -> None:
    card = await composed(kit, slot=HOUR)
    await approve(kit, card)
    assert (await kit.press("alice", await now(kit, card), c.CancelPost)).is_done
    await kit.pass_time(2 * HOUR / SECOND)
    assert kit.network.visible == []
    assert (await post_of(kit, card)).state is PostState.CANCELLED


async def test_a_stopped_post_waits_for_a_new_yes(kit: DeskKit) -> None:
    card = await composed(kit)
    await approve(kit, card)
    assert (await kit.press("alice", await now(kit, card), c.Stop)).is_done
    assert (await post_of(kit, card)).state is PostState.WAITING
    await kit.pass_time(600)
    assert kit.network.visible == []
    await approve(kit, card)
    await kit.pass_time(60)
    assert kit.network.texts() == ["Tea is ready."]


async def test_a_post_that_a_stopped_desk_missed_expires_and_can_be_given_a_new_time(
    kit: DeskKit,
) -> None:
    card = await composed(kit, slot=HOUR)
    await approve(kit, card)
    # nobody worked meanwhile; what a pause kept back is asked about (tests/unit/test_pausing.py)
    kit.clock.advance(2 * HOUR / SECOND + 60)
    await kit.work()
    assert kit.network.visible == []
    assert await states(kit, card) == [_P.CANCELLED]
    shown = await now(kit, card)
    assert "its time had passed" in str(shown.facts)
    assert "Edit" in labels(shown)
    await kit.order("olga", edit(shown, HERE, slot=Moment(kit.clock.now() + HOUR)))
    await approve(kit, card)
    await kit.pass_time(HOUR / SECOND + 1)
    assert kit.network.texts() == ["Tea is ready."]


async def test_a_part_that_failed_is_retried_without_repeating_the_other(kit: DeskKit) -> None:
    kit.second.next("publish", Step(Rejected("Not today.")))
    card = await composed(kit, HERE, THERE)
    await approve(kit, card)
    await kit.pass_time(60)
    assert sorted(await states(kit, card)) == [_P.FAILED, _P.PUBLISHED]
    shown = await now(kit, card)
    assert "Not today." in str(shown.state.spans)
    assert "Retry" in labels(shown)
    assert (await kit.press("bob", shown, c.RetryPublication)).is_done
    await kit.pass_time(60)
    assert kit.network.texts() == ["Tea is ready."]
    assert kit.second.texts() == ["Tea is ready, there too."]
    assert (await kit.queue(QueueFilter.DONE)).total == 1


async def test_a_post_that_is_out_is_done_while_another_waits_for_its_time(kit: DeskKit) -> None:
    await approve(kit, await composed(kit, HERE))
    await kit.pass_time(60)
    waiting = await composed(kit, THERE, slot=HOUR)
    await approve(kit, waiting)
    assert (await kit.queue(QueueFilter.DONE)).total == 1
    assert [card.key for card in (await kit.queue(QueueFilter.OPEN)).cards] == [waiting.key]


async def test_a_lost_answer_of_a_post_is_looked_up_before_anything_else(kit: DeskKit) -> None:
    kit.network.next("publish", Step(OutcomeUnknown("Lost."), acts=True))
    card = await composed(kit)
    await approve(kit, card)
    await kit.pass_time(120)
    assert kit.network.texts() == ["Tea is ready."]
    assert await states(kit, card) == [_P.PUBLISHED]


async def test_a_picture_is_uploaded_once_however_often_the_post_is_tried(kit: DeskKit) -> None:
    kit.network.next("publish", *[Step(Unavailable("Down."))] * 2)
    card = await composed(kit, pictures=await picture(kit))
    await approve(kit, card)
    await kit.pass_time(120)
    assert kit.network.count("stage") == 1
    assert kit.network.count("publish") == 3
    assert await states(kit, card) == [_P.PUBLISHED]


async def test_a_picture_that_the_network_refuses_fails_the_post_and_says_so(
    kit: DeskKit,
) -> None:
    kit.network.next("stage", *[Step(Rejected("The picture is too wide."))] * 50)
    card = await composed(kit, pictures=await picture(kit))
    await approve(kit, card)
    await kit.pass_time(120)
    assert await states(kit, card) == [_P.FAILED]
    assert "The picture is too wide." in str((await now(kit, card)).state.spans)
    assert kit.network.count("stage") == 1


async def test_an_upload_that_fails_for_now_is_tried_again_and_shown(kit: DeskKit) -> None:
    kit.network.next("stage", Step(Unavailable("The network is down.")))
    card = await composed(kit, pictures=await picture(kit))
    await approve(kit, card)
    await kit.pass_time(10.1)
    assert "The network is down." in str((await now(kit, card)).state.spans)
    await kit.pass_time(120)
    assert await states(kit, card) == [_P.PUBLISHED]


async def test_a_token_refused_while_uploading_pauses_the_account(kit: DeskKit) -> None:
    kit.network.next("stage", Step(AuthenticationFailed("Renew the token.")))
    card = await composed(kit, pictures=await picture(kit))
    await approve(kit, card)
    await kit.pass_time(10.1)
    assert (await kit.account_now()).state is AccountState.PAUSED
    assert await states(kit, card) == [_P.QUEUED]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (c.ComposePost(()), "at least one account"),
        (c.ComposePost((c.VariantText("nosuch", "x"),)), "no account called 'nosuch'"),
        (c.ComposePost((c.VariantText("acme", "  "),)), "is empty"),
        (c.ComposePost((HERE,), Moment(1)), "time has passed"),
        (c.ComposePost((HERE,), None, (c.PictureRef(MediaHash("0" * 64), "alt"),)), "uploaded"),
        (c.AddPicture("image/svg+xml", b"<svg/>"), "not a PNG"),
        (c.AddPicture("image/png", b"GIF89a"), "not a PNG"),
        (c.AddPicture("image/png", PNG + b"\0" * 8 * 1024 * 1024), "larger than 8 MiB"),
    ],
)
async def test_what_cannot_be_a_post_is_refused_with_a_sentence(
    kit: DeskKit, command: c.Command, says: str
) -> None:
    outcome = await kit.order("olga", command)
    assert outcome.kind is OutcomeKind.REFUSED
    assert says in outcome.says


async def test_a_text_that_is_too_long_is_kept_but_cannot_be_approved(kit: DeskKit) -> None:
    card = await composed(kit, c.VariantText("acme", "x" * 501))
    assert "Shorten it by 1." in str(card.facts)
    assert (await kit.press("alice", card, c.Approve)).kind is OutcomeKind.REFUSED


async def test_a_post_to_a_watch_only_account_is_refused_at_approval(kit: DeskKit) -> None:
    card = await composed(kit)
    await kit.order("ada", c.WatchOnly("acme"))
    outcome = await kit.press("alice", card, c.Approve)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "watch-only" in outcome.says
    assert card.kind is CardKind.POST


async def test_a_time_that_comes_before_the_approval_sends_the_post_back_and_nothing_late(
    kit: DeskKit,
) -> None:
    card = await composed(kit, slot=HOUR)
    await kit.pass_time((HOUR - SECOND) / 1000)
    assert (await post_of(kit, card)).state is PostState.WAITING
    await kit.pass_time(2)
    seen = await now(kit, card)
    assert (await post_of(kit, card)).state is PostState.DRAFT
    assert "Its time came before it was approved. Choose another time." in str(seen.facts)
    assert (await kit.press("alice", seen, c.Approve)).kind is OutcomeKind.REFUSED
    await kit.pass_time(4 * HOUR / 1000)
    assert await states(kit, card) == []
    slot = Moment(kit.clock.now() + HOUR)
    again = await kit.order("olga", c.EditPost(seen.key, seen.revision, (HERE,), slot))
    assert again.is_done, again.says
    await approve(kit, card)
    await kit.pass_time((HOUR + SECOND) / 1000)
    assert await states(kit, card) == [_P.PUBLISHED]


async def test_a_post_that_was_approved_or_has_no_time_is_never_sent_back(kit: DeskKit) -> None:
    timely, timeless = await composed(kit, slot=HOUR), await composed(kit)
    moved = await composed(kit, slot=HOUR)
    slot = Moment(kit.clock.now() + 3 * HOUR)
    await kit.order("olga", c.EditPost(moved.key, moved.revision, (HERE,), slot))
    await approve(kit, timely)
    await kit.pass_time((HOUR + SECOND) / 1000)
    assert await states(kit, timely) == [_P.PUBLISHED]
    assert (await post_of(kit, timeless)).state is PostState.WAITING
    assert (await post_of(kit, moved)).state is PostState.WAITING


async def test_the_next_version_shows_what_was_asked_and_what_it_said_before(kit: DeskKit) -> None:
    card = await composed(kit, HERE, THERE)
    asked = await kit.press("alice", card, c.RequestChanges, "Name the shop")
    assert asked.is_done
    seen = await now(kit, card)
    assert seen.earlier == ()
    better = c.VariantText("acme", "Tea is ready in Lyon.")
    await kit.order("olga", c.EditPost(seen.key, seen.revision, (better, THERE)))
    seen = await now(kit, card)
    name = (await kit.account_now()).name or "acme"
    assert [(one.title, one.text) for one in seen.earlier] == [(f"What changed: {name}", HERE.text)]
    assert seen.earlier[0].changes == (
        Untrusted("Tea is "), Removed("ready."), Added("ready in Lyon.")
    )  # fmt: skip
    assert "Changes made: " in str(seen.facts)
    assert "Name the shop" in str(seen.facts)
    again = c.VariantText("acme", "Tea is ready in Lyon!")
    await kit.order("olga", c.EditPost(seen.key, seen.revision, (again, THERE)))
    seen = await now(kit, card)
    assert [one.text for one in seen.earlier] == [HERE.text]
    await approve(kit, card)
    assert (await now(kit, card)).earlier == ()


async def test_nobody_approves_a_picture_that_nobody_described(kit: DeskKit) -> None:
    [one] = await picture(kit)
    card = await composed(kit, pictures=(one, replace(one, hash=await another(kit), alt_text=" ")))
    assert "Approve & publish" not in labels(card)
    refused = await kit.press("alice", card, c.Approve)
    assert refused.kind is OutcomeKind.REFUSED
    assert refused.says.startswith("Picture 2 has no description yet")
    described = (one, replace(one, hash=await another(kit), alt_text="A pot"))
    done = await kit.order("olga", c.EditPost(card.key, card.revision, (HERE,), None, described))
    assert done.is_done
    await approve(kit, card)


async def another(kit: DeskKit) -> MediaHash:
    return MediaHash((await kit.order("olga", c.AddPicture("image/png", PNG + b"2"))).note)


def test_a_long_text_shows_what_is_beside_its_changes_alone() -> None:
    words = [f"word{number}" for number in range(60)]
    changed = [*words[:30], "new", *words[31:]]
    shown = difference(" ".join(words), " ".join(changed), 600)
    assert "".join(one.text for one in shown if isinstance(one, Removed)) == "word30"
    assert "".join(one.text for one in shown if isinstance(one, Added)) == "new"
    assert len(plain(shown)) < 120
    assert len(plain(difference("", "x" * 900, 600))) == 601
