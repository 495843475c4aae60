"""A model first, templates behind it: whatever happens to the model, the card gets its draft.

What a model wrote passes the gate before anybody sees it, and a model is not asked by itself about
matters that a person must answer; only a member's own instruction asks it then.
"""

from __future__ import annotations

from bot.errors import DraftingFailed
from bot.metrics import Metrics
from bot.model.draft import DraftOrigin, DraftProposal, DraftRequest
from bot.ports import Closes, Drafter, Probes, Translates
from bot.services.draft_gate import DraftGate
from bot.services.template_drafter import TemplateDrafter

NO_GATE_NEEDED = frozenset({DraftOrigin.TEMPLATE, DraftOrigin.MEMBER})


class FallbackDrafter:
    """Implements `bot.ports.Drafter`, `Translates`, `Probes` and `Closes`."""

    def __init__(
        self,
        primary: Drafter,
        fallback: TemplateDrafter,
        *,
        gate: DraftGate | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._primary = primary
        self._fallback = fallback
        self._gate = gate or DraftGate()
        self._metrics = metrics

    @property
    def says(self) -> str:
        languages = ", ".join(self._fallback.languages)
        return f"{self._primary.says} When it gives none, templates in {languages} step in."

    async def draft(self, request: DraftRequest) -> DraftProposal:
        """DraftingFailed when neither has a text; its message then names both reasons."""
        if request.risks and not request.instruction:
            why = f"A model is not asked about {request.risks[0]} matters by itself."
            return await self._from_templates(request, why)
        try:
            return self._passed(await self._primary.draft(request), request)
        except DraftingFailed as error:
            if self._metrics is not None:
                self._metrics.drafting_failed()
            return await self._from_templates(request, str(error))

    async def translate(self, text: str, language: str) -> str:
        """DraftingFailed when there is none: templates translate nothing."""
        if not isinstance(self._primary, Translates):
            raise DraftingFailed("Nobody is configured who translates.")
        return await self._primary.translate(text, language)

    async def probe(self) -> str:
        """Asks the primary drafter whether it would answer; DraftingFailed when it would not."""
        if isinstance(self._primary, Probes):
            return await self._primary.probe()
        return self._primary.says

    async def close(self) -> None:
        if isinstance(self._primary, Closes):
            await self._primary.close()

    def _passed(self, proposal: DraftProposal, request: DraftRequest) -> DraftProposal:
        if proposal.origin in NO_GATE_NEEDED:
            return proposal
        objection = self._gate.objection(proposal.text, request)
        if objection is not None:
            raise DraftingFailed(f"The model's draft was not used: it {objection}.")
        return proposal

    async def _from_templates(self, request: DraftRequest, why: str) -> DraftProposal:
        try:
            found = await self._fallback.draft(request)
        except DraftingFailed as error:
            raise DraftingFailed(f"{why} {error}") from error
        note = f"{found.note} - {why[:1].lower()}{why[1:]}"
        return DraftProposal(found.text, found.origin, note)
