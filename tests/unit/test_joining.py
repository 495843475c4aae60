"""An admin connects an account: the network is asked first, and only what was shown is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from bot.cards.connecting import ConnectQuery, JoiningPage, Looked, NewHook
from bot.cards.pages import AccountRow, DeskQuery
from bot.errors import (
    AnswersRefused,
    AuthenticationFailed,
    ConfigurationError,
    PermissionMissing,
    Unavailable,
)
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import CommandId, Moment, NetworkName, RemoteId
from bot.model.joining import Wish
from bot.model.member import ChatIdentity
from bot.model.network import Identity
from bot.model.oncall import moment_of
from bot.services.introducing import Introducing
from bot.services.settling_in import NamedAccount, Roster, settle_in
from bot.store.tx import Tx
from tests.fakes.desk_kit import ACME, DeskKit, desk_address, opened_desk
from tests.fakes.network import NETWORK, FakeNetwork
from tests.unit.small_desk import everything_in

SECRET = "a-token-that-nobody-may-read"
HOOK_SECRET = "a-secret-that-is-told-once"
SLUG = f"acme-{NETWORK}"
ADA = ChatIdentity("console", "ada")
ME = Identity(RemoteId("them"), "@them", "Them")


@dataclass(frozen=True)
class Given:
    connector: FakeNetwork
    settings: Mapping[str, object]
    secrets: Mapping[str, str] = field(repr=False)
    hook: Mapping[str, str] = field(default_factory=dict, repr=False)


class FakeWires:
    """Seals by turning round; `says` is what the network does with a token."""

    def __init__(self, network: FakeNetwork) -> None:
        self.network = network
        self.says: Exception | None = None
        self.me = ME
        self.asked = 0
        self.plugged = 0
        self.has_key = True
        self.made = 0
        self.hook: Mapping[str, str] = {}

    def page(self) -> JoiningPage:
        return JoiningPage(address="https://desk.example")

    @asynccontextmanager
    async def trying(
        self, network: NetworkName, answers: Mapping[str, str]
    ) -> AsyncIterator[Given]:
        self.asked += 1
        if self.says is not None:
            raise self.says
        self.network.identity = self.me
        own, secrets = {"base_url": answers["base_url"]}, {"token": answers["token"]}
        yield Given(self.network, own, secrets, self.hook)

    def seal(self, secret: str, context: str) -> str:
        if not self.has_key:
            raise ConfigurationError("There is no key to seal secrets with yet. Make one first.")
        return f"{context}={secret[::-1]}"

    def make_key(self) -> None:
        self.made += 1

    async def plug_in(self) -> None:
        self.plugged += 1


@dataclass
class Page:
    """The form as an admin uses it."""

    kit: DeskKit
    wires: FakeWires
    joins: Introducing
    presses: int = 0

    def _press(self) -> CommandId:
        self.presses += 1
        return CommandId(f"form-{self.presses}")

    def wish(self, account: str = "") -> Wish:
        return Wish(NETWORK, {"base_url": "https://a.example", "token": SECRET}, account)

    async def look(self, who: str = "ada", account: str = "") -> Looked:
        return await self.joins.look(self._press(), self.kit.who(who), self.wish(account))

    async def join(self, who: str = "ada", account: str = "", remote_id: str = "them") -> Outcome:
        wish = self.wish(account)
        looked = await self.joins.join(self._press(), self.kit.who(who), wish, remote_id)
        return looked.outcome

    async def row(self, slug: str = SLUG) -> AccountRow | None:
        page = await self.kit.desk.view(DeskQuery(), ADA)
        return next((one for one in page.accounts if one.slug == slug), None)

    async def audited(self) -> list[str]:
        await self.kit.do(lambda tx: tx.audits.seal(tx.now()))
        return [row.action for row in await self.kit.read(lambda tx: tx.audits.sealed())]


@pytest.fixture(params=["sqlite", "postgresql"])
async def page(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Page]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        wires = FakeWires(FakeNetwork(kit.clock))
        yield Page(kit, wires, Introducing(kit.desk, wires))


async def test_a_network_says_whose_token_it_is_and_nothing_is_kept(page: Page) -> None:
    looked = await page.look()
    assert looked.found is not None
    assert (looked.found.name, looked.found.remote_id) == ("Them · @them", "them")
    assert "reply" in looked.found.can
    assert await page.row() is None
    assert SECRET not in repr(looked)
    assert await page.kit.read(lambda tx: tx.joined.all()) == {}


async def test_what_was_shown_is_connected_and_only_watches(page: Page) -> None:
    outcome = await page.join()
    assert outcome.is_done
    assert outcome.note == SLUG
    found = await page.row()
    assert found is not None
    assert (found.state, found.name, found.remote_id) == (AccountState.WATCH_ONLY, "@them", "them")
    assert not found.is_named
    assert page.wires.plugged == 1
    stored = await page.kit.read(lambda tx: list(tx.joined.all().values()))
    assert [one.settings for one in stored] == [{"base_url": "https://a.example"}]
    assert [list(one.sealed) for one in stored] == [["token"]]
    rows = await page.kit.read(lambda tx: everything_in(tx, ("due",)))
    assert f"poll:{stored[0].account.id}:comments" in rows
    assert await page.audited() == ["account_tried", "account_joined"]


async def test_a_token_stands_nowhere_but_sealed(page: Page) -> None:
    await page.join()
    tables = ("account", "account_settings", "sealed_secret", "audit", "audit_text", "command",
              "event", "due")  # fmt: skip
    assert SECRET not in await page.kit.read(lambda tx: everything_in(tx, tables))
    assert SECRET not in repr(page.wish())


async def test_somebody_elses_token_is_not_connected_in_place_of_the_one_shown(page: Page) -> None:
    assert (await page.join(remote_id="another")).kind is OutcomeKind.REFUSED
    assert await page.row() is None


@pytest.mark.parametrize("who", ["vic", "bob", "alice", "nobody"])
async def test_who_is_no_admin_is_told_who_can_and_no_token_goes_anywhere(
    page: Page, who: str
) -> None:
    refused = [(await page.look(who)).outcome, await page.join(who)]
    actor = page.kit.who(who)
    refused.append(await page.joins.disconnect(CommandId("d"), actor, "acme"))
    refused.append(await page.joins.make_key(CommandId("k"), actor))
    assert [one.kind for one in refused] == [OutcomeKind.REFUSED] * 4
    assert all("Ask Ada" in one.says for one in refused)
    assert (page.wires.asked, page.wires.made, page.wires.plugged) == (0, 0, 0)
    assert set(await page.audited()) == {"refused"}


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (AuthenticationFailed("The token is not known there."), "not known there"),
        (PermissionMissing("The token may not read.", scope="read"), "missing is read"),
        (Unavailable("The server answers 503."), "503"),
        (TimeoutError(), "did not answer in time"),
        (OSError("no route"), "cannot be reached"),
    ],
)
async def test_what_the_network_refuses_is_said_and_nothing_is_kept(
    page: Page, error: Exception, says: str
) -> None:
    page.wires.says = error
    outcome = await page.join()
    assert outcome.kind is OutcomeKind.REFUSED
    assert says in outcome.says
    assert SECRET not in outcome.says
    assert await page.row() is None


async def test_an_answer_that_does_not_pass_is_told_at_its_question(page: Page) -> None:
    page.wires.says = AnswersRefused({"base_url": "This is needed."})
    looked = await page.look()
    assert looked.outcome.kind is OutcomeKind.REFUSED
    assert looked.problems == {"base_url": "This is needed."}


async def test_without_a_key_nothing_is_connected(page: Page) -> None:
    page.wires.has_key = False
    assert "no key" in (await page.join()).says
    assert await page.row() is None


async def test_the_same_press_connects_once(page: Page) -> None:
    first, again = [
        (await page.joins.join(CommandId("one"), ADA, page.wish(), "them")).outcome
        for _ in range(2)
    ]
    assert first.is_done
    assert again == first
    stored = await page.kit.read(lambda tx: tx.joined.all())
    assert len(stored) == 1


async def test_what_is_connected_already_is_not_connected_twice(page: Page) -> None:
    await page.join()
    outcome = await page.join()
    assert outcome.kind is OutcomeKind.REFUSED
    assert f"connected here already, as {SLUG}" in outcome.says
    page.wires.me = Identity(RemoteId("others"), "@others")
    assert (await page.join(remote_id="others")).note == f"{SLUG}-2"


async def test_a_new_token_of_the_same_account_resumes_it(page: Page) -> None:
    await page.join()
    await page.kit.order("ada", c.GoLive(SLUG))
    stored = await page.kit.read(lambda tx: list(tx.joined.all().values()))
    number = stored[0].account.id
    await page.kit.do(lambda tx: tx.accounts.set_state(number, AccountState.PAUSED, "Refused."))
    found = await page.row()
    assert found is not None
    assert found.next.startswith("Give it a new token")
    outcome = await page.join(account=SLUG)
    assert outcome.says == f"{SLUG} has its new token."
    found = await page.row()
    assert found is not None
    assert (found.state, found.trouble) == (AccountState.LIVE, "")
    assert (await page.audited())[-1] == "account_renewed"


async def test_when_a_token_ends_is_said_here_and_over_with_a_new_one(page: Page) -> None:
    await page.join()
    day = date(2027, 1, 15)
    by_bob = await page.kit.order("bob", c.SetTokenEnd(SLUG, day))
    assert by_bob.kind is OutcomeKind.REFUSED
    outcome = await page.kit.order("ada", c.SetTokenEnd(SLUG, day))
    assert outcome.says == f"The token of {SLUG} ends on 2027-01-15. A week before you hear of it."
    assert await ends_at(page) == moment_of(day, 0, "UTC")
    await page.kit.order("ada", c.SetTokenEnd(SLUG, None))
    assert await ends_at(page) is None
    await page.kit.order("ada", c.SetTokenEnd(SLUG, day))
    await page.join(account=SLUG)
    assert await ends_at(page) is None, "that day was the old token's"


async def ends_at(page: Page) -> Moment | None:
    """As the Connect page says it."""
    found = await page.row()
    assert found is not None
    return found.token_ends_at


async def test_a_new_token_of_somebody_else_is_refused(page: Page) -> None:
    await page.join()
    page.wires.me = Identity(RemoteId("others"), "@others")
    outcome = await page.join(account=SLUG, remote_id="others")
    assert outcome.kind is OutcomeKind.REFUSED
    assert f"This token is for @others, and {SLUG} is @them" in outcome.says


async def test_an_account_of_the_configuration_is_changed_there_alone(page: Page) -> None:
    for outcome in (
        (await page.look(account="acme")).outcome,
        await page.join(account="acme"),
        await page.kit.order("ada", c.DisconnectAccount("acme")),
        await page.kit.order("ada", c.SetTokenEnd("acme", date(2027, 1, 15))),
    ):
        assert outcome.kind is OutcomeKind.REFUSED
        assert "The configuration names acme" in outcome.says
    assert page.wires.asked == 0


async def test_a_disconnected_account_keeps_what_it_brought_and_no_token(page: Page) -> None:
    await page.join()
    outcome = await page.joins.disconnect(CommandId("d"), ADA, SLUG)
    assert outcome.is_done
    found = await page.row()
    assert found is not None
    assert found.state is AccountState.SUSPENDED
    assert found.next.startswith("Connect it again")
    kept = await page.kit.read(lambda tx: everything_in(tx, ("sealed_secret", "account_settings")))
    assert SECRET[::-1] not in kept
    assert "a.example" not in kept
    due = await page.kit.read(lambda tx: everything_in(tx, ("due",)))
    assert "verify:3" not in due
    again = await page.joins.disconnect(CommandId("e"), ADA, SLUG)
    assert again.kind is OutcomeKind.REFUSED
    assert (await page.join(account=SLUG)).is_done
    found = await page.row()
    assert found is not None
    assert found.state is AccountState.WATCH_ONLY


async def test_what_was_connected_outlives_a_start_and_stands_still_without_its_brand(
    page: Page,
) -> None:
    await page.join()
    for roster, count in ((Roster((ACME,)), 1), (Roster(()), 0), (Roster((ACME,)), 1)):
        await page.kit.store.write(settle_in, roster)
        assert len(await page.kit.read(lambda tx: tx.joined.all())) == count


async def test_a_start_lets_what_was_connected_stand_as_it_stood(page: Page) -> None:
    await page.join()
    stored = await page.kit.read(lambda tx: list(tx.joined.all().values()))
    number = stored[0].account.id
    await page.kit.do(lambda tx: tx.accounts.set_state(number, AccountState.PAUSED, "Refused."))
    await page.kit.store.write(settle_in, Roster((ACME,)))
    found = await page.row()
    assert found is not None
    assert (found.state, found.trouble) == (AccountState.PAUSED, "Refused.")


async def test_a_file_that_names_it_later_takes_it_over_without_its_secrets(page: Page) -> None:
    await page.join()
    accounts = (*ACME.accounts, NamedAccount(SLUG, NETWORK))
    await page.kit.store.write(settle_in, Roster((replace(ACME, accounts=accounts),)))
    found = await page.row()
    assert found is not None
    assert found.is_named
    assert found.remote_id == "them"
    kept = await page.kit.read(lambda tx: everything_in(tx, ("sealed_secret", "account_settings")))
    assert SECRET[::-1] not in kept


async def test_the_settings_of_an_account_are_shown_to_admins_without_secrets(page: Page) -> None:
    await page.join()
    shown = await page.kit.desk.view(ConnectQuery(SLUG), ADA)
    assert shown.settings == {"base_url": "https://a.example"}
    hidden = await page.kit.desk.view(ConnectQuery(SLUG), page.kit.who("bob"))
    assert hidden.settings == {}


async def test_a_key_is_made_once_for_an_admin_and_written_down(page: Page) -> None:
    outcome = await page.joins.make_key(CommandId("k"), ADA)
    assert outcome.is_done
    assert page.wires.made == 1
    assert await page.audited() == ["key_made"]


async def test_the_secret_of_webhooks_is_told_once_and_again_only_while_none_came(
    page: Page,
) -> None:
    async def join(account: str = "", secret: str = HOOK_SECRET) -> NewHook | None:
        page.wires.hook = {"hook_secret": secret}
        looked = await page.joins.join(CommandId(secret), ADA, page.wish(account), "them")
        assert looked.outcome.is_done, looked
        return looked.hook

    told = await join()
    row = await page.row()
    assert row is not None
    assert row.hook is not None
    assert row.hook.since is None
    assert told == NewHook(f"https://desk.example/hooks/{NETWORK}/{row.hook.name}", HOOK_SECRET)
    assert HOOK_SECRET not in repr(told)
    kept = await page.kit.read(
        lambda tx: everything_in(tx, ("sealed_secret", "audit", "audit_text", "command", "event"))
    )
    assert HOOK_SECRET not in kept
    assert HOOK_SECRET[::-1] in kept

    another = await join(SLUG, "another-secret")
    assert another is not None
    assert another.secret == "another-secret"
    await page.kit.do(_webhooks_came)
    assert await join(SLUG, "a-third-secret") is None


def _webhooks_came(tx: Tx) -> None:
    for number in tx.joined.all():
        tx.joined.hooked(number, tx.now())
