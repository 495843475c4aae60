"""What exists has its mention in the documentation, and what the documentation names exists."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from bot.cards.actions import ActionName
from bot.cli.commands import COMMANDS
from bot.config import load
from bot.model import commands
from bot.model.account import AccountState
from bot.model.due import Lane
from bot.model.event import EventKind
from bot.model.incident import IncidentState
from bot.model.item import ItemState
from bot.model.member import Role
from bot.model.paging import PageState
from bot.model.post import PostState
from bot.model.publication import PublicationState
from bot.model.triage import Intent, Risk, Sentiment, Urgency
from bot.services.deciding import REQUIRED
from integrations import NETWORKS
from integrations.definition import definition_of
from scripts.check_docs import broken_links, documents

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (DOCS / "ARCHITECTURE.md").read_text("utf-8")
GLOSSARY = (DOCS / "GLOSSARY.md").read_text("utf-8")
INDEX = (DOCS / "README.md").read_text("utf-8")
DECISIONS = (DOCS / "adr" / "README.md").read_text("utf-8")
BUTTONS = re.findall(r"(?m)^\| `([a-z_]+)` \| [^|]+ \| `([A-Za-z]+)` \| ([a-z]+) \|$", GLOSSARY)
WITHOUT_CARD = re.findall(r"(?m)^\| `([A-Z][A-Za-z]+)` \| ([a-z]+) \|$", GLOSSARY)
WORDS: list[type[StrEnum]] = [
    ItemState,
    PublicationState,
    PostState,
    IncidentState,
    PageState,
    AccountState,
    Role,
    Sentiment,
    Intent,
    Risk,
    Urgency,
]
FENCE = re.compile(r"(?ms)^ *```(\w*)\n(.*?)^ *```")


def packages() -> Iterator[str]:
    yield from ("handlers", "integrations", "prompts")
    for room in ("bot", "handlers"):
        for init in sorted((ROOT / room).glob("*/__init__.py")):
            yield init.parent.relative_to(ROOT).as_posix()


def fenced(text: str, language: str) -> list[str]:
    return [body for name, body in FENCE.findall(text) if name == language]


def targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8")))


# --- links and the index


def test_every_link_between_documents_leads_somewhere() -> None:
    assert list(broken_links(ROOT)) == []


def pages() -> list[Path]:
    return [
        page
        for page in documents(ROOT)
        if page.is_relative_to(DOCS) and page.parent.name != "adr" and page != DOCS / "README.md"
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_page_stands_in_the_index(page: Path) -> None:
    line = f"]({page.relative_to(DOCS).as_posix()})"
    assert line in INDEX, f"docs/README.md wants a line with [...{line}"


def decisions() -> list[Path]:
    return sorted((DOCS / "adr").glob("[0-9]*.md"))


@pytest.mark.parametrize("page", decisions(), ids=lambda page: page.stem)
def test_every_decision_is_indexed_by_number_and_title(page: Path) -> None:
    number, title = page.name[:4], page.read_text("utf-8").splitlines()[0]
    assert title.startswith(f"# {number}: ")
    assert f"| [{number}]({page.name}) | {title.removeprefix(f'# {number}: ')} |" in DECISIONS


def test_decisions_are_numbered_without_doubles() -> None:
    numbers = [page.name[:4] for page in decisions()]
    assert len(set(numbers)) == len(numbers)


# --- the map


@pytest.mark.parametrize("package", list(packages()))
def test_every_room_is_on_the_map_with_a_file_to_read_first(package: str) -> None:
    row = re.search(rf"(?m)^\| `{re.escape(package)}` \| .+ \| `([^`]+)` \|$", ARCHITECTURE)
    assert row is not None, f"docs/ARCHITECTURE.md has no row for {package}"
    assert (ROOT / row[1]).is_relative_to(ROOT / package)


def named_paths(text: str) -> set[str]:
    """Files and folders of ours that a text names in backticks, placeholders left out."""
    found = re.findall(r"`((?:bot|handlers|integrations|prompts|tests|docs)/[\w./-]+)`", text)
    return {path for path in found if "<" not in path}


@pytest.mark.parametrize(
    "page", documents(ROOT), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in named_paths(page.read_text("utf-8")) if not (ROOT / path).exists()]
    assert missing == []


def test_the_map_draws_the_floors_of_the_contract_in_its_order() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (house,) = [contract for contract in contracts if contract["id"] == "house"]
    section = ARCHITECTURE.split("## Who may import whom")[1]
    drawn = [re.split(r"  +", line)[0] for line in fenced(section, "")[0].splitlines()]
    assert drawn == house["layers"]


def test_every_kind_of_due_row_is_on_the_map() -> None:
    workshop = (ROOT / "bot" / "bootstrap" / "workshop.py").read_text("utf-8")
    kinds = set(re.findall(r'^ +"([a-z]+)": [A-Z]\w+Task\(', workshop, re.MULTILINE))
    rows = set(re.findall(r"(?m)^\| `([a-z]+)` \| [a-z]+ \| `bot/workers/", ARCHITECTURE))
    assert kinds == rows != set()


def test_every_kind_of_event_is_told_to_those_who_read_them() -> None:
    page = (DOCS / "howto" / "read-the-events.md").read_text("utf-8")
    assert [kind.value for kind in EventKind if f"`{kind.value}`" not in page] == []


# --- networks, commands


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_has_a_page_and_stands_in_the_readme(network: str) -> None:
    page = DOCS / "connectors" / f"{network}.md"
    assert page.exists()
    assert f"(docs/connectors/{network}.md)" in README
    text = page.read_text("utf-8").lower()
    assert "unverified" in text, "say what was not verified"


@pytest.mark.parametrize("network", NETWORKS)
def test_every_setting_of_a_network_has_its_row_on_the_networks_page(network: str) -> None:
    page = (DOCS / "connectors" / f"{network}.md").read_text("utf-8")
    fields = definition_of(network).settings.model_fields
    assert [name for name in fields if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_section(command: str) -> None:
    assert f"## `replydesk {command}`\n" in (DOCS / "reference" / "commands.md").read_text("utf-8")


# --- the readme


def test_the_readmes_commands_exist() -> None:
    lines = [line for block in fenced(README, "sh") for line in block.splitlines()]
    assert {"make", "replydesk"} == {shlex.split(line, comments=True)[0] for line in lines}
    for line in lines:
        program, word, *_ = shlex.split(line, comments=True)
        assert word in (targets() if program == "make" else COMMANDS)


def test_the_readmes_configuration_is_one_that_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "replydesk.toml"
    path.write_text("\n".join(fenced(README, "toml")), "utf-8")
    assert load(path, environment={}).accounts


@pytest.mark.parametrize(
    "page", documents(ROOT), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", page.read_text("utf-8"), re.MULTILINE))
    assert named <= targets()


def test_the_screenshot_is_a_png_below_200_kb() -> None:
    picture = (DOCS / "images" / "console.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) < 200_000


# --- the glossary


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_every_state_and_word_of_the_model_stands_in_the_glossary(words: type[StrEnum]) -> None:
    assert [word.value for word in words if f"`{word.value}`" not in GLOSSARY] == []


def test_every_lane_stands_in_the_glossary() -> None:
    (row,) = re.findall(r"(?m)^\| Lane \|.*$", GLOSSARY)
    assert [lane.name.lower() for lane in Lane if lane.name.lower() not in row] == []


def test_every_button_stands_in_the_glossary_once() -> None:
    assert sorted(name for name, _command, _role in BUTTONS) == sorted(ActionName)


def test_the_glossary_says_of_every_command_which_role_it_takes() -> None:
    known = {command.__name__: role.value for command, role in REQUIRED.items()}
    said = {command: role for _name, command, role in BUTTONS} | dict(WITHOUT_CARD)
    assert said == known
    assert {command.__name__ for command in get_args(commands.Command)} == set(known)


# --- how pages are written


@pytest.mark.parametrize(
    "page", documents(ROOT), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_a_page_has_one_title_and_closes_its_fences(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith("# ")
    assert len(re.findall(r"(?m)^ *```", text)) % 2 == 0
    assert len(re.findall(r"(?m)^# ", FENCE.sub("", text))) == 1
