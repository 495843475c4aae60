"""One person in several chats: a code from one of them proves it in the other, and nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.commands import Order, Outcome, OutcomeKind
from bot.model.ids import SECOND, CommandId
from bot.model.member import ChatIdentity, Role
from bot.services import linking
from bot.services.settling_in import Roster, settle_in
from bot.store.audits import AuditRow
from bot.store.schema import METADATA
from tests.fakes.desk_kit import ACME, DeskKit, desk_address, opened_desk
from tests.fakes.four_doors import FourDoors, four_doors, user_of
from tests.fakes.telegram_people import until
from tests.fakes.telegram_world import GROUP
from tests.unit.small_desk import everything_in

CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")
WRONG = "That code is wrong, used already or too old"


@pytest.fixture
async def doors(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FourDoors]:
    """Everybody is known in Slack and in the console, and nobody in Telegram."""
    async with (
        opened_desk(desk_address(request, tmp_path)) as kit,
        four_doors(kit, ("vic", "bob", "eve"), ("slack",)) as opened,
    ):
        yield opened


def code_in(text: str) -> str:
    found = CODE.findall(text)
    assert len(found) == 1, text
    return str(found[0])


async def audit(kit: DeskKit) -> list[AuditRow]:
    await kit.do(lambda tx: tx.audits.seal(tx.now()))
    return await kit.read(lambda tx: tx.audits.sealed())


async def who_is(kit: DeskKit, chat: str, who: str) -> str | None:
    member = await kit.desk.who(ChatIdentity(chat, user_of(chat, who)))
    return None if member is None else member.slug


# --- it joins


async def test_a_code_from_slack_makes_the_same_person_in_telegram(doors: FourDoors) -> None:
    kit = doors.kit
    card = await kit.card_of(await kit.comment())
    press = f"approve.{card.key}.{card.revision}"
    assert "does not know you" in (await doors.press("telegram", "bob", press)).says
    code = code_in(await doors.slash("bob", "link"))
    assert (await doors.writes("bob", f"/link {code}")).text == "You are Bob here too."
    assert (await doors.press("telegram", "bob", press)).says == ""
    await kit.pass_time(30)
    assert len(kit.network.visible) == 1
    linked = [row for row in await audit(kit) if row.action == "identity_linked"]
    assert [(row.chat, row.text, row.facts["of"]) for row in linked] == [
        ("telegram", user_of("telegram", "bob"), "slack")
    ]


async def test_a_code_from_telegram_joins_slack_and_one_from_the_console_joins_telegram(
    doors: FourDoors,
) -> None:
    nobody = "DELETE FROM chat_identity WHERE chat='slack' AND user='U0VIC'"
    await doors.kit.do(lambda tx: tx.connection.exec_driver_sql(nobody))
    told = await doors.order("vic", "make_link_code")
    await doors.writes("vic", f"/link {told['once']}")
    assert await who_is(doors.kit, "telegram", "vic") == "vic"
    code = code_in((await doors.writes("vic", "/link")).text)
    assert "You are Vic here too." in await doors.slash("vic-at-work", f"link {code}")
    assert await who_is(doors.kit, "slack", "vic-at-work") == "vic"


async def test_a_code_may_be_written_as_people_write(doors: FourDoors) -> None:
    code = code_in(await doors.slash("bob", "link"))
    misread = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert (await doors.writes("bob", f"/link {misread}")).text == "You are Bob here too."
    again = code_in(await doors.slash("bob", "link"))
    assert (await doors.writes("bob", f"/link {again}")).text == "You are Bob here too."


async def test_whoever_changes_their_phone_is_not_two_people(doors: FourDoors) -> None:
    for name in ("bob", "bobs-new-phone"):
        code = code_in(await doors.slash("bob", "link"))
        await doors.writes(name, f"/link {code}")
    assert await who_is(doors.kit, "telegram", "bobs-new-phone") == "bob"
    assert await who_is(doors.kit, "telegram", "bob") is None


# --- and nobody else


async def test_a_code_works_once(doors: FourDoors) -> None:
    code = code_in(await doors.slash("bob", "link"))
    await doors.writes("bob", f"/link {code}")
    assert (await doors.writes("mallory", f"/link {code}")).text.startswith(WRONG)
    assert await who_is(doors.kit, "telegram", "mallory") is None


async def test_a_new_code_voids_the_one_before_and_time_voids_both(doors: FourDoors) -> None:
    old = code_in(await doors.slash("bob", "link"))
    new = code_in(await doors.slash("bob", "link"))
    assert (await doors.writes("bob", f"/link {old}")).text.startswith(WRONG)
    doors.kit.clock.advance(linking.LIFE / SECOND + 1)
    assert (await doors.writes("bob", f"/link {new}")).text.startswith(WRONG)
    assert await who_is(doors.kit, "telegram", "bob") is None


async def test_nobody_guesses_more_than_five_times(doors: FourDoors) -> None:
    code = code_in(await doors.slash("bob", "link"))
    for number in range(linking.TRIES):
        told = await doors.writes("mallory", f"/link AAAAA-0000{number}")
        assert told.text.startswith(WRONG)
    told = await doors.writes("mallory", f"/link {code}")
    assert told.text.startswith("Too many wrong codes")
    assert await who_is(doors.kit, "telegram", "mallory") is None
    assert (await doors.writes("bob", f"/link {code}")).text == "You are Bob here too."
    rows = [row for row in await audit(doors.kit) if row.facts.get("command") == "UseLinkCode"]
    assert [row.action for row in rows] == ["refused"] * (linking.TRIES + 1)
    doors.kit.clock.advance(linking.LIFE / SECOND + 1)
    told = await doors.writes("mallory", "/link AAAAA-00009")
    assert told.text.startswith(WRONG), "after ten minutes one may try again"


async def test_the_code_is_kept_nowhere(doors: FourDoors) -> None:
    trigger = doors.slack.trigger("U0BOB")
    told = await doors.slash("bob", "link", trigger)
    code = code_in(told)
    tables = [one.name for one in METADATA.sorted_tables]
    kept = await doors.kit.read(lambda tx: everything_in(tx, tables))
    assert "works once" in kept
    assert code not in kept
    assert code.replace("-", "") not in kept
    repeated = await doors.slash("bob", "link", trigger)
    assert not CODE.findall(repeated), "a repeat of the press does not have it"


@pytest.mark.parametrize("thief", ["eve", "vic"])
async def test_whoever_is_somebody_else_already_stays_who_they_are(
    doors: FourDoors, thief: str
) -> None:
    kit = doors.kit
    await doors.writes("bob", f"/link {code_in(await doors.slash('bob', 'link'))}")
    code = code_in((await doors.writes("bob", "/link")).text)
    told = await doors.slash(thief, f"link {code}")
    assert told.startswith("You are known here as another member already")
    assert await who_is(kit, "slack", thief) == thief
    rows = [row for row in await audit(kit) if row.action == "link_refused"]
    assert [(row.chat, row.text) for row in rows] == [("slack", user_of("slack", thief))]
    assert WRONG in await doors.slash("stranger", f"link {code}"), "it is spent"


async def test_somebody_who_left_is_nobody_s_other_self(doors: FourDoors) -> None:
    kit, code = doors.kit, code_in(await doors.slash("eve", "link"))
    await kit.do(
        lambda tx: tx.connection.exec_driver_sql("UPDATE member SET is_active=0 WHERE slug='eve'")
    )
    assert "not a member of the desk any more" in (await doors.writes("eve", f"/link {code}")).text
    told = await doors.slash("eve", "link")
    assert "does not know you" in told
    other = code_in(await doors.slash("bob", "link"))
    await doors.writes("bob", f"/link {other}")
    back = code_in((await doors.writes("bob", "/link")).text)
    assert "another member already" in await doors.slash("eve", f"link {back}")


async def test_a_code_is_given_in_another_chat_than_its_own(doors: FourDoors) -> None:
    code = code_in(await doors.slash("bob", "link"))
    assert "was made in this chat" in await doors.slash("colleague", f"link {code}")
    assert await who_is(doors.kit, "slack", "colleague") is None


async def test_a_group_never_sees_a_code(doors: FourDoors) -> None:
    doors.person("bob")
    told = await doors.writes("bob", "/link", GROUP)
    assert "private chat" in told.text
    code = code_in(await doors.slash("bob", "link"))
    assert (await doors.writes("bob", f"/link {code}", GROUP)).text == "You are Bob here too."
    assert (await doors.writes("bob", "/link", GROUP)).chat == GROUP
    assert not any(CODE.search(one.text) for one in doors.telegram.world.by_bot())


async def test_a_refused_word_in_a_group_is_told_to_the_one_who_wrote_it(doors: FourDoors) -> None:
    await doors.writes("vic", f"/link {code_in(await doors.slash('vic', 'link'))}")
    told = await doors.writes("vic", "/pause", GROUP)
    assert told.text.startswith("Your role here is viewer; this takes a manager. Ask Alice or Ada")
    assert told.chat == doors.person("vic").id
    world, person = doors.telegram.world, doors.person("vic")
    del world.chats[person.id]
    before = len(world.messages)
    person.write("/pause", chat=GROUP)
    await until(doors.telegram, lambda: len(world.messages) > before + 1)
    assert world.messages[-1].chat == GROUP, "who never wrote to the bot is told where they are"


# --- the file


async def test_the_configuration_is_the_truth_about_whom_it_names(doors: FourDoors) -> None:
    kit = doors.kit
    code = code_in(await doors.slash("bob", "link"))
    await doors.writes("bob", f"/link {code}")
    number = user_of("telegram", "bob")
    named = {
        "bob": (ChatIdentity("telegram", "777"),),
        "eve": (ChatIdentity("telegram", number),),
    }
    members = tuple(replace(one, identities=named.get(one.slug, ())) for one in ACME.members)
    await kit.store.write(settle_in, Roster((replace(ACME, members=members),), AccountState.LIVE))
    assert await who_is(kit, "telegram", "bob") == "eve"
    assert await kit.desk.who(ChatIdentity("telegram", "777")) is not None
    code = (await kit.order("bob", c.MakeLinkCode())).once
    told = await doors.writes("mallory", f"/link {code}")
    assert told.text.startswith("The configuration says who Bob is in this chat")
    assert await who_is(kit, "telegram", "mallory") is None


async def test_a_link_outlives_a_start(doors: FourDoors) -> None:
    await doors.writes("bob", f"/link {code_in(await doors.slash('bob', 'link'))}")
    await doors.kit.store.write(settle_in, Roster((ACME,), AccountState.LIVE))
    assert await who_is(doors.kit, "telegram", "bob") == "bob"


async def test_strangers_make_no_codes(doors: FourDoors) -> None:
    assert "does not know you" in await doors.slash("mallory", "link")
    outcome = await doors.kit.order("mallory", c.MakeLinkCode())
    assert (outcome.kind, outcome.once) == (OutcomeKind.REFUSED, "")


# --- on either database


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    database = getattr(request, "param", "sqlite")
    async with opened_desk(desk_address(request, tmp_path, database), writers=2) as made:
        yield made


async def answered(kit: DeskKit, order: Order) -> Outcome:
    """Pressed again while the desk does not answer, as people do: it is the same press."""
    while True:
        try:
            return await kit.desk.perform(order)
        except StoreUnavailable:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "kit", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
async def test_of_many_who_give_one_code_at_once_one_is_that_member(kit: DeskKit) -> None:
    """And the wrong ones are counted, a new code takes the place of the old, the team grows."""
    for turn in range(5):
        await kit.order("bob", c.MakeLinkCode())
        code = (await kit.order("bob", c.MakeLinkCode())).once
        orders = [
            Order(CommandId(f"{turn}-{n}"), ChatIdentity("slack", f"U{n}"), c.UseLinkCode(code))
            for n in range(8)
        ]
        told = await asyncio.gather(*(answered(kit, one) for one in orders))
        assert sorted(one.kind.value for one in told) == ["done"] + ["refused"] * 7
        known = await kit.read(lambda tx: [tx.people.who(one.actor) for one in orders])  # noqa: B023
        assert [one.slug for one in known if one is not None] == ["bob"]
        assert (await kit.order("ada", c.AddMember("Ben", Role.AGENT, "bob"))).is_done
    over = Order(CommandId("over"), ChatIdentity("slack", "U7"), c.UseLinkCode("AAAAA-00000"))
    assert (await kit.desk.perform(over)).says.startswith(("Too many wrong codes", WRONG))
