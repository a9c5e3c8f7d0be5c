"""Scenarios: what QA writes to say how a call must go, and what runs them.

A ``*.scenario.yaml`` file (`schema`, read by `loading`) holds a call, the caller's steps and what must come of it.
`caller` plays the steps against a call as a `simulator.script.CallerScript`; `running` places the calls, in virtual
time or by a way that is handed in; `verdict` says what does not hold; `reports` and `page` render it. `dialogue` is the
same from Python. Nothing here reads the clock: every scenario says when its call is placed.
"""

from .caller import ScenarioCaller
from .loading import (
    SUFFIX,
    LoadedScenarios,
    ScenariosMissing,
    load_contents,
    load_file,
    load_files,
    load_text,
    scenario_files,
)
from .model import Expectation, Scenario, Step
from .page import as_html
from .reports import as_junit, as_text, result_line, summary
from .running import PlaceCall, Report, Way, run_one, run_over, run_placed, run_scenarios, run_virtually, selected
from .schema import scenario_json_schema
from .verdict import Failure, ScenarioResult, judge

__all__ = [
    "SUFFIX",
    "Expectation",
    "Failure",
    "LoadedScenarios",
    "PlaceCall",
    "Report",
    "Scenario",
    "ScenarioCaller",
    "ScenarioResult",
    "ScenariosMissing",
    "Step",
    "Way",
    "as_html",
    "as_junit",
    "as_text",
    "judge",
    "load_contents",
    "load_file",
    "load_files",
    "load_text",
    "result_line",
    "run_one",
    "run_over",
    "run_placed",
    "run_scenarios",
    "run_virtually",
    "scenario_files",
    "scenario_json_schema",
    "selected",
    "summary",
]
