"""Drafts without a model: a reply that was written beforehand, chosen by what the author wants.

A risk decides first and alone: a comment that speaks of harm is never answered with thanks because
it also holds praise. What nobody wrote a text for gets no draft; a person writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from bot.errors import DraftingFailed
from bot.model.draft import DraftOrigin, DraftProposal, DraftRequest, Tone
from bot.model.triage import UNDETERMINED, Intent, LanguageCode, Risk
from bot.services.lexicon import LANGUAGES
from bot.services.reply_templates import ReplyTemplates, Template

ENGLISH = LanguageCode("en")
Word = TypeVar("Word", Intent, Risk)
MOST_VARIANTS = 8
"""How many texts of one kind are tried for length; files hold two or three."""

SAYS_MORE_THAN_COMPLAINT = frozenset(
    {Intent.REFUND, Intent.DELIVERY, Intent.PRODUCT, Intent.TECHNICAL}
)
"""Their texts are as sorry as those for complaints, and speak of the matter itself."""


class TemplateDrafter:
    """Implements `bot.ports.Drafter` and `DraftsAtOnce`.

    `fallback` speaks when a language has no texts.
    """

    def __init__(self, templates: ReplyTemplates, fallback: LanguageCode = ENGLISH) -> None:
        self._templates = templates
        self._fallback = fallback
        self.languages = tuple(code for code in LANGUAGES if self._speaks(code))

    @property
    def says(self) -> str:
        return (
            f"Drafts come from templates in {', '.join(self.languages)}. Set OPENAI_API_KEY, or "
            "base_url under [drafts], to have a model write them."
        )

    async def draft(self, request: DraftRequest) -> DraftProposal:
        return self.draft_at_once(request)

    def draft_at_once(self, request: DraftRequest) -> DraftProposal:
        """DraftingFailed when no text fits the matter, or none is short enough."""
        language = self._language(request.language)
        matters = self._matters(language, request)
        for matter in matters:
            if fitting := self._fitting(language, matter, request):
                name, text = fitting
                note = _note(name, language, request)
                return DraftProposal(text, DraftOrigin.TEMPLATE, note)
        if any(self._knows(language, matter) for matter in matters):
            raise DraftingFailed(
                f"No template is short enough for {max(0, request.max_length)} characters. "
                "Write a reply by hand."
            )
        raise DraftingFailed(_no_text_for(matters))

    def _matters(self, language: LanguageCode, request: DraftRequest) -> Sequence[Intent | Risk]:
        """What to look for, best first; a risk without a text silences all others."""
        risks = _known(Risk, request.risks)
        silent = [risk for risk in risks if not self._knows(language, risk)]
        return (silent or risks)[:1] or _intents(request)

    def _language(self, asked: str) -> LanguageCode:
        """`fr-CA` is answered in `fr`, what nobody speaks in the fallback."""
        primary = LanguageCode(asked.casefold().partition("-")[0])
        return primary if primary in self.languages else self._fallback

    def _speaks(self, language: LanguageCode) -> bool:
        return self._knows(language, Intent.OTHER)

    def _knows(self, language: LanguageCode, matter: Intent | Risk) -> bool:
        return self._templates.choose(language, matter, Tone.SHORT, 0) is not None

    def _fitting(
        self, language: LanguageCode, matter: Intent | Risk, request: DraftRequest
    ) -> tuple[str, str] | None:
        """The name and the filled text of the first that fits and is not what stands already."""
        standing = None
        for template in self._candidates(language, matter, request):
            text = template.fill(request.author_name, request.brand_name)
            if len(text) > request.max_length:
                continue
            if text != request.previous:
                return template.name, text
            standing = standing or (template.name, text)
        return standing

    def _candidates(
        self, language: LanguageCode, matter: Intent | Risk, request: DraftRequest
    ) -> Iterator[Template]:
        for tone in dict.fromkeys((request.tone, Tone.SHORT)):
            for step in range(MOST_VARIANTS):
                found = self._templates.choose(language, matter, tone, request.seed + step)
                if found is not None:
                    yield found


def _intents(request: DraftRequest) -> Sequence[Intent]:
    intents = _known(Intent, request.intents)
    if intents == [Intent.SPAM]:
        return intents
    if Intent.COMPLAINT in intents:
        intents.sort(key=lambda intent: intent not in SAYS_MORE_THAN_COMPLAINT)
    return (*intents, Intent.OTHER)


def _known(kind: type[Word], words: Iterable[str]) -> list[Word]:
    named = set(words)
    return [word for word in kind if word.value in named]


def _no_text_for(matters: Sequence[Intent | Risk]) -> str:
    match matters[0]:
        case Intent.SPAM:
            return "This looks like spam, and spam gets no reply."
        case Risk() as risk:
            return f"No template may answer a {risk.value} matter. A person writes this reply."
        case Intent() as intent:
            return f"There is no template for {intent.value}. Write a reply by hand."


def _note(name: str, language: LanguageCode, request: DraftRequest) -> str:
    """`name` is language/matter/tone/number; people need the first two."""
    notes = [f"template {'/'.join(name.split('/')[:2])}"]
    asked = request.language.casefold()
    if asked.partition("-")[0] != language and asked != UNDETERMINED:
        notes.append(f"there are no templates in {request.language}")
    if request.instruction:
        notes.append("a template cannot follow an instruction; please edit it")
    return " - ".join(notes)
