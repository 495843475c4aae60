"""What an author said before and what others were told, in a modal. Pure, plain dicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bot.cards.actions import ActionName
from bot.cards.said_before import Said, SaidBeforePage
from handlers.said_before_words import BY_AUTHOR, NOTHING, SHORT, TITLE, TO_OTHERS, USE, WE_SAID
from handlers.shortening import cut
from handlers.slack import blocks
from handlers.slack.modals import Memory
from handlers.slack.names import Modal
from handlers.slack.render import ACT
from handlers.slack.spans import Element, rich, words


def looking_back(page: SaidBeforePage, zone: tzinfo, memory: Memory) -> Element:
    say = page.speech.say
    body: list[Element] = []
    body += _part(page, "author", say(BY_AUTHOR), page.by_author, zone)
    body += _part(page, "others", say(TO_OTHERS), page.to_others, zone)
    return blocks.modal(Modal.BEFORE, say(TITLE), body, memory.model_dump_json(), page.speech)


def _part(
    page: SaidBeforePage, mark: str, title: str, said: Sequence[Said], zone: tzinfo
) -> Iterator[Element]:
    yield blocks.rich_text(mark, blocks.section(words(title, "bold")))
    for place, one in enumerate(said):
        yield from _line(page, f"{mark}.{place}", one, zone)
    if not said:
        yield blocks.note(f"{mark}.none", page.speech.say(NOTHING))


def _line(page: SaidBeforePage, mark: str, one: Said, zone: tzinfo) -> Iterator[Element]:
    say = page.speech.say
    parts = [blocks.section(rich(one.head, zone, page.speech))]
    theirs, ours = words(cut(one.theirs, SHORT)), words(cut(one.ours, SHORT))
    parts += [blocks.quote(theirs)] if theirs else []
    parts += [blocks.section(words(say(WE_SAID))), blocks.quote(ours)] if ours else []
    yield blocks.rich_text(mark, *parts)
    if one.use:
        label = say(USE, number=one.number)
        action = f"{ACT}.{ActionName.TOLD.value}.{one.number}"
        yield blocks.actions(f"use.{mark}", [blocks.button(label, action, one.use)])
