"""Everything of this front end, put together from what the desk offers it."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from aiohttp import web
from telegram import Bot

from bot.ports import ChatMemory, ChatPresence, Clock, Desk, Gallery
from handlers.charting import ChartPainter
from handlers.telegram.accounts import Accounts
from handlers.telegram.albums import Albums
from handlers.telegram.answers import Answers
from handlers.telegram.asking import Asking
from handlers.telegram.captions import Captions
from handlers.telegram.clerk import Clerk
from handlers.telegram.composer import Composer
from handlers.telegram.counter import Counter
from handlers.telegram.door import PATH, build_door
from handlers.telegram.examining import Examination
from handlers.telegram.frontend import TelegramFrontend
from handlers.telegram.in_private import InPrivate
from handlers.telegram.inline import InlineEditing
from handlers.telegram.introducing import TelegramIntroduction
from handlers.telegram.labels import Labels
from handlers.telegram.landing import Landings
from handlers.telegram.line import Myself, TelegramOptions, open_bot
from handlers.telegram.linking import Linking
from handlers.telegram.listening import TelegramListener, Webhook
from handlers.telegram.looking_back import LookingBack
from handlers.telegram.menus import Menus
from handlers.telegram.oncalling import OnCalling
from handlers.telegram.orders import Orders
from handlers.telegram.pages import Pages
from handlers.telegram.presses import Presses
from handlers.telegram.talk import Talk
from handlers.telegram.teaming import Teaming
from handlers.telegram.topics import Topics
from handlers.telegram.updates import Updates
from handlers.telegram.voice import Voice
from handlers.telegram.weeks import Weeks


@dataclass(frozen=True, slots=True)
class Connected:
    frontend: TelegramFrontend
    listener: TelegramListener
    door: web.Application | None
    """To be mounted at `/chats/telegram`; None when updates are polled."""
    bot: Bot
    myself: Myself


def connect(
    http: aiohttp.ClientSession,
    clock: Clock,
    desk: Desk,
    memory: ChatMemory,
    presence: ChatPresence,
    gallery: Gallery,
    options: TelegramOptions,
    webhook: Webhook | None = None,
) -> Connected:
    """Nothing is sent yet."""
    bot = open_bot(http, clock, options)
    myself = Myself(bot, clock)
    topics = Topics(bot, memory, clock, options.topics)
    albums = Albums(bot, memory, gallery, ChartPainter())
    frontend = TelegramFrontend(bot, myself, memory, topics, albums, clock)
    clerk, voice = Clerk(desk), Voice(bot)
    menus = Menus(clerk, voice, myself, clock)
    pages = Pages(clerk, voice, myself, clock)
    weeks = Weeks(clerk, voice, myself, clock)
    captions = Captions(bot, clerk, voice, memory)
    composer = Composer(clerk, voice, captions)
    accounts, landings = Accounts(clerk, voice), Landings(clerk, voice, memory, presence)
    teaming = Teaming(bot, clerk, voice)
    in_private = InPrivate(clerk, voice, clock)
    presses = Presses(
        clerk,
        voice,
        memory,
        menus,
        Asking(clerk, voice, menus),
        pages,
        weeks,
        LookingBack(clerk, voice, clock),
        Labels(clerk, voice, menus),
        composer,
        accounts,
        landings,
        in_private,
        clock,
    )
    counter = Counter(bot, myself, memory)
    updates = Updates(
        bot,
        myself,
        memory,
        clerk,
        presses,
        Answers(clerk, voice, composer, captions, clock),
        Orders(
            clerk,
            voice,
            pages,
            weeks,
            composer,
            Linking(clerk, voice),
            accounts,
            landings,
            teaming,
            OnCalling(clerk, voice, teaming, clock),
            in_private,
        ),
        InlineEditing(bot, clerk),
        landings,
        Talk(clerk, voice, captions),
        voice,
        counter,
    )
    counting = counter if options.counter else None
    listener = TelegramListener(
        bot, myself, updates, counting, clock, webhook, options.poll_seconds
    )
    door = None if webhook is None else build_door(updates, webhook.secret)
    return Connected(frontend, listener, door, bot, myself)


def examiner(http: aiohttp.ClientSession, clock: Clock, options: TelegramOptions) -> Examination:
    """For `check`."""
    bot = open_bot(http, clock, options)
    return Examination(bot, Myself(bot, clock), clock, options)


def introduction(
    http: aiohttp.ClientSession, clock: Clock, options: TelegramOptions
) -> TelegramIntroduction:
    """For whoever has a token that is not kept yet."""
    return TelegramIntroduction(Myself(open_bot(http, clock, options), clock))


__all__ = ["PATH", "Connected", "connect", "examiner", "introduction"]
