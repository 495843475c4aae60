"""Cards as HTML: what a browser would make of them, whatever their texts are."""

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import (
    Action,
    Bold,
    Card,
    Group,
    Light,
    Link,
    MemberName,
    Picture,
    StateLine,
    Text,
    Untrusted,
    When,
)
from bot.model.ids import DAY, HOUR, CardToken, Moment
from handlers.console.limits import IN_CHANNEL, ON_PAGE
from handlers.console.render import (
    Reading,
    Renderer,
    presses_of,
    spans_html,
)
from handlers.fitting import Limits, fitted, weight
from handlers.moments import time_label
from handlers.shortening import cut
from handlers.visible import is_web_link, visible
from tests.fakes import sample_cards
from tests.fakes.sample_cards import NOW

READING = Reading(NOW, ZoneInfo("Europe/Berlin"), IN_CHANNEL)
RENDERER = Renderer()

# Any characters at all, lone surrogates among them, mixed with what breaks out of markup.
ANY_TEXT = st.text(st.characters(), max_size=80)
NASTY = st.sampled_from(
    (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        "</bdi></blockquote></article>",
        "<!--",
        "]]>",
        "&lt;b&gt;&#60;script&#62;",
        "\u202eevil\u202c",
        "\x00\x1b[31m",
        "\ud800",
        "{{ 7*7 }}{% raw %}",
        "javascript:alert(1)",
    )
)
WORDS = st.lists(ANY_TEXT | NASTY, min_size=1, max_size=3).map("".join)


class Elements(HTMLParser):
    """Every element and attribute name in order, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.attributes.extend((name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.shape.append((f"/{tag}", ()))

    def handle_comment(self, data: str) -> None:
        self.shape.append(("comment", ()))

    def handle_decl(self, decl: str) -> None:
        self.shape.append(("declaration", ()))

    def unknown_decl(self, data: str) -> None:
        self.shape.append(("declaration", ()))

    def handle_pi(self, data: str) -> None:
        self.shape.append(("instruction", ()))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, name: str) -> Iterator[str]:
        return (value for attribute, value in self.attributes if attribute == name)


def drawn(card: Card, reading: Reading = READING) -> Elements:
    html = str(RENDERER.card(card, reading))
    html.encode()
    return Elements(html)


def card_saying(words: str) -> Card:
    """A card that says the same words in every place that takes any."""
    card = sample_cards.waiting()
    assert card.draft
    return replace(
        card,
        source=(Untrusted(words), Bold(words), MemberName("olga", words)),
        context=(Untrusted(words), Link(words, "https://social.example/1")),
        quote=(Untrusted(words), Text(words)),
        media=Picture(1, words + "x", "/media/x"),
        facts=((Text(words),), (Bold(words),)),
        draft=replace(card.draft, text=words, origin=words),
        actions=tuple(
            replace(action, hint=words, confirm=words and f"{words}?") for action in card.actions
        ),
        state=StateLine(Light.WAITING, (Untrusted(words), When(NOW))),
        fallback=words,
    )


@given(WORDS)
@settings(max_examples=150)
def test_no_words_add_an_element_or_an_attribute(words: str) -> None:
    harmless = drawn(card_saying("x" * len(words)))
    assert drawn(card_saying(words)).shape == harmless.shape


@given(WORDS)
@settings(max_examples=60)
def test_no_words_become_a_link_a_script_or_a_handler(words: str) -> None:
    elements = drawn(card_saying(words))
    names = {name for name, _ in elements.attributes}
    assert not {name for name in names if name.startswith("on") or name in {"style", "srcdoc"}}
    assert {value for value in elements.values("href") if not value.startswith("/")} == {
        "https://social.example/1",
        "https://social.example/p/1",
    }


@given(WORDS)
@settings(max_examples=60)
def test_a_link_leads_to_the_web_or_nowhere(url: str) -> None:
    html = str(spans_html((Link("words", url),), READING))
    elements = Elements(html)
    for value in elements.values("href"):
        assert value.startswith(("http://", "https://", "HTTP://", "HTTPS://"))
    assert "words" in elements.words


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        " https://social.example/",
        "data:text/html,x",
        "//social.example/",
        "https:///nowhere",
        "https://[::1",
        "https://a\u202eb.example/",
        "ftp://social.example/",
        "",
    ],
)
def test_an_address_that_is_not_plainly_of_the_web_is_not_a_link(url: str) -> None:
    assert not is_web_link(url)
    assert str(spans_html((Link("words", url),), READING)) == "<bdi>words</bdi>"


def test_a_link_opens_apart_and_tells_nobody_where_it_was_pressed() -> None:
    html = str(spans_html((Link("Our reply", "https://social.example/?a=1&b=2"),), READING))
    assert html == (
        '<a href="https://social.example/?a=1&amp;b=2" target="_blank" '
        'rel="noopener noreferrer"><bdi>Our reply</bdi></a>'
    )


@pytest.mark.parametrize("card", sample_cards.every_shape(), ids=lambda card: card.key)
def test_every_shape_is_drawn_with_its_state_in_words(card: Card) -> None:
    html = str(RENDERER.card(card, READING))
    elements = Elements(html)
    text = "".join(elements.words)
    for span in card.state.spans:
        if isinstance(span, Text | Untrusted):
            assert span.text in text
    assert f"#{card.number}" in text
    assert sum(1 for tag, _ in elements.shape if tag == "article") == 1


def test_drawing_is_pure() -> None:
    card = sample_cards.waiting()
    assert RENDERER.card(card, READING) == Renderer().card(card, READING)


def test_a_draft_is_a_quote_and_not_code() -> None:
    elements = drawn(sample_cards.waiting())
    tags = [tag for tag, _ in elements.shape]
    assert "blockquote" in tags
    assert not {"code", "pre"} & set(tags)


def test_a_press_carries_the_revision_that_was_shown() -> None:
    card = sample_cards.waiting()
    main, menus = presses_of(card)
    assert ButtonData.decode(main[0].data) == ButtonData(
        ActionName.APPROVE, CardToken("k7Qf2mZx9LpA"), 3
    )
    hide = menus[2].presses[1]
    assert (hide.data, hide.confirm) == (
        "moderate.k7Qf2mZx9LpA.3.hide",
        "Hide this comment? Its author can still see it.",
    )


def test_the_main_button_comes_first_and_what_hurts_comes_last() -> None:
    main, _ = presses_of(sample_cards.post_approval())
    assert [press.label for press in main] == ["Approve", "Request changes…", "Edit", "Cancel"]


def test_menus_are_grouped_and_named() -> None:
    _, menus = presses_of(sample_cards.waiting())
    assert [menu.title for menu in menus] == ["Tone", "Snooze", "Moderate", "Team"]


def test_a_menu_does_not_repeat_its_title_on_every_line() -> None:
    snooze = Action(
        ActionName.SNOOZE,
        "Snooze: 1 hour",
        group=Group.SNOOZE,
        argument="1h",
        in_menu="1 hour",
    )
    _, menus = presses_of(replace(sample_cards.waiting(), actions=(snooze,)))
    assert [press.label for press in menus[0].presses] == ["1 hour"]


def test_a_draft_that_is_not_written_yet_can_be_written_within_the_limit() -> None:
    card = sample_cards.waiting()
    assert card.draft
    empty = replace(card.draft, text="", origin="not written yet", version=0, used=0)
    edit = tuple(action for action in card.actions if action.name is ActionName.EDIT)
    html = str(RENDERER.card(replace(card, draft=empty, actions=edit), READING))
    assert "not written yet" in html
    assert "draft-text" not in html
    assert 'data-limit="300"' in html
    assert 'data-approve-label="Save &amp; approve"' in html


def test_what_was_sent_is_called_our_reply_and_has_no_version() -> None:
    card = sample_cards.waiting()
    assert card.draft
    sent = replace(card.draft, title="Our reply", origin="", version=0)
    html = str(RENDERER.card(replace(card, draft=sent, actions=()), READING))
    assert "<b>Our reply</b>" in html
    assert "version" not in html
    assert "Draft reply" not in html


def test_a_hundred_buttons_leave_five_beside_each_other() -> None:
    many = tuple(Action(ActionName.TAKE, f"Take {n}", group=Group.MAIN) for n in range(100))
    html = str(RENDERER.card(replace(sample_cards.waiting(), actions=many), READING))
    row, _, rest = html.partition("<details")
    assert row.count("data-press=") == 5
    assert rest.count("data-press=") == 95
    assert "More" in rest


def test_the_editor_is_given_the_whole_draft_even_when_less_is_shown() -> None:
    card = sample_cards.waiting()
    assert card.draft
    words = "word " * 2_000
    html = str(RENDERER.card(replace(card, draft=replace(card.draft, text=words)), READING))
    assert words in Elements(html).values("data-text")
    shown = html.split('class="draft-text"')[1].split("</blockquote>", maxsplit=1)[0]
    assert len(shown) < 3_000


def test_a_card_without_an_edit_offers_no_editor() -> None:
    html = str(RENDERER.card(sample_cards.publishing(), READING))
    assert "data-approve=" not in html


def test_a_picture_is_only_ever_ours() -> None:
    card = sample_cards.post_approval()
    assert card.media
    for url in ("https://cdn.example/p.png", "//cdn.example/p.png", "javascript:1"):
        html = str(RENDERER.card(replace(card, media=replace(card.media, url=url)), READING))
        assert "<img" not in html
        assert "A green coat on a chair" in html


def test_a_sensitive_picture_is_covered_and_says_so() -> None:
    card = sample_cards.post_approval()
    assert card.media
    media = replace(card.media, is_sensitive=True)
    html = str(RENDERER.card(replace(card, media=media), READING))
    assert "is-sensitive" in html
    assert "picture, sensitive" in html


def test_times_are_shown_in_the_readers_zone_and_only_as_long_as_needed() -> None:
    assert time_label(NOW, NOW, READING.zone) == "10:00"
    assert time_label(Moment(NOW + DAY), NOW, READING.zone) == "Tue 1 Dec, 10:00"
    assert time_label(Moment(NOW + 60 * DAY), NOW, READING.zone) == "29 Jan 2027, 10:00"
    assert time_label(Moment(NOW - 12 * HOUR), NOW, READING.zone) == "Sun 29 Nov, 22:00"


def test_a_moment_out_of_any_calendar_is_drawn_all_the_same() -> None:
    for at in (-1, 10**18):
        assert "<time" in str(spans_html((When(Moment(at)),), READING))


@given(WORDS, st.sampled_from((IN_CHANNEL, ON_PAGE)), st.integers(1, 2_000))
@settings(max_examples=60)
def test_a_card_never_outgrows_its_limits(words: str, limits: Limits, times: int) -> None:
    assert weight(fitted(card_saying(words * times), limits)) <= limits.total


def test_what_is_within_limits_is_not_touched() -> None:
    for card in sample_cards.every_shape():
        assert fitted(card, IN_CHANNEL) == card


def test_a_long_quote_says_that_there_is_more() -> None:
    card = replace(sample_cards.waiting(), quote=(Untrusted("a" * 100_000),))
    html = str(RENDERER.card(card, READING))
    assert len(html) < 12_000
    assert "Show all of it" in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abcdef", "abc…"),
        ("abc", "abc"),
        ("ab e\u0301\u0301", "ab…"),
        ("ab👩\u200d👩\u200d👧", "ab…"),
    ],
)
def test_a_cut_parts_no_letter_from_its_accents(text: str, shown: str) -> None:
    assert cut(text, 4) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200bb\ufeffc", "abc"),
        ("user\u202egnp.exe", "user[right-to-left override]gnp.exe"),
        ("شكرا\u200f!", "شكرا!"),
        ("a\x00b\x1b[31m", "a␀b␛[31m"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("x\n\n\n\n\ny", "x\n\ny"),
        ("\ud83d alone", "\ufffd alone"),
        ("👩\u200d👩\u200d👧 می\u200cخواهم", "👩\u200d👩\u200d👧 می\u200cخواهم"),
        ("ok\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065", "ok[hidden: ignore]"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",) * 2,
        ("z" + "\u0301" * 50, "z" + "\u0301" * 4),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
)
def test_what_cannot_be_seen_is_shown_or_left_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY_TEXT)
def test_what_is_visible_can_be_sent(text: str) -> None:
    visible(text).encode()
