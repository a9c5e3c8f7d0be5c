"""What would change if the files, or another revision, became the current one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ivr_flows.findings import Finding, Language

from .invocation import Invocation

if TYPE_CHECKING:
    from router.configuration.diff import FileChange
    from router.model import Configuration
    from router.store import RevisionContent, Store


@dataclass(frozen=True, slots=True)
class Plan:
    """``current`` is the revision compared with, None before the first apply. ``warnings`` are findings that depend on
    today."""

    configuration: Configuration
    current: str | None
    changes: Sequence[FileChange]
    warnings: Sequence[Finding]

    @property
    def none(self) -> bool:
        """Whether nothing would change."""
        return not self.changes and self.current is not None

    def as_json(self, language: Language) -> dict[str, object]:
        """The plan as ``plan --json`` prints it (CONTRACT: ``plan``)."""
        return {
            "changes": [change.as_json() for change in self.changes],
            "behaviour": [],
            "none": self.none,
            "current": self.current,
            "warnings": [finding.as_json(language) for finding in self.warnings],
        }


def make_plan(invocation: Invocation, revision: str | None) -> Plan:
    """Compare the folder (or ``revision``) with the current revision. Raises `Problem` for a configuration with
    errors, `StoreError` for a store that cannot be read."""
    from router.configuration import TODAY_CODES, load_files
    from router.configuration.diff import text_changes

    from .stores import read
    from .world import load

    configuration, _ = load(invocation, revision)
    current = read(configuration.settings.store, _current)
    changes = text_changes(current.files if current else {}, configuration.files)
    zone = ZoneInfo(configuration.settings.timezone)
    today = datetime.fromtimestamp(time.time(), zone).date()
    warnings = [
        replace(finding, severity="warning")
        for finding in load_files(configuration.files, invocation.config, at=today).findings
        if finding.code in TODAY_CODES
    ]
    return Plan(configuration, current.revision.revision if current else None, changes, warnings)


async def _current(store: Store) -> RevisionContent | None:
    found = await store.current()
    return None if found is None else await store.get_revision(found.revision)
