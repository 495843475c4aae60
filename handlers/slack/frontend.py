"""Cards in Slack's channels: one message for each, posted once and redrawn in place.

A posting carries its key in the message's metadata (`desk_card`), where it can be read back by
whoever may read the channel. `chat.postMessage` knows no idempotency key of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from bot.cards.card import Card, Spans, Text
from bot.cards.pages import Shot
from bot.cards.posting import Posting, Telling
from bot.errors import (
    CannotTell,
    PermissionMissing,
    Rejected,
    TargetGone,
    UnexpectedResponse,
)
from bot.model.audience import Audience
from bot.model.channel import ChatAbilities, ChatFinding, ChatRate, Place
from bot.model.ids import SECOND, MessageId, Moment, Monotonic, PostKey
from bot.model.media import OwnMedia
from bot.model.network import ReadBack
from bot.speech.speech import marked, speech_in
from handlers.pictures import shown_at_once
from handlers.slack.audiences import audience_of
from handlers.slack.drawn_charts import DrawnCharts
from handlers.slack.errors import BlocksRefused
from handlers.slack.line import SlackLine
from handlers.slack.manifest import missing_scopes
from handlers.slack.pictures import files_of, uploaded
from handlers.slack.render import REPEATED, render, zone_of
from handlers.slack.threads import thread_message

CHAT = "slack"
EVENT_TYPE = "desk_card"
THREAD_TYPE = "desk_thread"
PAGE = 200
MOST_PAGES = 10
PICTURES = marked("The pictures of this post:")
_LACKS = (
    "The app lacks {scopes}. Add what is missing under OAuth & Permissions, install the app anew, "
    "and put the new token in place."
)
EARLIER = 5 * SECOND
"""Slack's clock may be a little behind ours."""

ABILITIES = ChatAbilities(
    title="Slack",
    read_back=ReadBack.SETTLES,
    settle_seconds=2.0,
    # https://docs.slack.dev/apis/web-api/rate-limits: one a second in a channel, short bursts
    # are let pass; chat.update is tier 3, 50 a minute in the whole workspace. Of the sixty a
    # minute legal and safety risks have some for themselves: they never wait behind a flood.
    posts=ChatRate(48, 2),
    urgent=ChatRate(12, 2),
    threads=ChatRate(12, 3),
    edits_in_all=ChatRate(50, 10),
)


class SlackFrontend:
    """Implements `ChatFrontend`, `Threads`, `ShowsPictures` and `ReachesPeople` of `bot.ports`."""

    def __init__(self, line: SlackLine, drawn: DrawnCharts | None = None) -> None:
        """`drawn` are the pictures of charts for a workspace that takes none."""
        self._line = line
        self._drawn = drawn
        self._direct: dict[str, str] = {}
        self._draws_charts = True

    @property
    def abilities(self) -> ChatAbilities:
        return ABILITIES

    async def post(self, posting: Posting, deadline: Monotonic) -> MessageId:
        card, place = posting.card, posting.place
        again = (Text(card.speech.say(REPEATED)),) if posting.is_repeat else ()
        more = {
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": _metadata_of(EVENT_TYPE, {"post_key": posting.key, "token": card.key}),
        }
        notice = posting.notice or again
        answer = await self._send("chat.postMessage", place, card, notice, more, deadline)
        return _ts(answer)

    async def redraw(self, place: Place, message: MessageId, card: Card) -> None:
        # The key in the metadata has done its work: nobody looks for a message that is known.
        await self._send("chat.update", place, card, (), {"ts": message})
        if card.chart is not None and not self._draws_charts and self._drawn is not None:
            await self._drawn.show(place, message, card.chart, card.speech)

    async def _send(
        self,
        method: str,
        place: Place,
        card: Card,
        notice: Spans,
        more: dict[str, Any],
        deadline: Monotonic | None = None,
    ) -> Any:
        """Where Slack takes no charts yet nothing was done, and cards go without from then on.

        A picture that Slack cannot fetch is no reason either: this one goes without.
        """
        draws = self._draws_charts and card.chart is not None
        shows = bool(shown_at_once(card.media) or shown_at_once(card.context_media))
        message = _message(place, card, notice, has_chart=draws, has_picture=shows) | more
        try:
            return await self._line.write(method, message, deadline)
        except BlocksRefused:
            if not (draws or shows):
                raise
            self._draws_charts = self._draws_charts and not draws
        return await self._line.write(method, _message(place, card, notice) | more, deadline)

    async def direct(self, user: str) -> str:
        """Opening a conversation that is open already changes nothing; Slack answers the same id.

        It is asked for once: it never changes.
        """
        known = self._direct.get(user)
        if known is None:
            answer = await self._line.read("conversations.open", {"users": user})
            known = self._direct[user] = str((answer.get("channel") or {})["id"])
        return known

    async def find(self, key: PostKey, place: Place, since: Moment) -> MessageId | None:
        asked = _asked(place, since)
        return await self._search(
            "conversations.history", asked, lambda one: _key(one, EVENT_TYPE) == key
        )

    async def _search(
        self, method: str, arguments: dict[str, str], is_it: Callable[[Any], bool]
    ) -> MessageId | None:
        """The message that is meant; CannotTell where that cannot be read."""
        for _ in range(MOST_PAGES):
            answer = await self._page(method, arguments)
            for message in answer.get("messages", []):
                if is_it(message):
                    return MessageId(str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            arguments["cursor"] = cursor
        raise CannotTell("Too much was written in this channel since to look through.")

    async def tell(
        self, place: Place, message: MessageId, telling: Telling, deadline: Monotonic
    ) -> None:
        body = thread_message(telling, zone_of(place.zone)) | {
            "channel": place.channel,
            "thread_ts": message,
            "metadata": _metadata_of(THREAD_TYPE, {"post_key": telling.key}),
        }
        await self._line.write("chat.postMessage", body, deadline)

    async def is_told(self, place: Place, message: MessageId, key: PostKey, since: Moment) -> bool:
        arguments = _asked(place, since) | {"ts": message}
        found = await self._search(
            "conversations.replies", arguments, lambda one: _key(one, THREAD_TYPE) == key
        )
        return found is not None

    async def upload(self, shots: Sequence[Shot]) -> list[str]:
        return [await uploaded(self._line, shot) for shot in shots]

    async def show(
        self,
        place: Place,
        message: MessageId,
        files: Sequence[str],
        media: Sequence[OwnMedia],
        deadline: Monotonic,
    ) -> None:
        body = {
            "files": files_of(files, media),
            "channel_id": place.channel,
            "thread_ts": message,
            "initial_comment": speech_in(place.language).say(PICTURES),
        }
        await self._line.write("files.completeUploadExternal", body, deadline)

    async def are_shown(
        self, place: Place, message: MessageId, files: Sequence[str], since: Moment
    ) -> bool:
        arguments = _asked(place, since) | {"ts": message}
        wanted = set(files)
        found = await self._search(
            "conversations.replies", arguments, lambda one: bool(wanted & _files(one))
        )
        return found is not None

    async def audience(self, place: Place, people: Collection[str]) -> Audience:
        return await audience_of(self._line, place.channel, people)

    async def examine(self, places: Sequence[Place]) -> list[ChatFinding]:
        """Whose token it is, whether a socket can be opened, whether the bot is in the channels."""
        bot = await self._line.read("auth.test", {})
        found = [ChatFinding(f"This is @{bot.get('user')} of {bot.get('team')}.")]
        missing = missing_scopes((await self._line.ask("auth.test", {})).headers)
        if missing:
            found.append(ChatFinding(_LACKS.format(scopes=", ".join(missing)), is_trouble=True))
        if self._line.options.app_token:
            await self._line.open_socket()
            found.append(ChatFinding("A socket can be opened; no public address is needed."))
        return found + [await self._look_at(place) for place in places]

    async def _look_at(self, place: Place) -> ChatFinding:
        try:
            answer = await self._line.read("conversations.info", {"channel": place.channel})
        except (Rejected, PermissionMissing) as error:
            return ChatFinding(f"{place.channel}: {error}", is_trouble=True)
        channel = answer.get("channel") or {}
        name = f"#{channel.get('name', place.channel)}"
        if not channel.get("is_member"):
            says = f"The bot is not in {name}. Write /invite and its name there."
            return ChatFinding(says, is_trouble=True)
        return ChatFinding(f"Cards can be posted in {name}.")

    async def _page(self, method: str, arguments: dict[str, str]) -> Any:
        try:
            return await self._line.read(method, arguments)
        except (PermissionMissing, Rejected, TargetGone) as error:
            # Nothing that a later look would change.
            raise CannotTell(f"The channel cannot be read back: {error}") from error


def _message(
    place: Place,
    card: Card,
    notice: Spans,
    *,
    has_chart: bool = False,
    has_picture: bool = False,
) -> dict[str, Any]:
    zone = zone_of(place.zone)
    drawn = render(card, zone, notice=notice, has_chart=has_chart, has_picture=has_picture)
    return {
        "channel": place.channel,
        "text": drawn.text,
        "blocks": drawn.blocks,
        "parse": "none",
        "link_names": False,
    }


def _asked(place: Place, since: Moment) -> dict[str, str]:
    return {
        "channel": place.channel,
        "oldest": f"{max(0, since - EARLIER) / SECOND:.6f}",
        "include_all_metadata": "true",
        "limit": str(PAGE),
    }


def _metadata_of(event_type: str, payload: dict[str, str]) -> dict[str, Any]:
    return {"event_type": event_type, "event_payload": payload}


def _files(message: Any) -> set[str]:
    return {str(one.get("id")) for one in message.get("files") or []}


def _key(message: Any, event_type: str) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != event_type:
        return None
    key = (metadata.get("event_payload") or {}).get("post_key")
    return key if isinstance(key, str) else None


def _ts(answer: Any) -> MessageId:
    ts = answer.get("ts")
    if not isinstance(ts, str) or not 0 < len(ts) <= 40:
        raise UnexpectedResponse("Slack took the card without naming its message.")
    return MessageId(ts)
