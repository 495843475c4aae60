"""The gate's own checks: vulnerabilities, the wheel, the documents."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.check_docs import broken_links
from scripts.check_vulnerabilities import judge
from scripts.check_wheel import contents_of, dangling_references, differences, files_of


def _audit(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


CLEAN = {"name": "one", "version": "1.0", "vulns": []}
SKIPPED = {"name": "two", "skip_reason": "Dependency not found"}
HOLED = {
    "name": "three",
    "version": "3.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["3.1"]}],
}


def test_a_known_vulnerability_fails_the_gate_and_names_the_remedy() -> None:
    verdict = judge(_audit(CLEAN, HOLED, SKIPPED), "")
    assert not verdict.passed
    assert "three 3.0: PYSEC-2026-1, fixed in 3.1" in verdict.sentence


def test_a_clean_lock_passes_and_names_what_the_feed_did_not_know() -> None:
    verdict = judge(_audit(CLEAN, SKIPPED), "")
    assert verdict.passed
    assert "in 1 of 2 packages" in verdict.sentence
    assert "Not in the feed: two" in verdict.sentence


@pytest.mark.parametrize(
    ("answer", "complaints"),
    [
        (_audit(SKIPPED), ""),
        ("", "requests.exceptions.ConnectionError: name resolution failed"),
        ("", "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed"),
    ],
)
def test_an_unreachable_feed_passes_but_never_silently(answer: str, complaints: str) -> None:
    verdict = judge(answer, complaints)
    assert verdict.passed
    assert "NO PACKAGE WAS CHECKED" in verdict.sentence


def test_an_audit_that_broke_fails_the_gate() -> None:
    verdict = judge("", "ERROR:pip_audit._cli:invalid requirements input: requirements.lock")
    assert not verdict.passed
    assert "invalid requirements input" in verdict.sentence


def _package(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_a_file_left_out_of_the_wheel_is_named(tmp_path: Path) -> None:
    root = _package(
        tmp_path, {"bot/cli.py": "", "bot/__pycache__/cli.pyc": "", "prompts/en.txt": ""}
    )
    wheel = tmp_path / "replydesk.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("bot/cli.py", "")
        archive.writestr("tests/test_cli.py", "")
        archive.writestr("replydesk-0.1.0.dist-info/METADATA", "")
    assert differences(files_of(root), contents_of(wheel)) == [
        "not in the wheel: prompts/en.txt",
        "does not belong in the wheel: tests/test_cli.py",
    ]


def test_a_page_that_names_an_absent_file_is_found(tmp_path: Path) -> None:
    root = _package(
        tmp_path,
        {
            "handlers/console/templates/desk.html": (
                '<link href="/static/desk.css"><script src="/static/js/absent.js?v=1"></script>'
                '<a href="/items/1">one</a><img src="{{ picture }}">'
            ),
            "handlers/console/static/desk.css": "",
            "handlers/console/static/js/desk.js": (
                'import { draw } from "./card.js";\n'
                'import {\n  one,\n  two,\n} from "../gone.js";\nimport "./card.js";\n'
            ),
            "handlers/console/static/js/card.js": "",
        },
    )
    assert dangling_references(root, files_of(root, ["handlers"])) == [
        "handlers/console/templates/desk.html names static/js/absent.js, which does not exist",
        "handlers/console/static/js/desk.js imports ../gone.js, which does not exist",
    ]


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    root = _package(
        tmp_path,
        {
            "README.md": (
                "[there](docs/guide.md) [heading](docs/guide.md#first-steps) [site](https://x.test)\n"
                "[gone](docs/gone.md) [lost](docs/guide.md#last-steps) [own](#the-desk)\n"
                "```\n[code](docs/code.md)\n```\n`[inline](docs/inline.md)`\n# The desk\n"
            ),
            "docs/guide.md": "# Guide\n## First steps\n[up](../README.md) [out](../../etc)\n",
        },
    )
    (tmp_path.parent / "etc").mkdir(exist_ok=True)
    assert list(broken_links(root)) == [
        "README.md: docs/gone.md does not exist",
        "README.md: docs/guide.md#last-steps names a heading that is not there",
        "docs/guide.md: ../../etc leads out of the project",
    ]
