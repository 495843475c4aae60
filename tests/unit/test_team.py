"""The team is changed from Slack, Telegram and the console: at once, by admins, within the file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.commands import OutcomeKind
from bot.model.ids import ItemId
from bot.model.member import ChatIdentity, Role
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedMember, Roster, settle_in
from bot.services.sign_in import SignIn
from bot.store.audits import AuditRow
from tests.fakes.desk_kit import ACME, DeskKit, desk_address, opened_desk
from tests.fakes.four_doors import FourDoors, four_doors, user_of
from tests.fakes.telegram_world import BOT, GROUP, Shown
from tests.unit.small_desk import everything_in

BEN = "<@U0BEN|ben>"
MEMBERS = ("vic", "bob", "alice", "ada")


@pytest.fixture
async def doors(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FourDoors]:
    async with (
        opened_desk(desk_address(request, tmp_path)) as kit,
        four_doors(kit, MEMBERS) as made,
    ):
        made.slack.people |= {
            "U0BEN": {"profile": {"real_name": "Ben  Ferro"}},
            "U0ROBOT": {"is_bot": True, "name": "robot"},
            "U0GONE": {"deleted": True, "name": "gone"},
            "U0OUTSIDE": {"team_id": "T0OTHER", "name": "outside"},
        }
        yield made


async def who_is(kit: DeskKit, chat: str, who: str) -> tuple[str, str] | None:
    member = await kit.desk.who(ChatIdentity(chat, user_of(chat, who)))
    return None if member is None else (member.slug, member.role.value)


async def audit(kit: DeskKit) -> list[AuditRow]:
    await kit.do(lambda tx: tx.audits.seal(tx.now()))
    return await kit.read(lambda tx: tx.audits.sealed())


# --- Slack


async def test_an_admin_adds_a_person_of_the_workspace_who_may_press_at_once(
    doors: FourDoors,
) -> None:
    kit = doors.kit
    card = await kit.card_of(await kit.comment())
    press = f"approve.{card.key}.{card.revision}"
    assert "does not know you" in (await doors.press("slack", "ben", press)).says
    told = await doors.slash("ada", f"team add {BEN} approver")
    assert told == "Ben Ferro is in the team: approver, called ben-ferro."
    assert (await doors.press("slack", "ben", press)).says == ""
    assert (await kit.publication(ItemId(card.number))).text
    [row] = [row for row in await audit(kit) if row.action == "member_added"]
    assert (row.chat, row.text, row.facts["role"]) == ("slack", "U0BEN", "approver")
    listed = await doors.slash("vic", "team")
    assert "Ben Ferro · approver · ben-ferro · console, slack" in listed
    await doors.sign_in("ben-ferro")


async def test_another_role_and_the_end_take_effect_at_once(doors: FourDoors) -> None:
    await doors.slash("ada", f"team add {BEN} approver")
    assert (
        await doors.slash("ada", f"team role {BEN} viewer")
        == "Ben Ferro has another role now: viewer."
    )
    assert await who_is(doors.kit, "slack", "ben") == ("ben-ferro", "viewer")
    told = await doors.slash("ada", "team suspend Ben-Ferro")
    assert told == "Ben Ferro can do nothing here any more."
    assert await who_is(doors.kit, "slack", "ben") is None
    assert "does not know you" in await doors.slash("ben", "link")
    assert "is in the team: agent" in await doors.slash("ada", f"team add {BEN} agent")
    assert await who_is(doors.kit, "slack", "ben") == ("ben-ferro", "agent")
    actions = [row.action for row in await audit(doors.kit) if row.subject == "member"]
    assert actions[-4:] == ["member_added", "role_changed", "member_suspended", "member_added"]


@pytest.mark.parametrize("who", ["U0ROBOT", "U0GONE", "U0OUTSIDE", "U0NOBODY1", "ben", "@ben"])
async def test_nobody_joins_who_is_no_person_of_the_workspace(doors: FourDoors, who: str) -> None:
    mention = f"<@{who}>" if who.startswith("U0") else who
    before = await doors.kit.read(lambda tx: tx.people.of_brand(tx.accounts.brands()[0].id))
    told = await doors.slash("ada", f"team add {mention} approver")
    assert told.startswith("Name a person of this workspace with @")
    after = await doors.kit.read(lambda tx: tx.people.of_brand(tx.accounts.brands()[0].id))
    assert after == before


async def test_without_the_scope_it_is_said_which_one_is_lacking(doors: FourDoors) -> None:
    doors.slack.scopes.discard("users:read")
    told = await doors.slash("ada", f"team add {BEN} agent")
    assert told.startswith("Slack did not say who that is: Slack's app may not do this")


@pytest.mark.parametrize(
    "words",
    ["add", f"add {BEN}", f"add {BEN} boss", "role", "role bob boss x", "fire bob", "suspend"],
)
async def test_words_that_mean_nothing_are_answered_with_how_to_write(
    doors: FourDoors, words: str
) -> None:
    assert (await doors.slash("ada", f"team {words}")).startswith("Write: add WHO ROLE, role WHO")


@pytest.mark.parametrize("who", ["vic", "bob", "alice", "mallory"])
@pytest.mark.parametrize("words", [f"add {BEN} admin", "role vic admin", "suspend vic"])
async def test_only_admins_change_the_team(doors: FourDoors, who: str, words: str) -> None:
    told = await doors.slash(who, f"team {words}")
    assert "Ask Ada" in told
    assert await who_is(doors.kit, "slack", "ben") is None
    assert await who_is(doors.kit, "slack", "vic") == ("vic", "viewer")
    rows = await audit(doors.kit)
    assert [row.action for row in rows if row.chat == "slack"] == ["refused"]


async def test_strangers_see_no_team(doors: FourDoors) -> None:
    told = await doors.slash("mallory", "team")
    assert told == "The desk does not know you yet. Your member id is U0MALLORY."


async def test_a_mention_in_the_reason_of_a_pause_is_told_by_its_name(doors: FourDoors) -> None:
    reason = "until <@U0BEN|ben> is back in <#C0CARE|care>"
    await doors.slash("alice", f"pause now replies on acme {reason}")
    held = await doors.kit.read(lambda tx: everything_in(tx, ["hold"]))
    assert "until ben is back in care" in held


# --- Telegram


def ben_writes(doors: FourDoors, **form: Any) -> Shown:
    return doors.person("ben").write("Hello all", chat=GROUP, **form)


async def test_whoever_is_answered_joins(doors: FourDoors) -> None:
    told = await doors.writes("ada", "/team add approver", GROUP, answering=ben_writes(doors))
    assert told.text == "Ben is in the team: approver, called ben."
    assert await who_is(doors.kit, "telegram", "ben") == ("ben", "approver")
    told = await doors.writes("ada", "/team role viewer", GROUP, answering=ben_writes(doors))
    assert told.text == "Ben has another role now: viewer."
    told = await doors.writes("ada", "/team suspend", GROUP, answering=ben_writes(doors))
    assert await who_is(doors.kit, "telegram", "ben") is None


async def test_a_number_in_the_group_joins_and_no_other(doors: FourDoors) -> None:
    number = int(user_of("telegram", "ben"))
    told = await doors.writes("ada", f"/team add {number} agent", GROUP)
    assert told.text.startswith("Answer a message of theirs")
    user = {"id": number, "is_bot": False, "first_name": "Ben"}
    members = doors.telegram.world.chats[GROUP].members
    members[number] = {"status": "left", "user": user}
    told = await doors.writes("ada", f"/team add {number} agent", GROUP)
    assert told.text.startswith("Answer a message of theirs")
    members[number] = {"status": "member", "user": user}
    told = await doors.writes("ada", f"/team add {number} agent Ben of Care", GROUP)
    assert told.text == "Ben of Care is in the team: agent, called ben-of-care."


async def test_bots_and_the_head_of_a_topic_do_not_join(doors: FourDoors) -> None:
    world = doors.telegram.world
    world.messages.append(Shown(world.number(), GROUP, BOT, [{"text": "A card"}]))
    told = await doors.writes("ada", "/team add admin", GROUP, answering=world.messages[-1])
    assert told.text.startswith("Answer a message of theirs")
    head = ben_writes(doors)
    head.looks.append({"forum_topic_created": {"name": "Care", "icon_color": 1}})
    told = await doors.writes("ada", "/team add admin", GROUP, answering=head)
    assert told.text.startswith("Write: add WHO ROLE")
    assert await who_is(doors.kit, "telegram", "ben") is None


async def test_a_refusal_is_told_to_the_one_who_wrote(doors: FourDoors) -> None:
    doors.person("vic")
    told = await doors.writes("vic", "/team suspend bob", GROUP)
    assert told.text.startswith("Your role here is viewer; this takes an admin. Ask Ada")
    assert told.chat == doors.person("vic").id


# --- what holds everywhere


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as made:
        yield made


@pytest.mark.parametrize(
    "command",
    [c.ChangeRole("bob", Role.ADMIN), c.SuspendMember("bob"), c.ChangeRole("ada", Role.VIEWER)],
)
async def test_whom_the_file_names_is_changed_there(kit: DeskKit, command: Any) -> None:
    outcome = await kit.order("ada", command)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "stands in replydesk.toml" in outcome.says


async def test_somebody_known_is_not_added_twice(doors: FourDoors) -> None:
    assert "in the team" in await doors.slash("ada", f"team add {BEN} agent")
    told = await doors.slash("ada", f"team add {BEN} admin Benno")
    assert told == "They are a member already: Ben Ferro, agent, called ben-ferro."
    doors.slack.people["U0ADA"] = {"name": "ada"}
    told = await doors.slash("ada", "team add <@U0ADA> viewer")
    assert told == "They are a member already: Ada, admin, called ada."


async def test_names_that_are_equal_are_two_people(kit: DeskKit) -> None:
    told = [await kit.order("ada", c.AddMember(name, Role.AGENT)) for name in ("Bob", "Bob", "Боб")]
    assert [one.note for one in told] == ["bob-2", "bob-3", "member"]


async def added_admins(kit: DeskKit) -> None:
    """A team whose admins were all added from a chat."""
    await kit.order("ada", c.AddMember("Ann", Role.ADMIN))
    members = tuple(one for one in ACME.members if one.slug != "ada")
    await kit.store.write(settle_in, Roster((replace(ACME, members=members),), AccountState.LIVE))


async def test_the_last_admin_stays(kit: DeskKit) -> None:
    await added_admins(kit)
    for command in (c.SuspendMember("ann"), c.ChangeRole("ann", Role.MANAGER)):
        outcome = await kit.order("ann", command)
        assert outcome.says == "Ann is the only admin. Make somebody else an admin first."
    await kit.order("ann", c.AddMember("Amy", Role.ADMIN))
    assert (await kit.order("ann", c.SuspendMember("ann"))).is_done
    assert (await kit.order("amy", c.SuspendMember("amy"))).kind is OutcomeKind.REFUSED


async def test_a_team_that_could_approve_nothing_any_more_is_refused_with_the_sum(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    two = {**DEFAULT_POLICIES, ApprovalSubject.POST: ApprovalPolicy(2, Role.ADMIN)}
    async with opened_desk(desk_address(request, tmp_path), rules=DeskRules(policies=two)) as kit:
        await kit.order("ada", c.AddMember("Ann", Role.ADMIN))
        for command in (c.SuspendMember("ann"), c.ChangeRole("ann", Role.MANAGER)):
            outcome = await kit.order("ada", command)
            assert outcome.kind is OutcomeKind.REFUSED
            assert "A post needs 2 of role admin or above, but Acme Tea has 1 (Ada)" in outcome.says
        await kit.order("ada", c.AddMember("Amy", Role.ADMIN))
        assert (await kit.order("ada", c.SuspendMember("ann"))).is_done


async def test_who_was_added_outlives_a_start_and_ends_with_the_brand(kit: DeskKit) -> None:
    await kit.order("ada", c.AddMember("Ben", Role.AGENT))
    await kit.store.write(settle_in, Roster((ACME,), AccountState.LIVE))
    assert await who_is(kit, "console", "ben") == ("ben", "agent")
    await kit.store.write(settle_in, Roster((), AccountState.LIVE))
    assert await who_is(kit, "console", "ben") is None


async def test_a_name_of_the_file_is_never_somebody_who_was_added(kit: DeskKit) -> None:
    await kit.order("ada", c.AddMember("Ben", Role.ADMIN))
    await kit.do(lambda tx: tx.people.identify(
        tx.people.by_slug(tx.accounts.brands()[0].id, "ben"),  # type: ignore[arg-type]
        ChatIdentity("slack", "U0BEN"), from_file=False,
    ))  # fmt: skip
    members = (*ACME.members, NamedMember("ben", "Ben the other", Role.VIEWER))
    await kit.store.write(settle_in, Roster((replace(ACME, members=members),), AccountState.LIVE))
    assert await who_is(kit, "slack", "ben") is None
    assert await who_is(kit, "console", "ben") == ("ben", "viewer")


# --- the console


async def test_the_connect_page_changes_whom_it_may(doors: FourDoors) -> None:
    await doors.slash("ada", f"team add {BEN} agent")
    browser = doors.browsers["ada"]
    async with doors.http.get(f"{doors.base}/connect", cookies=dict(browser.cookies)) as page:
        text = await page.text()
    assert text.count('data-order="suspend_member"') == 1
    assert "Suspend Ben Ferro?" in text
    told = await doors.order("ada", "change_role", member="ben-ferro", role="manager")
    assert told["says"] == "Ben Ferro has another role now: manager."
    told = await doors.order("bob", "suspend_member", member="ben-ferro")
    assert told["kind"] == "refused"
    told = await doors.order("ada", "suspend_member", member="ben-ferro")
    assert told["kind"] == "done"
    assert await who_is(doors.kit, "slack", "ben") is None


async def test_an_added_member_gets_a_link_that_signs_them_in_once(kit: DeskKit) -> None:
    await kit.order("ada", c.AddMember("Ben", Role.AGENT))
    outcome = await kit.order("ada", c.InviteMember("ben"))
    path, _, ticket = outcome.once.partition("=")
    assert path == "/sign-in?token"
    assert ticket not in outcome.says
    sign_in = SignIn(kit.store, kit.clock)
    session = await sign_in.exchange(ticket)
    assert session is not None
    assert await sign_in.recognise(session) == ChatIdentity("console", "ben")
    assert await sign_in.exchange(ticket) is None
    issued = [row for row in await audit(kit) if row.action == "console_link_issued"]
    ada = await kit.desk.who(ChatIdentity("console", "ada"))
    assert ada is not None
    assert [row.member_id for row in issued] == [ada.id]
    assert ticket not in await kit.read(lambda tx: everything_in(tx, ("audit", "command", "event")))


async def test_nobody_of_the_file_can_be_signed_in_as_by_an_admin(kit: DeskKit) -> None:
    for slug, says in (("bob", "replydesk console-token bob"), ("nobody", "no member called")):
        outcome = await kit.order("ada", c.InviteMember(slug))
        assert outcome.kind is OutcomeKind.REFUSED
        assert says in outcome.says
        assert outcome.once == ""
