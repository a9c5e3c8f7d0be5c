"""The table of actions: what is offered, found by version and name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from . import errors
from .action import NEW, OLD, Action
from .actions import flows, instances, live, numbers, old, outbound, queues, records
from .known import NEW_ACTIONS, OLD_ACTIONS

ACTIONS: Final[tuple[Action, ...]] = (
    *instances.ACTIONS,
    *numbers.ACTIONS,
    *flows.ACTIONS,
    *queues.ACTIONS,
    *records.ACTIONS,
    *live.ACTIONS,
    *outbound.ACTIONS,
    *old.ACTIONS,
)
BY_NAME: Final[Mapping[tuple[str, str], Action]] = {(action.version, action.name): action for action in ACTIONS}
KNOWN: Final[Mapping[str, frozenset[str]]] = {NEW: NEW_ACTIONS, OLD: OLD_ACTIONS}


def find(version: str, name: str) -> Action:
    """The action ``name`` of ``version``. Raises `VendorError` for one that is not offered."""
    found = BY_NAME.get((version, name))
    if found is None:
        raise errors.no_action(name[:60], version[:20], name in KNOWN.get(version, ()))
    return found


def document() -> str:
    """The table as docs/vendor-api.md has it, then the names of what is not offered."""
    lines = ["| version | action | right | here |", "|---|---|---|---|"]
    for action in ACTIONS:
        lines.append(f"| {action.version} | `{action.name}` | {', '.join(action.needs)} | {action.does.en} |")
    for version, names in KNOWN.items():
        missing = sorted(name for name in names if (version, name) not in BY_NAME)
        lines += [
            "",
            f"Not offered, version {version} ({len(missing)}):",
            "",
            ", ".join(f"`{n}`" for n in missing) + ".",
        ]
    return "\n".join(lines) + "\n"
