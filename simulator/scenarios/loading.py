"""Reading ``*.scenario.yaml``: files in, scenarios and findings with places out. Nothing here raises for what a file
holds; only a path that is not there does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ivr_flows.findings import Finding, Text
from ivr_flows.schema import read_model
from ivr_flows.yaml_source import Document, Mapping, Scalar, Sequence, Value, read_bytes, read_file, read_text

from ..parties import AgentScript, TargetScript
from .model import Expectation, Scenario, Step, one_line
from .schema import VERBS, ScenarioModel, StepModel

SUFFIX = ".scenario.yaml"


class ScenariosMissing(Exception):
    """A path to scenarios that is not there, or holds none."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


@dataclass(slots=True)
class LoadedScenarios:
    """The scenarios that could be read, in the order written, and what is wrong with the others."""

    scenarios: list[Scenario] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def scenario_files(paths: Iterable[Path]) -> list[Path]:
    """The scenario files under ``paths``: a file as it is, a folder with all its ``*.scenario.yaml``, sorted.

    Raises `ScenariosMissing` for a path that does not exist and for a folder without a scenario.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob(f"*{SUFFIX}"))
            if not inside:
                raise ScenariosMissing(
                    Text(f"There is no scenario in {path}.", f"{path} 中没有场景。"),
                    Text(f"Scenario files end in {SUFFIX}.", f"场景文件名以 {SUFFIX} 结尾。"),
                )
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise ScenariosMissing(
                Text(f"There is no {path}.", f"找不到 {path}。"),
                Text("Give a scenario file or a folder of them.", "请给出场景文件或其所在的文件夹。"),
            )
    return list(found)


def load_files(paths: Iterable[Path]) -> LoadedScenarios:
    """Read the scenarios of all files under ``paths``; see `scenario_files` for what raises."""
    loaded = LoadedScenarios()
    for path in scenario_files(paths):
        one = load_file(path)
        loaded.scenarios.extend(one.scenarios)
        loaded.findings.extend(one.findings)
    return loaded


def load_file(path: Path, name: str | None = None) -> LoadedScenarios:
    """Read the scenarios of one file; ``name`` is how findings and reports call it."""
    return _load(read_file(path, name))


def load_contents(files: Iterable[tuple[str, bytes]]) -> LoadedScenarios:
    """Read the scenarios of ``files``: the name that findings and reports call each by, and its content."""
    loaded = LoadedScenarios()
    for name, data in files:
        one = _load(read_bytes(data, name))
        loaded.scenarios.extend(one.scenarios)
        loaded.findings.extend(one.findings)
    return loaded


def load_text(text: str, name: str = "text.scenario.yaml") -> LoadedScenarios:
    """Read scenarios from ``text``."""
    return _load(read_text(text, name))


def _load(document: Document) -> LoadedScenarios:
    loaded = LoadedScenarios(findings=list(document.findings))
    root = document.root
    if root is None:
        return loaded
    if not isinstance(root, Mapping):
        loaded.findings.append(
            Finding(
                "error",
                "bad-scenario-file",
                root.place,
                Text("A scenario file is a mapping.", "场景文件应为映射。"),
                Text("Begin it with `scenario: …`.", "请以 `scenario: …` 开头。"),
            )
        )
        return loaded
    several = root.get("scenarios")
    if several is None:
        _add(loaded, document, root, ())
        return loaded
    for key in root.entries:
        if key != "scenarios":
            loaded.findings.append(
                Finding(
                    "error",
                    "unknown-key",
                    root.place_of(key),
                    Text(f"`{key}` cannot stand beside `scenarios`.", f"`{key}` 不能与 `scenarios` 并列。"),
                    Text("Move it into a scenario of the list.", "请移入列表中的某个场景。"),
                )
            )
    if not isinstance(several, Sequence) or not several.items:
        loaded.findings.append(
            Finding(
                "error",
                "bad-value",
                root.place_of("scenarios"),
                Text("`scenarios` wants a list with at least one scenario.", "`scenarios` 应为至少有一个场景的列表。"),
                Text("Write `- scenario: …` under it.", "请在其下写 `- scenario: …`。"),
            )
        )
        return loaded
    for index, item in enumerate(several.items):
        _add(loaded, document, item, ("scenarios", index))
    return loaded


def _add(loaded: LoadedScenarios, document: Document, value: Value, at: tuple[str | int, ...]) -> None:
    model, findings = read_model(ScenarioModel, document, value, at)
    loaded.findings.extend(_sharper(finding) for finding in findings)
    if model is None or not isinstance(value, Mapping):
        return
    call = value.entries["call"]
    data = call.get("data") if isinstance(call, Mapping) else None
    expect = value.get("expect")
    scenario = Scenario(
        name=one_line(model.scenario),
        place=value.place_of("scenario"),
        to_place=call.place_of("to") if isinstance(call, Mapping) else call.place,
        to=model.call.to,
        at=model.call.at,
        caller=model.call.from_ or None,
        call_id=model.call.call_id,
        data={key: typed(item) for key, item in data.entries.items()} if isinstance(data, Mapping) else {},
        agents=AgentScript.parse(model.agents or model.call.agents or "none"),
        targets=TargetScript.parse(model.targets or model.call.targets or "answer"),
        steps=_steps(model.steps, value.get("steps")),
        expect=_expectations(model, expect) if isinstance(expect, Mapping) else (),
        tags=tuple(model.tags),
        lines=model.lines,
        occupied=model.occupied,
        month_calls=model.month_calls,
    )
    loaded.scenarios.append(scenario)


def _steps(models: list[StepModel], written: Value | None) -> tuple[Step, ...]:
    if not isinstance(written, Sequence):
        return ()
    steps: list[Step] = []
    for model, item in zip(models, written.items, strict=True):
        verb = next(verb for verb in VERBS if verb in model.model_fields_set)
        value = getattr(model, verb)
        place = item.place_of(verb) if isinstance(item, Mapping) else item.place
        if isinstance(value, float):
            steps.append(Step(verb, place, seconds=value))  # type: ignore[arg-type]  # one of VERBS
        else:
            steps.append(Step(verb, place, text=value or "", within=model.within))  # type: ignore[arg-type]
    return tuple(steps)


def _expectations(model: ScenarioModel, written: Mapping) -> tuple[Expectation, ...]:
    expect = model.expect
    if expect is None:
        return ()
    found: list[Expectation] = []
    for key in written.entries:
        value = getattr(expect, key)
        if hasattr(value, "model_fields_set"):
            value = {name: getattr(value, name) for name in value.model_fields_set}
        found.append(Expectation(key, value, written.place_of(key)))
    return tuple(found)


def _sharper(finding: Finding) -> Finding:
    """A scenario without its moment gets the reason as well: it is the one key that people expect to be optional."""
    if finding.code == "missing-key" and "`at`" in finding.message.en:
        return replace(
            finding,
            message=Text(
                "`call` has no `at`: a scenario says when the call is placed, since it never reads the clock.",
                "`call` 缺少 `at`：场景必须写明来电时间，因为它从不读取当前时钟。",
            ),
            cure=Text("Add `at: 2026-10-12T10:00:00+08:00`.", "请补上 `at: 2026-10-12T10:00:00+08:00`。"),
        )
    return finding


_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?")


def typed(value: Value) -> Any:
    """The value of scenario data: unquoted ``true``, ``false``, ``null`` and plain decimal numbers are what they look
    like, everything quoted and everything with a leading zero is text."""
    if isinstance(value, Scalar):
        if value.is_null:
            return None
        if value.quoted:
            return value.text
        if value.text in ("true", "false"):
            return value.text == "true"
        if _INTEGER.fullmatch(value.text) and len(value.text) < 19:
            return int(value.text)
        return float(value.text) if _FLOAT.fullmatch(value.text) else value.text
    if isinstance(value, Sequence):
        return [typed(item) for item in value.items]
    return {key: typed(item) for key, item in value.entries.items()}
