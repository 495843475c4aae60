"""Why Redis does not do what it is asked, in a sentence that says what to mend."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from redis import exceptions as refused

REFUSALS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (
        (
            refused.AuthenticationError,
            refused.AuthorizationError,
            refused.AuthenticationWrongNumberOfArgsError,
            refused.NoPermissionError,
        ),
        "does not let us in. Look at the user and password in REDIS_URL",
    ),
    (refused.BusyLoadingError, "is still loading its data"),
    (refused.OutOfMemoryError, "is full. Give it more memory"),
    (refused.ReadOnlyError, "is a copy that takes no writes. Name its primary in REDIS_URL"),
    (refused.InvalidResponse, "does not speak as Redis does. Correct REDIS_URL"),
)
"""The first that fits is said."""


def explain(error: Exception, place: str, seconds: float) -> str:
    """One sentence; what the server itself said is in it only when nothing better is known."""
    if _is_about_certificate(error):
        return (
            f"Redis at {place} shows a certificate that nobody trusted here has signed. Add its "
            "authority to REDIS_URL: ?ssl_ca_certs=/path/to/file."
        )
    for kinds, says in REFUSALS:
        if isinstance(error, kinds):
            return f"Redis at {place} {says}."
    if isinstance(error, (TimeoutError, refused.TimeoutError)):
        return f"Redis at {place} did not answer within {seconds:g} seconds."
    if isinstance(error, refused.ResponseError):
        return f"Redis at {place} refused: {error}."
    return f"Redis at {place} cannot be reached. See that it runs and that REDIS_URL is right."


def place_of(address: str) -> str:
    """Host and port, or the socket's path: an address without its user and password."""
    parts = urlsplit(address)
    return parts.netloc.rpartition("@")[2] or parts.path


def _is_about_certificate(error: BaseException | None) -> bool:
    """The library tells it as any failure to connect, with the reason behind it."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
