"""`replydesk check`: each thing that a run needs, how it is, and what to do."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.redis_server import RedisServer
from tests.services import free_port
from tests.unit.cli_case import CONFIG, Desk

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Tea news</title>
<link>http://127.0.0.1/</link><description>d</description></channel></rss>"""


class Answers(BaseHTTPRequestHandler):
    """A feed for who asks for one, and a blog that knows no password."""

    def do_GET(self) -> None:
        if self.path.endswith(".xml"):
            self._answer(200, "application/rss+xml", FEED)
            return
        refusal = {"code": "rest_not_logged_in", "message": "You are not logged in."}
        self._answer(401, "application/json", json.dumps(refusal).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def account(network: str, slug: str, **own: str) -> str:
    lines = "\n".join(f"{key} = {value}" for key, value in own.items())
    return f'[[brands.accounts]]\nslug = "{slug}"\nnetwork = "{network}"\n{lines}\n'


def lines(desk: Desk, about: str) -> list[str]:
    said = desk.run("check").out
    return [line for line in said.splitlines() if line[6:].startswith(f"{about} ")]


def test_a_good_configuration_passes(desk: Desk, site: str) -> None:
    desk.write(CONFIG + account("rss", "news", url=f'"{site}/feed.xml"'))
    said = desk.run("check")
    assert said.code == 0, said.out
    levels = {line[6:16].strip(): line[:5].strip() for line in said.out.splitlines()[:-1]}
    assert levels["config"] == levels["disk"] == levels["policies"] == levels["drafts"] == "ok"
    assert levels["news"] == "ok"
    assert "Cannot reply: " in said.out
    assert "Everything that a run needs is there" in said.out
    assert not (desk.folder / ".replydesk").exists()


def test_a_policy_that_the_team_can_never_satisfy_fails_with_the_sum(desk: Desk) -> None:
    desk.write(CONFIG + '[policies.post]\nrole = "admin"\nneeded = 2\n')
    assert desk.run("check").code == 1
    [line] = lines(desk, "policies")
    assert "A post needs 2 of role admin or above, but Acme" in line
    assert line.startswith("fail")


def test_a_risk_that_is_for_nobody_known_fails_and_names_the_slug(desk: Desk) -> None:
    desk.write(CONFIG + '[brands.risks.legal]\npeople = ["nobody"]\nchannel = "nowhere"\n')
    assert desk.run("check").code == 1
    unknown_member, unknown_channel = lines(desk, "risks")
    assert "names nobody, which is no member of it" in unknown_member
    assert "names nowhere, which is no channel of it" in unknown_channel


def test_the_admins_are_named_and_a_team_without_one_is_told(desk: Desk) -> None:
    desk.write(CONFIG)
    desk.run("check")
    assert [line[17:] for line in lines(desk, "team")] == ["Admin of Acme: Alice."]
    desk.write(CONFIG.replace('"admin"', '"manager"'))
    [line] = lines(desk, "team")
    assert line.startswith("warn")
    assert "Acme has no admin in the configuration" in line


def test_whoever_is_told_alone_what_waits_is_named_with_where(desk: Desk) -> None:
    wanted = '"admin"\nslack = "U034CD5EF"\ntelegram = 7\ndirect = true\n[telegram]'
    desk.write(CONFIG.replace('"admin"', wanted))
    _admin, missing, there = lines(desk, "team")
    assert missing.startswith("warn")
    assert "Alice has direct messages in slack, which has no table in the file" in missing
    assert "What waits for a yes of Alice comes to them alone too, in telegram." in there
    assert "In Telegram they write to the bot once first." in there


def test_every_problem_of_the_configuration_is_a_line(desk: Desk) -> None:
    desk.write(CONFIG.replace("port = 8000", 'port = "x"\nhots = 1'))
    said = desk.run("check")
    assert said.code == 1
    failed = [line for line in said.out.splitlines() if line.startswith("fail")]
    assert len(failed) == 2
    assert "did you mean host?" in failed[1]


def test_a_missing_secret_is_named(desk: Desk, site: str) -> None:
    password = '{ env = "BLOG_PASSWORD" }'
    desk.write(
        CONFIG
        + account("wordpress", "blog", url=f'"{site}"', user='"x"', application_password=password)
    )
    (line,) = lines(desk, "blog")
    assert line == (
        "fail  blog       application_password is not there: set the environment variable "
        "BLOG_PASSWORD, then check again."
    )


def test_a_wrong_token_fails_with_the_networks_sentence(
    desk: Desk, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLOG_PASSWORD", "wrong-password-1")
    password = '{ env = "BLOG_PASSWORD" }'
    desk.write(
        CONFIG
        + account("wordpress", "blog", url=f'"{site}"', user='"x"', application_password=password)
    )
    said = desk.run("check")
    assert said.code == 1
    assert any(line.startswith("fail  blog       WordPress: ") for line in said.out.splitlines())
    assert "wrong-password-1" not in said.out + said.err


def test_a_network_that_is_down_fails_and_the_rest_is_still_checked(desk: Desk, site: str) -> None:
    dead = f"http://127.0.0.1:{free_port()}/feed.xml"
    desk.write(
        CONFIG
        + account("rss", "dead", url=f'"{dead}"')
        + account("rss", "news", url=f'"{site}/feed.xml"')
    )
    said = desk.run("check")
    assert said.code == 1
    starts = [line[:16].split() for line in said.out.splitlines()]
    assert ["fail", "dead"] in starts
    assert ["ok", "news"] in starts


def test_a_taken_port_is_a_warning(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        desk.write(CONFIG.replace("8000", str(taken.getsockname()[1])))
        (line,) = lines(desk, "port")
    assert line.startswith("warn")
    assert "is taken" in line


def test_a_host_of_another_machine_fails(desk: Desk) -> None:
    desk.write(CONFIG.replace("port =", 'host = "192.0.2.1"\nport ='))
    (line,) = lines(desk, "port")
    assert line.startswith("fail")


def test_an_unknown_prompt_fails(desk: Desk) -> None:
    desk.write('[drafts]\nprompt = "draft.v9"\n' + CONFIG)
    assert any(line.startswith("fail") for line in lines(desk, "drafts"))


def test_the_model_without_a_key_fails_and_says_what_to_set(desk: Desk) -> None:
    desk.write('[drafts]\ndrafter = "openai"\n' + CONFIG)
    assert "OPENAI_API_KEY" in lines(desk, "drafts")[0]
    assert lines(desk, "drafts")[0].startswith("fail")


def test_a_hook_where_none_are_sent_is_a_warning(desk: Desk, site: str) -> None:
    desk.write(CONFIG + account("rss", "news", url=f'"{site}/feed.xml"', hook='"h"'))
    assert any("sends no webhooks" in line for line in lines(desk, "news"))


def test_a_database_that_is_none_of_ours_fails(desk: Desk) -> None:
    desk.write(CONFIG)
    (desk.folder / ".replydesk").mkdir()
    (desk.folder / ".replydesk" / "desk.db").write_bytes(b"not a database" * 1000)
    (line,) = lines(desk, "database")
    assert line.startswith("fail")


def test_another_package_that_owns_a_name_is_named_with_the_remedy(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "elsewhere"
    (other / "handlers").mkdir(parents=True)
    (other / "handlers" / "__init__.py").touch()
    info = other / "handyman-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: handyman\nVersion: 1.0\n")
    (info / "RECORD").write_text("handlers/__init__.py,,\nhandyman-1.0.dist-info/RECORD,,\n")
    monkeypatch.syspath_prepend(str(other))
    desk.write(CONFIG)
    said = desk.run("check")
    assert said.code == 1
    assert "fail  names      handyman also owns the package `handlers`" in said.out
    assert "pipx install replydesk" in said.out


@pytest.mark.redis
def test_a_redis_that_answers_is_named_with_its_version(
    desk: Desk, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    desk.write(CONFIG)
    (line,) = lines(desk, "redis")
    assert re.fullmatch(
        rf"ok    redis      Redis [\d.]+ at 127\.0\.0\.1:{redis_server.port} answered in \d+ ms\.",
        line,
    )


def test_a_redis_that_does_not_answer_is_to_know_about_and_no_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("REDIS_URL", f"redis://:pass-word-3@127.0.0.1:{port}/0")
    desk.write(CONFIG)
    assert lines(desk, "redis") == [
        f"warn  redis      Redis at 127.0.0.1:{port} cannot be reached. See that it runs and that "
        "REDIS_URL is right. The desk runs without it, slower."
    ]


def test_a_desk_without_redis_is_not_asked_about_one(desk: Desk) -> None:
    desk.write(CONFIG)
    assert lines(desk, "redis") == []
