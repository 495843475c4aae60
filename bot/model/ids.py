"""Names of things: numbers given by the store, keys given by networks, moments in time."""

from __future__ import annotations

from typing import NewType

BrandId = NewType("BrandId", int)
AccountId = NewType("AccountId", int)
AuthorId = NewType("AuthorId", int)
ItemId = NewType("ItemId", int)
ConversationId = NewType("ConversationId", int)
DraftId = NewType("DraftId", int)
ApprovalId = NewType("ApprovalId", int)
PublicationId = NewType("PublicationId", int)
PostId = NewType("PostId", int)
VariantId = NewType("VariantId", int)
CardId = NewType("CardId", int)
ChannelId = NewType("ChannelId", int)
CardRefId = NewType("CardRefId", int)
PeakId = NewType("PeakId", int)
BulkId = NewType("BulkId", int)
IncidentId = NewType("IncidentId", int)
CrisisId = NewType("CrisisId", int)
HoldChangeId = NewType("HoldChangeId", int)
StatementId = NewType("StatementId", int)
QuestionId = NewType("QuestionId", int)
DutyId = NewType("DutyId", int)
NoteId = NewType("NoteId", int)
PromiseId = NewType("PromiseId", int)
SavedReplyId = NewType("SavedReplyId", int)
UpdateId = NewType("UpdateId", int)
PageId = NewType("PageId", int)
MemberId = NewType("MemberId", int)
DueId = NewType("DueId", int)
EventId = NewType("EventId", int)

RemoteId = NewType("RemoteId", str)
"""A network's own key of a thing, unique within one account."""

TOKEN_LENGTH = 12

CardToken = NewType("CardToken", str)
"""Twelve random characters of A-Za-z0-9 that name a card in a button."""

MessageId = NewType("MessageId", str)
"""A chat's own name of one message in one channel."""

PostKey = NewType("PostKey", str)
"""Thirty-two hex characters minted for one posting of one card; a chat may be asked for it."""

CommandId = NewType("CommandId", str)
"""Unique per press of a button; the same press delivered twice carries the same id."""

MediaHash = NewType("MediaHash", str)
"""Lower-case hex sha256 of the bytes of a picture of ours."""

Moment = NewType("Moment", int)
"""A point in time: UTC milliseconds since 1970."""

Monotonic = NewType("Monotonic", float)
"""A reading of the monotonic clock in seconds; only differences mean anything."""

NetworkName = NewType("NetworkName", str)
"""`sandbox`, `bluesky`, `mastodon`, `wordpress`, `rss`: the name of the connector's module."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
