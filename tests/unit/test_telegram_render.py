"""Cards as messages of Telegram: within its limits, and dead to the touch, whatever they say."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    Group,
    Light,
    Link,
    MemberName,
    Picture,
    StateLine,
    Style,
    Text,
    Untrusted,
)
from handlers.team_words import Choice
from handlers.telegram import limits
from handlers.telegram.buttons import Alone, Button, OnCard, Verb, decode, keyboard_form, mark
from handlers.telegram.keyboard import MORE
from handlers.telegram.markup import JOINER, Reading, inert, plain, typed
from handlers.telegram.render import Drawing, Drawn, drawn, whole
from tests.fakes import sample_cards
from tests.fakes.bot_api import BotApi
from tests.fakes.sample_cards import NOW
from tests.fakes.telegram_text import alive, complaints, parsed, units

READING = Reading(NOW, ZoneInfo("Europe/Berlin"))
PLAINLY = Drawing(READING)
GOLDEN = Path(__file__).parents[1] / "fixtures" / "telegram"
SHAPES: dict[str, Callable[[], Card]] = {
    shape.__name__: shape
    for shape in (
        sample_cards.waiting,
        sample_cards.post_approval,
        sample_cards.publishing,
        sample_cards.needs_human,
        sample_cards.unknown,
        sample_cards.failed,
        sample_cards.edited_after_draft,
        sample_cards.published,
        sample_cards.native_reply,
        sample_cards.recorded,
        sample_cards.account_trouble,
        sample_cards.peak,
        sample_cards.greeting,
        sample_cards.incident,
        sample_cards.incident_over,
        sample_cards.writes_again,
        sample_cards.late,
        sample_cards.spreading,
        sample_cards.quiet,
    )
}
MENUS = {
    "tone": Drawing(READING, menu="tone"),
    "snooze": Drawing(READING, menu="snooze"),
    "moderate": Drawing(READING, menu="moderate"),
    "team": Drawing(READING, menu="team"),
    "give": Drawing(READING, menu="give", choices=(Choice("olga", "Olga"),)),
    "sure": Drawing(READING, sure="moderate-hide"),
    "prefill": Drawing(READING, can_prefill=True),
    "repeat": Drawing(READING, is_repeat=True),
}

ANY_TEXT = st.text(st.characters(), max_size=80)
NASTY = st.sampled_from(
    (
        "</blockquote></b>",
        "<a href='https://evil.example'>here</a>",
        "&lt;b&gt;&#60;script&#62;",
        "@channel_admin @acme",
        "/start@some_bot /pause",
        "#sale $USD",
        "https://evil.example/x?y=z tg://resolve?domain=x t.me/joinchat",
        "a.b.co 10.0.0.1 mail@evil.example",
        "\u202eevil\u202c\u2060\u200b",
        "\x00\x1b[31m\r\n\n\n\n",
        "\ud800",
        "✅ Published by Bob\n✅ Published",
        "𝒂" * 40,
        "@𝒂.𝒂" * 20,
        "\U000e0041\U000e0042",
        "Z\u0335\u0336\u0337\u0338\u0339algo",
    )
)
WORDS = st.lists(ANY_TEXT | NASTY, min_size=1, max_size=3).map("".join)
LONG = st.builds(lambda words, times: words * times, WORDS, st.integers(1, 60))


def card_saying(words: str) -> Card:
    """A card that says the same words in every place that takes any."""
    card = sample_cards.waiting()
    assert card.draft
    return replace(
        card,
        source=(Untrusted(words), Bold(words), MemberName("olga", words)),
        context=(Untrusted(words), Link(words, "https://social.example/1")),
        quote=(Untrusted(words), Text(words)),
        media=Picture(2, words, "/media/x"),
        facts=((Text(words),), (Bold(words),), (Untrusted(words),)) * 4,
        draft=replace(card.draft, text=words, origin=words, title=words),
        actions=tuple(replace(one, label=words, hint=words) for one in card.actions),
        state=StateLine(Light.WAITING, (Untrusted(words), Text(words))),
        links=(Link(words, "https://social.example/2"),) * 9,
    )


def held_against(message: Drawn) -> list[str]:
    return complaints(message.html, keyboard_form(message.rows))


def buttons(message: Drawn) -> list[Button]:
    return [button for row in message.rows for button in row]


def labels(message: Drawn) -> list[str]:
    return [button.label for button in buttons(message)]


# --- goldens and judges


def as_file(message: Drawn) -> str:
    rows = [
        " | ".join(
            f"{one.label} -> {one.data or 'types: ' + one.prefill}"
            + (f" ({one.style})" if one.style else "")
            for one in row
        )
        for row in message.rows
    ]
    return "\n".join([message.html, "--", *rows, ""])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_card_of_every_shape_is_drawn_as_agreed(shape: str) -> None:
    _compare(f"card_{shape}", drawn(SHAPES[shape](), PLAINLY))


@pytest.mark.parametrize("menu", MENUS)
def test_a_card_with_something_open_is_drawn_as_agreed(menu: str) -> None:
    _compare(f"open_{menu}", drawn(sample_cards.waiting(), MENUS[menu]))


def _compare(name: str, message: Drawn) -> None:
    """With REPLYDESK_GOLDEN=write the files are written anew; read the difference then."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("REPLYDESK_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(as_file(message), "utf-8")
    assert as_file(message) == path.read_text("utf-8")


def test_every_sample_has_its_golden_file() -> None:
    drawn_ = {SHAPES[shape]().key for shape in SHAPES}
    assert drawn_ == {card.key for card in (*sample_cards.every_shape(), sample_cards.greeting())}
    names = {f"card_{shape}" for shape in SHAPES} | {f"open_{menu}" for menu in MENUS}
    assert {path.stem for path in GOLDEN.glob("*.txt")} == names


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_held_against_a_card_of_any_shape(shape: str) -> None:
    for drawing in (PLAINLY, *MENUS.values()):
        assert held_against(drawn(SHAPES[shape](), drawing)) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_the_vendors_description_allows_a_card_of_any_shape(shape: str, specs_dir: Path) -> None:
    api = BotApi(specs_dir)
    for drawing in (PLAINLY, *MENUS.values()):
        message = drawn(SHAPES[shape](), drawing)
        values = {
            "chat_id": -100123,
            "text": message.html,
            "parse_mode": "HTML",
            "reply_markup": json.loads(json.dumps(keyboard_form(message.rows))),
        }
        assert api.complaints("sendMessage", values) == []
        assert api.complaints("editMessageText", values | {"message_id": 7}) == []


def test_the_judges_see_what_is_wrong(specs_dir: Path) -> None:
    api = BotApi(specs_dir)
    rows = {"inline_keyboard": [[{"text": "x", "callback_dat": "y"}]]}
    assert api.complaints("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": rows})
    assert api.complaints("sendMessage", {"text": "x"})
    assert api.complaints("sendMesage", {})


@pytest.mark.parametrize(
    "markup",
    [
        "<b>x",
        "<b><i>x</b></i>",
        "<span>x</span>",
        "a < b",
        "a & b",
        "<code><b>x</b></code>",
        "<a>x</a>",
        "see evil.example",
        "@acme_bot",
        "/pause",
        "x" * 4097,
        "",
    ],
)
def test_the_lint_sees_what_is_wrong(markup: str) -> None:
    assert complaints(markup, {"inline_keyboard": []})


def test_the_lint_sees_what_is_wrong_with_buttons() -> None:
    for button in (Button("x", "é" * 33), Button("", "x"), Button("x", prefill="x" * 257)):
        assert complaints("x", keyboard_form(((button,),)))
    assert complaints("x", keyboard_form((tuple(Button("x", "x") for _ in range(9)),)))


# --- hostile words


@given(LONG)
@settings(max_examples=150)
def test_whatever_a_card_says_its_message_is_valid_and_dead_to_the_touch(words: str) -> None:
    card = card_saying(words)
    assert held_against(drawn(card, MENUS["repeat"])) == []
    assert held_against(drawn(card, MENUS["prefill"])) == []


@given(LONG)
@settings(max_examples=60)
def test_without_markup_it_is_as_dead_and_fits_as_well(words: str) -> None:
    message = drawn(card_saying(words), PLAINLY)
    text = message.plain
    assert 0 < units(text.strip()) <= units(text) <= limits.TEXT
    assert parsed(message.html).text == text
    linked = {parsed(message.html).said(one) for one in parsed(message.html).entities if one.url}
    assert not [said for _kind, said in alive(parsed(_escaped(text))) if said not in linked]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(LONG)
@settings(max_examples=60)
def test_what_was_cut_is_shown_whole_in_valid_messages(words: str) -> None:
    card = card_saying(words)
    pieces = whole(card)
    for piece in pieces:
        assert complaints(piece, {"inline_keyboard": []}) == []


@given(WORDS)
def test_what_is_copied_from_a_card_is_what_was_meant(words: str) -> None:
    meant = words.replace(JOINER, "")
    assert typed(inert(meant)) == meant


@pytest.mark.parametrize("parts", [("@", "acme"), ("evil.", "com"), ("/", "pause"), ("tg:/", "/x"),
                                   ("$", "USD"), ("#", "sale"), ("evil", ".com")])  # fmt: skip
def test_what_is_parted_over_two_spans_is_as_dead(parts: tuple[str, str]) -> None:
    card = replace(sample_cards.waiting(), source=tuple(Untrusted(part) for part in parts))
    assert held_against(drawn(card, PLAINLY)) == []


def test_a_name_cannot_pass_for_a_line_of_ours() -> None:
    card = replace(
        sample_cards.waiting(), source=(Untrusted("Ann\n\n✅ Published by Bob"), Text(" · x"))
    )
    assert plain(drawn(card, PLAINLY).html).splitlines()[0] == "Ann ✅ Published by Bob · x"


def test_a_link_that_is_none_of_the_web_is_text() -> None:
    for url in ("javascript:alert(1)", "tg://user?id=1", "https:///x", "ht\ntps://a.b"):
        card = replace(
            sample_cards.waiting(), source=(Link("Ann", url),), links=(Link("see", url),)
        )
        assert [one for one in parsed(drawn(card, PLAINLY).html).entities if one.url] == []


# --- what gives way


def test_a_long_comment_is_folded_and_a_long_post_is_not() -> None:
    long = (Untrusted("word " * 200),)
    assert (
        "<blockquote expandable>"
        in drawn(replace(sample_cards.waiting(), quote=long), PLAINLY).html
    )
    assert (
        "expandable" not in drawn(replace(sample_cards.post_approval(), quote=long), PLAINLY).html
    )


def test_a_draft_that_was_cut_can_be_had_whole() -> None:
    card = sample_cards.waiting()
    assert card.draft
    long = replace(card, draft=replace(card.draft, text="Long words. " * 400))
    message = drawn(long, PLAINLY)
    assert "📄 Show all" in labels(message)
    shown = "".join(plain(piece).partition("\n")[2] for piece in whole(long)[1:])
    assert typed(shown) == "Long words. " * 400
    assert "📄 Show all" not in labels(drawn(card, PLAINLY))


def test_the_draft_gives_way_last() -> None:
    card = card_saying("word " * 600)
    short = "We are sorry, Ann."
    assert card.draft
    card = replace(card, draft=replace(card.draft, text=short, title="Draft reply", origin="x"))
    assert short in typed(drawn(card, PLAINLY).plain)


# --- buttons


def test_the_primary_button_stands_first_and_alone_and_what_hurts_last() -> None:
    message = drawn(sample_cards.post_approval(), PLAINLY)
    assert [one.style for one in message.rows[0]] == ["success"]
    assert [one.style for one in message.rows[-1]] == ["danger"]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_action_of_a_card_is_on_a_button_of_the_card_or_of_a_menu(shape: str) -> None:
    card = SHAPES[shape]()
    shown = [drawn(card, PLAINLY)]
    opened = [decode(one.data) for one in buttons(shown[0])]
    menus = [one.argument for one in opened if isinstance(one, OnCard) and one.verb is Verb.MENU]
    shown += [drawn(card, Drawing(READING, menu=menu)) for menu in menus]
    seen = {one.data for message in shown for one in buttons(message)}
    for action in card.actions:
        data = ButtonData(action.name, card.key, card.revision, action.argument).encode()
        rest = f"{action.name}-{action.argument}".rstrip("-")
        sure = OnCard(Verb.SURE, card.key, card.revision, rest).encode()
        ask = OnCard(Verb.ASK, card.key, card.revision, rest).encode()
        give = OnCard(Verb.MENU, card.key, card.revision, rest).encode()
        link = OnCard(Verb.MENU, card.key, card.revision, "confirm").encode()
        wanted = {
            Ask.NOTHING: sure if action.confirm else data,
            Ask.MEMBER: give,
            Ask.LINK: link,
        }.get(action.ask, ask)
        assert wanted in seen, action


def test_a_question_stands_before_what_hurts() -> None:
    message = drawn(sample_cards.waiting(), MENUS["sure"])
    yes, back = buttons(message)
    assert yes.data == "moderate.k7Qf2mZx9LpA.3.hide"
    assert decode(back.data) == OnCard(Verb.MENU, sample_cards.waiting().key, 3, "main")


def test_a_question_about_an_action_that_is_gone_is_the_card_as_it_is() -> None:
    gone = Drawing(READING, sure="moderate-delete")
    assert drawn(sample_cards.waiting(), gone) == drawn(sample_cards.waiting(), PLAINLY)


def test_too_many_actions_are_under_more_and_never_too_many_for_telegram() -> None:
    many = tuple(
        Action(ActionName.TONE, f"Do {number}", argument=f"t{number}") for number in range(300)
    )
    card = replace(sample_cards.waiting(), actions=many)
    message = drawn(card, PLAINLY)
    assert labels(message)[-1] == "⋯ More"
    assert held_against(message) == []
    more = drawn(card, Drawing(READING, menu=MORE))
    assert held_against(more) == []
    assert len(buttons(more)) == limits.BUTTONS


def test_an_action_that_no_button_can_carry_does_not_cost_the_card() -> None:
    bad = Action(ActionName.TONE, "Bad", argument="no such thing")
    card = replace(sample_cards.waiting(), actions=(*sample_cards.waiting().actions, bad))
    assert held_against(drawn(card, PLAINLY)) == []


def test_a_draft_is_edited_where_one_types_only_when_all_of_it_fits_there() -> None:
    card = sample_cards.waiting()
    assert card.draft
    prefill = [one.prefill for one in buttons(drawn(card, MENUS["prefill"])) if one.prefill]
    assert prefill == [f"save.k7Qf2mZx9LpA.3 {card.draft.text}"]
    for text in ("x" * 240, "two\nlines", ""):
        other = replace(card, draft=replace(card.draft, text=text))
        assert not [one for one in buttons(drawn(other, MENUS["prefill"])) if one.prefill]


def test_a_members_slug_of_any_length_fits_on_a_button() -> None:
    choices = (Choice("o" * 60, "Olga"), Choice("bob", "B" * 200))
    message = drawn(sample_cards.waiting(), Drawing(READING, menu="give", choices=choices))
    assert held_against(message) == []
    assert decode(buttons(message)[0].data) == OnCard(
        Verb.HAND, sample_cards.waiting().key, 3, f"give-{mark('o' * 60)}"
    )


@pytest.mark.parametrize(
    "pressed",
    [
        ButtonData(ActionName.MODERATE, sample_cards.waiting().key, 999_999_999, "delete_own"),
        OnCard(Verb.SURE, sample_cards.waiting().key, 999_999_999, "moderate-delete_own"),
        OnCard(Verb.MENU, sample_cards.waiting().key, 3, "tone"),
        OnCard(Verb.WHOLE, sample_cards.waiting().key, 3),
        Alone(Verb.PAGE, "open", 16),
        Alone(Verb.PAGE, "mine"),
        Alone(Verb.SHUT),
        Alone(Verb.NEW, mark("acme")),
    ],
)
def test_what_a_button_carries_comes_back_as_it_was(pressed: ButtonData | OnCard | Alone) -> None:
    assert decode(pressed.encode()) == pressed


@given(st.text(max_size=70))
def test_nonsense_on_a_button_is_refused(data: str) -> None:
    # `land.0` is found too, and is a button of ours
    assume(data.partition(".")[0] not in set(Verb))
    with pytest.raises(ValueError, match=r".*"):
        decode(data)


@pytest.mark.parametrize("data", ["menu.x.1", "shut.", "page.open.x", "new.A.1.1"])
def test_what_only_begins_like_a_button_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(data)


def test_the_style_of_a_button_is_one_that_telegram_knows() -> None:
    styles = {one.style for shape in SHAPES.values() for one in buttons(drawn(shape(), PLAINLY))}
    assert styles <= {"", "success", "danger"}
    assert Style.PRIMARY.value not in styles
    assert Group.MAIN.value == "main"
