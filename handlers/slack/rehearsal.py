"""The live checklist in a real workspace: our own line, front end and socket, a step at a time.

What is posted is one card and one answer in its thread, and both are deleted at the end. A press is
heard by a connection of its own, so no desk may listen with the same app meanwhile: Slack gives a
press to one connection.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.model.channel import Place
from bot.model.ids import CardToken, PostKey
from bot.model.smoke import SmokeFinding, SmokeStep
from bot.ports import Clock, Witness
from handlers.slack.line import SlackLine
from handlers.slack.trial import CardOnTrial
from handlers.slack.unseen import Shape, Unseen

Act = Callable[[Witness], Awaitable[SmokeFinding]]


class SlackRehearsal:
    """Implements `bot.ports.Rehearses`. `shapes` are validated beside the card of the checklist."""

    def __init__(
        self,
        line: SlackLine,
        clock: Clock,
        place: Place | None,
        key: PostKey,
        token: CardToken,
        shapes: Sequence[Shape] = (),
        *,
        is_socket: bool,
    ) -> None:
        card = CardOnTrial(line, clock, place, key, token, is_socket=is_socket)
        shapes = [*card.shapes(), *shapes]
        unseen = Unseen(line, clock, place, shapes, is_socket=is_socket)
        taken = _table(unseen, card)
        self._steps = [step for step, _act in taken]
        self._acts = {step.name: act for step, act in taken}

    def steps(self) -> Sequence[SmokeStep]:
        return self._steps

    async def take(self, step: SmokeStep, witness: Witness) -> SmokeFinding:
        return await self._acts[step.name](witness)


def _table(unseen: Unseen, card: CardOnTrial) -> Sequence[tuple[SmokeStep, Act]]:
    return (
        (SmokeStep("token", "Slack knows the token", "the token"), unseen.token),
        (
            SmokeStep("scopes", "The app may do what it needs", "the manifest's scopes"),
            unseen.scopes,
        ),
        (SmokeStep("socket", "A socket stands", "no public address is needed"), unseen.socket),
        (SmokeStep("channel", "The bot is in the channel", "cards can be posted"), unseen.channel),
        (SmokeStep("blocks", "Slack finds our blocks valid", "every card is drawn"), unseen.blocks),
        (
            SmokeStep(
                "post", "A card is posted", "a comment reaches the team", "posts one test card"
            ),
            card.post,
        ),
        (
            SmokeStep("find", "The card is found by its key", "a lost answer makes no second card"),
            card.find,
        ),
        (
            SmokeStep("words", "A stranger's words stay words", "nobody can be mentioned"),
            card.words,
        ),
        (
            SmokeStep(
                "redraw", "The card is redrawn in place", "every copy shows what was decided"
            ),
            card.redraw,
        ),
        (
            SmokeStep("press", "A press opens a modal", "a modal stands within three seconds"),
            card.press,
        ),
        (
            SmokeStep("menu", "A menu is unset by a redraw", "the same can be chosen twice"),
            card.menu,
        ),
        (SmokeStep("whisper", "One person is told alone", "refusals are private"), card.whisper),
        (
            SmokeStep(
                "thread",
                "A message in the thread",
                "team talk",
                "answers once in the card's thread",
            ),
            card.thread,
        ),
        (SmokeStep("tidy", "All of it is deleted", "nothing is left", is_tidying=True), card.tidy),
    )
