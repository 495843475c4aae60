"""The command line through its front door: exit codes, sentences, and no stack words."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.commands import COMMANDS
from bot.store.run_lock import Part, RunLock
from bot.store.vault import create_key_file
from tests.patience import PATIENCE
from tests.unit.cli_case import CONFIG, Desk, Said

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_on_the_reference_page(desk: Desk, command: str) -> None:
    section = PAGE.partition(f"\n## `replydesk {command}`\n")[2].partition("\n## ")[0]
    assert section, f"docs/reference/commands.md has no heading for {command}"
    options = set(re.findall(r"(?<![\w-])--[a-z-]+", desk.run(command, "--help").out))
    for option in options - {"--help", "--config"}:
        assert f"`{option}" in section


def test_the_reference_page_names_no_command_that_does_not_exist() -> None:
    assert set(re.findall(r"(?m)^## `replydesk ([a-z-]+)`$", PAGE)) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_text_is_a_sentence(desk: Desk, command: str) -> None:
    said = desk.run(command, "--help")
    assert said.code == 0
    assert COMMANDS[command].says.endswith(".")
    assert " ".join(COMMANDS[command].says.split()) in " ".join(said.out.split())


@pytest.mark.parametrize("words", [(), ("bogus",), ("run", "--bogus"), ("export",)])
def test_a_wrong_command_line_ends_with_2(desk: Desk, words: tuple[str, ...]) -> None:
    said = desk.run(*words)
    assert said.code == 2
    assert "usage: replydesk" in said.err


@pytest.mark.parametrize(
    "command",
    ["run", "migrate", "accounts", "console-token bob", "export audit", "forget somebody"],
)
def test_without_a_file_a_command_says_how_to_get_one(desk: Desk, command: str) -> None:
    said = desk.run(*command.split())
    assert said.code == 2
    assert "replydesk init" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("command", ["run", "migrate", "accounts", "export audit"])
def test_a_misspelt_key_stops_a_command_before_it_does_anything(desk: Desk, command: str) -> None:
    desk.write(CONFIG.replace("port =", "prot ="))
    said = desk.run(*command.split())
    assert said.code == 2
    assert "replydesk.toml:desk:prot: there is no such key; did you mean port?" in said.err
    assert [path.name for path in desk.folder.iterdir()] == ["replydesk.toml"]


def test_the_configuration_can_be_named_before_and_after_the_command(desk: Desk) -> None:
    desk.write(CONFIG, "other.toml")
    assert desk.run("--config", "other.toml", "migrate").code == 0
    assert desk.run("migrate", "--config", "other.toml").code == 0
    assert desk.run("migrate").code == 2


def test_a_second_run_on_one_file_is_refused(desk: Desk) -> None:
    desk.write(CONFIG)
    desk.run("migrate")
    # in another process: one process never excludes itself
    with RunLock(desk.folder / ".replydesk" / "desk.db", Part.ALL):
        said = subprocess.run(
            [sys.executable, "-m", "bot", "run"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert said.returncode == 1
    assert said.stderr.startswith("replydesk: replydesk is already running on ")
    assert "Traceback" not in said.stderr


def test_migrating_twice_changes_nothing_more(desk: Desk) -> None:
    desk.write(CONFIG)
    assert "was set up with schema" in desk.run("migrate").out
    assert "nothing was changed" in desk.run("migrate").out


def test_accounts_before_the_first_start_says_what_is_missing(desk: Desk) -> None:
    desk.write(CONFIG)
    said = desk.run("accounts")
    assert said.code == 1
    assert "replydesk migrate" in said.err


def test_accounts_are_listed_as_they_are(settled: Desk) -> None:
    said = settled.run("accounts")
    assert said.code == 0
    head, row = said.out.splitlines()
    assert re.split(r"\s{2,}", head) == [
        "ACCOUNT",
        "NETWORK",
        "NAME",
        "STATE",
        "LAST HEARD",
        "TROUBLE",
    ]
    assert re.split(r"\s{2,}", row)[:4] == ["acme/blog", "rss", "(not verified yet)", "live"]


def test_a_console_link_is_printed_with_its_address(settled: Desk) -> None:
    said = settled.run("console-token", "bob")
    assert said.code == 0
    assert re.match(r"http://127\.0\.0\.1:8000/sign-in\?token=[\w-]{43}\n", said.out)


def test_a_console_link_for_nobody_names_who_there_is(settled: Desk) -> None:
    said = settled.run("console-token", "eve")
    assert said.code == 1
    assert "It knows alice, bob, olga" in said.err


def test_a_console_link_needs_an_address(desk: Desk) -> None:
    desk.write(CONFIG.replace("port = 8000", "port = 0"))
    said = desk.run("console-token", "bob")
    assert (said.code, "public_url" in said.err) == (2, True)


def test_an_export_can_be_verified_and_a_change_is_named(settled: Desk) -> None:
    settled.run("console-token", "bob")
    said = settled.run("export", "audit", "--out", "audit.jsonl")
    assert (said.code, said.out) == (0, "Wrote 1 sealed rows to audit.jsonl.\n")
    assert settled.run("export", "audit", "--verify", "audit.jsonl").code == 0
    assert "All 1 sealed rows are sound" in settled.run("export", "audit", "--verify").out
    file = settled.folder / "audit.jsonl"
    file.write_bytes(file.read_bytes().replace(b"console_link", b"console_lin_"))
    said = settled.run("export", "audit", "--verify", "audit.jsonl")
    assert said.code == 1
    assert "sealed row 1 does not fit its seal" in said.err


def test_an_export_never_replaces_a_file(settled: Desk) -> None:
    (settled.folder / "audit.jsonl").write_text("mine", encoding="utf-8")
    assert settled.run("export", "audit", "--out", "audit.jsonl").code == 2
    assert (settled.folder / "audit.jsonl").read_text("utf-8") == "mine"


def test_an_export_to_standard_output_is_the_file(settled: Desk) -> None:
    settled.run("console-token", "bob")
    head, row, tail = map(json.loads, settled.run("export", "audit").out.splitlines())
    assert (head["rows"], row["action"]) == (1, "console_link_issued")
    assert "digest" in tail


def test_forgetting_asks_and_no_is_no(settled: Desk) -> None:
    settled.say("no")
    said = settled.run("forget", "fan.example")
    assert said.code == 1
    assert "fan.example (Fanny Fan) on rss, blog: 1 item" in said.out
    assert said.out.endswith("Nothing was erased.\n")
    assert settled.run("forget", "fan.example", "--yes").code == 0


def test_forgetting_says_what_it_erased(settled: Desk) -> None:
    settled.say("yes")
    said = settled.run("forget", "@fan.example")
    assert said.code == 0
    assert "Erased the author's name, 1 item, 0 drafts and 0 replies" in said.out
    assert settled.run("forget", "@fan.example").code == 1


@pytest.mark.parametrize(
    "words", [("forget", "nobody", "--yes"), ("forget", "fan.example", "--account", "x", "--yes")]
)
def test_forgetting_somebody_unknown_erases_nothing(settled: Desk, words: tuple[str, ...]) -> None:
    said = settled.run(*words)
    assert (said.code, "Nothing was erased" in said.err) == (1, True)


def test_forgetting_without_anybody_to_ask_erases_nothing(settled: Desk) -> None:
    said = settled.run("forget", "fan.example")
    assert (said.code, "nothing was changed" in said.err) == (2, True)
    assert settled.run("forget", "fan.example", "--yes").code == 0


def replayed(desk: Desk, *lines: str) -> Said:
    path = desk.folder / "comments.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return desk.run("replay", "comments.jsonl")


def test_a_replay_shows_label_reasons_and_draft_and_keeps_nothing(desk: Desk) -> None:
    said = replayed(desk, '{"text": "My order never arrived, I want a refund!", "author": "Ann"}')
    assert said.code == 0
    assert "Complaint, refund, delivery (en, negative, normal); needs a reply" in said.out
    assert '- Wants money back: "refund"' in said.out
    assert re.search(r"Draft: .*Ann", said.out)
    assert [path.name for path in desk.folder.iterdir()] == ["comments.jsonl"]


def test_a_replay_drafts_nothing_where_no_reply_is_needed(desk: Desk) -> None:
    assert "Draft: (none: no reply is needed)" in replayed(desk, '{"text": "Thanks!"}').out


def test_a_replay_tells_of_bad_lines_and_goes_on(desk: Desk) -> None:
    said = replayed(
        desk, "nope", "", '{"txt": 1}', '"text"', '{"text": "Thank you!"}', "[" * 100_000
    )
    assert said.code == 1
    assert [line for line in said.err.splitlines() if "comments.jsonl" in line] == [
        "replydesk: comments.jsonl, line 1: it is not JSON and was left out.",
        'replydesk: comments.jsonl, line 3: it has no "text" and was left out.',
        'replydesk: comments.jsonl, line 4: it has no "text" and was left out.',
        "replydesk: comments.jsonl, line 6: it is not JSON and was left out.",
    ]
    assert "1 comments; nothing was stored or sent." in said.out


def test_a_replayed_text_cannot_move_the_cursor(desk: Desk) -> None:
    text = json.dumps({"text": "hi\x1b[2J\u202e \ud800 \x07", "author": "\x1b]0;x\x07"})
    said = replayed(desk, text)
    assert said.code == 0
    assert not any(character in said.out for character in "\x1b\x07\u202e")


def test_a_replay_of_no_file_says_so(desk: Desk) -> None:
    assert "cannot be read: No such file" in desk.run("replay", "nothing.jsonl").err


def test_a_fault_of_our_own_is_one_sentence_after_the_log(
    settled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise ZeroDivisionError("a fault")

    monkeypatch.setattr(sys, "stdout", Broken())
    said = settled.run("accounts")
    assert said.code == 1
    assert said.err.splitlines()[-1].startswith("replydesk: replydesk stopped because of a fault")


def test_a_reader_that_goes_away_is_no_fault(
    settled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(io.TextIOWrapper):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with (settled.folder / "out").open("wb") as file:
        monkeypatch.setattr(sys, "stdout", Gone(file, encoding="utf-8"))
        said = settled.run("accounts")
    assert (said.code, said.err) == (1, "")


def test_a_key_file_is_found_where_the_page_puts_it(desk: Desk) -> None:
    desk.write(CONFIG)
    assert "warn  key" in desk.run("check").out
    create_key_file(desk.folder / ".replydesk" / "key")
    assert "ok    key" in desk.run("check").out
