"""`Site`: one real Asterisk as in production, on free ports of loopback, for callers and telephones that are SIPp's.

Trunks are reached from 127.0.0.1, agents' telephones register with their passwords. Unlike `RealSwitch` it has no far
side of its own, and calls are not followed: they are whatever SIPp does.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from ivr_flows.commands import Prompt
from router.asterisk.generated import Places, Secrets, generate
from router.asterisk.generated.services import AGENT_RINGS
from router.asterisk.host import Programs, RunningAsterisk
from router.asterisk.prompts import constant_prompts
from router.asterisk.sounds import EspeakSynthesiser, SoundLibrary
from router.asterisk.waiting_sound import waiting_sounds
from router.book import RouteBook

from .sipp import SippRun, register, scenario
from .switch import free_ports

TELEPHONES = "127.0.0.2"
"""Where agents' telephones are: whatever comes from a trunk's address is that trunk's."""


class Site:
    """Asterisk for ``book``. ``dialplan`` maps contexts to lines that are added to them; ``sounds`` is a folder of
    prompts that may be shared; an agent's telephone rings ``rings`` seconds where that is given. ``with`` starts it and
    removes it; raises `router.asterisk.host.AsteriskError`."""

    def __init__(
        self,
        book: RouteBook,
        programs: Programs,
        *,
        sounds: Path | None = None,
        dialplan: Mapping[str, Iterable[str]] | None = None,
        rtp: tuple[int, int] = (30000, 33999),
        rings: int | None = None,
    ) -> None:
        self.book = book
        self.programs = programs
        self._sounds = sounds
        self._dialplan = dialplan or {}
        self._rtp = rtp
        self._rings = rings
        self._folder = Path(tempfile.mkdtemp(prefix="line400-"))
        self.asterisk = RunningAsterisk(programs, self._folder / "main")
        self.sip_port, self.ami_port, self.fastagi_port = free_ports(3)
        agents = sorted({name for queue in book.queues.values() for name in queue.agents})
        self.secrets = Secrets(
            book.settings.asterisk.username,
            secrets.token_urlsafe(16),
            {name: secrets.token_urlsafe(9) for name in agents},
        )

    @property
    def address(self) -> str:
        """Where SIP is spoken."""
        return f"127.0.0.1:{self.sip_port}"

    def start(self) -> None:
        """Speak the prompts and start Asterisk."""
        main = self.asterisk
        trunks = {name: replace(trunk, peer="127.0.0.1") for name, trunk in self.book.trunks.items()}
        places = Places(
            main.folders,
            str(main.data / "moh"),
            sip_port=self.sip_port,
            ami_port=self.ami_port,
            rtp=self._rtp,
            routers=(f"127.0.0.1:{self.fastagi_port}",),
            qualify=False,
            trunks=trunks,
        )
        files = generate(self.book, places, self.secrets)
        for context, lines in self._dialplan.items():
            files["extensions.conf"] += "\n".join([f"\n[{context}](+)", *lines, ""])
        if self._rings is not None:
            files["queues.conf"] = files["queues.conf"].replace(f"timeout = {AGENT_RINGS}", f"timeout = {self._rings}")
        main.write(files)
        if self._sounds is not None:
            shutil.rmtree(main.sounds)
            self._sounds.mkdir(parents=True, exist_ok=True)
            main.sounds.symlink_to(self._sounds.absolute())
        library = SoundLibrary(main.sounds, EspeakSynthesiser())
        report = library.build(constant_prompts(self.book))
        for name, _ in report.missing:
            library.stand_in(name)
        library.beep()
        library.music(main.data / "moh")
        library.waiting(waiting_sounds(self.book).values(), main.data / "moh")
        main.start()

    def speak(self, prompts: Iterable[Prompt]) -> None:
        """Make the sound files of ``prompts`` that no flow plays."""
        SoundLibrary(self.asterisk.sounds, EspeakSynthesiser()).build(prompts)

    def sipp(self, document: str, **how: object) -> SippRun:
        """Calls to this Asterisk by SIPp, on free ports; ``how`` as `SippRun` takes it."""
        port, media_port = free_ports(2)
        options: dict[str, object] = {"port": port, "media_port": media_port, "remote": self.address, **how}
        return SippRun(self.programs.sipp, document, **options)  # type: ignore[arg-type]  # the caller's keywords

    def telephone(self, agent: str, document: str) -> SippRun:
        """The telephone of ``agent``, registered; it does what ``document`` says each time it is called."""
        port, media_port = free_ports(2)
        with self.sipp(
            scenario(register()),
            host=TELEPHONES,
            port=port,
            media_port=media_port,
            caller=agent,
            password=self.secrets.agents[agent],
        ) as registering:
            done = registering.wait(10.0)
        if done.succeeded != 1:
            raise RuntimeError(f"telephone {agent} could not register: {done.said}")
        return SippRun(
            self.programs.sipp, document, host=TELEPHONES, port=port, media_port=media_port, caller=agent, calls=None
        )

    def __enter__(self) -> Site:
        try:
            self.start()
        except BaseException:
            self.asterisk.remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.asterisk.remove()
        self._folder.rmdir() if self._folder.is_dir() else None
