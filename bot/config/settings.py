"""The settings, as `replydesk.toml` spells them; docs/reference/configuration.md explains each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, model_validator

from bot.config.alerts import AlertSettings
from bot.config.chats import (
    ChannelSettings,
    PeakSettings,
    RelaySettings,
    SlackSettings,
    TelegramSettings,
)
from bot.config.fields import (
    Address,
    DeskLanguage,
    Email,
    Hook,
    HostName,
    Initials,
    Language,
    Name,
    OwnLabel,
    RedisAddress,
    Slug,
    Table,
    Zone,
)
from bot.config.goals import GoalSettings
from bot.config.oncall import OnCallSettings
from bot.config.risk_routes import RiskRoutesSettings
from bot.config.shifts import ShiftSettings
from bot.model.account import SecretRef
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject, Policies
from bot.model.duty import DutyPlans
from bot.model.goals import GoalPolicies
from bot.model.member import ChatIdentity, Role, Tongue
from bot.model.oncall import Contact, OnCall
from bot.model.risk_route import RiskRoutes
from bot.model.signature import Signing
from bot.model.triage import Risk

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")


class DeskSettings(Table):
    """`[desk]`"""

    data_dir: Path = Path(".replydesk")
    """Where everything is kept; relative to the file's folder."""
    database_url: str = Field(default="", repr=False)
    """Empty is `sqlite:///<data_dir>/desk.db`; loading fills it in."""
    redis_url: RedisAddress = Field(default="", repr=False)
    """Empty is without Redis."""
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    """0 takes a free one."""
    allowed_hosts: tuple[HostName, ...] = ()
    public_url: Address = ""
    undo_seconds: int = Field(default=10, ge=0, le=3600)
    answer_seconds: float = Field(default=20.0, ge=1, le=120)
    """How long a network may take to answer a publish."""
    lease_seconds: float = Field(default=30.0, ge=5, le=600)
    """How long the work of a process that died or hangs is kept from the others."""
    keep_events_days: int = Field(default=90, ge=1, le=36_500)
    """How long the events of a history are kept."""
    metrics_public: bool = False
    allow_private_hosts: tuple[HostName, ...] = ()
    key: SecretRef | None = None
    """The key that seals stored secrets; None takes REPLYDESK_KEY or `<data_dir>/key`."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "console"] = "auto"

    @property
    def host_names(self) -> tuple[str, ...]:
        """Every name that the console may be asked for by."""
        named = [*LOOPBACK_NAMES, self.host, *self.allowed_hosts]
        public = urlsplit(self.public_url).hostname
        return tuple(dict.fromkeys([*named, public] if public else named))

    @property
    def console_url(self) -> str:
        """Where people find the console."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"


class DraftSettings(Table):
    """`[drafts]`"""

    drafter: Literal["auto", "openai", "templates"] = "auto"
    """`auto` asks the model when there is a key, and takes templates when there is none."""
    model: Name = "gpt-5-mini"
    base_url: Address = ""
    """Another server that speaks the same protocol; empty is the vendor's own."""
    api_key: SecretRef = SecretRef(env="OPENAI_API_KEY")
    timeout_seconds: float = Field(default=25.0, ge=1, le=120)
    temperature: float | None = Field(default=None, ge=0, le=2)
    """None leaves it out: some models refuse it."""
    max_concurrency: int = Field(default=4, ge=1, le=64)
    daily_tokens: int = Field(default=0, ge=0)
    """0 is no limit."""
    prompt: Name = "draft.v1"


class ReplyPolicySettings(Table):
    """`[policies.reply]`"""

    needed: int = Field(default=DEFAULT_POLICIES[ApprovalSubject.REPLY].needed, ge=1, le=20)
    role: Role = DEFAULT_POLICIES[ApprovalSubject.REPLY].role
    four_eyes: bool = DEFAULT_POLICIES[ApprovalSubject.REPLY].four_eyes

    @property
    def policy(self) -> ApprovalPolicy:
        return ApprovalPolicy(self.needed, self.role, self.four_eyes)


class PostPolicySettings(ReplyPolicySettings):
    """`[policies.post]`"""

    needed: int = Field(default=DEFAULT_POLICIES[ApprovalSubject.POST].needed, ge=1, le=20)
    role: Role = DEFAULT_POLICIES[ApprovalSubject.POST].role
    four_eyes: bool = DEFAULT_POLICIES[ApprovalSubject.POST].four_eyes


class RiskPolicySettings(ReplyPolicySettings):
    """`[policies.risks.<risk>]`"""

    alone: Role | None = None
    """One yes of this role is enough, however many are `needed`."""

    @property
    def policy(self) -> ApprovalPolicy:
        return ApprovalPolicy(self.needed, self.role, self.four_eyes, self.alone)

    @model_validator(mode="after")
    def _alone_is_no_less(self) -> Self:
        if self.alone is not None and not self.alone.includes(self.role):
            raise ValueError(
                f"alone must be {self.role} or a role above it: whoever suffices alone is one of "
                "those that count"
            )
        return self


class RiskPoliciesSettings(Table):
    """`[policies.risks]`"""

    safety: RiskPolicySettings | None = None
    legal: RiskPolicySettings | None = None
    privacy: RiskPolicySettings | None = None
    press: RiskPolicySettings | None = None
    abuse: RiskPolicySettings | None = None


class PolicySettings(Table):
    """`[policies]`"""

    solo_team: bool = False
    """Nobody needs a second person: what one wrote, one may approve."""
    remind_hours: tuple[Annotated[float, Field(gt=0, le=336)], ...] = (24.0, 2.0)
    """How long before the time of a post its approvers are reminded; empty is never."""
    reply: ReplyPolicySettings = ReplyPolicySettings()
    post: PostPolicySettings = PostPolicySettings()
    risks: RiskPoliciesSettings = RiskPoliciesSettings()

    def in_force(self) -> Policies:
        """A solo team lifts four eyes of all."""
        of_risks = {risk: getattr(self.risks, risk.value) for risk in Risk}
        named: Policies = {
            ApprovalSubject.REPLY: self.reply.policy,
            ApprovalSubject.POST: self.post.policy,
            **{risk: own.policy for risk, own in of_risks.items() if own is not None},
        }
        if not self.solo_team:
            return named
        return {subject: replace(policy, four_eyes=False) for subject, policy in named.items()}


class MemberSettings(Table):
    """`[[brands.members]]`"""

    slug: Slug
    name: Name
    role: Role
    relay: Annotated[str, Field(max_length=100)] = ""
    """Who they are in the relay's tool."""
    slack: Annotated[str, Field(max_length=40)] = ""
    """Slack's id of the person, `U...`; never a name."""
    telegram: int = Field(default=0, ge=0, lt=2**52)
    """Their number in Telegram, which the bot answers to /help; 0 is nobody."""
    language: DeskLanguage = "en"
    """What the desk says to them is said in this language."""
    zone: Zone | None = None
    """None is the brand's."""
    reads: tuple[Language, ...] = ()
    """What they read besides; empty is what the brand's audience writes in."""
    initials: Initials = ""
    """What stands under their replies where the brand wants initials; empty is of the name."""
    email: Email = ""
    """Where pages by e-mail go."""
    stand_in: Slug | None = None
    """Who is asked for a yes in their place."""
    phone: Annotated[str, Field(max_length=40)] = ""
    """What a webhook is told, for SMS and calls."""
    direct: bool = False
    """Whether what waits for their yes comes to their direct messages too."""

    def tongue(self, audience: tuple[str, ...]) -> Tongue:
        """`audience`: what is read where nothing else is said."""
        return Tongue(self.language, self.zone or "", self.reads or audience)

    @property
    def identities(self) -> tuple[ChatIdentity, ...]:
        """Who they are in each chat, by the chat's own user id."""
        chats = {
            "console": self.slug,
            "relay": self.relay,
            "slack": self.slack,
            "telegram": str(self.telegram or ""),
        }
        return tuple(ChatIdentity(chat, user) for chat, user in chats.items() if user)


class AccountSettings(Table):
    """`[[brands.accounts]]`: four keys of ours, all others are the connector's own."""

    slug: Slug
    network: str
    hook: Hook = ""
    """Name in `/hooks/{network}/{hook}`; empty when the network sends no webhooks here."""
    token_ends: date | None = None
    """From this day on (UTC) its network takes the token no more; None: not known, or never."""
    settings: dict[str, JsonValue] = Field(default={}, repr=False)
    """The connector's own keys, unread; `bot.config.connections` validates them."""

    @model_validator(mode="before")
    @classmethod
    def _keep_own_keys(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        ours = {key: value for key, value in raw.items() if key in OWN_KEYS}
        return ours | {"settings": {k: v for k, v in raw.items() if k not in OWN_KEYS}}


OWN_KEYS = ("slug", "network", "hook", "token_ends")


class BrandSettings(Table):
    """`[[brands]]`"""

    slug: Slug
    name: Name
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    """What the brand's audience writes in, most frequent first."""
    keywords: tuple[Name, ...] = ()
    """Words whose mention anywhere is an item, where the network can search."""
    labels: tuple[OwnLabel, ...] = ()
    """What the team calls things besides the topics of triage."""
    initials: bool = False
    """Published replies end with the initials of whoever answers: `^AN`."""
    zone: Zone = "UTC"
    voice: str = Field(default="", max_length=4000)
    """How the brand speaks; goes into every prompt."""
    members: tuple[MemberSettings, ...] = ()
    accounts: tuple[AccountSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    goals: GoalSettings | None = None
    """None is no reply goals."""
    shifts: ShiftSettings | None = None
    """None is shifts by hand alone, and nothing is assigned by the desk."""
    risks: RiskRoutesSettings = RiskRoutesSettings()


class Settings(Table):
    """Everything the configuration says. `file` and `folder` are where it was read."""

    desk: DeskSettings = DeskSettings()
    drafts: DraftSettings = DraftSettings()
    policies: PolicySettings = PolicySettings()
    peaks: PeakSettings = PeakSettings()
    alerts: AlertSettings = AlertSettings()
    oncall: OnCallSettings = OnCallSettings()
    relay: RelaySettings | None = None
    slack: SlackSettings | None = None
    telegram: TelegramSettings | None = None
    brands: tuple[BrandSettings, ...] = ()

    @property
    def accounts(self) -> tuple[tuple[BrandSettings, AccountSettings], ...]:
        return tuple((brand, account) for brand in self.brands for account in brand.accounts)

    @property
    def goals(self) -> GoalPolicies:
        """Of the brands that have any, by slug."""
        return {one.slug: one.goals.policy(one.zone) for one in self.brands if one.goals}

    @property
    def duties(self) -> DutyPlans:
        """Who works when and gets what, of the brands that say so, by slug."""
        return {one.slug: one.shifts.plan(one.zone) for one in self.brands if one.shifts}

    @property
    def risk_routes(self) -> RiskRoutes:
        """Of the brands that have any, by slug."""
        return {one.slug: one.risks.routes for one in self.brands if one.risks.routes}

    @property
    def signing(self) -> Signing:
        """Which brands' replies end with initials, and what members chose for theirs."""
        members = [member for brand in self.brands for member in brand.members]
        return Signing(
            frozenset(one.slug for one in self.brands if one.initials),
            {one.slug: one.initials for one in members if one.initials},
        )

    @property
    def chats(self) -> frozenset[str]:
        """The chats that are configured."""
        tables = {"relay": self.relay, "slack": self.slack, "telegram": self.telegram}
        return frozenset(chat for chat, table in tables.items() if table is not None)

    @property
    def named_chats(self) -> frozenset[str]:
        """Those whose tokens are where the configuration says, and are changed there alone."""
        pasted = {"slack": self.slack, "telegram": self.telegram}
        return frozenset(
            chat
            for chat in self.chats
            if (table := pasted.get(chat)) is None or table.tokens == "file"
        )

    @property
    def oncall_rules(self) -> OnCall:
        """Who is woken, when and how."""
        members = [member for brand in self.brands for member in brand.members]
        return self.oncall.rules({one.slug: Contact(one.email, one.phone) for one in members})

    def with_desk(self, **values: Any) -> Self:
        """A copy with other values in `[desk]`."""
        return self.model_copy(update={"desk": self.desk.model_copy(update=values)})
