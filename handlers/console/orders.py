"""What the console asks for without a card: JSON in, a typed command out, nothing else accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    StringConstraints,
)

from bot.model import commands
from bot.model.ids import CardToken, MediaHash, Moment
from bot.model.media import MAX_BYTES
from bot.model.member import Role
from bot.speech.speech import marked
from handlers import pace_words

MAX_ORDER = 1024 * 1024
MAX_PICTURE_ORDER = MAX_BYTES * 4 // 3 + 4096
"""Bytes of JSON: a picture travels as base64."""

Slug = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Words = Annotated[str, StringConstraints(max_length=100_000)]
Reason = Annotated[str, StringConstraints(max_length=1_000)]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{12}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Kinds = Annotated[tuple[commands.HoldKind, ...], Field(min_length=1, max_length=2)]


class Form(BaseModel):
    """What a script of ours sends."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    id: UUID
    """One for each press; a press that is repeated because its answer was lost keeps it."""


class PressForm(Form):
    data: Annotated[str, StringConstraints(max_length=64)]
    entry: Words = ""


class _Variant(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    account: Slug
    text: Words


class _Picture(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    hash: Sha256
    alt_text: Annotated[str, StringConstraints(max_length=2_000)]


class OrderForm(Form):
    def command(self, zone: tzinfo) -> commands.Command:
        """The command; ValueError when the fields mean nothing together."""
        raise NotImplementedError


class ComposeForm(OrderForm):
    variants: Annotated[tuple[_Variant, ...], Field(min_length=1, max_length=50)]
    slot: NaiveDatetime | None = None
    """Wall time in the brand's zone, as a date-time field gives it."""
    pictures: Annotated[tuple[_Picture, ...], Field(max_length=10)] = ()

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.ComposePost(self._texts(), moment_of(self.slot, zone), self._refs())

    def _texts(self) -> tuple[commands.VariantText, ...]:
        return tuple(commands.VariantText(one.account, one.text) for one in self.variants)

    def _refs(self) -> tuple[commands.PictureRef, ...]:
        return tuple(
            commands.PictureRef(MediaHash(one.hash), one.alt_text) for one in self.pictures
        )


class EditPostForm(ComposeForm):
    token: Token
    revision: Annotated[int, Field(ge=0, le=999_999_999)]

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.EditPost(
            CardToken(self.token),
            self.revision,
            self._texts(),
            moment_of(self.slot, zone),
            self._refs(),
        )


class PauseForm(OrderForm):
    """Asks; the card that it opens pauses."""

    kinds: Kinds
    account: Slug | None = None
    reason: Reason = ""

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.Pause(self.kinds, self.account, self.reason, is_sure=False)


class UnpauseForm(OrderForm):
    """Asks; the card that it opens unpauses."""

    kinds: Kinds
    account: Slug | None = None

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.Unpause(self.kinds, self.account, is_sure=False)


class GoLiveForm(OrderForm):
    account: Slug

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.GoLive(self.account)


class WatchOnlyForm(OrderForm):
    account: Slug

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.WatchOnly(self.account)


class ShadowForm(OrderForm):
    account: Slug

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.Shadow(self.account)


class TokenEndForm(OrderForm):
    """The day as a field of dates gives it; none where it is empty."""

    account: Slug
    day: Annotated[str, StringConstraints(max_length=10)] = ""

    def command(self, zone: tzinfo) -> commands.Command:
        try:
            day = date.fromisoformat(self.day) if self.day else None
        except ValueError as error:
            raise ValueError(marked("Give the day as 2027-01-15.")) from error
        return commands.SetTokenEnd(self.account, day)


class RetryWorkForm(OrderForm):
    due_id: int

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.RetryWork(self.due_id)


class DiscardWorkForm(OrderForm):
    due_id: int

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.DiscardWork(self.due_id)


class ChangeRoleForm(OrderForm):
    member: Slug
    role: Annotated[Role, Field(strict=False)]

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.ChangeRole(self.member, self.role)


class SuspendForm(OrderForm):
    member: Slug

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.SuspendMember(self.member)


class LinkCodeForm(OrderForm):
    def command(self, zone: tzinfo) -> commands.Command:
        return commands.MakeLinkCode()


class PracticeForm(OrderForm):
    """In the console alone."""

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.BeginPractice()


class CrisisForm(OrderForm):
    """Asks; the card that it opens starts it."""

    reason: Reason = ""

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.ProposeCrisis(self.reason)


class StatementForm(OrderForm):
    name: Slug
    language: Slug
    text: Words
    days: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}$")] = "30"

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.WriteStatement(self.name, self.language, self.text, int(self.days))


class GoAwayForm(OrderForm):
    until: NaiveDatetime | None = None

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.GoAway(moment_of(self.until, zone))


class ComeBackForm(OrderForm):
    def command(self, zone: tzinfo) -> commands.Command:
        return commands.ComeBack()


class StartShiftForm(OrderForm):
    def command(self, zone: tzinfo) -> commands.Command:
        return commands.StartShift()


class EndShiftForm(OrderForm):
    def command(self, zone: tzinfo) -> commands.Command:
        return commands.EndShift()


class DigestForm(OrderForm):
    """In the words of the chats."""

    words: Annotated[str, StringConstraints(max_length=100)]

    def command(self, zone: tzinfo) -> commands.Command:
        try:
            return pace_words.read(self.words)
        except ValueError as error:
            raise ValueError(pace_words.HOW) from error


class HandOverForm(OrderForm):
    def command(self, zone: tzinfo) -> commands.Command:
        return commands.HandOver()


class ReplyForm(OrderForm):
    name: Slug
    language: Slug
    text: Words

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.WriteReply(self.name, self.language, self.text)


class DropReplyForm(OrderForm):
    reply: Annotated[int, Field(ge=1)]

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.DropReply(self.reply)


class TestPagesForm(OrderForm):
    __test__ = False  # no test of pytest's

    def command(self, zone: tzinfo) -> commands.Command:
        return commands.TestPages()


class PictureForm(OrderForm):
    content_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    data: Base64Bytes

    def command(self, zone: tzinfo) -> commands.Command:
        if len(self.data) > MAX_BYTES:
            raise ValueError(
                marked("A picture may have at most 8 MiB. Make it smaller and add it again.")
            )
        return commands.AddPicture(self.content_type, self.data)


ORDERS: Mapping[str, type[OrderForm]] = {
    "compose_post": ComposeForm,
    "edit_post": EditPostForm,
    "pause": PauseForm,
    "unpause": UnpauseForm,
    "go_live": GoLiveForm,
    "watch_only": WatchOnlyForm,
    "shadow": ShadowForm,
    "set_token_end": TokenEndForm,
    "retry_work": RetryWorkForm,
    "discard_work": DiscardWorkForm,
    "add_picture": PictureForm,
    "begin_practice": PracticeForm,
    "test_pages": TestPagesForm,
    "propose_crisis": CrisisForm,
    "write_statement": StatementForm,
    "go_away": GoAwayForm,
    "come_back": ComeBackForm,
    "start_shift": StartShiftForm,
    "end_shift": EndShiftForm,
    "set_digest": DigestForm,
    "hand_over": HandOverForm,
    "write_reply": ReplyForm,
    "drop_reply": DropReplyForm,
    "make_link_code": LinkCodeForm,
    "change_role": ChangeRoleForm,
    "suspend_member": SuspendForm,
}


def moment_of(local: datetime | None, zone: tzinfo) -> Moment | None:
    """UTC milliseconds of a wall time; ValueError when that hour is skipped or out of range.

    An hour that comes twice, when clocks go back, means its first.
    """
    if local is None:
        return None
    try:
        aware = local.replace(tzinfo=zone)
        utc = aware.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(marked("That date is out of range. Choose another.")) from error
    if utc.astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError(
            marked("That hour does not exist on that day: clocks go forward. Choose another.")
        )
    return Moment((utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
