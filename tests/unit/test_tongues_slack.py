"""A walk through every modal, Home, word and question of Slack, in each language."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.cards.actions import ActionName
from bot.errors import CannotTell, OutcomeUnknown
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.due import Lane
from bot.model.ids import HOUR, MediaHash, Moment, RemoteId
from bot.model.network import RemoteAuthor
from bot.services.settling_in import NamedChannel
from handlers.oncall_words import Verb as OnCallVerb
from handlers.slack import names
from handlers.slack.names import NEW_POST, Area, Modal
from handlers.slack.slash import HELP, Slash
from handlers.team_words import TeamVerb
from tests.fakes.desk_kit import WORK, desk_address
from tests.fakes.network import Step
from tests.fakes.said import undated, words_of
from tests.fakes.slack_desk import CHANNEL, SlackDesk, slack_desk
from tests.fakes.slack_people import Person, pressable
from tests.fakes.slack_server import BOT_USER, Message
from tests.fakes.tour import Album, check, each_language, speak

NEW_CHANNEL = "C0NEW"


def label_of(blocks: list[dict[str, Any]], begins: str, place: int = 0) -> str:
    """What stands on the button or option whose value begins so."""
    found = [
        label
        for block in blocks
        for label, action in pressable(block)
        if str((action.get("selected_option") or action).get("value", "")).startswith(begins)
        or action["action_id"] == begins
    ]
    assert len(found) > place, (begins, blocks)
    return found[place]


async def press(person: Person, message: Message, begins: str) -> None:
    await person.press(message, label_of(message.blocks, begins))


def shown_to(person: Person) -> list[str]:
    """The modal on top, which is put away then."""
    view = person.view
    view.is_open = False
    return words_of(view.view)


@each_language
async def test_slack_speaks_the_language_of_whoever_reads(
    request: pytest.FixtureRequest, tmp_path: Path, language: str
) -> None:
    care = NamedChannel("care", "slack", Place(CHANNEL, "", language), reads=("en",))
    album = Album()
    async with slack_desk(desk_address(request, tmp_path), "http", channels=[care]) as desk:
        await speak(desk.kit, language)
        desk.slack.channels[NEW_CHANNEL] = True
        await _modals(desk, album)
        await _posts(desk, album)
        await _home(desk, album)
        await _words(desk, album)
        await _practice(desk, album)
        await _landing(desk, album)
        await _pictures(desk, album)
        toured(desk)
    check("slack", language, album)


async def _modals(desk: SlackDesk, album: Album) -> None:
    bob, olga = desk.person("bob"), desk.person("olga")
    card = await desk.card()
    album.keep("card", words_of(card.blocks))
    album.keep("card, in a notification", [card.text])
    for begins in ("edit.", "change.", "give.", "see."):
        await press(bob, card, begins)
        album.keep(f"modal: {begins}", shown_to(bob))
    await desk.work()
    await press(olga, card, "edit.")
    album.keep("modal: edit. by an agent, while another has it open", shown_to(olga))
    await press(bob, card, f"moderate.{_about(card)}.spam")
    album.keep("modal: sure", shown_to(bob))
    vic = desk.person("vic")
    await press(vic, card, "approve.")
    album.keep("whisper: not your role", vic.heard[-1:])
    old = Message(card.ts, card.channel, card.body, [card.looks[-1]])
    await press(bob, card, "approve.")
    await desk.work()
    album.keep("card: publishing", words_of(card.blocks))
    await press(olga, old, "no_reply.")
    album.keep("whisper: somebody was faster", olga.heard[-1:])
    await desk.kit.pass_time(30)
    album.keep("card: published", words_of(card.blocks))
    await press(bob, card, "see.")
    album.keep("modal: see. what became of it", shown_to(bob))
    await _said_before(desk, album)
    await _doubt(desk, album)


async def _said_before(desk: SlackDesk, album: Album) -> None:
    """By the same author, and to others about the same."""
    bob = desk.person("bob")
    await desk.kit.index()
    card = await desk.card()
    await press(bob, card, "before.")
    album.keep("modal: said before", words_of(bob.view.view))
    await bob.press_in_view(label_of(bob.view.view["blocks"], f"{ActionName.TOLD}."))
    album.keep("modal: said before, used", shown_to(bob))
    await desk.work()
    album.keep("card: with what was said before", words_of(card.blocks))
    jo = RemoteAuthor(RemoteId("jo"), "jo", "Jo")
    await desk.kit.comment("Where is my order? I want my money back, please.", author=jo)
    await press(bob, desk.message, "before.")
    album.keep("modal: said before to others", shown_to(bob))
    desk.slack.rest()


async def _doubt(desk: SlackDesk, album: Album) -> None:
    bob = desk.person("bob")
    card = await desk.card()
    desk.kit.network.next("publish", Step(error=OutcomeUnknown("lost")))
    desk.kit.network.next("find", *[Step(error=CannotTell("cannot tell"))] * 20)
    await press(bob, card, "approve.")
    await desk.kit.pass_time(50)
    album.keep("card: a person must look", words_of(card.blocks))
    await press(bob, card, "confirm.")
    album.keep("modal: confirm.", shown_to(bob))


def _about(card: Message) -> str:
    """Token and revision of what it shows."""
    found = re.search(r'"[a-z_]+\.([A-Za-z0-9]{12}\.\d+)', json.dumps(card.blocks))
    assert found
    return found[1]


async def _posts(desk: SlackDesk, album: Album) -> None:
    olga, alice = desk.person("olga"), desk.person("alice")
    await olga.shortcut(NEW_POST)
    album.keep("modal: a new post", shown_to(olga))
    at = Moment(desk.kit.clock.now() + HOUR)
    order = c.ComposePost((c.VariantText("acme", "Tea is ready."),), at)
    assert (await desk.kit.order("olga", order)).is_done
    await desk.work()
    card = desk.message
    album.keep("post", words_of(card.blocks))
    for begins in ("edit_post.", "request."):
        await press(alice, card, begins)
        album.keep(f"modal: {begins}", shown_to(alice))
    await press(olga, card, "approve.")
    album.keep("whisper: a post needs another", olga.heard[-1:])
    more = c.ComposePost((c.VariantText("acme", "Tea, later."),), Moment(at + HOUR))
    assert (await desk.kit.order("olga", more)).is_done
    album.keep("/desk week", [json.loads(await alice.slash("week"))["text"]])
    album.keep("modal: the week", words_of(alice.view.view["blocks"]))
    await alice.press_in_view(label_of(alice.view.view["blocks"], "week.on"))
    await alice.press_in_view(label_of(alice.view.view["blocks"], "approve."))
    album.keep("modal: the week, the last", words_of(alice.view.view["blocks"]))
    await alice.press_in_view(label_of(alice.view.view["blocks"], "approve."))
    album.keep("modal: the week, over", shown_to(alice))
    album.keep("/desk week of an agent", [json.loads(await olga.slash("week"))["text"]])
    await desk.work()
    album.keep("post: approved", words_of(card.blocks))


async def _home(desk: SlackDesk, album: Album) -> None:
    bob = desk.person("bob")
    await bob.open_home()
    album.keep("home", words_of(bob.home))
    await bob.press_at_home(label_of(bob.home["blocks"], "mine"))
    album.keep("home: mine", words_of(bob.home))
    await bob.open_home()
    await bob.press_at_home(label_of(bob.home["blocks"], "home.open"))
    album.keep("modal: a card from home", shown_to(bob))
    await bob.open_home()
    gone = label_of(bob.home["blocks"], "home.open")
    for block in bob.home["blocks"]:
        for element in block.get("elements", []):
            element["value"] = "k7Qf2mZx9LpA"
    await bob.press_at_home(gone)
    album.keep("modal: a card that is gone", shown_to(bob))


async def _practice(desk: SlackDesk, album: Album) -> None:
    """With the thread that holds what happened, and a post's pictures in another one."""
    olga, bob = desk.person("olga"), desk.person("bob")
    album.keep("practice: begun", [json.loads(await olga.slash("practice"))["text"]])
    desk.slack.rest()
    await desk.kit.pass_time(5)
    card = desk.slack.in_channel(CHANNEL)[-1]
    album.keep("practice", words_of(card.blocks))
    await press(olga, card, "take.")
    desk.slack.rest()
    await desk.work()
    await press(bob, card, "approve.")
    await _quietly(desk)
    album.keep("practice: over", words_of(card.blocks))
    [told] = desk.slack.in_thread(card.ts)
    desk.slack.rest()
    album.keep("practice: its thread", words_of(told.blocks))
    picture = await desk.kit.order("olga", c.AddPicture("image/png", b"\x89PNG\r\n\x1a\n"))
    shown = (c.PictureRef(MediaHash(picture.note), "Tea"),)
    await desk.kit.order("olga", c.ComposePost((c.VariantText("acme", "Tea."),), None, shown))
    await _quietly(desk)
    post = desk.slack.in_channel(CHANNEL)[-1]
    album.keep("a post's pictures", [desk.slack.in_thread(post.ts)[0].text])


async def _quietly(desk: SlackDesk) -> None:
    """A minute and a half passes, in which Slack is never asked too often."""
    for _ in range(30):
        desk.slack.rest()
        await desk.kit.pass_time(3, *WORK, Lane.THREADS)


async def _words(desk: SlackDesk, album: Album) -> None:
    ada, vic = desk.person("ada"), desk.person("vic")
    for text in (
        "dm maybe", "dm on", "dm off",
        "help", "queue", "mine", "search tea", "search", "why 1", "why 999", "accounts", "team",
        "link", "link 00000-00000",
        "oncall", "oncall override ada until 4h", "oncall test", "oncall expect until 4h tea day",
        "oncall until", "team whatever", "crisis", "crisis start", "crisis updates 30m",
        "report", "report week acme", "report day nosuch", "report year",
        "crisis statement en tea: We are sorry.", "crisis end",
        "replies", "replies keep en tea: Thank you {author}.", "replies keep en tea: Thank you.",
        "replies", "replies keep en cup: {author}", "replies keep en cup: {cup}",
        "replies keep de cup: …", "replies drop 1", "replies drop 1", "replies whatever",
        "away whenever", "away until 2d", "team", "back", "back",
        "digest whatever", "digest", "digest 09:00 16:00", "digest quiet 22:00-07:00", "digest off",
        "digest quiet off",
        "shift whenever", "shift", "shift start", "shift", "shift end", "handover",
        "pause replies because of Tea", "unpause", "unpause", "team add nobody agent",
        "team role bob boss", "team suspend ada", "here",
    ):  # fmt: skip
        told = json.loads(await ada.slash(text))
        name = f"/desk {text}"
        words = [told["text"], *words_of(told.get("blocks", []))]
        album.keep(name if name not in album.pages else f"{name}, again", map(undated, words))
    accounts = json.loads(await ada.slash("accounts"))
    shown = Message("1.1", CHANNEL, accounts, [accounts])
    await ada.press(shown, label_of(shown.blocks, "account.watch"))
    album.keep("whisper: watch only", ada.heard[-1:])
    album.keep("/desk pause of a viewer", [json.loads(await vic.slash("pause"))["text"]])


async def _landing(desk: SlackDesk, album: Album) -> None:
    ada, olga = desk.person("ada"), desk.person("olga")
    await ada.invites(BOT_USER, NEW_CHANNEL)
    asked = desk.slack.in_channel(NEW_CHANNEL)[0]
    album.keep("invited by an admin", words_of(asked.blocks))
    chosen = {"land.risks": ["legal"], "land.kinds": ["comment"]}
    await ada.press(asked, label_of(asked.blocks, "land.save"), chosen)
    album.keep("invited: saved", words_of(asked.blocks))
    await olga.press(asked, label_of(asked.blocks, "land.change"))
    album.keep("whisper: an admin chooses", olga.heard[-1:])


async def _pictures(desk: SlackDesk, album: Album) -> None:
    """Sent into the thread of a planned post."""
    olga = desk.person("olga")
    desk.slack.rest()
    order = c.ComposePost((c.VariantText("acme", "Tea, once more."),), None)
    assert (await desk.kit.order("olga", order)).is_done
    await desk.work()
    card = desk.message
    await olga.writes(card, "", [desk.slack.attached("Tea.png", b"\x89PNG\r\n\x1a\n")])
    asked = desk.slack.whispered[-1]
    album.keep("whisper: is it for the post", words_of(asked.blocks))
    await olga.press(asked, label_of(asked.blocks, "pictures.add"))
    album.keep("modal: what the pictures show", shown_to(olga))


def toured(desk: SlackDesk) -> None:
    """What can be opened, pressed and written in Slack, by the code's own lists of it."""
    opened = [*desk.slack.called("views.open"), *desk.slack.called("views.push")]
    assert {body["view"]["callback_id"] for body in opened} == {one.value for one in Modal}
    sent = [payload for person in desk.people.values() for _kind, payload in person.sent]
    pressed = [action["action_id"] for payload in sent for action in payload.get("actions", [])]
    assert {one.partition(".")[0] for one in pressed} == {one.value for one in Area}
    acts = {one.split(".")[1] for one in pressed if one.startswith(f"{Area.ACT}.")}
    assert ActionName.TOLD in acts, "no card offers it"
    written = [payload["text"] for payload in sent if "command" in payload]
    verbs = [f"team {one}" for one in TeamVerb] + [f"oncall {one}" for one in OnCallVerb]
    assert [
        one for one in (*slash_words(), *verbs) if not any(w.startswith(one) for w in written)
    ] == []


def slash_words() -> set[str]:
    nothing: Any = None
    return set(Slash(nothing, nothing, nothing, nothing, nothing, nothing, "/desk").words)


def test_every_word_of_the_command_is_explained_and_every_modal_is_made_in_one_place() -> None:
    assert {usage.partition(" ")[0] for usage, _says in HELP} == slash_words()
    rooms = Path(names.__file__).parent.glob("*.py")
    making = [one.name for one in rooms if '"type": "modal"' in one.read_text("utf-8")]
    assert making == ["blocks.py"]
