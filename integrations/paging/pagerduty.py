"""PagerDuty by the Events API v2: an event triggers an alert, its `dedup_key` tells repeats.

https://developer.pagerduty.com/docs/events-api-v2-overview: 202 is taken, 400 is refused for good,
429 and 5xx are to be sent again later; `summary` has up to 1,024 characters, `dedup_key` up to
255. Each page has a key of its own: a key that is open already notifies nobody anew.
"""

from __future__ import annotations

from typing import Any

from bot.errors import UnexpectedResponse
from bot.model.ids import Monotonic
from bot.model.incident import Severity
from bot.model.paging import OutgoingPage, PagerAbilities
from integrations.paging.answers import judged, stamp
from integrations.paging.options import HttpOptions
from integrations.wire import Answer, Wire

TITLE = "PagerDuty"
SUMMARY = 1_024
DETAILS = 5_000
SEVERITIES = {Severity.CRITICAL: "critical", Severity.HIGH: "error", Severity.NOTICE: "info"}


class PagerDutyPager:
    """Implements `Pager` and `Settles`; the secret is the integration key of a service."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._wire = Wire(options.http, options.clock, options.url, title=TITLE)

    @property
    def abilities(self) -> PagerAbilities:
        return PagerAbilities(TITLE, knows_keys=True)

    async def page(self, page: OutgoingPage, deadline: Monotonic) -> str:
        answer = await self._send("trigger", page, deadline, payload=_payload(page), **_links(page))
        told = answer.json()
        if not isinstance(told, dict) or told.get("status") != "success":
            raise UnexpectedResponse(f"{TITLE} took the page oddly.", payload=answer.excerpt())
        return str(told.get("dedup_key") or page.key)

    async def settle(self, page: OutgoingPage, *, is_over: bool) -> None:
        await self._send("resolve" if is_over else "acknowledge", page, None)

    async def _send(
        self, action: str, page: OutgoingPage, deadline: Monotonic | None, **more: Any
    ) -> Answer:
        event = {
            "routing_key": self._options.secret,
            "event_action": action,
            "dedup_key": page.key,
            **more,
        }
        path = "/v2/enqueue"
        answer = await self._wire.call(
            "POST", path, json_body=event, writes=True, deadline=deadline
        )
        return judged(answer, TITLE, self._options.clock.now())


def _payload(page: OutgoingPage) -> dict[str, Any]:
    return {
        "summary": page.summary[:SUMMARY],
        "source": page.brand,
        "severity": SEVERITIES[page.severity],
        "timestamp": stamp(page.at),
        "class": "test" if page.kind is None else page.kind.value,
        "custom_details": {
            "incident": page.incident,
            "for": page.name,
            "what": page.details[:DETAILS],
        },
    }


def _links(page: OutgoingPage) -> dict[str, Any]:
    told = {"client": "replydesk"}
    if not page.link:
        return told
    return told | {
        "client_url": page.link,
        "links": [{"href": page.link, "text": f"Incident {page.incident}"}],
    }
