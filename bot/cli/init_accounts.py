"""The part of `init` that asks about accounts: each network says itself what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.cli.terminal import ask, say
from bot.cli.toml_text import Value
from bot.config import SettingsRefused, settings_for
from bot.config.fields import why_no_slug
from bot.config.problems import looks_secret
from bot.config.shape import secret_fields
from integrations import NETWORKS
from integrations.definition import ConnectorSettings, definition_of

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Answers:
    """One account as it will stand in the file; secrets by the name of their variable."""

    slug: str
    network: str
    own: dict[str, Value]

    def values(self) -> dict[str, Value]:
        return {"slug": self.slug, "network": self.network, **self.own}


def ask_accounts(brand: str) -> list[Answers]:
    accounts: list[Answers] = []
    known = ", ".join(NETWORKS)
    while network := ask(f"A network to watch ({known}), or nothing to finish", check=_network):
        taken = {account.slug for account in accounts}
        accounts.append(_ask_account(brand, network, taken))
    return accounts


def variable_of(slug: str, key: str) -> str:
    """What the variable of an account's secret is best called."""
    return re.sub(r"[^A-Z0-9]+", "_", f"{slug}_{key}".upper())


def environment_names(accounts: list[Answers]) -> list[str]:
    """The variables that somebody has to set before a run."""
    references = [v for a in accounts for v in a.own.values() if isinstance(v, dict)]
    return sorted({reference["env"] for reference in references})


def _ask_account(brand: str, network: str, taken: set[str]) -> Answers:
    def check_slug(answer: str) -> str | None:
        return "Another account has this name." if answer in taken else why_no_slug(answer)

    slug = ask("The account's short name", f"{brand}-{network}"[:60], check=check_slug)
    model = definition_of(network).settings
    while True:
        own = _ask_own(slug, model)
        try:
            settings_for(own, model, where=slug, file="answers")
        except SettingsRefused as refused:
            for problem in refused.problems:
                say(f"{problem.key}: {problem.says}")
            say("Once more, then.")
            continue
        return Answers(slug, network, own)


def _ask_own(slug: str, model: type[ConnectorSettings]) -> dict[str, Value]:
    """What has no default, in the order of the model; the rest can be written later."""
    held = secret_fields(model)
    own: dict[str, Value] = {}
    for key, field in model.model_fields.items():
        if not field.is_required():
            continue
        if key in held:
            suggested = variable_of(slug, key)
            question = f"{key} is a secret: the environment variable that will hold it"
            own[key] = {"env": ask(question, suggested, check=_variable)}
        else:
            own[key] = ask(key, check=_not_empty)
    return own


def _network(answer: str) -> str | None:
    if answer == "" or answer in NETWORKS:
        return None
    return f"Write one of {', '.join(NETWORKS)}."


def _variable(answer: str) -> str | None:
    if _NAME.fullmatch(answer):
        return None
    if looks_secret(answer):
        return "That looks like the secret itself. Write only the name of a variable."
    return "Use capital letters, digits and _, for example ACME_BLOG_PASSWORD."


def _not_empty(answer: str) -> str | None:
    return None if answer else "This is needed."
