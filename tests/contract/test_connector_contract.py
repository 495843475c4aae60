"""One suite over every line out: whatever the network, a connector keeps these promises.

A network joins by having a package below `tests/contract/connectors/` whose `case` module
exposes `CASE`; nothing has to be registered here.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
from dataclasses import replace

import aiohttp
import pytest
from yarl import URL

from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import DAY, MediaHash, Moment
from bot.model.media import OwnMedia
from bot.model.network import Capability, ReadBack
from bot.model.publication import OutgoingText, Prepared
from bot.ports import Closes, Connector, Moderates, Stages
from integrations import NETWORKS
from tests.contract.connector_case import ConnectorCase, Fault
from tests.contract.stage import (
    CASES,
    NASTY,
    PACKAGES,
    READERS,
    WRITERS,
    items_of,
    load,
    staged,
    told_by,
)
from tests.fakes.clock import FakeClock

ACTED = (Fault.SERVER_ERROR_AFTER_ACTING, Fault.RESET_AFTER_ACTING, Fault.SLOW_AFTER_ACTING)
SENT_LATER = (Unavailable, RateLimited, AuthenticationFailed)
"""The worker puts these back in the queue: nothing was done."""
LOOKED_FOR = (OutcomeUnknown, UnexpectedResponse)
"""The worker looks before it does anything else."""
MODERATION = frozenset(
    {
        Capability.LIKE,
        Capability.HIDE,
        Capability.SPAM,
        Capability.DELETE,
        Capability.DELETE_OWN,
    }
)


def _named(cases: tuple[ConnectorCase, ...]) -> list[object]:
    return [pytest.param(case, id=case.network) for case in cases]


def _read_faults() -> list[object]:
    return [
        pytest.param(case, fault, id=f"{case.network}-{fault}")
        for case in CASES
        for fault in case.reads
    ]


def _write_faults() -> list[object]:
    return [
        pytest.param(case, fault, id=f"{case.network}-{fault}")
        for case in WRITERS
        for fault in case.writes
    ]


each_case = pytest.mark.parametrize("case", _named(CASES))
each_writer = pytest.mark.parametrize("case", _named(WRITERS))
each_reader = pytest.mark.parametrize("case", _named(READERS))
each_read_fault = pytest.mark.parametrize(("case", "fault"), _read_faults())
each_write_fault = pytest.mark.parametrize(("case", "fault"), _write_faults())


# --- who they are -----------------------------------------------------------------------------


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_of_a_network_brings_its_case(package: str) -> None:
    assert load(package).network == package


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_every_registered_network_is_under_contract(network: str) -> None:
    assert network in PACKAGES


@each_case
def test_its_definition_is_registered_under_its_name_and_refuses_unknown_settings(
    case: ConnectorCase,
) -> None:
    definition = importlib.import_module(NETWORKS[case.network]).NETWORK
    assert definition.name == case.network
    assert definition.title
    assert definition.settings.model_config["extra"] == "forbid"


@each_case
async def test_it_gives_a_reason_for_everything_it_cannot_do(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        capabilities = stage.connector.capabilities
    assert capabilities.network == case.network
    assert Capability.READ in capabilities.can
    for capability in set(Capability) - capabilities.can:
        reason = capabilities.cannot[capability]
        assert reason.endswith("."), f"{capability}: the reason is a sentence: {reason!r}"
    assert not capabilities.can & set(capabilities.cannot)
    assert case.leg in capabilities.legs
    assert all(seconds > 0 for seconds in capabilities.legs.values())
    assert capabilities.requests_per_minute > 0
    assert capabilities.settle_seconds > 0 or capabilities.read_back is not ReadBack.SETTLES


@each_case
async def test_it_keeps_the_protocols_that_its_capabilities_promise(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        connector = stage.connector
        assert isinstance(connector, Connector)
        assert isinstance(connector, Moderates) or not connector.capabilities.can & MODERATION
        assert (Capability.REPLY in connector.capabilities.can) == (case.reply is not None)
        if Capability.POST in connector.capabilities.can and not isinstance(connector, Stages):
            picture = OwnMedia(MediaHash("0" * 64), "image/png", "A cup", 10)
            post = OutgoingText("Hello", Moment(0), bytes(16), media=(picture,))
            assert connector.prepare(post).length.problem


@each_case
async def test_it_says_whose_token_it_holds(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        identity = await stage.connector.verify()
    assert identity.remote_id
    assert identity.handle


# --- reading ----------------------------------------------------------------------------------


@each_case
async def test_it_reads_exactly_the_expected_items(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        assert items_of(await stage.read_everything()) == case.expected


@each_case
async def test_a_second_fetch_brings_nothing_that_the_first_did_not(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        first = await stage.read_everything()
        cursors = [batch.cursor for batch in first if batch.cursor is not None]
        assert cursors, "the first fetch leaves a cursor"
        json.loads(cursors[-1])
        again = await stage.connector.fetch(case.leg, cursors[-1], case.watch)
    assert set(map(repr, items_of([again]))) <= set(map(repr, case.expected))


@each_read_fault
async def test_a_fault_while_reading_has_its_class_and_loses_nothing(
    case: ConnectorCase, fault: Fault
) -> None:
    async with staged(case) as stage:
        stage.network.fail_next(fault)
        with pytest.raises(case.reads[fault]) as caught:
            await stage.connector.fetch(case.leg, None, case.watch)
        assert type(caught.value) is case.reads[fault]
        assert not isinstance(caught.value, OutcomeUnknown), "reading changes nothing"
        assert str(caught.value), "the team is told what happened"
        assert items_of(await stage.read_everything()) == case.expected


@each_case
async def test_a_network_that_cannot_be_reached_is_unavailable(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        url = stage.network.url
    async with aiohttp.ClientSession() as http:
        connector = case.connect(url, http, FakeClock())
        with pytest.raises(Unavailable):
            await connector.fetch(case.leg, None, case.watch)
        if isinstance(connector, Closes):
            await connector.close()


# --- preparing --------------------------------------------------------------------------------


@each_writer
async def test_preparing_the_same_text_gives_the_same_bytes_and_survives_storage(
    case: ConnectorCase,
) -> None:
    async with staged(case) as stage:
        prepared = stage.connector.prepare(stage.reply)
        assert prepared.to_json() == stage.connector.prepare(stage.reply).to_json()
        assert Prepared.from_json(prepared.to_json()) == prepared
        assert prepared.connector == case.network
        assert prepared.key
        assert prepared.length.fits
        assert stage.network.writes == 0


@each_writer
async def test_what_is_prepared_holds_no_host_and_no_secret(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        stored = stage.connector.prepare(stage.reply).to_json()
        authority = URL(stage.network.url).authority
    assert authority not in stored
    assert not [secret for secret in case.secrets if secret in stored]


@each_case
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
async def test_preparing_nasty_text_never_raises_and_reports_its_length(
    case: ConnectorCase, text: str
) -> None:
    outgoing = OutgoingText(text, Moment(0), bytes(16))
    if case.reply is not None:
        outgoing = replace(case.reply, text=text)
    async with staged(case) as stage:
        prepared = stage.connector.prepare(outgoing)
    prepared.to_json().encode("utf-8")
    assert prepared.length.used >= 0
    assert prepared.length.unit
    if len(text) >= 100_000:
        assert not prepared.length.fits
    if not text.strip():
        assert prepared.length.problem, "nothing is not a text"


# --- publishing -------------------------------------------------------------------------------


@each_writer
async def test_publishing_makes_one_request_and_the_receipt_can_be_found_again(
    case: ConnectorCase,
) -> None:
    async with staged(case) as stage:
        prepared = stage.connector.prepare(stage.reply)
        assert await stage.connector.find(prepared) is None
        receipt = await stage.publish(Prepared.from_json(prepared.to_json()))
        assert stage.network.writes == 1
        assert list(stage.network.visible) == [stage.reply.text]
        assert receipt.remote_id
        assert receipt.permalink
        assert await stage.connector.find(prepared) == receipt
        assert stage.network.writes == 1, "looking is not writing"


@each_writer
async def test_an_older_identical_reply_is_not_taken_for_this_one(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        await stage.publish(stage.connector.prepare(stage.reply))
        later = replace(stage.reply, at=Moment(stage.reply.at + DAY), seed=b"another approval")
        assert await stage.connector.find(stage.connector.prepare(later)) is None


@each_write_fault
async def test_a_fault_while_publishing_has_its_class_after_one_request(
    case: ConnectorCase, fault: Fault
) -> None:
    async with staged(case) as stage:
        prepared = stage.connector.prepare(stage.reply)
        stage.network.fail_next(fault)
        with pytest.raises(case.writes[fault]) as caught:
            await stage.publish(prepared)
        assert type(caught.value) is case.writes[fault]
        assert str(caught.value), "the team is told what happened"
        assert stage.network.writes <= 1, "a connector never retries"


@each_write_fault
async def test_after_a_fault_one_text_stands_or_none_if_it_was_refused(
    case: ConnectorCase, fault: Fault
) -> None:
    """What the publisher does with each class: wait and send, look first, or give up."""
    async with staged(case) as stage:
        prepared = stage.connector.prepare(stage.reply)
        stage.network.fail_next(fault)
        with pytest.raises(ConnectorError) as caught:
            await stage.publish(prepared)
        if not isinstance(caught.value, SENT_LATER + LOOKED_FOR):
            assert list(stage.network.visible) == []
            return
        found = None
        if isinstance(caught.value, LOOKED_FOR):
            found = await stage.connector.find(prepared)
        if fault in ACTED:
            assert found is not None, "what was done is found"
        if found is None:
            found = await stage.publish(prepared)
        assert await stage.connector.find(prepared) == found
        assert list(stage.network.visible) == [stage.reply.text]


@each_writer
async def test_a_lost_answer_is_never_called_harmless(case: ConnectorCase) -> None:
    for fault in ACTED:
        assert fault in case.writes, f"{fault} must be declared: every network can lose answers"
        assert issubclass(case.writes[fault], LOOKED_FOR)


@each_writer
async def test_nothing_is_sent_once_the_deadline_has_passed(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        prepared = stage.connector.prepare(stage.reply)
        with pytest.raises(Unavailable):
            await stage.publish(prepared, seconds=-1.0)
        assert stage.network.writes == 0
        assert list(stage.network.visible) == []


@each_read_fault
async def test_a_failed_look_is_never_taken_for_absence(case: ConnectorCase, fault: Fault) -> None:
    if case.reply is None:
        return
    async with staged(case) as stage:
        prepared = stage.connector.prepare(stage.reply)
        receipt = await stage.publish(prepared)
        stage.network.fail_next(fault)
        looked = (await asyncio.gather(stage.connector.find(prepared), return_exceptions=True))[0]
    if isinstance(looked, BaseException):
        assert isinstance(looked, ConnectorError)
        assert not isinstance(looked, OutcomeUnknown), "looking changes nothing"
    else:
        assert looked == receipt


@each_writer
async def test_a_network_out_of_reach_has_received_nothing(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        url = stage.network.url
        await stage.connector.verify()
    async with aiohttp.ClientSession() as http:
        clock = FakeClock()
        connector = case.connect(url, http, clock)
        prepared = connector.prepare(stage.reply)
        with pytest.raises(Unavailable):
            await connector.publish(prepared, None, clock.deadline_in(5))
        with pytest.raises((Unavailable, CannotTell)):
            await connector.find(prepared)
        if isinstance(connector, Closes):
            await connector.close()


@each_reader
async def test_a_network_that_is_only_read_refuses_to_publish(case: ConnectorCase) -> None:
    async with staged(case) as stage:
        prepared = stage.connector.prepare(OutgoingText("Hello", Moment(0), bytes(16)))
        assert prepared.length.problem.endswith(".")
        with pytest.raises(Rejected):
            await stage.publish(prepared)
        assert await stage.connector.find(prepared) is None
        assert stage.network.writes == 0


# --- secrets ----------------------------------------------------------------------------------


@each_case
async def test_secrets_stay_out_of_logs_reprs_and_errors(
    case: ConnectorCase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    async with staged(case) as stage:
        told.append(repr(stage.connector))
        told.append(repr(await stage.connector.verify()))
        told.append(repr(await stage.read_everything()))
        for fault in case.reads:
            stage.network.fail_next(fault)
            with pytest.raises(ConnectorError) as caught:
                await stage.connector.fetch(case.leg, None, case.watch)
            told.append(told_by(caught.value))
        for fault in case.writes:
            stage.network.fail_next(fault)
            with pytest.raises(ConnectorError) as caught:
                await stage.publish(stage.connector.prepare(stage.reply))
            told.append(told_by(caught.value))
    everything = "\n".join([*told, caplog.text])
    assert not [secret for secret in case.secrets if secret in everything]
