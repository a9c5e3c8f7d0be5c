"""`RealSwitch`: a real Asterisk under test and another one as the far side, with the interface of the embedded switch.

Both run in a temporary folder, on free ports of loopback, on the configuration that line400 generates from the book.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import tempfile
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from router.asterisk.generated import Places, Secrets, generate
from router.asterisk.generated.quoting import argument
from router.asterisk.generated.services import AGENT_RINGS
from router.asterisk.host import Programs, RunningAsterisk
from router.asterisk.live_call import SoundMaker
from router.asterisk.preferred import queue_on_switch
from router.asterisk.prompts import constant_prompts
from router.asterisk.sounds import EspeakSynthesiser, SoundLibrary, SpokenOnDemand, audio
from router.asterisk.waiting_sound import waiting_sounds
from router.book import RouteBook
from router.clock import Clock
from simulator.embedded import AMI_USER
from simulator.parties import AgentScript, TargetScript
from simulator.script import CallerScript
from simulator.switch.calls import Refused

from .call import RealCall
from .far_side import EAR, PLACING, RINGS, far_files
from .manager import Manager, SwitchUnavailable
from .occupied import Occupied, dialplan

MAIN_RTP, FAR_RTP, RTP_PORTS = 22000, 25000, 2000
"""Where the ports of sound begin, and how many: below those that systems hand out, which `free_ports` gives."""
TESTER = "simulator"
NEVER_ANSWERS = 7200
AGENT = "simulator-agent"
"""Signed in where a queue has no agents of its own: somebody has to be able to answer."""
EVENTS = (
    *(
        f"eventfilter(action(include),name({name})) ="
        for name in (
            "AGIExecStart",
            "AGIExecEnd",
            "QueueCallerJoin",
            "DialBegin",
            "DialEnd",
            "AgentConnect",
            "Hangup",
            "MusicOnHoldStart",
            "MusicOnHoldStop",
        )
    ),
    "eventfilter(action(include),name(VarSet),header(Variable),method(starts_with)) = LINE400_",
    "eventfilter(action(include),name(Newexten),header(Application),method(exact)) = Playback",
)
"""The events that a call is followed by; all of them, of fifty calls, would take the time that the calls need."""


class RealSwitch:
    """A real Asterisk for test calls of ``book``. Agents and targets are those of the whole switch while calls last."""

    def __init__(
        self,
        book: RouteBook,
        clock: Clock,
        programs: Programs,
        secret: str,
        prompts: Mapping[str, tuple[str, float]],
        sounds: Path | None = None,
    ) -> None:
        self.clock = clock
        self.programs = programs
        self._prompts = prompts
        self._folder = Path(tempfile.mkdtemp(prefix="line400-"))
        self.recordings = self._folder / "heard"
        self.main = RunningAsterisk(programs, self._folder / "main")
        self.far = RunningAsterisk(programs, self._folder / "far")
        ports = free_ports(4)
        self.sip_port, self.ami_port, self._far_sip, self._far_ami = ports
        self.book = _led_to(book, f"127.0.0.1:{self._far_sip}")
        self._far_secret = secrets.token_urlsafe(16)
        self._agents = {AGENT, *(name for queue in book.queues.values() for name in queue.agents)}
        self._secrets = Secrets(AMI_USER, secret, dict.fromkeys(sorted(self._agents), secrets.token_urlsafe(12)))
        self._routers: tuple[str, ...] = ("127.0.0.1:4573",)
        synthesiser = EspeakSynthesiser()
        shared = SoundLibrary(sounds, synthesiser) if sounds is not None else None
        self.library = SoundLibrary(self.main.sounds, synthesiser, shared=shared)
        self.speak: SoundMaker | None = SpokenOnDemand(self.library)
        self._calls: dict[str, RealCall] = {}
        self._by_uniqueid: dict[str, RealCall] = {}
        self._names: dict[str, RealCall] = {}
        self._scripts: dict[str, RealCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._far_manager = Manager(self._far_ami, "far", self._far_secret, self._far_event)
        self._main_manager = Manager(self.ami_port, TESTER, self._far_secret, self._main_event)
        self._waiting = waiting_sounds(self.book)
        self._agent_script = AgentScript()
        self._occupied = Occupied(self.main, self._main_manager)
        self._count = 0

    # ---- life

    async def start(self) -> None:
        """Start both. Raises `router.asterisk.host.AsteriskError`."""
        await asyncio.to_thread(self._start)
        await self._far_manager.start()
        await self._main_manager.start()

    async def reconnect(self) -> None:
        """Follow the switch under test again after it was started anew; calls that were up on it are no more."""
        self._main_manager.stop()
        await self._main_manager.start()

    def _start(self) -> None:
        self.recordings.mkdir(parents=True)
        self._write_main()
        library = self.library
        report = library.build(constant_prompts(self.book))
        for name, _ in report.missing:
            # A recording that only the company has: a test call hears its name instead.
            library.stand_in(name)
        library.beep()
        library.music(self.main.data / "moh")
        library.waiting(self._waiting.values(), self.main.data / "moh")
        self.main.start()
        self.far.write(
            far_files(
                self.far.folders,
                sorted(self._agents),
                sip_port=self._far_sip,
                ami_port=self._far_ami,
                main_port=self.sip_port,
                secret=self._far_secret,
                rtp=(FAR_RTP, FAR_RTP + RTP_PORTS - 1),
                recordings=self.recordings,
            )
        )
        voice = (np.sin(np.arange(audio.RATE * 4) * 2 * np.pi * 300 / audio.RATE) * 8000).astype(np.int16)
        (self.far.sounds / "voice.wav").write_bytes(audio.wav(voice))
        self.far.start()

    def _write_main(self) -> None:
        main = self.main
        places = Places(
            main.folders,
            str(main.data / "moh"),
            sip_port=self.sip_port,
            ami_port=self.ami_port,
            rtp=(MAIN_RTP, MAIN_RTP + RTP_PORTS - 1),
            routers=self._routers,
            qualify=False,
            test=True,
            agents_at=f"127.0.0.1:{self._far_sip}",
        )
        files = generate(self.book, places, self._secrets)
        # An agent's telephone rings as long as the agents of a test call take to answer.
        rings, longer = f"timeout = {AGENT_RINGS}\n", f"timeout = {NEVER_ANSWERS}\n"
        text = _unmanned(files["queues.conf"].replace(rings, longer), self.book.queues)
        # And answers the next test call too: no call is to feel that there was one before it.
        files["queues.conf"] = re.sub(r"^wrapuptime = .*$", "wrapuptime = 0", text, flags=re.MULTILINE)
        files["manager.conf"] += "\n".join(
            ["", f"[{TESTER}]", f"secret = {self._far_secret}", "read = all", "write = all", *EVENTS, ""]
        )
        files["extensions.conf"] += dialplan()
        main.write(files)

    @property
    def agi_url(self) -> str:
        """The router that calls are handed to."""
        return f"agi://{self._routers[0]}/inbound"

    @agi_url.setter
    def agi_url(self, url: str) -> None:
        self.hand_to(url.removeprefix("agi://").partition("/")[0])

    def hand_to(self, *addresses: str) -> None:
        """Hand calls to the routers at these FastAGI addresses, tried in this order."""
        self._routers = addresses
        self._write_main()
        self.main.cli("dialplan reload")

    async def stop(self) -> None:
        """Hang up what is left and remove everything."""
        self._far_manager.stop()
        self._main_manager.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._remove)

    def _remove(self) -> None:
        for one in (self.far, self.main):
            one.remove()
        for path in self.recordings.glob("*"):
            path.unlink()
        self.recordings.rmdir() if self.recordings.is_dir() else None
        self._folder.rmdir() if self._folder.is_dir() else None

    # ---- calls

    async def behave(self, agents: AgentScript, targets: TargetScript) -> None:
        """Set how agents and targets behave, for the calls placed after it."""
        self._agent_script = agents
        answers = agents.kind == "answer"
        values = {
            "AGENT_AFTER": agents.after_s if answers else NEVER_ANSWERS,
            "AGENT_TALK": agents.talk_s,
            "TARGET_KIND": targets.kind,
            "TARGET_AFTER": targets.after_s,
            "TARGET_TALK": targets.talk_s,
        }
        for name, value in values.items():
            await self._far_manager.send("Setvar", Variable=name, Value=value)
        queues = self.book.queues.values()
        if agents.kind != "full":
            await self._occupied.free(queues)
        for queue in queues:
            for agent in queue.agents or (AGENT,):
                await self._member(queue_on_switch(queue.name), agent, agents)
        if agents.kind == "full":
            await self._occupied.fill(queues)

    async def _member(self, queue: str, agent: str, agents: AgentScript) -> None:
        of, send = {"Queue": queue, "Interface": f"PJSIP/{agent}"}, self._main_manager.send
        if agents.kind == "no_agents":
            await send("QueueRemove", **of)
            return
        await send("QueueAdd", **of, MemberName=agent, Penalty=0)
        # Paused too where an earlier call was not answered.
        await send("QueuePause", **of, Paused="true" if agents.kind == "full" else "false")

    def place_call(
        self,
        base_number: str,
        caller: str | None,
        script: CallerScript,
        trunk: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        call_id: str = "",
    ) -> RealCall | Refused:
        """Dial ``base_number`` as ``caller`` (None: withheld). The call begins at once."""
        self._count += 1
        far_id = f"far-{self._count:08}"
        call = RealCall(
            self.clock,
            self._far_manager,
            self._main_manager,
            far_id,
            script,
            self._prompts.get,
            lambda: self._agent_script.kind == "none",
            self._spawn,
            self._waiting,
        )
        self._calls[far_id] = self._calls[f"ear-{far_id}"] = call
        self._names[call_id or far_id] = self._scripts[call_id or far_id] = call
        name, value = headers[0] if headers else ("", "")
        self._spawn(self._originate(call, base_number, caller, call_id or far_id, name, value))
        return call

    async def _originate(
        self, call: RealCall, base_number: str, caller: str | None, call_id: str, name: str, value: str
    ) -> None:
        try:
            answer = await self._far_manager.send(
                "Originate",
                Channel=f"Local/s@{PLACING}/n",
                ChannelId=f"ear-{call.far_id}",
                OtherChannelId=call.far_id,
                Context=EAR,
                Exten="s",
                Priority=1,
                CallerID=f"<{caller or 'anonymous'}>",
                Timeout=RINGS * 1000,
                Async="true",
                Variable=[
                    f"__FAR_BASE={base_number}",
                    f"__FAR_CALL={quote(call_id, safe='')}",
                    f"__FAR_HEADER={name}",
                    f"__FAR_VALUE={value}",
                ],
            )
        except SwitchUnavailable:
            call.refused()
            return
        if not answer.success:
            call.refused()

    def script_over(self, call_id: str) -> bool:
        """Whether the caller of ``call_id`` hung up because the script ends there."""
        call = self._scripts.get(call_id)
        return call is not None and call.caller.script_ended

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- events

    def _far_event(self, event: Mapping[str, str]) -> None:
        name, uniqueid = event.get("Event", ""), event.get("Uniqueid", "")
        call = self._calls.get(uniqueid)
        if call is None:
            return
        if uniqueid == f"ear-{call.far_id}":
            call.far_ear = event.get("Channel", "")
        elif uniqueid != call.far_id:
            call.far(name, event)
        elif name == "DialBegin":
            self._calls[event.get("DestUniqueid", "")] = call
            call.placed(event.get("DestChannel", ""))
        elif name == "Hangup":
            call.refused()
        if name == "Hangup":
            del self._calls[uniqueid]

    def _main_event(self, event: Mapping[str, str]) -> None:
        name = event.get("Event", "")
        uniqueid = event.get("Uniqueid", "")
        if name == "VarSet" and event.get("Variable") == "LINE400_CALL_ID":
            named = self._names.pop(event.get("Value", ""), None)
            if named is not None:
                self._by_uniqueid[uniqueid] = named
        call = self._by_uniqueid.get(uniqueid)
        if call is not None:
            call.main(name, event)
            if name == "Hangup":
                del self._by_uniqueid[uniqueid]


def _led_to(book: RouteBook, peer: str) -> RouteBook:
    """``book`` with trunks that all lead to ``peer``."""
    led = copy(book)
    led.trunks = {name: replace(trunk, peer=peer) for name, trunk in book.trunks.items()}
    return led


def _unmanned(queues: str, names: Iterable[str]) -> str:
    """``queues.conf`` without the members of the queues ``names``: a member that the file names cannot be taken out of
    a queue by command. `RealSwitch.behave` signs in who is there."""
    heads = {f"[{argument(queue_on_switch(name))}]" for name in names}
    kept, head = [], ""
    for line in queues.splitlines():
        head = line if line.startswith("[") else head
        if head not in heads or not line.startswith("member = "):
            kept.append(line)
    return "\n".join([*kept, ""])


def free_ports(count: int) -> list[int]:
    """Ports of loopback that are free for UDP and TCP."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    return found
