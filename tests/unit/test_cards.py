"""What a card says and offers in every state, and that every button it offers works."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.actions import MAX_BYTES, SNOOZES, ActionName, ButtonData, to_command
from bot.cards.card import Action, Ask, Card, CardKind, Group, Light, plain
from bot.errors import CannotTell, OutcomeUnknown, Rejected, Unavailable
from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.commands import OutcomeKind
from bot.model.draft import Tone
from bot.model.due import Lane, NewDue
from bot.model.ids import HOUR, CardToken, CommandId, ItemId, Moment, RemoteId
from bot.model.network import Batch, Capability, Cursor, Removal
from bot.model.publication import Receipt, Visibility
from bot.services.deciding import DeskRules
from bot.services.desk import Weighed
from bot.store.tx import Tx
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import CAPABILITIES, Step

ONE = RemoteId("c1")
TOKENS = st.text("abcXYZ019", min_size=12, max_size=12).map(CardToken)
ARGUMENTS = st.from_regex(r"[A-Za-z0-9_-]{0,20}", fullmatch=True)


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


# Button data


@given(st.sampled_from(ActionName), TOKENS, st.integers(0, 10**9 - 1), ARGUMENTS)
def test_button_data_fits_a_button_and_comes_back_as_it_was(
    name: ActionName, token: CardToken, revision: int, argument: str
) -> None:
    data = ButtonData(name, token, revision, argument)
    text = data.encode()
    assert len(text.encode()) <= MAX_BYTES
    assert ButtonData.decode(text) == data


@given(st.text(max_size=80))
def test_text_that_is_no_button_is_refused_and_breaks_nothing(text: str) -> None:
    try:
        data = ButtonData.decode(text)
    except ValueError:
        return
    assert data.encode() == text


@pytest.mark.parametrize(
    "text",
    [
        "", "approve", "approve.abc.1", "approve.abcdefghijkl.-1", "nosuch.abcdefghijkl.1",
        "approve.abcdefghijkl.1.x.y", "approve.abcdefghijkl.1\n", "tone.abcdefghijkl.1.ä",
    ],
)  # fmt: skip
def test_a_forged_button_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"button|ActionName"):
        ButtonData.decode(text)


@pytest.mark.parametrize(
    ("action", "argument"),
    [(ActionName.TONE, "rude"), (ActionName.SNOOZE, "9y"), (ActionName.MODERATE, "explode")],
)
def test_an_argument_that_means_nothing_is_refused(action: ActionName, argument: str) -> None:
    data = ButtonData(action, CardToken("a" * 12), 1, argument)
    with pytest.raises(ValueError, match=argument):
        to_command(data, now=Moment(0))


# Every state of an item, brought about as it comes about


async def fresh(kit: DeskKit) -> ItemId:
    await kit.take(kit.incoming())
    return await kit.id_of(ONE)


async def open_one(kit: DeskKit) -> ItemId:
    return await kit.comment()


async def quiet(kit: DeskKit) -> ItemId:
    return await kit.comment("Thank you so much!")


async def undrafted(kit: DeskKit) -> ItemId:
    kit.drafter.silent = True
    return await kit.comment()


async def muted(kit: DeskKit) -> ItemId:
    old = kit.incoming(COMPLAINT, published_at=Moment(kit.clock.now() - 2 * HOUR))
    kit.network.pages.append(Batch((old,), Cursor("1")))
    arg = {"account": kit.account, "leg": "comments"}
    await kit.add_due(NewDue("poll", "poll:1", Lane.POLLS, kit.clock.now(), arg, every=30_000))
    await kit.work(Lane.POLLS)
    return await kit.id_of(ONE)


async def closed(kit: DeskKit) -> ItemId:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.NoReplyNeeded)
    return item


async def gone(kit: DeskKit) -> ItemId:
    item = await kit.comment()
    await kit.take(Removal(ONE))
    return item


async def asked(kit: DeskKit) -> ItemId:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.Approve)
    return item


async def snoozed(kit: DeskKit) -> ItemId:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.Snooze, Moment(kit.clock.now() + HOUR))
    return item


async def queued(kit: DeskKit) -> ItemId:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    return item


async def after(kit: DeskKit, *steps: Step, looks: tuple[Step, ...] = ()) -> ItemId:
    kit.network.next("publish", *steps)
    kit.network.next("find", *looks)
    item = await queued(kit)
    await kit.pass_time(12)
    return item


async def published(kit: DeskKit) -> ItemId:
    return await after(kit)


async def held_by_the_network(kit: DeskKit) -> ItemId:
    receipt = Receipt(RemoteId("h1"), "https://fakebook.example/h1", Visibility.HELD)
    return await after(kit, Step(answer=receipt))


async def waits_to_retry(kit: DeskKit) -> ItemId:
    return await after(kit, *[Step(Unavailable("The network is down."))] * 50)


async def unknown(kit: DeskKit) -> ItemId:
    return await after(kit, Step(OutcomeUnknown("Lost.")))


async def needs_human(kit: DeskKit) -> ItemId:
    look = Step(CannotTell("Nothing can be read here."))
    item = await after(kit, Step(OutcomeUnknown("Lost.")), looks=(look,) * 20)
    # nobody is asked while it may still arrive
    await kit.pass_time(30)
    return item


async def failed(kit: DeskKit) -> ItemId:
    return await after(kit, Step(Rejected("No links.")))


async def failed_and_edited_by_its_author(kit: DeskKit) -> ItemId:
    item = await failed(kit)
    kit.drafter.silent = True
    await kit.take(kit.incoming("Where is it now?", remote_id=ONE))
    await kit.work()
    return item


async def stopped(kit: DeskKit) -> ItemId:
    item = await queued(kit)
    await kit.press("bob", await kit.card_of(item), c.Stop)
    return item


async def answered_natively(kit: DeskKit) -> ItemId:
    item = await kit.comment()
    link = "https://fakebook.example/native"
    await kit.take(kit.incoming("By hand.", by_us=True, parent_remote_id=ONE, permalink=link))
    return item


async def reopened(kit: DeskKit) -> ItemId:
    item = await published(kit)
    await kit.press("bob", await kit.card_of(item), c.Reopen)
    return item


async def deleted_while_in_doubt(kit: DeskKit) -> ItemId:
    item = await needs_human(kit)
    await kit.take(Removal(ONE))
    return item


State = Callable[[DeskKit], Awaitable[ItemId]]
TWO_YESES = DeskRules(policies={**DEFAULT_POLICIES, ApprovalSubject.REPLY: ApprovalPolicy(2)})
WRITING = ["No reply needed", "Edit", "Change…"]
DOUBT = ["It is there", "Look again", "It is not there: send again", "Give up"]
STATES: Mapping[State, tuple[Light, str, list[str]]] = {
    fresh: (Light.WORKING, "Sorting", []),
    open_one: (Light.WAITING, "Waiting", ["Publish", *WRITING]),
    quiet: (Light.QUIET, "No reply needed, it seems", WRITING),
    undrafted: (Light.WAITING, "Waiting", WRITING),
    muted: (Light.QUIET, "From before the desk was connected", [*WRITING, "Reopen"]),
    closed: (Light.QUIET, "Closed, no reply needed", ["Reopen"]),
    gone: (Light.QUIET, "Deleted on Fakebook", []),
    asked: (Light.WAITING, "Olga asks for approval", ["Publish", *WRITING]),
    snoozed: (Light.QUIET, "Snoozed until ", ["Publish", *WRITING]),
    queued: (Light.WORKING, "Publishing ", ["Stop"]),
    published: (Light.DONE, "Published", ["Reopen"]),
    held_by_the_network: (
        Light.DONE, "Accepted by Fakebook, waits for its moderation", ["Reopen"],
    ),
    waits_to_retry: (Light.TROUBLE, "The network is down.", ["Stop"]),
    unknown: (Light.WORKING, "Not sure it went out - we are looking", ["Look again"]),
    needs_human: (
        Light.TROUBLE,
        "Not sure it went out. Look on Fakebook and say what you see: Nothing can be read here.",
        DOUBT,
    ),
    failed: (Light.TROUBLE, "Not published: No links.", ["Retry", "Give up", *WRITING]),
    failed_and_edited_by_its_author: (
        Light.WAITING, "Not sent: the author changed the text.", WRITING,
    ),
    stopped: (Light.WAITING, "Stopped by Bob.", ["Publish", *WRITING]),
    answered_natively: (Light.DONE, "Answered on Fakebook itself", ["Reopen"]),
    reopened: (Light.WAITING, "Waiting", ["Publish", *WRITING]),
    deleted_while_in_doubt: (
        Light.QUIET, "Deleted on Fakebook", ["It is there", "Look again", "Give up"],
    ),
}  # fmt: skip


STATE_NAMES = [getattr(state, "__name__", "") for state in STATES]


@pytest.mark.parametrize("state", list(STATES), ids=STATE_NAMES)
async def test_a_card_says_where_its_item_stands_and_what_can_be_done(
    kit: DeskKit, state: State
) -> None:
    card = await kit.card_of(await state(kit))
    light, says, offers = STATES[state]
    assert (card.state.light, plain(card.state.spans)) == (light, says)
    assert [one.label for one in card.actions if one.group is Group.MAIN] == offers


ENTRIES: Mapping[Ask, str] = {
    Ask.NOTHING: "", Ask.DRAFT: "Edited words.", Ask.LINE: "refund", Ask.MEMBER: "bob",
    Ask.LINK: "https://fakebook.example/seen", Ask.POST: "", Ask.REASON: "",
    Ask.QUESTION: "bob\n4h\nSince when?", Ask.LABELS: "+refund",
}  # fmt: skip


def entry_for(action: Action) -> str:
    """A promise names a time."""
    return "Tomorrow." if action.name is ActionName.PROMISE else ENTRIES[action.ask]


def pressed(card: Card, button: Action, kit: DeskKit) -> c.Command:
    """What a front end makes of a button: its data out and back, then the command."""
    data = ButtonData(button.name, card.key, card.revision, button.argument)
    back = ButtonData.decode(data.encode())
    return to_command(back, now=kit.clock.now(), entry=entry_for(button))


@pytest.mark.parametrize("state", list(STATES), ids=STATE_NAMES)
async def test_no_button_is_dead(
    state: State, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Every button of every card is a command that an admin's desk carries out."""
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        item = await state(kit)
        for button in (await kit.card_of(item)).actions:
            outcome = await tried(kit, item, button)
            assert outcome.kind is OutcomeKind.DONE, (button.label, outcome.says)


class Undone(Exception):
    """Takes a tried press back."""


async def tried(kit: DeskKit, item: ItemId, button: Action) -> c.Outcome:
    """The outcome of one press in a transaction that is rolled back."""
    card = await kit.card_of(item)
    order = c.Order(CommandId(f"try-{button.label}"), kit.who("ada"), pressed(card, button, kit))
    outcomes: list[c.Outcome] = []

    def press(tx: Tx) -> None:
        outcomes.extend(kit.desk.carry_out(tx, [Weighed(order)]))
        raise Undone

    with pytest.raises(Undone):
        await kit.do(press)
    return outcomes[-1]


async def test_a_card_offers_only_what_its_network_can_do(kit: DeskKit) -> None:
    kit.network.can(
        can=frozenset({Capability.READ}),
        cannot={Capability.REPLY: "Fakebook takes no replies from programs."},
    )
    card = await kit.card_of(await kit.comment())
    names = {one.name for one in card.actions}
    team = {
        ActionName.TAKE,
        ActionName.GIVE,
        ActionName.QUESTION,
        ActionName.PROMISE,
        ActionName.NOTE,
        ActionName.LABEL,
        ActionName.RAISE,
    }
    assert names == {ActionName.NO_REPLY, ActionName.SNOOZE, *team}
    assert card.draft is None
    assert kit.drafter.requests == []


async def test_the_button_that_publishes_says_whether_it_does(
    request: pytest.FixtureRequest, tmp_path: Path, kit: DeskKit
) -> None:
    assert labels(await kit.card_of(await kit.comment()))[0] == "Publish"
    folder = tmp_path / "two"
    folder.mkdir()
    async with opened_desk(desk_address(request, folder), rules=TWO_YESES) as other:
        assert labels(await other.card_of(await other.comment()))[0] == "Approve"


async def test_every_snooze_and_every_tone_has_its_button(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    arguments = {(one.name, one.argument) for one in card.actions}
    assert {(ActionName.SNOOZE, one) for one in SNOOZES} <= arguments
    assert {(ActionName.TONE, tone.value) for tone in Tone} <= arguments


async def test_what_an_author_wrote_is_untrusted_wherever_it_stands(kit: DeskKit) -> None:
    text = "<b>@channel</b> *now*"
    card = await kit.card_of(await kit.comment(text, thread_title=text))
    trusted = [
        span
        for spans in (card.source, card.context, card.quote, card.state.spans, *card.facts)
        for span in spans
        if type(span).__name__ in {"Text", "Bold"}
    ]
    assert all("@channel" not in span.text for span in trusted)  # type: ignore[union-attr]


async def test_a_post_s_buttons_work_in_every_state(kit: DeskKit) -> None:
    outcome = await kit.order("olga", c.ComposePost((c.VariantText("acme", "Tea."),)))
    card = await kit.card(outcome.note)
    assert card.kind is CardKind.POST
    assert labels(card) == ["Approve & publish", "Request changes", "Edit", "Cancel post"]
    await kit.press("alice", card, c.RequestChanges, "Shorter.")
    assert labels(await kit.card(card.key)) == ["Edit", "Cancel post"]
    edit = c.EditPost(card.key, card.revision + 1, (c.VariantText("acme", "Tea!"),))
    assert (await kit.order("olga", edit)).is_done
    assert (await kit.press("alice", await kit.card(card.key), c.Approve)).is_done
    assert labels(await kit.card(card.key)) == ["Stop", "Edit"]
    await kit.pass_time(20)
    assert labels(await kit.card(card.key)) == []
    assert CAPABILITIES.title in str((await kit.card(card.key)).links)


async def test_the_history_of_an_answered_comment_tells_who_did_what(kit: DeskKit) -> None:
    item = await published(kit)
    page = await kit.history_of(await kit.token_of(item))
    told = [plain(line.spans) for line in page.lines]
    assert told[0] == "arrived"
    assert "Bob approved it" in told
    assert told[-1] == "the reply stands on the network: see it there"
    assert page.why != ()
    assert any("approved" in line and "Bob" in line for line in page.audit)
