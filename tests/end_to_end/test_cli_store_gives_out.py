"""A command whose store cannot be written in the middle of its work: one message, status 4 and nothing half."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest


def limited(cli, *words: str) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own that may make no file longer than a kilobyte."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from router.app.main import main; main()",
            "--config",
            str(cli.folder),
            "--json",
            *words,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)),
    )


@pytest.mark.parametrize(
    "words",
    [
        ("block", "13900000000", "--author", "li"),
        ("announce", "all", "--text", "维护中", "--until", "2099-01-01T00:00", "--author", "li"),
        ("apply", "--author", "li", "--reason", "x"),
    ],
    ids=lambda words: words[0],
)
def test_a_change_that_the_disk_does_not_take_is_told_and_leaves_nothing(cli, words):
    assert cli("block", "13800000000", "--author", "li").status == 0
    before = cli("history", "--json").json
    said = limited(cli, *words)
    assert said.returncode == 4, said.stderr
    error = json.loads(said.stdout)["error"]
    assert error["message"]
    assert error["cure"]
    assert "Traceback" not in said.stderr
    assert cli("history", "--json").json == before
    blocked = cli("resolve", "400-600-5678", "--from", "13900000000", "--at", "2026-10-12T10:00", "--json").json
    assert (blocked["reject"], blocked["rule"]) == (None, "default")
    assert cli("block", "13900000000", "--author", "li").status == 0
