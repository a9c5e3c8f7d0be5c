"""The Q.850 causes with which a call is refused before answer, and what the caller hears for them."""

from __future__ import annotations

from typing import Final

UNALLOCATED: Final = 1
BUSY: Final = 17
NO_ANSWER: Final = 19
REJECTED: Final = 21
OUT_OF_ORDER: Final = 27
CONGESTION: Final = 34

REJECT_CAUSES: Final = {"busy": BUSY, "blocked": REJECTED, "unallocated": UNALLOCATED}
"""What a rule's ``reject`` may be called instead of by its cause."""

LINE_CAUSES: Final = {"full": CONGESTION, "busy": BUSY, "no_answer": NO_ANSWER, "down": OUT_OF_ORDER}
"""How a carrier refuses a call that no line takes, by why the last one did not (Q.850)."""

_TONES: Final = {
    UNALLOCATED: "tone:unallocated",
    BUSY: "tone:busy",
    NO_ANSWER: "tone:no_answer",
    OUT_OF_ORDER: "tone:out_of_order",
}


def tone_of(cause: int) -> str:
    """The carrier's tone for ``cause`` as a record's ``heard`` names it; ``tone:reorder`` for one without its own."""
    return _TONES.get(cause, "tone:reorder")
