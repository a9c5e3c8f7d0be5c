"""Speaking, while a call waits, what could not be spoken ahead: a text that holds what a caller or a service said.

Bounded: a synthesiser that is slow or fails costs the caller `LONGEST_WAIT` seconds, and then the switch says that the
file is missing, which the record shows.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from ivr_flows.commands import Prompt

from ..prompts import prompt_file
from .library import SoundLibrary
from .synthesis import SpeechError

log = logging.getLogger("line400.sounds")

LONGEST_WAIT = 2.0
AT_ONCE = 4
"""Texts spoken at the same time. A synthesiser that hangs holds these threads, and none that others need."""
KNOWN = 50_000
"""Names remembered as being there, so that a prompt that is played again costs no look at the disk."""


class SpokenOnDemand:
    """A `router.asterisk.live_call.SoundMaker` over a sound library."""

    def __init__(self, library: SoundLibrary) -> None:
        self._library = library
        self._known: set[str] = set()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="line400-speech")

    async def __call__(self, prompt: Prompt) -> None:
        """See that the prompt's file is there, or give up after `LONGEST_WAIT`."""
        name = prompt_file(prompt)
        if name in self._known:
            return
        if prompt.file is None and not self._library.has(name):
            try:
                async with asyncio.timeout(LONGEST_WAIT):
                    await asyncio.get_running_loop().run_in_executor(self._threads, self._library.speak, prompt)
            except TimeoutError:
                log.warning("a prompt could not be spoken within %.0f s", LONGEST_WAIT)
                return
            except SpeechError as error:
                log.warning("a prompt could not be spoken: %s", error.message.en)
                return
            except OSError as error:
                log.warning("a prompt could not be written: %s", error.strerror or type(error).__name__)
                return
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known.add(name)
