"""Labels of the team's own: those that a brand ever used, and the items that have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, delete, insert, select

from bot.model.ids import BrandId, ItemId, Moment
from bot.model.label import folded
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.labelled import Labelled
from bot.store.schema import item_label, label
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_OF_BRAND = label.c.brand_id == bindparam("brand_id")
_LATEST = Statement(
    select(label.c.name)
    .where(_OF_BRAND)
    .order_by(label.c.used_at.desc(), label.c.id)
    .limit(bindparam("limit"))
)
_SPELLED = ByKeys(select(label.c.id, label.c.name, label.c.folded).where(_OF_BRAND), label.c.folded)
_USE = Upsert(
    label,
    lambda used: used.on_conflict_do_update(
        index_elements=["brand_id", "folded"], set_={"used_at": used.excluded.used_at}
    ),
)
_TAKE_OFF = Statement(delete(item_label).where(item_label.c.item_id == bindparam("b_item_id")))
_PUT_ON = Statement(insert(item_label))


class Labels:
    def __init__(self, connection: Connection) -> None:
        self._c = connection
        self.queue = Labelled(connection)

    def latest(self, brand_id: BrandId, limit: int) -> list[str]:
        """What was used last comes first."""
        terms = {"brand_id": brand_id, "limit": limit}
        return [str(r.name) for r in self._c.execute(_LATEST, terms)]

    def spelled(self, brand_id: BrandId, words: Collection[str]) -> Mapping[str, str]:
        """Those of these folded words that are labels, as they were first written."""
        rows = _SPELLED.rows(self._c, words, {"brand_id": brand_id})
        return {str(r.folded): str(r.name) for r in rows}

    def put(self, brand_id: BrandId, item_id: ItemId, names: Collection[str], at: Moment) -> None:
        """The item has these, and of the team's own no others."""
        self._c.execute(_TAKE_OFF, {"b_item_id": item_id})
        if not names:
            return
        used = [
            {"brand_id": brand_id, "name": one, "folded": folded(one), "used_at": at}
            for one in names
        ]
        self._c.execute(_USE[self._c.dialect.name], used)
        found = _SPELLED.rows(self._c, [folded(one) for one in names], {"brand_id": brand_id})
        self._c.execute(_PUT_ON, [{"item_id": item_id, "label_id": r.id} for r in found])
