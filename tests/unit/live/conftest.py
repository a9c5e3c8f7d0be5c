"""A score: what is written on the wire, what comes back, what AMI tells meanwhile, line by line.

> ANSWER                      the command that must be written
< 200 result=0                its reply
< HANGUP                      the notice, before or behind a reply
< EOF                         the connection ends
! AgentConnect MemberName=1001  an AMI event of the channel
+ 5                           seconds pass
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ivr_flows.commands import Command
from ivr_flows.results import Event, Result
from router.asterisk.agi_codec import HangupNotice, Reply, ReplyParser
from router.asterisk.driver import LiveDriver
from router.asterisk.fastagi import AgiChannel, CallerGone
from router.asterisk.live_call import LiveCall
from router.asterisk.prompts import Catalogue
from router.clock import Clock
from router.model import Line, Trunk

T0 = 1_790_000_000.0
LINE = Line("bj-unicom", "01088880001", "unicom-bj")
OTHER = Line("sh-telecom", "02188880002", "telecom-sh")


class Stopped(Clock):
    """A clock that moves only when a score says so."""

    def __init__(self) -> None:
        super().__init__(start=T0)
        self.moment = T0

    def now(self) -> float:
        return self.moment


class ScoreConnection:
    """What an `AgiChannel` writes to, played from a score."""

    def __init__(self, score: str, clock: Stopped) -> None:
        self.lines = [line.strip() for line in score.strip().splitlines() if line.strip()]
        self.clock = clock
        self.call: LiveCall | None = None
        self.hung_up = False
        self.closed = False
        self.parser = ReplyParser()

    async def command(self, line: bytes, within: float | None) -> Reply:
        if self.closed:
            raise CallerGone("closed")
        written = line.decode().rstrip("\n")
        self._pass_time_and_events()
        assert self.lines, f"unexpected: {written}"
        assert f"> {written}" == self.lines.pop(0)
        reply: Reply | None = None
        while self.lines and (reply is None or self.lines[0] == "< HANGUP") and not self.lines[0].startswith("> "):
            answer = self._step()
            reply = answer if answer is not None else reply
        if self.closed:
            raise CallerGone("hangup" if self.hung_up else "closed")
        assert reply is not None, f"the score has no reply to {written}"
        if reply.code == 511:
            self.hung_up = True
            raise CallerGone("hangup")
        return reply

    def leave(self, line: bytes) -> None:
        assert f"> {line.decode().rstrip(chr(10))}" == self.lines.pop(0)
        self.closed = True

    def finish(self) -> None:
        self._pass_time_and_events()
        assert self.lines == [], "the score was not played to its end"

    def _pass_time_and_events(self) -> None:
        while self.lines and self.lines[0][0] in "!+":
            self._step()

    def _step(self) -> Reply | None:
        mark, _, rest = self.lines.pop(0).partition(" ")
        if mark == "+":
            self.clock.moment += float(rest)
        elif mark == "!":
            name, *pairs = rest.split(" ")
            assert self.call is not None
            self.call.ami_event({"Event": name, **dict(pair.split("=", 1) for pair in pairs)})
        elif rest == "EOF":
            self.closed = True
        else:
            answer = self.parser.line(rest.encode())
            if not isinstance(answer, HangupNotice):
                return answer
            self.hung_up = True
        return None


class Performed:
    """The results of a score, and what was observed on the way."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.observed: list[Event] = []

    @property
    def result(self) -> Any:
        return self.results[-1]

    @property
    def facts(self) -> list[str]:
        """Observed events as short texts: type, fields, seconds since the start."""
        shown = []
        for event in self.observed:
            fields = [getattr(event, name) for name in event.__slots__ if name != "at"]
            shown.append(" ".join([type(event).__name__, *map(str, fields), f"@{event.at - T0:g}"]))
        return shown


async def play_score(
    score: str,
    *commands: Command,
    line: Line | None = LINE,
    caller: str | None = "13800138000",
    trunks: dict[str, Trunk] | None = None,
    test: bool = False,
    manager: Any = None,
    limited: bool = False,
    **driver_options: Any,
) -> Performed:
    """Perform ``commands`` one after the other against ``score``, which must be played exactly to its end."""
    clock = Stopped()
    connection = ScoreConnection(score, clock)
    done = Performed()
    call = LiveCall(
        AgiChannel({"agi_uniqueid": "1.1", "agi_channel": "PJSIP/t-1"}, connection),  # type: ignore[arg-type]
        clock,
        Catalogue(),
        call_id="c-1",
        line=line,
        caller=caller,
        lines={LINE.name: LINE, OTHER.name: OTHER},
        trunks=trunks or {LINE.trunk: Trunk(LINE.trunk), OTHER.trunk: Trunk(OTHER.trunk)},
        observe=done.observed.append,
        manager=manager,
        test=test,
    )
    connection.call = call
    call.channel.limited = limited
    driver = LiveDriver(call, **driver_options)
    for command in commands:
        done.results.append(await driver.perform(command))
    connection.finish()
    return done


@pytest.fixture
def perform() -> Callable[..., Awaitable[Performed]]:
    """`play_score`."""
    return play_score
