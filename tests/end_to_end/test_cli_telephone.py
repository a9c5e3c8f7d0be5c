"""``line400 call`` as a telephone: prompts appear, keys are keys, silence is silence; on a terminal and by itself."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from ivr_flows.findings import Text
from router.app.telephone import HANG_UP, telephone
from router.book import RouteBook
from router.configuration import load
from router.record import CallRecord
from simulator.call import TestCall
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import run_virtual

from .test_cli_serve import MAIN, PATIENCE, process_environment

AT = 1_791_770_400.0


class Hand:
    """Keys at moments (seconds from the beginning), on a clock of its own."""

    def __init__(self, *keys: tuple[float, str]) -> None:
        self.keys = list(keys)
        self.clock = 0.0

    def now(self) -> float:
        return self.clock

    def key(self, seconds: float) -> str | None:
        if self.keys and self.keys[0][0] <= self.clock + seconds:
            moment, key = self.keys.pop(0)
            self.clock = max(self.clock, moment)
            return key
        self.clock += seconds
        return None


@pytest.fixture
def book(cli) -> RouteBook:
    configuration = load(cli.folder).configuration
    assert configuration is not None
    return RouteBook.compile(configuration, "files")


def dial(book: RouteBook, hand: Hand, to: str = "4006005678", agents: str = "none") -> tuple[CallRecord, list[str]]:
    shown: list[str] = []

    def show(text: Text) -> None:
        shown.append(text.zh)

    call = TestCall(to, "13800138000", AT, "by-hand")
    return telephone(book, call, AgentScript.parse(agents), TargetScript(), None, hand, show), shown


def test_keys_pressed_by_hand_walk_the_flow(book: RouteBook):
    record, shown = dial(book, Hand((1.0, "1"), (3.0, "7"), (3.5, "7"), (4.0, "#")))
    assert (list(record.path), record.pressed, record.outcome) == (["menu", "ask", "agent"], "1,77#", "queued")
    assert "🔊 咨询请按1，人工请按0。" in shown
    assert shown.count("[7]") == 2


def test_silence_takes_as_long_as_the_flow_says(book: RouteBook):
    hand = Hand()
    record, _ = dial(book, hand)
    script = run_virtual(book, TestCall("4006005678", "13800138000", AT, "by-script"), PressScript.parse(""))
    assert (list(record.path), record.pressed, record.outcome) == (list(script.path), script.pressed, script.outcome)
    assert record.duration_s == pytest.approx(script.duration_s)
    assert hand.clock == pytest.approx(script.duration_s)


@pytest.mark.parametrize("moment", [0.0, 0.5, 2.0, 4.0, 9.0])
def test_hanging_up_at_any_moment_ends_the_call(book: RouteBook, moment: float):
    record, shown = dial(book, Hand((moment, HANG_UP)))
    assert (record.outcome, record.hangup_by) == ("abandoned", "caller")
    assert record.duration_s == pytest.approx(moment)
    assert "☎ 您已挂机" in shown


def test_talking_to_an_agent(book: RouteBook):
    record, shown = dial(book, Hand((1.0, "0")), agents="answer:2:3")
    assert record.outcome == "answered"
    assert shown.index("♪ 在队列 default 中等待") < shown.index("☎ 对方已接听")


def test_a_number_that_does_not_connect_is_heard_as_its_tone(book: RouteBook):
    record, shown = dial(book, Hand(), to="4000001357")
    assert record.outcome == "no_route"
    assert shown == ["🔊 tone:unallocated"]


def test_a_terminal_is_a_telephone_and_is_given_back_as_it_was(cli, tmp_path: Path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "call", "4006005678", "--lang", "zh"],
        cwd=tmp_path,
        env=process_environment(TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    seen = b""
    try:
        while "人工请按0".encode() not in seen:
            seen += read(ours)
        os.write(ours, b"x1")
        while "单号".encode() not in seen:
            seen += read(ours)
        os.write(ours, b"h")
        while "计费".encode() not in seen:
            seen += read(ours)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    assert "主叫放弃" in seen.decode()
    assert "menu → ask" in seen.decode()


def read(handle: int) -> bytes:
    assert select.select([handle], [], [], PATIENCE)[0], "nothing more was shown"
    return os.read(handle, 65536)
