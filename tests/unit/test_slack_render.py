"""Cards as Slack blocks: every shape passes three judges, whatever strangers write into it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardDraft,
    CardKind,
    Group,
    Light,
    Link,
    MemberName,
    Picture,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
)
from bot.model.ids import CardToken, Moment
from handlers.fitting import Limits
from handlers.slack import blocks
from handlers.slack.limits import IN_CHANNEL, IN_VIEW
from handlers.slack.render import Drawn, render
from handlers.slack.spans import small
from tests.fakes import sample_cards
from tests.fakes.sample_cards import every_shape, greeting, waiting
from tests.fakes.slack_judges import judged_message

BERLIN = ZoneInfo("Europe/Berlin")
GOLDEN = Path(__file__).parents[1] / "fixtures" / "slack" / "cards"
DRAWN = (*every_shape(), greeting())
HOSTILE = [
    "<!channel> <!here> <!everyone>",
    "<@U012AB3CD> <#C012AB3CD|general> <!subteam^S012|@all>",
    "<https://evil.example|click me> https://evil.example",
    "*bold* _italic_ ~gone~ `code` ```block``` > quote",
    ":tada: :+1: :skull_and_crossbones:",
    "&lt;!channel&gt; &amp;amp;",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    "\x00\x07\x1b[31mred\x1b[0m",
    "\ud800 lone",
    "👩‍👩‍👧‍👦" * 40,
    "a" * 4_000,
    "\n" * 500,
    "<script>alert(1)</script>",
    '{"type":"button"}',
]


def as_message(drawn: Drawn) -> dict[str, Any]:
    return {"text": drawn.text, "blocks": drawn.blocks}


def texts(thing: Any) -> Iterator[str]:
    match thing:
        case dict():
            if isinstance(thing.get("text"), str):
                yield thing["text"]
            for value in thing.values():
                yield from texts(value)
        case list():
            for one in thing:
                yield from texts(one)
        case _:
            pass


def blocks_named(drawn: Drawn, role: str) -> list[dict[str, Any]]:
    return [one for one in drawn.blocks if one["block_id"].startswith(f"{role}.")]


# --- what every card looks like


@pytest.mark.parametrize("card", DRAWN, ids=lambda card: card.key)
def test_a_card_is_drawn_as_it_was_looked_at_and_kept(card: Card) -> None:
    drawn = as_message(render(card, BERLIN))
    path = GOLDEN / f"{card.key}.json"
    if os.environ.get("REPLYDESK_GOLDEN") == "write":
        path.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert drawn == json.loads(path.read_text("utf-8"))


def test_no_golden_file_is_left_without_its_card() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {card.key for card in DRAWN}


@pytest.mark.parametrize("limits", [IN_CHANNEL, IN_VIEW])
@pytest.mark.parametrize("card", DRAWN, ids=lambda card: card.key)
def test_every_shape_passes_all_judges(card: Card, limits: Limits) -> None:
    assert (
        judged_message(as_message(render(card, BERLIN, limits, notice=(Text("Once more."),)))) == []
    )


# --- what must hold of it


def test_the_drafts_words_stand_in_a_quote_and_nowhere_else() -> None:
    [draft] = blocks_named(render(waiting(), BERLIN), "draft")
    head, said = draft["elements"]
    assert said["type"] == "rich_text_quote"
    assert said["elements"][0]["text"].startswith("Hi Ann, we are sorry")
    assert "Hi Ann" not in json.dumps(head)


def test_buttons_carry_the_token_and_the_revision_that_was_seen() -> None:
    [act] = blocks_named(render(waiting(), BERLIN), "act")
    pressed = [one["value"] for one in act["elements"] if one["type"] == "button"]
    assert pressed[0] == "approve.k7Qf2mZx9LpA.3"
    [menu] = [one for one in act["elements"] if one["type"] == "static_select"]
    options = [one for group in menu["option_groups"] for one in group["options"]]
    assert "snooze.k7Qf2mZx9LpA.3.1h" in {one["value"] for one in options}
    values = [one["value"] for one in options]
    looks = [one for one in values if one.startswith(("see.", "before."))]
    assert looks == ["see.k7Qf2mZx9LpA", "before.k7Qf2mZx9LpA"]
    for value in [*pressed, *(one["value"] for one in options if one["value"] not in looks)]:
        assert ButtonData.decode(value).token == "k7Qf2mZx9LpA"


def test_every_action_of_a_card_is_reachable() -> None:
    for card in every_shape():
        drawn = json.dumps(render(card, BERLIN).blocks)
        for action in card.actions:
            data = ButtonData(action.name, card.key, card.revision, action.argument).encode()
            assert f'"{data}"' in drawn


def test_a_menu_of_the_next_revision_is_unset() -> None:
    before = render(waiting(), BERLIN)
    after = render(replace(waiting(), revision=4), BERLIN)
    names = {block["block_id"] for block in before.blocks}
    assert names.isdisjoint({block["block_id"] for block in after.blocks})


def test_what_hurts_stands_last_and_asks_first() -> None:
    [act] = blocks_named(render(sample_cards.post_approval(), BERLIN), "act")
    last = [one for one in act["elements"] if one["type"] == "button"][-1]
    assert last["style"] == "danger"
    assert last["confirm"]["text"]["text"] == "Cancel this planned post?"


def test_a_moment_shows_in_the_readers_own_zone_with_the_channels_behind_it() -> None:
    card = replace(waiting(), source=(When(Moment(1_795_330_366_000)),))
    [source] = blocks_named(render(card, BERLIN), "src")
    assert source["elements"][0]["elements"] == [
        {
            "type": "date",
            "format": "{date_short_pretty} {time}",
            "timestamp": 1_795_330_366,
            "fallback": "Sun 22 Nov, 07:52",
        }
    ]


def test_a_long_card_is_cut_and_never_too_long() -> None:
    long = "word " * 3_000
    card = replace(waiting(), quote=(Untrusted(long),), context=(Untrusted(long),))
    drawn = render(card, BERLIN)
    [said] = blocks_named(drawn, "said")
    assert said["elements"][0]["elements"][0]["text"].endswith("…")
    assert sum(map(len, texts(drawn.blocks))) < 6_000


# --- what strangers write


@pytest.mark.parametrize("words", HOSTILE)
def test_a_strangers_words_are_text_and_nothing_but_text(words: str) -> None:
    said = (Untrusted(words),)
    card = replace(
        waiting(),
        source=(Link(words, "https://social.example/1"), Untrusted(words)),
        context=said,
        quote=said,
        facts=(said, (Text("Changes wanted: "), Untrusted(words))),
        state=StateLine(Light.TROUBLE, (Text(f"Not published: {words}"), MemberName("x", words))),
        fallback=words,
    )
    assert judged_message(as_message(render(card, BERLIN))) == []


def test_nothing_that_slack_parses_holds_a_strangers_words() -> None:
    said = (Untrusted("a stranger's words"), Link("a stranger's name", "https://a.example"))
    card = replace(
        waiting(),
        source=said,
        context=said,
        quote=said,
        facts=(said,),
        state=StateLine(Light.DONE, said),
    )
    drawn = render(card, BERLIN)
    assert not any("stranger" in line for line in small_lines(drawn))
    assert json.dumps(drawn.blocks).count("a stranger's words") == 5


def small_lines(drawn: Drawn) -> Iterator[str]:
    for block in drawn.blocks:
        for element in block.get("elements", []):
            if element["type"] == "mrkdwn":
                yield element["text"]


@pytest.mark.parametrize("words", ["*", "_x_", "~", "`", ":tada:", "> said"])
def test_a_line_with_a_sign_that_slack_reads_is_not_drawn_as_markup(words: str) -> None:
    assert small((Text(words),), BERLIN) is None


def test_a_link_that_is_no_web_link_is_shown_as_text() -> None:
    card = replace(waiting(), source=(Link("click", "javascript:alert(1)"),), links=())
    assert "javascript" not in json.dumps(render(card, BERLIN).blocks)


hostile = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=80),
    st.text(alphabet="<>&!@#*_~`|^:\\\n \u202e\u0301\u200da", max_size=120),
)
moments = st.integers(-(10**15), 10**16).map(Moment)
span = st.one_of(
    hostile.map(Text),
    hostile.map(Bold),
    hostile.map(Untrusted),
    st.builds(Link, hostile, st.one_of(st.just("https://social.example/p?x=<&>|"), hostile)),
    st.builds(MemberName, st.just("x"), hostile),
    moments.map(When),
)
spans = st.lists(span, max_size=5).map(tuple)
actions = st.builds(
    Action,
    st.sampled_from(ActionName),
    hostile,
    st.sampled_from(Style),
    st.sampled_from(Group),
    st.sampled_from(["", "1h", "formal", "hide", "olga"]),
    st.sampled_from(Ask),
    hostile,
    hostile,
)
numbers = st.integers(0, 10**6)
drafts = st.builds(CardDraft, hostile, hostile, hostile, numbers, numbers, numbers, hostile)
pictures = st.builds(Picture, st.integers(0, 9), hostile, hostile, st.booleans())
cards = st.builds(
    Card,
    kind=st.sampled_from(CardKind),
    key=st.just(CardToken("k7Qf2mZx9LpA")),
    revision=st.integers(1, 999_999_999),
    number=numbers,
    source=spans,
    context=spans,
    quote=spans,
    media=st.none() | pictures,
    facts=st.lists(spans, max_size=14).map(tuple),
    draft=st.none() | drafts,
    actions=st.lists(actions, max_size=100).map(tuple),
    state=st.builds(StateLine, st.sampled_from(Light), spans),
    links=st.lists(st.builds(Link, hostile, st.just("https://a.example")), max_size=9).map(tuple),
    fallback=hostile,
)


def test_a_line_of_nothing_but_space_is_no_line() -> None:
    for blank in ("\n", " ", ""):
        assert blocks.line("context", (Text(blank),), BERLIN) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(card=cards, limits=st.sampled_from([IN_CHANNEL, IN_VIEW]), notice=hostile)
def test_any_card_is_valid_within_limits_and_mentions_nobody(
    card: Card, limits: Limits, notice: str
) -> None:
    assert judged_message(as_message(render(card, BERLIN, limits, notice=(Text(notice),)))) == []
