"""Where the web process listens. The socket is there before anything is loaded that could answer:
who connects meanwhile waits in the queue of the system instead of being refused.
"""

from __future__ import annotations

import socket

from bot.errors import ConfigurationError

WAITING_AT_MOST = 1024


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; ConfigurationError when the port is taken or may not be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=WAITING_AT_MOST)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Another program may be "
            "listening there: stop it, or choose another port with PORT or desk.port."
        ) from error
