"""The scenarios of a configuration, run in virtual time before the configuration is put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .invocation import Invocation
from .loading import refuse

if TYPE_CHECKING:
    from router.model import Configuration
    from simulator.scenarios import Report

SCENARIOS = "scenarios"


def run_preflight(invocation: Invocation, configuration: Configuration) -> Report | None:
    """The report of all scenarios below ``scenarios/``; None where there are none. Raises `Problem` for scenarios that
    cannot be read."""
    from ivr_flows.findings import has_errors
    from router.book import RouteBook
    from simulator.scenarios import SUFFIX, load_files, run_virtually

    folder = invocation.config / SCENARIOS
    if not any(folder.rglob(f"*{SUFFIX}")):
        return None
    loaded = load_files([folder])
    if has_errors(loaded.findings):
        raise refuse(loaded.findings)
    return run_virtually(loaded, RouteBook.compile(configuration))
