"""Whoever takes webhooks of Prometheus Alertmanager: Grafana OnCall, Zenduty, ilert and others.

The body is version 4 of https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
Alertmanager sends one group again and again while it fires, so its receivers take the same
`groupKey` and `fingerprint` as the same alert; that is the key here.
"""

from __future__ import annotations

from typing import Any

from bot.model.ids import Monotonic
from bot.model.incident import Severity
from bot.model.paging import OutgoingPage, PagerAbilities
from integrations.paging.answers import judged, stamp
from integrations.paging.options import HttpOptions
from integrations.wire import Wire

TITLE = "The Alertmanager webhook"
NEVER = "0001-01-01T00:00:00Z"
SEVERITIES = {Severity.CRITICAL: "critical", Severity.HIGH: "warning", Severity.NOTICE: "info"}


class AlertmanagerPager:
    """Implements `Pager` and `Settles`; a secret is sent as a bearer token."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._wire = Wire(options.http, options.clock, options.url, title=TITLE)

    @property
    def abilities(self) -> PagerAbilities:
        return PagerAbilities(TITLE, knows_keys=True)

    async def page(self, page: OutgoingPage, deadline: Monotonic) -> str:
        await self._send(page, NEVER, deadline)
        return page.key

    async def settle(self, page: OutgoingPage, *, is_over: bool) -> None:
        """The format knows no acknowledgement, so only the end is told."""
        if is_over:
            await self._send(page, stamp(self._options.clock.now()), None)

    async def _send(self, page: OutgoingPage, ends: str, deadline: Monotonic | None) -> None:
        secret = self._options.secret
        answer = await self._wire.call(
            "POST",
            "",
            json_body=_group(page, ends),
            headers={"Authorization": f"Bearer {secret}"} if secret else None,
            writes=True,
            deadline=deadline,
        )
        judged(answer, TITLE, self._options.clock.now())


def _group(page: OutgoingPage, ends: str) -> dict[str, Any]:
    status = "firing" if ends == NEVER else "resolved"
    labels = {
        "alertname": "replydesk_test" if page.kind is None else f"replydesk_{page.kind.value}",
        "severity": SEVERITIES[page.severity],
        "brand": page.brand,
        "incident": str(page.incident),
        "member": page.member,
        "page": page.key,
    }
    annotations = {"summary": page.summary, "description": page.details}
    alert = {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": stamp(page.at),
        "endsAt": ends,
        "generatorURL": page.link,
        "fingerprint": page.key[:16],
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{page="{page.key}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "replydesk",
        "groupLabels": {"page": page.key},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": page.link,
        "alerts": [alert],
    }
