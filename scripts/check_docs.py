"""Check that every link between the project's documents leads somewhere.

Links to other sites are not followed. A link to a heading must name a heading that is there.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
OUTSIDE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def documents(root: Path) -> list[Path]:
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def broken_links(root: Path) -> Iterator[str]:
    """One sentence for each link that leads nowhere."""
    for document in documents(root):
        text = CODE.sub("", document.read_text(encoding="utf-8"))
        for link in LINK.findall(text):
            if OUTSIDE.match(link):
                continue
            complaint = _complaint(root, document, unquote(link))
            if complaint:
                yield f"{document.relative_to(root)}: {link} {complaint}"


def _complaint(root: Path, document: Path, link: str) -> str | None:
    path, _, heading = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.exists():
        return "does not exist"
    if not target.is_relative_to(root):
        return "leads out of the project"
    if heading and target.suffix == ".md" and heading not in anchors(target):
        return "names a heading that is not there"
    return None


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, made as code hosting sites make them."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    seen: dict[str, int] = {}
    found = set()
    for title in HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        times = seen.get(slug, 0)
        seen[slug] = times + 1
        found.add(f"{slug}-{times}" if times else slug)
    return found


def main() -> int:
    broken = list(broken_links(ROOT))
    for sentence in broken:
        print(sentence)
    if not broken:
        print(f"Every link of {len(documents(ROOT))} documents leads somewhere.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
