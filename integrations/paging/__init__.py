"""Pagers: the routes to on-call people that are no chat of the team."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.model.oncall import RouteKind
from bot.ports import Pager
from integrations.paging.alertmanager import AlertmanagerPager
from integrations.paging.heartbeat import Heartbeat
from integrations.paging.opsgenie import OpsgeniePager
from integrations.paging.options import EmailOptions, HttpOptions
from integrations.paging.pagerduty import PagerDutyPager
from integrations.paging.webhook import WebhookPager

BY_HTTP: Mapping[RouteKind, Callable[[HttpOptions], Pager]] = {
    RouteKind.PAGERDUTY: PagerDutyPager,
    RouteKind.OPSGENIE: OpsgeniePager,
    RouteKind.ALERTMANAGER: AlertmanagerPager,
    RouteKind.WEBHOOK: WebhookPager,
}
"""How each is made; none of them sends anything yet."""

__all__ = ["BY_HTTP", "EmailOptions", "Heartbeat", "HttpOptions"]
