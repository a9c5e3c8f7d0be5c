"""What callers leave behind: messages, recordings, wishes to be called back, scores.

A session notes them as it goes (`ivr_flows.session.Session.note`); here they are values, as the record, the store and
``line400 inbox`` know them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, cast, get_args

from .model import Retention

LeftKind = Literal["voicemail", "recording", "callback", "survey"]
LEFT_KINDS: tuple[str, ...] = get_args(LeftKind)
LeftState = Literal["new", "assigned", "done"]
LEFT_STATES: tuple[str, ...] = get_args(LeftState)
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that a caller left in a call, at the ``node`` of its path.

    ``box``: of a voicemail; ``file``: how the switch names the recording, without extension; ``seconds``: its length
    (None for the recording of a whole call); ``number`` and ``queue``: whom to call back, and where it waited before;
    ``score`` on ``scale``: of a survey.
    """

    kind: LeftKind
    node: str = ""
    box: str | None = None
    file: str | None = None
    seconds: float | None = None
    number: str | None = None
    queue: str | None = None
    score: int | None = None
    scale: str | None = None

    def as_json(self) -> dict[str, object]:
        """What there is of it, for the JSON of a call."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in found.items() if value is not None}


def left_of(notes: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Left, ...]:
    """What a session noted, as values. Fields that are empty are not there."""
    return tuple(
        Left(
            cast(LeftKind, kind),
            **{
                {"reference": "file"}.get(name, name): value for name, value in noted.items() if value not in ("", None)
            },
        )
        for kind, noted in notes
    )


def days_kept(retention: Retention, kind: str) -> float | None:
    """For how many days things of ``kind`` are kept; None: until somebody deletes them."""
    return {
        "voicemail": retention.voicemail,
        "recording": retention.recordings,
        "callback": retention.callbacks,
        "survey": retention.surveys,
    }[kind]


def expiry(retention: Retention, kind: str, created: float) -> float | None:
    """When a thing of ``kind`` that was left at ``created`` is deleted by itself, None: never."""
    days = days_kept(retention, kind)
    return None if days is None else created + days * DAY
