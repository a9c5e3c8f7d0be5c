"""The pages of ``docs/rules`` as tests read them, and the outside in which their flows stand."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from ivr_flows import Finding, compile_flow, load_flow
from ivr_flows.definition import FlowDefinition
from ivr_flows.lint import Calls, family, lint
from ivr_flows.session import Session
from router.callers import caller_facts
from simulator.parties import AgentScript, TargetScript
from simulator.script import PressScript
from simulator.virtual import VirtualCall

from ..flows.environment import AT, KnownNames, context

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "rules"
IDENTIFY = """
flow: identify
nodes:
  ask: { gather: { prompt: 请输入会员号。, into: member }, on: { ok: vip, no_input: nobody } }
  vip: { return: vip }
  nobody: { return: ok }
"""


class World(KnownNames):
    """`KnownNames`, with a calendar `empty` that is never open and the subflow `identify`."""

    def __init__(self, *definitions: FlowDefinition) -> None:
        super().__init__("open", (IDENTIFY,))
        self.calendars["empty"] = lambda at: "closed"
        self.definitions |= {definition.name: definition for definition in definitions}
        self.flows = (*self.flows, *(definition.name for definition in definitions))


def world(definition: FlowDefinition) -> World:
    """The outside of ``definition``."""
    return World(definition)


def judged(text: str, number: str | None = None) -> list[Finding]:
    """Every finding of loading and linting ``text``, with calls that show them."""
    definition, findings = load_flow(text, "example.flow.yaml")
    if definition is None:
        return findings
    outside = world(definition)
    numbers = {definition.name: number} if number else {}
    calls = Calls(AT, numbers)
    return findings + lint(definition, outside, among=family(outside.definitions), calls=calls)


@dataclass(frozen=True, slots=True)
class Case:
    """A wrong flow with the code of its finding, the right flow, and the call on the page."""

    page: str
    code: str
    wrong: str
    right: str
    call: str | None


def cases() -> list[Case]:
    """All cases of all pages."""
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        if path.stem == "index":
            continue
        parts = re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
        for wrong, right in zip(parts[::2], parts[1::2], strict=True):
            other = re.match(r"Wrong \((.*)\)", wrong)
            code = other[1] if other else path.stem
            assert wrong.startswith("Wrong"), path
            assert right.startswith(f"Right ({code})" if other else "Right"), path
            call = re.search(r"^Shown by: `(.*)`$", wrong, re.MULTILINE)
            found.append(Case(path.stem, code, _yaml(wrong), _yaml(right), call[1] if call else None))
    return found


def _yaml(part: str) -> str:
    (found,) = re.findall(r"```yaml\n(.*?)```", part, re.DOTALL)
    return str(found)


def replay(text: str, command: str) -> SimpleNamespace:
    """Place the call of ``command`` to the flow ``text`` in virtual time; its session, and when it began and ended."""
    words = shlex.split(command)
    assert words[:2] == ["line400", "call"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    definition, _ = load_flow(text, "example.flow.yaml")
    assert definition is not None
    assert given["--flow"] == definition.name
    flow = compile_flow(definition, world(definition))
    at = datetime.fromisoformat(given["--at"]).timestamp() if "--at" in given else AT
    session: Session = flow.session(context(caller=None) if "--from" not in given else context(given["--from"]))
    session.context.caller = caller_facts(given.get("--from"))
    call = VirtualCall(
        session,
        PressScript.parse(given["--press"]),
        AgentScript.parse(given.get("--agents", "none")),
        TargetScript.parse(given.get("--target", "answer")),
        at,
    )
    call.run()
    return SimpleNamespace(
        session=session,
        path=session.path,
        heard=session.heard,
        pressed=session.inputs,
        outcome=session.outcome,
        fault=session.fault.code if session.fault else None,
        seconds=call.now - at,
    )
