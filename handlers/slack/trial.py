"""One card of the live checklist in a real channel: posted, found, redrawn, pressed, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any

from bot.cards.posting import Posting
from bot.cards.smoke_card import ASKS, HOSTILE, smoke_card
from bot.errors import TargetGone, UnexpectedResponse
from bot.model.channel import Place
from bot.model.ids import CardToken, MessageId, Monotonic, PostKey
from bot.model.smoke import SmokeFinding, SmokeSkipped, failed, passed, seen
from bot.ports import Clock, Witness
from handlers.slack import blocks
from handlers.slack.ear import Ear
from handlers.slack.frontend import ABILITIES, SlackFrontend
from handlers.slack.line import SlackLine
from handlers.slack.modals import Asking, Memory, entry
from handlers.slack.render import ACT, render, zone_of
from handlers.slack.spans import Element
from handlers.slack.unseen import UNNAMED, Shape

PRESS_SECONDS = 120.0
"""How long a person has to press."""
MODAL_SECONDS = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction: how long a trigger is good."""
LOOK_SECONDS = 20.0
PAUSE = 0.25
LIVE = frozenset({"user", "usergroup", "broadcast", "channel", "team"})
"""Elements of rich text that notify somebody."""


class CardOnTrial:
    """`place` None: no channel is configured. `key` is what the card is found again by."""

    def __init__(
        self,
        line: SlackLine,
        clock: Clock,
        place: Place | None,
        key: PostKey,
        token: CardToken,
        *,
        is_socket: bool,
    ) -> None:
        self._line = line
        self._clock = clock
        self._named = place
        self._key = key
        self._token = token
        self._is_socket = is_socket
        self._frontend = SlackFrontend(line)
        self._ear = Ear(line, clock)
        self._posted: list[MessageId] = []
        self._posted_at = clock.now()
        self._card: MessageId | None = None
        self._revision = 1
        self._user = ""

    def shapes(self) -> Sequence[Shape]:
        """What the desk draws for it, to be validated before anything is posted."""
        zone = zone_of(self._named.zone if self._named else "UTC")
        drawn = render(smoke_card(self._token, self._revision, self._clock.now()), zone)
        return (("the card", "blocks", drawn.blocks), ("its modal", "view", self._modal()))

    async def post(self, _witness: Witness) -> SmokeFinding:
        self._posted_at = self._clock.now()
        card = smoke_card(self._token, self._revision, self._posted_at)
        posting = Posting(self._key, self._place, card)
        self._card = await self._frontend.post(posting, self._soon())
        self._posted.append(self._card)
        return passed(f"The card stands in {self._place.channel}.")

    async def find(self, _witness: Witness) -> SmokeFinding:
        """How long the history needs is what an unknown posting waits before it is repeated."""
        card, begun = self._shown(), self._clock.monotonic()
        while (took := self._clock.monotonic() - begun) < LOOK_SECONDS:
            found = await self._frontend.find(self._key, self._place, self._posted_at)
            if found == card:
                break
            await asyncio.sleep(PAUSE)
        else:
            return failed(
                f"The card is not in the history after {LOOK_SECONDS:g} s. A card whose answer is "
                "lost would be posted twice here; please report this."
            )
        if took > ABILITIES.settle_seconds:
            return failed(
                f"The history showed the card only after {took:.1f} s; the desk waits "
                f"{ABILITIES.settle_seconds:g} s. Please report this."
            )
        return passed(f"Found in the history by its key after {took:.1f} s.")

    async def words(self, witness: Witness) -> SmokeFinding:
        message = await self._read_back()
        elements = list(_elements(message.get("blocks") or []))
        live = sorted({one["type"] for one in elements} & LIVE)
        if live:
            return failed(f"Slack made {', '.join(live)} of somebody's words. Please report this.")
        if _bare(HOSTILE) not in _bare("".join(_said(one) for one in elements)):
            return failed("Slack does not show somebody's words as they are. Please report this.")
        return seen(
            await witness.sees(
                "  Look at the card: is all of “<!channel> … [link]” plain text, and was nobody "
                "notified?"
            ),
            "Words that look like mentions and markup stayed words.",
            "Words of a stranger became live in the channel. Please report this.",
        )

    async def redraw(self, witness: Witness) -> SmokeFinding:
        card, before = self._shown(), await self._read_back()
        self._revision += 1
        await self._redrawn()
        await self._redrawn()  # the same once more is no error
        after = await self._read_back()
        if after.get("ts") != card or after.get("blocks") == before.get("blocks"):
            return failed("The card did not change in its place. Please report this.")
        return passed("The card was redrawn in its place, and the same once more was no error.")

    async def press(self, witness: Witness) -> SmokeFinding:
        self._shown()
        if not self._is_socket:
            raise SmokeSkipped("Start the desk, and press a button of a real card: a modal opens.")
        if not witness.is_there:
            raise SmokeSkipped("Nobody is there to press. Run it without --yes.")
        witness.told(f"Press “{ASKS}” on the card, within {PRESS_SECONDS:g} s.")
        pressed = await self._ear.hears(rf"^{ACT}\.change$", PRESS_SECONDS, self._modal())
        self._user = pressed.user
        if pressed.after > MODAL_SECONDS:
            return failed(f"The modal took {pressed.after:.1f} s; a trigger is good for three.")
        return seen(
            await witness.sees("  Did a window open? Close it, then answer."),
            f"The press came by the socket, its modal stood after {pressed.after:.2f} s.",
            "Slack took the modal but did not show it. Please report this.",
        )

    async def menu(self, witness: Witness) -> SmokeFinding:
        self._shown()
        if not self._is_socket or not witness.is_there:
            raise SmokeSkipped("Nobody is there to choose, or there is no socket to hear it.")
        witness.told(f"Choose anything under “More…” on the card, within {PRESS_SECONDS:g} s.")
        await self._ear.hears(rf"^{ACT}\.more$", PRESS_SECONDS)
        self._revision += 1
        await self._redrawn()
        return seen(
            await witness.sees("  Does the menu say “More…” again?"),
            "A redrawn card has its menu unset.",
            "A redrawn card keeps what was chosen in its menu, so the same cannot be chosen twice. "
            "Please report this.",
        )

    async def whisper(self, witness: Witness) -> SmokeFinding:
        if not self._user:
            raise SmokeSkipped("Nobody pressed, so there is nobody to tell it to.")
        body = {"channel": self._place.channel, "user": self._user, "parse": "none"}
        await self._line.write("chat.postEphemeral", body | {"text": "replydesk smoke: for you."})
        return seen(
            await witness.sees("  Did “replydesk smoke: for you.” come, “only visible to you”?"),
            "One person was told alone.",
            "The person did not see what was for them alone. Please report this.",
        )

    async def thread(self, _witness: Witness) -> SmokeFinding:
        says = "replydesk smoke: in the thread"
        body = {"channel": self._place.channel, "thread_ts": self._shown(), "text": says}
        answer = await self._line.write(
            "chat.postMessage", body | {"blocks": [blocks.note("said", says)], "parse": "none"}
        )
        self._posted.append(MessageId(str(answer.get("ts"))))
        return passed("A message stands in the card's thread.")

    async def tidy(self, _witness: Witness) -> SmokeFinding:
        if not self._posted:
            return passed("There is nothing to delete.")
        for message in reversed(self._posted):
            try:
                await self._line.write(
                    "chat.delete", {"channel": self._place.channel, "ts": message}
                )
            except TargetGone:
                continue
        return passed("What was posted is deleted again.")

    # The pieces

    @property
    def _place(self) -> Place:
        if self._named is None:
            raise SmokeSkipped(UNNAMED)
        return self._named

    def _shown(self) -> MessageId:
        if self._card is None:
            raise SmokeSkipped("No card was posted, so there is nothing to look at.")
        return self._card

    def _soon(self) -> Monotonic:
        return Monotonic(self._clock.monotonic() + 10.0)

    def _modal(self) -> Element:
        card = smoke_card(self._token, self._revision, self._clock.now())
        return entry(Asking(card, card.actions[0], Memory(), zone_of("UTC")))

    async def _redrawn(self) -> None:
        card = smoke_card(self._token, self._revision, self._clock.now())
        await self._frontend.redraw(self._place, self._shown(), card)

    async def _read_back(self) -> Mapping[str, Any]:
        answer = await self._line.read(
            "conversations.history",
            {
                "channel": self._place.channel,
                "latest": self._shown(),
                "oldest": self._shown(),
                "inclusive": "true",
                "limit": "1",
                "include_all_metadata": "true",
            },
        )
        found: Sequence[Mapping[str, Any]] = answer.get("messages", [])
        if not found:
            raise UnexpectedResponse("The card cannot be read back from the history.")
        return found[0]


def _elements(thing: Any) -> Iterator[Mapping[str, Any]]:
    """Everything inside that has a type, at whatever depth."""
    if isinstance(thing, list):
        for one in thing:
            yield from _elements(one)
    elif isinstance(thing, dict):
        if isinstance(thing.get("type"), str):
            yield thing
        for value in thing.values():
            yield from _elements(value)


def _said(element: Mapping[str, Any]) -> str:
    told = element.get("text", element.get("url", ""))
    return told if isinstance(told, str) else ""


def _bare(text: str) -> str:
    """Whether Slack escapes what it tells back is nothing that a reader sees."""
    return unescape(unescape(text))
