"""Our flows as the vendor's flow JSON: ``activities`` with ``properties`` and ``events``.

What the vendor has no node for becomes a function activity, and is reported. The file also carries our own
definition, under ``line400`` and with a fingerprint of the vendor's part: imported again unchanged, the flow is
exactly what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..definition import FlowDefinition, NodeDefinition
from ..findings import Finding, Text
from ..loader import load_flow_document
from ..schema import parse_duration, plain
from ..ssml import is_ssml
from ..yaml_source import Mapping, read_text
from .ccc import OWN, fingerprint
from .graph import Lost

START_ID = "start"
HANGUP_ID = "hangup"
_HEADER = ("flow", "title", "language", "start", "nodes")
_NAME = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_KNOWN = {"caller.number": "开始.caller", "called": "开始.callee"}
_TTS_LIMIT = 200


@dataclass(slots=True)
class Exported:
    """``document`` is the flow JSON, None where the file has errors; ``findings`` then say which."""

    name: str
    document: dict[str, Any] | None
    lost: list[Lost] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Export:
    """One export in progress; ``into`` maps variables to the activity that gathers them."""

    activities: list[dict[str, Any]] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    into: dict[str, str] = field(default_factory=dict)
    wants_hangup: bool = False

    def add(self, key: str, kind: str, name: str, properties: dict[str, Any], exits: dict[str, str | None]) -> None:
        place = len(self.activities)
        position = {"x": 120 + 220 * (place % 6), "y": 80 + 140 * (place // 6)}
        events = []
        for event, target in exits.items():
            if target is None:
                self.wants_hangup = True
            events.append({"event": event, "next": target or HANGUP_ID, "edgeId": f"{key}-{event}"})
        self.activities.append(
            {
                "type": kind,
                "id": key,
                "name": name,
                "nodeIndex": place,
                "properties": {"position": position, **properties},
                "events": events,
            }
        )

    def text(self, node: NodeDefinition, text: str | None) -> str:
        """A template of ours with the vendor's variables; longer expressions stay as they are and are reported."""
        made = _NAME.sub(lambda match: "${" + self._variable(match.group(1)) + "}", text or "")
        if "{{" in made or "{%" in made:
            self.lost.append(
                Lost(node.id, "text", Text("holds an expression that the vendor has not", "含厂商不支持的表达式"))
            )
        if len(made) > _TTS_LIMIT:
            self.lost.append(
                Lost(
                    node.id,
                    "text",
                    Text(f"is longer than the vendor's {_TTS_LIMIT} characters", f"超过厂商的 {_TTS_LIMIT} 字上限"),
                )
            )
        return made

    def _variable(self, name: str) -> str:
        return _KNOWN.get(name) or self.into.get(name) or name


def export_ccc(text: str, file: str) -> Exported:
    """The flow file ``text`` as the vendor's flow JSON."""
    document = read_text(text, file)
    definition, findings = load_flow_document(document)
    if definition is None:
        return Exported(file, None, [], findings)
    export = _Export()
    for node in definition.nodes.values():
        if node.type.name == "gather":
            export.into[node.options.into] = f"{node.id}.digits"
    export.add(START_ID, "INCOMING_CALL", "开始", {}, {"complete": _id(definition.start.name)})
    for node in definition.nodes.values():
        _EXPORTERS.get(node.type.name, _function)(export, node)
    export.add(HANGUP_ID, "HANGUP", "挂机", {}, {})
    export.activities[-1]["events"] = [{"event": "complete", "next": None, "edgeId": None}]
    header = {}
    if isinstance(document.root, Mapping):
        header = {key: plain(value) for key, value in document.root.entries.items() if key not in _HEADER}
    own = {
        "version": 1,
        "fingerprint": fingerprint(export.activities),
        "flow": {
            "flow": definition.name,
            "title": definition.title,
            "language": definition.language,
            "start": definition.start.name,
        },
        "header": header,
        "nodes": [_own(node) for node in definition.nodes.values()],
    }
    made = {
        "name": definition.name,
        "type": _flow_type(definition),
        "description": definition.title,
        "activities": export.activities,
        OWN: own,
    }
    return Exported(definition.name, made, export.lost, findings)


def _flow_type(definition: FlowDefinition) -> str:
    kinds = {node.type.name for node in definition.nodes.values()}
    return "SUB_FLOW" if "return" in kinds else "MAIN_FLOW"


def _own(node: NodeDefinition) -> dict[str, Any]:
    """A node as `ccc.own_definition` reads it: raw options, exits by name."""
    options = plain(node.source.root) or {}
    entry: dict[str, Any] = {"id": node.id, "type": node.type.name}
    main = node.type.main
    if node.type.name == "branch":
        entry["cases"] = [[case["when"], case["next"]] for case in options.pop("cases")]
    elif node.type.name == "share":
        entry["cases"] = [[percent, target] for target, percent in options.pop("targets").items()]
    elif main is not None and main in options:
        options[""] = options.pop(main)
    entry["options"] = options
    if node.next is not None:
        entry["next"] = node.next.name
    if node.on:
        entry["on"] = {name: reference.name for name, reference in node.on.items()}
    if node.otherwise is not None:
        entry["else"] = node.otherwise.name
    return entry


def _id(name: str | None) -> str | None:
    return None if name is None else f"n-{name}"


def _to(node: NodeDefinition, *branches: str) -> str | None:
    """The activity that a branch leads to, following what serves for a missing one."""
    for branch in branches:
        if branch in node.on:
            return _id(node.on[branch].name)
        falls = node.type.branches.falls.get(branch)
        if falls and falls in node.on:
            return _id(node.on[falls].name)
    return None


def _next(node: NodeDefinition) -> str | None:
    return _id(node.next.name) if node.next else None


def _seconds(value: Any) -> int:
    return max(round(parse_duration(value)), 1)


def _play(export: _Export, node: NodeDefinition) -> None:
    options = node.options
    properties = {
        "say": export.text(node, _with_root(options.ssml) if options.ssml else options.text),
        "audioResourceId": options.file or "",
        "audioType": "audio" if options.file else "tts",
        "audioInterrupt": options.barge_in,
    }
    export.add(_id(node.id) or "", "PLAY_SAY", node.id, properties, {"complete": _next(node)})


def _gather_properties(export: _Export, node: NodeDefinition) -> dict[str, Any]:
    options = node.options
    found: dict[str, Any] = {
        "say": export.text(node, options.prompt),
        "audioType": "tts",
        "audioInterrupt": options.barge_in,
        "maxTries": options.retries + 1,
        "timeout": _seconds(options.timeout),
        "digitTimeout": _seconds(options.digit_timeout),
    }
    for ours, theirs in (("no_input_prompt", "timeoutSay"), ("no_match_prompt", "errorSay")):
        text = getattr(options, ours, None)
        if text:
            found[theirs] = export.text(node, text)
    return found


def _gather(export: _Export, node: NodeDefinition) -> None:
    options = node.options
    properties = {
        **_gather_properties(export, node),
        "minLength": options.min_digits,
        "maxLength": options.max_digits,
        "terminator": options.terminator,
        "variable": options.into,
    }
    if options.pattern:
        properties["regex"] = options.pattern
    if options.sensitive:
        properties["sensitive"] = True
    exits = {"success": _to(node, "ok"), "timeout": _to(node, "no_input"), "noMatch": _to(node, "no_match")}
    export.add(_id(node.id) or "", "GATHER_INPUT", node.id, properties, exits)


def _menu(export: _Export, node: NodeDefinition) -> None:
    """A menu is an input of its longest key, and a branch over its keys."""
    keys = [name for name in node.on if name not in node.type.branches.known]
    into = f"{node.id}_key"
    longest = max((len(key) for key in keys), default=1)
    properties = {
        **_gather_properties(export, node),
        "minLength": 1,
        "maxLength": longest,
        "terminator": "",
        "variable": into,
        "regex": "|".join(sorted(re.escape(key) for key in keys)),
    }
    choose = f"{_id(node.id)}-keys"
    exits = {"success": choose, "timeout": _to(node, "no_input"), "noMatch": _to(node, "no_match")}
    export.add(_id(node.id) or "", "GATHER_INPUT", node.id, properties, exits)
    branches = [
        {"event": f"Branch-{key}", "variable": "${" + into + "}", "operator": "==", "value": key} for key in keys
    ]
    events = {f"Branch-{key}": _id(node.on[key].name) for key in keys}
    export.add(
        choose, "BRANCH", f"{node.id} 按键", {"branches": branches}, {**events, "Default": _to(node, "no_match")}
    )


def _branch(export: _Export, node: NodeDefinition) -> None:
    branches, events = [], {}
    for number, case in enumerate(node.options.cases, 1):
        event = f"Branch-{number}"
        when = case.when.strip().removeprefix("{{").removesuffix("}}").strip()
        branches.append({"event": event, "expression": when})
        events[event] = _id(case.next)
    default = _id(node.otherwise.name) if node.otherwise else None
    export.add(_id(node.id) or "", "BRANCH", node.id, {"branches": branches}, {**events, "Default": default})


def _set(export: _Export, node: NodeDefinition) -> None:
    given = [{"name": name, "value": export.text(node, value)} for name, value in node.options.values.items()]
    export.add(_id(node.id) or "", "SET_VARIABLES", node.id, {"variables": given}, {"complete": _next(node)})


def _queue(export: _Export, node: NodeDefinition) -> None:
    options = node.options
    properties: dict[str, Any] = {
        "skillGroupId": export.text(node, options.name),
        "queuingTimeoutSeconds": min(_seconds(options.timeout), 3600),
        "queuePriority": options.priority if isinstance(options.priority, int) else export.text(node, options.priority),
        "routingStrategy": "MOST_IDLE",
        "periodicAnnouncementIntervalSeconds": round(options.announce_every),
    }
    if options.announcement:
        properties["periodicAnnouncementSay"] = export.text(node, options.announcement)
    if options.say_position:
        properties["positionHintsSay"] = "${queuePosition}"
    if getattr(options, "whisper", None):
        properties["agentGreetingSay"] = export.text(node, options.whisper)
    if getattr(options, "last_agent_first", False):
        properties["familiarAgent"] = True
    for name in ("skill", "music", "exit_keys"):
        if getattr(options, name, None):
            export.lost.append(Lost(node.id, name, Text("has no counterpart at the vendor", "厂商没有对应")))
    exits: dict[str, str | None] = {
        "timeout": _to(node, "timeout"),
        "overflow": _to(node, "full"),
        "failure": _to(node, "no_agents"),
    }
    if "answered" in node.on:
        exits = {"complete": _to(node, "answered"), **exits}
    export.add(_id(node.id) or "", "TRANSFER_TO_AGENT", node.id, properties, exits)


def _transfer(export: _Export, node: NodeDefinition) -> None:
    options = node.options
    if options.line:
        export.lost.append(Lost(node.id, "line", Text("the vendor dials numbers only", "厂商只能拨号码")))
    properties = {"callee": export.text(node, options.to or options.line), "timeout": _seconds(options.timeout)}
    exits = {"busy": _to(node, "busy"), "noAnswer": _to(node, "no_answer"), "failure": _to(node, "failed")}
    if "answered" in node.on:
        exits = {"success": _to(node, "answered"), **exits}
    export.add(_id(node.id) or "", "FORWARD_TO_OUTSIDE_NUMBER", node.id, properties, exits)


def _voicemail(export: _Export, node: NodeDefinition) -> None:
    options = node.options
    properties = {
        "box": options.box,
        "say": export.text(node, options.prompt),
        "maxLengthSeconds": _seconds(options.max),
    }
    export.add(_id(node.id) or "", "VOICEMAIL", node.id, properties, {"complete": _next(node)})


def _hours(export: _Export, node: NodeDefinition) -> None:
    exits = {"open": _to(node, "open"), "closed": _to(node, "closed"), "holiday": _to(node, "holiday")}
    export.lost.append(
        Lost(node.id, "calendar", Text("the vendor builds hours from branches", "厂商用分支实现工作时间"))
    )
    export.add(_id(node.id) or "", "WORK_TIME", node.id, {"calendar": node.options.calendar}, exits)


def _hangup(export: _Export, node: NodeDefinition) -> None:
    properties: dict[str, Any] = {"hangupCause": str(node.options.cause)}
    if node.options.text:
        properties["say"] = export.text(node, node.options.text)
    export.add(_id(node.id) or "", "HANGUP", node.id, properties, {})


def _subflow(export: _Export, node: NodeDefinition) -> None:
    options = plain(node.source.root) or {}
    properties = {"flowName": options.get("flow", ""), "inputs": options.get("with") or {}}
    exits = {
        ("success" if name == "ok" else "failure" if name == "failed" else name): _id(target.name)
        for name, target in node.on.items()
    }
    export.add(_id(node.id) or "", "SUB", node.id, properties, exits)


def _goto_flow(export: _Export, node: NodeDefinition) -> None:
    """The vendor's sub-flows come back: one behind which the call ends."""
    export.lost.append(
        Lost(
            node.id,
            "flow",
            Text("is a sub-flow there, behind which the call ends", "在厂商处是子流程，返回后结束通话"),
        )
    )
    behind = f"{_id(node.id)}-end"
    properties = {"flowName": node.options.flow, "inputs": node.options.with_}
    export.add(_id(node.id) or "", "SUB", node.id, properties, {"success": behind, "failure": behind})
    export.add(behind, "HANGUP", f"{node.id} end", {"hangupCause": "normal"}, {})


def _with_root(markup: str) -> str:
    return markup if is_ssml(markup) else f"<speak>{markup}</speak>"


def _return(export: _Export, node: NodeDefinition) -> None:
    options = plain(node.source.root) or {}
    main = node.type.main or "branch"
    export.add(_id(node.id) or "", "SUB_END", node.id, {"exit": options.get(main) or "ok"}, {})


def _survey(export: _Export, node: NodeDefinition) -> None:
    options = plain(node.source.root) or {}
    low, _, high = str(options.get("scale") or "1-5").partition("-")
    properties = {"say": export.text(node, options.get("prompt")), "minScore": low, "maxScore": high}
    exits = {"success": _to(node, "done"), "timeout": _to(node, "no_input")}
    export.add(_id(node.id) or "", "SATISFACTION_RATING", node.id, properties, exits)


def _fetch(export: _Export, node: NodeDefinition) -> None:
    options = plain(node.source.root) or {}
    body = options.get("body")
    properties: dict[str, Any] = {
        "url": export.text(node, options.get("url")),
        "method": options.get("method") or "GET",
        "timeout": _seconds(options.get("timeout") or 5),
        "variable": options.get("into") or "last",
    }
    if isinstance(body, dict):
        properties["inputs"] = {
            name: export.text(node, value) for name, value in body.items() if isinstance(value, str)
        }
    elif isinstance(body, str):
        properties["body"] = export.text(node, body)
    export.add(
        _id(node.id) or "",
        "FUNCTION_COMPUTE",
        node.id,
        properties,
        {"success": _to(node, "ok"), "failure": _to(node, "error")},
    )


def _function(export: _Export, node: NodeDefinition) -> None:
    """A node that the vendor has not: a function of that name, with every exit."""
    export.lost.append(
        Lost(node.id, "", Text(f"the vendor has no `{node.type.name}` node", f"厂商没有 `{node.type.name}` 节点"))
    )
    exits: dict[str, str | None] = {
        name.replace("ok", "success"): _id(reference.name) for name, reference in node.exits()
    }
    properties = {"functionName": f"{OWN}:{node.type.name}", "inputs": plain(node.source.root) or {}}
    export.add(_id(node.id) or "", "FUNCTION_COMPUTE", node.id, properties, exits or {"success": None})


_EXPORTERS: dict[str, Callable[[_Export, NodeDefinition], None]] = {
    "play": _play,
    "gather": _gather,
    "menu": _menu,
    "branch": _branch,
    "set": _set,
    "queue": _queue,
    "transfer": _transfer,
    "voicemail": _voicemail,
    "hours": _hours,
    "hangup": _hangup,
    "subflow": _subflow,
    "return": _return,
    "goto_flow": _goto_flow,
    "survey": _survey,
    "fetch": _fetch,
}
