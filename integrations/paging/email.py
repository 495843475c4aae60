"""E-mail by SMTP, step by step, so that it is known what may have left.

The standard library's client is blocking and runs in a thread: a page is rare, and a connection is
made for each. Until the final dot of DATA is sent nothing was handed over; after it only the
server's answer tells. A repeat carries the same Message-ID, by which many mailboxes show it once,
but none promises that: it is marked.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import SECOND, Monotonic
from bot.model.paging import OutgoingPage, PagerAbilities
from integrations.paging.options import EmailOptions

TITLE = "E-mail"
STEP_SECONDS = 4.0
"""How long one step of the conversation may take."""
SUBJECT = 180


class EmailPager:
    """Implements `Pager`."""

    def __init__(self, options: EmailOptions) -> None:
        self._options = options

    @property
    def abilities(self) -> PagerAbilities:
        return PagerAbilities(TITLE, knows_keys=False, answer_seconds=15.0)

    async def page(self, page: OutgoingPage, deadline: Monotonic) -> str:
        if not page.email:
            name = page.name or "whoever is on call"
            raise Unavailable(f"There is no e-mail address of {name}.")
        message = self._message(page)
        return await asyncio.to_thread(self._send, page.email, message, deadline)

    def _message(self, page: OutgoingPage) -> EmailMessage:
        message = EmailMessage()
        again = "[sent again] " if page.is_repeat else ""
        message["Subject"] = " ".join(f"{again}{page.summary}".split())[:SUBJECT]
        message["From"] = self._options.sender
        message["To"] = Address(page.name, addr_spec=page.email)
        message["Date"] = formatdate(page.at / SECOND, usegmt=True)
        domain = self._options.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{page.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Importance"] = "high"
        parts = (page.summary, page.details, page.link)
        message.set_content("\n\n".join(part for part in parts if part) + "\n")
        return message

    def _send(self, to: str, message: EmailMessage, deadline: Monotonic) -> str:
        """In a thread. The server's own words on what it took."""
        try:
            client = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise _before(error) from error
        try:
            return self._handed_over(client, to, message, deadline)
        finally:
            client.close()

    def _connected(self) -> smtplib.SMTP:
        options, context = self._options, ssl.create_default_context()
        client: smtplib.SMTP
        if options.security == "tls":
            client = smtplib.SMTP_SSL(
                options.server, options.port, timeout=STEP_SECONDS, context=context
            )
        else:
            client = smtplib.SMTP(options.server, options.port, timeout=STEP_SECONDS)
        try:
            client.ehlo_or_helo_if_needed()
            if options.security == "starttls":
                client.starttls(context=context)
            if options.user:
                client.login(options.user, options.password)
        except BaseException:
            client.close()
            raise
        return client

    def _handed_over(
        self, client: smtplib.SMTP, to: str, message: EmailMessage, deadline: Monotonic
    ) -> str:
        try:
            _taken(client.mail(self._options.sender))
            _taken(client.rcpt(to))
            _taken(client.docmd("DATA"), wanted=354)
        except (OSError, smtplib.SMTPException) as error:
            raise _before(error) from error
        if self._options.clock.monotonic() >= deadline:
            # without its final dot the message is none
            raise Unavailable("The mail server was too slow; nothing was sent.")
        try:
            client.send(_dotted(message))
            code, said = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise OutcomeUnknown("The mail server did not say whether it took it.") from error
        _taken((code, said))
        return said.decode("utf-8", "replace")


def _taken(answer: tuple[int, bytes], wanted: int = 250) -> None:
    """RFC 5321, 4.2.1: 4yz is for now, 5yz for good."""
    code, said = answer
    if code in {wanted, 251}:
        return
    says = said.decode("utf-8", "replace")[:200]
    if 400 <= code < 500:
        raise Unavailable(f"The mail server takes nothing now ({code}): {says}")
    if 500 <= code < 600:
        raise Rejected(f"The mail server refused ({code}): {says}")
    raise UnexpectedResponse(f"The mail server answered {code}.", payload=says)


def _before(error: Exception) -> ConnectorError:
    """What went wrong before anything was handed over."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return AuthenticationFailed("The mail server refuses user and password of the route.")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Rejected(f"The mail server cannot do what the route asks: {error}")
    return Unavailable(f"The mail server could not be reached ({type(error).__name__}).")


def _dotted(message: EmailMessage) -> bytes:
    """As DATA carries it: CRLF, a dot doubled where it begins a line, and the final one."""
    lines = message.as_bytes().replace(b"\r\n", b"\n").split(b"\n")
    told = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return told.rstrip(b"\r\n") + b"\r\n.\r\n"
