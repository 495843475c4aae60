"""What a network asks for, taken from its connector's own settings, and answers made into them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import HttpUrl, ValidationError
from pydantic.fields import FieldInfo

from bot.config.problems import Problem, Source, from_validation, has_password
from bot.config.shape import leaves, secret_fields
from bot.errors import AnswersRefused
from bot.model.joining import Offer, Question, QuestionKind
from integrations.definition import ConnectorSettings, NetworkDefinition

NEEDED = "This is needed."
INSIDE_ADDRESS = "Leave the password out of the address."

Definition = NetworkDefinition[ConnectorSettings]


def offer_of(definition: Definition) -> Offer:
    return Offer(
        definition.name,
        definition.title,
        definition.about,
        definition.steps,
        tuple(_questions(definition.settings)),
        has_hooks=bool(definition.hook_setting),
    )


def _questions(model: type[ConnectorSettings]) -> Iterator[Question]:
    """What has no default, and what else has a title; in the order of the model."""
    held = secret_fields(model)
    for name, field in model.model_fields.items():
        if field.is_required() or field.title is not None:
            kind, choices = _kind(name, field, is_secret=name in held)
            yield Question(
                name=name,
                label=field.title or name.replace("_", " ").capitalize(),
                help=field.description or "",
                kind=kind,
                is_needed=field.is_required(),
                suggested=_suggested(field),
                choices=choices,
            )


def _kind(name: str, field: FieldInfo, *, is_secret: bool) -> tuple[QuestionKind, tuple[str, ...]]:
    found = list(leaves(field.annotation))
    if is_secret:
        return QuestionKind.SEALED, ()
    for leaf in found:
        if isinstance(leaf, type) and issubclass(leaf, StrEnum):
            return QuestionKind.CHOICE, tuple(leaf)
    if isinstance(field.get_default(), tuple):
        return QuestionKind.WORDS, ()
    if HttpUrl in found or name.endswith("url"):
        return QuestionKind.ADDRESS, ()
    return QuestionKind.TEXT, ()


def _suggested(field: FieldInfo) -> str:
    default = field.get_default()
    return str(default) if isinstance(default, str) else ""


def settings_and_secrets(
    definition: Definition, answers: Mapping[str, str]
) -> tuple[ConnectorSettings, dict[str, Any], dict[str, str]]:
    """The settings, how they are written down, and the secrets apart; AnswersRefused."""
    own: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    problems: dict[str, str] = {}
    for question in _questions(definition.settings):
        text = answers.get(question.name, "").strip()
        if not text and question.is_needed:
            problems[question.name] = NEEDED
        elif not text:
            continue
        elif question.kind is QuestionKind.SEALED:
            secrets[question.name] = text
        elif has_password(text):
            problems[question.name] = INSIDE_ADDRESS
        else:
            own[question.name] = _value(question, text)
    if problems:
        raise AnswersRefused(problems)
    return settings_of(definition, own, secrets), own, secrets


def _value(question: Question, text: str) -> Any:
    if question.kind is QuestionKind.WORDS:
        return [word.strip() for word in text.split(",") if word.strip()]
    return text


def settings_of(
    definition: Definition, own: Mapping[str, Any], secrets: Mapping[str, str]
) -> ConnectorSettings:
    """As a file would make them, the secrets by reference; AnswersRefused."""
    raw = {**own, **{name: {"vault": name} for name in secrets}}
    try:
        return definition.settings.model_validate_json(json.dumps(raw), strict=True)
    except ValidationError as error:
        source = Source("answers", raw, definition.settings)
        found = from_validation(error, source)
        # without the cause, which would print what was written
        raise AnswersRefused({_question(one): _sentence(one.says) for one in found}) from None


def _question(problem: Problem) -> str:
    """A wrong word of a list is told at the list."""
    return problem.key or problem.section.partition("[")[0]


def _sentence(says: str) -> str:
    return says[:1].upper() + says[1:]
