"""Questions to colleagues about items, with their answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.model.ids import BrandId, ChannelId, ItemId, MemberId, Moment, QuestionId
from bot.model.question import Question, QuestionState
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import question
from bot.store.statement import Statement

_ADD = Statement(insert(question).returning(question.c.id))
_GET = Statement(select(question).where(question.c.id == bindparam("id")))
_NOTE = Statement(update(question).where(question.c.id == bindparam("b_id")))
_OF_ITEMS = ByKeys(select(question), question.c.item_id)


class Questions:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, asked: Question) -> QuestionId:
        """Its id is the one returned, whatever `asked` says."""
        values = {
            "brand_id": asked.brand_id,
            "item_id": asked.item_id,
            "asker_id": asked.asker_id,
            "asked_id": asked.asked_id,
            "channel_id": asked.channel_id,
            "text": asked.text,
            "asked_at": asked.asked_at,
            "due_at": asked.due_at,
            "state": asked.state.value,
            "answer": "",
        }
        return QuestionId(self._c.execute(_ADD, values).scalar_one())

    def get(self, number: QuestionId) -> Question:
        return _question(self._c.execute(_GET, {"id": number}).one())

    def of_items(self, items: Collection[ItemId]) -> dict[ItemId, list[Question]]:
        """Of each, oldest first."""
        found: dict[ItemId, list[Question]] = {}
        for row in sorted(_OF_ITEMS.rows(self._c, items, {}), key=lambda r: r.id):
            found.setdefault(ItemId(row.item_id), []).append(_question(row))
        return found

    def about(self, items: Collection[ItemId]) -> list[QuestionId]:
        return [one.id for some in self.of_items(items).values() for one in some]

    def note(self, number: QuestionId, **values: Any) -> None:
        """Set columns; whoever decides holds the lock of the card."""
        self._c.execute(_NOTE, {"b_id": number, **values})


def _question(r: Any) -> Question:
    return Question(
        id=QuestionId(r.id),
        brand_id=BrandId(r.brand_id),
        item_id=ItemId(r.item_id),
        asker_id=MemberId(r.asker_id),
        asked_id=None if r.asked_id is None else MemberId(r.asked_id),
        text=r.text,
        asked_at=Moment(r.asked_at),
        due_at=Moment(r.due_at),
        state=QuestionState(r.state),
        is_late=r.is_late,
        answer=r.answer,
        answered_by=None if r.answered_by is None else MemberId(r.answered_by),
        answered_at=None if r.answered_at is None else Moment(r.answered_at),
        channel_id=None if r.channel_id is None else ChannelId(r.channel_id),
    )
