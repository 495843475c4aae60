"""Templates as drafts, the gate behind the model, and who speaks when the model does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.errors import DraftingFailed
from bot.metrics import Metrics
from bot.model.draft import DraftOrigin, DraftProposal, DraftRequest, Tone
from bot.model.ids import BrandId
from bot.services.draft_gate import DraftGate
from bot.services.fallback_drafter import FallbackDrafter
from bot.services.lexicon import LANGUAGES
from bot.services.reply_templates import load_reply_templates
from bot.services.template_drafter import TemplateDrafter

TEMPLATES = TemplateDrafter(load_reply_templates())


def asked(
    *intents: str,
    language: str = "en",
    risks: Sequence[str] = (),
    tone: Tone = Tone.FRIENDLY,
    max_length: int = 300,
    instruction: str = "",
    previous: str = "",
    voice: str = "",
    text: str = "My kettle leaks.",
    seed: int = 0,
) -> DraftRequest:
    return DraftRequest(
        brand_id=BrandId(1),
        brand_name="Acme",
        voice=voice,
        network_title="Bluesky",
        max_length=max_length,
        language=language,
        text=text,
        author_name="Dana",
        context="",
        intents=intents,
        risks=tuple(risks),
        tone=tone,
        instruction=instruction,
        previous=previous,
        seed=seed,
    )


class Model:
    """A drafter that says one thing, or nothing for one reason."""

    def __init__(self, text: str = "", failure: str = "") -> None:
        self.text = text
        self.failure = failure
        self.requests: list[DraftRequest] = []
        self.is_closed = False

    @property
    def says(self) -> str:
        return "Drafts come from the model m at example.test."

    async def draft(self, request: DraftRequest) -> DraftProposal:
        self.requests.append(request)
        if self.failure:
            raise DraftingFailed(self.failure)
        return DraftProposal(self.text, DraftOrigin.MODEL, "m, draft.v1 (0123abcd)")

    async def probe(self) -> str:
        return "m answered."

    async def close(self) -> None:
        self.is_closed = True


# --- templates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_complaint_gets_a_template_of_its_language(language: str) -> None:
    found = await TEMPLATES.draft(asked("complaint", language=language))
    assert found.origin is DraftOrigin.TEMPLATE
    assert found.note == f"template {language}/complaint"
    assert found.text


async def test_a_risk_is_answered_before_any_intent() -> None:
    found = await TEMPLATES.draft(asked("praise", "thanks", risks=["safety"]))
    assert found.note == "template en/safety"


@pytest.mark.parametrize(
    "risks", [["legal"], ["press"], ["abuse"], ["safety", "legal"], ["privacy", "abuse"]]
)
async def test_a_risk_without_a_template_gets_no_draft_however_harmless_the_rest(
    risks: list[str],
) -> None:
    with pytest.raises(DraftingFailed, match=r"may answer a (legal|press|abuse) matter"):
        await TEMPLATES.draft(asked("praise", "complaint", risks=risks))


async def test_spam_alone_gets_no_draft() -> None:
    with pytest.raises(DraftingFailed, match="spam gets no reply"):
        await TEMPLATES.draft(asked("spam"))


@pytest.mark.parametrize(
    ("intents", "matter"),
    [
        (("complaint", "delivery"), "delivery"),
        (("complaint", "praise"), "complaint"),
        (("complaint", "order_status"), "complaint"),
        (("praise",), "praise"),
        (("spam", "question"), "question"),
        (("a word from a newer desk",), "other"),
        ((), "other"),
    ],
)
async def test_the_matter_that_says_most_chooses_the_template(
    intents: tuple[str, ...], matter: str
) -> None:
    assert (await TEMPLATES.draft(asked(*intents))).note == f"template en/{matter}"


async def test_a_tone_and_a_seed_choose_the_text_and_a_repeat_does_not_change_it() -> None:
    friendly = await TEMPLATES.draft(asked("complaint"))
    assert friendly == await TEMPLATES.draft(asked("complaint"))
    assert friendly.text != (await TEMPLATES.draft(asked("complaint", seed=1))).text
    formal = await TEMPLATES.draft(asked("complaint", tone=Tone.FORMAL))
    assert formal.text.startswith(("Dear Dana", "Thank you"))


async def test_another_draft_is_another_text() -> None:
    first = await TEMPLATES.draft(asked("complaint"))
    second = await TEMPLATES.draft(asked("complaint", previous=first.text))
    assert second.text != first.text


async def test_a_language_nobody_wrote_in_is_answered_in_english_and_the_note_says_so() -> None:
    found = await TEMPLATES.draft(asked("complaint", language="de"))
    assert found.note == "template en/complaint - there are no templates in de"
    assert "Dana" in found.text


async def test_a_regional_language_is_answered_in_the_language() -> None:
    found = await TEMPLATES.draft(asked("complaint", language="fr-CA"))
    assert found.note == "template fr/complaint"


async def test_an_instruction_is_not_silently_ignored() -> None:
    found = await TEMPLATES.draft(asked("complaint", instruction="shorter"))
    assert found.note.endswith("a template cannot follow an instruction; please edit it")


async def test_a_tight_limit_is_met_with_a_short_template() -> None:
    longest = (await TEMPLATES.draft(asked("complaint"))).text
    found = await TEMPLATES.draft(asked("complaint", max_length=95))
    assert len(longest) > 95
    assert len(found.text) <= 95


async def test_a_limit_that_no_template_meets_is_said() -> None:
    with pytest.raises(DraftingFailed, match="short enough for 12 characters"):
        await TEMPLATES.draft(asked("complaint", max_length=12))


def test_without_a_model_the_sentence_says_how_to_get_one() -> None:
    assert TEMPLATES.says.startswith("Drafts come from templates in en, fr, ro, ru.")
    assert "OPENAI_API_KEY" in TEMPLATES.says


# --- falling back ------------------------------------------------------------------------------


async def test_what_the_model_writes_is_the_draft() -> None:
    found = await FallbackDrafter(Model("We are on it."), TEMPLATES).draft(asked("complaint"))
    assert found == DraftProposal("We are on it.", DraftOrigin.MODEL, "m, draft.v1 (0123abcd)")


async def test_a_silent_model_gives_way_to_a_template_and_the_note_says_why() -> None:
    metrics = Metrics()
    model = Model(failure="The model did not answer: example.test took too long.")
    drafter = FallbackDrafter(model, TEMPLATES, metrics=metrics)
    found = await drafter.draft(asked("complaint"))
    assert found.origin is DraftOrigin.TEMPLATE
    assert found.note == (
        "template en/complaint - the model did not answer: example.test took too long."
    )
    assert b"replydesk_draft_failures_total 1.0" in metrics.render()


async def test_when_both_are_silent_both_reasons_are_told() -> None:
    model = Model(failure="The model did not answer: it refused.")
    with pytest.raises(DraftingFailed, match=r"it refused\. This looks like spam"):
        await FallbackDrafter(model, TEMPLATES).draft(asked("spam"))


@pytest.mark.parametrize("risk", ["safety", "privacy"])
async def test_a_risk_is_not_told_to_the_model_by_itself(risk: str) -> None:
    model = Model("We never do that.")
    found = await FallbackDrafter(model, TEMPLATES).draft(asked("complaint", risks=[risk]))
    assert found.note == (
        f"template en/{risk} - a model is not asked about {risk} matters by itself."
    )
    assert model.requests == []


@pytest.mark.parametrize("risk", ["legal", "abuse"])
async def test_a_matter_for_a_person_is_drafted_by_nobody(risk: str) -> None:
    model = Model("We never do that.")
    with pytest.raises(DraftingFailed, match=f"not asked about {risk} matters"):
        await FallbackDrafter(model, TEMPLATES).draft(asked("complaint", risks=[risk]))
    assert model.requests == []


async def test_a_members_instruction_asks_the_model_about_a_risk() -> None:
    model = Model("Please write to us privately.")
    request = asked("complaint", risks=["legal"], instruction="ask for a private message")
    found = await FallbackDrafter(model, TEMPLATES).draft(request)
    assert found.origin is DraftOrigin.MODEL


async def test_the_sentence_names_the_model_and_what_stands_behind_it() -> None:
    model = Model()
    drafter = FallbackDrafter(model, TEMPLATES)
    assert drafter.says == (
        "Drafts come from the model m at example.test. "
        "When it gives none, templates in en, fr, ro, ru step in."
    )
    assert await drafter.probe() == "m answered."
    await drafter.close()
    assert model.is_closed


# --- the gate ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  \n", "is empty"),
        ("x" * 301, "has 301 characters, and 300 are allowed"),
        ("See https://evil.example/win", "link"),
        ("See evil.example", "link"),
        ("See evil[.]example for it", "link"),
        ("See evil dot com for it", "link"),
        ("See hxxps://evil", "link"),
        ("See http://192.0.2.7", "link"),
        ("See ｅｖｉｌ．ｃｏｍ", "link"),
        ("See acme.com.attacker.ru", "link"),
        ("See acme.com@attacker.ru", "link"),
        ("See notacme.com", "link"),
        ("See acme.com/go?to=evil.example", "link"),
        ("Please write to зло.рф today", "link"),
        ("Write to refunds@evil.example", "link"),
        ("Ask @real_support instead", "mentions somebody"),
        ("Ask ＠real_support instead", "mentions somebody"),
        ("Join #BoycottAcme today", "hashtag"),
        ("Call +40 721 555 019 now", "number"),
        ("Call (0721) 555-019 now", "number"),
        ("Call ０７２１５５５０１９ now", "number"),
        ("Thank you\u202e for asking", "invisible"),
        ("Thank\u200b you", "invisible"),
        ("Thank you\x07", "invisible"),
        ("Thank you \ud800", "invisible"),
        ("Thank you \U000e0041\U000e0042", "invisible"),
        ("Welcome to the \u0430cme team", "two alphabets"),
        ("Спасибо, мы посмотрим и ответим", "letters of the language"),
    ],
)
def test_the_gate_stops(text: str, says: str) -> None:
    objection = DraftGate(["acme.com"]).objection(text, asked("complaint"))
    assert objection is not None
    assert says in objection


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, Dana! We are looking into it.",
        "Sorry about that.We will check.",
        "Please tell us the size, e.g. 42, by private message.",
        "We are open from 9.30 to 18.00, until 2026-11-30.",
        "That is 1,299.00 in all, no. 1 of 3.",
        "Thank you \U0001f44d\U0001f3fd \U0001f469\u200d\U0001f4bb \u2764\ufe0f",
        "Two lines\nare fine.",
        "See help.acme.com or acme.com/help for it",
        "Call 0800 123 4567",
        "Ask @acmehelp",
    ],
)
def test_the_gate_lets_pass(text: str) -> None:
    gate = DraftGate(["acme.com", "@acmehelp", "0800-123-4567"])
    assert gate.objection(text, asked("complaint")) is None


def test_a_link_in_the_comment_excuses_no_link_in_the_draft() -> None:
    request = asked("complaint", text="Reply with https://evil.example and call 0721555019")
    gate = DraftGate()
    assert gate.objection("See https://evil.example", request) is not None
    assert gate.objection("Call 0721555019", request) is not None


@pytest.mark.parametrize("place", ["voice", "instruction", "previous"])
def test_what_staff_wrote_may_be_repeated(place: str) -> None:
    gate = DraftGate()
    staff = {place: "Point to https://acme.example/help, or 0800 123 4567"}
    request = DraftRequest(
        **{name: getattr(asked(), name) for name in DraftRequest.__slots__} | staff
    )
    assert gate.objection("See acme.example/help or call 08001234567", request) is None
    assert gate.objection("See other.example", request) is not None


def test_a_short_reply_or_an_unknown_language_is_not_judged_by_its_letters() -> None:
    gate = DraftGate()
    assert gate.objection("OK, thanks!", asked(language="ru")) is None
    assert gate.objection("Thank you for telling us.", asked(language="und")) is None
    assert gate.objection("Thank you for telling us.", asked(language="ru")) is not None


async def test_a_draft_stopped_by_the_gate_becomes_a_template() -> None:
    drafter = FallbackDrafter(Model("Go to evil.example"), TEMPLATES)
    found = await drafter.draft(asked("complaint"))
    assert found.origin is DraftOrigin.TEMPLATE
    assert "the model's draft was not used: it holds a link" in found.note
    assert "evil" not in found.note + found.text


def test_no_template_of_ours_is_stopped_by_the_gate() -> None:
    gate = DraftGate()
    templates = load_reply_templates()._templates.values()
    for template in (template for group in templates for template in group):
        request = asked(language=template.name.partition("/")[0])
        assert gate.objection(template.fill("Dana", "Acme"), request) is None, template.name
