"""The command line where its streams are not what they should be: closed, full, read by nobody, in another encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from router.app.main import run

ENTRY = "from router.app.main import main; main()"


def started(cli, redirection: str, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``line400`` as a process of its own behind a shell's ``redirection``; a terminal is nowhere."""
    words = [sys.executable, "-c", ENTRY, "--config", str(cli.folder), "--lang", "en", *argv]
    script = f'exec "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", script, "sh", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("redirection", "argv", "status"),
    [
        (">&-", ["resolve", "4008001234", "--no-store", "--json"], 0),
        (">&-", ["--version"], 0),
        (">&-", ["resolve", "4009998888", "--no-store"], 1),
        ("2>&-", ["chekc"], 2),
        ("<&-", ["call", "4008001234", "--no-store", "--quiet"], 0),
        ("<&- >&- 2>&-", ["check", "--at=2026-10-12"], 0),
    ],
)
def test_a_closed_stream_changes_no_status(cli, redirection: str, argv: list[str], status: int):
    said = started(cli, redirection, *argv)
    assert (said.returncode, said.stderr if "2>" not in redirection and status < 2 else "") == (status, "")
    assert not (cli.folder.parent / "var" / "line400-failure.log").exists()


def test_a_reader_who_leaves_is_no_failure(cli):
    """As `line400 --help | head -1`: the reader is gone before the text is out."""
    for argv in (["--help"], ["call", "--help"], ["resolve", "4008001234", "--no-store"], ["check", "--json"]):
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as nobody:
            said = subprocess.run(
                [sys.executable, "-c", ENTRY, "--config", str(cli.folder), *argv],
                stdin=subprocess.DEVNULL,
                stdout=nobody,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        assert (said.returncode, said.stderr) == (0, ""), argv


def test_a_full_disk_is_named(cli):
    said = started(cli, ">/dev/full", "resolve", "4008001234", "--no-store", "--json")
    assert said.returncode == 4
    assert "No space left on device" in said.stderr
    assert "running" not in said.stderr


def test_words_in_another_encoding_than_the_locale_are_read_as_utf_8(cli):
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    said = started(cli, "", "announce", "all", "--text", "系统维护", "--until", "+1h", "--json", **plain)
    assert (said.returncode, json.loads(said.stdout)["text"]) == (0, "系统维护")


@pytest.mark.parametrize(
    "argv",
    [
        ["announce", "all", "--text", "a\udcff", "--until", "+1h"],
        ["announce", "all", "--text", "a", "--until", "+1h", "--reason", "\udcff"],
        ["block", "13800138000", "--author", "\udcff"],
    ],
)
def test_words_that_are_no_text_are_refused(cli, argv: list[str]):
    said = cli(*argv, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "not-text")
    assert cli("announce", "--list", "--json").json == {"announcements": [], "blocks": []}


def test_a_very_long_word_is_shown_in_short(capsys: pytest.CaptureFixture[str]):
    for argv in (["1" * 100_000], ["--lang", "1" * 100_000, "check"], ["check", "--at", "1" * 100_000]):
        assert run(argv, {}) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert len(err) < 1000
