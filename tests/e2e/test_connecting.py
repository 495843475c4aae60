"""An account is connected in the console of a real process: its comments become cards at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.console_client import Person, eventually
from tests.e2e.loop import alice_at, answered, drafted, network_of, page_says, written
from tests.e2e.process import CONFIGURATION, TOKEN, DeskHome, said_by
from tests.fakes.relay_tool import SECRET, RelayTool
from tests.services import LOOPBACK, free_port

SLUG = "acme-sandbox"


def home_without_accounts(folder: Path, *, private: bool = True) -> DeskHome:
    home = DeskHome(folder, network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    folder.mkdir(parents=True)
    text = CONFIGURATION.partition("[[brands.accounts]]")[0]
    if private:
        text = text.replace("[desk]", f'[desk]\nallow_private_hosts = ["{LOOPBACK}"]')
    home.configuration.write_text(text.format(port=home.port, undo_seconds=0, lease_seconds=30))
    home.lay_database()
    return home


def wish(home: DeskHome, token: str = TOKEN) -> dict[str, object]:
    return {"network": "sandbox", "answers": {"base_url": home.network, "token": token}}


async def joined(home: DeskHome, alice: Person, account: str = "") -> Mapping[str, object]:
    """Look and connect, as the page does it."""
    await alice.ask("/accounts/key")
    asked = wish(home) | ({"account": account} if account else {})
    looked = await alice.ask("/accounts/look", **asked)
    assert looked["kind"] == "done", looked
    remote_id = looked["found"]["remote_id"]
    told = await alice.ask("/accounts/join", **asked, remote_id=remote_id)
    assert told["kind"] == "done", told
    return told


def everything_kept(home: DeskHome) -> bytes:
    """All bytes that the desk wrote, what it printed among them."""
    kept = [path for path in (home.folder / ".replydesk").rglob("*") if path.is_file()]
    logs = list(home.folder.parent.glob("*.log"))
    return b"".join(path.read_bytes() for path in [*kept, *logs])


async def test_an_account_is_connected_sealed_live_and_outlives_a_kill(tmp_path: Path) -> None:
    home = home_without_accounts(tmp_path / "desk")
    async with network_of(home, hooks=False) as sandbox:
        async with home.open() as desk, alice_at(home) as alice:
            page = await alice.page("/connect")
            assert "Make the key" in page
            assert 'href="/connect/new/sandbox"' in page

            wrong = await alice.ask("/accounts/look", **wish(home, "a-wrong-token"))
            assert wrong["status"] == 403
            assert "found" not in wrong
            assert wrong["says"]

            looked = await alice.ask("/accounts/look", **wish(home))
            assert looked["found"]["can"]
            remote_id = looked["found"]["remote_id"]
            told = await alice.ask("/accounts/join", **wish(home), remote_id=remote_id)
            assert "There is no key" in told["says"]
            assert f"account-{SLUG}" not in await alice.page("/connect")

            other = await alice.ask("/accounts/join", **wish(home), remote_id="somebody-else")
            assert other["kind"] == "refused"
            await joined(home, alice)
            key = home.folder / ".replydesk" / "key"
            assert key.stat().st_mode & 0o777 == 0o600
            page = await alice.page("/connect")
            assert f"account-{SLUG}" in page
            assert "Watch only" in page
            assert TOKEN not in page
            assert TOKEN not in await alice.page(f"/connect/accounts/{SLUG}")

            await page_says(alice, "Last heard")
            await written(sandbox, "KFIRST where is my order?")
            await drafted(alice, "KFIRST")
            assert (await alice.order("go_live", account=SLUG)).is_done
            await answered(sandbox, alice, "KLIVE")
            await desk.kill()
        assert TOKEN.encode() not in everything_kept(home)

        async with home.open(), alice_at(home) as alice:
            await answered(sandbox, alice, "KAGAIN")
            code, said = await said_by(home.folder, "init", "--from-store")
            assert code == 0
            assert f'slug = "{SLUG}"' in said
            assert 'token = { env = "ACME_SANDBOX_TOKEN" }' in said
            assert TOKEN not in said
            _code, said = await said_by(home.folder, "check")
            assert f"{SLUG} Sandbox answers; this is" in said
            assert TOKEN not in said

            gone = await alice.ask("/accounts/disconnect", account=SLUG)
            assert gone["kind"] == "done"
            assert "Connect again" in await alice.page("/connect")
            await written(sandbox, "KGONE is anybody there?")
            assert await alice.card_of("KGONE") is None
            await joined(home, alice, SLUG)
            await eventually(lambda: alice.card_of("KGONE"), "what came while it was disconnected")


async def test_a_worker_of_its_own_reads_what_was_connected_in_the_web(tmp_path: Path) -> None:
    home = home_without_accounts(tmp_path / "desk")
    async with (
        network_of(home, hooks=False) as sandbox,
        home.running("--only", "web") as web,
        home.running("--only", "worker"),
    ):
        await web.ready(home.url)
        async with alice_at(home) as alice:
            await joined(home, alice)
            await page_says(alice, "Last heard")
            assert (await alice.order("go_live", account=SLUG)).is_done
            await answered(sandbox, alice, "KBOTH")


async def test_an_address_inside_a_private_network_is_refused_unless_the_machine_allows_it(
    tmp_path: Path,
) -> None:
    home = home_without_accounts(tmp_path / "desk", private=False)
    async with network_of(home, hooks=False), home.open(), alice_at(home) as alice:
        for address in (home.network, home.network.replace(LOOPBACK, "localhost")):
            asked = {"network": "sandbox", "answers": {"base_url": address, "token": TOKEN}}
            told = await alice.ask("/accounts/look", **asked)
            assert told["kind"] == "refused"
            assert "allow_private_hosts" in json.dumps(told)
            assert "found" not in told


async def test_a_channel_is_tried_then_chosen_and_the_next_card_lands_there(tmp_path: Path) -> None:
    tool = RelayTool()
    home = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure()
    home.lay_database()
    head = f'[relay]\nurl = "{tool.url}"\nsecret = {{ env = "RELAY_SECRET" }}\n\n'
    home.configuration.write_text(head + home.configuration.read_text())
    relayed = {"RELAY_SECRET": SECRET}
    async with (
        tool.serving(),
        network_of(home) as sandbox,
        home.open(environment=relayed),
        alice_at(home) as alice,
    ):
        place = {"chat": "relay", "channel": "care"}
        told = await alice.ask("/channels/test", **place)
        assert told["says"] == "The test card stands in the channel. Look at it there."
        assert [one.channel for one in tool.messages] == ["care"]
        assert tool.messages[0].card["actions"] == []

        chosen = {"kinds": ["comment"]}
        assert (await alice.order("set_up_channel", **place, title="Care", chosen=chosen)).is_done
        assert "Here lands: comments." in await alice.page("/connect")
        await written(sandbox, "KLANDS where is my order?")

        async def lands() -> bool:
            return any("KLANDS" in json.dumps(one.card) for one in tool.messages)

        await eventually(lands, "the card in the channel that was chosen")

    async with home.open(environment=relayed), alice_at(home) as alice:
        told = await alice.ask("/channels/test", **place)
        assert told["kind"] == "refused"
        assert told["says"].startswith("It did not arrive: ")
