"""What stands between a start and the first webhook, and who is answered meanwhile."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from integrations.sandbox.hooks import signed_headers
from tests.benchmarks.subjects import Subject, demo, everything
from tests.e2e.deliveries import delivery
from tests.e2e.first_hook import HOOK_SECRET
from tests.e2e.process import START_SECONDS, running, surroundings

# A package stands for all that is in it.
FRONT_ENDS = ["handlers.console", "handlers.relay", "handlers.slack", "handlers.telegram", "jinja2"]
WORK = ["bot.workers", "bot.services.desk", "bot.services.triage_rules", "bot.services.language"]
NOT_CONFIGURED = [
    "alembic",  # a process of its own migrates
    "numpy",
    "prometheus_client",
    "psycopg",
    "py3langid",
    "redis",
    "rich",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy.dialects.postgresql",
    "structlog",
    "telegram",
]
LATER = [
    "bot.bootstrap.opening",
    "bot.bootstrap.rooms",
    "bot.bootstrap.working",
    "bot.cards.card",
    "bot.cards.pages",
    "bot.model.commands",
    "feedparser",
    "integrations.llm",
    "integrations.sandbox.pane",
    "integrations.sandbox.world",
    "openai",
    *FRONT_ENDS,
    *WORK,
    *NOT_CONFIGURED,
]
WITHOUT_A_HOOK = [
    f"integrations.{network}.connector" for network in ("bluesky", "mastodon", "rss", "wordpress")
]


def test_the_demo_answers_its_first_webhook_before_anything_else_is_loaded(tmp_path: Path) -> None:
    modules = asyncio.run(_modules("demo", tmp_path, {}))
    others = ["cryptography", "integrations.bluesky", "integrations.mastodon"]
    assert _loaded([*LATER, *others], modules) == []


def test_so_does_a_desk_on_which_everything_is_configured(tmp_path: Path) -> None:
    async def modules() -> frozenset[str]:
        async with everything(tmp_path) as subject:
            return await _modules("run", tmp_path, subject.environment)

    assert _loaded([*LATER, *WITHOUT_A_HOOK], asyncio.run(modules())) == []


async def test_whoever_connects_while_the_desk_is_loading_is_answered(tmp_path: Path) -> None:
    async with (
        demo(tmp_path) as subject,
        running(tmp_path, *subject.words, environment=subject.environment, name="waits") as process,
        aiohttp.ClientSession() as http,
    ):
        # the socket is the first thing that a start makes
        while (answer := await _answer(subject, http)) is None:
            assert process.is_alive, process.said
            assert process.age < START_SECONDS, process.said
            await asyncio.sleep(0.002)
        assert answer in {200, 503}, "503: until the desk has asked the network who it is there"
        page = await http.get(subject.hook.partition("/hooks/")[0] + "/")
        assert page.status == 200, "a page is waited for, and not refused"


async def _answer(subject: Subject, http: aiohttp.ClientSession) -> int | None:
    """The status of the answer to one webhook; None when the connection is refused."""
    body = delivery("Where is my parcel?")
    headers = signed_headers(HOOK_SECRET, int(time.time() * 1000), "d1", body)
    try:
        async with http.post(subject.hook, data=body, headers=headers) as answer:
            return answer.status
    except aiohttp.ClientConnectorError:
        return None


async def _modules(command: str, folder: Path, environment: Mapping[str, str]) -> frozenset[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.e2e.first_hook",
        command,
        cwd=folder,
        env=surroundings(environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 0, wrong.decode()
    told = json.loads(said)
    assert told["status"] == 200, told["status"]
    return frozenset(told["modules"])


def _loaded(names: Sequence[str], modules: frozenset[str]) -> list[str]:
    """Those of `names` that are among `modules`, or that hold one of them."""
    return [
        name for name in names if any(one == name or one.startswith(f"{name}.") for one in modules)
    ]
