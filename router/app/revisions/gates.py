"""What a candidate must pass before it comes into force, by name; each may be passed over, with a reason.

The errors of the check itself are no gate: a configuration that has them cannot run at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ivr_flows.findings import Finding, Language, Text

from ..invocation import Invocation
from ..loading import refuse
from ..problems import usage
from .candidate import Candidate

if TYPE_CHECKING:
    from router.book import RouteBook
    from simulator.scenarios import Report

Verdict = Literal["passed", "failed", "left_out", "empty"]


@dataclass(frozen=True, slots=True)
class GateResult:
    """How one gate judged. ``left_out``: it was not asked; ``empty``: there is nothing that it could judge by.
    ``said`` is one sentence; ``findings`` and ``report`` what stands behind it."""

    name: str
    verdict: Verdict
    said: Text
    findings: Sequence[Finding] = ()
    report: Report | None = None

    def as_json(self, language: Language) -> dict[str, Any]:
        """As ``plan --json`` and ``apply --json`` print it among ``gates``."""
        return {
            "gate": self.name,
            "verdict": self.verdict,
            "said": self.said.to(language),
            "findings": [finding.as_json(language) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Overrides:
    """Gates to pass over. ``reasons``: by name; ``left_out`` are not even asked."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, names: Sequence[str], reason: str | None, *, no_preflight: bool = False) -> Overrides:
        """The options of a command. Raises `Problem` for a gate that is none, and where the reason is missing."""
        from ivr_flows.schema import nearest

        for name in names:
            if name in GATES:
                continue
            close = nearest(name, GATES)
            known = ", ".join(GATES)
            if name == "check":
                raise usage(
                    "unknown-gate",
                    Text("Errors of the check cannot be passed over.", "配置检查的错误不能跳过。"),
                    Text(f"Correct them. Gates: {known}.", f"请改正。可跳过的关口：{known}。"),
                )
            raise usage(
                "unknown-gate",
                Text(f"There is no gate `{name}`.", f"没有名为 `{name}` 的关口。"),
                Text(f"Did you mean `{close}`?", f"是否想输入 `{close}`？")
                if close
                else Text(f"One of: {known}.", f"可选：{known}。"),
            )
        if names and not (reason and reason.strip()):
            raise usage(
                "reason-missing",
                Text("Passing over a gate needs a reason.", "跳过关口需要说明理由。"),
                Text("Add --reason TEXT; it is kept in the audit.", "请加 --reason 理由；理由会写入审计。"),
            )
        reasons = {name: (reason or "").strip() for name in names}
        if no_preflight:
            reasons[PREFLIGHT] = (reason or "").strip() or "--no-preflight"
        return cls(reasons, frozenset([PREFLIGHT]) if no_preflight else frozenset())


LINT = "lint"
INVARIANTS = "invariants"
PREFLIGHT = "preflight"


@dataclass(frozen=True, slots=True)
class Asked:
    """What gates judge: the candidate, compiled to ``book``, for the year from ``first`` to ``last``. ``numbers`` are
    those that can behave otherwise than in the revision in force; None: all of them."""

    candidate: Candidate
    book: RouteBook
    first: float
    last: float
    numbers: Sequence[str] | None = None


def judge_lint(_invocation: Invocation, asked: Asked) -> GateResult:
    """The errors of the checks of flows and routes, by the severities of line400.yaml."""
    candidate = asked.candidate
    count = len(candidate.lint)
    if not count:
        return GateResult(LINT, "passed", Text("The linter has no error.", "流程与路由检查没有错误。"))
    plural = "" if count == 1 else "s"
    said = Text(f"The linter has {count} error{plural}.", f"流程与路由检查有 {count} 个错误。")
    return GateResult(LINT, "failed", said, candidate.lint)


def judge_invariants(_invocation: Invocation, asked: Asked) -> GateResult:
    """Every invariant against every cell of the calls of a year. Numbers that cannot behave otherwise than in the
    revision in force were judged when that one was applied."""
    from simulator.proving import Prover, findings_of_invariants

    configuration = asked.candidate.configuration
    if not configuration.invariants:
        return GateResult(INVARIANTS, "empty", Text("There are no invariants.", "没有不变式。"))
    prover = Prover(configuration, asked.book, asked.first, asked.last)
    findings = tuple(findings_of_invariants(prover, configuration.invariants, asked.numbers))
    count = len(configuration.invariants)
    if not findings:
        words = "1 invariant holds." if count == 1 else f"{count} invariants hold."
        return GateResult(INVARIANTS, "passed", Text(words, f"{count} 条不变式成立。"))
    broken = len(findings)
    words = "An invariant does not hold." if broken == 1 else f"Invariants do not hold in {broken} cases."
    return GateResult(INVARIANTS, "failed", Text(words, f"不变式不成立（{broken} 处）。"), findings)


def judge_preflight(invocation: Invocation, asked: Asked) -> GateResult:
    """The scenarios, in virtual time. Raises `Problem` for scenarios that cannot be read."""
    from ivr_flows.findings import has_errors
    from simulator.scenarios import load_contents, run_virtually

    candidate = asked.candidate
    if not candidate.scenarios:
        return GateResult(PREFLIGHT, "empty", Text("There are no scenarios.", "没有测试场景。"))
    loaded = load_contents((str(invocation.config / name), data) for name, data in candidate.scenarios.items())
    if has_errors(loaded.findings):
        raise refuse(loaded.findings)
    report = run_virtually(loaded, asked.book)
    count = len(report.results)
    if not report.failed:
        words = "1 scenario passes." if count == 1 else f"{count} scenarios pass."
        return GateResult(PREFLIGHT, "passed", Text(words, f"{count} 个场景通过。"), (), report)
    said = Text(f"{report.failed} of {count} scenarios fail.", f"{count} 个场景中有 {report.failed} 个失败。")
    return GateResult(PREFLIGHT, "failed", said, (), report)


Judge = Callable[[Invocation, Asked], GateResult]
GATES: dict[str, Judge] = {LINT: judge_lint, INVARIANTS: judge_invariants, PREFLIGHT: judge_preflight}
"""In the order in which they are asked."""
