"""An allowed outbound call reaches the switch by its trunk and presents the base number of its line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from router.clock import Clock
from simulator.parties import TargetScript
from simulator.switch import SwitchLine, VirtualSwitch

SECRET = "a-secret-of-the-test"


@dataclass
class RunningSwitch:
    """A switch in a thread of its own, so that the command line meets it as another process would."""

    port: int = 0
    called: list[str] = field(default_factory=list)


@pytest.fixture
def switch() -> Iterator[RunningSwitch]:
    running = RunningSwitch()
    ready, done = threading.Event(), threading.Event()

    def answer(number: str) -> TargetScript:
        running.called.append(number)
        return TargetScript("answer", 0.1, 0.1)

    async def serve() -> None:
        lines = [SwitchLine("bj", "01088880001", "bj")]
        async with VirtualSwitch(Clock(0.0, 50.0), lines, "", {"line400": SECRET}, {}, targets=answer) as switch:
            running.port = switch.ami_port
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield running
    done.set()
    thread.join(30)


def test_it_is_placed_over_the_trunk_of_the_line_it_presents(cli, switch):
    settings = cli.folder / "line400.yaml"
    settings.write_text(settings.read_text() + f"asterisk: {{ ami_port: {switch.port} }}\n")
    said = cli("originate", "--from", "010-88880001", "--to", "139-0013-9000", "--json", LINE400_AMI_SECRET=SECRET)
    assert (said.status, said.json["allowed"]) == (0, True), said.err
    assert "over trunk bj, presenting 01088880001" in said.err
    assert switch.called == ["13900139000"]


def test_a_number_of_no_line_has_no_trunk_to_leave_by(cli, switch):
    settings = cli.folder / "line400.yaml"
    settings.write_text(settings.read_text() + f"asterisk: {{ ami_port: {switch.port} }}\n")
    said = cli("originate", "--from", "0755-88880001", "--to", "13900139000", LINE400_AMI_SECRET=SECRET)
    assert said.status == 4
    assert "No line has the base number 075588880001" in said.err
    assert switch.called == []


def test_a_wrong_secret_is_told_without_showing_it(cli, switch):
    settings = cli.folder / "line400.yaml"
    settings.write_text(settings.read_text() + f"asterisk: {{ ami_port: {switch.port} }}\n")
    said = cli("originate", "--from", "010-88880001", "--to", "13900139000", LINE400_AMI_SECRET="guessed-wrong")
    assert said.status == 4
    assert "guessed-wrong" not in said.err + said.out
