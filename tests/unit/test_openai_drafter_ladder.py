"""The ladder: every server is asked in the strictest way that it understands."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import DraftingFailed
from bot.model.draft import DraftOrigin
from integrations.llm.ladder import REMEMBERED_SECONDS, THINKING_TOKENS
from tests.fakes.clock import FakeClock
from tests.fakes.openai_server import (
    CHAT,
    NAME,
    RESPONSES,
    FakeOpenAI,
    Fault,
    Speaks,
    a_request,
    as_json,
    drafting,
    running_openai,
)


@pytest.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    async with running_openai() as fake:
        yield fake


async def test_a_full_server_is_asked_once_for_an_enforced_schema(server: FakeOpenAI) -> None:
    async with drafting(server) as drafter:
        found = await drafter.draft(a_request())
    assert found.text == "Thank you, we will look at it."
    assert found.origin is DraftOrigin.MODEL
    assert found.note == f"test-model, {NAME}"
    [asked] = server.asked
    assert (asked.path, asked.form) == (RESPONSES, "json_schema")
    assert asked.body["store"] is False
    assert asked.body["max_output_tokens"] == 400 + THINKING_TOKENS
    assert "temperature" not in asked.body


@pytest.mark.parametrize(
    ("speaks", "forms", "note"),
    [
        (Speaks.SCHEMAS, ["json_schema", "json_schema"], ""),
        (Speaks.OBJECTS, ["json_schema", "json_schema", "json_object"], ""),
        (Speaks.CHAT, ["json_schema", "json_schema", "json_object", ""], ", plain text"),
    ],
)
async def test_a_lesser_server_is_asked_in_plainer_ways_until_it_answers(
    server: FakeOpenAI, speaks: Speaks, forms: list[str], note: str
) -> None:
    server.speaks = speaks
    async with drafting(server) as drafter:
        found = await drafter.draft(a_request())
        assert found.text == "Thank you, we will look at it."
        assert found.note == f"test-model, {NAME}{note}"
        assert [asked.form for asked in server.asked] == forms
        assert server.paths == [RESPONSES] + [CHAT] * (len(forms) - 1)

        server.asked.clear()
        await drafter.draft(a_request())
        assert [asked.form for asked in server.asked] == forms[-1:]


async def test_the_rung_is_forgotten_after_an_hour(server: FakeOpenAI) -> None:
    clock = FakeClock()
    server.speaks = Speaks.SCHEMAS
    async with drafting(server, clock=clock) as drafter:
        await drafter.draft(a_request())
        clock.advance(REMEMBERED_SECONDS - 1)
        await drafter.draft(a_request())
        assert server.paths == [RESPONSES, CHAT, CHAT]
        server.speaks = Speaks.ALL
        clock.advance(1)
        await drafter.draft(a_request())
        assert server.paths[3:] == [RESPONSES]


async def test_a_remembered_rung_that_no_longer_serves_is_left_downwards(
    server: FakeOpenAI,
) -> None:
    server.speaks = Speaks.SCHEMAS
    async with drafting(server) as drafter:
        await drafter.draft(a_request())
        server.speaks = Speaks.CHAT
        server.asked.clear()
        await drafter.draft(a_request())
    assert [asked.form for asked in server.asked] == ["json_schema", "json_object", ""]


async def test_a_server_that_only_talks_is_taken_at_its_word_last(server: FakeOpenAI) -> None:
    server.speaks = Speaks.PROSE
    server.says = lambda asked: ' "Thank you for telling us." '
    async with drafting(server) as drafter:
        found = await drafter.draft(a_request())
    assert found.text == "Thank you for telling us."
    assert found.note.endswith(", plain text")
    assert [asked.form for asked in server.asked] == [
        "json_schema",
        "json_schema",
        "json_object",
        "",
    ]


@pytest.mark.parametrize(
    "said",
    [
        f"Sure! Here you go:\n```json\n{as_json('Thank you.')}\n```",
        f"<think>They want {{x}}. I should be kind.</think>\n{as_json('Thank you.')}",
        f"{as_json('Thank you.')} I hope that helps {{}}!",
        '{"text": "Thank you."}',
        '<think>{"text": "not this"}</think> {} {"text": "Thank you."}',
    ],
)
async def test_the_object_is_found_wherever_a_small_model_puts_it(
    server: FakeOpenAI, said: str
) -> None:
    server.speaks = Speaks.CHAT
    server.says = lambda asked: said
    async with drafting(server) as drafter:
        assert (await drafter.draft(a_request())).text == "Thank you."


@pytest.mark.parametrize(
    "said",
    ["Here is a polite reply:\nThank you.", "```\nThank you.\n```", "", "<think>Hm.</think>"],
)
async def test_talk_that_is_no_reply_is_no_draft(server: FakeOpenAI, said: str) -> None:
    server.speaks = Speaks.PROSE
    server.says = lambda asked: said
    async with drafting(server) as drafter:
        with pytest.raises(DraftingFailed, match=r"^The model did not answer"):
            await drafter.draft(a_request())


@pytest.mark.parametrize("said", ['{"text": "We are', '{"txt": "Hi"}', '{"text": 7}', "{" * 5000])
async def test_broken_json_is_no_reason_to_ask_in_a_plainer_way(
    server: FakeOpenAI, said: str
) -> None:
    server.says = lambda asked: said
    async with drafting(server) as drafter:
        with pytest.raises(DraftingFailed, match="cannot be read as a draft"):
            await drafter.draft(a_request())
    assert server.paths == [RESPONSES]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.UNAUTHORIZED,
        Fault.FORBIDDEN,
        Fault.RATE_LIMITED,
        Fault.NO_MODEL,
        Fault.BAD_TEMPERATURE,
        Fault.TOO_LONG,
        Fault.SERVER_ERROR,
        Fault.DROPS,
        Fault.REFUSES,
    ],
)
async def test_what_is_wrong_in_every_form_never_steps_down(
    server: FakeOpenAI, fault: Fault
) -> None:
    server.fault = fault
    async with drafting(server) as drafter:
        with pytest.raises(DraftingFailed):
            await drafter.draft(a_request())
    assert server.paths == [RESPONSES]


async def test_a_wrong_address_is_not_asked_four_times(server: FakeOpenAI) -> None:
    server.url = server.url.replace("/v1", "/elsewhere")
    async with drafting(server) as drafter:
        with pytest.raises(DraftingFailed, match="or is not an OpenAI-compatible server"):
            await drafter.draft(a_request())


async def test_a_temperature_is_sent_only_when_set(server: FakeOpenAI) -> None:
    async with drafting(server, temperature=0.3) as drafter:
        await drafter.draft(a_request())
        server.speaks = Speaks.CHAT
        await drafter.draft(a_request())
    assert [asked.body["temperature"] for asked in server.asked] == [0.3] * len(server.asked)
