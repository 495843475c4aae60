"""What a rule says to staff: of the packs their own words, of the rest those that stand here.

Only names are stored. A rule that a later release no longer has says its name.
"""

from __future__ import annotations

from functools import cache

from bot.cards.labels import LANGUAGE_NAMES
from bot.model.triage import UNDETERMINED, Reason, Triage
from bot.services.lexicon import load_cues

LANGUAGE = "any.language"
_SAYS = {
    "any.spam": "Advertising is not answered",
    "any.abuse_only": "Insults without a matter to answer",
    "any.tags_only": "Only tags other people",
    "any.to_friends": "Speaks to friends that it tags",
    "any.delight": "A few words of praise or thanks",
    "any.link_only": "Only a link",
    "any.emoji_only": "Only emoji or signs",
    "any.empty": "There is no text",
    "any.question_mark": "Asks a question",
    "any.card": "Shows a card number",
    "any.iban": "Shows a bank account",
    "any.email": "Shows an e-mail address",
}


def words_of(triage: Triage, reason: Reason) -> str:
    """A sentence in English, without a full stop."""
    if reason.rule == LANGUAGE:
        return _of_language(triage)
    return words_of_rule(reason.rule)


def words_of_rule(rule: str) -> str:
    """As `words_of`, of a rule that always says the same."""
    return _SAYS.get(rule) or _of_packs().get(rule, rule)


def _of_language(triage: Triage) -> str:
    if triage.language == UNDETERMINED:
        return "Too short, or in no language that the brand reads"
    return f"Written in {LANGUAGE_NAMES.get(triage.language, triage.language)}"


@cache
def _of_packs() -> dict[str, str]:
    """Read when somebody asks for the first time: most processes are never asked."""
    return {rule.name: rule.says for pack in load_cues().values() for rule in pack.rules}
