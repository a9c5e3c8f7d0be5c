"""The real Asterisk of this installation: where its parts lie, its secrets, what it is generated from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ivr_flows.findings import Text

from .invocation import Invocation
from .problems import unreachable

if TYPE_CHECKING:
    from router.asterisk.generated import Places, Secrets
    from router.asterisk.host import Programs, RunningAsterisk
    from router.asterisk.sounds import SoundLibrary
    from router.book import RouteBook
    from router.model import Settings

FOLDER = "var/asterisk"
SIP_PORT = 5060
RECORDED = "prompts"
"""The folder of recorded prompts in that of the configuration."""
LONGEST_IN_A_CALL = 10.0
"""Seconds behind which a program that speaks is ended; the caller has not waited so long, see `SpokenOnDemand`."""


def _trunk_passwords(book: RouteBook) -> dict[str, str]:
    """The passwords of the trunks that have an account, from the environment. Raises `Problem` where one is not set."""
    found: dict[str, str] = {}
    for name, trunk in book.trunks.items():
        if trunk.username and trunk.secret_env:
            found[name] = os.environ.get(trunk.secret_env, "")
            if not found[name]:
                raise unreachable(
                    "no-trunk-secret",
                    Text(
                        f"The password of trunk `{name}` is not set: the environment variable {trunk.secret_env} is "
                        "empty.",
                        f"未设置中继 `{name}` 的密码：环境变量 {trunk.secret_env} 为空。",
                    ),
                    Text(f"Set {trunk.secret_env}.", f"请设置 {trunk.secret_env}。"),
                )
    return found


@dataclass(frozen=True, slots=True)
class AsteriskHere:
    """``folder`` (``var/asterisk`` beside the configuration) holds the programs' tree, where one is needed, the sounds,
    and the running instance."""

    folder: Path
    config: Path

    @classmethod
    def of(cls, invocation: Invocation) -> AsteriskHere:
        """That of the configuration in use."""
        return cls(invocation.config.absolute().parent / FOLDER, invocation.config.absolute())

    @property
    def tree(self) -> Path:
        """Where a tree of programs lies, where the distribution has none."""
        return self.folder / "tree"

    def programs(self) -> Programs:
        """Its programs. Raises `Problem` where there are none."""
        from router.asterisk.host import find_programs

        found = find_programs(self.tree)
        if found is None:
            raise unreachable(
                "no-asterisk",
                Text("There is no Asterisk of version 20 or later here.", "本机没有 20 或更高版本的 Asterisk。"),
                Text(
                    "`line400 asterisk up` provides one; `line400 asterisk doctor` says what it needs.",
                    "`line400 asterisk up` 会提供一个；`line400 asterisk doctor` 会说明所需条件。",
                ),
            )
        return found

    def provide(self, say: Callable[[Text], None]) -> Programs:
        """Its programs, fetched where there are none. Raises `Problem`."""
        from router.asterisk.host import ProvisionError, find_programs, provision

        try:
            return find_programs(self.tree) or provision(self.tree, say)
        except ProvisionError as error:
            raise unreachable("asterisk-not-provided", error.message, error.cure) from None

    def instance(self, programs: Programs) -> RunningAsterisk:
        """The instance that `line400 asterisk up` runs."""
        from router.asterisk.host import RunningAsterisk

        return RunningAsterisk(programs, self.folder / "main")

    def sounds(self, asterisk: RunningAsterisk, settings: Settings) -> SoundLibrary:
        """The sounds of ``asterisk``; recorded prompts come from ``prompts/`` of the configuration."""
        return self._library(asterisk.sounds, settings)

    def sounds_there(self, settings: Settings, *, in_a_call: bool = False) -> SoundLibrary | None:
        """Those of the folder that the settings name, else of the instance that `line400 asterisk up` made, None where
        there is neither. ``in_a_call``: a caller waits, so that a program that speaks is soon given up."""
        folder = Path(settings.sounds) if settings.sounds else self.folder / "main" / "data" / "sounds"
        return self._library(folder, settings, in_a_call) if settings.sounds or folder.is_dir() else None

    def _library(self, folder: Path, settings: Settings, in_a_call: bool = False) -> SoundLibrary:
        from router.asterisk.sounds import CommandSynthesiser, EspeakSynthesiser, SoundLibrary, Synthesiser

        synthesiser: Synthesiser = EspeakSynthesiser()
        if settings.speech_command:
            synthesiser = CommandSynthesiser(settings.speech_command, *((LONGEST_IN_A_CALL,) if in_a_call else ()))
        return SoundLibrary(folder, synthesiser, self.config / RECORDED)

    def secrets(self, book: RouteBook) -> Secrets:
        """Its passwords: of AMI from the environment where it is set there, else kept in a file that only its owner
        reads; of agents kept there too."""
        from router.asterisk.generated import Secrets, make_secrets

        access = book.settings.asterisk
        path = self.folder / "secrets.json"
        try:
            kept = json.loads(path.read_text())
        except (OSError, ValueError):
            kept = {}
        agents = sorted({name for queue in book.queues.values() for name in queue.agents})
        fresh = make_secrets(agents, access.username, None)
        given = os.environ.get(access.secret_env or "LINE400_AMI_SECRET") or kept.get("ami") or fresh.ami
        known = kept.get("agents", {})
        phones = {name: known.get(name) or fresh.agents[name] for name in agents}
        secrets = Secrets(access.username, given, phones, _trunk_passwords(book))
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            json.dump({"ami": secrets.ami, "agents": dict(secrets.agents)}, opened, indent=1)
        beside.replace(path)
        return secrets

    @property
    def cdr(self) -> Path:
        """Where the instance that `line400 asterisk up` runs writes its own call records."""
        from router.asterisk.generated.fixed import CDR_FILE

        return self.folder / "main" / "log" / "cdr-custom" / CDR_FILE

    def places(self, asterisk: RunningAsterisk, book: RouteBook, sip_host: str, sip_port: int) -> Places:
        """Where the parts of ``asterisk`` lie and where it listens, by the settings of ``book``."""
        from router.asterisk.generated import Places

        settings = book.settings
        return Places(
            asterisk.folders,
            str(asterisk.data / "moh"),
            sip_host=sip_host,
            sip_port=sip_port,
            ami_host=settings.asterisk.host,
            ami_port=settings.asterisk.port,
            routers=(f"{settings.fastagi.host}:{settings.fastagi.port}", *settings.other_routers),
        )
