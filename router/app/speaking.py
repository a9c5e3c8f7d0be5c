"""Speaking prompts into the sounds that the switch plays: ahead, and while calls go on what could not be foreseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ivr_flows.findings import Text

from .asterisk_here import AsteriskHere
from .invocation import Invocation

log = logging.getLogger("line400.serve")

LOOKS_EVERY = 1.0
"""Real seconds between two looks at which book is in force."""

if TYPE_CHECKING:
    from router.asterisk.live_call import SoundMaker
    from router.asterisk.sounds import BuildReport, SoundLibrary
    from router.book import RouteBook
    from router.model import Configuration, Settings


def speaker(invocation: Invocation, settings: Settings) -> SoundMaker | None:
    """Speaks into the folder ``sounds`` of the settings, else into that of the Asterisk which `line400 asterisk up` set
    up beside the configuration; None where there is neither: another switch's sounds are not ours to write."""
    from router.asterisk.sounds import SpokenOnDemand

    library = AsteriskHere.of(invocation).sounds_there(settings, in_a_call=True)
    return None if library is None else SpokenOnDemand(library)


async def keep_spoken(invocation: Invocation, settings: Settings, book: Callable[[], RouteBook]) -> None:
    """Speak what the book in force can say and what is not there yet, beside the calls: of a revision that another
    machine applied, say. Until then a call makes what it needs itself."""
    from router.asterisk.prompts import constant_prompts

    library = AsteriskHere.of(invocation).sounds_there(settings)
    spoken: RouteBook | None = None
    while library is not None:
        current = book()
        if current is not spoken:
            try:
                report = await asyncio.to_thread(library.build, constant_prompts(current))
            except OSError as error:
                log.warning("prompts cannot be written: %s", error.strerror or type(error).__name__)
            else:
                for why in dict.fromkeys(why.en for _, why in report.missing):
                    log.warning("a prompt is missing: %s", why)
            spoken = current
        await asyncio.sleep(LOOKS_EVERY)


def speak_all(invocation: Invocation, library: SoundLibrary, book: RouteBook) -> BuildReport:
    """Make the sound files of the prompts of ``book`` that are known ahead, with progress on a terminal. Those that are
    there are left alone."""
    from rich.progress import Progress

    from router.asterisk.prompts import constant_prompts

    with Progress(
        console=invocation.console("err"), transient=True, disable=invocation.quiet or not invocation.interactive
    ) as bar:
        task = bar.add_task(invocation.say(Text("Speaking prompts", "正在生成语音")), total=None)
        return library.build(constant_prompts(book), lambda done, total: bar.update(task, completed=done, total=total))


def speak_ahead(invocation: Invocation, configuration: Configuration) -> None:
    """Before a revision is in force: speak its prompts where this machine has the sounds of a switch. What cannot be
    spoken is told, and stops nothing."""
    from router.book import RouteBook

    from .loading import load_settings

    library = AsteriskHere.of(invocation).sounds_there(load_settings(invocation)[0])
    if library is None:
        return
    try:
        report = speak_all(invocation, library, RouteBook.compile(configuration))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        invocation.warn(
            Text(
                f"The prompts could not be written into {library.sounds}: {reason}; they are spoken when needed.",
                f"无法把语音写入 {library.sounds}：{reason}；将在需要时再生成。",
            )
        )
        return
    for why in dict.fromkeys(why for _, why in report.missing):
        invocation.warn(why)
