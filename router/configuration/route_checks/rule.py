"""What a check of routes is: a code, a severity, and a function from a configuration to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr_flows.findings import Place, Severity, Text

if TYPE_CHECKING:
    from .subject import Subject


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a check found. ``code`` and ``severity`` where they are not the check's own; ``example`` is the
    command that shows it."""

    place: Place
    message: Text
    cure: Text
    code: str | None = None
    severity: Severity | None = None
    example: str | None = None


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One check, a module of `router.configuration.route_checks.rules` with its page ``docs/rules/routes/CODE.md``.

    ``others`` are further codes under which it reports; ``behaviour``: its findings carry a command that shows the
    fault; ``plural`` names what it finds when there is too much of it to list.
    """

    code: str
    severity: Severity
    summary: Text
    plural: Text
    check: Callable[[Subject], Iterable[Problem]]
    others: tuple[str, ...] = ()
    behaviour: bool = False
