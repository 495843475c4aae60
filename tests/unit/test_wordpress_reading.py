"""How comments are walked, compared and refused when they are not what WordPress documents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.errors import PermissionMissing
from bot.model.ids import Moment, RemoteId
from bot.model.network import Batch, Cursor, IncomingItem, Leg, Removal, Unsupported, Watch
from bot.ports import Connector
from integrations.plain_text import escaped, plain_text
from tests.contract.connectors.wordpress.case import connect
from tests.contract.connectors.wordpress.fake import FakeWordPress, fake_wordpress
from tests.fakes.clock import START, FakeClock

COMMENTS, CHANGES = Leg("comments"), Leg("changes")


@asynccontextmanager
async def site() -> AsyncIterator[tuple[FakeWordPress, Connector]]:
    async with fake_wordpress(Moment(START)) as fake, aiohttp.ClientSession() as http:
        yield fake, connect(fake.url, http, FakeClock())


async def fetched(connector: Connector, leg: Leg, since: Cursor | None) -> Batch:
    return await connector.fetch(leg, since, Watch())


def ids(*batches: Batch) -> list[str]:
    return [
        observation.remote_id
        for batch in batches
        for observation in batch.observations
        if isinstance(observation, IncomingItem)
    ]


def named(numbers: range) -> list[str]:
    return [f"comment:{number}" for number in numbers]


async def test_the_first_fetch_brings_at_most_a_hundred() -> None:
    async with site() as (fake, connector):
        for number in range(100, 350):
            fake.add(number, f"comment {number}")
        batch = await fetched(connector, COMMENTS, None)
        assert ids(batch) == named(range(250, 350))
        assert not batch.more


async def test_a_flood_between_two_fetches_is_read_whole_over_several() -> None:
    async with site() as (fake, connector):
        cursor = (await fetched(connector, COMMENTS, None)).cursor
        for number in range(100, 1_900):
            fake.add(number, f"comment {number}")
        batches = [await fetched(connector, COMMENTS, cursor)]
        while batches[-1].more:
            # the flood goes on while it is read
            fake.add(1_899 + len(batches), "one more")
            batches.append(await fetched(connector, COMMENTS, batches[-1].cursor))
        last = await fetched(connector, COMMENTS, batches[-1].cursor)
    assert len(batches) > 1
    assert all(ids(batch) == sorted(ids(batch), key=_number) for batch in batches)
    assert set(ids(*batches, last)) == set(named(range(100, 1_899 + len(batches))))
    assert not last.more


async def test_comments_removed_while_a_flood_is_read_hide_no_others() -> None:
    async with site() as (fake, connector):
        cursor = (await fetched(connector, COMMENTS, None)).cursor
        for number in range(100, 1_900):
            fake.add(number, f"comment {number}")
        batches = [await fetched(connector, COMMENTS, cursor)]
        assert batches[0].more
        fake.comments = [each for each in fake.comments if not 1_500 <= each["id"] < 1_800]
        while batches[-1].more:
            batches.append(await fetched(connector, COMMENTS, batches[-1].cursor))
    assert set(named(range(100, 1_500))) <= set(ids(*batches))


async def test_a_quiet_site_costs_one_small_request() -> None:
    async with site() as (fake, connector):
        cursor = (await fetched(connector, COMMENTS, None)).cursor
        fake.seen.clear()
        batch = await fetched(connector, COMMENTS, cursor)
        assert batch.observations == ()
        assert [seen.params["per_page"] for seen in fake.seen] == ["20"]


async def test_a_row_that_cannot_be_read_is_kept_once_and_hides_no_other() -> None:
    async with site() as (fake, connector):
        cursor = (await fetched(connector, COMMENTS, None)).cursor
        fake.add(100, "fine")
        fake.add(101, "made strange by a plugin", date_gmt=["never"])
        batch = await fetched(connector, COMMENTS, cursor)
        again = await fetched(connector, COMMENTS, batch.cursor)
    assert ids(batch) == ["comment:100"]
    strange = [each for each in batch.observations if isinstance(each, Unsupported)]
    assert [json.loads(each.payload)["id"] for each in strange] == [101]
    assert again.observations == ()


@pytest.mark.parametrize(
    ("strange", "kind"),
    [({"type": "pingback"}, "comment type pingback"), ({"status": "zap"}, "comment status zap")],
)
async def test_what_is_no_comment_is_kept_as_unsupported(
    strange: dict[str, str], kind: str
) -> None:
    async with site() as (fake, connector):
        fake.comments.clear()
        fake.add(100, "ping", **strange)
        fake.statuses = {"all": {"approved", "zap"}}
        batch = await fetched(connector, COMMENTS, None)
    assert [each.kind for each in batch.observations if isinstance(each, Unsupported)] == [kind]


async def test_changes_tell_edits_and_removals_and_nothing_else() -> None:
    async with site() as (fake, connector):
        cursor = (await fetched(connector, CHANGES, None)).cursor
        assert (await fetched(connector, CHANGES, cursor)).observations == ()
        fake.comment(2)["content"] = {"raw": "Found it, thanks", "rendered": ""}
        fake.comment(3)["status"] = "approved"
        fake.comment(4)["status"] = "spam"
        fake.comments = [each for each in fake.comments if each["id"] != 5]
        batch = await fetched(connector, CHANGES, cursor)
        assert (await fetched(connector, CHANGES, batch.cursor)).observations == ()
    edited, spam, deleted = batch.observations
    assert isinstance(edited, IncomingItem)
    assert (edited.remote_id, edited.text) == ("comment:2", "Found it, thanks")
    assert spam == Removal(RemoteId("comment:4"))
    assert deleted == Removal(RemoteId("comment:5"))


async def test_a_comment_that_sank_below_the_newest_hundred_is_not_called_deleted() -> None:
    async with site() as (fake, connector):
        cursor = (await fetched(connector, CHANGES, None)).cursor
        for number in range(100, 220):
            fake.add(number, "newer")
        batch = await fetched(connector, CHANGES, cursor)
    assert not [each for each in batch.observations if isinstance(each, Removal)]


async def test_a_user_who_may_not_moderate_is_told_which_right_is_missing() -> None:
    async with site() as (fake, connector):
        fake.capabilities = {"read": True}
        with pytest.raises(PermissionMissing) as caught:
            await connector.verify()
    assert caught.value.scope == "moderate_comments"
    assert "Editor" in str(caught.value)


async def test_an_e_mail_address_goes_no_further_than_the_connector() -> None:
    async with site() as (_, connector):
        told = repr(await fetched(connector, COMMENTS, None))
    assert "example.test" in told
    assert "ana@" not in told


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One<br />\ntwo</p>\n<p>three &#8217;n&#8217; four</p>", "One\ntwo\n\nthree ’n’ four"),
        ("a < b & c <3 > d", "a < b & c <3 > d"),
        ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
        ('<a href="https://evil.example/x">bank</a>', "bank (https://evil.example/x)"),
        ('<a href="https://a.example/">a.example</a>', "a.example"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<img src="x" alt="😀" onerror="x()">', "😀"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("<![if IE]>x<![endif]> <!-- no --> y", "<![if IE]>x<![endif]> y"),
        ("<p>\x00nul\x1b[31m</p>", "nul[31m"),
        ("<div><b>never closed", "never closed"),
        ("&lt;b&gt;told, not done&lt;/b&gt;", "<b>told, not done</b>"),
    ],
)
def test_markup_becomes_what_a_reader_would_see(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize("text", ["<b>&amp; &lt; \"'", "a\nb", "[x] \\ 😀 \u202e\u200b"])
def test_escaped_text_shows_exactly_itself(text: str) -> None:
    assert plain_text(escaped(text).replace("\n", "<br>")) == text


def _number(remote_id: str) -> int:
    return int(remote_id.split(":")[1])
