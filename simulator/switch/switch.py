"""`VirtualSwitch`: an Asterisk without a telephone network, for test calls over real connections."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from router.asterisk.live_call import SoundMaker
from router.asterisk.preferred import queue_on_switch
from router.clock import Clock
from router.model import QueueSpec, Trunk
from simulator.parties import AgentScript, TargetScript
from simulator.script import SILENT, CallerScript

from .agi_client import AgiLimits
from .ami_actions import ACTIONS
from .ami_server import AmiLimits, AmiServer
from .caller import ScriptedCaller
from .calls import Refused, SwitchCall
from .channel import RING, Channel
from .core import CONTEXT, Core, log
from .dialplan import LineDialplan
from .queues import QueueRuntime
from .sounds import Sounds
from .spec import AgentBehaviour, AmiUser, Prompts, RefusedLeg, SwitchLine, TargetBehaviour

DEFAULT_HEADER_ORDER: tuple[str, ...] = ("p-called-party-id", "history-info", "diversion", "to")
UNKNOWN_NUMBER_CAUSE, CONGESTION_CAUSE = 1, 34
_DEFAULT_AGENTS, _DEFAULT_TARGETS = AgentScript(), TargetScript()
_DEFAULT_AMI, _DEFAULT_AGI = AmiLimits(), AgiLimits()
_DEFAULT_BOXES: Mapping[str, float] = {"general": 120.0}


def _ignore(refused: RefusedLeg) -> None:
    """Nobody audits."""


class VirtualSwitch:
    """A switch that speaks AMI as a server and FastAGI as a client, as Asterisk 22 does.

    ``lines`` are found by the base number that a call dials. ``agi_url`` is the router (``agi://host:port/inbound``);
    it may be changed while the switch runs, for later calls. ``ami_users`` are secrets by name, or `AmiUser`.
    ``prompts`` are read when a file is played, so a catalogue that grows is fine. ``queues`` by name; ``default`` and
    the box ``general`` always exist. ``trunks`` bound how many calls a trunk carries and say where it carries the
    number originally called. ``on_refused`` is told of every outbound leg refused because it presents a 400 number.
    All waiting is on ``clock``, all chance from ``seed``.
    """

    def __init__(
        self,
        clock: Clock,
        lines: Iterable[SwitchLine],
        agi_url: str,
        ami_users: Mapping[str, str | AmiUser],
        prompts: Prompts,
        queues: Mapping[str, QueueSpec] | None = None,
        agents: AgentBehaviour = _DEFAULT_AGENTS,
        targets: TargetBehaviour = _DEFAULT_TARGETS,
        seed: int = 0,
        *,
        trunks: Mapping[str, Trunk] | None = None,
        boxes: Mapping[str, float] | None = None,
        spool: Path | None = None,
        on_refused: Callable[[RefusedLeg], None] = _ignore,
        host: str = "127.0.0.1",
        port: int = 0,
        ami_limits: AmiLimits = _DEFAULT_AMI,
        agi_limits: AgiLimits = _DEFAULT_AGI,
    ) -> None:
        self.agi_url = agi_url
        self.speak: SoundMaker | None = None
        self.agi_limits = agi_limits
        self.core = Core(
            clock=clock,
            rng=random.Random(seed),  # noqa: S311 - simulated chance
            sounds=Sounds(prompts),
            agents=agents,
            targets=targets,
            lines={line.base_number: line for line in lines},
            trunks=dict(trunks or {}),
            boxes={**_DEFAULT_BOXES, **(boxes or {})},
            spool=spool,
            on_refused=on_refused,
            spawn=self._spawn,
            run_extension=self._run_extension,
        )
        for name, spec in {"default": QueueSpec("default"), **(queues or {})}.items():
            self.core.queues[queue_on_switch(name)] = QueueRuntime(self.core, spec)
        users = {name: user if isinstance(user, AmiUser) else AmiUser(user) for name, user in ami_users.items()}
        self.ami = AmiServer(self.core, users, ACTIONS, ami_limits)
        self._host = host
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ami_port(self) -> int:
        """Where AMI listens, 0 before `start`."""
        return self.ami.port

    @property
    def active_calls(self) -> int:
        """How many channels there are now."""
        return len(self.core.channels)

    async def behave(self, agents: AgentBehaviour, targets: TargetBehaviour) -> None:
        """Set what agents and targets do, for what happens after it."""
        self.core.agents, self.core.targets = agents, targets

    def script_over(self, call_id: str) -> bool:
        """Whether the caller of ``call_id`` hung up because the script ends there: the channel itself tells, by a
        variable."""
        return False

    async def start(self) -> None:
        """Listen for AMI. Raises `OSError` when the port is taken."""
        self.core.started = self.core.clock.now()
        await self.ami.start(self._host, self._port)

    async def stop(self) -> None:
        """Hang up what is left (cause 38), tell the managers, close everything."""
        for channel in tuple(self.core.channels.values()):
            channel.hang_up("switch", 38)
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=0.5)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.ami.stop()

    async def __aenter__(self) -> VirtualSwitch:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    def place_call(
        self,
        base_number: str,
        caller: str | None = None,
        caller_script: CallerScript = SILENT,
        trunk: str | None = None,
        original_called_headers: Sequence[tuple[str, str]] = (),
        call_id: str = "",
        test: bool = True,
        caller_name: str = "",
        sets: Sequence[tuple[str, str]] = (),
    ) -> SwitchCall | Refused:
        """A call arrives on ``base_number``; `SwitchCall.ended` waits for its end.

        ``caller`` None is a hidden caller. ``trunk`` is where it arrives, by default the line's. The headers are what
        the INVITE carries; the first one found in the trunk's order goes to the router as it is. ``sets`` is what the
        dialplan sets besides its own before it hands the call over. A number that no line has, and a line or trunk
        without a free channel, give a `Refused`.
        """
        core = self.core
        line = core.lines.get(base_number)
        if line is None:
            return Refused(UNKNOWN_NUMBER_CAUSE, core.clock.now())
        trunk = trunk or line.trunk
        if core.line_calls[line.name] >= line.channels or core.trunk_full(trunk):
            log.info("line %s or trunk %s is full", line.name, trunk)
            return Refused(CONGESTION_CAUSE, core.clock.now())
        core.processed += 1
        core.line_calls[line.name] += 1
        core.trunk_calls[trunk] += 1
        channel = Channel(
            core,
            f"PJSIP/{trunk}",
            state=RING,
            caller_number=caller or "",
            caller_name=caller_name,
            context=CONTEXT,
            exten=base_number,
        )
        channel.headers = list(original_called_headers)
        original_called = self._original_called(trunk, original_called_headers)
        for name, value in (
            ("LINE400_BASE", base_number),
            ("LINE400_LINE", line.name),
            ("LINE400_TRUNK", trunk),
            ("LINE400_ORIGINAL_CALLED", original_called),
            ("LINE400_CALL_ID", call_id),
            ("LINE400_ANNOUNCES", "1"),
            ("LINE400_TEST", "1" if test else ""),
        ):
            if value:
                channel.set_variable(name, value)
        plan = LineDialplan(channel, line, self.agi_url, self.agi_limits, sets)
        call = SwitchCall(channel, ScriptedCaller(core, channel, caller_script), plan)
        call.task = self._spawn(self._run(call, plan, line, trunk))
        return call

    def _original_called(self, trunk: str, headers: Sequence[tuple[str, str]]) -> str:
        spec = self.core.trunks.get(trunk)
        order: Sequence[str] = spec.original_called if spec is not None else DEFAULT_HEADER_ORDER
        for wanted in order:
            for name, value in headers:
                if name.lower() == wanted:
                    return value
        return ""

    async def _run(self, call: SwitchCall, plan: LineDialplan, line: SwitchLine, trunk: str) -> None:
        try:
            call.caller.start()
            await plan.run()
        finally:
            self.core.line_calls[line.name] -= 1
            self.core.trunk_calls[trunk] -= 1
            call.channel.destroy(dialplan=True)

    async def _run_extension(self, channel: Channel) -> None:
        """An originated leg goes to an extension: a line's dialplan, or nothing that exists (cause 3)."""
        line = self.core.extension(channel.context, channel.exten)
        if line is None:
            channel.hang_up("switch", 3)
            return
        self.core.processed += 1
        await LineDialplan(channel, line, self.agi_url, self.agi_limits).run()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a call on the switch failed", exc_info=task.exception())
