"""Drills: a storm is read strictly, a team scored by what was written down, nothing leads out.

The score of the scripted staff was worked out by hand; the sums stand beside it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap.drill import drill_settings
from bot.cards.card import Light, plain
from bot.cards.drill_view import drill_card
from bot.cli.drill import SHIPPED
from bot.cli.opening import known_networks
from bot.config import load
from bot.errors import ConfigurationError
from bot.model import commands as c
from bot.model.drill import Expects, MistakeKind, Part, Storm
from bot.model.ids import DAY, ItemId, Moment, PostKey, RemoteId
from bot.model.network import RemoteAuthor
from bot.services.drill_report import as_json, markdown
from bot.services.drills import Drill, has_word, lay_statements, score
from bot.services.storms import read_storm
from bot.speech.speech import ENGLISH, speech_in
from tests.fakes.desk_kit import desk_address
from tests.fakes.oncall_kit import POISONED, OnCallKit, on_call
from tests.unit.cli_case import CONFIG, Desk

LIVE = """
[[brands.accounts]]
slug = "news"
network = "rss"
url = "https://news.example/feed.xml"
"""
STATEMENT = "We are looking into it and will say more by noon."
HEAD = {
    "drill": "Tea", "minutes": 20, "acknowledge_minutes": 5, "statement_minutes": 10,
    "banned": ["guarantee"],
    "statements": [{"name": "recall", "language": "en", "text": STATEMENT}],
}  # fmt: skip
SAID = (
    {"at": 0, "author": "Ann", "text": POISONED, "expects": "answer"},
    {"at": 60, "author": "Ben", "text": "Where is my order? It never came.", "expects": "answer"},
    {"at": 120, "author": "Cy", "text": "Shame on you, where is it?", "expects": "silence"},
    {"at": 180, "author": "Di", "text": "Is my order coming at all?", "expects": "answer"},
    {"at": 240, "author": "Ed", "text": "When does my parcel come?", "expects": "answer"},
)


def storm(*rows: object) -> Storm:
    return read_storm([json.dumps(one) for one in rows or (HEAD, *SAID)], "storm.jsonl")


class Staff:
    """Plays a storm to the desk and acts by the script."""

    def __init__(self, desk: OnCallKit) -> None:
        self.desk, self.kit = desk, desk.kit
        self.storm = storm()
        self.begun = desk.kit.clock.now()
        self.drill = Drill(self.storm, desk.kit.account, self.begun, {})
        self.items: list[ItemId] = []

    async def until(self, minutes: float) -> None:
        left = self.begun + round(minutes * 60_000) - self.kit.clock.now()
        await self.kit.pass_time(max(0, left) / 1000)

    async def hears(self, place: int) -> None:
        line = self.storm.lines[place]
        await self.until(line.at / 60_000)
        author = RemoteAuthor(RemoteId(line.author), line.author, line.author)
        incoming = self.kit.incoming(line.text, author=author)
        await self.kit.take(incoming)
        await self.kit.work()
        said = {**self.drill.said, incoming.remote_id: line}
        self.drill = replace(self.drill, said=said)
        self.items.append(await self.kit.id_of(incoming.remote_id))

    async def answers(self, member: str, place: int, text: str) -> None:
        card = await self.kit.card_of(self.items[place])
        outcome = await self.kit.press(member, card, c.ApproveEdited, text)
        assert outcome.is_done, outcome.says

    async def plays(self) -> None:
        """One that acts late, breaks three rules, and misses a comment."""
        kit = self.kit
        await kit.store.write(lay_statements, (self.storm, Moment(self.begun + DAY)))
        for place in range(len(SAID)):
            await self.hears(place)
        await self.answers("bob", 1, "We guarantee that it comes tomorrow.")
        await self.answers("eve", 2, "We are sorry about that.")
        by_hand = kit.incoming(
            "Tomorrow.", by_us=True, parent_remote_id=(await kit.item(self.items[4])).remote_id
        )
        await kit.take(by_hand)
        await self.until(8)
        assert (await kit.press("bob", await self.desk.card(), c.Acknowledge)).is_done
        proposal = await kit.order("alice", c.ProposeCrisis("Tea"))
        assert (await kit.press("alice", await kit.card(proposal.note), c.StartCrisis)).is_done
        first = self.items[0]
        used = await kit.press("olga", await kit.card_of(first), c.UseStatement, 1)
        assert used.is_done, used.says
        await kit.press("bob", await kit.card_of(first), c.Approve)
        # the second yes, ten seconds of undo before twelve minutes
        await self.until(11 + 50 / 60)
        await kit.press("eve", await kit.card_of(first), c.Approve)
        await self.until(20)


@pytest.fixture
async def staff(request: pytest.FixtureRequest, tmp_path: Path) -> Staff:  # type: ignore[misc]
    async with on_call(desk_address(request, tmp_path)) as desk:
        yield Staff(desk)


async def test_the_score_of_a_scripted_team_is_the_one_worked_out_by_hand(staff: Staff) -> None:
    await staff.plays()
    found = await staff.kit.read(lambda tx: score(tx, staff.drill))
    assert (found.comments, found.acknowledged_by) == (5, "Bob")
    # acknowledged 3 minutes late of 10 that are borne: 30 * (1 - 0.3)
    assert found.acknowledged_after == 8 * 60_000
    assert found.acknowledge == Part(21, 30)
    # the statement stands after 12 minutes, 2 of 20 late: 20 * (1 - 0.1)
    assert found.statement_after is not None
    assert abs(found.statement_after - 12 * 60_000) < 2_000
    assert found.statement == Part(18, 20)
    # of four that wait for an answer two have one on the desk
    assert (found.answered, found.wanted, found.answers) == (2, 4, Part(15, 30))
    # four mistakes cost five each
    mistakes = [(one.kind, one.item_id, one.who) for one in found.mistakes]
    assert mistakes == [
        (MistakeKind.BANNED_WORD, staff.items[1], "Bob"),
        (MistakeKind.WRONG_APPROVAL, staff.items[2], "Eve"),
        (MistakeKind.UNSEEN, staff.items[3], ""),
        (MistakeKind.UNAPPROVED, staff.items[4], ""),
    ]
    assert found.care == Part(0, 20)
    assert found.points == 21 + 18 + 15 + 0

    told = markdown(found)
    assert "| acknowledged | 8:00 min, by Bob | 5:00 min | 21 of 30 |" in told
    assert f"\\#{staff.items[3]}: nobody saw it" in told
    assert json.loads(as_json(found))["points"] == 54
    card = drill_card(found, PostKey("k" * 32), ENGLISH)
    assert (card.state.light, card.actions) == (Light.TROUBLE, ())
    assert plain(card.state.spans) == "54 of 100 points. Nothing left the sandbox."
    assert "Mistakes: 4 · 0/20" in [plain(one) for one in card.facts]
    for language in ("fr", "ro", "ru"):
        other = drill_card(found, PostKey("k" * 32), speech_in(language))
        assert plain(other.state.spans) != plain(card.state.spans)


async def test_a_team_that_does_nothing_has_what_cost_nothing(staff: Staff) -> None:
    for place in range(len(SAID)):
        await staff.hears(place)
    await staff.until(20)
    found = await staff.kit.read(lambda tx: score(tx, staff.drill))
    assert (found.acknowledged_after, found.statement_after, found.answered) == (None, None, 0)
    assert found.count(MistakeKind.UNSEEN) == 4
    assert found.points == 0


@pytest.mark.parametrize(
    ("text", "word", "is_there"),
    [
        ("We guarantee it.", "Guarantee", True),
        ("Nous GARANTIE tout", "garantie", True),
        ("It is guaranteed.", "guarantee", False),
        ("Ask our lawyers!", "our lawyers", True),
        ("Мы гарантируем.", "гарантируем", True),
    ],
)
def test_a_banned_word_is_a_whole_word(text: str, word: str, is_there: bool) -> None:
    assert has_word(text, word) is is_there


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((HEAD,), "has no storm"),
        (({"minutes": 3}, SAID[0]), 'line 1: it has no "drill"'),
        ((HEAD, {"at": 1}), 'line 2: it has no "text"'),
        ((HEAD, {"text": "x", "at": -1}), '"at" is -1'),
        ((HEAD, {"text": "x", "expects": "war"}), "answer, silence, anything"),
        (({**HEAD, "banned": "x"}, SAID[0]), '"banned" is no list'),
        ((HEAD, SAID[0], "words"), "line 3: it is no JSON object"),
    ],
)
def test_a_storm_that_is_wrong_says_where(rows: tuple[object, ...], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        storm(*rows)
    assert says in str(caught.value)


def test_recorded_comments_without_times_come_a_second_apart() -> None:
    read = storm({"drill": "Recorded"}, {"text": "b", "language": "en"}, {"text": "a"})
    assert [(one.at, one.text) for one in read.lines] == [(0, "b"), (1000, "a")]
    assert read.lasts == 60_000


def test_the_shipped_storm_is_in_four_languages_and_has_every_kind_of_comment() -> None:
    text = (SHIPPED / "poisoned-tea.jsonl").read_text("utf-8")
    read = read_storm(text.splitlines(), "poisoned-tea")
    assert {one.language for one in read.statements} == {"en", "fr", "ro", "ru"}
    assert {one.expects for one in read.lines} == set(Expects)
    assert len(read.lines) == 48


def test_a_training_file_keeps_the_team_and_leads_to_the_sandbox_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "run-a-drill.md").read_text("utf-8")
    desk.write(page.partition("```toml\n")[2].partition("```")[0], "training.toml")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    written = load(desk.folder / "training.toml", known_networks())
    made = drill_settings(written, desk.folder / "drills", 7000)
    [(brand, account)] = made.accounts
    assert (brand.slug, account.network) == ("acme", "sandbox")
    assert str(account.settings["base_url"]).startswith("http://127.0.0.1:7000/sandbox")
    assert (made.desk.redis_url, made.drafts.drafter) == ("", "templates")
    assert "drills" in made.desk.database_url
    assert [one.slug for one in brand.members] == ["olga"]
    assert made.oncall == written.oncall


def test_a_drill_is_refused_where_anything_leads_out_of_the_sandbox(desk: Desk) -> None:
    outside = """
[oncall]
heartbeat_url = "https://hc.example/1"
[[oncall.routes]]
slug = "duty"
kind = "pagerduty"
secret = { env = "PD" }
"""
    desk.write(CONFIG + LIVE)
    said = desk.run("drill", "poisoned-tea")
    assert said.code == 2, said
    assert "leads further: news" in said.err
    desk.write(CONFIG + outside)
    said = desk.run("drill", "poisoned-tea")
    assert said.code == 2
    assert "oncall route duty, oncall.heartbeat_url" in said.err
    assert "Write a file for training" in said.err
    said = desk.run("drill", "nothing-here")
    assert (said.code, "cannot be read" in said.err) == (2, True)
