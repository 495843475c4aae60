"""What Slack refuses, or must never be sent, and neither its types nor its library notice.

The third judge beside the JSON Schema of `@slack/types` and `slack_sdk.models`; the fake server
refuses by it too.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

Element = dict[str, Any]
MOST = {"message": 50, "modal": 100, "home": 100}
ONLY_IN_VIEWS = {"input"}
CHART = "data_visualization"
MOST_CHARTS = 2
LIVE = re.compile(r"<(?!!date\^)")
"""In `mrkdwn` of ours only a date may stand in angle brackets."""


def message_complaints(message: Element) -> list[str]:
    """Of the arguments of chat.postMessage or chat.update."""
    text = message.get("text") or ""
    found = list(block_complaints(message.get("blocks") or [], "message"))
    if not text.strip():
        found.append("text is empty: notifications and screen readers get nothing")
    if "<" in text or re.search(r"&(?!(amp|lt|gt);)", text):
        found.append(f"text is not escaped: {text[:60]!r}")
    if len(text) > 4_000:
        found.append("text is longer than 4000")
    return found


def view_complaints(view: Element) -> list[str]:
    found = list(block_complaints(view["blocks"], view["type"]))
    found += [
        f"{key} has {len(view[key]['text'])} characters"
        for key in ("title", "submit", "close")
        if key in view and not 1 <= len(view[key]["text"]) <= 24
    ]
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        found.append("a modal with an input needs a submit button")
    if len(view.get("private_metadata", "")) > 3_000:
        found.append("private_metadata is longer than 3000")
    if len(json.dumps(view)) > 250_000:
        found.append("the view is larger than 250 kB")
    return found


def block_complaints(blocks: Sequence[Element], surface: str) -> Iterator[str]:
    if not 1 <= len(blocks) <= MOST[surface]:
        yield f"{len(blocks)} blocks on a {surface}"
    yield from _twice("block_id", blocks)
    charts = [one for one in blocks if one["type"] == CHART]
    if len(charts) > (MOST_CHARTS if surface == "message" else 0):
        yield f"{len(charts)} charts on a {surface}"
    for one in charts:
        yield from chart_complaints(one)
    for block in blocks:
        if surface == "message" and block["type"] in ONLY_IN_VIEWS:
            yield f"{block['type']} in a message"
        elements = block.get("elements", [])
        yield from _twice("action_id", elements)
        most = {"context": 10, "actions": 25}.get(block["type"])
        if not elements and block["type"] in {"context", "actions", "rich_text"}:
            yield f"{block['type']} is empty"
        if most is not None and len(elements) > most:
            yield f"{block['type']} has {len(elements)} elements"
        yield from _within(block)
        # whoever has an item or is paged is called there, and nobody else; a view calls nobody
        is_there = str(block.get("block_id", "")).startswith(("facts.", "notice."))
        if surface == "message" and not is_there and _calls(block):
            yield f"a live mention: {block}"


def chart_complaints(block: Element) -> Iterator[str]:
    """By https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block; no pies."""
    chart = block["chart"]
    series, categories = chart["series"], chart["axis_config"]["categories"]
    if not 1 <= len(block["title"]) <= 50:
        yield f"a chart's title has {len(block['title'])} characters"
    if chart["type"] not in {"line", "bar", "area"}:
        yield f"a chart of type {chart['type']}"
    if not 1 <= len(series) <= 6 or len({one["name"] for one in series}) != len(series):
        yield f"series {[one['name'] for one in series]}"
    if not 1 <= len(categories) <= 20 or len(set(categories)) != len(categories):
        yield f"categories {categories}"
    for name in (*categories, *(one["name"] for one in series)):
        if not 1 <= len(name) <= 20:
            yield f"a label has {len(name)} characters"
    for one in series:
        if [point["label"] for point in one["data"]] != categories:
            yield f"the points of {one['name']} are not those of the categories"
        if not all(isinstance(point["value"], int | float) for point in one["data"]):
            yield f"a point of {one['name']} is no number"


def _calls(thing: Any) -> bool:
    """Whether a user is mentioned inside."""
    if isinstance(thing, list):
        return any(map(_calls, thing))
    if isinstance(thing, dict):
        return thing.get("type") == "user" or any(map(_calls, thing.values()))
    return False


def _twice(name: str, things: Sequence[Element]) -> Iterator[str]:
    counted = Counter(thing[name] for thing in things if name in thing)
    yield from (f"{name} {key} twice" for key, count in counted.items() if count > 1)


def _within(thing: Any) -> Iterator[str]:
    """Every text, link, option and name inside, at whatever depth."""
    if isinstance(thing, list):
        for one in thing:
            yield from _within(one)
    elif isinstance(thing, dict):
        yield from _texts(thing)
        yield from _names(thing)
        for value in thing.values():
            yield from _within(value)


def _texts(thing: Element) -> Iterator[str]:
    kind = thing.get("type")
    blank = not thing.get("text", "x") if kind == "text" else not str(thing.get("text")).strip()
    if kind in {"mrkdwn", "plain_text", "text"} and blank:
        yield f"an empty {kind}"
    if kind in {"mrkdwn", "plain_text"} and len(thing["text"]) > 3_000:
        yield f"{kind} has {len(thing['text'])} characters"
    if kind == "mrkdwn" and LIVE.search(thing["text"]):
        yield f"live in mrkdwn: {thing['text'][:80]!r}"
    if kind in {"usergroup", "broadcast", "channel", "team"}:
        yield f"a live mention: {thing}"
    if kind == "link" and not thing["url"].startswith(("http://", "https://")):
        yield f"a link to {thing['url'][:40]!r}"
    if kind in {"rich_text_section", "rich_text_quote"} and not thing["elements"]:
        yield f"an empty {kind}"


def _names(thing: Element) -> Iterator[str]:
    for name, most in (("action_id", 255), ("block_id", 255), ("value", 150)):
        if isinstance(thing.get(name), str) and len(thing[name]) > most:
            yield f"{name} has {len(thing[name])} characters"
    for name in ("options", "option_groups"):
        if name in thing and not 1 <= len(thing[name]) <= 100:
            yield f"{len(thing[name])} {name}"
