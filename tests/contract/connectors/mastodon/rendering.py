"""How Mastodon writes a text as HTML."""

from __future__ import annotations

import html
import re


def rendered(text: str) -> str:
    """HTML as Mastodon writes it: names without hosts, addresses in pieces, paragraphs."""
    safe = html.escape(text, quote=True).replace("\x00", "")
    safe = re.sub(
        r"https?://(\S+)",
        r'<a href="\g<0>"><span class="invisible">https://</span><span>\1</span></a>',
        safe,
    )
    safe = re.sub(
        r"(?<!\S)@(\w+)@([\w.]+\w)",
        r'<span class="h-card"><a href="https://\2/@\1" class="u-url mention">@<span>\1</span></a>'
        "</span>",
        safe,
    )
    paragraphs = re.split(r"\n{2,}", safe)
    return "".join(f"<p>{each}</p>" for each in paragraphs).replace("\n", "<br />")
