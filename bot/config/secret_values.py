"""Secrets: references in the file, values only here, and never a value in a message.

A file may hold `{ env = "NAME" }` or `{ file = "path" }`; anything else in a secret's place is
refused without being repeated. A resolved value is registered with the logs at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot import logs
from bot.config.problems import Problem, Source, has_password, looks_secret, unknown_key
from bot.config.shape import Location, secret_fields, tables
from bot.errors import ConfigurationError
from bot.model.account import SecretRef

MAX_SECRET_BYTES = 64 * 1024

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ADDRESSES: Mapping[str | int, str] = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}
_PLACEHOLDER = {"env": "REFUSED"}
_REMEDY = 'put it into an environment variable and write { env = "NAME" }'


class Secret(str):
    """A value that no repr shows; pass it on, never format it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(...)"


def resolve(ref: SecretRef, environment: Mapping[str, str] | None = None) -> Secret:
    """The secret without outer white space; a file is read anew at every call.

    ConfigurationError says what is missing and where it was looked for, never any content.
    """
    if ref.env:
        value = _variable(ref.env, environment)
        if not value:
            raise ConfigurationError(
                f"The environment variable {ref.env} is not set. Set it to the secret, or name "
                "another one in the configuration."
            )
    elif ref.file:
        value = _read(Path(ref.file))
    else:
        raise ConfigurationError(f"The {ref} is not in the configuration's reach.")
    secret = Secret(value.strip())
    logs.redact(secret)
    return secret


def resolve_if_set(ref: SecretRef, environment: Mapping[str, str] | None = None) -> Secret | None:
    """None when the variable is not set or the file does not exist; for secrets one may lack."""
    if (
        ref.env
        and not (os.environ if environment is None else environment).get(ref.env, "").strip()
    ):
        return None
    if ref.file and not Path(ref.file).exists():
        return None
    return resolve(ref, environment)


def secrets_of(settings: BaseModel) -> dict[str, SecretRef]:
    """The references that a table holds, by field; fields without one are left out."""
    found = ((name, getattr(settings, name)) for name in sorted(secret_fields(type(settings))))
    return {name: ref for name, ref in found if isinstance(ref, SecretRef)}


def resolve_all(
    settings: BaseModel, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The secrets of a table by field; one that the table can do without may be missing.

    ConfigurationError at the first that is missing and needed.
    """
    found = {}
    for name, ref in secrets_of(settings).items():
        is_needed = type(settings).model_fields[name].is_required()
        secret = resolve(ref, environment) if is_needed else resolve_if_set(ref, environment)
        if secret is not None:
            found[name] = str(secret)
    return found


def take_out_literals(source: Source, folder: Path) -> tuple[Any, list[Problem]]:
    """The raw settings with every secret checked, and file references made absolute.

    What is not a reference is replaced, so that nothing after this can show it. `folder` is
    where relative file references start.
    """
    walk = _Walk(source, folder)
    return walk.table(source.model, source.raw, ()), walk.problems


class _Walk:
    def __init__(self, source: Source, folder: Path) -> None:
        self._source = source
        self._folder = folder
        self.problems: list[Problem] = []

    def table(self, model: type[BaseModel], raw: Any, location: Location) -> Any:
        if not isinstance(raw, dict):
            return raw
        inner = tables(model)
        held = secret_fields(model)
        return {
            key: self._value(inner.get(key), value, (*location, key), is_secret=key in held)
            for key, value in raw.items()
        }

    def _value(
        self, inner: type[BaseModel] | None, value: Any, location: Location, *, is_secret: bool
    ) -> Any:
        if is_secret:
            return self._secret(value, location)
        if inner is not None and isinstance(value, list):
            return [
                self.table(inner, entry, (*location, number)) for number, entry in enumerate(value)
            ]
        if inner is not None:
            return self.table(inner, value, location)
        if isinstance(value, str) and has_password(value):
            self._refuse(location, f"this address carries a password; {_in_environment(location)}")
            return ""
        return value

    def _secret(self, value: Any, location: Location) -> Any:
        if not isinstance(value, dict):
            self._refuse(location, f"a secret may not stand in the file; {_REMEDY}.")
            return _PLACEHOLDER
        for key in value.keys() - {"env", "file"}:
            self._refuse((*location, key), unknown_key(key, ("env", "file")))
            return _PLACEHOLDER
        if len(value) != 1:
            self._refuse(location, 'write either { env = "NAME" } or { file = "path" }.')
            return _PLACEHOLDER
        (kind, name), *_ = value.items()
        if not isinstance(name, str) or not name.strip():
            self._refuse((*location, kind), "write text in quotes.")
            return _PLACEHOLDER
        return self._environment(name, location) if kind == "env" else self._file(name, location)

    def _environment(self, name: str, location: Location) -> Any:
        if _ENVIRONMENT_NAME.fullmatch(name) and not _looks_like_value(name):
            return {"env": name}
        says = f"this looks like the secret itself, not like a variable's name; {_REMEDY}."
        self._refuse((*location, "env"), says)
        return _PLACEHOLDER

    def _file(self, name: str, location: Location) -> Any:
        if looks_secret(name) and not {"/", "\\", "."} & set(name):
            says = f"this looks like the secret itself, not like a file's name; {_REMEDY}."
            self._refuse((*location, "file"), says)
            return _PLACEHOLDER
        return {"file": str((self._folder / Path(name).expanduser()).absolute())}

    def _refuse(self, location: Location, says: str) -> None:
        self.problems.append(self._source.problem(location, says))


def _variable(name: str, environment: Mapping[str, str] | None) -> str:
    return (os.environ if environment is None else environment).get(name, "").strip()


def _looks_like_value(name: str) -> bool:
    return looks_secret(name) and name != name.upper()


def _in_environment(location: Location) -> str:
    variable = ADDRESSES.get(location[-1])
    if variable is not None:
        return f"set it in the environment variable {variable} instead."
    return "leave the password out of it."


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SECRET_BYTES + 1)
        text = content.decode()
    except OSError as error:
        raise ConfigurationError(
            f"The secret file {path} cannot be read: {error.strerror}. Create it, or let the user "
            "that runs replydesk read it."
        ) from error
    except UnicodeDecodeError:
        # without the cause, which would show a piece of the file
        raise ConfigurationError(f"The secret file {path} is not text.") from None
    if len(content) > MAX_SECRET_BYTES:
        raise ConfigurationError(f"The secret file {path} is too large to hold one secret.")
    if not text.strip():
        raise ConfigurationError(f"The secret file {path} is empty. Write the secret into it.")
    return text
