"""A drill: a desk of its own on the sandbox, a storm that is played to it, and a report card.

What the team has is taken from its configuration: people, chats, policies, voice. What could lead
out of here is refused before anything is opened: accounts of any other network, routes that page
beside the chats, a heartbeat. Database and network are new files below `drills` in the data folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.bootstrap.address import listen
from bot.bootstrap.demo import HOST, TEAM, demo_settings, open_sandbox, secret_in
from bot.bootstrap.intake import make_folder, open_intake
from bot.bootstrap.loading import begin_loading
from bot.bootstrap.opening import OpenDesk
from bot.bootstrap.running import Extras, Mounts, run_open
from bot.cards.drill_view import drill_card
from bot.cards.posting import Posting
from bot.config import Settings
from bot.config.oncall import EscalationSettings, OnCallSettings, PageRouteSettings, StepSettings
from bot.errors import ConfigurationError, ConnectorError
from bot.model.account import Account, AccountState
from bot.model.drill import DrillScore, Storm, StormLine
from bot.model.ids import DAY, SECOND, Moment, Monotonic, PostKey, RemoteId
from bot.model.incident import AlertKind
from bot.model.oncall import RouteKind
from bot.services.drill_report import as_json, markdown
from bot.services.drills import Drill, lay_statements, score
from bot.speech.speech import speech_in
from bot.store.tx import Tx

if TYPE_CHECKING:
    from integrations.sandbox.world import SandboxWorld

SANDBOX = "sandbox"
POST_SECONDS = 10.0
SETTLES = 2.0
"""Seconds at the end for what was just pressed to be written down."""
_NOBODY = OnCallSettings(
    routes=(PageRouteSettings(slug="drill", kind=RouteKind.CHANNEL),),
    policies=(
        EscalationSettings(
            slug="drill", kinds=(AlertKind.SILENCE,), steps=(StepSettings(routes=("drill",)),)
        ),
    ),
)
"""Incidents open, and nobody is paged."""


@dataclass(frozen=True, slots=True)
class DrillOptions:
    """`settings` None: the team of the demo, in the console alone. `port` 0 is a free one."""

    storm: Storm
    settings: Settings | None
    data_dir: Path
    port: int = 0


async def run_drill(options: DrillOptions) -> int:
    """Until the storm's time is over, or Ctrl-C, which ends and scores it early."""
    if options.settings is not None:
        refuse_live(options.settings)
    begin_loading()
    folder = options.data_dir / "drills" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    make_folder(folder)
    listening = listen(HOST, options.port)
    port = listening.getsockname()[1]
    token, hook_secret = (
        secret_in(folder / "sandbox-token"),
        secret_in(folder / "sandbox-hook-secret"),
    )
    theatre = _Theatre(options.storm, folder)

    async def mounts(stack: AsyncExitStack) -> Mounts:
        theatre.world = await open_sandbox(stack, folder, port, token, hook_secret, lives=False)
        return {"/sandbox": theatre.world.application()}

    extras = Extras(
        act_as=[slug for slug, _name, _role in TEAM] if options.settings is None else None,
        mounts=mounts,
        started=lambda url: _say(f"replydesk drill: {options.storm.name}: {url}"),
        besides=theatre.plays,
    )
    settings = drill_settings(options.settings, folder, port)
    async with open_intake(settings, first_state=AccountState.LIVE) as intake:
        await run_open(intake, listening, extras)
    return 0


def refuse_live(settings: Settings) -> None:
    """ConfigurationError that names what a drill could reach outside of the sandbox."""
    found = [one.slug for _brand, one in settings.accounts if one.network != SANDBOX]
    chats = {RouteKind.DIRECT, RouteKind.CHANNEL}
    found += [f"oncall route {one.slug}" for one in settings.oncall.routes if one.kind not in chats]
    found += ["oncall.heartbeat_url"] if settings.oncall.heartbeat_url else []
    if found:
        raise ConfigurationError(
            f"A drill plays on the sandbox alone, and this configuration leads further: "
            f"{', '.join(found)}. Write a file for training with your people and a training "
            "channel, without accounts or with sandbox accounts alone, and name it with --config."
        )


def drill_settings(settings: Settings | None, folder: Path, port: int) -> Settings:
    """A team's own, or the demo's, upon the sandbox of this drill."""
    demo = demo_settings(folder, port)
    if settings is None:
        return demo
    if not settings.brands:
        raise ConfigurationError("The configuration names no brand, so there is no team to train.")
    brand, stage = settings.brands[0], demo.brands[0].accounts[0]
    slug = brand.accounts[0].slug if brand.accounts else stage.slug
    account = stage.model_copy(update={"slug": slug})
    return settings.model_copy(
        update={
            # the file's key and where it was read stay; nothing of its database does
            "desk": settings.desk.model_copy(
                update={
                    "data_dir": folder, "database_url": demo.desk.database_url,
                    "redis_url": "", "host": HOST, "port": port, "public_url": "",
                }
            ),
            "drafts": settings.drafts.model_copy(update={"drafter": "templates"}),
            "oncall": settings.oncall if settings.oncall.policies else _NOBODY,
            "brands": (brand.model_copy(update={"accounts": (account,)}),),
        }
    )  # fmt: skip


class _Theatre:
    """Plays the storm on the world that `run_drill` opened, and writes down how it went."""

    def __init__(self, storm: Storm, folder: Path) -> None:
        self._storm = storm
        self._folder = folder
        self._said: dict[RemoteId, StormLine] = {}
        self.world: SandboxWorld | None = None

    async def plays(self, desk: OpenDesk, stop: asyncio.Event) -> None:
        assert self.world is not None
        begun_at = desk.clock.now()
        await desk.store.write(lay_statements, (self._storm, Moment(begun_at + DAY)))
        await self._storms(desk, begun_at, stop)
        await asyncio.sleep(SETTLES)
        account = await desk.store.read(_stage)
        drill = Drill(self._storm, account.id, begun_at, self._said)
        found = await desk.store.read(lambda tx: score(tx, drill))
        self._keep(found)
        await _show(desk, found)

    async def _storms(self, desk: OpenDesk, begun_at: Moment, stop: asyncio.Event) -> None:
        """Each comment at its time; then the rest of the drill, or until it is stopped."""
        assert self.world is not None
        for line in self._storm.lines:
            if await _waited(desk, Moment(begun_at + line.at), stop):
                return
            number = await self.world.customer_says(line.author, line.followers, line.text)
            self._said[RemoteId(f"c{number}")] = line
        await _waited(desk, Moment(begun_at + self._storm.lasts), stop)

    def _keep(self, found: DrillScore) -> None:
        for name, text in {"report.md": markdown(found), "report.json": as_json(found)}.items():
            (self._folder / name).write_text(text, "utf-8")
            _say(f"Written: {self._folder / name}")
        _say(f"{found.points} of 100 points.")


def _stage(tx: Tx) -> Account:
    """The account of the sandbox; the other one is for practice."""
    return next(one for one in tx.accounts.all() if not one.is_practice)


async def _waited(desk: OpenDesk, until: Moment, stop: asyncio.Event) -> bool:
    """True where it is stopped before."""
    seconds = max(0, until - desk.clock.now()) / SECOND
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


async def _show(desk: OpenDesk, found: DrillScore) -> None:
    """The report card, in every channel that is open; the files have it anyway."""
    channels = await desk.store.read(
        lambda tx: [one for brand in tx.accounts.brands() for one in tx.channels.of_brand(brand.id)]
    )
    for channel in channels:
        frontend = desk.chats.frontends.get(channel.chat)
        if frontend is None:
            continue
        key = PostKey(secrets.token_hex(16))
        card = drill_card(found, key, speech_in(channel.place.language))
        deadline = Monotonic(desk.clock.monotonic() + POST_SECONDS)
        try:
            async with asyncio.timeout(POST_SECONDS):
                await frontend.post(Posting(key, channel.place, card), deadline)
        except (ConnectorError, TimeoutError) as error:
            _say(f"The report card did not reach {channel.slug}: {error}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
