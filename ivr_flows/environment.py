"""What the flow language must know of the outside, and the facts of one call.

The linter and the compiler ask an `Environment`; nothing in `ivr_flows` imports a router.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .definition import FlowDefinition

HoursState = str
"""One of ``open``, ``closed``, ``holiday``."""


class Environment(Protocol):
    """What a flow may name, and how the router decides it. Collections are None where nothing is known and any
    name is accepted (a flow linted by itself)."""

    @property
    def calendars(self) -> Mapping[str, Callable[[float], HoursState]] | None:
        """Calendar name → function from a moment (epoch seconds) to its state."""

    @property
    def queues(self) -> Collection[str] | None:
        """Names of queues."""

    @property
    def boxes(self) -> Collection[str] | None:
        """Names of voicemail boxes; a mapping says how many seconds a message in a box may have."""

    @property
    def lines(self) -> Collection[str] | None:
        """Names of lines."""

    @property
    def flows(self) -> Collection[str] | None:
        """Names of flows."""

    def flow_definition(self, name: str) -> FlowDefinition | None:
        """The flow ``name`` as a subflow runs it; None where there is none, or none that can be read."""

    def presents_400(self, text: str) -> bool:
        """Whether ``text``, used as a calling number, presents a 400 number. Total: never raises."""

    def local_time(self, at: float) -> datetime:
        """The moment ``at`` in the configured time zone."""


class CallerFacts(Protocol):
    """What is known of a caller; see `router.callers`."""

    @property
    def number(self) -> str | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def province(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def carrier(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Instance:
    """The call centre a number belongs to."""

    name: str = ""
    queue: str = "default"


NO_INSTANCE = Instance()


@dataclass(slots=True)
class Context:
    """The facts with which a session begins. ``announcement`` is an emergency announcement spoken before the
    first node; ``end_after_announcement`` ends the call behind it. ``data`` is what a scenario defines,
    ``remembered`` what earlier calls of this caller kept (``set`` with ``scope: caller``), ``priority`` that of this
    caller in queues, where the router gives one."""

    call_id: str
    at: float
    called: str
    caller: CallerFacts
    line: str = ""
    company: str = ""
    instance: Instance = NO_INSTANCE
    announcement: str | None = None
    end_after_announcement: bool = False
    data: Mapping[str, Any] | None = None
    remembered: Mapping[str, Any] | None = None
    priority: int | None = None
