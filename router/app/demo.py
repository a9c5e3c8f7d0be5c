"""What ``demo`` shows: a test call from the caller's telephone to the call record, over real FastAGI and AMI
connections, and an outbound attempt from the same number refused."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ivr_flows.findings import Text
from router.api import ApiServer
from router.asterisk.ami_codec import Message
from router.book import RouteBook
from router.configuration.init import Options, write_new
from router.model import ApiEndpoint
from router.number400 import Number400
from router.outbound import OutboundVerdict
from router.record import CallRecord
from router.resolution import Inbound
from simulator.call import TestCall
from simulator.carrier import Carrier, Translation
from simulator.embedded import Embedded
from simulator.parties import AgentScript
from simulator.script import NOTHING, Action, CallerScript

from .invocation import Invocation
from .loading import content_label, load_folder
from .moments import parse_time, show_time
from .presentation import show_call
from .problems import DONE, Problem, usage

CALLER = "13800138000"
TARGET = "13900139000"
MOMENT = "2026-10-12T10:00"
"""A Monday morning: inside the opening hours of nearly every company, the same on every run."""
EXAMPLE = Options(company="示例科技", number="400-800-1234", base_number="010-88880001", carrier="telecom")
AGENTS = AgentScript("answer", after_s=3.0, talk_s=6.0)
WATCHED_SPEED = 4.0
UNWATCHED_SPEED = 20.0
_SHOWN_EVENTS = {
    "Newchannel": ("Channel", "Exten"),
    "QueueCallerJoin": ("Queue", "Position"),
    "AgentConnect": ("Queue", "Interface"),
    "Hangup": ("Channel", "Cause"),
    "Cdr": ("Destination", "Disposition"),
}

_ROUTINE = ("GET VARIABLE", "SET VARIABLE", "CHANNEL STATUS")
"""FastAGI commands that say nothing about the call."""

Show = Callable[[str, str], None]


@contextmanager
def demo_configuration(invocation: Invocation, *, named: bool) -> Iterator[Path]:
    """The configuration folder; an example of its own where there is none and none was ``named``."""
    if named or invocation.config.exists():
        yield invocation.config
        return
    with tempfile.TemporaryDirectory(prefix="line400-demo-") as folder:
        write_new(Path(folder) / "config", EXAMPLE)
        yield Path(folder) / "config"


async def run_demo(invocation: Invocation, folder: Path, at: str | None, *, stay: bool) -> int:
    """Show it all; with ``stay`` the status page stays up until it is interrupted. Raises `Problem`."""
    configuration = load_folder(invocation, folder)
    book = RouteBook.compile(configuration, content_label(configuration.files))
    number, moment = _number_and_moment(book, at)
    call = TestCall(Number400.parse(number).grouped, CALLER, moment, "demo-1")
    translation = Carrier(book).translate(call.to, call.caller, call.at, call.call_id)
    started = time.monotonic()
    seen: list[dict[str, str]] = []

    def show(who: str, what: str) -> None:
        seen.append({"who": who, "what": what})
        invocation.line(f"{time.monotonic() - started:6.2f} s  {who:<8} {what}")
        invocation.out.flush()

    async with Embedded(book, moment, speed=WATCHED_SPEED if stay else UNWATCHED_SPEED) as embedded:
        router = embedded.router
        assert router is not None
        api = ApiServer(router, ApiEndpoint(port=0))
        await api.start()
        try:
            _introduce(invocation, embedded, api, translation, call, show)
            embedded.embedded_switch.core.bus.add(_EventPrinter(show))
            record = await embedded.place(call, _Listening(invocation, show), AGENTS)
            invocation.line()
            if not invocation.json:
                show_call(invocation, record, book.zone)
                invocation.line()
            verdict = await _outbound(invocation, embedded, number, show)
            if invocation.json:
                invocation.document(_document(invocation, record, verdict, book, seen))
            if stay:
                await _stay(invocation, api)
        finally:
            await api.stop()
    return DONE if record.fault is None and not verdict.allowed else 1


def _number_and_moment(book: RouteBook, at: str | None) -> tuple[str, float]:
    """A number that can be reached: one that runs Welcome if there is one, at the moment asked for, else at a fixed
    one, else now. Raises `Problem` where no number can be reached."""
    moments = [parse_time(at, book.zone)] if at else [parse_time(MOMENT, book.zone), time.time()]
    for moment in moments:
        reached = [
            (resolution.flow != "welcome", index, number)
            for index, number in enumerate(book.numbers())
            for resolution in [book.resolve(Inbound(number, CALLER, moment))]
            if resolution.flow is not None and resolution.fault is None and resolution.reject is None
        ]
        if reached:
            return min(reached)[2], moment
    raise usage(
        "no-number",
        Text("No number of this configuration can be reached.", "该配置中没有可接通的号码。"),
        Text(
            "Bind one: line400 bind NUMBER --flow welcome --line LINE",
            "请绑定：line400 bind 号码 --flow welcome --line 线路",
        ),
    )


def _introduce(
    invocation: Invocation, embedded: Embedded, api: ApiServer, translation: Translation, call: TestCall, show: Show
) -> None:
    router = embedded.router
    assert router is not None
    say = invocation.say
    zone = embedded.book.zone
    moment = show_time(call.at, zone)
    show(
        "router",
        say(Text(f"FastAGI on 127.0.0.1:{router.fastagi_port}", f"FastAGI 监听 127.0.0.1:{router.fastagi_port}")),
    )
    ami = f"127.0.0.1:{embedded.switch.ami_port}"
    show("switch", say(Text(f"embedded, AMI on {ami}, router logged in", f"内置交换机，AMI {ami}，路由已登录")))
    show("router", say(Text(f"status page {api.url}", f"状态页 {api.url}")))
    show(
        "caller",
        say(Text(f"{call.caller} dials {call.to}, it is {moment}", f"{call.caller} 拨打 {call.to}，时间 {moment}")),
    )
    header = f"{translation.header[0]}: {translation.header[1]}" if translation.header else "-"
    landed = f"{translation.base_number} ({translation.line})"
    show("carrier", say(Text(f"translates it to base number {landed}", f"翻译为底号 {landed}")))
    show("carrier", say(Text(f"original called number: {header}", f"原被叫号码：{header}")))


async def _outbound(invocation: Invocation, embedded: Embedded, number: str, show: Show) -> OutboundVerdict:
    """Ask the live AMI link for a call that presents the 400 number: it is judged and never sent."""
    router = embedded.router
    assert router is not None
    assert embedded.store is not None
    store = embedded.store
    say = invocation.say
    show("router", say(Text(f"asked to call {TARGET} from {number}", f"被请求以 {number} 外呼 {TARGET}")))

    async def audit(verdict: OutboundVerdict, from_: str, channel: str) -> None:
        await store.audit(
            "demo", "outbound_refused", from_, router.clock.now(), verdict.code, None, {"channel": channel}
        )

    verdict, _ = await router.link.originate(channel=f"Local/{TARGET}@line400", from_=number, audit=audit)
    message = say(verdict.message)
    if verdict.allowed:
        raise Problem(1, "outbound-not-refused", Text("The call was not refused.", "该外呼没有被拒绝。"))
    show("policy", say(Text(f"REFUSED [{verdict.code}] {message}", f"已拒绝 [{verdict.code}] {message}")))
    show("policy", verdict.reference or "")
    show(
        "router",
        say(Text("nothing was sent to the switch; the refusal is audited", "未向交换机发送任何内容；已写入审计")),
    )
    return verdict


def _document(
    invocation: Invocation,
    record: CallRecord,
    verdict: OutboundVerdict,
    book: RouteBook,
    seen: Sequence[dict[str, str]],
) -> dict[str, Any]:
    return {
        "call": record.as_json(book.zone, invocation.language),
        "outbound": verdict.as_json(invocation.language),
        "events": list(seen),
    }


async def _stay(invocation: Invocation, api: ApiServer) -> None:
    invocation.line()
    invocation.line(
        invocation.say(
            Text(f"The router stays up: {api.url}  Ctrl-C ends.", f"路由继续运行：{api.url}  按 Ctrl-C 结束。")
        )
    )
    invocation.out.flush()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        invocation.line()


class _EventPrinter:
    """Shows the events of the switch that tell the story, as its manager sessions get them."""

    def __init__(self, show: Show) -> None:
        self._show = show

    def wants(self, classes: frozenset[str]) -> bool:
        return True

    def event(self, message: Message, encoded: bytes, classes: frozenset[str]) -> None:
        name = message.get("Event")
        if name == "AGIExecStart":
            command = message.get("Command")
            if not command.startswith(_ROUTINE):
                self._show("FastAGI", command)
            return
        fields = _SHOWN_EVENTS.get(name)
        if fields is not None:
            self._show("switch", f"{name} " + " ".join(f"{field}={message.get(field)}" for field in fields))


class _Listening(CallerScript):
    """A caller who listens, presses nothing, and tells what is heard."""

    watches = True

    def __init__(self, invocation: Invocation, show: Show) -> None:
        self._say = invocation.say
        self._show = show

    def heard(self, text: str, at: float, seconds: float) -> Sequence[Action]:
        self._show("caller", self._say(Text(f"hears “{text}”", f"听到“{text}”")))
        return NOTHING

    def queued(self, queue: str, at: float) -> Sequence[Action]:
        self._show("caller", self._say(Text(f"waits in queue {queue}", f"进入队列 {queue}")))
        return NOTHING

    def talking(self, at: float) -> Sequence[Action]:
        self._show("caller", self._say(Text("talks to an agent", "与座席通话")))
        return NOTHING
