"""What the configuration says of how things are decided, as the desk asks for it."""

from __future__ import annotations

from bot.bootstrap.connecting import TELL_AUDIENCE
from bot.config import Settings
from bot.model.ids import HOUR
from bot.services.deciding import DeskRules


def rules_of(settings: Settings) -> DeskRules:
    """Without what only a desk that runs knows: its model, and the languages it tells apart."""
    return DeskRules(
        settings.desk.undo_seconds * 1000,
        settings.policies.in_force(),
        settings.peaks.rule,
        settings.oncall_rules,
        settings.alerts.rule,
        goals=settings.goals,
        duties=settings.duties,
        risk_routes=settings.risk_routes,
        signing=settings.signing,
        labels={one.slug: one.labels for one in settings.brands},
        named_chats=settings.named_chats,
        tell_audience=TELL_AUDIENCE,
        remind_before=tuple(round(one * HOUR) for one in settings.policies.remind_hours),
        stand_ins={
            one.slug: one.stand_in
            for brand in settings.brands
            for one in brand.members
            if one.stand_in is not None
        },
    )
