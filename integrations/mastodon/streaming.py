"""What happens now, over one WebSocket: the `user` stream and the watched hashtags.

There is no resuming: after a broken connection the desk polls, which fills the gap. Servers
advertise where they stream. GoToSocial says `wss://` even where it speaks plain HTTP, so on the
host of the base URL the base URL's scheme decides; another host is only spoken to over TLS, and
only when it is a public one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import aiohttp
from yarl import URL

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    PermissionMissing,
    RateLimited,
    Unavailable,
)
from bot.model.network import Batch, Observation, Watch
from integrations.guard import guarded_session
from integrations.mastodon.entities import Status
from integrations.mastodon.errors import RENEW
from integrations.mastodon.events import read_frame
from integrations.mastodon.legs import tags
from integrations.mastodon.reading import Ourselves
from integrations.mastodon.roots import Roots

HEARTBEAT_SECONDS = 30.0
LARGEST_FRAME = 1024 * 1024
_TEXT_ENDS = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)


def streaming_url(base_url: str, advertised: str | None) -> URL:
    """Where to connect. Unavailable when the advertised address cannot be trusted with a token."""
    base = URL(base_url)
    scheme = "wss" if base.scheme == "https" else "ws"
    try:
        told = URL(advertised or "")
        host, port = told.host, told.explicit_port
    except ValueError:
        host, port = None, None
        told = URL()
    if host is None or host == base.host:
        own = base.with_scheme(scheme).with_port(port or base.explicit_port)
        return _path(own)
    if told.scheme not in {"wss", "https"}:
        raise Unavailable(
            f"The Mastodon server streams on {host} without encryption, so the token is not sent "
            "there. The desk goes on by polling."
        )
    return _path(told.with_scheme("wss"))


def _path(place: URL) -> URL:
    return place.with_path("/api/v1/streaming").with_query({"stream": "user"})


class Streaming:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        roots: Roots,
        base_url: str,
        token: str,
        *,
        always: Sequence[str],
        allowed_hosts: Sequence[str],
        timeout: float,
    ) -> None:
        self._http = http
        self._roots = roots
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._always = always
        self._allowed_hosts = allowed_hosts
        self._timeout = timeout

    async def stream(
        self, watch: Watch, us: Ourselves, advertised: str | None
    ) -> AsyncIterator[Batch]:
        place = streaming_url(self._base_url, advertised)
        async with AsyncExitStack() as stack:
            http = self._http
            if place.host != URL(self._base_url).host:
                http = await stack.enter_async_context(guarded_session(self._allowed_hosts))
            socket = await self._connect(http, place)
            stack.push_async_callback(socket.close)
            await self._subscribe(socket, tags(self._always, watch))
            while True:
                observation = await self._next(socket, us)
                if observation is not None:
                    yield Batch((observation,))

    async def _connect(
        self, http: aiohttp.ClientSession, place: URL
    ) -> aiohttp.ClientWebSocketResponse:
        refusal: ConnectorError
        try:
            async with asyncio.timeout(self._timeout):
                return await http.ws_connect(
                    place,
                    headers=self._headers,
                    heartbeat=HEARTBEAT_SECONDS,
                    max_msg_size=LARGEST_FRAME,
                )
        except aiohttp.WSServerHandshakeError as error:
            refusal = _refused(error.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            refusal = Unavailable(
                f"The Mastodon server's stream could not be reached ({type(error).__name__}); "
                "the desk goes on by polling."
            )
        # Not chained: a failed handshake remembers its request, and with it the token.
        raise refusal

    async def _subscribe(
        self, socket: aiohttp.ClientWebSocketResponse, watched: Sequence[str]
    ) -> None:
        for tag in watched:
            order = {"type": "subscribe", "stream": "hashtag", "tag": tag}
            try:
                await socket.send_str(json.dumps(order))
            except (aiohttp.ClientError, OSError) as error:
                raise _broken() from error

    async def _next(
        self, socket: aiohttp.ClientWebSocketResponse, us: Ourselves
    ) -> Observation | None:
        """The next frame; the heartbeat ends a connection that died in silence."""
        try:
            message = await socket.receive()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _broken() from error
        if message.type in _TEXT_ENDS or message.type is aiohttp.WSMsgType.ERROR:
            raise _broken()
        if message.type is not aiohttp.WSMsgType.TEXT or not message.data.strip():
            return None
        told = read_frame(message.data, us)
        return await self._roots.place(told, us) if isinstance(told, Status) else told


def _broken() -> Unavailable:
    return Unavailable("The Mastodon server closed the stream; it is opened again soon.")


def _refused(status: int) -> ConnectorError:
    if status == 401:
        return AuthenticationFailed(f"The stream does not accept our access token. {RENEW}")
    if status == 403:
        return PermissionMissing(
            "The stream does not let us in: the token lacks the scope read:notifications. Add it "
            "to the application and make a new token.",
            scope="read:notifications",
        )
    if status == 429:
        return RateLimited("The Mastodon server asks us to wait before streaming.")
    return Unavailable(
        f"The Mastodon server does not stream now ({status}); the desk goes on by polling."
    )
