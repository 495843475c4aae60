"""Forgetting a person: what they wrote and what we wrote to them is erased, the decisions stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.model.account import Account
from bot.model.event import EventKind, Subject
from bot.model.ids import AuthorId, ItemId, Moment
from bot.model.item import Author, ItemState
from bot.services.alarms import turned
from bot.services.cancelling import cancel_waiting
from bot.services.page_due import redraw_pages
from bot.store.tx import Tx

CHAT = "command line"


@dataclass(frozen=True, slots=True)
class KnownAuthor:
    """Somebody of the name that was asked for, on one account."""

    author: Author
    account: Account
    items: int


@dataclass(frozen=True, slots=True)
class Forget:
    author_id: AuthorId


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased; `says` is a sentence, and says why when nothing was."""

    is_done: bool
    says: str
    items: int = 0
    drafts: int = 0
    replies: int = 0
    audit_texts: int = 0
    payloads: int = 0


def find(tx: Tx, name: str) -> list[KnownAuthor]:
    """Authors of this handle (with or without `@`) or remote id, on every account."""
    return [
        KnownAuthor(author, tx.accounts.get(author.account_id), tx.erasures.count_items(author.id))
        for author in tx.items.authors_named(name)
    ]


def forget(tx: Tx, commands: Sequence[Forget]) -> list[Forgotten]:
    """Erase each author; refused while a reply to them may be leaving."""
    return [_forget(tx, command.author_id) for command in commands]


def _forget(tx: Tx, author_id: AuthorId) -> Forgotten:
    author = tx.items.author(author_id)
    items = tx.erasures.items_of(author_id)
    unproved = tx.erasures.unproved(items)
    if unproved:
        numbers = ", ".join(f"#{number}" for number in unproved[:10])
        return Forgotten(
            False,
            f"A reply to this author is on its way ({numbers}), and its text is needed until its "
            "fate is known. Settle it on its card, then run this again. Nothing was erased.",
        )
    now = tx.now()
    account = tx.accounts.get(author.account_id)
    _close(tx, items, now)
    names = {author.handle, author.handle.removeprefix("@"), author.display_name, author.remote_id}
    done = _erase(tx, author, items, names)
    _redraw_incidents(tx, items, now)
    tx.audits.add(
        account.brand_id,
        "author_forgotten",
        Subject.AUTHOR,
        author_id,
        now,
        chat=CHAT,
        items=done.items,
        drafts=done.drafts,
        replies=done.replies,
        audit_texts=done.audit_texts,
        payloads=done.payloads,
    )
    tx.events.add(EventKind.AUTHOR_FORGOTTEN, account.brand_id, Subject.AUTHOR, author_id, now)
    return done


def _close(tx: Tx, items: Sequence[ItemId], now: Moment) -> None:
    """Nobody can answer what is erased: call off what waits, and clear the desk."""
    for item_id in items:
        item = tx.items.get(item_id)
        cancel_waiting(tx, item, now, why="its author asked to be forgotten")
        tx.items.set_state(item_id, ItemState.CLOSED)
        tx.due.drop(f"triage:{item_id}")
        tx.due.drop(f"translate:{item_id}")
        tx.cards.turn(CardKind.ITEM, item_id, now, how="The desk erased what this author wrote")


def _redraw_incidents(tx: Tx, items: Sequence[ItemId], now: Moment) -> None:
    """Their cards quote what was erased, wherever they stand and in every page."""
    for incident_id in tx.incidents.of_items(items):
        how = "The desk erased what this author wrote"
        turned(tx, tx.incidents.get(incident_id), now, how=how)
        redraw_pages(tx, incident_id, now)


def _erase(tx: Tx, author: Author, items: Sequence[ItemId], names: set[str]) -> Forgotten:
    tx.erasures.author(author.id)
    tx.erasures.items(items)
    tx.erasures.translations(items)
    tx.erasures.asides(items)
    tx.search.drop(items)
    drafts = tx.erasures.drafts(items)
    publications = tx.erasures.publications(items)
    texts = tx.audits.erase(Subject.ITEM, items)
    texts += tx.audits.erase(Subject.PUBLICATION, publications)
    texts += tx.audits.erase(Subject.QUESTION, tx.questions.about(items))
    payloads = tx.erasures.unsupported(author.account_id, names)
    return Forgotten(
        True,
        f"Erased the author's name, {_count(len(items), 'item')}, {_count(drafts, 'draft')} and "
        f"{_count(len(publications), 'reply', 'replies')}; the audit keeps its hashes.",
        items=len(items),
        drafts=drafts,
        replies=len(publications),
        audit_texts=texts,
        payloads=payloads,
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
