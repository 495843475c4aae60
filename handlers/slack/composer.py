"""The composer: a new post, or a planned one edited again. Pure, plain dicts.

One text for all accounts that are chosen. A post whose accounts have texts of their own gets one
field for each. Pictures are attached beside those that it has, which are taken away in the console.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.cards.card import Card
from bot.cards.pages import AccountRow, DeskPage, PostForm
from bot.model.commands import ComposePost, EditPost, PictureRef, VariantText
from bot.model.ids import SECOND, CardToken, Moment
from bot.speech.speech import Speech, marked
from handlers.account_words import choice_of
from handlers.post_pictures import MOST_PICTURES
from handlers.shortening import cut
from handlers.slack import blocks
from handlers.slack.limits import (
    INPUT_TEXT,
    MENU_OPTIONS,
    SENTENCE,
)
from handlers.slack.names import Modal
from handlers.slack.payloads import Form
from handlers.slack.spans import Element
from handlers.visible import sendable

WHERE, WHEN, TEXT, FILES, ALT = "where", "when", "text", "files", "alt"
"""`block_id` of the fields; a text of one account alone has its slug behind it."""

_OWN = f"{TEXT}."


class Draft(BaseModel):
    """What the modal remembers: the planned post it edits, if it does."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    token: str = ""
    revision: int = 0
    channel: str = ""

    @classmethod
    def read(cls, text: str) -> Draft:
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return cls()


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned post that is edited again."""

    card: Card
    post: PostForm


def composer(desk: DeskPage, channel: str, planned: Planned | None = None) -> Element:
    """ValueError when nothing can be posted anywhere, or a text is too long for a field."""
    speech, say = desk.speech, desk.speech.say
    accounts = [one for one in desk.accounts if one.can_post][:MENU_OPTIONS]
    if not accounts:
        raise ValueError(say("No account of this brand can take posts."))
    post = planned.post if planned else PostForm(())
    if any(len(one.text) > INPUT_TEXT for one in post.variants):
        raise ValueError(say("This text is too long for Slack. Edit it in the console."))
    title = say("Edit post #{number}", number=planned.card.number) if planned else say("New post")
    body = [
        _where(accounts, post, speech),
        *_texts(accounts, post, speech),
        _when(post.slot, desk.zone, speech),
        *_pictures(post.pictures, speech),
        *_attach(MOST_PICTURES - len(post.pictures), speech),
    ]
    memory = _memory(channel, planned).model_dump_json()
    view = blocks.modal(Modal.POST, title, body, memory, speech, submit=say("Ask for approval"))
    return view | ({"notify_on_close": True} if planned else {})


def without_files(view: Element) -> Element:
    """For an app that may not read files: Slack opens no modal then that asks for some."""
    kept = [one for one in view["blocks"] if one.get("block_id") not in {FILES, ALT}]
    return view | {"blocks": kept}


def command_of(form: Form, pictures: tuple[PictureRef, ...] = ()) -> ComposePost | EditPost:
    """`pictures` are all that the post gets; ValueError with a sentence when it makes no sense."""
    draft = Draft.read(form.private_metadata)
    chosen = [option.value for option in form.field(WHERE).selected_options]
    if not chosen:
        raise ValueError(marked("Choose at least one account to post to."))
    common = form.field(TEXT).value or ""
    variants = tuple(VariantText(slug, form.field(_OWN + slug).value or common) for slug in chosen)
    at = form.field(WHEN).selected_date_time
    slot = None if at is None else Moment(at * SECOND)
    if draft.token:
        return EditPost(CardToken(draft.token), draft.revision, variants, slot, pictures)
    return ComposePost(variants, slot, pictures)


def _memory(channel: str, planned: Planned | None) -> Draft:
    if planned is None:
        return Draft(channel=channel)
    card = planned.card
    return Draft(token=card.key, revision=card.revision, channel=channel)


def _where(accounts: Sequence[AccountRow], post: PostForm, speech: Speech) -> Element:
    labels = {one.slug: choice_of(f"{one.name} · {one.network}", one, speech) for one in accounts}
    options = {slug: blocks.option(label, slug) for slug, label in labels.items()}
    chosen = [options[one.account] for one in post.variants if one.account in options]
    element: Element = {
        "type": "multi_static_select",
        "action_id": WHERE,
        "options": list(options.values()),
    }
    if chosen or len(options) == 1:
        element["initial_options"] = chosen or list(options.values())
    return blocks.field(WHERE, speech.say("Where"), element)


def _limit(account: AccountRow, speech: Speech) -> str:
    counted = f"{speech.number(account.text_limit)} {speech.say(account.text_unit)}"
    return speech.say("{what}: {why}", what=account.network, why=counted)


def _texts(accounts: Sequence[AccountRow], post: PostForm, speech: Speech) -> list[Element]:
    texts = {one.account: one.text for one in post.variants}
    # two accounts on one network have one rule
    limits = " · ".join(dict.fromkeys(_limit(one, speech) for one in accounts if one.text_limit))
    if len(set(texts.values())) <= 1:
        common = next(iter(texts.values()), "")
        return [_text(TEXT, speech.say("Text"), common, limits)]
    names = {one.slug: one.name for one in accounts}
    return [
        _text(
            _OWN + slug,
            speech.say("Text for {account}", account=names.get(slug, slug)),
            text,
            limits,
        )
        for slug, text in texts.items()
    ]


def _text(block_id: str, label: str, text: str, hint: str, action_id: str = TEXT) -> Element:
    element: Element = {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": True,
        "max_length": INPUT_TEXT,
    }
    if text:
        element["initial_value"] = sendable(text)
    return blocks.field(block_id, label, element, hint=hint)


def _when(slot: Moment | None, zone: str, speech: Speech) -> Element:
    element: Element = {"type": "datetimepicker", "action_id": WHEN}
    if slot is not None:
        element["initial_date_time"] = slot // SECOND
    hint = speech.say(
        "Empty: as soon as it is approved. The desk tells times in {zone}; this is in yours.",
        zone=zone,
    )
    return blocks.field(WHEN, speech.say("When"), element, hint=hint, optional=True)


def _pictures(pictures: Sequence[PictureRef], speech: Speech) -> list[Element]:
    if not pictures:
        return []
    described = "; ".join(one.alt_text for one in pictures)
    says = speech.plural(
        "{count} picture stays as it is: {described}",
        "{count} pictures stay as they are: {described}",
        len(pictures),
        described=described,
    )
    return [blocks.note("pictures", says[:SENTENCE])]


def _attach(most: int, speech: Speech) -> list[Element]:
    """https://docs.slack.dev/reference/block-kit/block-elements/file-input-element"""
    if most <= 0:
        return []
    element: Element = {
        "type": "file_input",
        "action_id": FILES,
        "filetypes": ["png", "jpg", "jpeg", "gif", "webp"],
        "max_files": most,
    }
    return [
        blocks.field(
            FILES,
            speech.say("Pictures"),
            element,
            hint=speech.say("At most 8 MiB each."),
            optional=True,
        ),
        described_field(speech),
    ]


def described_field(speech: Speech, text: str = "", *, is_optional: bool = True) -> Element:
    """What pictures show, one line for each."""
    label = speech.say("What the pictures show")
    hint = speech.say("One line for each picture, in their order, for people who cannot see them.")
    return _text(ALT, label, cut(text, INPUT_TEXT), hint, ALT) | {"optional": is_optional}
