"""The demo: the whole desk on one machine, against the sandbox network it serves itself.

No accounts, no questions. It writes below its data folder alone, binds loopback alone, and keeps
its history: a second demo goes on where the first one stopped.
"""

from __future__ import annotations

import secrets
import sys
import threading
import webbrowser
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bot.bootstrap.address import listen
from bot.bootstrap.intake import make_folder, open_intake
from bot.bootstrap.loading import begin_loading, load
from bot.bootstrap.running import Extras, Mounts, run_open
from bot.config import (
    AccountSettings,
    BrandSettings,
    DemoOptions,
    DeskSettings,
    EscalationSettings,
    MemberSettings,
    OnCallSettings,
    PageRouteSettings,
    Settings,
    StepSettings,
)
from bot.model.account import AccountState, SecretRef
from bot.model.member import Role
from bot.model.oncall import RouteKind

if TYPE_CHECKING:
    from integrations.sandbox.world import SandboxWorld

HOST = "127.0.0.1"
TEAM = (("olga", "Olga", Role.AGENT), ("bob", "Bob", Role.APPROVER), ("alice", "Alice", Role.ADMIN))


async def run_demo(options: DemoOptions) -> int:
    """Until SIGINT or SIGTERM; 0 when it stopped cleanly."""
    begin_loading()
    listening = listen(HOST, options.port or 0)
    port = listening.getsockname()[1]
    make_folder(options.data_dir)
    token = secret_in(options.data_dir / "sandbox-token")
    hook_secret = secret_in(options.data_dir / "sandbox-hook-secret")
    settings = demo_settings(options.data_dir, port)

    async def mounts(stack: AsyncExitStack) -> Mounts:
        world = await open_sandbox(stack, options.data_dir, port, token, hook_secret)
        return {"/sandbox": world.application()}

    extras = Extras(
        act_as=[slug for slug, _name, _role in TEAM],
        mounts=mounts,
        started=lambda url: _greet(url, open_browser=options.open_browser),
    )
    async with open_intake(settings, first_state=AccountState.LIVE) as intake:
        await run_open(intake, listening, extras)
    return 0


async def open_sandbox(
    stack: AsyncExitStack,
    data_dir: Path,
    port: int,
    token: str,
    hook_secret: str,
    *,
    lives: bool = True,
) -> SandboxWorld:
    """The network that the desk watches, served by itself; `lives`: its customers do."""
    await load(("integrations.sandbox.world",))
    from integrations.sandbox.hooks import HookTarget
    from integrations.sandbox.past import DAYS
    from integrations.sandbox.world import SandboxWorld, WorldOptions

    hook = HookTarget(f"http://{HOST}:{port}/hooks/sandbox/demo", hook_secret)
    quiet = WorldOptions(life_most=0, are_comments_seeded=False)
    options = WorldOptions(past_days=DAYS) if lives else quiet
    path = str(data_dir / "sandbox.sqlite")
    world = SandboxWorld(path, token=token, hook=hook, options=options)
    await stack.enter_async_context(world)
    world.stands_at(f"http://{HOST}:{port}/sandbox/")
    return world


def demo_settings(data_dir: Path, port: int) -> Settings:
    """The demo's configuration, as a file would say it."""
    account = AccountSettings.model_validate(
        {
            "slug": "acme",
            "network": "sandbox",
            "hook": "demo",
            "base_url": f"http://{HOST}:{port}/sandbox/api",
            "token": {"file": str(data_dir / "sandbox-token")},
            "hook_secret": {"file": str(data_dir / "sandbox-hook-secret")},
        }
    )
    brand = BrandSettings(
        slug="acme",
        name="Acme Tea",
        languages=("en", "fr", "ro", "ru"),
        voice="Warm, plain and brief. We say sorry once and then help.",
        members=tuple(MemberSettings(slug=s, name=n, role=r) for s, n, r in TEAM),
        accounts=(account,),
    )
    database = (data_dir / "desk.db").resolve()
    desk = DeskSettings(data_dir=data_dir, database_url=f"sqlite:///{database}", port=port)
    return Settings(desk=desk, brands=(brand,), oncall=_oncall(data_dir, port))


def _oncall(data_dir: Path, port: int) -> OnCallSettings:
    """Bob is paged, then Alice; what rings is the telephone on the sandbox's page."""
    telephone = PageRouteSettings(
        slug="telephone",
        kind=RouteKind.WEBHOOK,
        url=f"http://{HOST}:{port}/sandbox/phone",
        secret=SecretRef(file=str(data_dir / "sandbox-token")),
        knows_keys=True,
    )
    steps = tuple(
        StepSettings(who=(slug,), routes=(telephone.slug,), minutes=1) for slug in ("bob", "alice")
    )
    policy = EscalationSettings(slug="default", repeat=0, steps=steps)
    return OnCallSettings(routes=(telephone,), policies=(policy,))


def secret_in(path: Path) -> str:
    """A random secret kept in a file of its own, made on the first run."""
    kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
    if kept:
        return kept
    # also where a start was cut short between making the file and writing it
    path.touch(mode=0o600)
    made = secrets.token_urlsafe(32)
    path.write_text(made, encoding="ascii")
    return made


def _greet(url: str, *, open_browser: bool) -> None:
    sys.stdout.write(f"replydesk demo: {url}\n")
    sys.stdout.write("Nothing leaves this machine until you connect a chat.\n")
    sys.stdout.write("Press Ctrl-C to stop.\n")
    sys.stdout.flush()
    if open_browser:
        # Some browsers return only when they are closed, and load the page from us meanwhile.
        threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()
