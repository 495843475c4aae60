"""The configuration file: what it says, what beats it, and every way to get it wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, HttpUrl

from bot.config import NetworkModels, Settings, SettingsRefused, demo_options, load
from bot.errors import ConfigurationError
from bot.model.account import SecretRef
from bot.model.approval import ApprovalPolicy, ApprovalSubject
from bot.model.member import Role
from bot.model.triage import Risk

TEAM = """
[[brands]]
slug = "acme"
name = "Acme"
[[brands.members]]
slug = "olga"
name = "Olga"
role = "agent"
[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"
"""
BLOG = """
[[brands.accounts]]
slug = "blog"
network = "blog"
url = "https://blog.example.com"
password = { env = "BLOG_PASSWORD" }
"""


class BlogSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    password: SecretRef
    user: str = "bot"
    tags: tuple[str, ...] = ()


NETWORKS = NetworkModels(("blog", "wire"), {"blog": BlogSettings}.__getitem__)


def read(
    folder: Path, text: str, environment: Mapping[str, str] | None = None, name: str = "desk.toml"
) -> Settings:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load(path, NETWORKS, environment or {})


def problems(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsRefused) as refused:
        read(folder, text, environment)
    found = [str(problem) for problem in refused.value.problems]
    assert all(line.strip() in str(refused.value) for line in found)
    return found


def test_what_the_file_leaves_out_has_its_default(tmp_path: Path) -> None:
    settings = read(tmp_path, TEAM)
    assert settings.desk.port == 8000
    assert settings.desk.undo_seconds == 10
    assert settings.desk.database_url == f"sqlite:///{tmp_path}/.replydesk/desk.db"
    assert settings.desk.data_dir == tmp_path / ".replydesk"
    assert settings.policies.in_force() == {
        ApprovalSubject.REPLY: ApprovalPolicy(1, Role.APPROVER, False),
        ApprovalSubject.POST: ApprovalPolicy(1, Role.MANAGER, True),
    }
    assert settings.drafts.api_key == SecretRef(env="OPENAI_API_KEY")
    assert settings.brands[0].languages == ("en",)


def test_the_file_beats_the_defaults(tmp_path: Path) -> None:
    text = '[desk]\nport = 9000\nundo_seconds = 0\n[policies.reply]\nrole = "manager"\n'
    settings = read(tmp_path, text + TEAM)
    assert settings.desk.port == 9000
    assert settings.desk.undo_seconds == 0
    assert settings.policies.reply.policy == ApprovalPolicy(1, Role.MANAGER, False)


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    text = (
        '[desk]\nport = 9000\ndatabase_url = "sqlite:///one.db"\n[drafts]\nbase_url = "http://a"\n'
    )
    environment = {
        "PORT": "0",
        "DATABASE_URL": "postgresql://desk:pass-word-1@db/desk",
        "REDIS_URL": "rediss://:pass-word-2@redis:6380/1?ssl_ca_certs=/etc/ca.pem",
        "OPENAI_BASE_URL": "http://127.0.0.1:4010/v1",
    }
    settings = read(tmp_path, text + TEAM, environment)
    assert settings.desk.port == 0
    assert settings.desk.database_url == environment["DATABASE_URL"]
    assert settings.drafts.base_url == environment["OPENAI_BASE_URL"]
    assert settings.desk.redis_url == environment["REDIS_URL"]
    assert "pass-word" not in repr(settings)


@pytest.mark.parametrize(
    "address", ["redis://127.0.0.1", "redis://[::1]:6380/3", "unix:///run/redis.sock?db=2"]
)
def test_every_usual_spelling_of_a_redis_is_understood(tmp_path: Path, address: str) -> None:
    settings = read(tmp_path, f'[desk]\nredis_url = "{address}"\n{TEAM}')
    assert settings.desk.redis_url == address


def test_what_is_wrong_with_the_redis_of_the_environment_is_said_of_the_environment(
    tmp_path: Path,
) -> None:
    (problem,) = problems(tmp_path, TEAM, {"REDIS_URL": "http://localhost:6379"})
    assert problem.startswith("environment:REDIS_URL: write an address such as redis://")


def test_an_empty_variable_beats_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "[desk]\nport = 9000\n" + TEAM, {"PORT": ""}).desk.port == 9000


def test_an_account_keeps_its_networks_own_keys(tmp_path: Path) -> None:
    _, account = read(tmp_path, TEAM + BLOG).accounts[0]
    assert account.settings == {
        "url": "https://blog.example.com",
        "password": {"env": "BLOG_PASSWORD"},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[desk]\nprot = 1\n", "desk.toml:desk:prot: there is no such key; did you mean port?"),
        (
            "[dekk]\nport = 1\n",
            "desk.toml:dekk: there is no such key; did you mean desk?",
        ),
        (
            '[desk]\nport = "8000"\n',
            "desk.toml:desk:port: write a whole number without quotes; this is text.",
        ),
        (
            "[desk]\nport = 80.5\n",
            "desk.toml:desk:port: write a whole number without quotes; this is a number.",
        ),
        ("[desk]\nport = 70000\n", "desk.toml:desk:port: it must be at most 65535."),
        ("[desk]\nundo_seconds = -1\n", "desk.toml:desk:undo_seconds: it must be at least 0."),
        ("[desk]\nhost = 5\n", "desk.toml:desk:host: write text in quotes; this is a number."),
        (
            "[desk]\nmetrics_public = 1\n",
            "desk.toml:desk:metrics_public: write true or false without quotes; this is a number.",
        ),
        (
            '[desk]\nallowed_hosts = "a.example"\n',
            "desk.toml:desk:allowed_hosts: write a list in square brackets; this is text.",
        ),
        ("desk = 3\n", "desk.toml:desk: write a table; this is a number."),
        (
            '[desk]\nlog_level = "inof"\n',
            "desk.toml:desk:log_level: 'inof' is none of debug, info, warning, error; "
            "did you mean info?",
        ),
        (
            '[policies.post]\nrole = "managr"\n',
            "desk.toml:policies.post:role: 'managr' is none of viewer, agent, approver, manager, "
            "admin; did you mean manager?",
        ),
        (
            '[desk]\npublic_url = "desk.example.com"\n',
            "desk.toml:desk:public_url: write a whole address that begins with https:// or http://.",
        ),
        (
            '[desk]\nredis_url = "localhost:6379"\n',
            "desk.toml:desk:redis_url: write an address such as redis://host:6379/0, or rediss:// "
            "for one that is encrypted.",
        ),
        (
            '[desk]\nredis_url = "redis://localhost/one"\n',
            "desk.toml:desk:redis_url: end the address with the number of a database, for example "
            "/0.",
        ),
        (
            '[desk]\nredis_url = "redis://localhost?socket_timeout=9"\n',
            "desk.toml:desk:redis_url: after the question mark of the address only db, "
            "ssl_ca_certs, ssl_cert_reqs, ssl_check_hostname may stand.",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert problems(tmp_path, text + TEAM) == [expected]


def _brand(old: str, new: str) -> str:
    assert old in TEAM + BLOG
    return (TEAM + BLOG).replace(old, new)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            _brand('name = "Acme"', 'name = "Acme"\nzone = "Europe/Bucarest"'),
            "desk.toml:brands[acme]:zone: there is no time zone of this name; did you mean "
            "Europe/Bucharest?",
        ),
        (
            _brand('name = "Acme"', 'name = "Acme"\nlanguages = ["english"]'),
            "desk.toml:brands[acme].languages[1]: write a language as two small letters, for "
            "example en.",
        ),
        (
            _brand('role = "agent"', ""),
            "desk.toml:brands[acme].members[olga]:role: this key is missing; add it.",
        ),
        (
            _brand('slug = "olga"', 'slug = "Olga B"'),
            "desk.toml:brands[acme].members[Olga B]:slug: use 1 to 60 small letters, digits, - and "
            "_, beginning with a letter.",
        ),
        (
            _brand('network = "blog"', 'network = "blgo"'),
            "desk.toml:brands[acme].accounts[blog]:network: 'blgo' is none of blog, wire; did you "
            "mean blog?",
        ),
        (
            _brand("password = {", 'pasword = "x"\npassword = {'),
            "desk.toml:brands[acme].accounts[blog]:pasword: there is no such key; did you mean "
            "password?",
        ),
        (
            _brand("network =", 'hok = "x"\nnetwork ='),
            "desk.toml:brands[acme].accounts[blog]:hok: there is no such key; did you mean hook?",
        ),
        (
            _brand("https://blog.example.com", "blog"),
            "desk.toml:brands[acme].accounts[blog]:url: write a whole address that begins with "
            "https://.",
        ),
        (
            TEAM + BLOG + BLOG,
            "desk.toml:brands[acme].accounts:slug: blog is used 2 times; give each a slug of its "
            "own.",
        ),
        (
            _brand("network =", 'hook = "h"\nnetwork =')
            + BLOG.replace('"blog"\nnetwork =', '"two"\nhook = "h"\nnetwork ='),
            "desk.toml:brands[acme].accounts[two]:hook: /hooks/blog/h belongs to another account "
            "already.",
        ),
        ("", "desk.toml:brands: add at least one [[brands]] table."),
    ],
)
def test_a_wrong_brand_is_named_with_what_to_write(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert problems(tmp_path, text) == [expected]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = '[desk]\nprot = 1\nkey = "abc"\n' + _brand("https://blog", "blog") + "[drafts]\nx = 1\n"
    found = problems(tmp_path, text, {"PORT": "http"})
    assert {line.split(": ")[0] for line in found} == {
        "desk.toml:desk:prot",
        "desk.toml:desk:key",
        "desk.toml:brands[acme].accounts[blog]:url",
        "desk.toml:drafts:x",
        "environment:PORT",
    }


def test_a_wrong_variable_is_blamed_and_not_the_file(tmp_path: Path) -> None:
    found = problems(tmp_path, TEAM, {"PORT": "70000", "OPENAI_BASE_URL": "localhost"})
    assert found == [
        "environment:PORT: it must be at most 65535.",
        "environment:OPENAI_BASE_URL: write a whole address that begins with https:// or http://.",
    ]


def test_a_solo_team_lifts_the_second_person_for_both(tmp_path: Path) -> None:
    settings = read(tmp_path, "[policies]\nsolo_team = true\n[policies.post]\nneeded = 1\n" + TEAM)
    assert [one.four_eyes for one in settings.policies.in_force().values()] == [False, False]


def test_a_solo_team_with_four_eyes_contradicts_itself(tmp_path: Path) -> None:
    text = "[policies]\nsolo_team = true\n[policies.reply]\nfour_eyes = true\n"
    (found,) = problems(tmp_path, text + TEAM)
    assert "policies.reply:four_eyes: true asks for a second person" in found


def test_a_risk_has_a_policy_of_its_own(tmp_path: Path) -> None:
    text = '[policies.risks.legal]\nneeded = 2\nalone = "manager"\n'
    policies = read(tmp_path, text + TEAM).policies.in_force()
    assert policies[Risk.LEGAL] == ApprovalPolicy(2, Role.APPROVER, False, Role.MANAGER)
    assert Risk.SAFETY not in policies


def test_whoever_suffices_alone_is_one_of_those_that_count(tmp_path: Path) -> None:
    text = '[policies.risks.legal]\nrole = "manager"\nalone = "approver"\n'
    (found,) = problems(tmp_path, text + TEAM)
    assert "alone must be manager or a role above it" in found


def test_a_manager_may_approve_what_an_agent_wrote(tmp_path: Path) -> None:
    settings = read(tmp_path, "[policies.post]\nneeded = 1\nfour_eyes = true\n" + TEAM)
    assert settings.policies.post.policy == ApprovalPolicy(1, Role.MANAGER, True)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"replydesk init.*replydesk demo"):
        load(tmp_path / "replydesk.toml", NETWORKS, {})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    unreadable = tmp_path / "desk.toml"
    unreadable.mkdir()
    with pytest.raises(ConfigurationError, match=r"desk\.toml cannot be read: "):
        load(unreadable, NETWORKS, {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[desk]\nport = 1\nname = \xff\n", r"line 3, is not UTF-8"),
        (b"[desk]\nport = \n", r"is not TOML: .*line 2"),
        (b"x" * 1024 * 1024 + b"xx", r"larger than 1 MiB"),
        (b"a = " + b"[" * 100_000, r"nested too deeply|is not TOML"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_with_its_line(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "desk.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=sentence):
        load(path, NETWORKS, {})


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEAM.encode())
    assert load(path, NETWORKS, {}).brands[0].slug == "acme"


def test_hosts_of_the_console_are_loopback_and_what_is_named(tmp_path: Path) -> None:
    text = '[desk]\npublic_url = "https://desk.example.com/"\nallowed_hosts = ["Desk.local"]\n'
    desk = read(tmp_path, text + TEAM).desk
    assert set(desk.host_names) == {
        "localhost",
        "127.0.0.1",
        "[::1]",
        "::1",
        "desk.local",
        "desk.example.com",
    }
    assert desk.console_url == "https://desk.example.com"


@pytest.mark.parametrize(
    ("port", "variable", "expected"),
    [(None, "", None), (None, "8123", 8123), (9000, "8123", 9000), (None, "0", None)],
)
def test_the_demo_takes_its_port_from_the_command_then_the_environment(
    port: int | None, variable: str, expected: int | None
) -> None:
    options = demo_options(port, open_browser=False, environment={"PORT": variable})
    assert (options.port, options.open_browser) == (expected, False)


def test_the_demo_refuses_a_variable_that_is_no_port() -> None:
    with pytest.raises(ConfigurationError, match="PORT is not a number"):
        demo_options(None, open_browser=True, environment={"PORT": "http"})


@pytest.mark.parametrize(
    ("answer", "lease", "refused"), [(6, 5, True), (30, 30, True), (4, 5, False)]
)
def test_a_lease_must_outlast_the_request_made_under_it(
    tmp_path: Path, answer: int, lease: int, refused: bool
) -> None:
    text = f"[desk]\nanswer_seconds = {answer}\nlease_seconds = {lease}\n" + TEAM
    if refused:
        (complaint,) = problems(tmp_path, text)
        assert "desk.toml:desk:answer_seconds" in complaint
        assert f"not shorter than desk.lease_seconds ({lease})" in complaint
    else:
        assert read(tmp_path, text).desk.lease_seconds == lease
