"""Callers at telephones on a real switch with a router: what each of them heard, and the record of the call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from router.asterisk.generated.dialplan import CALL_HEADER
from router.asterisk.host import Programs
from router.asterisk.prompts import constant_prompts, prompt_file
from router.asterisk.sounds.audio import RATE, Samples, alaw, wav
from router.book import RouteBook
from router.record import CallRecord
from simulator.embedded import Embedded
from simulator.parties import AgentScript, TargetScript
from simulator.sip import RealSwitch, real_switch
from tests.contract.live.flow_case import OPEN
from tests.contract.live.flow_company import number_of

from .hearing import Heard, listen, load
from .telephone import PATIENCE, Telephone, linear

BASE = "01088880001"


class Mute:
    """The synthesiser while calls are up: every prompt here was spoken before the first one."""

    name = "espeak-ng"

    def speak(self, text: str, language: str, voice: str | None = None) -> Samples:
        raise AssertionError(f"{text} was spoken during a call")


@dataclass(frozen=True, slots=True)
class Listened:
    """A call: what was heard, where in it (in seconds of sound) each key was pressed, the record, the SIP status."""

    heard: list[Heard]
    keys: list[float]
    record: CallRecord
    status: int

    @property
    def names(self) -> list[str]:
        """The prompts heard, in order."""
        return [item.name for item in self.heard]


class Listeners(AbstractAsyncContextManager["Listeners"]):
    """A switch whose numbers run the flows of ``book``. ``flows`` are their nodes: only what they say is listened for.
    Agents are there and never answer.

    ``instead`` is what the switch plays where it is asked for the prompt of these words: another one, or any sound.
    """

    def __init__(
        self,
        book: RouteBook,
        programs: Programs,
        sounds: Path,
        flows: Sequence[str],
        instead: Mapping[str, str | Samples] = {},
    ) -> None:
        self._line = Embedded(book, OPEN, speed=1.0, make_switch=real_switch(programs, sounds))
        self._sounds = sounds
        self._instead = instead
        self._files = {
            prompt.text: prompt_file(prompt)
            for prompt in constant_prompts(book)
            if any(prompt.text in nodes for nodes in flows)
        }
        self.prompts: dict[str, Samples] = {}

    async def __aenter__(self) -> Listeners:
        await self._line.__aenter__()
        switch = self._line.switch
        assert isinstance(switch, RealSwitch)
        library = switch.library
        assert library.shared is not None
        library.synthesiser = library.shared.synthesiser = Mute()
        self.prompts = {text: load(library.shared.sounds / f"{file}.wav") for text, file in self._files.items()}
        for text, other in self._instead.items():
            sound = self.prompts[other] if isinstance(other, str) else other
            (switch.main.sounds / f"{self._files[text]}.wav").write_bytes(wav(sound))
            (switch.main.sounds / f"{self._files[text]}.alaw").write_bytes(alaw(sound))
        await switch.behave(AgentScript.parse("never"), TargetScript())
        self._port = switch.sip_port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._line.__aexit__(kind, error, trace)

    def seconds(self, text: str) -> float:
        """How long a prompt lasts."""
        return len(self.prompts[text]) / RATE

    async def call(self, call_id: str, flow: int, keys: Sequence[tuple[str, float]] = ()) -> Listened:
        """Call the number of ``flow`` and listen to the end. ``keys`` are pressed, each when so many seconds of sound
        have come behind the key before, or the beginning."""
        headers = {"P-Called-Party-ID": f"<sip:{number_of(flow)}@carrier.invalid>", CALL_HEADER: call_id}
        pressed: list[int] = []
        async with Telephone(self._port, BASE, headers) as telephone:
            for key, seconds in keys:
                await telephone.hear((pressed[-1] if pressed else 0) + round(seconds * RATE))
                pressed.append(telephone.press(key))
            await telephone.over()
        assert telephone.sound.lost == 0, telephone.sound.lost
        record = await self._record(call_id)
        heard = await asyncio.to_thread(listen, linear(telephone.sound.a_law), self.prompts)
        return Listened(heard, [place / RATE for place in pressed], record, telephone.status)

    async def _record(self, call_id: str) -> CallRecord:
        store = self._line.store
        assert store is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                record = await store.get_call(call_id)
                if record is not None and record.outcome is not None:
                    return record
                await asyncio.sleep(0.1)
