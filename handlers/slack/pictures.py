"""Pictures into Slack: uploaded by the flow in three steps, and shown in the thread under a card.

    files.getUploadURLExternal    an address for so many bytes, and the file's id
    POST to that address          the bytes; nobody sees them yet
    files.completeUploadExternal  all of them appear together, as one message of the thread

https://docs.slack.dev/messaging/working-with-files. The ids are known before anything can be seen,
so a lost answer is looked for by them. Image blocks with a `slack_file` are not used: Slack refuses
them while it still prepares a file, and of a file that was shared nowhere people see nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.pages import Shot
from bot.errors import UnexpectedResponse
from bot.model.media import OwnMedia
from handlers.shortening import cut
from handlers.slack.line import SlackLine
from handlers.slack.spans import Element
from handlers.visible import visible

TITLE = 200
ALT = 1_000


async def uploaded(line: SlackLine, shot: Shot) -> str:
    """The id of one picture that is in Slack and seen by nobody."""
    name = f"{shot.hash[:12]}.{shot.content_type.rpartition('/')[2]}"
    described = cut(visible(shot.alt_text), ALT)
    asked = {"filename": name, "length": str(len(shot.data)), "alt_txt": described}
    answer = await line.read("files.getUploadURLExternal", asked)
    address, file = answer.get("upload_url"), answer.get("file_id")
    if not isinstance(address, str) or not isinstance(file, str) or not file:
        raise UnexpectedResponse("Slack took a picture without saying where it is to go.")
    await line.upload(address, shot.data, shot.content_type)
    return file


def files_of(files: Sequence[str], media: Sequence[OwnMedia]) -> list[Element]:
    """What `files.completeUploadExternal` shows: each under its description."""
    described = [cut(visible(one.alt_text), TITLE) for one in media]
    return [{"id": file, "title": title} for file, title in zip(files, described, strict=True)]
