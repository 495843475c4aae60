"""What the live checklist found, as JSON for machines and as a page for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.bootstrap.build import version
from bot.cli.smoke_walk import Taken
from bot.errors import ConfigurationError
from bot.logs import one_line, without_secrets
from bot.model.smoke import Verdict


def write_report(folder: Path, taken: Sequence[Taken]) -> Path:
    """The page; the JSON lies beside it under the same name."""
    at = datetime.now(UTC)
    path = folder / f"{at:%Y-%m-%dT%H-%M-%SZ}.md"
    document = {
        "at": at.isoformat(timespec="seconds"),
        "replydesk": version(),
        "counts": {verdict.value: _count(taken, verdict) for verdict in Verdict},
        "steps": [_row(one) for one in taken],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = json.dumps(document, ensure_ascii=False, indent=1)
        path.with_suffix(".json").write_text(written + "\n", "utf-8")
        path.write_text(_page(document), "utf-8")
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}.") from error
    return path


def _count(taken: Sequence[Taken], verdict: Verdict) -> int:
    return sum(one.finding.verdict is verdict for one in taken)


def _row(one: Taken) -> dict[str, Any]:
    return {
        "where": one.where,
        "step": one.step.name,
        "title": one.step.title,
        "proves": one.step.proves,
        "verdict": one.finding.verdict.value,
        "says": without_secrets(one.finding.says),
        "seconds": round(one.seconds, 2),
    }


def _page(document: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in document["counts"].items())
    lines = [
        f"# replydesk smoke, {document['at']}",
        "",
        f"replydesk {document['replydesk']}: {counts}.",
        "",
        "| where | step | verdict | what was found |",
        "|---|---|---|---|",
    ]
    for row in document["steps"]:
        cells = (row["where"], row["title"], row["verdict"], row["says"])
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
