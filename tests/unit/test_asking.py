"""What each network asks for comes from its connector's own settings, and answers become them."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from bot.bootstrap.asking import offer_of, settings_and_secrets
from bot.config.shape import secret_fields
from bot.errors import AnswersRefused
from bot.model.joining import QuestionKind
from bot.speech.speech import LANGUAGES, speech_in
from integrations import NETWORKS
from integrations.definition import definition_of

SECRET = "never-to-be-seen"
RIGHT: dict[str, dict[str, str]] = {
    "mastodon": {
        "base_url": "https://mastodon.social/",
        "access_token": SECRET,
        "hashtags": "#acme, acmetea",
    },
    "bluesky": {"handle": "@Brand.bsky.social", "app_password": SECRET, "service": ""},
    "wordpress": {
        "url": "https://blog.example.com",
        "user": "editor",
        "application_password": SECRET,
    },
    "rss": {"url": "https://example.com/feed", "keywords": "acme", "kind": "review"},
    "sandbox": {"base_url": "http://127.0.0.1:1/sandbox/api", "token": SECRET},
}


@pytest.mark.parametrize("network", list(RIGHT))
def test_answers_become_the_settings_and_the_secrets_stand_apart(network: str) -> None:
    own, written, secrets = settings_and_secrets(definition_of(network), RIGHT[network])
    assert SECRET not in repr(own)
    assert SECRET not in json.dumps(written)
    assert list(secrets.values()) == ([] if network == "rss" else [SECRET])
    # what is written down makes the same settings again
    again, _written, _secrets = settings_and_secrets(
        definition_of(network), {k: _text(v) for k, v in written.items()} | secrets
    )
    assert again == own


@pytest.mark.parametrize("network", list(NETWORKS))
def test_every_network_says_what_it_is_and_asks_in_words(network: str) -> None:
    offer = offer_of(definition_of(network))
    assert offer.about.endswith(".")
    assert offer.questions
    for question in offer.questions:
        assert question.label != question.name
        assert question.kind is QuestionKind.SEALED or not question.name.endswith("token")
    needed = {question.name for question in offer.questions if question.is_needed}
    model = definition_of(network).settings
    assert needed == {n for n, field in model.model_fields.items() if field.is_required()}


@pytest.mark.parametrize("network", list(RIGHT))
@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_what_is_asked_is_asked_in_the_admins_language(network: str, language: str) -> None:
    offer, say = offer_of(definition_of(network)), speech_in(language).say
    words = [offer.about, *offer.steps, *(one.label for one in offer.questions)]
    same = [one for one in words if say(one) == one]
    assert same in ([], ["Token"])


@pytest.mark.parametrize(
    ("network", "answers", "question", "says"),
    [
        ("mastodon", {"base_url": "mastodon.social"}, "base_url", "Write the server's whole"),
        ("mastodon", {"base_url": ""}, "base_url", "This is needed."),
        ("mastodon", {"access_token": " "}, "access_token", "This is needed."),
        ("mastodon", {"base_url": f"https://a:{SECRET}@b.example"}, "base_url", "password out"),
        ("mastodon", {"hashtags": "#a b"}, "hashtags", "Write a hashtag as one word"),
        ("bluesky", {"handle": "not a handle"}, "handle", "Write the handle as Bluesky shows"),
        ("wordpress", {"url": "ftp://blog"}, "url", "begins with https://"),
        ("rss", {"kind": "song"}, "kind", "song"),
    ],
)
def test_a_wrong_answer_is_told_at_its_question(
    network: str, answers: dict[str, str], question: str, says: str
) -> None:
    with pytest.raises(AnswersRefused) as refused:
        settings_and_secrets(definition_of(network), RIGHT[network] | answers)
    assert says in refused.value.problems[question]
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def test_what_a_network_does_not_ask_for_is_not_taken() -> None:
    answers = RIGHT["mastodon"] | {"timeout_seconds": "1", "nonsense": "x"}
    _own, written, _secrets = settings_and_secrets(definition_of("mastodon"), answers)
    assert set(written) == {"base_url", "hashtags"}


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("network", NETWORKS)
def test_whoever_reads_webhooks_says_where_their_secret_stands(network: str) -> None:
    """Else an account that is connected in the console would have none, and no address."""
    definition = definition_of(network)
    line = import_module(f"{NETWORKS[network]}.connector")
    reads = any(hasattr(one, "read_hook") for one in vars(line).values() if isinstance(one, type))
    assert bool(definition.hook_setting) is reads
    if reads:
        assert definition.hook_setting in secret_fields(definition.settings)
