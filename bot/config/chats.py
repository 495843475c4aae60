"""The team's chats in the settings: each front end's table, and the brands' channels and routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.config.fields import (
    Address,
    DeskLanguage,
    Language,
    Name,
    OwnLabel,
    SlashCommand,
    Slug,
    Table,
    Zone,
)
from bot.config.oncall import QuietSettings, Time, minutes_of
from bot.model.account import SecretRef
from bot.model.channel import Shows
from bot.model.ids import MINUTE, SECOND
from bot.model.item import ItemKind
from bot.model.pace import Pace
from bot.model.peak import PeakRule
from bot.model.triage import Risk, Urgency
from bot.model.vip import VipRule, bare


class RelaySettings(Table):
    """`[relay]`"""

    url: Address = Field(min_length=1)
    """Where cards are sent."""
    secret: SecretRef
    """Shared with the tool; signs what goes there and what comes back."""
    read_back: bool = True
    """Whether the tool can be asked for a message by its key."""
    settle_seconds: float = Field(default=0.0, ge=0, le=600)
    """How long after a posting the tool may still say that it has none."""
    posts_per_minute: int = Field(default=0, ge=0, le=100_000)
    """0 is no limit."""
    timeout_seconds: float = Field(default=10.0, ge=0.1, le=60)


class PeakSettings(Table):
    """`[peaks]`"""

    cards: int = Field(default=10, ge=0, le=100_000)
    """Cards in a channel within `minutes` above which they become one; 0 switches it off."""
    cards_under_one_post: int = Field(default=6, ge=0, le=100_000)
    minutes: int = Field(default=5, ge=1, le=60)
    redraw_seconds: int = Field(default=20, ge=1, le=600)
    vips: tuple[Annotated[str, Field(min_length=1, max_length=300)], ...] = ()
    """Handles of authors who get cards of their own in a peak too; @ and capitals do not count."""
    vip_followers: int = Field(default=0, ge=0, le=1_000_000_000)
    """So many followers make an author a VIP, where the network tells; 0 makes nobody one."""
    show_everything: bool = False
    """Whether what needs no reply gets cards of its own too."""

    @property
    def rule(self) -> PeakRule:
        return PeakRule(
            self.cards,
            self.cards_under_one_post,
            self.minutes * MINUTE,
            self.redraw_seconds * SECOND,
            VipRule(frozenset(map(bare, self.vips)), self.vip_followers),
            sets_aside=not self.show_everything,
        )


class SlackSettings(Table):
    """`[slack]`"""

    tokens: Literal["file", "console"] = "file"
    """Where they are: where this table says, or pasted by an admin on the Connect page."""
    bot_token: SecretRef = SecretRef(env="SLACK_BOT_TOKEN")
    """Begins with `xoxb-`; posts cards."""
    app_token: SecretRef = SecretRef(env="SLACK_APP_TOKEN")
    """Begins with `xapp-`; opens the socket. Needed in mode `socket`."""
    signing_secret: SecretRef = SecretRef(env="SLACK_SIGNING_SECRET")
    """Proves that a request is Slack's. Needed in mode `http`."""
    mode: Literal["socket", "http"] = "socket"
    """How presses come in: through a connection of ours, or as requests to `desk.public_url`."""
    command: SlashCommand = "/desk"
    """The slash command; two apps of a workspace cannot share one."""
    api_url: Address = Field(default="https://slack.com/api", min_length=1)
    timeout_seconds: float = Field(default=8.0, ge=0.1, le=60)


class TelegramSettings(Table):
    """`[telegram]`"""

    tokens: Literal["file", "console"] = "file"
    """Where the token is: where this table says, or pasted by an admin on the Connect page."""
    bot_token: SecretRef = SecretRef(env="TELEGRAM_BOT_TOKEN")
    """What @BotFather gave."""
    mode: Literal["polling", "webhook"] = "polling"
    """How presses come in: asked for by us, or sent to `desk.public_url`."""
    secret: SecretRef | None = None
    """1 to 256 letters, digits, _ and -, with which Telegram signs; needed in mode `webhook`."""
    base_url: Address = Field(default="https://api.telegram.org", min_length=1)
    """Another server that speaks the Bot API."""
    topics: Literal["none", "account"] = "none"
    """`account` gives every account a topic of its own in a group that has topics."""
    counter: bool = True
    """A pinned message in each group that says how much waits."""
    timeout_seconds: float = Field(default=9.0, ge=0.1, le=60)


class RouteSettings(Table):
    """`[[brands.channels.routes]]`: all conditions must hold, an empty one always does."""

    accounts: tuple[Slug, ...] = ()
    kinds: tuple[ItemKind, ...] = ()
    languages: tuple[Language, ...] = ()
    risks: tuple[Risk, ...] = ()
    labels: tuple[OwnLabel, ...] = ()


class ChannelSettings(Table):
    """`[[brands.channels]]`"""

    slug: Slug
    chat: Literal["relay", "slack", "telegram"]
    channel: Annotated[str, Field(min_length=1, max_length=100)]
    """The chat's own id of the channel or group."""
    topic: Annotated[str, Field(max_length=100)] = ""
    title: Name | None = None
    language: DeskLanguage = "en"
    """What is said on cards is said in this language."""
    reads: tuple[Language, ...] = ()
    """What its readers read besides; empty is what the brand's audience writes in."""
    zone: Zone | None = None
    """None is the brand's."""
    threads: bool = True
    """What happens to a thing is told in the thread under its card, where the chat has threads."""
    private: bool | None = None
    """Whether its items are for those alone who are in it; None is as the chat says."""
    shows: tuple[Shows, ...] = Field(default=tuple(Shows), min_length=1)
    routes: tuple[RouteSettings, ...] = ()
    """Without any, the channel takes everything that it shows."""
    digest: tuple[Time, ...] = ()
    """At these times what came since is told in one message; none tells each as it comes."""
    at_once: tuple[Urgency | ItemKind, ...] = ()
    """What waits for no digest."""
    quiet: QuietSettings | None = None
    """When nothing new is posted there but what breaks it."""

    def pace(self, zone: str) -> Pace:
        """`zone` is the channel's."""
        return Pace(
            tuple(map(minutes_of, self.digest)),
            zone,
            frozenset(self.at_once),
            None if self.quiet is None else self.quiet.quiet,
        )
