"""A walk through every page of the console, in each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.console_tour import console_pages
from tests.fakes.desk_kit import desk_address
from tests.fakes.said import words_on
from tests.fakes.tour import Album, check, each_language


@each_language
async def test_the_console_speaks_the_language_of_whoever_reads(
    request: pytest.FixtureRequest, tmp_path: Path, language: str
) -> None:
    album = Album()
    pages = await console_pages(desk_address(request, tmp_path), language)
    for path, page in pages.items():
        # what stands around every page is kept once
        is_whole = path == "/" or path.startswith("/sign-in")
        album.keep(path, words_on(page if is_whole else main_of(page)))
    check("console", language, album)


def main_of(page: str) -> str:
    """Without what stands around every page."""
    _before, begins, rest = page.partition("<main")
    return f"{begins}{rest.partition('</main>')[0]}" if begins else page
