"""The pinned counter of a group: one, whatever dies or is lost on the way to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.model.channel import Place
from bot.services.settling_in import NamedChannel
from handlers.telegram.counter import Counter
from tests.fakes.desk_kit import desk_address
from tests.fakes.telegram_people import until
from tests.fakes.telegram_server import Fault
from tests.fakes.telegram_team import CARE, Team, opened_team
from tests.fakes.telegram_world import GROUP, Chat, Shown

STEPS = 8
"""Of a counter that begins: what it asks of Telegram and of its memory."""


class DiedError(BaseException):
    """The process is gone."""


class Dying:
    """Passes everything on, and dies at a step: before it is done, or when it is done."""

    def __init__(self, at: int, *, afterwards: bool) -> None:
        self._left = at
        self._afterwards = afterwards

    def over(self, other: Any, *names: str) -> Any:
        return _Over(self, other, names)

    async def step(self, act: Callable[[], Any]) -> Any:
        self._left -= 1
        if self._left == 0 and not self._afterwards:
            raise DiedError
        done = await act()
        if self._left == 0:
            raise DiedError
        return done


class _Over:
    def __init__(self, dying: Dying, other: Any, names: tuple[str, ...]) -> None:
        self._dying, self._other, self._names = dying, other, names

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._other, name)
        if name not in self._names:
            return act
        return lambda *given, **named: self._dying.step(lambda: act(*given, **named))


@pytest.fixture
async def team(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Team]:
    async with opened_team(desk_address(request, tmp_path)) as team:
        yield team


def counters(team: Team) -> list[Shown]:
    return [one for one in team.server.world.by_bot() if one.text.startswith("📥")]


async def goes_on(team: Team) -> Shown:
    """What the next process comes to: the counter that is pinned."""
    team.server.world.per_minute = 1_000
    counter = Counter(team.connected.bot, team.connected.myself, team.memory)
    for _ in range(6):
        await counter.count()
    standing = {one.id: one for one in counters(team)}
    pinned = [one for one in dict.fromkeys(team.server.world.chat(GROUP).pinned) if one in standing]
    assert len(pinned) == 1
    return standing[pinned[0]]


async def test_the_counter_is_pinned_and_drawn_anew_when_it_changes(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    second = NamedChannel("posts", "telegram", Place(str(GROUP), "7"))
    address = desk_address(request, tmp_path)
    async with opened_team(address, channels=(CARE, second)) as team:
        counter = Counter(team.connected.bot, team.connected.myself, team.memory)
        await counter.count()
        [shown] = team.server.world.by_bot()
        assert shown.text == "📥 Queue: 0 · Planned posts: 0"
        assert team.server.world.chat(GROUP).pinned == [shown.id]
        assert shown.is_silent
        await counter.count()
        assert len(team.server.asked("editMessageText")) == 0
        await team.kit.comment()
        await counter.count()
        assert shown.text == "📥 Queue: 1 · Planned posts: 0"
        again = Counter(team.connected.bot, team.connected.myself, team.memory)
        await again.count()
        assert len([one for one in team.server.world.by_bot() if "📥" in one.text]) == 1


async def test_where_we_may_not_pin_there_is_no_counter(team: Team) -> None:
    chat: Chat = team.server.world.chat(GROUP)
    chat.rights.discard("can_pin_messages")
    counter = Counter(team.connected.bot, team.connected.myself, team.memory)
    await counter.count()
    await counter.count()
    assert team.server.world.by_bot() == []
    assert len(team.server.asked("getChatMember")) == 1


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize("at", range(1, STEPS + 1))
async def test_whenever_the_desk_dies_one_counter_ends_up_pinned(
    team: Team, at: int, afterwards: bool
) -> None:
    dying = Dying(at, afterwards=afterwards)
    bot = dying.over(
        team.connected.bot,
        "get_chat_member", "get_chat", "send_message", "pin_chat_message",
    )  # fmt: skip
    memory = dying.over(team.memory, "recall", "keep")
    with pytest.raises(DiedError):
        await Counter(bot, team.connected.myself, memory).count()
    kept = await goes_on(team)
    doubles = [one for one in counters(team) if one.id != kept.id]
    # only between being sent and being noted is a message that nobody knows of
    assert len(doubles) <= 1
    for double in doubles:
        team.bob.write("What is this?", answering=double)
    await until(team.server, lambda: len(counters(team)) == 1)
    assert counters(team) == [kept]


async def test_dying_after_the_last_step_is_dying_nowhere(team: Team) -> None:
    """So the steps above are all of them."""
    dying = Dying(STEPS + 1, afterwards=False)
    bot = dying.over(
        team.connected.bot,
        "get_chat_member", "get_chat", "send_message", "pin_chat_message",
    )  # fmt: skip
    await Counter(bot, team.connected.myself, dying.over(team.memory, "recall", "keep")).count()
    assert len(counters(team)) == 1


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.LOSE_REQUEST, Fault.ERROR_AFTER_ACTING])
@pytest.mark.parametrize("method", ["sendMessage", "pinChatMessage"])
async def test_a_lost_answer_leaves_one_counter_pinned(
    team: Team, method: str, fault: Fault
) -> None:
    team.server.fail(method, fault)
    await Counter(team.connected.bot, team.connected.myself, team.memory).count()
    kept = await goes_on(team)
    assert len(counters(team)) <= 2
    for double in counters(team):
        if double.id != kept.id:
            team.bob.write("Which of the two?", answering=double)
    await until(team.server, lambda: counters(team) == [kept])


async def test_what_was_refused_is_no_double(team: Team) -> None:
    team.server.fail("sendMessage", Fault.TOO_MANY)
    await Counter(team.connected.bot, team.connected.myself, team.memory).count()
    kept = await goes_on(team)
    assert counters(team) == [kept]


async def test_the_counter_itself_may_be_answered(team: Team) -> None:
    kept = await goes_on(team)
    asked = team.bob.write("So many?", answering=kept)
    await until(team.server, lambda: not team.server.world.updates)
    assert asked in team.server.world.in_chat(GROUP)
    assert counters(team) == [kept]
