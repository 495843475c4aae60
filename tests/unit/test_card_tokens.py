"""Tokens of cards: unlike each other, and near each other when they are made together."""

from __future__ import annotations

import re
from collections import Counter

from bot.model.ids import MINUTE, TOKEN_LENGTH, Moment
from bot.store.card_tokens import new_tokens
from tests.fakes.clock import START

NOW = Moment(START)


def test_they_are_letters_and_digits_and_never_the_same() -> None:
    tokens = new_tokens(5_000, NOW)
    assert len(set(tokens)) == len(tokens) == 5_000
    assert all(re.fullmatch(rf"[A-Za-z0-9]{{{TOKEN_LENGTH}}}", token) for token in tokens)
    assert new_tokens(0, NOW) == []


def test_every_letter_is_as_likely_as_any_other() -> None:
    drawn = Counter("".join(token[4:] for token in new_tokens(20_000, NOW)))
    expected = 160_000 / 62
    assert len(drawn) == 62
    assert all(0.8 * expected < count < 1.2 * expected for count in drawn.values())


def test_a_later_minute_comes_later_in_the_index() -> None:
    moments = [Moment(NOW + minute * MINUTE) for minute in (0, 1, 61, 62, 63, 5_000, 500_000)]
    tokens = [token for at in moments for token in sorted(new_tokens(3, at))]
    assert tokens == sorted(tokens)


def test_of_one_minute_all_stand_together() -> None:
    begun = Moment(NOW // MINUTE * MINUTE)
    tokens = [*new_tokens(50, begun), *new_tokens(50, Moment(begun + MINUTE - 1))]
    assert len({token[:4] for token in tokens}) == 1
    assert len({token[4:6] for token in tokens}) > 50
