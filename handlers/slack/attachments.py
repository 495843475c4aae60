"""Pictures that a person attached to a modal: fetched from Slack and kept, before anything is said.

A submission must be answered within three seconds, and a picture can take longer. So it is fetched
for a moment; what is not there by then goes on being fetched, the modal stays open with everything
in it, and the next press finds what came meanwhile. Nothing is acknowledged that is not kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import ConnectorError, PermissionMissing, Rejected
from bot.logs import get_logger
from bot.model.commands import AddPicture, PictureRef
from bot.model.ids import MediaHash
from bot.model.media import MAX_BYTES
from bot.model.member import ChatIdentity
from bot.speech.speech import marked
from handlers.post_pictures import Refusal
from handlers.slack.clerk import Clerk
from handlers.slack.line import SlackLine
from handlers.slack.payloads import FileOf, command_id

FETCH_SECONDS = 0.9
"""Of the three that Slack waits; the post itself takes up to two."""
MOST_KNOWN = 500

_STILL = marked("Slack is still handing over the pictures. Send it again in a moment.")
_NOT_GIVEN = marked("Slack did not give us the picture {name}. Send it again, or attach it anew.")
_NO_SCOPE = marked(
    "Slack's app may not read files yet. An admin adds the scope files:read and installs it anew; "
    "until then add pictures in the console."
)
_TOO_LARGE = marked("{name} is larger than 8 MiB. Make it smaller and attach it again.")
_NO_PICTURE = marked("{name} is not a PNG, JPEG, GIF or WebP picture. Attach another file.")
_UNDESCRIBED = marked(
    "Describe every picture in a line of its own, for people who cannot see it. Pictures: "
    "{pictures}, lines: {lines}."
)
_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def descriptions(text: str, pictures: int) -> tuple[str, ...]:
    """One line for each picture; Refusal when they are not as many."""
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if pictures and len(lines) != pictures:
        raise Refusal(_UNDESCRIBED, pictures=pictures, lines=len(lines))
    return lines


@dataclass(slots=True)
class Attachments:
    """`_kept` is what came, by Slack's id of the file and whose it is."""

    clerk: Clerk
    line: SlackLine
    seconds: float = FETCH_SECONDS
    _kept: dict[tuple[str, str], MediaHash] = field(default_factory=dict)
    _coming: dict[tuple[str, str], asyncio.Task[MediaHash]] = field(default_factory=dict)

    async def fetched(
        self, who: ChatIdentity, files: Sequence[FileOf], described: Sequence[str]
    ) -> tuple[PictureRef, ...]:
        """All of them, kept; Refusal when one cannot be had, or not yet. NotSaved."""
        for file in files:
            _refuse_at_sight(file)
        coming = [self._start(who, file) for file in files if (who.user, file.id) not in self._kept]
        if coming:
            _done, late = await asyncio.wait(coming, timeout=self.seconds)
            if late:
                raise Refusal(_STILL)
        hashes = [self._taken(who, file) for file in files]
        return tuple(PictureRef(*one) for one in zip(hashes, described, strict=True))

    def _start(self, who: ChatIdentity, file: FileOf) -> asyncio.Task[MediaHash]:
        key = (who.user, file.id)
        if key not in self._coming:
            task = asyncio.create_task(self._fetch(who, file), name="slack-picture")
            # whoever never presses again is told nothing, and nobody else has to be
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            self._coming[key] = task
        return self._coming[key]

    def _taken(self, who: ChatIdentity, file: FileOf) -> MediaHash:
        """What its task brought; raises what kept it from coming, and forgets the task."""
        key = (who.user, file.id)
        task = self._coming.pop(key, None)
        if task is not None:
            self._kept[key] = task.result()
            while len(self._kept) > MOST_KNOWN:
                del self._kept[next(iter(self._kept))]
        return self._kept[key]

    async def _fetch(self, who: ChatIdentity, file: FileOf) -> MediaHash:
        try:
            data = await self.line.download(file.address, MAX_BYTES)
        except PermissionMissing as error:
            raise Refusal(_NO_SCOPE) from error
        except Rejected as error:
            raise Refusal(_TOO_LARGE, name=file.name) from error
        except ConnectorError as error:
            get_logger("slack").warning("picture_not_loaded", says=str(error))
            raise Refusal(_NOT_GIVEN, name=file.name) from error
        id_ = command_id(who.user, file.id, "picture")
        outcome = await self.clerk.perform(who, id_, AddPicture(file.mimetype, data))
        if not outcome.is_done:
            raise Refusal(outcome.says)
        return MediaHash(outcome.note)


def _refuse_at_sight(file: FileOf) -> None:
    if file.mimetype not in _TYPES:
        raise Refusal(_NO_PICTURE, name=file.name)
    if file.size > MAX_BYTES:
        raise Refusal(_TOO_LARGE, name=file.name)
    if not file.address:
        raise Refusal(_NOT_GIVEN, name=file.name)
