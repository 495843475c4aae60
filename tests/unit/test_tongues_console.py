"""A walk through every page of the console, in each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model import commands as c
from tests.fakes.desk_kit import desk_address, opened_desk
from tests.fakes.four_doors import four_doors
from tests.fakes.said import words_on
from tests.fakes.tour import Album, check, each_language, speak


@each_language
async def test_the_console_speaks_the_language_of_whoever_reads(
    request: pytest.FixtureRequest, tmp_path: Path, language: str
) -> None:
    album = Album()
    async with (
        opened_desk(desk_address(request, tmp_path)) as kit,
        four_doors(kit, ("ada", "bob"), ("slack",)) as doors,
    ):
        await speak(kit, language)
        item = await kit.comment()
        token = await kit.token_of(item)
        order = c.ComposePost((c.VariantText("acme", "Tea is ready."),), None)
        post = (await kit.order("olga", order)).note
        await kit.press("bob", await kit.card_of(item), c.Approve)
        await kit.work()
        paths = ("/", "/?filter=mine", "/?filter=done", f"/cards/{token}", "/compose", "/desk")
        for path in (*paths, f"/compose/{post}", "/fragments/just-happened", "/cards/none"):
            browser = doors.browsers["ada"]
            async with doors.http.get(doors.base + path, cookies=dict(browser.cookies)) as answer:
                page = await answer.text()
            # what stands around every page is kept once
            page = page if path == "/" else main_of(page)
            album.keep(path.replace(token, "TOKEN").replace(post, "POST"), words_on(page))
        asks_for = {"Accept-Language": f"{language}-XX,en;q=0.5"}
        async with doors.http.get(f"{doors.base}/sign-in", headers=asks_for) as answer:
            album.keep("/sign-in", words_on(await answer.text()))
    check("console", language, album)


def main_of(page: str) -> str:
    """Without what stands around every page."""
    _before, begins, rest = page.partition("<main")
    return f"{begins}{rest.partition('</main>')[0]}" if begins else page
