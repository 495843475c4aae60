"""The triager against comments with hand-written expectations, and against hostile text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.model.triage import (
    Intent,
    LanguageCode,
    Reason,
    Risk,
    Sentiment,
    Triage,
    Urgency,
)
from bot.services.language import identifier_for
from bot.services.lexicon import LANGUAGES, load_cues, parse_cues
from bot.services.reason_words import words_of
from bot.services.triage_rules import MOST_CHARACTERS, Triager
from bot.store.stored_triage import triage_from_json, triage_to_json

GOLD = Path(__file__).parent.parent / "fixtures" / "triage_gold.toml"
GRAVE = frozenset({Risk.LEGAL, Risk.SAFETY})


@dataclass(frozen=True, slots=True)
class Gold:
    text: str
    language: str
    risks: frozenset[Risk]
    reply: bool
    intent: str
    sentiment: str
    hard: bool


def gold_comments() -> list[Gold]:
    document = tomllib.loads(GOLD.read_text("utf-8"))
    return [
        Gold(
            text=row["text"],
            language=group["language"],
            risks=frozenset(map(Risk, row["risks"])),
            reply=row["reply"],
            intent=row.get("intent", ""),
            sentiment=row.get("sentiment", ""),
            hard=row.get("hard", False),
        )
        for group in document["comment"]
        for row in group["rows"]
    ]


ALL_GOLD = gold_comments()


class AlwaysEnglish:
    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        return languages[0]


@pytest.fixture(scope="module")
def triager() -> Triager:
    return Triager(load_cues(), identifier_for(LANGUAGES))


FAST = Triager(load_cues(), AlwaysEnglish())


def understood(triager: Triager, text: str) -> Triage:
    return triager.triage(text, languages=LANGUAGES)


def test_the_gold_table_is_large_and_a_quarter_of_it_is_hard() -> None:
    assert len(ALL_GOLD) >= 120
    assert sum(comment.hard for comment in ALL_GOLD) >= len(ALL_GOLD) / 4


def test_legal_and_safety_matters_are_found(triager: Triager) -> None:
    wanted = [(c.text, risk) for c in ALL_GOLD for risk in c.risks & GRAVE]
    missed = [(t, risk) for t, risk in wanted if risk not in understood(triager, t).risks]
    assert len(missed) <= 0.05 * len(wanted), missed


def test_harmless_comments_are_rarely_escalated(triager: Triager) -> None:
    harmless = [comment for comment in ALL_GOLD if not comment.risks]
    raised = [c.text for c in harmless if understood(triager, c.text).is_escalated]
    assert len(raised) <= 0.10 * len(harmless), raised


def test_the_language_is_right(triager: Triager) -> None:
    judged = [
        (comment, understood(triager, comment.text).language)
        for comment in ALL_GOLD
        if sum(character.isalpha() for character in comment.text) >= 20
    ]
    wrong = [(c.text, language) for c, language in judged if language != c.language]
    assert len(wrong) <= 0.05 * len(judged), wrong


@pytest.mark.parametrize("comment", ALL_GOLD, ids=lambda comment: comment.text[:40])
def test_a_gold_comment_is_understood(triager: Triager, comment: Gold) -> None:
    triage = understood(triager, comment.text)
    assert frozenset(triage.risks) == comment.risks
    assert triage.needs_reply is comment.reply
    assert not comment.intent or Intent(comment.intent) in triage.intents
    assert not comment.sentiment or triage.sentiment == comment.sentiment


def test_evidence_is_a_verbatim_piece_of_the_text(triager: Triager) -> None:
    for comment in ALL_GOLD:
        for reason in understood(triager, comment.text).reasons:
            assert reason.evidence in comment.text


def test_evidence_keeps_capitals_and_marks_of_the_author(triager: Triager) -> None:
    triage = understood(triager, "Bonjour, je vais PORTER  PLAINTE contre vous demain matin.")
    assert "PORTER  PLAINTE" in {reason.evidence for reason in triage.reasons}


def test_a_word_broken_by_zero_width_spaces_is_whole(triager: Triager) -> None:
    assert (
        Risk.LEGAL in understood(triager, "I am calling my law\u200byer right now, enough.").risks
    )


@pytest.mark.parametrize(
    ("plain", "marked"),
    [
        ("Va dau in judecata maine dimineata", "Vă dau în judecată mâine dimineață"),
        ("Vă dau în judecată mâine", "Va\u0306 dau i\u0302n judecata\u0306 ma\u0302ine"),
        ("Все еще жду, это ее заказ", "Всё ещё жду, это её заказ"),
    ],
)
def test_marks_do_not_change_what_is_found(triager: Triager, plain: str, marked: str) -> None:
    one, other = understood(triager, plain), understood(triager, marked)
    assert (one.risks, one.intents) == (other.risks, other.intents)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ma théière est arrivée cassée", "fr"),
        ("MA THÉIÈRE EST ARRIVÉE CASSÉE", "fr"),
        ("Ma the\u0301ie\u0300re est arrive\u0301e casse\u0301e", "fr"),
        ("Ma thé\u200bière est arrivée cassée https://shop.example/en/where-is-the-order", "fr"),
        ("Mulțumesc frumos pentru pachet", "ro"),
        ("The café and the pâtisserie near you were closed", "en"),
    ],
)
def test_accents_tell_languages_apart(triager: Triager, text: str, language: str) -> None:
    assert understood(triager, text).language == language


def test_no_piece_of_a_comment_is_told_by_a_wrong_language(triager: Triager) -> None:
    """Of two to eight words, as people write: 1,801 of them."""
    wrong = [
        (piece, comment.language)
        for comment in ALL_GOLD
        for piece in pieces(comment.text)
        if understood(triager, piece).language not in {comment.language, "und"}
    ]
    assert wrong == []


def pieces(text: str) -> Iterator[str]:
    words = text.split()
    yield from (" ".join(words[:many]) for many in (2, 3, 4, 5, 6, 8) if len(words) >= many)
    yield from (" ".join(words[at : at + 4]) for at in range(0, len(words) - 3, 4))


def test_a_grave_cue_is_found_in_a_text_of_another_language(triager: Triager) -> None:
    triage = understood(
        triager, "Hello, my Romanian neighbour says: vă dau în judecată, all of you."
    )
    assert triage.language == "en"
    assert Risk.LEGAL in triage.risks


def test_a_text_too_short_to_place_tries_every_pack(triager: Triager) -> None:
    triage = understood(triager, "ANPC!")
    assert triage.language == "und"
    assert Risk.LEGAL in triage.risks


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "any.empty"),
        ("   \n", "any.empty"),
        ("❤️🔥", "any.emoji_only"),
        ("@ana @ion.pop", "any.tags_only"),
        ("https://example.org/?a=1", "any.link_only"),
        ("Mersi mult!", "ro.quiet_thanks"),
        ("спасибо большое 🙏", "ru.quiet_thanks"),
    ],
)
def test_silence_has_a_reason(triager: Triager, text: str, rule: str) -> None:
    triage = understood(triager, text)
    assert triage.needs_reply is False
    assert triage.urgency is Urgency.LOW
    assert rule in {reason.rule for reason in triage.reasons}


def test_thanks_followed_by_a_question_wants_a_reply(triager: Triager) -> None:
    assert understood(triager, "Thanks! When do you open?").needs_reply


def test_spam_that_shows_its_address_is_not_a_privacy_matter(triager: Triager) -> None:
    triage = understood(triager, "Passive income, write to rich.now@example.com today")
    assert triage.risks == ()
    assert triage.needs_reply is False


def test_a_card_number_is_a_privacy_matter_and_is_not_repeated(triager: Triager) -> None:
    triage = understood(triager, "Charged wrongly, my card is 4111 1111 1111 1111, please look")
    assert Risk.PRIVACY in triage.risks
    assert all("1111 1111" not in reason.evidence for reason in triage.reasons)


def test_a_number_that_is_no_card_is_not_a_privacy_matter(triager: Triager) -> None:
    triage = understood(triager, "Order 4111 1111 1111 1112 has not arrived yet")
    assert Risk.PRIVACY not in triage.risks


def test_a_bank_account_followed_by_words_is_seen(triager: Triager) -> None:
    triage = understood(triager, "Refund to RO49AAAA1B31007593840000 please and thank you")
    assert "any.iban" in {reason.rule for reason in triage.reasons}


def test_safety_is_critical_and_legal_is_high(triager: Triager) -> None:
    assert understood(triager, "The toaster exploded in my kitchen").urgency is Urgency.CRITICAL
    assert understood(triager, "You will hear from my lawyer").urgency is Urgency.HIGH


@pytest.mark.parametrize(
    "text",
    [
        "I'm a reporter from Channel 5, can someone call me?",
        "We'd like to request a comment before publication. Deadline is 5pm.",
        "Could I interview your CEO for our podcast?",
        "Je prépare un reportage pour France Régions sur vos magasins",
        "Qui est votre attachée de presse ?",
        "Sunt reporter la Radio Nord, cine este purtătorul de cuvânt?",
        "Pregătesc un articol, aș vrea un punct de vedere oficial pentru ziar",
        "Готовим сюжет о ваших магазинах, кто может дать комментарий?",
        "Я корреспондент телеканала Север, можно взять у вас интервью?",
    ],
)
def test_a_journalist_who_asks_is_for_whoever_speaks_to_the_press(
    triager: Triager, text: str
) -> None:
    triage = understood(triager, text)
    assert triage.risks == (Risk.PRESS,)
    assert triage.is_escalated
    assert triage.needs_reply
    assert triage.urgency is Urgency.HIGH
    assert triage.sentiment is Sentiment.NEUTRAL, "nothing is alleged"
    assert Intent.COMPLAINT not in triage.intents


@pytest.mark.parametrize(
    "text",
    [
        "press the button twice and hold", "Press start to play lol", "hot off the press! love it",
        "The hydraulic press video is amazing", "I pressed it like a French press",
        "the article I ordered is missing", "wow the interview with your founder on TV was great",
        "before we publish our wedding photos, can we tag you?",
        "As a journalist student I love it",
        "press release says Friday, is it in stock?", "Does the printer print newspapers",
        "j'ai commandé un article et pour un article manquant on me facture",
        "Je cherche un article sur votre site, il a disparu", "Pressez-vous s'il vous plaît",
        "Un fer à repasser presse vapeur", "Je suis pressé, où est mon colis ?",
        "Presa hidraulică e prea zgomotoasă", "Articolul meu nu a ajuns",
        "Am văzut interviul cu fondatorul, felicitări",
        "Пресс-подборщик сломался", "кубики на прессе", "Видела интервью вашего директора, класс",
        "Статья про вас в журнале отличная",
    ],
)  # fmt: skip
def test_a_press_that_prints_nothing_is_no_matter_for_the_press(
    triager: Triager, text: str
) -> None:
    assert Risk.PRESS not in understood(triager, text).risks


@pytest.mark.parametrize(
    "text",
    [
        "I'll talk to a journalist about you", "I'm going to the press with this",
        "Je vais contacter un journaliste", "O să contactez un jurnalist", "Расскажу журналистам",
    ],
)  # fmt: skip
def test_to_threaten_with_the_press_is_a_legal_matter(triager: Triager, text: str) -> None:
    assert understood(triager, text).risks == (Risk.LEGAL,)


def test_praise_with_a_but_is_mixed(triager: Triager) -> None:
    triage = understood(triager, "Love the shoes but the delivery was terrible")
    assert triage.sentiment is Sentiment.MIXED
    assert {Intent.COMPLAINT, Intent.PRAISE} <= set(triage.intents)


def test_the_label_speaks_the_words_of_the_trade() -> None:
    triage = Triage(
        language=LanguageCode("en"),
        sentiment=Sentiment.NEGATIVE,
        intents=(Intent.COMPLAINT, Intent.ORDER_STATUS),
        risks=(Risk.LEGAL,),
        urgency=Urgency.HIGH,
        needs_reply=True,
        reasons=(),
    )
    assert triage.label == "Legal risk, complaint, order status"


@given(st.text(max_size=400))
@example("\ud800 thanks \udfff")
@example("\u202egnihtemos\u202c law\u200dyer")
@example("\ufdfa" * 300)
def test_any_text_is_triaged_and_survives_storage(text: str) -> None:
    triage = FAST.triage(text, languages=LANGUAGES)
    assert triage_from_json(json.loads(json.dumps(triage_to_json(triage)))) == triage
    assert triage == FAST.triage(text, languages=LANGUAGES)
    for reason in triage.reasons:
        assert reason.evidence in text
        reason.evidence.encode("utf-8")


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                "sue",
                "lawyer",
                "never",
                "arrived",
                "?",
                "@a",
                "thanks",
                "\u200b",
                "take",
                "court",
                "\ud83d",
            ]
        ),
        max_size=40,
    )
)
def test_words_in_any_order_are_triaged(words: list[str]) -> None:
    text = " ".join(words)
    triage = FAST.triage(text, languages=LANGUAGES)
    assert all(reason.evidence in text for reason in triage.reasons)


@pytest.mark.parametrize(
    "piece", ["a", "x ", "a@", "sue ", "\u200b", "\ud800", "سلام ", "1 ", "ro49", "\ufdfa", "?"]
)
def test_a_huge_text_is_judged_by_its_beginning(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    whole = FAST.triage(text, languages=LANGUAGES)
    assert whole == FAST.triage(text[:MOST_CHARACTERS], languages=LANGUAGES)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("rule = 3", r"no \[\[rule\]\]"),
        ("[[rule]]\nname='a'\nkind='mood'\nvalue='x'\nsays='x'\nwords=['x']", "kind 'mood'"),
        ("[[rule]]\nname='a'\nkind='risk'\nvalue='legl'\nsays='x'\nwords=['x']", "'legl'"),
        ("[[rule]]\nname='a'\nkind='risk'\nvalue='legal'\nsays='x'\nwords=['.. x']", "edge"),
        ("[[rule]]\nname='a'\nkind='risk'\nvalue='legal'\nsays='x'\nword=['x']", "unknown keys"),
        ("[[rule", "not valid TOML"),
    ],
)
def test_a_faulty_pack_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        parse_cues(text, LanguageCode("en"))
    assert "prompts/cues/en.toml" in str(caught.value)


def test_reasons_are_told_in_whole_sentences_of_ours(triager: Triager) -> None:
    triage = understood(triager, "My lawyer will call you")
    lawyer = Reason("en.lawyer", "lawyer")
    assert lawyer in triage.reasons
    assert words_of(triage, lawyer) == "Names a lawyer, a court or a claim"
    assert words_of(triage, triage.reasons[-1]) == "Written in English"


def test_every_reason_that_a_rule_can_give_has_words(triager: Triager) -> None:
    texts = [
        "", "?", "@fan", "https://x.example", "\U0001f525", "Thank you!", "you idiots", "zzz qqq",
        "buy followers cheap at my page, dm me", "My card is 4111 1111 1111 1111",
        "IBAN GB82 WEST 1234 5698 7654 32", "write to me@example.com",
    ]  # fmt: skip
    found = [understood(triager, text) for text in texts]
    told = {one.rule: words_of(triage, one) for triage in found for one in triage.reasons}
    assert {"any.empty", "any.card", "any.iban", "any.email", "any.language"} <= told.keys()
    assert [rule for rule, words in told.items() if rule == words] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("sooo beautifull 😍", "en"),
        ("thnak you!!", "en"),
        ("merciii bcp", "fr"),
        ("multtumesc frumos", "ro"),
        ("спасибоо 🙏", "ru"),
        ("<3 <3", ""),
        ("xD", ""),
    ],
)
def test_a_slip_of_the_pen_makes_no_thanks_a_matter(
    triager: Triager, text: str, language: str
) -> None:
    assert not understood(triager, text).needs_reply


@pytest.mark.parametrize(
    ("text", "is_quiet"),
    [
        ("@lena for our kitchen, told you 😂", True),
        ("@lena did you see this?", True),
        ("@ana.pop mergem??", True),
        ("@lena do they ship to Norway?", False),
        ("@lena have you tried it? where can I buy one", False),
        ("@lena mine arrived broken", False),
        ("@lena this is awful 😡", False),
        ("@lena they sent me to hospital", False),
        ("did you see this?", False),
    ],
)
def test_what_is_said_to_a_friend_wants_nothing_of_us(
    triager: Triager, text: str, is_quiet: bool
) -> None:
    found = triager.triage(text, languages=LANGUAGES, to_friends=True)
    assert found.needs_reply is not is_quiet
    assert triager.triage(text, languages=LANGUAGES).needs_reply


@pytest.mark.parametrize(
    ("text", "is_quiet"),
    [
        ("zingalicious layers 🥹", True),
        ("lovely wobbly teapot", True),
        ("merci pour la livraison rapide", True),
        ("thanks for the quick delivery", True),
        ("can't wait", True),
        ("loving this, still waiting for mine", False),
        ("thanks, where is it", False),
        ("thanks for not delivering", False),
        ("thanks, delivery never came", False),
        ("link 🙏", False),
        ("size 38 🥹", False),
        ("le même prix", False),
        ("linkul va rog", False),
        ("опять мятая", False),
        ("blue teapots forever", False),
        ("answer me", False),
        ("too salty", False),
        ("boycott", False),
        ("перезвоните", False),
    ],
)
def test_a_few_words_are_quiet_unless_one_of_them_may_want_something(
    triager: Triager, text: str, is_quiet: bool
) -> None:
    found = triager.triage(text, languages=LANGUAGES, to_friends=True)
    assert found.needs_reply is not is_quiet


def test_in_an_answer_or_to_one_of_ours_few_words_may_be_a_matter(triager: Triager) -> None:
    for text in ("zingalicious", "blue teapots forever", "tried that, nope"):
        assert triager.triage(text, languages=LANGUAGES).needs_reply
