"""Being watched over while serving: telling systemd that the event loop turns, and ending a process whose does not.

A router whose event loop stands still holds its callers: the switch waits for its next command for as long as it takes.
Once the process is gone the switch takes them to the line's fallback at once. So a loop that stands still is ended: by
systemd where it is told a ``WatchdogSec=``, and in any case by the process itself, from a thread that needs nothing of
the interpreter (`faulthandler`), which first writes to standard error where it stood.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import socket
import sys
from collections.abc import Mapping
from types import TracebackType

STANDS_STILL = 20.0
"""Seconds without a turn of the event loop after which the process ends, where systemd names no time of its own."""


class Supervision:
    """Use as an asynchronous context manager around serving. ``environment`` holds what systemd tells a service
    (``NOTIFY_SOCKET``, ``WATCHDOG_USEC``); without that nobody is told."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        given = environment.get("WATCHDOG_USEC", "")
        self.limit = int(given) / 1e6 if given.isdigit() and int(given) > 0 else STANDS_STILL
        self._beat: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Supervision:
        """The router serves: say so, and be watched from here on."""
        self.tell("READY=1")
        self._arm()
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

    def _arm(self) -> None:
        stream = sys.__stderr__
        if stream is not None:
            faulthandler.dump_traceback_later(self.limit, exit=True, file=stream)


def supervision() -> Supervision:
    """That of this process."""
    return Supervision(os.environ)
