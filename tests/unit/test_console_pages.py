"""The console's pages as the person who looks sees them."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import Untrusted
from bot.cards.oncall_board import OnCallBoard, Reach, Turn
from bot.cards.pages import (
    CardQuery,
    HistoryQuery,
    MediaPage,
    PostForm,
    QueueFilter,
    QueueQuery,
    SearchQuery,
)
from bot.errors import StoreUnavailable
from bot.model.commands import PictureRef, VariantText
from bot.model.ids import HOUR, CardToken, MediaHash, Moment
from bot.model.member import ChatIdentity
from handlers.console.files import STATIC, read_static
from tests.fakes import sample_cards
from tests.fakes.console import browsing
from tests.fakes.desk import PNG, FakeDesk
from tests.fakes.sample_cards import NOW

WAITING = "k7Qf2mZx9LpA"
PAGES = ["/", "/search?q=parcel", f"/cards/{WAITING}", "/compose", "/desk", "/report"]
FRAGMENTS = [
    "/fragments/queue",
    f"/fragments/card/{WAITING}",
    f"/fragments/item/{WAITING}",
    f"/fragments/labels/{WAITING}",
    "/fragments/desk",
    "/fragments/just-happened",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_whole_never_cached_and_lets_nothing_foreign_in(path: str) -> None:
    async with browsing() as browser:
        answer = await browser.get(path)
        text = await answer.text()
    assert answer.status == 200
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<style" not in text
    assert "style=" not in text
    assert " onclick" not in text
    assert "<script type=" in text
    assert text.count("<script") == 1


@pytest.mark.parametrize("path", FRAGMENTS)
async def test_a_fragment_is_one_element_and_never_cached(path: str) -> None:
    async with browsing() as browser:
        answer = await browser.get(path)
        text = (await answer.text()).strip()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert text.startswith("<")
    assert "<!doctype" not in text
    assert "<html" not in text


async def test_a_page_is_read_as_the_person_who_looks() -> None:
    async with browsing() as browser:
        await browser.open()
        await browser.submit("/act-as", member="alice")
        await browser.text("/")
        assert browser.desk.queries[-1][1] == ChatIdentity("console", "alice")


async def test_the_demo_shows_the_network_beside_the_team_channel() -> None:
    async with browsing(sandbox=True) as browser:
        text = await browser.text("/")
    assert '<iframe src="/sandbox/" title=' in text
    assert "Your first minute" in text


async def test_without_a_sandbox_the_team_channel_stands_alone() -> None:
    async with browsing(sandbox=False) as browser:
        text = await browser.text("/")
    assert "<iframe" not in text
    assert "Your first minute" not in text
    assert "Ann Kowalski" in text


async def test_filters_say_how_many_cards_each_would_show() -> None:
    async with browsing() as browser:
        text = await browser.text("/?filter=done")
    assert 'id="filter-done" aria-current="true">Done <span class="count">4</span>' in text
    assert 'Mine <span class="count" data-none>0</span>' in text
    assert "Third week without my parcel and" not in text


async def test_an_items_page_lists_its_notes_as_text_and_has_a_form_for_another() -> None:
    async with browsing() as browser:
        text = await browser.text(f"/cards/{WAITING}")
        post = await browser.text("/cards/postapproval")
    assert "They &lt;rang&gt; back.\nAll is well." in text
    assert f'data-press="note.{WAITING}.3"' in text
    assert 'id="notes"' not in post


async def test_the_queue_is_narrowed_by_a_label_that_every_link_keeps() -> None:
    cards = [
        replace(sample_cards.waiting(), key=CardToken(f"many{number:08}"), number=number)
        for number in range(60)
    ]
    async with browsing(FakeDesk(cards)) as browser:
        text = await browser.text("/?label=Press+kit")
        fragment = await browser.text("/fragments/queue?filter=mine&page=1&label=refund")
        done = await browser.text("/?filter=done&label=refund")
        asked = [query for query, _ in browser.desk.queries if isinstance(query, QueueQuery)]
    assert asked == [
        QueueQuery(QueueFilter.OPEN, 25, 0, label="Press kit"),
        QueueQuery(QueueFilter.MINE, 25, 0, label="refund"),
        QueueQuery(QueueFilter.DONE, 25, 0),
    ]
    assert 'data-label="Press kit"' in text
    assert "Label: Press kit" in text
    assert 'href="/?label=Press+kit&amp;page=2" rel="next"' in text
    assert 'href="/?label=high+urgency"' in text
    assert 'href="/?filter=mine&amp;label=delivery"' in fragment
    assert "Nothing waits with this label" in fragment
    assert "By label" not in done


@pytest.mark.parametrize("query", ["filter=nonsense", "page=0", "page=-1", "page=x", "page=９"])
async def test_a_query_that_means_nothing_shows_the_first_open_page(query: str) -> None:
    async with browsing() as browser:
        await browser.text(f"/?{query}")
        asked = [query for query, _ in browser.desk.queries if isinstance(query, QueueQuery)]
    assert asked == [QueueQuery(QueueFilter.OPEN, 25, 0)]


async def test_many_cards_are_paged() -> None:
    cards = [
        replace(sample_cards.waiting(), key=CardToken(f"many{number:08}"), number=number)
        for number in range(60)
    ]
    async with browsing(FakeDesk(cards)) as browser:
        first = await browser.text("/")
        second = await browser.text("/?page=2")
    assert first.count("<article") == 25
    assert 'href="/?page=2" rel="next"' in first
    assert 'rel="prev"' not in first
    assert "Page 2 of 3" in second
    assert 'href="/" rel="prev"' in second
    assert 'href="/?page=3" rel="next"' in second


async def test_a_search_shows_what_it_found_page_by_page() -> None:
    cards = [
        replace(sample_cards.waiting(), key=CardToken(f"many{number:08}"), number=number)
        for number in range(60)
    ]
    async with browsing(FakeDesk(cards)) as browser:
        second = await browser.text("/search?q=PARCEL+%3Cb%3E&page=2")
        nothing = await browser.text("/search?q=zanzibar")
        await browser.text("/search")
        asked = [query for query, _ in browser.desk.queries if isinstance(query, SearchQuery)]
    assert asked[0] == SearchQuery("PARCEL <b>", 25, 25)
    assert asked[2].words == ""
    assert "PARCEL &lt;b&gt;" in second
    assert "PARCEL <b>" not in second
    assert "Nothing found" in nothing


async def test_an_empty_queue_says_what_will_come() -> None:
    async with browsing(FakeDesk()) as browser:
        assert "All answered" in await browser.text("/")


async def test_the_items_page_tells_what_happened_why_and_who_decided() -> None:
    async with browsing() as browser:
        text = await browser.text(f"/cards/{WAITING}")
        assert (HistoryQuery(CardToken(WAITING)), ChatIdentity("console", "olga")) in (
            browser.desk.queries
        )
    assert "Version 1 was drafted from a template." in text
    assert "read as a complaint about delivery" in text
    assert "15:10 Olga saved version 1." in text
    assert "Audit, 1 entry" in text


async def test_texts_in_the_history_are_text() -> None:
    desk = FakeDesk(sample_cards.every_shape())
    desk.detail = "<img src=x onerror=alert(1)>"
    async with browsing(desk) as browser:
        for path in (f"/cards/{WAITING}", "/fragments/just-happened"):
            text = await browser.text(path)
            assert "<img" not in text
            assert "&lt;img src=x" in text


async def test_the_items_page_shows_all_of_what_the_channel_cuts() -> None:
    words = "long " * 2_000
    card = replace(sample_cards.waiting(), quote=(Untrusted(words),))
    async with browsing(FakeDesk([card])) as browser:
        assert words.strip() not in await browser.text("/")
        assert words.strip() in await browser.text(f"/cards/{WAITING}")


@pytest.mark.parametrize(
    "path",
    ["/cards/nosuchcard00", "/cards/x", "/cards/..%2f..%2fetc", "/compose/nosuchcard00", "/x"],
)
async def test_what_is_not_there_is_a_page_with_a_way_back(path: str) -> None:
    async with browsing() as browser:
        answer = await browser.get(path)
        text = await answer.text()
    assert answer.status == 404
    assert 'href="/"' in text
    assert "Traceback" not in text


async def test_a_card_that_went_away_is_a_404_for_the_script() -> None:
    async with browsing() as browser:
        assert (await browser.get("/fragments/card/nosuchcard00")).status == 404
        assert (CardQuery(CardToken("nosuchcard00"))) in [q for q, _ in browser.desk.queries]


@pytest.mark.parametrize("path", [*PAGES, *FRAGMENTS])
async def test_a_store_that_does_not_answer_is_said_and_not_a_crash(path: str) -> None:
    desk = FakeDesk(sample_cards.every_shape())
    desk.failing = StoreUnavailable("locked")
    async with browsing(desk) as browser:
        answer = await browser.get(path)
        text = await answer.text()
    assert answer.status == 503
    assert "does not answer right now" in text
    assert "locked" not in text


async def test_the_desk_page_says_how_everything_is_and_offers_what_helps() -> None:
    async with browsing() as browser:
        text = await browser.text("/desk")
    assert "Planned posts on Acme Books are paused by Alice" in text
    assert "The feed answers 410" in text
    assert "It cannot publish posts: a feed is only read." in text
    assert 'data-order="go_live" data-fields=\'{"account": "books"}\'' in text
    assert 'data-order="watch_only" data-fields=\'{"account": "acme"}\'' in text
    assert 'data-order="retry_work" data-fields=\'{"due_id": 9}\'' in text
    assert "Set OPENAI_API_KEY" in text
    assert "Unpause…" in text


async def test_a_desk_without_pauses_offers_no_unpause() -> None:
    desk = FakeDesk()
    desk.page = replace(desk.page, holds=(), dead_letters=())
    async with browsing(desk) as browser:
        text = await browser.text("/desk")
    assert "Nothing is paused" in text
    assert "Unpause…" not in text


async def test_an_accounts_name_cannot_leave_its_attribute() -> None:
    desk = FakeDesk()
    bad = replace(desk.page.accounts[0], slug="a'b", name="\"'><script>x</script>")
    desk.page = replace(desk.page, accounts=(bad,))
    async with browsing(desk) as browser:
        assert "<script>x" not in await browser.text("/compose")
        text = await browser.text("/desk")
    assert "<script>x" not in text
    assert 'data-fields=\'{"account": "a\\u0027b"}\'' in text


async def test_the_composer_offers_only_accounts_that_can_post_and_says_why_not() -> None:
    async with browsing() as browser:
        text = await browser.text("/compose")
    assert text.count('name="account"') == 3
    assert text.count("disabled") == 1
    assert "It cannot publish posts: a feed is only read." in text
    assert 'data-order="compose_post"' in text


async def test_editing_a_post_fills_the_composer_with_it() -> None:
    desk = FakeDesk(sample_cards.every_shape())
    desk.post = PostForm(
        variants=(VariantText("acme", "Common"), VariantText("books", "For readers")),
        slot=NOW,
        pictures=(PictureRef(MediaHash("ab" * 32), 'A "green" coat'),),
    )
    async with browsing(desk) as browser:
        text = await browser.text("/compose/postapproval")
    assert 'data-order="edit_post" data-token="postapproval" data-revision="1"' in text
    assert ">Common</textarea>" in text
    assert ">For readers</textarea>" in text
    assert 'value="2026-11-30T09:00"' in text
    assert 'value="A &#34;green&#34; coat"' in text


async def test_a_picture_of_ours_is_served_as_a_picture_and_as_nothing_else() -> None:
    async with browsing() as browser:
        answer = await browser.get(f"/media/{sample_cards.PICTURE_HASH}")
        body = await answer.read()
    assert body == PNG
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("digest", ["cd" * 32, "AB" * 32, "x", "ab" * 33])
async def test_a_picture_that_we_do_not_have_is_a_404(digest: str) -> None:
    async with browsing() as browser:
        assert (await browser.get(f"/media/{digest}")).status == 404


async def test_bytes_that_are_not_called_a_picture_are_not_served() -> None:
    desk = FakeDesk()
    desk.pictures["cd" * 32] = MediaPage("text/html", b"<script>")
    async with browsing(desk) as browser:
        assert (await browser.get(f"/media/{'cd' * 32}")).status == 404


async def test_every_static_file_is_served_with_a_type_of_our_own_choosing() -> None:
    async with browsing() as browser:
        for path, file in read_static().items():
            answer = await browser.get(f"/static/{path}")
            assert answer.status == 200
            assert answer.headers["Content-Type"] == file.content_type
            again = await browser.get(
                f"/static/{path}", headers={"If-None-Match": answer.headers["ETag"]}
            )
            assert again.status == 304


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "vendor/SHA256SUMS", "no.js", "."])
async def test_nothing_but_static_files_is_served(path: str) -> None:
    async with browsing() as browser:
        assert (await browser.get(f"/static/{path}")).status == 404


def test_vendored_files_are_what_their_sums_say() -> None:
    sums = (STATIC / "vendor" / "SHA256SUMS").read_text().splitlines()
    pairs = [line.split() for line in sums if not line.startswith("#")]
    listed = {name: checksum for checksum, name in pairs}
    here = {path.name: path for path in (STATIC / "vendor").iterdir() if path.name != "SHA256SUMS"}
    assert listed.keys() == here.keys()
    assert {name: digest(path) for name, path in here.items()} == listed


def test_every_file_that_a_page_or_script_names_is_there() -> None:
    files = read_static()
    named: set[str] = set()
    for path in (STATIC.parent / "templates").glob("*.html"):
        named |= set(re.findall(r'"/static/([^"#]+)', path.read_text()))
    for path in STATIC.glob("*.js"):
        named |= set(re.findall(r'from "\./([^"]+)"', path.read_text()))
    for path in STATIC.glob("*.css"):
        named |= set(re.findall(r'url\("/static/([^"]+)"\)', path.read_text()))
    assert len(named) > 15
    assert named <= files.keys()


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text()))
    used: set[str] = set()
    for path in (STATIC.parent / "templates").glob("*.html"):
        used |= set(re.findall(r"icons\.svg#([a-z]+)", path.read_text()))
    assert used
    assert used <= drawn


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_what_does_not_work_is_said_on_the_desk_page_and_nothing_when_all_does() -> None:
    title = "Runs with less than it could"
    async with browsing() as browser:
        assert title not in await browser.text("/desk")
        trouble = "Redis at <b>host</b> cannot be reached."
        browser.desk.page = replace(browser.desk.page, troubles=(trouble,))
        for path in ("/desk", "/fragments/desk"):
            text = await browser.text(path)
            assert title in text
            assert "Redis at &lt;b&gt;host&lt;/b&gt; cannot be reached." in text


async def test_who_is_on_call_stands_on_the_desk_page_where_anybody_is() -> None:
    desk = FakeDesk()
    async with browsing(desk) as browser:
        assert "test_pages" not in await browser.text("/desk")
        turn = Turn("first", "Bob", Moment(NOW + HOUR), "Olga")
        never = Reach("Alice", (), (("duty", "<b>refused</b>"),))
        desk.page = replace(desk.page, oncall=OnCallBoard((turn,), (never,), firing=2))
        text = await browser.text("/desk")
    assert "Incidents that nobody acknowledged: 2." in text
    assert "first: Bob until" in text
    assert "Alice: unreachable, no page ever arrived. duty: &lt;b&gt;refused&lt;/b&gt;" in text
    assert 'data-order="test_pages"' in text
