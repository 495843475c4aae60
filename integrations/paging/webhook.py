"""A webhook of the team's own: for a gateway that sends SMS or calls, or any other tool.

One POST for each page, with its key in the header `Idempotency-Key`
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). Only where the
team says that whoever answers there knows keys is a repeat not marked as one.
"""

from __future__ import annotations

from typing import Any

from bot.errors import UnexpectedResponse
from bot.model.ids import Monotonic
from bot.model.paging import OutgoingPage, PagerAbilities
from integrations.paging.answers import judged, stamp
from integrations.paging.options import HttpOptions
from integrations.wire import Answer, Wire

TITLE = "The webhook"


class WebhookPager:
    """Implements `Pager` and `Settles`; a secret is sent as a bearer token."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._wire = Wire(options.http, options.clock, options.url, title=TITLE)

    @property
    def abilities(self) -> PagerAbilities:
        return PagerAbilities(TITLE, knows_keys=self._options.knows_keys)

    async def page(self, page: OutgoingPage, deadline: Monotonic) -> str:
        body = {
            "event": "page",
            "key": page.key,
            "brand": page.brand,
            "incident": page.incident,
            "kind": "test" if page.kind is None else page.kind.value,
            "severity": int(page.severity),
            "summary": page.summary,
            "details": page.details,
            "link": page.link,
            "at": stamp(page.at),
            "member": {
                "slug": page.member, "name": page.name, "email": page.email, "phone": page.phone,
            },
            "sent_again": page.is_repeat,
        }  # fmt: skip
        return _receipt(await self._send(body, page.key, deadline))

    async def settle(self, page: OutgoingPage, *, is_over: bool) -> None:
        event = "resolved" if is_over else "acknowledged"
        body = {"event": event, "key": page.key, "incident": page.incident}
        await self._send(body, f"{page.key}-{event}", None)

    async def _send(self, body: dict[str, Any], key: str, deadline: Monotonic | None) -> Answer:
        headers = {"Idempotency-Key": f'"{key}"'}
        if self._options.secret:
            headers["Authorization"] = f"Bearer {self._options.secret}"
        answer = await self._wire.call(
            "POST", "", json_body=body, headers=headers, writes=True, deadline=deadline
        )
        return judged(answer, TITLE, self._options.clock.now())


def _receipt(answer: Answer) -> str:
    """The `id` that it was answered with, should there be one."""
    try:
        told = answer.json()
    except UnexpectedResponse:
        return ""
    return str(told.get("id") or "") if isinstance(told, dict) else ""
