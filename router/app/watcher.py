"""The process beside ``line400 serve`` that ends it when it has been stopped: `python watcher.py SECONDS`.

A process that is stopped from outside (SIGSTOP, a debugger, a frozen control group) cannot end itself, and the switch
would hold its callers for as long as a call may last. This one is its child and knows nothing but a pipe: the router's
event loop writes into it, and when nothing has come for so many seconds the router is killed. It ends with the router.

It is run as a file, without the rest of line400: it has to start fast and to hold little memory.
"""

from __future__ import annotations

import os
import select
import signal
import sys

WINDOWS = 8
"""Stretches of time of which every one must have been empty: a machine that was frozen as a whole, this process too,
counts as one of them, and not as a router that says nothing."""


def silent(pipe: int, seconds: float) -> bool:
    """Wait until nothing has come through ``pipe`` for ``seconds`` (True), or until it is closed (False)."""
    empty = 0
    while empty < WINDOWS:
        ready, _, _ = select.select([pipe], [], [], seconds / WINDOWS)
        if not ready:
            empty += 1
        elif os.read(pipe, 4096):
            empty = 0
        else:
            return False
    return True


def main() -> None:
    """Watch the process that started this one over standard input."""
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Whoever ends the router may mean its whole group; it is watched until it has ended.
        signal.signal(ignored, signal.SIG_IGN)
    router = os.getppid()
    # Whoever is still the parent of this process is the router: its number belongs to nobody else yet.
    if silent(0, float(sys.argv[1])) and os.getppid() == router:
        os.kill(router, signal.SIGKILL)
        sys.stderr.write(f"line400: process {router} said nothing for {sys.argv[1]} s and was killed\n")


if __name__ == "__main__":
    main()
