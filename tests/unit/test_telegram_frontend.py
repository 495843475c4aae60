"""Cards into Telegram with the real library, against a Bot API server that refuses what it does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest

from bot.cards.card import Card, CardKind, Light, MemberName, Picture, StateLine, Text, Untrusted
from bot.cards.chart import Chart
from bot.cards.pages import Board, Shot
from bot.cards.posting import Posting
from bot.coordination.clock import SystemClock
from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    StoreUnavailable,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.channel import Place, Sighted, Sighting
from bot.model.ids import SECOND, CardToken, MediaHash, MessageId, Moment, Monotonic, PostKey
from bot.model.member import ChatIdentity
from bot.model.network import ReadBack
from handlers.charting import ChartPainter
from handlers.telegram.albums import Albums
from handlers.telegram.frontend import TelegramFrontend
from handlers.telegram.line import Myself, TelegramOptions, open_bot
from handlers.telegram.topics import Topics
from tests.fakes.bot_api import BotApi
from tests.fakes.sample_cards import (
    every_shape,
    incident,
    incident_over,
    post_approval,
    waiting,
)
from tests.fakes.telegram_server import TOKEN, Fault, TelegramServer
from tests.fakes.telegram_world import GROUP, Chat, bad

PLACE = Place(str(GROUP))
KEY = PostKey("0" * 32)
CLOCK = SystemClock()
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


@dataclass(slots=True)
class Memory:
    """Remembers in memory; implements ChatMemory."""

    notes: dict[tuple[str, str], str] = field(default_factory=dict)
    moves: list[tuple[str, str]] = field(default_factory=list)
    is_broken: bool = False

    async def recall(self, channel: str, name: str) -> str:
        return self.notes.get((channel, name), "")

    async def keep(self, channel: str, name: str, value: str) -> None:
        if self.is_broken:
            raise StoreUnavailable("busy")
        self.notes[channel, name] = value

    async def moved(self, old: str, new: str) -> None:
        self.moves.append((old, new))

    async def sighted(self, sighting: Sighting) -> Sighted:
        raise NotImplementedError

    async def boards(self) -> Sequence[Board]:
        raise NotImplementedError


@dataclass(slots=True)
class Pictures:
    """Implements Gallery."""

    shots: list[Shot] = field(default_factory=list)

    async def pictures(self, token: CardToken) -> Sequence[Shot]:
        return self.shots


def shots(many: int, data: bytes = PNG) -> list[Shot]:
    return [
        Shot(MediaHash(f"{number:064x}"), "A coat", "image/png", data + b"%d" % number)
        for number in range(many)
    ]


@pytest.fixture
async def telegram(request: pytest.FixtureRequest) -> AsyncIterator[TelegramServer]:
    async with TelegramServer().serving() as served:
        yield served
        assert served.judged == []


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def gallery() -> Pictures:
    return Pictures()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


Make = Any


@pytest.fixture
def make(
    telegram: TelegramServer, http: aiohttp.ClientSession, memory: Memory, gallery: Pictures
) -> Make:
    def made(painter: ChartPainter | None = None, **options: Any) -> TelegramFrontend:
        usual = TelegramOptions(TOKEN, telegram.url, answer_seconds=3)
        chosen = replace(usual, **options)
        bot = open_bot(http, CLOCK, chosen)
        topics = Topics(bot, memory, CLOCK, chosen.topics)
        albums = Albums(bot, memory, gallery, painter or ChartPainter(seconds=60))
        return TelegramFrontend(bot, Myself(bot, CLOCK), memory, topics, albums, CLOCK)

    return made


@pytest.fixture
def frontend(make: Make) -> TelegramFrontend:
    return make()  # type: ignore[no-any-return]


def soon() -> Monotonic:
    return Monotonic(CLOCK.monotonic() + 4)


async def post(
    frontend: TelegramFrontend, card: Card | None = None, place: Place = PLACE
) -> MessageId:
    return await frontend.post(Posting(KEY, place, card or waiting()), soon())


async def test_a_card_is_posted_with_its_buttons_and_redrawn_in_place(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    message = await post(frontend)
    [shown] = telegram.world.by_bot()
    assert message == f"{GROUP}:{shown.id}"
    assert "Third week without my parcel" in shown.text
    assert shown.data("Approve & publish") == "approve.k7Qf2mZx9LpA.3"
    later = replace(waiting(), state=StateLine(Light.DONE, (Text("Published"),)), actions=())
    await frontend.redraw(PLACE, message, later)
    assert "✅ Published" in shown.text
    assert shown.keyboard == []
    assert telegram.refused == []


async def test_the_vendors_description_allows_everything_that_is_sent(
    telegram: TelegramServer, make: Make, gallery: Pictures, specs_dir: Any
) -> None:
    telegram.api = BotApi(specs_dir)
    telegram.world.per_minute = 1_000
    telegram.world.chat(GROUP).is_forum = True
    frontend = make(topics="account")
    gallery.shots = shots(3)
    for card in every_shape():
        message = await post(frontend, replace(card, account="Acme on Bluesky"))
        await frontend.redraw(PLACE, message, replace(card, number=card.number + 1))
    assert len(telegram.calls) > 20
    assert telegram.judged == []
    assert telegram.refused == []


async def test_a_message_that_shows_it_already_is_no_error(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    message = await post(frontend)
    await frontend.redraw(PLACE, message, waiting())
    assert [description[:36] for _, description in telegram.refused] == [
        "Bad Request: message is not modified"
    ]


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault.LOSE_ANSWER, OutcomeUnknown, 1),
        (Fault.LOSE_REQUEST, OutcomeUnknown, 0),
        (Fault.ERROR_AFTER_ACTING, OutcomeUnknown, 1),
        (Fault.ERROR, OutcomeUnknown, 0),
        (Fault.TOO_MANY, RateLimited, 0),
    ],
)
async def test_every_failure_has_the_class_of_what_may_have_happened(
    telegram: TelegramServer,
    frontend: TelegramFrontend,
    fault: Fault,
    error: type[Exception],
    arrived: int,
) -> None:
    telegram.fail("sendMessage", fault)
    with pytest.raises(error):
        await post(frontend)
    assert len(telegram.world.by_bot()) == arrived
    assert len(telegram.asked("sendMessage")) == 1


async def test_a_flood_is_waited_out_exactly_as_long_as_telegram_says(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    telegram.world.per_minute = 2
    await post(frontend)
    await post(frontend)
    with pytest.raises(RateLimited) as caught:
        await post(frontend)
    assert caught.value.until is not None
    assert 55 * SECOND < caught.value.until - CLOCK.now() <= 61 * SECOND


async def test_the_limits_of_a_group_leave_room_for_answers(frontend: TelegramFrontend) -> None:
    posts, urgent = frontend.abilities.posts, frontend.abilities.urgent
    assert posts is not None
    assert urgent is not None
    most = posts.per_minute + posts.burst + urgent.per_minute + urgent.burst
    assert most <= 18
    assert frontend.abilities.read_back is ReadBack.NONE
    assert frontend.abilities.edits is not None


async def test_nobody_there_got_nothing(http: aiohttp.ClientSession, make: Make) -> None:
    with pytest.raises(Unavailable):
        await post(make(base_url="http://127.0.0.1:9"))


async def test_nothing_leaves_after_the_deadline(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    late = Monotonic(CLOCK.monotonic() - 1)
    with pytest.raises(Unavailable):
        await frontend.post(Posting(KEY, PLACE, waiting()), late)
    assert telegram.asked("sendMessage") == []


async def test_a_wrong_token_is_an_authentication_failure_that_does_not_show_it(
    make: Make,
) -> None:
    wrong = "123456:WrongWrongWrongWrongWrongWrongWrongWr"
    with pytest.raises(AuthenticationFailed) as caught:
        await post(make(token=wrong))
    assert wrong not in repr(caught.value)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"is_member": False}, PermissionMissing),
        ({"rights": set()}, PermissionMissing),
        ({"id": -7}, None),
    ],
)
async def test_a_group_that_does_not_let_us_write_says_what_to_do(
    telegram: TelegramServer,
    frontend: TelegramFrontend,
    change: dict[str, Any],
    error: type[Exception] | None,
) -> None:
    chat = telegram.world.chat(GROUP)
    if error is None:
        place, error = Place("-100999"), PermissionMissing
    else:
        place = PLACE
        for name, value in change.items():
            setattr(chat, name, value)
    with pytest.raises(error) as caught:
        await post(frontend, place=place)
    assert str(caught.value).endswith(".")
    assert telegram.world.by_bot() == []


async def test_a_message_that_somebody_deleted_is_gone(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    message = await post(frontend)
    telegram.world.messages.clear()
    with pytest.raises(TargetGone):
        await frontend.redraw(PLACE, message, post_approval())


@pytest.mark.parametrize("message", ["", "m77", "-100:x", "12"])
async def test_a_name_that_no_message_of_ours_has_is_gone(
    frontend: TelegramFrontend, message: str
) -> None:
    with pytest.raises(TargetGone):
        await frontend.redraw(PLACE, MessageId(message), waiting())


async def test_telegram_cannot_be_read_back(frontend: TelegramFrontend) -> None:
    with pytest.raises(CannotTell):
        await frontend.find(KEY, PLACE, Moment(0))


async def test_a_repeat_says_that_it_may_be_one(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    await frontend.post(Posting(KEY, PLACE, waiting(), is_repeat=True), soon())
    assert telegram.world.by_bot()[0].text.startswith("↻ Posted again")


async def test_nothing_is_repeated_while_telegram_answers_nobody(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    await post(frontend)
    telegram.fail("getMe", Fault.LOSE_ANSWER)
    again = Posting(KEY, PLACE, waiting(), is_repeat=True)
    with pytest.raises(Unavailable):
        await frontend.post(again, soon())
    assert len(telegram.world.by_bot()) == 1
    await frontend.post(again, soon())
    assert len(telegram.world.by_bot()) == 2


async def test_an_answer_that_cannot_be_read_may_have_been_a_yes(
    telegram: TelegramServer, frontend: TelegramFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram.api = None  # which would say the same of this answer
    act = TelegramServer._act

    async def strange(self: TelegramServer, method: str, values: dict[str, Any]) -> Any:
        result = await act(self, method, values)
        return {"message_id": 5} if method == "sendMessage" else result

    monkeypatch.setattr(TelegramServer, "_act", strange)
    with pytest.raises(UnexpectedResponse):
        await post(frontend)


async def test_markup_that_telegram_refuses_is_sent_as_plain_text(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    telegram.fail("sendMessage", Fault.BAD_MARKUP)
    message = await post(frontend)
    [shown] = telegram.world.by_bot()
    assert "entities" not in shown.now
    assert "Third week" in shown.text
    assert "<" not in shown.text
    assert shown.labels
    telegram.fail("editMessageText", Fault.BAD_MARKUP)
    await frontend.redraw(PLACE, message, replace(waiting(), quote=(Untrusted("<b>Edited</b>"),)))
    assert "<b>Edited</b>" in shown.text


async def test_what_telegram_refuses_for_good_is_said_in_its_words(
    telegram: TelegramServer, frontend: TelegramFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: TelegramServer, method: str, values: dict[str, Any]) -> Any:

        if method == "sendMessage":
            raise bad("SOMETHING_NEW")
        return self.me

    monkeypatch.setattr(TelegramServer, "_act", refuse)
    with pytest.raises(Rejected, match=r"(?i)something_new"):
        await post(frontend)


async def test_a_group_that_became_a_supergroup_is_remembered_and_nothing_is_lost(
    telegram: TelegramServer, frontend: TelegramFrontend, memory: Memory
) -> None:
    telegram.world.chats[-55] = Chat(-55, "group", moved_to=GROUP)
    with pytest.raises(Unavailable):
        await post(frontend, place=Place("-55"))
    assert memory.moves == [("-55", str(GROUP))]
    with pytest.raises(Unavailable):
        await frontend.redraw(PLACE, MessageId("-55:3"), waiting())


# --- topics


@pytest.fixture
def forum(telegram: TelegramServer) -> Chat:
    chat = telegram.world.chat(GROUP)
    chat.is_forum = True
    chat.topics[42] = "Complaints"
    return chat


async def test_a_topic_is_posted_to_by_its_number_and_general_by_none(
    telegram: TelegramServer, frontend: TelegramFrontend, forum: Chat
) -> None:
    await post(frontend, place=replace(PLACE, topic="42"))
    await post(frontend, place=replace(PLACE, topic="1"))
    await post(frontend)
    assert [one.thread for one in telegram.world.by_bot()] == [42, None, None]


async def test_a_topic_with_a_name_is_made_once_and_remembered(
    telegram: TelegramServer, make: Make, forum: Chat
) -> None:
    for frontend in (make(), make()):
        await post(frontend, place=replace(PLACE, topic="Reviews & <more>"))
    assert list(forum.topics.values()) == ["Complaints", "Reviews & <more>"]
    first, second = telegram.world.by_bot()
    assert first.thread == second.thread == max(forum.topics)


async def test_every_account_may_have_a_topic_of_its_own(
    telegram: TelegramServer, make: Make, forum: Chat
) -> None:
    frontend = make(topics="account")
    for account in ("Bluesky", "Mastodon", "Bluesky", ""):
        await post(frontend, replace(waiting(), account=account))
    assert list(forum.topics.values()) == ["Complaints", "Bluesky", "Mastodon"]
    threads = [one.thread for one in telegram.world.by_bot()]
    assert threads[0] == threads[2] != threads[1]
    assert threads[3] is None


async def test_a_group_without_topics_takes_the_cards_of_all_accounts(
    telegram: TelegramServer, make: Make
) -> None:
    await post(make(topics="account"), replace(waiting(), account="Bluesky"))
    assert [one.thread for one in telegram.world.by_bot()] == [None]


async def test_a_topic_that_was_deleted_is_made_again_once(
    telegram: TelegramServer, frontend: TelegramFrontend, forum: Chat
) -> None:
    place = replace(PLACE, topic="Reviews")
    await post(frontend, place=place)
    forum.topics = {42: "Complaints"}
    with pytest.raises(Unavailable):
        await post(frontend, place=place)
    await post(frontend, place=place)
    assert list(forum.topics.values()) == ["Complaints", "Reviews"]
    forum.topics = {}
    with pytest.raises(PermissionMissing, match="twice"):
        await post(frontend, place=place)


async def test_a_number_that_is_no_topic_is_said(frontend: TelegramFrontend, forum: Chat) -> None:
    with pytest.raises(PermissionMissing, match="no topic 77"):
        await post(frontend, place=replace(PLACE, topic="77"))


@pytest.mark.parametrize(("is_forum", "rights"), [(False, {"send"}), (True, {"send"})])
async def test_a_topic_that_cannot_be_made_is_said(
    telegram: TelegramServer, frontend: TelegramFrontend, is_forum: bool, rights: set[str]
) -> None:
    chat = telegram.world.chat(GROUP)
    chat.is_forum, chat.rights = is_forum, rights
    with pytest.raises(PermissionMissing):
        await post(frontend, place=replace(PLACE, topic="Reviews"))
    assert telegram.world.by_bot() == []


async def test_a_closed_topic_is_said(frontend: TelegramFrontend, forum: Chat) -> None:
    forum.closed.add(42)
    with pytest.raises(PermissionMissing, match="closed"):
        await post(frontend, place=replace(PLACE, topic="42"))


async def test_a_topic_whose_making_is_not_confirmed_posts_no_card(
    telegram: TelegramServer, frontend: TelegramFrontend, forum: Chat
) -> None:
    telegram.fail("createForumTopic", Fault.LOSE_ANSWER)
    with pytest.raises(Unavailable):
        await post(frontend, place=replace(PLACE, topic="Reviews"))
    assert telegram.world.by_bot() == []


# --- pictures


async def test_a_post_is_approved_below_its_pictures(
    telegram: TelegramServer, frontend: TelegramFrontend, gallery: Pictures
) -> None:
    gallery.shots = shots(3)
    card = replace(post_approval(), media=Picture(3, "A coat", "/media/x"))
    await post(frontend, card)
    *album, shown = telegram.world.by_bot()
    assert len(album) == 3
    assert all("photo" in one.now for one in album)
    assert shown.answers == album[0].id
    assert shown.data("Approve")


async def test_a_single_picture_is_no_album_and_is_uploaded_once(
    telegram: TelegramServer, frontend: TelegramFrontend, gallery: Pictures
) -> None:
    gallery.shots = shots(1)
    await post(frontend, post_approval())
    await post(frontend, post_approval())
    sent = [values["photo"] for values in telegram.asked("sendPhoto")]
    assert sent == [gallery.shots[0].data, "file-1"] or isinstance(sent[1], str)
    assert len(telegram.world.files) == 1


async def test_a_picture_that_telegram_refuses_does_not_cost_the_card(
    telegram: TelegramServer, frontend: TelegramFrontend, gallery: Pictures
) -> None:
    gallery.shots = shots(1, b"no picture at all")
    await post(frontend, post_approval())
    [shown] = telegram.world.by_bot()
    assert "1 picture: A green coat" in shown.text


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.ERROR])
async def test_pictures_that_are_not_confirmed_do_not_hold_up_the_card(
    telegram: TelegramServer, frontend: TelegramFrontend, gallery: Pictures, fault: Fault
) -> None:
    gallery.shots = shots(2)
    telegram.fail("sendMediaGroup", fault)
    await post(frontend, post_approval())
    assert [one.labels for one in telegram.world.by_bot() if one.labels]


async def test_pictures_of_a_card_that_was_not_sent_are_taken_away(
    telegram: TelegramServer, frontend: TelegramFrontend, gallery: Pictures
) -> None:
    gallery.shots = shots(2)
    passed = Monotonic(CLOCK.monotonic())
    with pytest.raises(Unavailable):
        await frontend.post(Posting(KEY, PLACE, post_approval()), passed)
    assert len(telegram.world.deleted) == 2
    assert telegram.world.by_bot() == []


async def test_other_pictures_take_the_place_of_those_above_the_card(
    telegram: TelegramServer, frontend: TelegramFrontend, gallery: Pictures
) -> None:
    gallery.shots = shots(2)
    card = replace(post_approval(), media=Picture(2, "A coat", "/media/a"))
    message = await post(frontend, card)
    old = telegram.world.by_bot()[:2]
    await frontend.redraw(PLACE, message, replace(card, number=78))
    assert telegram.world.deleted == []
    gallery.shots = shots(1, PNG + b"new")
    other = replace(card, media=Picture(1, "A hat", "/media/b"))
    await frontend.redraw(PLACE, message, other)
    assert telegram.world.deleted == old
    shown, picture = telegram.world.by_bot()
    assert picture.answers == shown.id
    await frontend.redraw(PLACE, message, replace(other, number=79))
    assert len(telegram.world.by_bot()) == 2


def risen(*counts: int) -> Card:
    """A card of a rise with these counts."""
    return replace(waiting(), kind=CardKind.INCIDENT, chart=Chart(counts, 5, 2.0, "a line"))


async def test_the_counts_behind_a_rise_come_as_a_picture_after_the_card(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    message = await post(frontend, risen(2, 3, 40))
    assert len(telegram.world.by_bot()) == 1, "nobody waits for it to be drawn"
    await frontend.redraw(PLACE, message, risen(2, 3, 41))
    shown, picture = telegram.world.by_bot()
    assert picture.answers == shown.id
    [sent] = telegram.asked("sendPhoto")
    assert sent["photo"].startswith(b"\x89PNG")
    await frontend.redraw(PLACE, message, risen(2, 3, 50))
    assert len(telegram.asked("sendPhoto")) == 1, "it says about the same"
    await frontend.redraw(PLACE, message, risen(2, 3, 100))
    assert telegram.world.deleted == [picture]
    assert len(telegram.asked("sendPhoto")) == 2


async def test_where_charts_cannot_be_drawn_the_card_goes_without(
    telegram: TelegramServer, make: Make
) -> None:
    frontend = make(painter=ChartPainter("no_such_library"))
    message = await post(frontend, risen(2, 3, 40))
    await frontend.redraw(PLACE, message, risen(2, 3, 41))
    assert len(telegram.world.by_bot()) == 1


async def test_a_note_that_cannot_be_kept_does_not_make_a_second_card(
    telegram: TelegramServer, frontend: TelegramFrontend, gallery: Pictures, memory: Memory
) -> None:
    gallery.shots = shots(1)
    memory.is_broken = True
    await post(frontend, post_approval())
    assert len(telegram.world.by_bot()) == 2


async def test_quiet_cards_arrive_without_a_sound(
    telegram: TelegramServer, frontend: TelegramFrontend
) -> None:
    await post(frontend, replace(waiting(), state=StateLine(Light.QUIET, (Text("Quiet"),))))
    await post(frontend)
    assert [one.is_silent for one in telegram.world.by_bot()] == [True, False]


# --- pages


async def test_a_page_goes_to_a_private_chat_and_calls_the_person(
    telegram: TelegramServer, make: Make
) -> None:
    bob = 4711
    telegram.world.chats[bob] = Chat(bob, kind="private", title="Bob")
    frontend = make(painter=ChartPainter("no_such_library"), topics="account")
    place = Place(await frontend.direct(str(bob)))
    called = MemberName("bob", "Bob", (ChatIdentity("telegram", str(bob)),))
    notice = (called, Text(", you are paged."))
    message = await frontend.post(Posting(KEY, place, incident(), notice=notice), soon())
    [shown] = telegram.world.by_bot(bob)
    assert shown.text.startswith("Bob, you are paged.")
    assert f"tg://user?id={bob}" in str(shown.now)
    await frontend.redraw(place, message, incident_over())
    [shown] = telegram.world.by_bot(bob)
    assert "resolved it" in shown.text


async def test_whoever_never_wrote_to_the_bot_cannot_be_paged(
    telegram: TelegramServer, make: Make
) -> None:
    posting = Posting(KEY, Place("4712"), incident())
    with pytest.raises(PermissionMissing):
        await make().post(posting, soon())
