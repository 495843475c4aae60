"""`run --only web` and `run --only worker` side by side on one SQLite file."""

from pathlib import Path

from bot.cards.actions import ActionName
from tests.e2e.loop import alice_at, answered, drafted, network_of, published, written
from tests.e2e.process import DeskHome, report, said_by
from tests.services import LOOPBACK, free_port


async def test_web_and_worker_share_one_file_and_a_dead_worker_loses_nothing(
    tmp_path: Path,
) -> None:
    home = DeskHome(tmp_path / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
    home.configure()
    async with (
        network_of(home) as sandbox,
        home.running("--only", "web") as web,
        home.running("--only", "worker") as worker,
    ):
        report(f"ready after {await web.ready(home.url):.1f} s")
        link = await home.printed_link("alice")
        async with alice_at(home, link) as alice:
            assert (await alice.order("go_live", account="acme")).is_done
            card = await answered(sandbox, alice, "KBOTH")
            assert card.links[0].startswith(sandbox.pane_url)

            comment = await written(sandbox, "KALONE where is my order?")
            card = await drafted(alice, "KALONE")
            await worker.kill()
            assert (await alice.press(card, ActionName.APPROVE)).is_done
            code, said = await said_by(home.folder, "run", "--only", "web")
            assert code == 1
            assert "which runs web). Stop it first" in said
            assert comment not in await sandbox.visible_replies()

            async with home.running("--only", "worker", number=2) as another:
                await published(sandbox, alice, comment, card)
                assert (await another.interrupt())[0] == 0
            assert (await web.interrupt())[0] == 0
