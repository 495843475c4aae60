"""Presses on cards: what a person must be asked first is asked, everything else is done at once.

A press reaches the desk with the revision that the person saw. Whether the card has moved on is
the desk's to say; here it only decides whether there is still something to ask.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.actions import ActionName, ButtonData, to_command
from bot.cards.card import Action, Ask, Card
from bot.cards.label_choices import LabelsQuery
from bot.cards.pages import CardQuery, DeskPage, DeskQuery, EditorQuery, HistoryQuery
from bot.cards.said_before import SaidBeforeQuery
from bot.model.commands import Command, Outcome, OutcomeKind, StartEditing
from bot.model.ids import CardToken
from bot.ports import Clock
from bot.speech.speech import marked
from handlers.question_words import askable
from handlers.slack import composer, in_private, modals
from handlers.slack.clerk import Clerk, Corner
from handlers.slack.labels import labels_form
from handlers.slack.looking_back import looking_back
from handlers.slack.names import Modal
from handlers.slack.payloads import Press
from handlers.slack.render import BEFORE, SEE, zone_of
from handlers.slack.spans import Element
from handlers.slack.views import Views
from handlers.team_words import Choice, choices

NOT_OURS = Outcome(OutcomeKind.REFUSED, marked("This button means nothing here any more."))


@dataclass(frozen=True, slots=True)
class _Meant:
    """A press and the action on the card that it means."""

    press: Press
    data: ButtonData
    card: Card
    action: Action
    desk: DeskPage

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Whom it lists: everybody may be asked, but not given something."""
        say = self.card.speech.say
        if self.action.ask is Ask.QUESTION:
            return askable(self.desk, say, self.action.first)
        return choices((one for one in self.desk.members if one.role != "viewer"), say)

    @property
    def asking(self) -> modals.Asking:
        memory = modals.Memory(
            data=self.data.encode(),
            channel=self.press.container.channel_id,
            is_pushed=self.press.is_in_modal,
        )
        view = self.press.view
        if view is not None and view.callback_id == Modal.WEEK:
            stood = modals.Memory.read(view.private_metadata)
            week = {"week": view.id, "near": stood.near, "total": stood.total}
            memory = memory.model_copy(update=week)
        return modals.Asking(self.card, self.action, memory, zone_of(self.desk.zone))


class Acts:
    def __init__(self, clerk: Clerk, views: Views, clock: Clock) -> None:
        self._clerk = clerk
        self._views = views
        self._clock = clock

    async def press(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """NotSaved leaves it unacknowledged."""
        try:
            press = Press.model_validate(body)
        except ValidationError:
            await ack()
            return
        if press.pressed.data.startswith(f"{SEE}."):
            await self._see(ack, press)
            return
        if press.pressed.data.startswith(f"{BEFORE}."):
            await self._look_back(ack, press)
            return
        try:
            data = ButtonData.decode(press.pressed.data)
        except ValueError:
            await ack()
            await self._say(press, NOT_OURS)
            return
        await self._decide(ack, press, data)

    async def _decide(self, ack: AsyncAck, press: Press, data: ButtonData) -> None:
        reader = press.user.identity
        card = (await self._clerk.ask(self._clerk.desk.view(CardQuery(data.token), reader))).card
        action = None if card is None else _action_of(card, data)
        if card is None or action is None or not _must_ask(press, action):
            outcome = await self._do(press, data)
            await ack()
            if press.container.is_ephemeral:
                await in_private.tell(self._clerk, press, data.token, outcome)
            else:
                await self._say(press, outcome)
            return
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), reader))
        meant = _Meant(press, data, card, action, desk)
        outcome, view = await self._view_for(meant)
        opened = view is not None and await self._open(press, view)
        await ack()
        if view is None or not opened:
            await self._say(press, outcome)

    async def _do(self, press: Press, data: ButtonData) -> Outcome:
        try:
            command = to_command(data, now=self._clock.now())
        except ValueError:
            return NOT_OURS
        return await self._perform(press, command)

    async def _view_for(self, meant: _Meant) -> tuple[Outcome, Element | None]:
        """What to open, or why nothing is; a view that is not shown says that it was not."""
        says = meant.desk.speech.say("Slack did not open it. Press again.")
        not_shown = Outcome(OutcomeKind.REFUSED, says)
        if meant.action.name is ActionName.EDIT or meant.action.ask is Ask.POST:
            started = await self._start_editing(meant)
            if not started.is_done:
                return started, None
            notice = started.says if started.note else ""
            try:
                return not_shown, await self._editor_for(meant, notice)
            except ValueError as error:
                return Outcome(OutcomeKind.REFUSED, str(error)), None
        if meant.action.ask is Ask.LABELS:
            query = LabelsQuery(meant.card.key)
            page = await self._clerk.ask(self._clerk.desk.view(query, meant.press.user.identity))
            return not_shown, labels_form(page, meant.asking)
        return not_shown, modals.entry(meant.asking, meant.choices)

    async def _editor_for(self, meant: _Meant, notice: str) -> Element:
        """ValueError with a sentence when Slack has no form for it."""
        reader, view = meant.press.user.identity, self._clerk.desk.view
        if meant.action.ask is Ask.POST:
            found = await self._clerk.ask(view(CardQuery(meant.card.key), reader))
            if found.card is None or found.post is None:
                raise ValueError(meant.desk.speech.say("This post cannot be edited any more."))
            planned = composer.Planned(found.card, found.post)
            return composer.composer(meant.desk, meant.press.container.channel_id, planned)
        page = await self._clerk.ask(view(EditorQuery(meant.card.key), reader))
        return modals.editor(page, meant.asking, notice=notice)

    async def _start_editing(self, meant: _Meant) -> Outcome:
        return await self._perform(meant.press, StartEditing(meant.data.token, meant.data.revision))

    async def _perform(self, press: Press, command: Command) -> Outcome:
        return await self._clerk.perform(press.user.identity, press.id, command)

    async def _see(self, ack: AsyncAck, press: Press) -> None:
        """History and why: it only looks, so nothing is committed."""
        token = CardToken(press.pressed.data.removeprefix(f"{SEE}."))
        reader, view = press.user.identity, self._clerk.desk.view
        page = await self._clerk.ask(view(HistoryQuery(token), reader))
        if page.refusal:
            await ack()
            await self._say(press, Outcome(OutcomeKind.REFUSED, page.refusal))
            return
        desk = await self._clerk.ask(view(DeskQuery(), reader))
        await self._open(press, modals.history(page, zone_of(desk.zone)))
        await ack()

    async def _look_back(self, ack: AsyncAck, press: Press) -> None:
        """It only looks, as history does."""
        token = CardToken(press.pressed.data.removeprefix(f"{BEFORE}."))
        reader, view = press.user.identity, self._clerk.desk.view
        page = await self._clerk.ask(view(SaidBeforeQuery(token), reader))
        if page.refusal:
            await ack()
            await self._say(press, Outcome(OutcomeKind.REFUSED, page.refusal))
            return
        desk = await self._clerk.ask(view(DeskQuery(), reader))
        memory = modals.Memory(channel=press.container.channel_id)
        await self._open(press, looking_back(page, zone_of(desk.zone), memory))
        await ack()

    async def _open(self, press: Press, view: Element) -> bool:
        method = "views.push" if press.is_in_modal else "views.open"
        return await self._clerk.open(press.trigger_id, view, method=method)

    async def _say(self, press: Press, outcome: Outcome) -> None:
        """In the channel privately; in a view by drawing it anew."""
        if outcome is NOT_OURS:
            speech = await self._clerk.speech(press.user.identity)
            outcome = replace(outcome, says=speech.say(outcome.says))
        if press.view is None:
            await self._clerk.tell(Corner(press.user.id, press.container.channel_id), outcome)
        else:
            await self._views.refresh(press.user, press.view, outcome.says)


def _action_of(card: Card, data: ButtonData) -> Action | None:
    """None when the card moved on: what the press meant is then for the desk to refuse."""
    if card.revision != data.revision:
        return None
    found = [
        one for one in card.actions if (one.name, one.argument) == (data.action, data.argument)
    ]
    return found[0] if found else None


def _must_ask(press: Press, action: Action) -> bool:
    """A button brings its own confirmation, an option of a menu cannot."""
    return action.ask is not Ask.NOTHING or (bool(action.confirm) and press.is_from_menu)
