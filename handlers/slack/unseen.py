"""The part of the live checklist in Slack that nobody sees: token, scopes, socket, validity."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import ClientError, WSMsgType

from bot.errors import Unavailable, UnexpectedResponse
from bot.model.channel import Place
from bot.model.smoke import SmokeFinding, SmokeSkipped, failed, not_checked, passed
from bot.ports import Clock, Witness
from handlers.slack.frontend import SlackFrontend
from handlers.slack.line import SlackLine
from handlers.slack.manifest import SCOPES, missing_scopes

HELLO_SECONDS = 10.0
LONGEST_WAIT = 30.0
UNNAMED = 'No channel is named. Add [[brands.channels]] with chat = "slack", then run it again.'

Shape = tuple[str, str, Any]
"""What it is called, `blocks` or `view`, and the thing itself."""


class Unseen:
    def __init__(
        self,
        line: SlackLine,
        clock: Clock,
        place: Place | None,
        shapes: Sequence[Shape],
        *,
        is_socket: bool,
    ) -> None:
        self._line = line
        self._clock = clock
        self._place = place
        self._shapes = shapes
        self._is_socket = is_socket

    async def token(self, _witness: Witness) -> SmokeFinding:
        bot = await self._line.read("auth.test", {})
        return passed(f"The token is that of @{bot.get('user')} in {bot.get('team')}.")

    async def scopes(self, _witness: Witness) -> SmokeFinding:
        answer = await self._line.ask("auth.test", {})
        missing = missing_scopes(answer.headers)
        if missing is None:
            return not_checked("Slack did not say which scopes the token has.")
        if missing:
            return failed(
                f"The app lacks {', '.join(missing)}. Add it under OAuth & Permissions, install "
                "the app anew, and put the new token in place."
            )
        return passed(f"All {len(SCOPES)} scopes of the manifest are there.")

    async def socket(self, _witness: Witness) -> SmokeFinding:
        if not self._is_socket:
            return not_checked('[slack] mode is "http": presses come to desk.public_url.')
        address = await self._line.open_socket()
        begun = self._clock.monotonic()
        try:
            async with (
                asyncio.timeout(HELLO_SECONDS),
                self._line.session.ws_connect(address) as socket,
            ):
                frame = await socket.receive()
        except (ClientError, OSError, TimeoutError) as error:
            raise Unavailable(
                "Slack's socket did not answer. Let outgoing wss:// connections through."
            ) from error
        hello = json.loads(frame.data) if frame.type is WSMsgType.TEXT else {}
        if hello.get("type") != "hello":
            raise UnexpectedResponse("Slack's socket stands but did not say hello.")
        took = self._clock.monotonic() - begun
        return passed(f"Slack said hello on a socket after {took:.1f} s.")

    async def channel(self, _witness: Witness) -> SmokeFinding:
        if self._place is None:
            raise SmokeSkipped(UNNAMED)
        found = (await SlackFrontend(self._line).examine([self._place]))[-1]
        return failed(found.says) if found.is_trouble else passed(found.says)

    async def blocks(self, _witness: Witness) -> SmokeFinding:
        """With the vendor's own validator, which needs no scope and shows nobody anything."""
        refused = []
        for name, kind, shape in self._shapes:
            answer = await self._validated(kind, shape)
            code = str(answer.get("error", ""))
            if code == "unknown_method" or not (code or answer.get("ok")):
                return not_checked("This Slack has no blocks.validate yet; the next steps tell.")
            if code.startswith("invalid_") and answer.get("errors"):
                refused.append(f"{name}: {_first(answer['errors'])}")
            elif not answer.get("ok"):
                return failed(f"blocks.validate refused to look: {code}.")
        if refused:
            says = (
                f"{len(refused)} of {len(self._shapes)} are not valid. Please report this; first "
            )
            return failed(says + refused[0])
        return passed(f"Slack finds all {len(self._shapes)} cards and views valid.")

    async def _validated(self, kind: str, shape: Any) -> Mapping[str, Any]:
        while True:
            answer = await self._line.ask("blocks.validate", {kind: json.dumps(shape)})
            if answer.status != 429:
                return answer.data
            told = answer.headers.get("Retry-After", "")
            await asyncio.sleep(min(float(told) if told.isdecimal() else 1.0, LONGEST_WAIT))


def _first(errors: Sequence[Mapping[str, Any]]) -> str:
    error = errors[0]
    return f"{error.get('message', error.get('code', ''))} at {error.get('pointer', '')}"
