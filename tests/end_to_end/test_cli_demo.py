"""``line400 demo`` and ``call --on switch``: the live code over real connections, without a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .test_cli_serve import MAIN, PATIENCE, get, line400, process_environment
from .test_cli_telephone import read

AT = "--at=2026-10-12T10:00"
TOLD_APART = {"call_id", "started", "answered", "ended", "duration_s", "billable_minutes", "seed", "revision", "agent"}


def test_the_demo_shows_a_call_its_record_and_a_refusal(tmp_path: Path):
    done = line400("demo", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    call = said["call"]
    assert (call["called"], call["base_number"], call["called_by"]) == ("4008001234", "01088880001", "dialled")
    assert (call["path"], call["outcome"], call["fault"]) == (["greeting", "admit"], "answered", None)
    assert (said["outbound"]["allowed"], said["outbound"]["code"]) == (False, "outbound_400")
    told = [f"{event['who']} {event['what']}" for event in said["events"]]
    order = [
        "carrier translates",
        "switch Newchannel",
        "FastAGI ANSWER",
        "caller hears",
        "switch Cdr",
        "policy REFUSED",
    ]
    places = [next(index for index, line in enumerate(told) if line.startswith(part)) for part in order]
    assert places == sorted(places)
    assert list(tmp_path.iterdir()) == []


def test_the_demo_uses_the_configuration_that_is_there(cli, tmp_path: Path):
    done = line400("demo", "--lang", "zh", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "已拒绝 [outbound_400]" in done.stdout
    assert "欢迎致电示例科技" in done.stdout
    assert not (tmp_path / "var").exists()
    assert line400("demo", "--config", "nowhere", cwd=tmp_path).returncode == 2
    assert line400("demo", "--at", "never", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "argv",
    [
        ["400-800-1234", "--agents", "answer:2:3"],
        ["400-600-5678", "--press", ",1,77#", "--from", "13800138000"],
        ["400-600-5678", "--press", "h"],
        ["400-800-1234", "--from", "13900000000"],
        ["400-000-1357"],
    ],
    ids=["answered", "keys", "hang-up", "rejected", "unbound"],
)
def test_a_call_on_the_switch_agrees_with_virtual_time(cli, argv: list[str]):
    virtual = cli("call", *argv, AT, "--json").json
    switch = cli("call", *argv, AT, "--on", "switch", "--json")
    assert switch.status == 0
    kept = {key: value for key, value in switch.json.items() if key not in TOLD_APART}
    assert kept == {key: value for key, value in virtual.items() if key not in TOLD_APART}
    assert [record["test"] for record in cli("cdr", "--json").json] == [True, True]


def test_scenarios_on_the_switch(cli):
    said = cli("test", "--on", "switch", "--json")
    assert (said.status, said.json["passed"]) == (0, 1)


def test_on_a_terminal_the_demo_stays_up_until_ctrl_c(tmp_path: Path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import os, fcntl, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); {MAIN}",
            "demo",
        ],
        cwd=tmp_path,
        env=process_environment(TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    seen = ""
    try:
        while "Ctrl-C ends" not in seen:
            seen += read(ours).decode(errors="replace")
        found = re.search(r"stays up: (http://\S+)", seen)
        assert found is not None
        assert get(found[1] + "healthz")[0] == 200
        os.write(ours, b"\x03")
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        err = process.communicate()[1]
        os.close(ours)
    assert err == b""
