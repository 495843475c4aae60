"""Pictures of real cards for the documentation: golden renders, drawn much as the chats draw them.

    python -m scripts.card_pictures

Each says that it is a rendering: nobody took it in Slack or Telegram. Needs Chromium.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/fixtures"
PICTURES = ROOT / "docs/images"
MARK = "A rendering by replydesk's documentation, not a screenshot of {chat}"
WIDTH = 620

Part = Mapping[str, Any]

STYLE = """
body { margin: 0; background: #fff; font: 15px/1.46 Inter, Lato, "DejaVu Sans", sans-serif;
       color: #1d1c1d; width: 620px; }
main { padding: 14px 18px 10px; }
b.who { font-weight: 700 } .app { background: #e8e8e8; border-radius: 2px; font-size: 10px;
  padding: 1px 3px; color: #616061 } .at, .small { color: #616061; font-size: 13px }
blockquote { border-left: 4px solid #ddd; margin: 4px 0; padding: 0 0 0 12px }
a { color: #1264a3; text-decoration: none } p { margin: 4px 0 }
button, .menu { font: inherit; font-weight: 700; font-size: 13px; border: 1px solid #bbb;
  border-radius: 4px; background: #fff; padding: 4px 11px; margin: 4px 8px 4px 0; color: inherit;
  display: inline-block }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff }
button.danger { color: #e01e5a; border-color: #e01e5a }
.field { border: 1px solid #868686; border-radius: 4px; padding: 8px 12px; white-space: pre-wrap }
footer { color: #8d8d8d; font-size: 11px; padding: 6px 18px 10px; border-top: 1px solid #eee }
.telegram { background: #d5e4ee } .telegram main { background: #fff; border-radius: 12px;
  margin: 14px 18px 4px; padding: 10px 14px; white-space: pre-line }
.telegram .keys { padding: 0 18px 10px } .telegram .row { display: flex; gap: 4px; margin-top: 4px }
.telegram .key { flex: 1; text-align: center; background: #6f93aa; color: #fff; border-radius: 8px;
  padding: 7px 4px; font-weight: 600; font-size: 14px } .telegram .success { background: #2e9e5b }
.telegram .danger { background: #c9484b } .telegram footer { border: 0; color: #5d7684 }
"""


def slack_message(golden: Part) -> str:
    head = '<p><b class="who">replydesk</b> <span class="app">APP</span></p>'
    return page("Slack", head + "".join(map(block, golden["blocks"])))


def slack_modal(golden: Part) -> str:
    head = f"<h3>{escape(golden['title']['text'])}</h3>"
    close, submit = golden["close"]["text"], golden["submit"]["text"]
    foot = f"<button>{escape(close)}</button><button class=primary>{escape(submit)}</button>"
    return page("Slack", head + "".join(map(block, golden["blocks"])) + foot)


def block(one: Part) -> str:
    match one["type"]:
        case "rich_text":
            return "".join(rich(part) for part in one["elements"])
        case "context":
            said = " ".join(mrkdwn(part["text"]) for part in one["elements"])
            return f'<p class="small">{said}</p>'
        case "actions":
            return f"<p>{''.join(map(control, one['elements']))}</p>"
        case "input":
            label, hint = escape(one["label"]["text"]), one.get("hint", {}).get("text", "")
            value = escape(one["element"].get("initial_value", ""))
            shown = f'<p class="small">{escape(hint)}</p>' if hint else ""
            return f'<p><b>{label}</b></p><div class="field">{value}</div>{shown}'
        case unknown:
            raise ValueError(f"There is no way to draw a block of type {unknown}.")


def rich(part: Part) -> str:
    said = "".join(span(one) for one in part["elements"])
    name = "blockquote" if part["type"] == "rich_text_quote" else "p"
    return f"<{name}>{said}</{name}>"


def span(one: Part) -> str:
    match one["type"]:
        case "link":
            return f"<a>{escape(one.get('text') or one['url'])}</a>"
        case "date":
            return f'<span class="at">{escape(one["fallback"])}</span>'
        case _:
            text = escape(one.get("text", ""))
            return f"<b>{text}</b>" if one.get("style", {}).get("bold") else text


def mrkdwn(text: str) -> str:
    """As far as our cards use it: bold, and dates with their fallback. The text is escaped."""
    dated = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    return re.sub(r"\*([^*]+)\*", r"<b>\1</b>", dated)


def control(one: Part) -> str:
    if one["type"] == "button":
        style = one.get("style", "")
        return f'<button class="{style}">{escape(one["text"]["text"])}</button>'
    return f'<span class="menu">{escape(one["placeholder"]["text"])} ▾</span>'


def telegram_message(golden: str) -> str:
    """The golden file: the message's own HTML, `--`, then a line for each row of buttons."""
    said, _, keys = golden.partition("\n--\n")
    said = re.sub(r"\n?(</?blockquote[^>]*>)\n?", r"\1", said)
    rows = "".join(f'<div class="row">{"".join(_keys(row))}</div>' for row in keys.splitlines())
    return page("Telegram", said, f'<div class="keys">{rows}</div>')


def _keys(row: str) -> Iterator[str]:
    for key in row.split(" | "):
        label, _, data = key.partition(" -> ")
        style = re.search(r"\((\w+)\)$", data)
        yield f'<div class="key {style[1] if style else ""}">{escape(label)}</div>'


def page(chat: str, body: str, below: str = "") -> str:
    mark = MARK.format(chat=chat)
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        f'<body class="{chat.lower()}"><main>{body}</main>{below}<footer>{mark}</footer>'
    )


def shoot(chromium: str, html: str, height: int, picture: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "card.html"
        source.write_text(html, encoding="utf-8")
        flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu"]
        size = f"--window-size={WIDTH},{height}"
        command = [chromium, *flags, size, f"--screenshot={picture}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is not installed.", file=sys.stderr)
        return 1
    slack, telegram = GOLDEN / "slack", GOLDEN / "telegram"
    card = json.loads((slack / "cards/k7Qf2mZx9LpA.json").read_text("utf-8"))
    editor = json.loads((slack / "views/editor.json").read_text("utf-8"))
    waiting = (telegram / "card_waiting.txt").read_text("utf-8")
    shoot(chromium, slack_message(card), 345, PICTURES / "slack-card.png")
    shoot(chromium, slack_modal(editor), 295, PICTURES / "slack-editor.png")
    shoot(chromium, telegram_message(waiting), 480, PICTURES / "telegram-card.png")
    fires = json.loads((slack / "cards/IncidentFir1.json").read_text("utf-8"))
    over = (telegram / "card_incident_over.txt").read_text("utf-8")
    shoot(chromium, slack_message(fires), 265, PICTURES / "slack-incident.png")
    shoot(chromium, telegram_message(over), 290, PICTURES / "telegram-incident.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
