"""The pytest plugin that collects ``*.scenario.yaml``: ``pytest config/scenarios``.

Every scenario is one test, named as in its file; selection (``-k``, also by tag), parallel runs (``-n``) and JUnit XML
are pytest's own. A scenario that does not hold is shown as `line400 test` shows it, without a traceback.

Until a scenario file is collected nothing but pytest is imported.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ivr_flows.findings import Language
    from router.book import RouteBook

    from .scenarios.model import Scenario
    from .scenarios.verdict import ScenarioResult

_SUFFIX = ".scenario.yaml"
_CONFIGURATION_FILES = ("line400.yaml", "numbers.yaml", "routes.yaml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("line400", "line400 scenarios (*.scenario.yaml)")
    group.addoption(
        "--line400-config",
        metavar="DIR",
        help="configuration folder (default: LINE400_CONFIG, else the folder above the scenario that holds one)",
    )
    group.addoption(
        "--line400-on",
        choices=("virtual", "switch"),
        default="virtual",
        help="how the calls are run: in virtual time, or by the live driver over the embedded switch",
    )
    group.addoption("--line400-seed", type=int, default=0, metavar="N", help="the seed of all chance (default: 0)")
    group.addoption("--line400-lang", choices=("zh", "en"), default="en", help="language of the failure texts")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect scenario files, wherever they lie."""
    if file_path.name.endswith(_SUFFIX):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """One file of scenarios. A file that cannot be read is a collection error with every finding."""

    def collect(self) -> Iterator[ScenarioItem]:
        from .scenarios.loading import load_file

        loaded = load_file(self.path, self._shown_name())
        if loaded.findings:
            language = _language(self.config)
            raise self.CollectError("\n".join(finding.as_text(language) for finding in loaded.findings))
        seen: dict[str, int] = {}
        for scenario in loaded.scenarios:
            count = seen[scenario.name] = seen.get(scenario.name, 0) + 1
            name = scenario.name if count == 1 else f"{scenario.name} ({count})"
            yield ScenarioItem.from_parent(self, name=name, scenario=scenario)

    def _shown_name(self) -> str:
        try:
            return self.path.relative_to(self.config.invocation_params.dir).as_posix()
        except ValueError:
            return str(self.path)


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, scenario: Scenario, **more: Any) -> None:
        super().__init__(**more)
        self.scenario = scenario
        self.extra_keyword_matches.update(scenario.tags)

    def runtest(self) -> None:
        """Run the scenario. Raises `ScenarioFailed`."""
        language = _language(self.config)
        book = _book(self.config, self.path, language)
        result = _run(self.config, self.scenario, book)
        if not result.ok:
            raise ScenarioFailed(result.message(language))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The words of a failed scenario alone; any other exception as pytest shows it."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the scenario stands."""
        return self.path, self.scenario.place.line - 1, self.name


class ScenarioFailed(Exception):
    """A scenario that does not hold, or a configuration that cannot be used; the text says all there is to say."""


_BOOKS = pytest.StashKey[dict[Path, "RouteBook | str"]]()


def _language(config: pytest.Config) -> Language:
    language: Language = config.getoption("--line400-lang")
    return language


def _run(config: pytest.Config, scenario: Scenario, book: RouteBook) -> ScenarioResult:
    from .scenarios.running import run_one, run_placed

    seed: int = config.getoption("--line400-seed")
    if config.getoption("--line400-on") == "virtual":
        return run_one(scenario, book, seed)
    from .scenarios.switch_way import over_switch

    return asyncio.run(run_placed(scenario, book.zone, over_switch(book), seed))


def _book(config: pytest.Config, scenario_file: Path, language: Language) -> RouteBook:
    """The compiled configuration for a scenario file, loaded once per folder and process."""
    folder = _folder(config, scenario_file)
    books = config.stash.setdefault(_BOOKS, {})
    if folder not in books:
        books[folder] = _load(folder, language)
    book = books[folder]
    if isinstance(book, str):
        raise ScenarioFailed(book)
    return book


def _load(folder: Path, language: Language) -> RouteBook | str:
    from router.configuration import ConfigurationMissing

    from .scenarios.setup import ConfigurationUnusable, book_from

    try:
        return book_from(folder)
    except ConfigurationUnusable as error:
        return error.as_text(language)
    except ConfigurationMissing as error:
        return f"{error.message.to(language)}\n{error.cure.to(language)}"


def _folder(config: pytest.Config, scenario_file: Path) -> Path:
    chosen = config.getoption("--line400-config") or os.environ.get("LINE400_CONFIG")
    if chosen:
        return Path(config.invocation_params.dir, chosen)
    for folder in scenario_file.parents:
        if any((folder / name).is_file() for name in _CONFIGURATION_FILES):
            return folder
    return config.rootpath / "config"
