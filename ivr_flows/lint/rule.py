"""What a rule is: a code, a severity, and a function from a flow to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ..findings import Place, Severity, Text

if TYPE_CHECKING:
    from ..explore.state import State
    from .probe import Probe
    from .subject import Subject

Show: TypeAlias = "Callable[[Probe], State | None]"
"""Finds the point of a call at which the fault has shown itself, by driving sessions; None where none was found."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a rule found. ``severity`` and ``code`` where they are not the rule's own. ``show`` finds the call
    that shows the fault; with ``only_if_shown`` it decides whether there is one."""

    place: Place
    message: Text
    cure: Text
    severity: Severity | None = None
    code: str | None = None
    show: Show | None = None
    only_if_shown: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the linter, a module of `ivr_flows.lint.rules` with its page ``docs/rules/CODE.md``.

    ``others`` are further codes under which it reports. ``fatal``: a flow with such a finding does not run, so it can
    neither be allowed in a file nor turned off. ``behaviour``: its findings carry a call that shows the fault.
    """

    code: str
    severity: Severity
    summary: Text
    check: Callable[[Subject], Iterable[Problem]]
    others: tuple[str, ...] = ()
    fatal: bool = False
    behaviour: bool = False
