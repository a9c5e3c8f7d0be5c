"""Being watched over while serving: telling systemd that the event loop turns, and ending a process whose does not.

A router whose event loop stands still holds its callers: the switch waits for its next command for as long as it takes.
Once the process is gone the switch takes them to the line's fallback at once. So a loop that stands still is ended: by
systemd where it is told a ``WatchdogSec=``, and in any case by the process itself, from a thread that needs nothing of
the interpreter (`faulthandler`), which first writes to standard error where it stood. A process that is stopped as a
whole is ended by a child of its own (`router.app.watcher`).
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType

from . import watcher

log = logging.getLogger("line400.serve")

STANDS_STILL = 20.0
"""Seconds without a turn of the event loop after which the process ends, where systemd names no time of its own."""
LATER = 1.25
"""How much longer the watcher waits: a process that can still say where it stands ends itself first."""


class Supervision:
    """Use as an asynchronous context manager around serving. ``environment`` holds what systemd tells a service
    (``NOTIFY_SOCKET``, ``WATCHDOG_USEC``); without that nobody is told."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        given = environment.get("WATCHDOG_USEC", "")
        self.limit = int(given) / 1e6 if given.isdigit() and int(given) > 0 else STANDS_STILL
        self._beat: asyncio.Task[None] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Supervision:
        """The router serves: say so, and be watched from here on."""
        self.tell("READY=1")
        self._arm()
        self._watcher = self._start_watcher()
        self._beat = asyncio.create_task(self._turn(), name="supervision")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The router stops: calls may end first, but nothing may hang from here on either; systemd bounds that."""
        self.tell("STOPPING=1")
        if self._beat is not None:
            self._beat.cancel()
            await asyncio.gather(self._beat, return_exceptions=True)
        faulthandler.cancel_dump_traceback_later()
        process, self._watcher = self._watcher, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            await asyncio.to_thread(process.wait)

    def tell(self, state: str) -> None:
        """Tell systemd; a service manager that does not listen is no reason to stop (sd_notify(3))."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            try:
                sender.sendto(state.encode(), address)
            except OSError as error:
                sys.stderr.write(f"systemd could not be told {state}: {error.strerror}\n")

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(self.limit / 4)
            self._arm()
            self.tell("WATCHDOG=1")
            self._tell_watcher()

    def _start_watcher(self) -> subprocess.Popen[bytes] | None:
        """The watcher, in a session of its own, so that what stops a terminal's processes does not stop it; None where
        it cannot be started: calls are served all the same."""
        command = [sys.executable, "-I", "-S", watcher.__file__, f"{self.limit * LATER:g}"]
        try:
            process = subprocess.Popen(  # noqa: S603 - all its words are ours
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/"
            )
        except OSError as error:
            log.warning("nobody watches this process: %s", error.strerror)
            return None
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        return process

    def _tell_watcher(self) -> None:
        process = self._watcher
        if process is None or process.stdin is None:
            return
        try:
            os.write(process.stdin.fileno(), b".")
        except BlockingIOError:
            return  # it is stopped itself, and has more than it needs
        except BrokenPipeError:
            log.warning("the process that watches this one has ended; it is started again")
            process.stdin.close()
            process.wait()
            self._watcher = self._start_watcher()

    def _arm(self) -> None:
        stream = sys.__stderr__
        if stream is not None:
            faulthandler.dump_traceback_later(self.limit, exit=True, file=stream)


def supervision() -> Supervision:
    """That of this process."""
    return Supervision(os.environ)
