"""The Q.850 causes with which a call is refused before answer, and what the caller hears for them."""

from __future__ import annotations

from typing import Final

UNALLOCATED: Final = 1
BUSY: Final = 17
REJECTED: Final = 21

REJECT_CAUSES: Final = {"busy": BUSY, "blocked": REJECTED, "unallocated": UNALLOCATED}
"""What a rule's ``reject`` may be called instead of by its cause."""

_TONES: Final = {UNALLOCATED: "tone:unallocated", BUSY: "tone:busy"}


def tone_of(cause: int) -> str:
    """The carrier's tone for ``cause`` as a record's ``heard`` names it; ``tone:reorder`` for one without its own."""
    return _TONES.get(cause, "tone:reorder")
