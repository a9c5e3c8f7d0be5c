"""The stages that `plan`, `apply` and a scheduled apply share, in one order:

load → check → compare → gates (lint, invariants, preflight) → behaviour → commit.

Nothing is written before the commit, which is one transaction: ended at any instant, the store holds the old current
revision or the new one, whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ivr_flows.findings import Finding, Language, Text

from ..invocation import Invocation
from ..loading import content_label
from ..problems import NOT_RIGHT, Problem
from .candidate import Candidate, from_content, from_folder
from .gates import GATES, Asked, GateResult, Overrides

if TYPE_CHECKING:
    from router.book import RouteBook
    from router.configuration import TableCache
    from router.configuration.diff import FileChange
    from router.model import Configuration
    from router.store import Revision, RevisionContent, Store
    from simulator.behaviour import Affected, Behaviour

STAGES = ("load", "compare", *GATES, "behaviour", "commit")
YEAR_DAYS = 366
OnStage = Callable[[str], None]
"""Told the name of each stage when it begins."""

NO_OVERRIDES = Overrides()


def silently(_stage: str) -> None:
    """An `OnStage` that tells nobody."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A candidate and what was found of it. ``current`` is the revision it was compared with, None before the first
    apply; ``behaviour`` is what callers notice, None where the current revision cannot be loaded any more."""

    candidate: Candidate
    current: RevisionContent | None
    changes: Sequence[FileChange]
    gates: Sequence[GateResult]
    overrides: Overrides
    behaviour: Behaviour | None = None

    @property
    def configuration(self) -> Configuration:
        """The candidate's configuration."""
        return self.candidate.configuration

    @property
    def warnings(self) -> Sequence[Finding]:
        """The warnings of the check, and findings that depend on the day."""
        return self.candidate.warnings

    @property
    def base(self) -> str | None:
        """The revision that must still be current at the commit."""
        return None if self.current is None else self.current.revision.revision

    @property
    def none(self) -> bool:
        """Whether nothing would change."""
        return not self.changes and self.current is not None

    @property
    def refusing(self) -> list[GateResult]:
        """The gates that forbid it."""
        return [gate for gate in self.gates if gate.verdict == "failed" and gate.name not in self.overrides.reasons]

    @property
    def passed_over(self) -> dict[str, str]:
        """The gates that would forbid it, or were not asked, each with the reason given."""
        return {
            gate.name: self.overrides.reasons[gate.name]
            for gate in self.gates
            if gate.verdict in ("failed", "left_out") and gate.name in self.overrides.reasons
        }

    def as_json(self, language: Language) -> dict[str, Any]:
        """As ``plan --json`` prints it (CONTRACT: ``plan``)."""
        return {
            "changes": [change.as_json() for change in self.changes],
            "behaviour": [] if self.behaviour is None else self.behaviour.as_json(language),
            "behaviour_summary": None if self.behaviour is None else self.behaviour.summary(language),
            "none": self.none,
            "current": self.base,
            "warnings": [finding.as_json(language) for finding in self.warnings],
            "gates": [gate.as_json(language) for gate in self.gates],
        }


def judge_folder(
    invocation: Invocation,
    *,
    overrides: Overrides = NO_OVERRIDES,
    on_stage: OnStage = silently,
    behaviour: bool = True,
) -> Judgement:
    """Judge the files of the folder. Raises `Problem` for errors in them, `StoreError` for a store that cannot be
    read."""
    from router.configuration import TableCache

    from ..life.standing import standing_of

    tables = TableCache()
    on_stage("load")
    candidate = from_folder(invocation, tables, pass_lint=_passes_lint(overrides))
    warnings = standing_of(invocation, candidate.configuration).joined(candidate.warnings, warning=True)
    candidate = replace(candidate, warnings=tuple(warnings))
    current = _read_current(candidate.configuration.settings.store)
    return judge(invocation, candidate, current, tables, overrides=overrides, on_stage=on_stage, behaviour=behaviour)


def judge_revision(invocation: Invocation, revision: str, *, on_stage: OnStage = silently) -> Judgement:
    """Judge going to an applied revision; it holds no scenarios. Raises as `judge_folder` does."""
    from router.configuration import TableCache

    from ..loading import load_settings
    from ..world import applied

    tables = TableCache()
    on_stage("load")
    store = load_settings(invocation)[0].store
    content = applied(store, revision)
    candidate = from_content(invocation, content.files, {}, tables, pass_lint=True)
    current = _read_current(store)
    return judge(invocation, candidate, current, tables, on_stage=on_stage)


def judge(
    invocation: Invocation,
    candidate: Candidate,
    current: RevisionContent | None,
    tables: TableCache,
    *,
    overrides: Overrides = NO_OVERRIDES,
    on_stage: OnStage = silently,
    behaviour: bool = True,
) -> Judgement:
    """Compare ``candidate`` with ``current``, ask the gates and, with ``behaviour``, what callers notice."""
    from router.book import RouteBook
    from router.configuration import without_collector
    from router.configuration.diff import text_changes
    from router.flow_environment import BookError
    from simulator.behaviour import affected, compare

    on_stage("compare")
    changes = text_changes(current.files if current else {}, candidate.files)
    if not changes and current is not None:
        return Judgement(candidate, current, changes, (), overrides)
    with without_collector():
        book = RouteBook.compile(candidate.configuration, content_label(candidate.files))
        before = None if current is None else _loaded(invocation, current, tables)
        touched = None if before is None else affected(before, candidate.configuration)
    asked = Asked(candidate, book, *_year(book), _numbers_to_judge(before, candidate, touched))
    gates: list[GateResult] = []
    for name, ask in GATES.items():
        on_stage(name)
        if name in overrides.left_out:
            gates.append(GateResult(name, "left_out", Text(f"{name} was left out.", f"未检查 {name}。")))
        else:
            gates.append(ask(invocation, asked))
    found = None
    if behaviour and before is not None:
        on_stage("behaviour")
        try:
            found = compare(before, candidate.configuration, asked.first, book=book, touched=touched)
        except BookError:
            found = None  # the flows of the current revision do not compile in this version
    return Judgement(candidate, current, changes, gates, overrides, found)


def commit(
    judged: Judgement,
    author: str,
    reason: str | None,
    at: float,
    *,
    on_stage: OnStage = silently,
) -> Revision:
    """Make the candidate the current revision. Raises `Conflict` where the current one changed since it was judged,
    `Problem` where a gate forbids it."""
    from ..stores import change

    if judged.refusing:
        raise refusal(judged)
    on_stage("commit")
    files, overrides = judged.candidate.files, judged.passed_over

    async def apply(store: Store) -> Revision:
        return await store.apply_revision(files, author, reason, at, expected_current=judged.base, overrides=overrides)

    return change(judged.configuration.settings.store, apply, create=judged.current is None)


def refusal(judged: Judgement) -> Problem:
    """The problem (status 1) of a candidate that gates forbid."""
    refusing = judged.refusing
    names = " --override ".join(gate.name for gate in refusing)
    return Problem(
        NOT_RIGHT,
        "refused",
        Text(
            f"Refused, nothing is changed. {' '.join(gate.said.en for gate in refusing)}",
            f"已拒绝，未做任何改动。{''.join(gate.said.zh for gate in refusing)}",
        ),
        Text(
            f"Mend the configuration, or pass over it with a reason: --override {names} --reason TEXT.",
            f"请改正配置；或说明理由后跳过：--override {names} --reason 理由。",
        ),
        [finding for gate in refusing for finding in gate.findings],
    )


def _passes_lint(overrides: Overrides) -> bool:
    from .gates import LINT

    return LINT in overrides.reasons


def _read_current(url: str) -> RevisionContent | None:
    from ..stores import read

    async def current(store: Store) -> RevisionContent | None:
        found = await store.current()
        return None if found is None else await store.get_revision(found.revision)

    return read(url, current)


def _loaded(invocation: Invocation, current: RevisionContent, tables: TableCache) -> Configuration | None:
    """The configuration of the current revision; None where this version cannot load it any more."""
    from router.configuration import load_files

    return load_files(current.files, invocation.config, tables=tables, lint=False).configuration


def _year(book: RouteBook) -> tuple[float, float]:
    """A year from today's midnight on."""
    midnight = datetime.fromtimestamp(time.time(), book.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp(), midnight.timestamp() + YEAR_DAYS * 86_400.0


def _numbers_to_judge(
    before: Configuration | None, candidate: Candidate, touched: Affected | None
) -> Sequence[str] | None:
    """The numbers for which an invariant may have ceased to hold; None: any."""
    if before is None or touched is None or before.invariants != candidate.configuration.invariants:
        return None
    return [number for numbers in touched.shapes for number in numbers]
