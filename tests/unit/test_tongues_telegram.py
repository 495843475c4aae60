"""A walk through every menu, prompt, word and question of Telegram, in each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cards.actions import ActionName, ButtonData
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.ids import DAY, HOUR, MINUTE, SECOND, Moment, RemoteId
from bot.model.network import RemoteAuthor
from bot.services.settling_in import NamedChannel
from handlers.oncall_words import Verb as OnCallVerb
from handlers.team_words import TeamVerb
from handlers.telegram.buttons import Verb, decode
from handlers.telegram.orders import WORDS
from tests.fakes.desk_kit import desk_address
from tests.fakes.said import masked
from tests.fakes.telegram_people import until
from tests.fakes.telegram_team import GROUP, Team, opened_team
from tests.fakes.telegram_world import Chat, Shown
from tests.fakes.tour import Album, check, each_language, speak

NEW_GROUP = -100900


@each_language
async def test_telegram_speaks_the_language_of_whoever_reads(
    request: pytest.FixtureRequest, tmp_path: Path, language: str
) -> None:
    care = NamedChannel("care", "telegram", Place(str(GROUP), "", language), reads=("en",))
    album = Album()
    async with opened_team(desk_address(request, tmp_path), channels=[care]) as team:
        await speak(team.kit, language)
        team.server.world.per_minute = 1_000
        await _menus(team, album)
        await _said_before(team, album)
        await _prompts(team, album)
        await _planned(team, album)
        await _orders(team, album)
        await _invited(team, album)
        await _pages(team, album)
        await _at_length(team, album)
        await _digest(team, album)
        toured(team)
        assert team.server.refused == []
    check("telegram", language, album)


def read(shown: Shown) -> list[str]:
    """Text, buttons, and what stands in the field that it opens."""
    field_ = shown.now.get("force_reply", {}).get("input_field_placeholder", "")
    return [masked(one) for one in (shown.text, *shown.labels, field_) if one]


def data_of(shown: Shown, verb: str, end: str = "") -> str:
    """The whole data of the first button that does this."""
    found = [
        str(button["callback_data"])
        for row in shown.keyboard
        for button in row
        if f"{button.get('callback_data', '')}.".startswith(f"{verb}.")
        and button["callback_data"].endswith(end)
    ]
    assert found, (verb, shown.keyboard)
    return found[0]


async def tap(team: Team, who: str, shown: Shown, verb: str, end: str = "") -> list[str]:
    """What the press is answered."""
    person = team.people[who]
    answer = await person.answer_to(person.press(shown, data_of(shown, verb, end)))
    return [masked(answer["text"])]


async def turned(team: Team, who: str, shown: Shown, verb: str) -> list[str]:
    """What the message shows once a press has changed it."""
    before = read(shown)
    await tap(team, who, shown, verb)
    await until(team.server, lambda: read(shown) != before)
    return read(shown)


async def new_ones(team: Team, chat: int, known: set[int]) -> list[Shown]:
    """What the bot said there since."""

    def look() -> list[Shown]:
        return [one for one in team.server.world.by_bot(chat) if one.id not in known]

    found: list[Shown] = await until(team.server, look)
    return found


def known_in(team: Team, chat: int) -> set[int]:
    return {one.id for one in team.server.world.by_bot(chat)}


async def _menus(team: Team, album: Album) -> None:
    card = await team.comes()
    album.keep("card", read(card))
    for menu in ("tone", "snooze", "moderate", "team"):
        await tap(team, "bob", card, "menu", menu)
        album.keep(f"menu: {menu}", read(card)[1:])
        if menu == "moderate":
            album.keep("toast: sure?", await tap(team, "bob", card, "sure"))
            album.keep("menu: sure", read(card)[1:])
            await tap(team, "bob", card, "menu", "main")
        elif menu == "team":
            await tap(team, "bob", card, "menu", "give")
            album.keep("menu: give", read(card)[1:])
            await tap(team, "bob", card, "menu", "main")
        else:
            await tap(team, "bob", card, "menu", "main")
    album.keep("toast: not your role", await tap(team, "vic", card, "approve"))
    late = data_of(card, "no_reply")
    album.keep("toast: approved", await tap(team, "bob", card, "approve"))
    await team.kit.work()
    album.keep("card: publishing", read(card))
    told = await team.olga.answer_to(team.olga.press(card, late))
    album.keep("toast: somebody was faster", [masked(told["text"])])
    await team.kit.pass_time(30)
    album.keep("card: published", read(card))


async def _said_before(team: Team, album: Album) -> None:
    """By the same author, and to others about the same."""
    await team.kit.index()
    jo = RemoteAuthor(RemoteId("jo"), "jo", "Jo")
    words = "Where is my order? I want my money back, please."
    album.keep("said before: the author", read(await _looked_back(team, await team.comes())))
    card = await team.card(await team.kit.comment(words, author=jo))
    told = await _looked_back(team, card)
    album.keep("said before: others", read(told))
    album.keep("toast: said before", await tap(team, "bob", told, ActionName.TOLD))
    await team.kit.work()
    album.keep("card: with what was said before", read(card))


async def _looked_back(team: Team, card: Shown) -> Shown:
    known = known_in(team, GROUP)
    await tap(team, "bob", card, "menu", "team")
    await tap(team, "bob", card, "before")
    [told] = await new_ones(team, GROUP, known)
    return told


async def _prompts(team: Team, album: Album) -> None:
    card = await team.comes()
    for asks, words in (("edit", "We are sorry, Ann."), ("change", "shorter")):
        known = known_in(team, GROUP)
        await tap(team, "bob", card, "ask", asks)
        [prompt] = await new_ones(team, GROUP, known)
        album.keep(f"prompt: {asks}", read(prompt))
        known = known_in(team, GROUP)
        team.bob.write(words, answering=prompt)
        said = await new_ones(team, GROUP, known) if asks == "edit" else []
        if said:
            album.keep(f"prompt: {asks}, answered", read(said[0]))
        await team.kit.work()


async def _planned(team: Team, album: Album) -> None:
    at = Moment(team.kit.clock.now() + HOUR)
    order = c.ComposePost((c.VariantText("acme", "Tea is ready."),), at)
    assert (await team.kit.order("olga", order)).is_done
    await team.kit.work()
    card = team.last()
    album.keep("post", read(card))
    album.keep("toast: a post needs another", await tap(team, "olga", card, "approve"))
    alone = team.alice.id
    team.server.world.chats[alone] = Chat(alone, "private", "Alice")
    more = c.ComposePost((c.VariantText("acme", "Tea, later."),), Moment(at + HOUR))
    assert (await team.kit.order("olga", more)).is_done
    team.alice.write("/week", chat=alone)
    week = (await new_ones(team, alone, set()))[0]
    album.keep("/week", read(week))
    album.keep("/week, the other", await turned(team, "alice", week, "week"))
    album.keep("/week, the last", await turned(team, "alice", week, "approve"))
    album.keep("/week, over", await turned(team, "alice", week, "approve"))
    await team.kit.work()
    album.keep("post: approved", read(card))
    known = known_in(team, GROUP)
    await tap(team, "olga", card, "ask", "edit_post")
    album.keep("prompt: edit_post", read((await new_ones(team, GROUP, known))[0]))


async def _orders(team: Team, album: Album) -> None:
    alone = team.ada.id
    team.server.world.chats[alone] = Chat(alone, "private", "Ada")
    for text in (
        "/dm maybe", "/dm on", "/dm off",
        "/help", "/queue", "/mine", "/search tea", "/search", "/why 1", "/why 999", "/new",
        "/pause", "/unpause",
        "/accounts", "/team", "/here", "/link", "/link 00000-00000", "/team role bob boss",
        "/practice", "/oncall", "/oncall override ada until 4h", "/oncall test",
        "/crisis", "/oncall expect until 4h tea day", "/oncall until",
        "/team add", "/team suspend ada", "/replies keep en tea: Thank you.", "/replies",
        "/replies drop 1", "/replies whatever", "/away whenever", "/away until 2d", "/back",
        "/shift", "/shift start", "/shift end", "/shift whenever", "/handover",
        "/digest", "/digest whatever", "/digest 09:00 16:00", "/digest quiet 22:00-07:00",
        "/digest off", "/digest quiet off",
        "/report", "/report week acme", "/report day nosuch", "/report year",
    ):  # fmt: skip
        known = known_in(team, alone)
        team.ada.write(text, chat=alone)
        said = await new_ones(team, alone, known)
        album.keep(text, [word for one in said for word in read(one)])


async def _invited(team: Team, album: Album) -> None:
    team.server.world.chats[NEW_GROUP] = Chat(NEW_GROUP, title="Legal & safety")
    team.ada.changes_the_bot(NEW_GROUP, "left", "member")
    asked = await until(team.server, lambda: team.server.world.by_bot(NEW_GROUP))
    album.keep("invited by an admin", read(asked[0]))
    album.keep("invited: an aspect", await turned(team, "ada", asked[0], "land"))


async def _pages(team: Team, album: Album) -> None:
    """What a command answers with, pressed on."""
    alone = team.ada.id

    async def said(text: str) -> Shown:
        known = known_in(team, alone)
        team.ada.write(text, chat=alone)
        return (await new_ones(team, alone, known))[0]

    queue = await said("/queue")
    await team.comes()
    album.keep("/queue, drawn anew", await turned(team, "ada", queue, "page"))
    queue = await said("/queue")
    album.keep("/queue, a card", await turned(team, "ada", queue, "show"))
    accounts = await said("/accounts")
    album.keep("/accounts, watch only", await tap(team, "ada", accounts, "live"))
    new = await said("/new")
    known = known_in(team, alone)
    await tap(team, "ada", new, "new")
    album.keep("prompt: a new post", read((await new_ones(team, alone, known))[0]))
    album.keep("toast: put away", [*await tap(team, "ada", new, "shut"), "-"])


async def _at_length(team: Team, album: Album) -> None:
    """A card that was cut, shown whole, and given to somebody."""
    card = await team.comes("My order never arrived, and where is it? " * 120)
    known = known_in(team, GROUP)
    await tap(team, "bob", card, "whole")
    album.keep("whole", [*read((await new_ones(team, GROUP, known))[0])[-1:], "-"])
    await tap(team, "bob", card, "menu", "team")
    await tap(team, "bob", card, "menu", "give")
    album.keep("toast: given", [*await tap(team, "bob", card, "hand"), "-"])
    await team.kit.work()
    await tap(team, "bob", card, "menu", "team")
    await tap(team, "bob", card, "menu", "question")
    album.keep("menu: question, by when", (await turned(team, "bob", card, "menu"))[1:])
    await tap(team, "bob", card, "menu", "main")
    await tap(team, "bob", card, "menu", "team")
    album.keep("menu: labels", (await turned(team, "bob", card, "labels"))[1:])
    await tap(team, "bob", card, "labels", "-00")
    album.keep("toast: labelled", [*await tap(team, "bob", card, "labels", "save"), "-"])


async def _digest(team: Team, album: Album) -> None:
    """Of one member, whose lines open their cards."""
    kit, alone = team.kit, team.olga.id
    team.server.world.chats[alone] = Chat(alone, "private", "Olga")
    card = await kit.card_of(await kit.comment("Where is my tea?"))
    assert (await kit.press("olga", card, c.Take)).is_done
    soon = (kit.clock.now() // MINUTE + 2) % (DAY // MINUTE)
    assert (await kit.order("olga", c.SetDigest((soon,)))).is_done
    known = known_in(team, alone)
    await kit.pass_time(3 * MINUTE / SECOND)
    [digest] = await new_ones(team, alone, known)
    album.keep("digest of a member", read(digest))
    known = known_in(team, alone)
    await tap(team, "olga", digest, "open")
    album.keep("digest of a member, a card", read((await new_ones(team, alone, known))[0]))


def toured(team: Team) -> None:
    """What can be pressed and written in Telegram, by the code's own lists of it."""
    told = team.server.told
    pressed = [decode(one["callback_query"]["data"]) for one in told if "callback_query" in one]
    verbs = {one.verb for one in pressed if not isinstance(one, ButtonData)}
    acts = {one.action for one in pressed if isinstance(one, ButtonData)}
    assert ActionName.TOLD in acts, "no card offers it"
    # a description is answered, never pressed
    assert verbs == set(Verb) - {Verb.ALT}
    written = [one["message"].get("text", "") for one in told if "message" in one]
    words = [*WORDS, *(f"team {one}" for one in TeamVerb), *(f"oncall {one}" for one in OnCallVerb)]
    assert [one for one in words if not any(w.startswith(f"/{one}") for w in written)] == []
