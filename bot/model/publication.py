"""Publications: one text on its way out, from the decision to the network's proof.

    queued -> sending | recorded | cancelled | failed
    sending -> published | queued (proved not sent) | unknown | failed
    unknown -> published | failed | queued (absence proved, or a repeat is harmless) | needs_human
    needs_human -> published | queued | cancelled       (by a person)
    failed -> queued | cancelled                        (by a person)
    unknown | needs_human | queued | failed -> published   when our own echo arrives
    published -> failed          when a held or processing receipt is refused later

`queued -> sending` is the last commit before the network is touched. An unknown outcome is a
state, not an error: it is looked up, and repeated only when its absence is proved or the network
takes the same key once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.model.ids import (
    AccountId,
    ApprovalId,
    ItemId,
    Moment,
    NetworkName,
    PublicationId,
    RemoteId,
    VariantId,
)
from bot.model.media import OwnMedia
from bot.model.states import StateMachine


class PublicationState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PUBLISHED = "published"
    NEEDS_HUMAN = "needs_human"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECORDED = "recorded"
    """Approved in shadow: kept as it would have been sent, and never sent."""


_P = PublicationState
PUBLICATION_MACHINE: StateMachine[PublicationState] = StateMachine(
    "publication",
    {
        _P.QUEUED: frozenset({_P.SENDING, _P.RECORDED, _P.CANCELLED, _P.FAILED, _P.PUBLISHED}),
        _P.SENDING: frozenset({_P.PUBLISHED, _P.QUEUED, _P.UNKNOWN, _P.FAILED}),
        _P.UNKNOWN: frozenset({_P.PUBLISHED, _P.FAILED, _P.QUEUED, _P.NEEDS_HUMAN}),
        _P.NEEDS_HUMAN: frozenset({_P.PUBLISHED, _P.QUEUED, _P.CANCELLED}),
        _P.FAILED: frozenset({_P.QUEUED, _P.CANCELLED, _P.PUBLISHED}),
        _P.PUBLISHED: frozenset({_P.FAILED}),
        _P.CANCELLED: frozenset(),
        _P.RECORDED: frozenset(),
    },
)
UNSETTLED = frozenset({_P.QUEUED, _P.SENDING, _P.UNKNOWN, _P.NEEDS_HUMAN})
"""States in which something of ours may still appear on the network."""


OVER = frozenset({_P.PUBLISHED, _P.CANCELLED, _P.RECORDED})
"""States in which nothing of ours will yet appear, and no echo is awaited."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named in our text, resolved when the draft was saved.

    `handle` as it stands in the text without its `@`; `remote_id` is what the network needs.
    """

    handle: str
    remote_id: RemoteId


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The item that a reply answers, as its connector gave it to us."""

    remote_id: RemoteId
    thread_remote_id: RemoteId
    author_remote_id: RemoteId
    author_handle: str
    hints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """Everything `prepare` may look at, so that it stays pure.

    `at` is the moment of approval for a reply and the slot for a post. `seed` is 16 random
    bytes minted at approval. `target` None makes a post.
    """

    text: str
    at: Moment
    seed: bytes
    language: str = ""
    target: ReplyTarget | None = None
    mentions: tuple[Mention, ...] = ()
    media: tuple[OwnMedia, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    """Visibility and the like, in the network's own words."""


@dataclass(frozen=True, slots=True)
class LengthReport:
    """`used` of `limit` in the unit the network counts; `problem` is a sentence, or empty."""

    used: int
    limit: int
    unit: str
    problem: str = ""

    @property
    def fits(self) -> bool:
        return not self.problem and self.used <= self.limit


@dataclass(frozen=True, slots=True)
class Prepared:
    """A write frozen at approval: what will be sent, without host or secrets.

    `request` is plain JSON; `format` is the connector's own version of its shape, and a
    connector can publish every format it ever wrote. `key` names the write on the network
    where the network allows it (a TID, an idempotency key), and in our logs everywhere.
    """

    connector: NetworkName
    format: int
    request: Mapping[str, Any]
    key: str
    length: LengthReport

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(
            {
                "connector": self.connector,
                "format": self.format,
                "request": dict(self.request),
                "key": self.key,
                "length": [
                    self.length.used,
                    self.length.limit,
                    self.length.unit,
                    self.length.problem,
                ],
            },
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Prepared:
        raw = json.loads(text)
        return cls(
            connector=NetworkName(raw["connector"]),
            format=raw["format"],
            request=raw["request"],
            key=raw["key"],
            length=LengthReport(*raw["length"]),
        )


@dataclass(frozen=True, slots=True)
class Staged:
    """What staging left on the network (blob references, media ids), in the order of the media.

    `refs[hash]` is the connector's own JSON for that picture.
    """

    refs: Mapping[str, Any] = field(default_factory=dict)


class Visibility(StrEnum):
    VISIBLE = "visible"
    HELD = "held"
    """Accepted, but waits for the network's own moderation."""
    PROCESSING = "processing"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's proof that it has our text."""

    remote_id: RemoteId
    permalink: str
    visibility: Visibility = Visibility.VISIBLE


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `deadline` is when the connector may no longer begin to write its body."""

    number: int
    started_at: Moment
    deadline: Moment
    ended_at: Moment | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """Exactly one of `item_id` and `variant_id` says what it is: a reply, or a post's variant."""

    id: PublicationId
    account_id: AccountId
    approval_id: ApprovalId
    item_id: ItemId | None
    item_revision: int | None
    variant_id: VariantId | None
    text: str
    prepared: Prepared
    state: PublicationState
    created_at: Moment
    not_before: Moment
    """End of the undo window, or the slot of a post."""
    expires_at: Moment | None
    staged: Staged | None = None
    receipt: Receipt | None = None
    trouble: str = ""
    """A sentence for the card while something is wrong; of what is out, how that was found out."""
    is_shadow: bool = False
    """Approved while its account was in shadow: whatever becomes of that, it is never sent."""
    looks: int = 0
    """How often it was looked for since it became unknown."""
