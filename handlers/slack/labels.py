"""Labels in a modal: a list in which those that the item has are chosen, and a field for new ones.

What was chosen when it was opened goes with it, so what is sent says only what this person changed.
"""

from __future__ import annotations

from bot.cards.label_choices import KINDS, LabelChoice, LabelKind, LabelsPage, entry_of
from bot.model.label import LONGEST
from handlers.slack import blocks
from handlers.slack.limits import MENU_OPTIONS
from handlers.slack.modals import FIELD, Asking, Memory, quoted
from handlers.slack.names import Modal
from handlers.slack.payloads import Submission
from handlers.slack.render import data_of
from handlers.slack.spans import Element

LABELS = "labels"
"""`block_id` of the list."""

_NEW = 400
"""Characters of the field for new ones."""


class _Ticked(Memory):
    labels: tuple[str, ...] = ()
    """Those that were chosen when it was opened."""


def labels_form(page: LabelsPage, asking: Asking) -> Element:
    card, say = asking.card, page.speech.say
    offered = {kind: page.of(kind)[:MENU_OPTIONS] for kind in LabelKind}
    groups = [
        blocks.option_group(say(KINDS[kind]), [_option(one) for one in some])
        for kind, some in offered.items()
        if some
    ]
    chosen = [one for some in offered.values() for one in some if one.is_on]
    picking: Element = {
        "type": "multi_static_select",
        "action_id": LABELS,
        "option_groups": groups,
    }
    if chosen:
        picking["initial_options"] = [_option(one) for one in chosen]
    new: Element = {"type": "plain_text_input", "action_id": FIELD, "max_length": _NEW}
    hint = say("With commas between them, at most {count} characters each.", count=LONGEST)
    body = [
        *quoted(card, asking.zone),
        blocks.field(LABELS, say("Labels"), picking, optional=True),
        blocks.field(FIELD, say("New labels of the team"), new, hint=hint, optional=True),
    ]
    stood = asking.memory.model_dump() | {"data": data_of(card, asking.action)}
    memory = _Ticked(**stood, labels=tuple(one.value for one in chosen))
    return blocks.modal(
        Modal.ENTRY,
        f"#{card.number}",
        body,
        memory.model_dump_json(),
        page.speech,
        submit=say("Save"),
    )


def labels_entry(sent: Submission) -> str:
    """What the person changed, as the press says it."""
    before = _Ticked.read(sent.view.private_metadata).labels
    after = [one.value for one in sent.view.field(LABELS).selected_options]
    new = (sent.view.field(FIELD).value or "").split(",")
    return entry_of(before, after, new)


def _option(one: LabelChoice) -> Element:
    return blocks.option(one.label, one.value)
