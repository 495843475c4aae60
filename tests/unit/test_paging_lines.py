"""Pagers as their vendors document them: what is taken and refused, and what is told after."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from email import message_from_string

import aiohttp
import pytest

from bot.coordination.clock import SystemClock
from bot.errors import (
    AuthenticationFailed,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from bot.model.ids import SECOND, Moment, Monotonic, PostKey
from bot.model.incident import AlertKind, Severity
from bot.model.oncall import RouteKind
from bot.model.paging import OutgoingPage
from bot.ports import Pager, Settles
from integrations.paging import BY_HTTP, EmailOptions, Heartbeat, HttpOptions
from integrations.paging.email import EmailPager
from tests.fakes.paging_servers import GENIE_KEY, ROUTING_KEY, Fault, MailServer, PagingServer
from tests.services import LOOPBACK

CLOCK = SystemClock()
PAGE = OutgoingPage(
    key=PostKey("ab" * 16),
    brand="Acme Tea",
    incident=12,
    kind=AlertKind.SAFETY,
    severity=Severity.CRITICAL,
    summary="Somebody may be harmed: 1 so far. @acme" + "!" * 2_000,
    details="My son fell ill.\n.hidden line" + "?" * 20_000,
    link="https://desk.example/cards/abc",
    at=Moment(1_796_029_200_000),
    member="bob",
    name="Bob",
    email="bob@acme.example",
    phone="+40 700 000 000",
)
KINDS = (RouteKind.PAGERDUTY, RouteKind.OPSGENIE, RouteKind.ALERTMANAGER, RouteKind.WEBHOOK)
PATHS = {RouteKind.ALERTMANAGER: "/alertmanager", RouteKind.WEBHOOK: "/hook"}
SECRETS = {RouteKind.PAGERDUTY: ROUTING_KEY, RouteKind.OPSGENIE: GENIE_KEY}
Make = Callable[..., Pager]


def soon(seconds: float = 5) -> Monotonic:
    return Monotonic(CLOCK.monotonic() + seconds)


@pytest.fixture
async def server() -> AsyncIterator[PagingServer]:
    async with PagingServer().serving() as served:
        yield served


@pytest.fixture
async def make(server: PagingServer) -> AsyncIterator[Make]:
    async with aiohttp.ClientSession() as http:

        def made(kind: RouteKind, secret: str | None = None, *, knows_keys: bool = True) -> Pager:
            url = server.url + PATHS.get(kind, "")
            key = SECRETS.get(kind, "") if secret is None else secret
            return BY_HTTP[kind](HttpOptions(http, CLOCK, url, key, knows_keys))

        yield made


@pytest.mark.parametrize("kind", KINDS)
async def test_a_page_is_taken_within_all_limits(
    server: PagingServer, make: Make, kind: RouteKind
) -> None:
    receipt = await make(kind).page(PAGE, soon())
    assert receipt
    assert len(server.notified) == 1
    _path, form, _headers = server.requests[0]
    assert "desk.example" in str(form)
    assert "Bob" in str(form) or "bob" in str(form)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_page_sent_twice_wakes_once(
    server: PagingServer, make: Make, kind: RouteKind
) -> None:
    pager = make(kind)
    assert pager.abilities.knows_keys
    server.fail(Fault.LOSE_ANSWER)
    with pytest.raises(OutcomeUnknown):
        await pager.page(PAGE, soon())
    await pager.page(replace(PAGE, is_repeat=True), soon())
    assert len(server.notified) == 1
    other = replace(PAGE, key=PostKey("cd" * 16))
    await pager.page(other, soon())
    assert len(server.notified) == 2


@pytest.mark.parametrize(
    ("kind", "acknowledged", "over"),
    [
        (RouteKind.PAGERDUTY, "acknowledge", "resolve"),
        (RouteKind.OPSGENIE, "acknowledge", "close"),
        (RouteKind.ALERTMANAGER, "open", "resolved"),
        (RouteKind.WEBHOOK, "acknowledged", "resolved"),
    ],
)
async def test_it_is_told_that_somebody_is_at_it_and_that_it_is_over(
    server: PagingServer, make: Make, kind: RouteKind, acknowledged: str, over: str
) -> None:
    pager = make(kind)
    await pager.page(PAGE, soon())
    assert isinstance(pager, Settles)
    statuses = []
    for is_over in (False, True):
        await pager.settle(PAGE, is_over=is_over)
        [alert] = server.alerts.values()
        statuses.append(alert["status"])
    assert statuses == [acknowledged, over]
    assert len(server.notified) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.LOSE_REQUEST, OutcomeUnknown),
        (Fault.FAULT, OutcomeUnknown),
        (Fault.TOO_MANY, RateLimited),
        (Fault.REDIRECT, Rejected),
    ],
)
async def test_every_failure_has_the_class_that_says_what_to_do(
    server: PagingServer, make: Make, kind: RouteKind, fault: Fault, error: type[Exception]
) -> None:
    server.fail(fault)
    before = CLOCK.now()
    with pytest.raises(error) as raised:
        await make(kind).page(PAGE, soon())
    if isinstance(raised.value, RateLimited):
        assert raised.value.until is not None
        assert 6 * SECOND < raised.value.until - before < 9 * SECOND


async def test_a_wrong_key_is_told_apart_from_a_refused_page(
    server: PagingServer, make: Make
) -> None:
    with pytest.raises(AuthenticationFailed):
        await make(RouteKind.OPSGENIE, "wrong").page(PAGE, soon())
    with pytest.raises(Rejected, match="Invalid routing key"):
        await make(RouteKind.PAGERDUTY, "wrong").page(PAGE, soon())
    assert server.notified == []


@pytest.mark.parametrize("kind", KINDS)
async def test_past_the_deadline_nothing_leaves(
    server: PagingServer, make: Make, kind: RouteKind
) -> None:
    with pytest.raises(Unavailable):
        await make(kind).page(PAGE, soon(-1))
    assert server.requests == []


async def test_a_webhook_gets_whom_to_call_and_a_key(server: PagingServer, make: Make) -> None:
    pager = make(RouteKind.WEBHOOK, "token-1", knows_keys=False)
    assert not pager.abilities.knows_keys
    assert await pager.page(PAGE, soon()) == "sms-1"
    _path, form, headers = server.requests[0]
    assert headers["Idempotency-Key"] == f'"{PAGE.key}"'
    assert headers["Authorization"] == "Bearer token-1"
    assert form["member"]["phone"] == "+40 700 000 000"
    assert form["sent_again"] is False


async def test_a_heartbeat_is_a_plain_get(server: PagingServer) -> None:
    async with aiohttp.ClientSession() as http:
        heartbeat = Heartbeat(HttpOptions(http, CLOCK, f"{server.url}/beat"))
        await heartbeat.beat()
        server.fail(Fault.FAULT)
        with pytest.raises(Unavailable):
            await heartbeat.beat()
    assert server.beats == 2


# --- e-mail


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with MailServer().serving() as served:
        yield served


def emailing(mail: MailServer) -> EmailPager:
    options = EmailOptions(CLOCK, LOOPBACK, mail.port, "desk@acme.example", security="none")
    return EmailPager(options)


async def test_a_page_by_mail_has_its_key_as_its_message_id(mail: MailServer) -> None:
    assert await emailing(mail).page(PAGE, soon()) == "queued as 4711"
    [(sender, to, content)] = mail.mails
    assert (sender, to) == ("desk@acme.example", "bob@acme.example")
    message = message_from_string(content)
    assert message["Message-ID"] == f"<{PAGE.key}@acme.example>"
    assert message["Subject"].startswith("Somebody may be harmed: 1 so far. ")
    assert "\r\n..hidden line" in content or "=\r\n" in content or "base64" in content


async def test_a_mail_that_is_sent_again_says_so(mail: MailServer) -> None:
    await emailing(mail).page(replace(PAGE, is_repeat=True), soon())
    assert message_from_string(mail.mails[0][2])["Subject"].startswith("[sent again] ")


@pytest.mark.parametrize(
    ("drop_at", "refuse", "error"),
    [
        ("EHLO", {}, Unavailable),
        ("RCPT", {}, Unavailable),
        ("DATA", {}, Unavailable),
        (".", {}, OutcomeUnknown),
        ("", {"RCPT": "550 no such user"}, Rejected),
        ("", {"RCPT": "450 try later"}, Unavailable),
        ("", {"DATA": "554 no"}, Rejected),
        ("", {".": "451 later"}, Unavailable),
    ],
)
async def test_what_may_have_left_is_known_step_by_step(
    mail: MailServer, drop_at: str, refuse: dict[str, str], error: type[Exception]
) -> None:
    mail.drop_at, mail.refuse = drop_at, refuse
    with pytest.raises(error):
        await emailing(mail).page(PAGE, soon())
    assert len(mail.mails) == (1 if drop_at == "." else 0)


async def test_past_the_deadline_no_mail_is_finished(mail: MailServer) -> None:
    with pytest.raises(Unavailable):
        await emailing(mail).page(PAGE, soon(-1))
    assert mail.mails == []


async def test_without_an_address_nobody_is_written_to(mail: MailServer) -> None:
    with pytest.raises(Unavailable, match="no e-mail address of Bob"):
        await emailing(mail).page(replace(PAGE, email=""), soon())
