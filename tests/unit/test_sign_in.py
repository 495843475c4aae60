"""Console sign-in: links work once and in time, sessions end, and only hashes are stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.account import AccountState
from bot.model.event import EventKind
from bot.model.ids import EventId
from bot.model.member import ChatIdentity
from bot.services.settling_in import Roster, settle_in
from bot.services.sign_in import NobodyOfThatName, SignIn
from bot.store.store import Store
from tests.fakes.clock import FakeClock
from tests.unit.small_desk import ACME, TEAM, everything_in, small_desk


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with small_desk(f"sqlite:///{tmp_path}/desk.db", clock) as store:
        yield store


@pytest.fixture
def sign_in(store: Store, clock: FakeClock) -> SignIn:
    return SignIn(store, clock)


async def test_a_link_signs_its_member_in(sign_in: SignIn, store: Store) -> None:
    session = await sign_in.exchange(await sign_in.issue("bob"))
    assert session is not None
    assert await sign_in.recognise(session) == ChatIdentity("console", "bob")
    events = await store.read(lambda tx: tx.events.after(EventId(0), 100))
    assert events[-1].kind is EventKind.MEMBER_SIGNED_IN


async def test_a_link_works_once(sign_in: SignIn) -> None:
    link = await sign_in.issue("bob")
    assert await sign_in.exchange(link) is not None
    assert await sign_in.exchange(link) is None


@pytest.mark.parametrize(("seconds", "works"), [(599, True), (600, False)])
async def test_a_link_works_for_ten_minutes(
    sign_in: SignIn, clock: FakeClock, seconds: float, works: bool
) -> None:
    link = await sign_in.issue("bob")
    clock.advance(seconds)
    assert (await sign_in.exchange(link) is not None) is works


@pytest.mark.parametrize(("hours", "works"), [(11.9, True), (12, False)])
async def test_a_session_lasts_twelve_hours(
    sign_in: SignIn, clock: FakeClock, hours: float, works: bool
) -> None:
    session = await sign_in.exchange(await sign_in.issue("bob"))
    assert session is not None
    clock.advance(hours * 3600)
    assert (await sign_in.recognise(session) is not None) is works


async def test_signing_out_ends_the_session(sign_in: SignIn) -> None:
    session = await sign_in.exchange(await sign_in.issue("bob"))
    assert session is not None
    await sign_in.sign_out(session)
    assert await sign_in.recognise(session) is None


@pytest.mark.parametrize("word", ["", "x", "\ud800", "a" * 100_000])
async def test_a_made_up_word_opens_nothing(sign_in: SignIn, word: str) -> None:
    assert await sign_in.exchange(word) is None
    assert await sign_in.recognise(word) is None


async def test_a_member_who_left_is_no_longer_recognised(sign_in: SignIn, store: Store) -> None:
    link = await sign_in.issue("bob")
    session = await sign_in.exchange(await sign_in.issue("bob"))
    assert session is not None
    smaller = replace(ACME, members=tuple(one for one in TEAM if one.slug != "bob"))
    await store.write(settle_in, Roster((smaller,), AccountState.LIVE))
    assert await sign_in.recognise(session) is None
    assert await sign_in.exchange(link) is None
    with pytest.raises(NobodyOfThatName, match="It knows alice, olga"):
        await sign_in.issue("bob")


async def test_only_hashes_are_stored(sign_in: SignIn, store: Store) -> None:
    link = await sign_in.issue("alice")
    spent = await sign_in.issue("bob")
    session = await sign_in.exchange(spent)
    tables = ("console_ticket", "console_session", "audit", "event")
    stored = await store.read(lambda tx: everything_in(tx, tables))
    assert session is not None
    assert not any(secret in stored for secret in (link, spent, session))
    assert "signed_in" in stored
    assert "console_link_issued" in stored
