"""What the cards of questions, and of the items they are about, show of them."""

from __future__ import annotations

from collections.abc import Collection

from bot.cards.facts import Asked, QuestionFacts
from bot.model.ids import ItemId, QuestionId
from bot.model.question import Question, QuestionState
from bot.services.addressees import addressee_of
from bot.services.member_pace import mentions_of
from bot.store.cards import CardRow
from bot.store.tx import Tx


def question_facts(tx: Tx, card: CardRow) -> QuestionFacts:
    question = tx.questions.get(QuestionId(card.subject_id))
    asked_id = question.asked_id if question.state is QuestionState.WAITING else None
    return QuestionFacts(
        token=card.token,
        revision=card.revision,
        asked=asked_of(tx, question),
        quote=tx.items.get(question.item_id).text,
        called=() if asked_id is None else mentions_of(tx, tx.people.get(asked_id), tx.now()),
    )


def asked_about(tx: Tx, items: Collection[ItemId]) -> dict[ItemId, tuple[Asked, ...]]:
    found = tx.questions.of_items(items)
    return {key: tuple(asked_of(tx, one) for one in some) for key, some in found.items()}


def asked_of(tx: Tx, question: Question) -> Asked:
    by = question.answered_by
    return Asked(
        question,
        tx.people.get(question.asker_id),
        addressee_of(tx, question),
        None if by is None else tx.people.get(by),
    )
