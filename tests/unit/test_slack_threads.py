"""The thread under a card in Slack holds what happened to its item: one message for a burst."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.bootstrap.workshop import rates
from bot.cards.card import plain
from bot.cards.posting import Telling
from bot.coordination.limits import MemoryLimiter
from bot.errors import OutcomeUnknown
from bot.model import commands as c
from bot.model.channel import ChatAbilities, ChatRate, Place
from bot.model.due import Lane
from bot.model.ids import HOUR, ItemId, MessageId, Moment, Monotonic, PostKey
from bot.services import telling
from bot.services.settling_in import NamedChannel
from bot.workers.card import CardTask, ChatTiming
from bot.workers.thread import ThreadTask
from tests.fakes.chat import CHAT, FakeChat
from tests.fakes.desk_kit import WORK, DeskKit, desk_address, opened_desk
from tests.fakes.network import Step
from tests.fakes.slack_desk import CARE, SlackDesk, slack_desk
from tests.fakes.slack_server import Fault, Message

LANES = (*WORK, Lane.THREADS)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path, request.param), "http") as made:
        yield made


async def later(desk: SlackDesk, seconds: float = 45) -> None:
    await desk.kit.pass_time(seconds, *LANES)


def told(desk: SlackDesk, card: Message) -> list[str]:
    """What each message of the thread says, whole."""
    return [
        "".join(_texts(message.blocks)).replace("\u2060", "")
        for message in desk.slack.in_thread(card.ts)
    ]


def _texts(blocks: object) -> list[str]:
    if isinstance(blocks, dict):
        if blocks.get("type") == "link":
            return [f"{blocks.get('text')} <{blocks['url']}>"]
        own = [str(blocks["text"])] if isinstance(blocks.get("text"), str) else []
        return own + [one for value in blocks.values() for one in _texts(value)]
    if isinstance(blocks, list):
        return [one for value in blocks for one in _texts(value)]
    return []


async def answered(desk: SlackDesk) -> Message:
    """A card whose draft Olga changed and Bob approved."""
    card = await desk.card()
    kit = desk.kit
    item = ItemId(1)
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "It is on its way, Fan.")
    await kit.press("bob", await kit.card_of(item), c.Approve)
    return card


# --- what is told


async def test_a_burst_of_steps_is_one_message_with_the_words_of_the_history(
    desk: SlackDesk,
) -> None:
    card = await answered(desk)
    await later(desk)
    [message] = told(desk, card)
    steps = ["Olga wrote version 2", "It is on its way, Fan.", "Bob approved it"]
    receipt = (await desk.kit.publication(ItemId(1))).receipt
    assert receipt is not None
    steps += ["the reply stands on the network", "see it there <"]
    places = [message.index(step) for step in steps]
    assert places == sorted(places)
    assert receipt.permalink in message
    for unsaid in ("arrived", "was sorted", "version 1", "is leaving", "on its way."):
        assert unsaid not in message
    assert desk.slack.in_thread(card.ts)[0].body["unfurl_links"] is False


async def test_the_next_step_is_a_message_of_its_own_and_tells_nothing_twice(
    desk: SlackDesk,
) -> None:
    card = await answered(desk)
    await later(desk)
    bob = desk.person("bob")
    await bob.press(card, "Reopen")
    await desk.kit.press("olga", await desk.kit.card_of(1), c.Take)
    await desk.kit.press("olga", await desk.kit.card_of(1), c.Snooze, desk.kit.clock.now() + HOUR)
    await later(desk)
    _first, second = told(desk, card)
    assert "Bob reopened it" in second
    assert "Olga took this" in second
    assert "Olga snoozed it" in second
    assert "approved" not in second


async def test_a_card_to_which_nothing_happened_has_no_thread(desk: SlackDesk) -> None:
    card = await desk.card()
    await later(desk, 300)
    assert told(desk, card) == []
    # a redraw without news neither
    await desk.kit.press("olga", await desk.kit.card_of(1), c.StartEditing)
    await later(desk, 300)
    assert told(desk, card) == []


async def test_a_doubt_and_how_it_ended_are_told(desk: SlackDesk) -> None:
    card = await desk.card()
    desk.kit.network.next("publish", Step(acts=True, error=OutcomeUnknown("lost")))
    await desk.kit.press("bob", await desk.kit.card_of(1), c.Approve)
    await later(desk, 120)
    said = " ".join(told(desk, card))
    assert "not sure the reply went out" in said
    assert "no answer came; the desk looked, found it there and did not send it again" in said


async def test_what_a_stranger_wrote_is_text_and_nothing_else(desk: SlackDesk) -> None:
    card = await desk.card()
    hostile = "<!channel> *all* <https://evil.example|click> \u202e reversed"
    await desk.kit.press("olga", await desk.kit.card_of(1), c.SaveDraft, hostile)
    await later(desk)
    [message] = desk.slack.in_thread(card.ts)
    assert "<!channel>" not in message.text
    assert '"mrkdwn"' not in json.dumps(message.blocks)


async def test_many_steps_are_cut_and_say_so(desk: SlackDesk) -> None:
    card = await desk.card()
    for number in range(20):
        await desk.kit.press("olga", await desk.kit.card_of(1), c.SaveDraft, f"Words {number}.")
    await later(desk)
    [message] = told(desk, card)
    assert "8 earlier steps stand in the console." in message
    assert "Words 19." in message
    assert "Words 1." not in message


async def test_the_thread_speaks_the_channel_s_language(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    romanian = replace(CARE, place=replace(CARE.place, language="ro"))
    address = desk_address(request, tmp_path)
    async with slack_desk(address, "http", channels=(romanian,)) as desk:
        card = await answered(desk)
        await later(desk)
        assert "a aprobat" in told(desk, card)[0]


async def test_a_channel_can_do_without(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    quiet = replace(CARE, threads=False)
    async with slack_desk(desk_address(request, tmp_path), "http", channels=(quiet,)) as desk:
        card = await answered(desk)
        await later(desk)
        assert told(desk, card) == []
        assert await desk.kit.read(lambda tx: tx.due.depth().get(Lane.THREADS, 0)) == 0


async def test_a_post_s_card_has_its_thread_too(desk: SlackDesk) -> None:
    outcome = await desk.kit.order("olga", c.ComposePost((c.VariantText("acme", "New tea."),)))
    await desk.work()
    card = desk.message
    await desk.kit.press("alice", await desk.kit.card(outcome.note), c.RequestChanges, "Shorter.")
    await later(desk)
    [message] = told(desk, card)
    assert "Alice asked for changes" in message


# --- once


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
async def test_a_lost_answer_never_tells_twice_and_a_lost_request_is_made_good(
    desk: SlackDesk, fault: Fault
) -> None:
    card = await answered(desk)
    await desk.kit.pass_time(10)
    desk.slack.fail("chat.postMessage", fault)
    await later(desk, 90)
    [message] = told(desk, card)
    assert "Bob approved it" in message


async def test_a_process_that_died_before_its_request_is_made_good(desk: SlackDesk) -> None:
    card, kit = await answered(desk), desk.kit
    await kit.pass_time(20)
    [row] = await kit.claim(Lane.THREADS)
    news = await kit.store.ask(telling.news, row.arg["ref"])
    assert news is not None
    begun = await kit.store.write(telling.begin, telling.Begin(row, news, 1_000, 14_000))
    assert begun is not None
    await later(desk, 90)
    assert len(told(desk, card)) == 1


async def test_where_the_thread_cannot_be_read_back_nothing_is_told_twice(
    desk: SlackDesk,
) -> None:
    card = await answered(desk)
    await desk.kit.pass_time(10)
    desk.slack.scopes.discard("channels:history")
    desk.slack.fail("chat.postMessage", Fault.LOSE_ANSWER)
    await later(desk, 120)
    assert len(told(desk, card)) == 1
    await desk.person("bob").press(card, "Reopen")
    await later(desk)
    assert len(told(desk, card)) == 2


async def test_a_card_that_somebody_deleted_has_nothing_told_under_it(desk: SlackDesk) -> None:
    card = await answered(desk)
    await desk.kit.pass_time(10)
    desk.slack.messages.remove(card)
    await later(desk, 120)
    assert desk.slack.replies == []
    assert await desk.kit.read(lambda tx: tx.due.depth().get(Lane.THREADS, 0)) == 0


# --- behind everything else


@dataclass(slots=True)
class ThreadedChat(FakeChat):
    """Counts what is told, by the fake clock's moment."""

    told: list[Moment] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    meanwhile: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    """What happens while something is told, once."""

    @property
    def abilities(self) -> ChatAbilities:
        usual = FakeChat.abilities.fget(self)  # type: ignore[attr-defined]
        return replace(usual, posts=ChatRate(48, 2), threads=ChatRate(12, 3))  # type: ignore[no-any-return]

    async def tell(
        self, place: Place, message: MessageId, told: Telling, deadline: Monotonic
    ) -> None:
        self.told.append(self.clock.now())
        self.lines += [plain(line.spans) for line in told.lines]
        while self.meanwhile:
            await self.meanwhile.pop()()

    async def is_told(self, place: Place, message: MessageId, key: PostKey, since: Moment) -> bool:
        return True


async def test_what_happens_while_it_is_told_is_told_next(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    channel = NamedChannel("care", CHAT, Place("care"))
    async with opened_desk(desk_address(request, tmp_path), channels=(channel,)) as kit:
        chat = threaded(kit)
        item = await kit.comment()
        await kit.press("olga", await kit.card_of(item), c.SaveDraft, "One.")

        async def taken_and_redrawn() -> None:
            await kit.press("bob", await kit.card_of(item), c.Take)
            await kit.work()

        chat.meanwhile.append(taken_and_redrawn)
        await kit.pass_time(120, *LANES)
        assert chat.lines == ["Olga wrote version 2", "Bob took this"]


async def test_a_flood_of_changes_costs_few_messages_and_cards_come_first(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    channel = NamedChannel("care", CHAT, Place("care"))
    async with opened_desk(desk_address(request, tmp_path), channels=(channel,)) as kit:
        chat = threaded(kit)
        items = []
        for number in range(8):
            thread = f"post-{number}"
            items.append(await kit.comment("Where is it?", thread_remote_id=thread))
            await kit.pass_time(2)
        for item in items:
            for words in ("One.", "Two.", "Three."):
                await kit.press("olga", await kit.card_of(item), c.SaveDraft, words)
        await kit.pass_time(60, *LANES)
        assert len(chat.told) == 8, "one for each burst of an item"
        assert chat.told[3] - chat.told[0] >= 5_000, "paced by a limit of their own"
        await kit.pass_time(120, *LANES)
        assert len(chat.told) == 8


def threaded(kit: DeskKit) -> ThreadedChat:
    """The kit's chat with threads, and with the limits that it declares."""
    chat = ThreadedChat(kit.clock)
    frontends = {CHAT: chat}
    limiter = MemoryLimiter(rates(kit.lines, frontends), kit.clock)
    kit.tasks = {
        **kit.tasks,
        "card": CardTask(
            kit.store, kit.clock, kit.lines, kit.rules, limiter, frontends, ChatTiming()
        ),
        "thread": ThreadTask(kit.store, kit.clock, limiter, frontends, ChatTiming()),
    }
    return chat
