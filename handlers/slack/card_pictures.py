"""Pictures of other people on a card: counted in words, and shown where Slack may fetch them.

That of the comment is an image below its words. That of the post it stands under is smaller: the
accessory of a section, beside the line that counts the pictures of the post.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import Card, Link, Picture, Spans, Text, plain
from bot.speech.speech import Speech
from handlers.pictures import pictures_counted, shown_at_once, shown_when_asked
from handlers.shortening import cut
from handlers.slack import blocks
from handlers.slack.limits import SENTENCE
from handlers.slack.spans import Element
from handlers.visible import visible

ALT = 1_000
"""Characters of a description; Slack takes 2,000."""


def pictures_line(media: Picture, speech: Speech) -> Spans:
    """How many there are, and the way to a sensitive one."""
    says = pictures_counted(media, speech)
    if media.alt_text:
        says = speech.say("{what}: {why}", what=says, why=cut(media.alt_text, 120))
    counted = Text(f"📷 {says}")
    address = shown_when_asked(media)
    asked = (Text(" · "), Link(speech.say("Show it"), address)) if address else ()
    return (counted, *asked)


def with_pictures(drawn: Sequence[Element], card: Card) -> list[Element]:
    """The blocks of a card, with those pictures that are shown at once."""
    mark, shown = f"r{card.revision}", list(drawn)
    address, place = shown_at_once(card.context_media), place_below(shown, f"post.{mark}") - 1
    if card.context_media is not None and address and place >= 0:
        shown[place] = _beside(f"post.{mark}", card.context_media, address, card.speech)
    address = shown_at_once(card.media)
    if card.media is not None and address:
        image = _image(card.media, address, card.speech)
        shown.insert(place_below(shown, f"said.{mark}"), {**image, "block_id": f"seen.{mark}"})
    return shown


def place_below(drawn: Sequence[Element], block_id: str) -> int:
    """The place below that block, or above all where there is none."""
    found = (at for at, one in enumerate(drawn) if one.get("block_id") == block_id)
    return 1 + max(found, default=-1)


def _beside(block_id: str, media: Picture, address: str, speech: Speech) -> Element:
    return {
        "type": "section",
        "block_id": block_id,
        "text": blocks.plain(plain(pictures_line(media, speech)), SENTENCE),
        "accessory": _image(media, address, speech),
    }


def _image(media: Picture, address: str, speech: Speech) -> Element:
    described = cut(visible(media.alt_text), ALT) or pictures_counted(media, speech)
    return {"type": "image", "image_url": address, "alt_text": described}
