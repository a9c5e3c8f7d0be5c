"""One Asterisk process on generated files, in a folder of its own.

The folder holds ``etc`` (generated), ``sounds`` (prompts), ``spool``, ``run`` and ``log``. The process outlives the
one that started it; it is found again by its pid file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ivr_flows.findings import Text

from ...recordings import FOLDER as RECORDINGS
from .programs import Programs

START_SECONDS = 20.0
STOP_SECONDS = 10.0
LONGEST_SOCKET = 100
"""Bytes of the path of a unix socket that fit, of 108."""
OWNED = ("documentation", "rest-api", "firmware")
"""What of Asterisk's own data the folder links to: without its documentation no module loads."""


class AsteriskError(Exception):
    """Asterisk cannot be run. ``message`` says why, ``cure`` what to do."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


class RunningAsterisk:
    """The Asterisk of ``folder``. `write`, then `start`; `reload` after another `write`; `stop`."""

    def __init__(self, programs: Programs, folder: Path) -> None:
        self.programs = programs
        self.folder = folder.absolute()
        self.etc = self.folder / "etc"
        self.run = self.folder / "run"
        self.spool = self.folder / "spool"
        self.log = self.folder / "log"
        self.data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    # ---- files

    def write(self, files: Mapping[str, str]) -> None:
        """Write the generated files, each at once; readable by the owner only, since passwords are among them."""
        self._make_folders()
        for name, text in files.items():
            beside = self.etc / f".{name}.new"
            beside.write_text(text, encoding="utf-8")
            beside.chmod(0o600)
            beside.replace(self.etc / name)

    def on_disk(self) -> dict[str, str]:
        """The files of ``etc`` as they are."""
        if not self.etc.is_dir():
            return {}
        return {
            path.name: path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(self.etc.glob("*.conf"))
            if path.is_file()
        }

    @property
    def sounds(self) -> Path:
        """Where prompts lie: ``line400/<language>/<name>.wav`` below it."""
        return self.data / "sounds"

    @property
    def folders(self) -> dict[str, str]:
        """Its folders by Asterisk's own names, for the generated ``asterisk.conf``."""
        spool = self.spool
        return {
            "astetcdir": str(self.etc),
            "astmoddir": str(self.programs.modules),
            "astvarlibdir": str(self.data),
            "astdatadir": str(self.data),
            "astagidir": str(self.data / "agi-bin"),
            "astdbdir": str(spool / "db"),
            "astkeydir": str(spool / "keys"),
            "astcachedir": str(spool / "cache"),
            "astspooldir": str(spool),
            "astrundir": str(self.run),
            "astlogdir": str(self.log),
        }

    def _make_folders(self) -> None:
        for path in (self.etc, self.run, self.spool, self.log, self.data, self.sounds, self.data / "moh"):
            path.mkdir(parents=True, exist_ok=True)
        for path in (self.etc, self.spool, self.run):
            path.chmod(0o700)
        for name in ("db", "keys", "cache", "monitor", "voicemail", "tmp", "outgoing", "recording"):
            (self.spool / name).mkdir(exist_ok=True)
        # RECORD FILE makes no folders: without it no message would be recorded.
        (self.sounds / RECORDINGS).mkdir(exist_ok=True)
        for name in ("cdr-custom", "cel-custom"):
            (self.log / name).mkdir(exist_ok=True)
        for name in OWNED:
            link, target = self.data / name, self.programs.data / name
            if not link.exists() and target.exists():
                with contextlib.suppress(FileExistsError):
                    link.symlink_to(target)

    # ---- process

    @property
    def pid(self) -> int | None:
        """The process, None where it does not run."""
        try:
            pid = int((self.run / "asterisk.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        # The number may belong to another process by now.
        return pid if str(self.etc / "asterisk.conf").encode() in command else None

    def start(self, ready: Callable[[], bool] | None = None) -> None:
        """Start and wait until it is ready: its control socket answers and, where given, ``ready()``.

        Raises `AsteriskError` with the end of its log for one that ends or does not come up.
        """
        if self.pid is not None:
            return
        self._make_folders()
        if len(str(self.run / "asterisk.ctl")) > LONGEST_SOCKET:
            raise AsteriskError(
                Text(f"The path {self.run} is too long for a socket.", f"路径 {self.run} 过长，无法创建套接字。"),
                Text("Choose a folder with a shorter path.", "请选择路径更短的目录。"),
            )
        for stale in ("asterisk.ctl", "asterisk.pid"):
            (self.run / stale).unlink(missing_ok=True)
        with (self.log / "start.log").open("wb") as output:
            process = self._process = subprocess.Popen(
                [*self.programs.asterisk, "-C", str(self.etc / "asterisk.conf"), "-f"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                # SIGPIPE stays ignored: it would end an Asterisk that is looked at before it ignores it itself.
                restore_signals=False,
                cwd=self.folder,
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                raise self._failed(f"it ended with status {process.returncode}")
            if self._answers() and (ready is None or ready()):
                return
            time.sleep(0.05)
        process.kill()
        process.wait()
        raise self._failed("it did not become ready")

    def cli(self, command: str) -> str:
        """What the command line of the running Asterisk says. Raises `AsteriskError` where none runs."""
        if self.pid is None:
            raise AsteriskError(
                Text("This Asterisk does not run.", "该 Asterisk 没有运行。"),
                Text("`line400 asterisk up` starts it.", "用 `line400 asterisk up` 启动。"),
            )
        done = subprocess.run(
            [*self.programs.asterisk, "-C", str(self.etc / "asterisk.conf"), "-rx", command],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout

    def reload(self) -> None:
        """Take over the files that changed; calls in progress go on."""
        for module in ("pbx_config.so", "res_pjsip.so", "res_musiconhold.so", "app_queue.so", "app_voicemail.so"):
            self.cli(f"module reload {module}")
        self.cli("manager reload")

    def stop(self, *, kill: bool = False) -> None:
        """End it: at once with ``kill``, else by asking first."""
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL if kill else signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while self._alive(pid) and time.monotonic() < until:
            time.sleep(0.02)
        if self._alive(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _alive(self, pid: int) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is None
        return Path(f"/proc/{pid}").exists()

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop(kill=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.run / "asterisk.ctl"))
            except OSError:
                return False
        return "fully booted" in self.cli("core waitfullybooted") if self.pid is not None else False

    def _failed(self, why: str) -> AsteriskError:
        said = "\n".join((self.log / "start.log").read_text(errors="replace").splitlines()[-5:])
        return AsteriskError(
            Text(f"Asterisk did not start: {why}.\n{said}".rstrip(), f"Asterisk 未能启动：{why}。\n{said}".rstrip()),
            Text(f"{self.log} has its log.", f"日志在 {self.log}。"),
        )
