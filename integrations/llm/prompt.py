"""A versioned prompt from `prompts/`, and the messages made of it for one call.

The file is TOML between `+++` lines, then a Jinja2 template in two parts: what stands above
`=== user ===` is the system message. The parts are separated before they are filled, so no value
can move the border. Whoever changes a prompt changes its hash, which every draft names.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ConfigurationError
from bot.model.draft import DraftRequest
from integrations.llm.untrusted import MOST_COMMENT, MOST_CONTEXT, MOST_NAME, as_data

BORDER = "=== user ===\n"
WORDS_IN_A_ROW = 8
"""A reply that shares so many words in a row with the prompt's rules has copied them."""

_NAME = re.compile(r"[a-z][a-z0-9_-]*\.v\d+")
_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_WORD = re.compile(r"\w+")


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    version: int
    schema_name: str = Field(alias="schema")
    max_output_tokens: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class Messages:
    """What is sent for one draft. `mark` is random and stands in both parts: it is the boundary
    around the data, and the canary that no reply may hold.
    """

    system: str
    user: str
    mark: str


@dataclass(frozen=True, slots=True)
class DraftPrompt:
    name: str
    """`draft.v1 (3f9a0c11)`: id, version and the start of the file's sha256."""
    max_output_tokens: int
    system: Template
    user: Template
    rows: frozenset[tuple[str, ...]]
    """Every row of words of the rules, to recognise them in an answer."""

    def messages(self, request: DraftRequest, mark: str) -> Messages:
        values = {
            "brand_name": request.brand_name,
            "voice": request.voice,
            "policy": [],
            "network_title": request.network_title,
            "max_length": request.max_length,
            "language": request.language,
            "tone": request.tone.value,
            "intents": request.intents,
            "instruction": request.instruction,
            "knowledge": request.knowledge,
            "previous": request.previous,
            "boundary": mark,
            "comment_json": as_data(request.text, MOST_COMMENT),
            "author_json": as_data(request.author_name, MOST_NAME),
            "context_json": as_data(request.context, MOST_CONTEXT),
        }
        return Messages(self.system.render(values), self.user.render(values), mark)

    def leaks_into(self, text: str, mark: str) -> bool:
        """Whether an answer holds the mark, in whatever spelling, or a row of the rules."""
        if mark.casefold() in "".join(filter(str.isalnum, text)).casefold():
            return True
        return not self.rows.isdisjoint(_rows(text))


def load_prompt(name: str) -> DraftPrompt:
    """ConfigurationError when there is no such prompt, or it cannot be read."""
    source = files("prompts") / f"{name}.md"
    if not _NAME.fullmatch(name) or not source.is_file():
        raise ConfigurationError(
            f"There is no prompt {name[:40]!r}. Set prompt under [drafts] to the name of a file "
            "that ships in prompts/, such as draft.v1."
        )
    return parse_prompt(source.read_text("utf-8"), name)


def parse_prompt(text: str, name: str) -> DraftPrompt:
    try:
        _before, front, body = text.split("+++\n", 2)
        matter = _FrontMatter.model_validate(tomllib.loads(front))
        system, user = body.split(BORDER)
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        parts = environment.from_string(system), environment.from_string(user)
    except (ValueError, ValidationError, TemplateError) as error:
        raise ConfigurationError(
            f"prompts/{name}.md cannot be read as a prompt: {type(error).__name__}. Restore the "
            "file that ships with this version."
        ) from error
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]
    full_name = f"{matter.id}.v{matter.version} ({digest})"
    rows = frozenset(_rows(_TAG.sub(" \ufffd ", system)))
    return DraftPrompt(full_name, matter.max_output_tokens, *parts, rows)


def _rows(text: str) -> list[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return [
        tuple(words[start : start + WORDS_IN_A_ROW])
        for start in range(len(words) - WORDS_IN_A_ROW + 1)
    ]
