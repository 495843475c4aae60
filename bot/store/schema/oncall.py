"""On call: incidents, what joined them and what happened to them, pages, and who stands in."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from bot.store.schema.columns import ID, METADATA, Hex, moment, partial_index, ref, row_id, words

# `expected` is in thousandths
incident = Table(
    "incident",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("cause", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("state", String(20), nullable=False),
    ref("account_id", "account", nullable=True),
    ref("item_id", "item", nullable=True),
    Column("count", Integer, nullable=False),
    Column("expected", BigInteger),
    Column("minutes", Integer, nullable=False),
    Column("reach", BigInteger, nullable=False),
    moment("opened_at"),
    moment("fired_at"),
    Column("policy", String(60), nullable=False),
    Column("step", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    moment("next_at", nullable=True),
    moment("silenced_until", nullable=True),
    Column("rearm_at", Integer, nullable=False),
    ref("lead_id", "member", nullable=True),
    ref("comms_id", "member", nullable=True),
    ref("scribe_id", "member", nullable=True),
    ref("acknowledged_by", "member", nullable=True),
    moment("acknowledged_at", nullable=True),
    ref("resolved_by", "member", nullable=True),
    moment("resolved_at", nullable=True),
    Column("verdict", String(10)),
    ref("verdict_by", "member", nullable=True),
    partial_index(
        "uq_incident_of_cause", "brand_id", "cause", unique=True, where="state <> 'resolved'"
    ),
    Index("ix_incident_brand_id_state_id", "brand_id", "state", "id"),
)

incident_item = Table(
    "incident_item",
    METADATA,
    Column("incident_id", ID, ForeignKey("incident.id"), primary_key=True),
    Column("item_id", ID, ForeignKey("item.id"), primary_key=True),
    moment("at"),
    Index("ix_incident_item_item_id", "item_id"),
)

incident_event = Table(
    "incident_event",
    METADATA,
    row_id(),
    ref("incident_id", "incident", index=True),
    moment("at"),
    Column("what", String(20), nullable=False),
    ref("member_id", "member", nullable=True),
    Column("facts", JSON, nullable=False),
)
"""The timeline: kept as long as the incident, for whoever writes up what happened."""

page = Table(
    "page",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    ref("incident_id", "incident", nullable=True, index=True),
    ref("member_id", "member", nullable=True),
    Column("turn", Integer, nullable=False),
    Column("routes", JSON, nullable=False),
    Column("route", Integer, nullable=False),
    Column("key", Hex, nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("is_repeat", Boolean, nullable=False),
    Column("doubts", Integer, nullable=False),
    moment("sending_until", nullable=True),
    words("place"),
    words("receipt"),
    words("says"),
    moment("created_at"),
    moment("delivered_at", nullable=True),
    Column("told", String(20)),
    Column("role", String(20)),
    UniqueConstraint("incident_id", "turn", "member_id"),
    Index("ix_page_member_id_delivered_at", "member_id", "delivered_at"),
)

oncall_override = Table(
    "oncall_override",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("rotation", String(60), nullable=False),
    ref("member_id", "member"),
    moment("since"),
    moment("until"),
    ref("made_by", "member", nullable=True),
    Index("ix_oncall_override_brand_id_until", "brand_id", "until"),
)

expected_peak = Table(
    "expected_peak",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    moment("since"),
    moment("until"),
    words("reason"),
    ref("made_by", "member", nullable=True),
    Index("ix_expected_peak_brand_id_until", "brand_id", "until"),
)

escalation = Table(
    "escalation",
    METADATA,
    row_id(),
    ref("item_id", "item", index=True),
    ref("incident_id", "incident", index=True),
    ref("member_id", "member"),
    moment("at"),
    Column("called", JSON, nullable=False),
    words("reason"),
)
"""Items that a member escalated, by whom and why; `called` are names."""
