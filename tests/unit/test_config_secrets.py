"""Secrets in the configuration: named, never written, never shown."""

from __future__ import annotations

import io
import traceback
from pathlib import Path

import pytest

from bot import logs
from bot.config import (
    Secret,
    SettingsRefused,
    load,
    resolve,
    resolve_all,
    resolve_if_set,
    sealing_key,
    secrets_of,
    settings_for,
)
from bot.config.settings import DeskSettings
from bot.errors import ConfigurationError
from bot.model.account import SecretRef
from tests.unit.test_config import BLOG, NETWORKS, TEAM, BlogSettings

LITERALS = [
    "abcd-efgh-ijkl-mnop",
    "sk-proj-1234567890abcdef",
    "xoxb-12345-67890-abcdef",
    "hunter2",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
]


@pytest.mark.parametrize("secret", LITERALS)
@pytest.mark.parametrize(
    "place",
    [
        "{team}[[brands.accounts]]\nslug='b'\nnetwork='blog'\nurl='https://b'\npassword='{secret}'",
        "[desk]\nkey = '{secret}'\n{team}",
        "[drafts]\napi_key = '{secret}'\n{team}",
        "[drafts]\napi_key = ['{secret}']\n{team}",
        "[desk]\ndatabase_url = 'postgresql://desk:{secret}@db/desk'\n{team}",
        "[desk]\nredis_url = 'redis://:{secret}@redis/0'\n{team}",
        "{team}[[brands.accounts]]\nslug='b'\nnetwork='blog'\nurl='https://u:{secret}@b'\n"
        "password={{ env = 'A' }}",
    ],
)
def test_a_literal_secret_is_refused_without_being_printed(
    tmp_path: Path, place: str, secret: str
) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(place.format(team=TEAM, secret=secret), encoding="utf-8")
    with pytest.raises(SettingsRefused) as refused:
        load(path, NETWORKS, {})
    shown = "".join(traceback.format_exception(refused.value))
    assert secret not in shown
    assert "environment variable" in shown or "leave the password out" in shown


@pytest.mark.parametrize("secret", [LITERALS[0], LITERALS[1], LITERALS[2], LITERALS[4]])
@pytest.mark.parametrize("kind", ["env", "file"])
def test_a_secret_in_the_place_of_its_name_is_not_printed_either(
    tmp_path: Path, kind: str, secret: str
) -> None:
    path = tmp_path / "desk.toml"
    text = f"{TEAM}{BLOG}".replace('env = "BLOG_PASSWORD"', f'{kind} = "{secret}"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsRefused) as refused:
        load(path, NETWORKS, {})
    shown = "".join(traceback.format_exception(refused.value))
    assert secret not in shown
    assert '{ env = "NAME" }' in shown


@pytest.mark.parametrize(
    "line", ["[desk]\nsk-proj-1234567890abcdef = 1\n", '[desk]\nport = "sk-1234567890abcdef"\n']
)
def test_a_secret_in_a_wrong_place_is_not_repeated(tmp_path: Path, line: str) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(line + TEAM, encoding="utf-8")
    with pytest.raises(SettingsRefused) as refused:
        load(path, NETWORKS, {})
    assert "1234567890" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("{ evn = 'A' }", "evn: there is no such key; did you mean env?"),
        ("{ env = 'A', file = 'b' }", 'write either { env = "NAME" } or { file = "path" }.'),
        ("{ }", 'write either { env = "NAME" } or { file = "path" }.'),
        ("{ env = '' }", "write text in quotes."),
        ("{ vault = 'x' }", "vault: there is no such key here; the keys are env, file."),
    ],
)
def test_a_reference_must_name_one_place(tmp_path: Path, written: str, sentence: str) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(f"[desk]\nkey = {written}\n{TEAM}", encoding="utf-8")
    with pytest.raises(SettingsRefused) as refused:
        load(path, NETWORKS, {})
    (problem,) = refused.value.problems
    assert str(problem).endswith(sentence)


def test_a_secret_comes_from_the_environment_without_white_space() -> None:
    assert resolve(SecretRef(env="TOKEN"), {"TOKEN": " abc \n"}) == "abc"


def test_a_secret_file_is_read_again_at_every_call(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("first\n", encoding="utf-8")
    ref = SecretRef(file=str(path))
    assert resolve(ref) == "first"
    path.write_text("second\n", encoding="utf-8")
    assert resolve(ref) == "second"


def test_a_relative_secret_file_lies_beside_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    text = (TEAM + BLOG).replace('env = "BLOG_PASSWORD"', 'file = "secrets/blog"')
    path.write_text(text, encoding="utf-8")
    _, account = load(path, NETWORKS, {}).accounts[0]
    settings = settings_for(account.settings, BlogSettings)
    assert settings.password == SecretRef(file=str(tmp_path / "secrets" / "blog"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xff\xfe", "is not text"),
        (b"x" * 70_000, "too large"),
    ],
)
def test_a_secret_file_without_a_secret_is_named(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=sentence) as raised:
        resolve(SecretRef(file=str(path)))
    assert str(path) in str(raised.value)


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(ConfigurationError, match="The environment variable TOKEN is not set"):
        resolve(SecretRef(env="TOKEN"), {"TOKEN": " "})


def test_what_one_may_lack_is_none(tmp_path: Path) -> None:
    assert resolve_if_set(SecretRef(env="TOKEN"), {}) is None
    assert resolve_if_set(SecretRef(file=str(tmp_path / "nothing"))) is None


def test_a_resolved_secret_is_in_no_repr() -> None:
    secret = resolve(SecretRef(env="TOKEN"), {"TOKEN": "abc-def-ghi"})
    assert isinstance(secret, Secret)
    assert "abc-def-ghi" not in repr({"token": secret})


def test_a_resolved_secret_is_hidden_in_logs() -> None:
    resolve(SecretRef(env="TOKEN"), {"TOKEN": "correct horse battery"})
    stream = io.StringIO()
    logs.configure("info", "json", stream)
    logs.get_logger("test").info("sent", body="it was correct horse battery")
    assert "horse" not in stream.getvalue()


def test_the_secrets_of_a_network_are_resolved_by_field() -> None:
    settings = settings_for(
        {"url": "https://b", "password": {"env": "BLOG_PASSWORD"}}, BlogSettings
    )
    assert secrets_of(settings) == {"password": SecretRef(env="BLOG_PASSWORD")}
    assert resolve_all(settings, {"BLOG_PASSWORD": "pw-1"}) == {"password": "pw-1"}


def test_the_second_pass_names_the_account_and_all_its_problems() -> None:
    with pytest.raises(SettingsRefused) as refused:
        settings_for({"ulr": "x", "password": "pw"}, BlogSettings, where="accounts[blog]")
    assert [str(problem) for problem in refused.value.problems] == [
        "replydesk.toml:accounts[blog]:password: a secret may not stand in the file; put it into "
        'an environment variable and write { env = "NAME" }.',
        "replydesk.toml:accounts[blog]:url: this key is missing; add it.",
        "replydesk.toml:accounts[blog]:ulr: there is no such key; did you mean url?",
    ]


def test_the_sealing_key_is_looked_for_in_three_places(tmp_path: Path) -> None:
    desk = DeskSettings(data_dir=tmp_path)
    assert sealing_key(desk, {}) is None
    (tmp_path / "key").write_text("from-file", encoding="utf-8")
    assert sealing_key(desk, {}) == "from-file"
    assert sealing_key(desk, {"REPLYDESK_KEY": "from-environment"}) == "from-environment"
    named = DeskSettings(data_dir=tmp_path, key=SecretRef(env="MY_KEY"))
    with pytest.raises(ConfigurationError, match="MY_KEY is not set"):
        sealing_key(named, {"REPLYDESK_KEY": "from-environment"})
