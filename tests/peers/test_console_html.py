"""The console's HTML before a judge that is not ours: html-validate, by the standard.

Every page of its router and every piece of one in each language, every shape of a card, and every
golden page are held against it together; a page that nobody brings fails the walk itself.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.speech.speech import LANGUAGES
from tests.fakes import sample_cards
from tests.fakes.console import browsing
from tests.fakes.console_tour import console_pages
from tests.fakes.desk_kit import desk_address
from tests.peers.servers import HtmlJudgePeer

FIXTURES = Path(__file__).parents[1] / "fixtures"
RULES = {
    "root": True,
    "extends": ["html-validate:standard"],
    # a piece of a page begins with the heading that it has there
    "rules": {"heading-level": ["error", {"minInitialRank": "any"}]},
}
SECONDS = 120.0


def complaints(judge: HtmlJudgePeer, folder: Path, pages: Mapping[str, str]) -> list[str]:
    """What it says of these pages, which it reads as files."""
    names = {}
    for number, (name, page) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_text(page, "utf-8")
        names[str(file)] = name
    rules = folder / "rules.json"
    rules.write_text(json.dumps(RULES), "utf-8")
    asked = subprocess.run(
        [*judge.command, "--config", rules, "--formatter", "json", *names],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert asked.returncode in {0, 1}, asked.stderr
    return [
        f"{names[told['filePath']]}:{one['line']}: {one['message']} ({one['ruleId']})"
        for told in json.loads(asked.stdout)
        for one in told["messages"]
    ]


async def test_every_page_of_the_console_is_html_by_the_standard(
    html_judge: HtmlJudgePeer, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    pages = dict(golden())
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
        address = desk_address(request, tmp_path / language)
        told = await console_pages(address, language)
        pages |= {f"{language} {path}": page for path, page in told.items()}
    async with browsing() as browser:
        shapes = [card.key for card in sample_cards.every_shape()]
        for path in ("/", "/desk", "/compose/postapproval", *(f"/cards/{one}" for one in shapes)):
            pages[f"demo {path}"] = await (await browser.get(path)).text()
    assert complaints(html_judge, tmp_path, pages) == []


def golden() -> Iterator[tuple[str, str]]:
    """What was looked at and kept."""
    for file in (FIXTURES / "console").glob("*.html"):
        yield file.name, file.read_text("utf-8")
    for language in LANGUAGES:
        kept = json.loads((FIXTURES / "tongues" / f"{language}.json").read_text("utf-8"))
        for name, look in kept.items():
            yield f"{language} {name}", look["console"]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("<p>One<p><div></p>", "p"),
        ('<ul><div role="x"></div></ul>', "ul"),
        ('<p id="a"></p><p id="a"></p>', "a"),
        ("<main><img></main>", "src"),
        ("<h2>One</h2><h4>Two</h4>", "h3"),
    ],
)
def test_the_judge_finds_what_is_wrong(
    html_judge: HtmlJudgePeer, tmp_path: Path, broken: str, says: str
) -> None:
    assert says in "".join(complaints(html_judge, tmp_path, {"broken": broken}))
