"""Modals: what a person is asked before a command is complete. Pure, plain dicts.

A modal remembers in its `private_metadata` what it is about: the button's data with the revision
that the person saw, and the channel in which they are to be told what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Action, Ask, Card, Text, When
from bot.cards.pages import EditorPage, HistoryPage
from bot.cards.week import WeekPage
from bot.speech.speech import ENGLISH, Speech, marked
from handlers.question_words import DUE_BY
from handlers.shortening import cut, shortened
from handlers.slack import blocks
from handlers.slack.limits import (
    IN_VIEW,
    INPUT_TEXT,
    MENU_OPTIONS,
    SENTENCE,
)
from handlers.slack.names import Area, Modal
from handlers.slack.render import data_of, render, zone_of
from handlers.slack.spans import Element, rich, words
from handlers.team_words import Choice
from handlers.visible import sendable

FIELD = "entry"
"""`block_id` of the one thing that is asked for."""

WHOM, BY = "whom", "by"
"""`block_id` of whom a question is for, and by when its answer is wanted."""

ON, BACK = f"{Area.WEEK}.on", f"{Area.WEEK}.back"
"""`action_id` of what goes through the week."""

_TURNS = ((marked("Previous"), BACK), (marked("Skip"), ON))
_LINES = 40
_QUOTED = 700


class Memory(BaseModel):
    """What a modal remembers."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    data: str = ""
    channel: str = ""
    is_pushed: bool = False
    """It stands over another modal, which is old news once this one is done."""
    week: str = ""
    """The modal of the week that it stands over, which then shows the next post."""
    near: int = 0
    total: int = 0
    """Of the week: the post that is shown, and how many there were."""

    @classmethod
    def read(cls, text: str) -> Self:
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return cls()


@dataclass(frozen=True, slots=True)
class Asking:
    """An action for which a person is to be asked something, on the card they saw."""

    card: Card
    action: Action
    memory: Memory
    zone: tzinfo


def editor(
    page: EditorPage, asking: Asking, *, notice: str = "", text: str | None = None
) -> Element:
    """Edit and approve in one step; the button says what it does for this person.

    ValueError when the draft is longer than a field of Slack can hold.
    """
    card, say = asking.card, asking.card.speech.say
    draft = sendable(page.text if text is None else text)
    if len(draft) > INPUT_TEXT:
        raise ValueError(say("This text is too long for Slack. Edit it in the console."))
    data = ButtonData(ActionName.EDIT, card.key, card.revision).encode()
    memory = asking.memory.model_copy(update={"data": data})
    field = {
        "type": "plain_text_input",
        "action_id": FIELD,
        "multiline": True,
        "max_length": INPUT_TEXT,
        "focus_on_load": True,
        **({"initial_value": draft} if draft else {}),
    }
    body = [
        *([blocks.note("notice", notice)] if notice else []),
        *quoted(card, asking.zone),
        blocks.field(
            FIELD, say("Reply on {network}", network=page.network), field, hint=length_rule(card)
        ),
    ]
    title = say("Edit #{number}", number=card.number)
    submit = page.does or say("Save")
    view = blocks.modal(
        Modal.EDIT, title, body, memory.model_dump_json(), card.speech, submit=submit
    )
    return view | {"notify_on_close": True}


def length_rule(card: Card) -> str:
    """The network's own rule: Slack counts otherwise, so the desk counts when it is sent."""
    draft = card.draft
    if draft is None or not draft.limit:
        return ""
    speech = card.speech
    return speech.say(
        "At most {limit} {unit}, as the network counts; now {used}.",
        limit=speech.number(draft.limit),
        unit=speech.say(draft.unit),
        used=speech.number(draft.used),
    )


def entry(asking: Asking, choices: Sequence[Choice] = ()) -> Element:
    """One line, one member, one link, or only a yes."""
    card, action = asking.card, asking.action
    memory = asking.memory.model_copy(update={"data": data_of(card, action)})
    label = action.label.rstrip("….") or "OK"
    asked = _asked(action, choices, card.speech)
    body = [*quoted(card, asking.zone), *asked]
    if action.confirm or not asked:
        body.append(blocks.note("sure", action.confirm or f"{label}?"))
    return blocks.modal(
        Modal.ENTRY, f"#{card.number}", body, memory.model_dump_json(), card.speech, submit=label
    )


def card_view(card: Card, zone: tzinfo, memory: Memory, *, notice: str = "") -> Element:
    """The whole card, with its buttons."""
    above = (Text(notice),) if notice else ()
    drawn = render(card, zone, IN_VIEW, notice=above).blocks
    memory = memory.model_copy(update={"data": card.key})
    return blocks.modal(Modal.CARD, f"#{card.number}", drawn, memory.model_dump_json(), card.speech)


def week_view(page: WeekPage, stood: Memory, *, notice: str = "") -> Element:
    """A post of the week with its buttons, and the way to the others."""
    say, body = page.speech.say, [blocks.note("left", page.says)]
    body += [blocks.note("notice", notice)] if notice else []
    if page.card is not None:
        body += render(page.card, zone_of(page.zone), IN_VIEW).blocks
        turns = [blocks.button(say(label), act, act) for label, act in _TURNS]
        body += [blocks.actions("week", turns)] if page.left > 1 else []
    memory = stood.model_copy(update={"near": page.near, "total": page.total})
    title = say("Approve the week")
    return blocks.modal(Modal.WEEK, title, body, memory.model_dump_json(), page.speech)


def history(page: HistoryPage, zone: tzinfo) -> Element:
    """What happened to a card, oldest first, and why triage said so."""
    body: list[Element] = []
    say = page.speech.say
    for place, line in enumerate(page.lines[-_LINES:]):
        told = (When(line.at), Text(" "), *shortened(line.spans, 300))
        said = rich(told, zone, page.speech)
        parts = [blocks.section(said)]
        detail = words(cut(line.detail, 500))
        if detail:
            parts.append(blocks.quote(detail))
        body.append(blocks.rich_text(f"line.{place}", *parts))
    body += [blocks.note(f"why.{place}", why) for place, why in enumerate(page.why[:20])]
    title = say("History")
    if page.card is not None:
        title = say("History of #{number}", number=page.card.number)
    body = body or [blocks.note("nothing", say("There is nothing to tell."))]
    return blocks.modal(Modal.HISTORY, title, body, Memory().model_dump_json(), page.speech)


def notice_view(says: str, speech: Speech = ENGLISH) -> Element:
    """A sentence for one person where no channel is at hand."""
    body = [blocks.note("says", cut(says, SENTENCE))]
    return blocks.modal(Modal.NOTICE, "replydesk", body, Memory().model_dump_json(), speech)


def _asked(action: Action, choices: Sequence[Choice], speech: Speech) -> list[Element]:
    hint = action.hint
    match action.ask:
        case Ask.LINE | Ask.DRAFT:
            field: Element = {"type": "plain_text_input", "action_id": FIELD}
            field |= {"max_length": INPUT_TEXT, "focus_on_load": True}
            return [blocks.field(FIELD, action.label, field, hint=hint)]
        case Ask.QUESTION:
            return _question(choices, action, speech)
        case Ask.REASON:
            reason: Element = {"type": "plain_text_input", "action_id": FIELD}
            reason |= {"max_length": INPUT_TEXT, "focus_on_load": True}
            return [
                blocks.field(
                    FIELD, speech.say("Why, if you like"), reason, hint=hint, optional=True
                )
            ]
        case Ask.LINK:
            link: Element = {"type": "url_text_input", "action_id": FIELD}
            return [
                blocks.field(
                    FIELD, speech.say("Link to it, if you have one"), link, hint=hint, optional=True
                )
            ]
        case Ask.MEMBER:
            options = _options(choices)
            choice = {"type": "static_select", "action_id": FIELD, "options": options}
            return [blocks.field(FIELD, speech.say("Who takes it?"), choice, hint=hint)]
        case _:
            return []


def _question(choices: Sequence[Choice], action: Action, speech: Speech) -> list[Element]:
    """Whom, by when, and what; whom the action names first is chosen already."""
    say = speech.say
    times = [blocks.option(say(label), one.value) for one, label in DUE_BY.items()]
    text: Element = {"type": "plain_text_input", "action_id": FIELD, "multiline": True}
    text |= {"max_length": INPUT_TEXT}
    choice: Element = {"type": "static_select", "action_id": FIELD}
    options = _options(choices)
    who = choice | {"options": options}
    if choices and choices[0].to in action.first:
        who |= {"initial_option": options[0]}
    due = choice | {"options": times, "initial_option": times[1]}
    return [
        blocks.field(WHOM, say("Whom"), who),
        blocks.field(BY, say("Answer by"), due),
        blocks.field(FIELD, say("Your question"), text, hint=action.hint),
    ]


def _options(choices: Sequence[Choice]) -> list[Element]:
    return [blocks.option(one.label, one.to) for one in choices][:MENU_OPTIONS]


def quoted(card: Card, zone: tzinfo) -> list[Element]:
    said = rich(shortened(card.quote, _QUOTED), zone, card.speech)
    return [blocks.rich_text("said", blocks.quote(said))] if said else []
