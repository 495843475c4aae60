"""The settings, as `replydesk.toml` spells them; docs/reference/configuration.md explains each."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from bot.model.account import SecretRef
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.member import Role

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("use 1 to 60 small letters, digits, - and _, beginning with a letter")
    return value


def why_no_slug(value: str) -> str | None:
    """What is wrong with a slug, for whoever asks for one; None when nothing is."""
    return _complaint(_slug, value)


def why_no_zone(value: str) -> str | None:
    """What is wrong with a time zone's name; None when nothing is."""
    return _complaint(_zone, value)


def _complaint(validate: Callable[[str], str], value: str) -> str | None:
    try:
        validate(value)
    except ValueError as error:
        return str(error)
    return None


def _hook(value: str) -> str:
    return value if value == "" else _slug(value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        near = difflib.get_close_matches(value, available_timezones(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ", for example Europe/Bucharest"
        raise ValueError(f"there is no time zone of this name{hint}") from None
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("write a language as two small letters, for example en")
    return value


def _address(value: str) -> str:
    if value == "":
        return value
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write a whole address that begins with https:// or http://")
    return value.rstrip("/")


def _host_name(value: str) -> str:
    if not value or "/" in value or value.count(":") == 1:
        raise ValueError("write a host's name alone, without https:// and without a port")
    return value.lower()


Slug = Annotated[str, AfterValidator(_slug)]
Hook = Annotated[str, AfterValidator(_hook)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
Address = Annotated[str, AfterValidator(_address)]
HostName = Annotated[str, AfterValidator(_host_name)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class DeskSettings(Table):
    """`[desk]`"""

    data_dir: Path = Path(".replydesk")
    """Where everything is kept; relative to the file's folder."""
    database_url: str = Field(default="", repr=False)
    """Empty is `sqlite:///<data_dir>/desk.db`; loading fills it in."""
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65535)
    """0 takes a free one."""
    allowed_hosts: tuple[HostName, ...] = ()
    public_url: Address = ""
    undo_seconds: int = Field(default=10, ge=0, le=3600)
    answer_seconds: float = Field(default=20.0, ge=1, le=120)
    """How long a network may take to answer a publish."""
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


class PolicySettings(Table):
    """`[policies]`"""

    reply: ReplyPolicySettings = ReplyPolicySettings()
    post: PostPolicySettings = PostPolicySettings()

    def by_subject(self) -> dict[ApprovalSubject, ApprovalPolicy]:
        return {
            ApprovalSubject.REPLY: self.reply.policy,
            ApprovalSubject.POST: self.post.policy,
        }


class MemberSettings(Table):
    """`[[brands.members]]`"""

    slug: Slug
    name: Name
    role: Role


class AccountSettings(Table):
    """`[[brands.accounts]]`: three keys of ours, all others are the connector's own."""

    slug: Slug
    network: str
    hook: Hook = ""
    """Name in `/hooks/{network}/{hook}`; empty when the network sends no webhooks here."""
    settings: dict[str, JsonValue] = Field(default={}, repr=False)
    """The connector's own keys, unread; `bot.config.connections` validates them."""

    @model_validator(mode="before")
    @classmethod
    def _keep_own_keys(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        ours = {key: value for key, value in raw.items() if key in OWN_KEYS}
        return ours | {"settings": {k: v for k, v in raw.items() if k not in OWN_KEYS}}


OWN_KEYS = ("slug", "network", "hook")


class BrandSettings(Table):
    """`[[brands]]`"""

    slug: Slug
    name: Name
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    """What the brand's audience writes in, most frequent first."""
    keywords: tuple[Name, ...] = ()
    """Words whose mention anywhere is an item, where the network can search."""
    zone: Zone = "UTC"
    voice: str = Field(default="", max_length=4000)
    """How the brand speaks; goes into every prompt."""
    members: tuple[MemberSettings, ...] = ()
    accounts: tuple[AccountSettings, ...] = ()


class Settings(Table):
    """Everything the configuration says. `file` and `folder` are where it was read."""

    desk: DeskSettings = DeskSettings()
    drafts: DraftSettings = DraftSettings()
    policies: PolicySettings = PolicySettings()
    brands: tuple[BrandSettings, ...] = ()

    @property
    def accounts(self) -> tuple[tuple[BrandSettings, AccountSettings], ...]:
        return tuple((brand, account) for brand in self.brands for account in brand.accounts)

    def with_desk(self, **values: Any) -> Self:
        """A copy with other values in `[desk]`."""
        return self.model_copy(update={"desk": self.desk.model_copy(update=values)})
