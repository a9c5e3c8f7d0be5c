"""What makes, while `line400 serve` takes calls, the sound files of prompts that could not be spoken ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .asterisk_here import AsteriskHere
from .invocation import Invocation

if TYPE_CHECKING:
    from router.asterisk.live_call import SoundMaker


def speaker(invocation: Invocation) -> SoundMaker | None:
    """Speaks into the sounds of the Asterisk that `line400 asterisk up` set up beside the configuration; None where
    there is none: another switch's sounds are not ours to write."""
    from router.asterisk.sounds import SpokenOnDemand

    library = AsteriskHere.of(invocation).sounds_there()
    return None if library is None else SpokenOnDemand(library)
