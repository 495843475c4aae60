"""Webhooks that are wrong, hostile or strange, against one real desk: it says so and lives on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import time
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from integrations.sandbox.hooks import signed_headers
from integrations.sandbox.server import SandboxServer
from tests.e2e.console_client import Person, SeenCard, eventually, person_at
from tests.e2e.deliveries import delivery
from tests.e2e.process import HOOK_SECRET, TOKEN, DeskHome, said_by
from tests.services import free_port

# One desk for the module, so one event loop for it too.
pytestmark = pytest.mark.asyncio(loop_scope="module")

MAX_BODY = 1024 * 1024


@dataclass
class Site:
    home: DeskHome
    person: Person
    http: aiohttp.ClientSession

    async def post(
        self, body: bytes, *, secret: str = HOOK_SECRET, age: float = 0.0
    ) -> tuple[int, str]:
        """Deliver a body as the network does, signed `age` seconds ago; status and answer."""
        headers = signed_headers(secret, int((time() - age) * 1000), "d1", body)
        return await self.send(body, headers)

    async def send(self, body: Any, headers: dict[str, str]) -> tuple[int, str]:
        async with self.http.post(self.home.hook, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def card(self, mark: str) -> SeenCard:
        return await eventually(lambda: self.person.card_of(mark, "all"), f"a card with {mark}")

    async def cards_with(self, mark: str) -> list[SeenCard]:
        return [card for card in await self.person.cards("all") if mark in card.quote]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    home = DeskHome(tmp_path_factory.mktemp("hooks") / "desk")
    async with SandboxServer(token=TOKEN) as sandbox, aiohttp.ClientSession() as http:
        home.network = sandbox.url
        home.configure(poll_seconds=3600)
        home.lay_database()
        async with home.open():
            link = await home.sign_in_link("alice")
            async with person_at(home.url, link=link) as alice:

                async def known() -> bool:
                    return "acme_tea" in await alice.page("/fragments/desk")

                await eventually(known, "the account is known")
                yield Site(home, alice, http)


async def test_a_hook_that_is_not_json_is_refused(site: Site) -> None:
    for body in (b"hello", b"", b"\xff\xfe\x00", b"[" * 100_000, b'{"delivery": "d1"}', b"null"):
        status, said = await site.post(body)
        assert (status, said) == (400, "This hook cannot be read."), body[:20]


async def test_a_hook_of_ten_megabytes_is_refused_unread(site: Site) -> None:
    body = b" " * 10 * MAX_BODY
    headers = signed_headers(HOOK_SECRET, int(time() * 1000), "d1", body)
    assert (await _status_of_large(site, body, headers)) == 413
    assert (await _status_of_large(site, _in_pieces(body), headers)) == 413


async def test_a_hook_with_a_wrong_signature_stores_nothing(site: Site) -> None:
    body = delivery("KWRONG looks like a comment")
    refused = (401, "The signature does not prove who sent this hook.")
    assert await site.post(body, secret="another secret") == refused
    assert await site.send(body, {"Content-Type": "application/json"}) == refused
    signed = signed_headers(HOOK_SECRET, int(time() * 1000), "d1", body)
    assert await site.send(body + b" ", signed) == refused
    assert await site.cards_with("KWRONG") == []


async def test_a_hook_that_is_played_again_stores_nothing_and_twice_is_one_card(
    site: Site,
) -> None:
    body = delivery("KTWICE where is my order?")
    assert (await site.post(body, age=3600))[0] == 401
    assert (await site.post(body, age=-3600))[0] == 401
    assert await site.cards_with("KTWICE") == []
    assert (await site.post(body))[0] == 200
    assert (await site.post(body))[0] == 200
    await site.card("KTWICE")
    assert len(await site.cards_with("KTWICE")) == 1


async def test_a_hook_of_an_address_that_is_not_configured_is_refused(site: Site) -> None:
    body = delivery("KSTRAY")
    headers = signed_headers(HOOK_SECRET, int(time() * 1000), "d1", body)
    for path in ("/hooks/sandbox/other", "/hooks/nowhere/acme", "/hooks/sandbox/%00"):
        async with site.http.post(site.home.url + path, data=body, headers=headers) as answer:
            assert answer.status == 404


STRANGE = {
    "KRTL": "KRTL \u202eשלום\u202c مرحبا?",
    "KZERO": "K\u200bZ\u2060ERO zero\u200dwidth\ufeff?",
    "KCHANNEL": "KCHANNEL <!channel> <@U123> @everyone ?",
    "KHTML": "KHTML <script>alert(1)</script><b onclick=x>bold</b> &amp; &lt;i&gt; ?",
    "KSLACK": "KSLACK *bold* `code` {{ 7*7 }} {% raw %} %s {0} ?",
    "KCONTROL": "KCONTROL a\x07b\x1b[31mred\r\nnext ?",
    "KEMOJI": "KEMOJI 👨‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0301\u0301\u0301\u0301\u0301 ?",
    "KNUL": "KNUL a\x00b ?",
    "KBROKEN": "KBROKEN half \ud83d and other \udc00 half ?",
    "KLONG": "KLONG " + "ä " * 50_000,
    "KWORD": "KWORD " + "x" * 100_000,
}
SHOWN = {
    "KRTL": "KRTL [right-to-left override]שלום[pop directional formatting] مرحبا?",
    "KZERO": "KZERO zero\u200dwidth?",
    "KCHANNEL": STRANGE["KCHANNEL"],
    "KHTML": STRANGE["KHTML"],
    "KSLACK": STRANGE["KSLACK"],
    "KCONTROL": "KCONTROL a␇b␛[31mred\nnext ?",
    "KEMOJI": "KEMOJI 👨‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0301\u0301\u0301 ?",
    "KNUL": "KNUL ab ?",
    "KBROKEN": "KBROKEN half \ufffd and other \ufffd half ?",
}


async def test_strange_texts_are_shown_as_text(site: Site) -> None:
    """JSON with escapes, as PHP and Java write it: halves of pairs arrive as halves."""
    for mark, text in STRANGE.items():
        status, said = await site.post(delivery(text))
        assert (status, said) == (200, "ok"), mark
    for mark, text in STRANGE.items():
        card = await site.card(mark)
        assert "<script" not in card.raw
        assert "<b onclick" not in card.raw
        if mark in SHOWN:
            assert card.quote == SHOWN[mark]
        else:
            assert card.quote.startswith(text[:200])
            assert text[:5_000] in await site.person.page(f"/cards/{card.token}")


async def test_strange_names_are_shown_as_text(site: Site) -> None:
    author = {"name": "<img src=x onerror=alert(1)> \ud83d", "handle": "a\u202eb</script>"}
    assert (await site.post(delivery("KNAME who is this?", **author)))[0] == 200
    card = await site.card("KNAME")
    assert "<img" not in card.raw
    assert "&lt;img src=x onerror=alert(1)&gt; \ufffd" in card.raw


async def test_a_hook_of_an_unknown_account_or_kind_is_taken_and_makes_no_card(
    site: Site,
) -> None:
    assert (await site.post(delivery("KELSE half \ud83d", account="somebody-else")))[0] == 200
    assert (await site.post(delivery("KKIND half \ud83d", kind="comment.reaction_added")))[0] == 200
    assert (await site.post(delivery("KTYPE", text_type=["half \ud83d"])))[0] == 200
    await site.post(delivery("KAFTER where is it?"))
    await site.card("KAFTER")
    for mark in ("KELSE", "KKIND", "KTYPE"):
        assert await site.cards_with(mark) == []


async def test_a_second_run_on_the_same_file_is_refused(site: Site) -> None:
    code, said = await said_by(site.home.folder, "run", environment={"PORT": str(free_port())})
    assert code == 1
    assert "replydesk is already running on" in said
    assert "which runs all). Stop it first, or give this one a database of its own." in said
    assert "Traceback" not in said


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def _status_of_large(site: Site, body: Any, headers: dict[str, str]) -> int:
    """The status, though the desk closes before it has read everything."""
    status, said = await site.send(body, headers)
    assert said == "A hook may have at most 1 MiB; this one was not read."
    return status
