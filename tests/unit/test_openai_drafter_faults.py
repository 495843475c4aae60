"""The model's server fails in every way it can: always one sentence, in time, without the key."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator

import pytest

from bot.coordination.breaker import LocalBreaker
from bot.coordination.spending import LocalSpending
from bot.errors import ConfigurationError, DraftingFailed
from bot.model.breaker import BREAKER_RULE
from bot.model.draft import DraftOrigin
from bot.ports import Closes, Drafter, Probes
from bot.services.fallback_drafter import FallbackDrafter
from bot.services.reply_templates import load_reply_templates
from bot.services.template_drafter import TemplateDrafter
from integrations.llm import OpenAIDrafter, connect
from integrations.llm.prompt import load_prompt
from tests.fakes.clock import FakeClock
from tests.fakes.openai_server import (
    CHAT,
    KEY,
    NAME,
    PROMPT,
    RESPONSES,
    FakeOpenAI,
    Fault,
    Speaks,
    a_request,
    drafting,
    running_openai,
)


@pytest.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    async with running_openai() as fake:
        yield fake


SENTENCES = {
    Fault.UNAUTHORIZED: "refused the key; check OPENAI_API_KEY",
    Fault.FORBIDDEN: "does not allow this key to use test-model",
    Fault.RATE_LIMITED: "its limit or budget is used up",
    Fault.NO_MODEL: "has no model test-model",
    Fault.BAD_TEMPERATURE: r"refused the request \(400\): Unsupported value: 'temperature'",
    Fault.TOO_LONG: r"refused the request \(400\): This prompt is too long for me",
    Fault.ECHOES_KEY: r"Authorization: Bearer \[hidden\]",
    Fault.SERVER_ERROR: r"has trouble of its own \(503\)",
    Fault.HANGS: "took longer than 0.1 seconds",
    Fault.DROPS: "cannot be reached; check base_url",
    Fault.HTML: "something that the protocol does not know",
    Fault.WRONG_SHAPE: "something that the protocol does not know",
    Fault.REFUSES: "it refused to write a reply",
    Fault.CUT: "used up its tokens",
    Fault.FILTERED: "content filter",
}


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("speaks", [Speaks.ALL, Speaks.SCHEMAS])
async def test_every_fault_is_one_sentence_without_the_key(
    server: FakeOpenAI, fault: Fault, speaks: Speaks
) -> None:
    server.speaks = speaks
    seconds = 0.1 if fault is Fault.HANGS else 20.0
    async with drafting(server, timeout_seconds=seconds) as drafter:
        if speaks is Speaks.SCHEMAS and fault is not Fault.HANGS:
            await drafter.draft(a_request())  # so that chat is asked at once
        server.fault = fault
        with pytest.raises(DraftingFailed, match=SENTENCES[fault]) as caught:
            await drafter.draft(a_request())
    says = str(caught.value)
    assert says.startswith("The model did not answer")
    assert says.endswith(".")
    assert "\n" not in says
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("fault", Fault)
async def test_no_fault_loses_the_item(server: FakeOpenAI, fault: Fault) -> None:
    server.fault = fault
    async with drafting(server, timeout_seconds=0.1 if fault is Fault.HANGS else 20.0) as model:
        drafter = FallbackDrafter(model, TemplateDrafter(load_reply_templates()))
        found = await drafter.draft(a_request())
    assert found.origin is DraftOrigin.TEMPLATE
    assert found.note.startswith("template en/product - the model did not answer")


async def test_nobody_listens(server: FakeOpenAI) -> None:
    server.url = "http://127.0.0.1:9/v1"
    async with drafting(server) as drafter:
        with pytest.raises(DraftingFailed, match=r"127\.0\.0\.1:9 cannot be reached"):
            await drafter.draft(a_request())


async def test_one_transient_failure_is_retried(server: FakeOpenAI) -> None:
    server.fault, server.faults_left = Fault.SERVER_ERROR, 1
    async with drafting(server, max_retries=1) as drafter:
        assert (await drafter.draft(a_request())).text
    assert server.paths == [RESPONSES, RESPONSES]


async def test_the_time_out_is_for_all_rungs_and_retries_together(server: FakeOpenAI) -> None:
    server.fault = Fault.HANGS
    began = time.monotonic()
    async with drafting(server, timeout_seconds=0.2, max_retries=1) as drafter:
        with pytest.raises(DraftingFailed, match=r"longer than 0\.2 seconds"):
            await drafter.draft(a_request())
    assert time.monotonic() - began < 5
    assert server.paths == [RESPONSES]


async def test_no_more_drafts_at_once_than_allowed(server: FakeOpenAI) -> None:
    server.release.clear()
    async with drafting(server, max_concurrency=2) as drafter, asyncio.TaskGroup() as group:
        tasks = [group.create_task(drafter.draft(a_request())) for _ in range(6)]
        await server.has_been_asked(2)
        server.release.set()
    assert len([task.result() for task in tasks]) == 6
    assert server.most_at_once == 2


# --- the breaker -------------------------------------------------------------------------------


async def fail(drafter: OpenAIDrafter, times: int) -> None:
    for _ in range(times):
        with pytest.raises(DraftingFailed):
            await drafter.draft(a_request())


async def test_after_five_failures_the_server_is_left_alone_for_two_minutes(
    server: FakeOpenAI,
) -> None:
    clock = FakeClock()
    server.fault = Fault.SERVER_ERROR
    async with drafting(server, clock=clock) as drafter:
        await fail(drafter, BREAKER_RULE.failures)
        server.asked.clear()
        with pytest.raises(DraftingFailed, match=r"not asked for 2 minutes \(120 s are left\)"):
            await drafter.draft(a_request())
        clock.advance(BREAKER_RULE.rest - 1)
        await fail(drafter, 1)
        assert server.asked == []

        clock.advance(1)
        server.fault = None
        assert (await drafter.draft(a_request())).text
        assert (await drafter.draft(a_request())).text


async def test_one_failed_trial_rests_again(server: FakeOpenAI) -> None:
    clock = FakeClock()
    server.fault = Fault.SERVER_ERROR
    async with drafting(server, clock=clock) as drafter:
        await fail(drafter, BREAKER_RULE.failures)
        clock.advance(BREAKER_RULE.rest)
        server.asked.clear()
        await fail(drafter, 3)
        assert len(server.asked) == 1


async def test_while_the_trial_runs_the_others_wait_their_turn(server: FakeOpenAI) -> None:
    clock = FakeClock()
    server.fault = Fault.SERVER_ERROR
    async with drafting(server, clock=clock) as drafter:
        await fail(drafter, BREAKER_RULE.failures)
        clock.advance(BREAKER_RULE.rest)
        server.fault = None
        server.asked.clear()
        server.release.clear()
        async with asyncio.TaskGroup() as group:
            trial = group.create_task(drafter.draft(a_request()))
            await server.has_been_asked(1)
            await fail(drafter, 2)
            server.release.set()
        assert trial.result().text
        assert len(server.asked) == 1


async def test_failures_far_apart_do_not_rest(server: FakeOpenAI) -> None:
    clock = FakeClock()
    server.fault = Fault.SERVER_ERROR
    async with drafting(server, clock=clock) as drafter:
        for _ in range(BREAKER_RULE.failures * 2):
            await fail(drafter, 1)
            clock.advance(BREAKER_RULE.within / 3)
    assert len(server.asked) == BREAKER_RULE.failures * 2


@pytest.mark.parametrize("fault", [Fault.REFUSES, Fault.TOO_LONG, Fault.FILTERED])
async def test_no_comment_can_silence_the_model_for_the_others(
    server: FakeOpenAI, fault: Fault
) -> None:
    server.fault = fault
    async with drafting(server) as drafter:
        await fail(drafter, BREAKER_RULE.failures * 2)
    assert len(server.asked) == BREAKER_RULE.failures * 2


# --- setting up, and asking whether it works -----------------------------------------------------


async def test_a_probe_asks_the_model_itself(server: FakeOpenAI) -> None:
    server.says = lambda asked: "Yes."
    async with drafting(server) as drafter:
        says = await drafter.probe()
    assert says.startswith("test-model at 127.0.0.1:")
    assert says.endswith(" answered in 0.0 s.")
    [asked] = server.asked
    assert (asked.path, asked.user) == (CHAT, "Are you there?")


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.HANGS, Fault.DROPS, Fault.HTML])
async def test_a_probe_says_what_is_wrong(server: FakeOpenAI, fault: Fault) -> None:
    server.fault = fault
    async with drafting(server, timeout_seconds=0.1 if fault is Fault.HANGS else 20) as drafter:
        with pytest.raises(DraftingFailed, match=SENTENCES[fault]):
            await drafter.probe()


async def test_a_drafter_is_what_the_ports_ask_for(server: FakeOpenAI) -> None:
    async with drafting(server) as found:
        drafter: Drafter = found
        assert isinstance(found, Probes)
        assert isinstance(found, Closes)
        host = server.url.split("/")[2]
        assert drafter.says == f"Drafts come from the model test-model at {host}."
        assert KEY not in repr(found) + str(vars(found)["_asking"])


async def test_a_server_of_ones_own_needs_no_key(server: FakeOpenAI) -> None:
    drafter = connect(
        api_key="",
        base_url=server.url,
        model="local",
        timeout_seconds=20.0,
        temperature=None,
        max_concurrency=1,
        prompt="draft.v1",
        breaker=LocalBreaker(time.monotonic),
    )
    assert (await drafter.draft(a_request())).note == f"local, {NAME}"
    await drafter.close()
    assert server.asked[0].headers["Authorization"] == "Bearer not-needed"


def test_no_key_and_no_address_is_said_before_anything_runs() -> None:
    with pytest.raises(ConfigurationError, match="Set OPENAI_API_KEY"):
        OpenAIDrafter(PROMPT, model="gpt-5-mini", breaker=LocalBreaker(time.monotonic))


@pytest.mark.parametrize("key", ["sk-ключ", "sk-12\n34", "Bearer sk-1"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigurationError, match="Copy it again") as caught:
        OpenAIDrafter(PROMPT, model="gpt-5-mini", api_key=key, breaker=LocalBreaker(time.monotonic))
    assert key not in str(caught.value)


@pytest.mark.parametrize("name", ["draft.v9", "../pyproject", "draft", "cues/en.v1", "x" * 200])
def test_an_unknown_prompt_is_said(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"such as draft\.v1"):
        load_prompt(name)


# --- the budget --------------------------------------------------------------------------------


async def test_when_the_tokens_of_the_day_are_used_up_the_model_rests_until_the_next(
    server: FakeOpenAI,
) -> None:
    clock = FakeClock()
    drafter = OpenAIDrafter(
        PROMPT,
        model="test-model",
        base_url=server.url,
        api_key=KEY,
        breaker=LocalBreaker(clock.monotonic),
        spending=LocalSpending(clock),
        daily_tokens=3,
    )
    server.speaks = Speaks.CHAT
    assert (await drafter.draft(a_request())).text
    assert (await drafter.draft(a_request())).text
    asked = len(server.asked)
    with pytest.raises(DraftingFailed, match="its 3 tokens of today are used up"):
        await drafter.draft(a_request())
    assert len(server.asked) == asked
    clock.advance(86_400)
    assert (await drafter.draft(a_request())).text
    await drafter.close()
