"""Opening the desk: what doors and workers need is added to an intake that is served already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial

from bot.bootstrap.chat_offers import chat_offers
from bot.bootstrap.chats import Chats, connect_chats
from bot.bootstrap.coordinating import (
    REDIS,
    breakers,
    coordinated,
    line_to_redis,
    spendings,
    troubles_of,
)
from bot.bootstrap.drafters import build_drafter
from bot.bootstrap.intake import OpenIntake, ended
from bot.bootstrap.joined_chats import JoinedChats
from bot.bootstrap.joined_lines import ALONE_SECONDS, LOOK_SECONDS, keep_up
from bot.bootstrap.loading import loaded
from bot.bootstrap.pagers import connect_pagers
from bot.bootstrap.rules import rules_of
from bot.bootstrap.wiring import Wiring
from bot.bootstrap.workshop import rates
from bot.config import Settings
from bot.coordination.feed import StoreFeed
from bot.coordination.wakeup import LocalWakeup
from bot.metrics import Metrics
from bot.model.triage import LanguageCode
from bot.ports import (
    Alarms,
    Beats,
    Clock,
    Drafter,
    EventStream,
    Greets,
    Joins,
    JoinsChats,
    Limiter,
    Pager,
    Translates,
)
from bot.services.alarms import StoredAlarms
from bot.services.chat_introducing import ChatIntroducing
from bot.services.deciding import DeskRules
from bot.services.desk import TheDesk
from bot.services.greeting import Greeting
from bot.services.introducing import Introducing
from bot.services.language import Identifier, TextLanguage, identifier_for
from bot.services.lines import Lines
from bot.services.sign_in import SignIn
from bot.speech.speech import LANGUAGES
from bot.store.database import parse
from bot.store.run_lock import Part
from bot.store.store import Store
from handlers.late_doors import LateDoors


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """Everything that doors and workers are built from."""

    settings: Settings
    part: Part
    clock: Clock
    store: Store
    wakeup: LocalWakeup
    """Rings when there may be something to do."""
    news: LocalWakeup
    """Rings when something was committed."""
    lines: Lines
    chats: Chats
    late_doors: LateDoors
    """Of chats that were connected in the console."""
    pagers: Mapping[str, Pager]
    """By the slug of their route."""
    beats: Beats | None
    alarms: Alarms
    limiter: Limiter
    stream: EventStream | None
    drafter: Drafter
    rules: DeskRules
    letters: Identifier
    """Tells the languages apart that somebody here speaks."""
    desk: TheDesk
    feed: StoreFeed
    sign_in: SignIn
    metrics: Metrics
    joins: Joins
    chat_joins: JoinsChats
    greets: Greets
    troubles: Callable[[], tuple[str, ...]]
    """What does not work although the desk goes on, in sentences."""


async def opened(stack: AsyncExitStack, intake: OpenIntake) -> OpenDesk:
    """The whole desk; `stack` closes what is opened here. ConfigurationError with a sentence."""
    settings, clock, store = intake.settings, intake.clock, intake.store
    await intake.connecting.the_rest()
    lines = intake.connecting.lines
    if settings.desk.redis_url:
        await loaded(REDIS)
    redis = line_to_redis(settings.desk, clock, intake.metrics)
    drafter = await build_drafter(
        stack, settings.drafts, intake.metrics, breakers(redis, clock), spendings(redis, clock)
    )
    languages = _languages(settings)
    # A tenth of a second of reading: in a thread, so that hooks are answered.
    letters = await asyncio.to_thread(identifier_for, languages)
    rules = replace(
        rules_of(settings),
        translates=isinstance(drafter, Translates),
        language_of=TextLanguage(languages, letters).of,
    )
    troubles = troubles_of(redis)
    desk = TheDesk(store, clock, lines, rules, drafter.says, intake.metrics, troubles)
    chats = await connect_chats(stack, settings, clock, desk, store)
    late_doors = LateDoors()
    joined_chats = JoinedChats(settings, chats, clock, desk, store, intake.sealing, late_doors)
    stack.push_async_callback(joined_chats.close)
    await joined_chats.plug_in()
    await _keep_up(stack, intake, joined_chats)
    paging = await connect_pagers(stack, settings.oncall, clock)
    rate = rates(lines, chats.frontends)
    shared = await coordinated(
        stack, settings.desk, intake.part, store, intake.wakeup, rate, clock, redis
    )
    return OpenDesk(
        settings=settings,
        part=intake.part,
        clock=clock,
        store=store,
        wakeup=intake.wakeup,
        news=intake.news,
        lines=lines,
        chats=chats,
        late_doors=late_doors,
        pagers=paging.pagers,
        beats=paging.beats,
        alarms=StoredAlarms(store, rules.oncall),
        limiter=shared.limiter,
        stream=shared.stream,
        drafter=drafter,
        rules=rules,
        letters=letters,
        desk=desk,
        feed=StoreFeed(store, intake.news),
        sign_in=SignIn(store, clock),
        metrics=intake.metrics,
        joins=Introducing(desk, Wiring(settings, intake.connecting, intake.sealing, clock)),
        chat_joins=ChatIntroducing(desk, joined_chats),
        greets=Greeting(desk, chats.frontends, partial(chat_offers, settings), clock),
        troubles=troubles,
    )


async def _keep_up(stack: AsyncExitStack, intake: OpenIntake, chats: JoinedChats) -> None:
    """What another process connects; alone on a file there is none to wait for."""
    is_alone = intake.part is Part.ALL and parse(intake.settings.desk.database_url).is_sqlite
    seconds = ALONE_SECONDS if is_alone else LOOK_SECONDS
    keeping = keep_up(seconds, intake.connecting.joined.plug_in, chats.plug_in)
    stack.push_async_callback(ended, asyncio.create_task(keeping, name="joined"))


def _languages(settings: Settings) -> list[LanguageCode]:
    """All that the brands' audiences write in, and that the team reads."""
    spoken = set(LANGUAGES)
    for brand in settings.brands:
        spoken.update(brand.languages)
        spoken.update(code for one in brand.members for code in one.reads)
        spoken.update(code for one in brand.channels for code in one.reads)
    return [LanguageCode(code) for code in sorted(spoken)]
