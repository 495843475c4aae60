"""Promises: noted by a person, suggested by rules, reminded of once, kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.actions import ActionName
from bot.cards.card import Card, CardKind, plain
from bot.model import commands as c
from bot.model.ids import HOUR, SECOND, Moment
from bot.services.forgetting import Forget, forget
from bot.services.promise_rules import named_time, promised
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, words


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE], members=MEMBERS) as found:
        yield found


def reminders(kit: DeskKit) -> list[Card]:
    return [one.card for one in kit.chat.in_channel("C-care") if one.card.kind is CardKind.PEAK]


async def test_a_promise_stands_on_the_card_is_reminded_of_once_and_is_kept(kit: DeskKit) -> None:
    item = await kit.comment()
    made = await kit.press("olga", await kit.card_of(item), c.MakePromise, "In 4 hours we call")
    assert made.is_done, made.says
    assert "Promised by Olga for : In 4 hours we call" in words(await kit.card_of(item))
    await kit.pass_time(2 * HOUR / SECOND)
    assert reminders(kit) == []
    await kit.pass_time(3 * HOUR / SECOND)
    [due] = reminders(kit)
    assert "U-olga" in str(due.facts)
    assert "In 4 hours we call" in words(due)
    card = await kit.card_of(item)
    [kept] = [one for one in card.actions if one.name is ActionName.KEPT]
    assert (await kit.press("bob", card, c.KeepPromise, int(kept.argument))).is_done
    await kit.work()
    assert "It is done, or over" in plain(reminders(kit)[0].state.spans)
    assert "Promised by" not in words(await kit.card_of(item))
    told = [(plain(one.spans), one.detail) for one in (await kit.history_of(card.key)).lines]
    assert ("Olga noted a promise", "In 4 hours we call") in told
    assert ("Bob kept a promise", "In 4 hours we call") in told


async def test_what_is_kept_before_reminds_nobody(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.MakePromise, "In 4 hours we call")
    assert (await kit.press("olga", await kit.card_of(item), c.KeepPromise, 1)).is_done
    again = await kit.press("olga", await kit.card_of(item), c.KeepPromise, 1)
    assert again.says == "This was done already."
    await kit.pass_time(5 * HOUR / SECOND)
    assert reminders(kit) == []


async def test_without_a_time_nothing_is_noted_and_the_refusal_says_how(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    refusal = await kit.press("olga", card, c.MakePromise, "We call back soon")
    assert not refusal.is_done
    assert "Friday 15:00" in refusal.says


async def test_a_reply_that_seems_to_promise_says_so_until_it_is_noted(kit: DeskKit) -> None:
    item = await kit.comment()
    text = "We are sorry. We will call you tomorrow."
    await kit.press("bob", await kit.card_of(item), c.ApproveEdited, text)
    await kit.pass_time(60)
    assert "Our reply seems to promise something by" in words(await kit.card_of(item))
    assert (await kit.press("bob", await kit.card_of(item), c.MakePromise, "Tomorrow")).is_done
    assert "seems to promise" not in words(await kit.card_of(item))


async def test_nothing_is_promised_in_practice(kit: DeskKit) -> None:
    assert (await kit.order("bob", c.BeginPractice())).is_done
    await kit.work()
    card = await kit.card_of(1)
    assert ActionName.PROMISE not in {one.name for one in card.actions}
    assert not (await kit.press("bob", card, c.MakePromise, "Tomorrow")).is_done


async def test_its_words_go_with_the_author_who_is_forgotten(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.MakePromise, "Tomorrow we call Ann")
    author = (await kit.item(item)).author_id
    assert await kit.do(lambda tx: forget(tx, [Forget(author)])[0].is_done)
    assert "Ann" not in words(await kit.card_of(item))


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Friday 15:00 we call back", "2026-12-04T15:00"),
        ("in 2 days", "2026-12-04T18:00"),
        ("in 3 hours", "2026-12-02T13:00"),
        ("2026-12-24", "2026-12-24T18:00"),
        ("vendredi à 15h", "2026-12-04T15:00"),
        ("demain", "2026-12-03T18:00"),
        ("dans 2 jours", "2026-12-04T18:00"),
        ("până vineri", "2026-12-04T18:00"),
        ("mâine la 9:30", "2026-12-03T09:30"),
        ("peste 3 zile", "2026-12-05T18:00"),
        ("в пятницу", "2026-12-04T18:00"),
        ("завтра в 11:00", "2026-12-03T11:00"),
        ("через 2 часа", "2026-12-02T12:00"),
        ("24.12.", "2026-12-24T18:00"),
        ("05.01.", "2027-01-05T18:00"),
        ("Wednesday", "2026-12-09T18:00"),
        ("09:00", "2026-12-03T09:00"),
        ("soon", None),
        ("2026-02-31", None),
        ("2020-01-01", None),
    ],
)
def test_days_and_times_are_read_in_four_languages(text: str, due: str | None) -> None:
    def moment(said: str) -> Moment:
        local = datetime.fromisoformat(said).replace(tzinfo=ZoneInfo("Europe/Paris"))
        return Moment(round(local.timestamp() * SECOND))

    named = named_time(text, moment("2026-12-02T10:00"), "Europe/Paris")
    assert (None if named is None else named.due_at) == (None if due is None else moment(due))


@pytest.mark.parametrize(
    ("reply", "is_promise"),
    [
        ("We will call you by Friday.", True),
        ("Nous vous rappellerons demain.", True),
        ("Vă vom suna mâine.", True),
        ("Мы перезвоним завтра.", True),
        ("Our shop is open on Friday.", False),
        ("We will look into it.", False),
        ("See you on Friday! We will look into it.", False),
    ],
)
def test_only_a_verb_of_ours_with_a_time_seems_to_promise(reply: str, is_promise: bool) -> None:
    assert (promised(reply, Moment(1_796_202_000_000), "UTC") is not None) == is_promise
