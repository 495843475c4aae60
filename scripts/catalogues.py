"""The catalogues of the desk's languages: what the code says, gathered, kept and compiled.

    python -m scripts.catalogues          bring the .po files up to date, then compile them
    python -m scripts.catalogues check    say what is missing or stale, and change nothing

A message is what stands in `say("...")`, `plural("...", "...", n)` or `marked("...")`, in Python
and in templates, in `told("...")` of a script, and what a cue pack `says`. Babel compiles and
checks; the desk itself reads the compiled files with the standard library.
"""

import ast
import io
import string
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from handlers.console.render import script_words

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "bot" / "speech" / "catalogues"
LANGUAGES = ("fr", "ro", "ru")
ROOMS = ("bot/cards", "bot/services", "handlers")
"""Who speaks to staff. The command line speaks to whoever runs the desk, in English."""
ASKING = ("__init__.py", "settings.py")
"""Files of a network that say how an account of it is connected."""
KEYWORDS: dict[str, tuple[int, ...]] = {
    "say": (1,),
    "marked": (1,),
    "plural": (1, 2),
    # answers of the desk, which translates them as a whole
    "done": (1,),
    "refused": (1,),
    "Outcome": (2,),
    "answer": (4,),
}
"""Which argument of a call is a message; of two the second is the plural."""
PAGES = [("**.html", "jinja2.ext:babel_extract")]
IN_PAGES = {"say": None, "plural": (1, 2)}
MADE_AT = datetime(2026, 11, 29, tzinfo=UTC)
"""A moment of its own for every run would make every run a change."""


def gathered() -> Catalog:
    """Everything that the code says, without translations."""
    catalog = Catalog(project="replydesk", version="1", creation_date=MADE_AT, charset="utf-8")
    for room in ROOMS:
        found = extract_from_dir(ROOT / room, PAGES, keywords=IN_PAGES)
        for name, _line, message, _comments, _context in found:
            catalog.add(message, locations=[(f"{room}/{name}", 0)])
        for path in sorted((ROOT / room).rglob("*.py")):
            _add(catalog, path)
    for path in sorted((ROOT / "integrations").glob("*/*.py")):
        if path.name in ASKING:
            _add(catalog, path)
    for message in script_words():
        catalog.add(message, locations=[("handlers/console/static", 0)])
    for pack in sorted((ROOT / "prompts" / "cues").glob("*.toml")):
        for message in _said_by(pack):
            catalog.add(message, locations=[(f"prompts/cues/{pack.name}", 0)])
    return catalog


def _add(catalog: Catalog, path: Path) -> None:
    for message in said_in(path.read_text("utf-8")):
        catalog.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)])


def said_in(source: str) -> Iterator[str | tuple[str, ...]]:
    """The messages of a Python file, wherever in an expression they stand."""
    for call, places in _calls(source):
        words = [_literal(call.args[place - 1]) for place in places if place <= len(call.args)]
        if len(words) == len(places) and all(words):
            yield tuple(filter(None, words)) if len(words) > 1 else str(words[0])
    yield from _named_in(source)


def _named_in(source: str) -> Iterator[str]:
    """Messages that have a name in their function first: `says = "..."`, then `refused(says)`."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        inside = ast.unparse(function)
        given = (
            call.args[place - 1]
            for call, places in _calls(inside)
            for place in places
            if place <= len(call.args)
        )
        said = {one.id for one in given if isinstance(one, ast.Name)}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                words = _literal(node.value)
                if words and node.targets[0].id in said:
                    yield words


def unsayable_in(source: str) -> Iterator[int]:
    """Lines where a message is put together before it is said, so that no catalogue can have it."""
    for call, places in _calls(source):
        for place in places:
            if place <= len(call.args) and _is_put_together(call.args[place - 1]):
                yield call.lineno


def _calls(source: str) -> Iterator[tuple[ast.Call, tuple[int, ...]]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            if name in KEYWORDS:
                yield node, KEYWORDS[name]


def _literal(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def _is_put_together(node: ast.expr) -> bool:
    """Words of ours inside an f-string, or a choice between two literals."""
    if isinstance(node, ast.IfExp):
        return _literal(node.body) is not None or _literal(node.orelse) is not None
    if not isinstance(node, ast.JoinedStr):
        return False
    return any(letter.isalpha() for part in node.values for letter in _literal(part) or "")


def _said_by(pack: Path) -> Iterator[str]:
    rules = tomllib.loads(pack.read_text("utf-8")).get("rule", [])
    yield from (rule["says"] for rule in rules if rule.get("says"))


def kept(language: str) -> Catalog:
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str, source: Catalog) -> Catalog:
    """The messages of the code with the translations that are kept; what is gone is left out."""
    catalog = kept(language)
    catalog.update(source, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.version = "replydesk", "1"
    catalog.creation_date = catalog.revision_date = MADE_AT
    catalog.last_translator = catalog.language_team = "replydesk"
    catalog.fuzzy = False
    catalog.header_comment = f"# What the desk says, in the language {language!r}."
    return catalog


def as_po(catalog: Catalog) -> bytes:
    return _written(write_po, catalog, include_lineno=False, sort_by_file=True, width=100)


def as_mo(catalog: Catalog) -> bytes:
    return _written(write_mo, catalog)


def _written(write: Any, catalog: Catalog, **how: Any) -> bytes:
    file: IO[bytes] = io.BytesIO()
    write(file, catalog, **how)
    file.seek(0)
    return file.read()


def complaints(catalog: Catalog) -> Iterator[str]:
    """Messages that are not translated, or whose `{names}` or number of forms differ."""
    for message in catalog:
        if message.id:
            yield from (f"{catalog.locale}: {_id_of(message)!r}: {why}" for why in _wrong(message))
            if message.pluralizable and len(message.string or ()) != catalog.num_plurals:
                yield f"{catalog.locale}: {_id_of(message)!r}: wants {catalog.num_plurals} forms"


def _id_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _wrong(message: Message) -> Iterator[str]:
    wanted = names_in(_id_of(message)) | (
        set() if isinstance(message.id, str) else names_in(message.id[1])
    )
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    for form in forms or [""]:
        if not form:
            yield "is not translated"
        elif names_in(form) != wanted:
            yield f"has {sorted(names_in(form))} instead of {sorted(wanted)}: {form!r}"


def names_in(text: str) -> set[str]:
    """The `{names}` of a message; ValueError for braces that do not match."""
    return {name for _said, name, _spec, _how in string.Formatter().parse(text) if name is not None}


def stale(language: str, source: Catalog) -> Iterator[str]:
    catalog = renewed(language, source)
    yield from complaints(catalog)
    for path, made in (
        (FOLDER / f"{language}.po", as_po(catalog)),
        (FOLDER / f"{language}.mo", as_mo(catalog)),
    ):
        if not path.exists() or path.read_bytes() != made:
            yield f"{path.relative_to(ROOT)} is not up to date. Run make catalogues."


def main(arguments: list[str]) -> int:
    source = gathered()
    if arguments == ["check"]:
        found = [line for language in LANGUAGES for line in stale(language, source)]
        print("\n".join(found) or "Every message is in every catalogue.")
        return 1 if found else 0
    for language in LANGUAGES:
        catalog = renewed(language, source)
        (FOLDER / f"{language}.po").write_bytes(as_po(catalog))
        (FOLDER / f"{language}.mo").write_bytes(as_mo(catalog))
        for line in complaints(catalog):
            print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
