"""Running scenarios: in virtual time on the core, or over a way of placing calls that is handed in.

Neither reads the clock: every scenario says when its call is placed. Same scenarios, same configuration, same seed:
same report.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Literal, Protocol

from ivr_flows.findings import Finding, Language, Text
from router.book import RouteBook
from router.record import CallRecord

from ..beside import traffic_beside
from ..call import TestCall
from ..parties import AgentScript, TargetScript
from ..script import CallerScript
from ..virtual import run_virtual
from .caller import ScenarioCaller
from .loading import LoadedScenarios, load_files
from .model import Scenario
from .verdict import Failure, ScenarioResult, judge, unplaced

Way = Literal["virtual", "switch", "asterisk"]
Progress = Callable[[ScenarioResult], None]


class PlaceCall(Protocol):
    """Places one call some other way than in virtual time and returns its finished record."""

    async def __call__(
        self, call: TestCall, caller: CallerScript, agents: AgentScript, targets: TargetScript
    ) -> CallRecord: ...


@dataclass(slots=True)
class Report:
    """The results of a run in the order of the scenarios; ``findings`` say which files could not be read."""

    seed: int
    on: Way
    results: list[ScenarioResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """How many hold."""
        return sum(result.ok for result in self.results)

    @property
    def failed(self) -> int:
        """How many do not hold, files that could not be read among them."""
        return len(self.results) - self.passed

    @property
    def exit_status(self) -> int:
        """0 where all hold, 1 where one does not, 2 where a file could not be read (CONTRACT: *Exit status*)."""
        if any(finding.severity == "error" for finding in self.findings):
            return 2
        return 1 if self.failed else 0

    def as_json(self, language: Language = "en") -> dict[str, object]:
        """The report as ``test --json`` prints it (CONTRACT: ``test``)."""
        return {
            "passed": self.passed,
            "failed": self.failed,
            "seed": self.seed,
            "scenarios": [result.as_json(language) for result in self.results],
        }


def placed_call(scenario: Scenario, zone: tzinfo, seed: int) -> TestCall:
    """The call that ``scenario`` places."""
    at = scenario.moment(zone)
    beside = scenario.lines or scenario.occupied or scenario.month_calls
    return TestCall(
        to=scenario.to,
        caller=scenario.caller,
        at=at,
        call_id=scenario.id_for(seed),
        data=scenario.data,
        traffic=traffic_beside(scenario.lines, scenario.occupied, scenario.month_calls, at, zone) if beside else None,
    )


def run_one(scenario: Scenario, book: RouteBook, seed: int = 0) -> ScenarioResult:
    """Run one scenario in virtual time."""
    caller = ScenarioCaller(scenario.steps)
    try:
        record = run_virtual(book, placed_call(scenario, book.zone, seed), caller, scenario.agents, scenario.targets)
    except ValueError as error:
        return unplaced(scenario, *_spoken(error))
    return judge(scenario, caller, record, book.zone)


async def run_placed(scenario: Scenario, zone: tzinfo, place: PlaceCall, seed: int = 0) -> ScenarioResult:
    """Run one scenario by ``place``."""
    caller = ScenarioCaller(scenario.steps)
    try:
        record = await place(placed_call(scenario, zone, seed), caller, scenario.agents, scenario.targets)
    except ValueError as error:
        return unplaced(scenario, *_spoken(error))
    return judge(scenario, caller, record, zone)


def _spoken(error: ValueError) -> tuple[Text, Text | None]:
    """The words of an error meant for users. Any other error is a fault of the program and goes on."""
    message, cure = getattr(error, "message", None), getattr(error, "cure", None)
    if not isinstance(message, Text):
        raise error
    return message, cure if isinstance(cure, Text) else None


def run_virtually(
    loaded: LoadedScenarios, book: RouteBook, *, seed: int = 0, progress: Progress | None = None
) -> Report:
    """Run all scenarios in virtual time, one after the other: a core runs thousands of them per second."""
    report = _begin(loaded, seed, "virtual")
    for scenario in loaded.scenarios:
        result = run_one(scenario, book, seed)
        report.results.append(result)
        if progress is not None:
            progress(result)
    return report


async def run_over(
    loaded: LoadedScenarios,
    zone: tzinfo,
    place: PlaceCall,
    *,
    on: Way = "switch",
    seed: int = 0,
    n: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Run all scenarios by ``place``, at most ``n`` calls at a time; the report keeps the order of the files."""
    report = _begin(loaded, seed, on)
    free = asyncio.Semaphore(max(1, n))

    async def one(scenario: Scenario) -> ScenarioResult:
        async with free:
            result = await run_placed(scenario, zone, place, seed)
        if progress is not None:
            progress(result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(scenario), name=scenario.name) for scenario in loaded.scenarios]
    report.results.extend(task.result() for task in tasks)
    return report


def run_scenarios(
    paths: Iterable[Path],
    book: RouteBook,
    *,
    on: Way = "virtual",
    place: PlaceCall | None = None,
    seed: int = 0,
    n: int = 1,
    select: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Load the scenarios under ``paths`` and run them; ``select`` keeps those whose name or tag contains it.

    ``place`` is needed for every way but ``virtual``; ``n`` bounds its calls at a time. Raises `ScenariosMissing`.
    Must not be called from a running event loop unless ``on`` is ``virtual``.
    """
    loaded = load_files(paths)
    if select:
        loaded.scenarios = [scenario for scenario in loaded.scenarios if selected(scenario, select)]
    if on == "virtual":
        return run_virtually(loaded, book, seed=seed, progress=progress)
    if place is None:
        raise TypeError(f"a way of placing calls is needed to run on {on}")
    return asyncio.run(run_over(loaded, book.zone, place, on=on, seed=seed, n=n, progress=progress))


def selected(scenario: Scenario, words: str) -> bool:
    """Whether ``words`` is part of the scenario's name, of one of its tags or of its file's name."""
    wanted = words.casefold()
    return any(wanted in text.casefold() for text in (scenario.name, *scenario.tags, Path(scenario.place.file).name))


def unreadable(findings: Sequence[Finding]) -> list[ScenarioResult]:
    """One failed result per file that could not be read, so that no report hides it."""
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity == "error":
            by_file.setdefault(finding.place.file, []).append(finding)
    results: list[ScenarioResult] = []
    for file, wrong in by_file.items():
        failures = tuple(
            Failure(finding.place, None, _with_code(finding), finding.cure)
            for finding in sorted(wrong, key=lambda finding: finding.place)
        )
        results.append(ScenarioResult(Path(file).name, failures[0].place, failures=failures))
    return results


def _with_code(finding: Finding) -> Text:
    return Text(f"{finding.message.en} [{finding.code}]", f"{finding.message.zh} [{finding.code}]")


def _begin(loaded: LoadedScenarios, seed: int, on: Way) -> Report:
    return Report(seed, on, unreadable(loaded.findings), list(loaded.findings))
