"""A person in front of a real console: opens pages, reads cards, presses buttons."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp

from bot.cards.actions import ActionName
from tests.patience import PATIENCE

T = TypeVar("T")
ANSWER = aiohttp.ClientTimeout(total=PATIENCE)
LOOK_SECONDS = 0.05

_CSRF = re.compile(r'name="csrf(?:-token" content|" value)="([0-9a-f]{64})"')
_CARD = re.compile(r'<article class="card" id="card-(\w{12})"([^>]*)>(.*?)</article>', re.DOTALL)
_PRESS = re.compile(r'data-press="([^"]+)"')
_LINK = re.compile(r'href="([^"]+)"')
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A card as it stood on a page; texts are as a person reads them."""

    token: str
    number: int
    quote: str
    draft: str
    state: str
    buttons: tuple[str, ...] = field(repr=False)
    source_link: str = field(repr=False)
    links: tuple[str, ...] = field(repr=False)
    raw: str = field(repr=False)

    def button(self, action: ActionName, argument: str = "") -> str | None:
        """The data of the button, None when the card does not offer it."""
        for data in self.buttons:
            name, _token, _revision, *rest = data.split(".")
            if name == action and (rest[0] if rest else "") == argument:
                return data
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk answered to a press."""

    status: int
    says: str
    note: str = ""

    @property
    def is_done(self) -> bool:
        return self.status == 200


class Unserved(AssertionError):
    """A page was not shown."""


class Person:
    """One browser. Its token outlives the desk's process, as an open page does."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http
        self._csrf = ""

    async def sign_in(self, link: str) -> None:
        """Open the link that `replydesk console-token` printed, and press its button."""
        path = link.removeprefix(self._url)
        await self._open(path)
        await self._submit("/sign-in", token=path.partition("token=")[2])
        await self._open("/")

    async def act_as(self, member: str) -> None:
        """The demo's switch."""
        await self._open("/")
        await self._submit("/act-as", member=member)

    async def page(self, path: str) -> str:
        async with self._http.get(self._url + path) as answer:
            text = await answer.text()
            if answer.status != 200:
                raise Unserved(f"{path} answered {answer.status}: {text}")
            return text

    async def newest(self, chosen: str = "open") -> list[SeenCard]:
        """The cards of a filter's first page."""
        return read_cards(await self.page(f"/fragments/queue?filter={chosen}"))

    async def cards(self, chosen: str = "open") -> list[SeenCard]:
        """Every card of a filter, on all its pages."""
        found: list[SeenCard] = []
        number = 1
        while True:
            text = await self.page(f"/fragments/queue?filter={chosen}&page={number}")
            found += read_cards(text)
            if 'rel="next"' not in text:
                return found
            number += 1

    async def card_of(self, words: str, chosen: str = "open") -> SeenCard | None:
        """The first card whose quote holds these words."""
        for card in await self.cards(chosen):
            if words in card.quote:
                return card
        return None

    async def press(
        self, card: SeenCard, action: ActionName, entry: str = "", *, press: str = ""
    ) -> Answer:
        """Press a button of a card; `press` repeats an earlier press whose answer was lost."""
        data = card.button(action)
        assert data is not None, f"There is no {action} on {card}"
        return await self.press_data(data, entry, press=press)

    async def press_data(self, data: str, entry: str = "", *, press: str = "") -> Answer:
        body = {"data": data, "entry": entry, "id": press or str(uuid4())}
        return await self._post("/act", body)

    async def order(self, name: str, **fields: object) -> Answer:
        return await self._post(f"/orders/{name}", {"id": str(uuid4()), **fields})

    async def ask(self, path: str, **fields: object) -> dict[str, Any]:
        """What a script of the page is answered, whole."""
        return await self._json(path, {"id": str(uuid4()), **fields})

    async def _open(self, path: str) -> None:
        found = _CSRF.search(await self.page(path))
        assert found, f"{path} has no token"
        self._csrf = found[1]

    async def _submit(self, path: str, **fields: str) -> None:
        data = {"csrf": self._csrf, **fields}
        async with self._http.post(self._url + path, data=data, allow_redirects=False) as answer:
            assert answer.status == 303, f"{path}: {answer.status} {await answer.text()}"

    async def _post(self, path: str, body: object) -> Answer:
        told = await self._json(path, body)
        says, note = str(told.get("says", "")), str(told.get("note", ""))
        return Answer(int(told["status"]), says, note)

    async def _json(self, path: str, body: object) -> dict[str, Any]:
        headers = {"X-CSRF-Token": self._csrf}
        async with self._http.post(self._url + path, json=body, headers=headers) as answer:
            assert answer.status != 500, await answer.text()
            return {**await answer.json(), "status": answer.status}


@asynccontextmanager
async def person_at(url: str, *, link: str = "", act_as: str = "") -> AsyncIterator[Person]:
    """Somebody at the console: signed in by a link, or in the demo acting as a member."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=ANSWER) as http:
        person = Person(url, http)
        if link:
            await person.sign_in(link)
        if act_as:
            await person.act_as(act_as)
        yield person


async def eventually(
    look: Callable[[], Awaitable[T | None]], what: str, seconds: float = PATIENCE
) -> T:
    """The first answer that is not empty; looks again until then."""
    begun = time.monotonic()
    while True:
        seen = await look()
        if seen:
            return seen
        assert time.monotonic() - begun < seconds, f"Not within {seconds} s: {what}"
        await asyncio.sleep(LOOK_SECONDS)


def read_cards(page: str) -> list[SeenCard]:
    return [_read_card(*found) for found in _CARD.findall(page)]


def _read_card(token: str, attributes: str, body: str) -> SeenCard:
    links = _between(body, '<p class="card-links">', "</p>")
    source = _between(body, '<p class="card-source"', "</p>")
    state = _between(body, '<span class="state-words">', "</p>")
    draft = re.search(r'<section class="card-draft"[^>]*data-text="([^"]*)"', body)
    number = re.search(r'data-number="(\d+)"', attributes)
    assert number is not None
    return SeenCard(
        token=token,
        number=int(number[1]),
        quote=_text(_between(body, '<blockquote class="card-quote"', "</blockquote>")),
        draft=html.unescape(draft[1]) if draft else "",
        state=_text(state),
        buttons=tuple(dict.fromkeys(map(html.unescape, _PRESS.findall(body)))),
        source_link=html.unescape(next(iter(_LINK.findall(source)), "")),
        links=tuple(map(html.unescape, _LINK.findall(links))),
        raw=body,
    )


def _between(text: str, opening: str, closing: str) -> str:
    """What stands between; of an opening without its `>` the rest of the tag is left out."""
    _, found, rest = text.partition(opening)
    if not found:
        return ""
    inner = rest.partition(closing)[0]
    return inner if opening.endswith(">") else inner.partition(">")[2]


def _text(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup)).strip()
