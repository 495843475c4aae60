"""Items are found by the labels that the team gave them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, identity, number, ref, word

revision = "0184"
down_revision = "0183"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label",
        identity(),
        ref("brand_id", "brand.id"),
        word("name", 40),
        word("folded", 120),
        number("used_at"),
        sa.UniqueConstraint("brand_id", "folded", name="uq_label_brand_id_folded"),
    )
    op.create_table(
        "item_label",
        sa.Column("item_id", ID, sa.ForeignKey("item.id"), primary_key=True, autoincrement=False),
        sa.Column("label_id", ID, sa.ForeignKey("label.id"), primary_key=True, autoincrement=False),
    )
    op.create_index("ix_item_label_label_id_item_id", "item_label", ["label_id", "item_id"])
    _take_over()


def _take_over() -> None:
    """The labels that items have already."""
    to, numbers = op.get_bind(), dict[tuple[int, str], int]()
    for item, brand, name, at in list(_labelled(to)):
        key = (brand, " ".join(name.split()).casefold())
        if key not in numbers:
            row = {"brand": brand, "name": name, "folded": key[1], "at": at}
            numbers[key] = to.execute(_ADD, row).scalar_one()
        to.execute(_PUT_ON, {"item": item, "label": numbers[key]})


_ADD = sa.text(
    "INSERT INTO label (brand_id, name, folded, used_at) "
    "VALUES (:brand, :name, :folded, :at) RETURNING id"
)
_PUT_ON = sa.text(
    "INSERT INTO item_label (item_id, label_id) VALUES (:item, :label) ON CONFLICT DO NOTHING"
)


def _labelled(to: sa.Connection) -> Iterator[tuple[int, int, str, int]]:
    """Item, brand, label and when the item came."""
    found = "SELECT id, brand_id, by_hand, received_at FROM item WHERE by_hand IS NOT NULL"
    for row in to.execute(sa.text(found)):
        stored: Any = json.loads(row.by_hand) if isinstance(row.by_hand, str) else row.by_hand
        for name in (stored or {}).get("own", ()):
            yield row.id, row.brand_id, name, row.received_at


def downgrade() -> None:
    op.drop_table("item_label")
    op.drop_table("label")
