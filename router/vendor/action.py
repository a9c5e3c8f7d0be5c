"""An action of the vendor's API as it is offered here: one row of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ivr_flows.findings import Text

from .parameters import Parameters

Version = Literal["2020-07-01", "2017-07-05"]
NEW: Final[Version] = "2020-07-01"
OLD: Final[Version] = "2017-07-05"


@dataclass(frozen=True, slots=True)
class Action:
    """``needs`` are actions of `router.api.roles`, all of which the role of the key must have. ``does`` is what it does
    here. ``shows`` are the attributes of ``parameters`` that the called party would see: where one presents a 400
    number the request is refused. ``offered`` False: nothing but that is judged, then the answer says that line400 does
    not do it."""

    name: str
    parameters: type[Parameters]
    needs: tuple[str, ...]
    does: Text
    version: Version = NEW
    shows: tuple[str, ...] = ()
    offered: bool = True


LOOK: Final = ("configuration.read",)
NUMBERS: Final = ("numbers.read",)
CALLS: Final = ("calls.read",)
LIVE: Final = ("live.read",)
AGENTS: Final = ("agents.read",)
AGENT_WORK: Final = ("agents.work",)
EDIT: Final = ("configuration.edit",)
APPLY: Final = ("configuration.edit", "revisions.apply")
ORIGINATE: Final = ("calls.originate",)
