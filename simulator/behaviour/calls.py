"""Calls that show a difference: one stimulus, placed in both books."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from ivr_flows.explore import Situation
from router.book import RouteBook
from router.number400 import Number400
from router.record import CallRecord

from ..call import TestCall
from ..parties import AgentScript, TargetScript
from ..script import PressScript
from ..virtual import run_virtual

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Stimulus:
    """Everything that a caller and the others do in one call: a ``line400 call`` that can be repeated."""

    number: str
    caller: str | None
    at: float
    call_id: str = "sample"
    seed: int | None = None
    press: str = ""
    agents: str | None = None
    target: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def run(self, book: RouteBook) -> CallRecord:
        """The call in virtual time."""
        return run_virtual(
            book,
            TestCall(self.number, self.caller, self.at, self.call_id, self.data),
            PressScript.parse(self.press),
            AgentScript.parse(self.agents or "none"),
            TargetScript.parse(self.target or "answer"),
        )

    def command(self, zone: tzinfo) -> str:
        """The ``line400 call …`` ready to copy."""
        words = ["line400", "call", Number400.parse(self.number).grouped]
        if self.caller is not None:
            words += ["--from", self.caller]
        words += ["--at", datetime.fromtimestamp(self.at, zone).isoformat(), "--press", self.press]
        if self.agents is not None:
            words += ["--agents", self.agents]
        if self.target is not None:
            words += ["--target", self.target]
        if self.seed is not None:
            words += ["--seed", str(self.seed)]
        if self.data:
            words += ["--data", json.dumps(self.data, ensure_ascii=False)]
        return shlex.join([*words, "--no-store"])


@dataclass(frozen=True, slots=True)
class Shown:
    """A stimulus and what came of it before and after."""

    stimulus: Stimulus
    before: CallRecord
    after: CallRecord

    def by(self, situation: Situation) -> Shown:
        """The same by the caller and at the moment of ``situation``, to whom it happens alike."""
        who, at, call_id, seed = situation.caller.number, situation.at, situation.call_id, situation.seed
        return replace(self, stimulus=replace(self.stimulus, caller=who, at=at, call_id=call_id, seed=seed))


def differ(
    before: CallRecord,
    after: CallRecord,
    renamed: Mapping[str, str] = NOTHING,
    nodes: Mapping[str, str] = NOTHING,
) -> bool:
    """Whether a caller, or whoever reads the records, can tell the two calls apart: line, flow, path, what was heard,
    outcome and end. A flow or node (``renamed``, ``nodes``: old name → new one) that only has another name is the
    same."""
    path = tuple(_renamed(node, nodes) for node in before.path) if nodes else tuple(before.path)
    flow = renamed.get(before.flow or "", before.flow)
    return (flow, path, *_facts(before)) != (after.flow, tuple(after.path), *_facts(after))


def _renamed(node: str, nodes: Mapping[str, str]) -> str:
    name, slash, inner = node.partition("/")
    return f"{nodes.get(name, name)}{slash}{inner}"


def _facts(record: CallRecord) -> tuple[object, ...]:
    return (
        record.line,
        tuple(record.heard),
        record.outcome,
        record.queue,
        record.hangup_by,
        record.hangup_cause,
        record.fault.code if record.fault else None,
    )
