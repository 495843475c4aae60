"""Opsgenie, and what took its place in Jira Service Management: alerts, told apart by `alias`.

https://docs.opsgenie.com/docs/alert-api: `message` has up to 130 characters, `alias` up to 512,
`description` up to 15,000; of one alias only one alert is open. Answers are 202: taken, and done
soon after. Opsgenie itself ends on 5 April 2027; its successor takes the same requests below
https://api.atlassian.com/jsm/ops/integration.
"""

from __future__ import annotations

from typing import Any

from bot.model.ids import Monotonic
from bot.model.incident import Severity
from bot.model.paging import OutgoingPage, PagerAbilities
from integrations.paging.answers import judged
from integrations.paging.options import HttpOptions
from integrations.wire import Answer, Wire

TITLE = "Opsgenie"
MESSAGE = 130
DESCRIPTION = 15_000
PRIORITIES = {Severity.CRITICAL: "P1", Severity.HIGH: "P2", Severity.NOTICE: "P4"}


class OpsgeniePager:
    """Implements `Pager` and `Settles`; the secret is the key of an API integration."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._wire = Wire(options.http, options.clock, options.url, title=TITLE)

    @property
    def abilities(self) -> PagerAbilities:
        return PagerAbilities(TITLE, knows_keys=True)

    async def page(self, page: OutgoingPage, deadline: Monotonic) -> str:
        body = {
            "message": page.summary[:MESSAGE],
            "alias": page.key,
            "description": f"{page.summary}\n\n{page.details}\n\n{page.link}"[:DESCRIPTION].strip(),
            "priority": PRIORITIES[page.severity],
            "source": "replydesk",
            "entity": page.brand,
            "tags": ["replydesk", "test" if page.kind is None else page.kind.value],
            "details": {"incident": str(page.incident), "for": page.name, "link": page.link},
        }
        answer = await self._send("/v2/alerts", body, deadline)
        told = answer.json()
        return str(told.get("requestId") or "") if isinstance(told, dict) else ""

    async def settle(self, page: OutgoingPage, *, is_over: bool) -> None:
        act = "close" if is_over else "acknowledge"
        path = f"/v2/alerts/{page.key}/{act}?identifierType=alias"
        await self._send(path, {"source": "replydesk"}, None)

    async def _send(self, path: str, body: dict[str, Any], deadline: Monotonic | None) -> Answer:
        answer = await self._wire.call(
            "POST",
            path,
            json_body=body,
            headers={"Authorization": f"GenieKey {self._options.secret}"},
            writes=True,
            deadline=deadline,
        )
        return judged(answer, TITLE, self._options.clock.now())
