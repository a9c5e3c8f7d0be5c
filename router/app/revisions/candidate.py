"""A candidate: files that may become the current revision, loaded, with the scenarios that judge them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ivr_flows.findings import Finding, has_errors

from ..invocation import Invocation
from ..loading import refuse

if TYPE_CHECKING:
    from router.configuration import TableCache
    from router.model import Configuration

SCENARIOS = "scenarios"


@dataclass(frozen=True, slots=True)
class Candidate:
    """``configuration`` is free of errors, but for what the linter says: ``lint`` holds its errors, those of flows
    where they were to be passed over, those of routes always. ``warnings`` are those of the check, and what depends on
    the day. ``scenarios``: path below the configuration folder → content."""

    configuration: Configuration
    scenarios: Mapping[str, bytes]
    warnings: tuple[Finding, ...] = ()
    lint: tuple[Finding, ...] = ()

    @property
    def files(self) -> Mapping[str, bytes]:
        """What the revision would hold."""
        return self.configuration.files


def from_folder(invocation: Invocation, tables: TableCache | None = None, *, pass_lint: bool = False) -> Candidate:
    """The files of the configuration folder. Raises `Problem` with their errors; with ``pass_lint`` the linter's are
    kept instead."""
    from router.configuration import read_folder

    files, findings = read_folder(invocation.config)
    if has_errors(findings):
        raise refuse(findings)
    return from_content(invocation, files, read_scenarios(invocation), tables, pass_lint=pass_lint)


def from_content(
    invocation: Invocation,
    files: Mapping[str, bytes],
    scenarios: Mapping[str, bytes],
    tables: TableCache | None = None,
    *,
    pass_lint: bool = False,
) -> Candidate:
    """``files`` as they would stand in the folder. Raises `Problem` as `from_folder` does."""
    from router.configuration import TODAY_CODES, load_files

    today = datetime.fromtimestamp(time.time(), _zone(files)).date()
    loaded = load_files(files, invocation.config, at=today, examples=True, tables=tables)
    lint: list[Finding] = []
    if loaded.configuration is None and pass_lint:
        without = load_files(files, invocation.config, at=today, examples=True, tables=tables, lint=False)
        known = set(without.findings)
        lint += [item for item in loaded.findings if item.severity == "error" and item not in known]
        loaded = without
    if loaded.configuration is None:
        raise refuse(loaded.findings)
    # A configuration is free of the errors that keep it from running; what routes do may still be judged one.
    lint += [item for item in loaded.findings if item.severity == "error"]
    warnings = tuple(
        replace(finding, severity="warning")
        for finding in loaded.findings
        if finding.severity == "warning" or finding.code in TODAY_CODES
    )
    return Candidate(loaded.configuration, scenarios, warnings, tuple(lint))


def read_scenarios(invocation: Invocation) -> dict[str, bytes]:
    """The scenario files of the configuration folder."""
    from simulator.scenarios import SUFFIX

    folder = invocation.config / SCENARIOS
    return {
        path.relative_to(invocation.config).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob(f"*{SUFFIX}"))
        if path.is_file()
    }


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of every file."""
    return {name: sha256(data).hexdigest() for name, data in sorted(files.items())}


def _zone(files: Mapping[str, bytes]) -> ZoneInfo:
    """The time zone that the files set; the usual one where they cannot be read."""
    from ivr_flows.yaml_source import read_bytes
    from router.configuration.folder import SETTINGS
    from router.configuration.parts import Parts, read_settings

    parts = Parts(documents={SETTINGS: read_bytes(files.get(SETTINGS, b""), SETTINGS)})
    read_settings(parts, SETTINGS, str, str)
    return ZoneInfo(parts.settings.timezone)
