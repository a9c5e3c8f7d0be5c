"""Asterisk's applications that steer: assignments, jumps, subroutines, loops, the end of a call."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..findings import Text
from .asterisk_apps import made
from .asterisk_call import Call, opaque
from .asterisk_source import Step, split_arguments
from .asterisk_values import time_condition
from .graph import Node
from .naming import slug, variable

_ASKED = re.compile(r"\$\{CURL\((.*)\)\}", re.DOTALL | re.IGNORECASE)
VARIABLE_CALL = re.compile(r"([A-Za-z_]+)\((.*)\)$", re.DOTALL)
_CAUSES = {"busy": "busy", "congestion": "34"}


def assign(call: Call) -> Node:
    """``Set(name=value)``; special functions on the left are settings."""
    values: dict[str, str] = {}
    assignments = call.given if call.name.lower() == "mset" else [call.arguments]
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        name = name.strip().lstrip("_")
        match = VARIABLE_CALL.match(name)
        if match:
            function, inner = match.group(1).upper(), match.group(2)
            if (function == "CHANNEL" and inner == "language") or function == "LANGUAGE":
                return _language(call, value)
            if function in ("GLOBAL", "LOCAL", "SHARED"):
                name = inner
            elif function == "TIMEOUT":
                call.lose(name, Text("timeouts stand at the node that asks", "超时写在收号节点上"))
            elif function == "ARRAY":
                for each, part in zip(split_arguments(inner), split_arguments(value.strip('"')), strict=False):
                    values[variable(each)] = call.variables.template(part)
                continue
            else:
                call.lose(name, Text("is kept as a variable only", "只作为变量保存"))
        asked = _ASKED.fullmatch(value.strip().strip('"'))
        if asked and not match and len(assignments) == 1:
            return _ask(call, variable(name), *split_arguments(asked.group(1)))
        values[variable(slug(name, "value") if match and "(" in name else name)] = _value(call, value)
    return call.node("set", {"": values or {"nothing": ""}})


def _ask(call: Call, into: str, url: str, *posted: str) -> Node:
    """``Set(x=${CURL(address[,data to be posted])})``: a request of its own."""
    options: dict[str, Any] = {"url": call.variables.template(url.strip().strip('"'))}
    if posted and posted[0]:
        options |= {"method": "POST", "body": call.variables.template(posted[0])}
    call.graph.outside.setdefault(into, "''")
    return Node(call.key, "fetch", options | {"into": into}, on={"ok": call.behind, "error": call.behind})


def _value(call: Call, value: str) -> str:
    stripped = value.strip()
    pieces = call.variables.parts(stripped)
    if len(pieces) == 1 and pieces[0][0]:
        return "{{ " + pieces[0][1] + " }}"
    text = call.variables.template(stripped)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _language(call: Call, value: str) -> Node:
    written = value.strip().strip('"').lower()
    if not written.startswith(("zh", "cn", "en")):
        call.lose(f"language {written}", Text("has no prompts here", "没有该语言的提示音"))
    return call.node("language", {"": "zh-CN" if written.startswith(("zh", "cn")) else "en"})


def goto(call: Call) -> Node:
    """A jump: a branch with one way, so that the step stays visible."""
    return Node(call.key, "branch", cases=[("true", call.goto(call.arguments))])


def goto_if(call: Call) -> Node:
    condition, _, choice = _question(call.arguments)
    yes, no = _choice(choice)
    return _fork(call, call.variables.condition(condition), yes, no)


def _question(text: str) -> tuple[str, str, str]:
    """``condition?choice``, at the first ``?`` outside of brackets."""
    depth = 0
    for place, letter in enumerate(text):
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "?" and depth == 0:
            return text[:place], "?", text[place + 1 :]
    return text, "", ""


def _choice(choice: str) -> tuple[str, str]:
    parts = split_arguments(choice, ":")
    return parts[0].strip(), parts[1].strip() if len(parts) > 1 else ""


def _fork(call: Call, when: str, yes: str, no: str) -> Node:
    to_yes = call.goto(yes) if yes else call.behind
    to_no = call.goto(no) if no else call.behind
    return Node(call.key, "branch", cases=[(when, to_yes)], otherwise=to_no)


def goto_if_time(call: Call) -> Node:
    spec, _, choice = _question(call.arguments)
    when = time_condition([each.strip() for each in spec.split(",")])
    if when is None:
        call.lose(spec, Text("these hours cannot be read; write an `hours` node", "无法读取该时间，请写 `hours` 节点"))
        when = "false"
    yes, no = _choice(choice)
    return _fork(call, when, yes, no)


def exec_if(call: Call) -> Node:
    """``ExecIf(condition?application(arguments):application(arguments))``."""
    condition, _, choice = _question(call.arguments)
    if call.name.lower() == "execiftime":
        when = time_condition([each.strip() for each in condition.split(",")]) or "false"
    else:
        when = call.variables.condition(condition)
    yes, no = _choice(choice)
    targets = [_inner(call, written, number) if written else call.behind for number, written in enumerate((yes, no))]
    return Node(call.key, "branch", cases=[(when, targets[0])], otherwise=targets[1])


def _inner(call: Call, written: str, number: int) -> str:
    name, _, rest = written.partition("(")
    arguments = rest.rpartition(")")[0] if ")" in rest else rest
    given = split_arguments(arguments) if arguments.strip() else []
    key = f"{call.key} then {number}"
    inner = replace(call, name=name.strip(), arguments=arguments, given=given, key=key)
    node = made(inner)
    node.key, node.name = key, node.name or name.strip()
    call.graph.nodes[key] = node
    return key


def gosub(call: Call) -> Node:
    """``Gosub(context,extension,priority(arguments))``: a flow that comes back."""
    return _gosub(call, call.arguments)


def gosub_if(call: Call) -> Node:
    condition, _, choice = _question(call.arguments)
    yes, no = _choice(choice)
    targets = []
    for number, written in enumerate((yes, no)):
        if not written:
            targets.append(call.behind)
            continue
        key = f"{call.key} sub {number}"
        node = _gosub(replace(call, key=key), written)
        node.key, node.name = key, "subroutine"
        call.graph.nodes[key] = node
        targets.append(key)
    return Node(call.key, "branch", cases=[(call.variables.condition(condition), targets[0])], otherwise=targets[1])


def _gosub(call: Call, written: str) -> Node:
    match = re.search(r"\((.*)\)\s*$", written, re.DOTALL)
    arguments = split_arguments(match.group(1)) if match and match.group(1).strip() else []
    target = written[: match.start()] if match and "${" not in written[match.start() - 1 : match.start()] else written
    parts = [each for each in split_arguments(target) if each] or ["1"]
    where = parts[-1]
    exten = parts[-2] if len(parts) > 1 else call.extension.name
    context = parts[-3] if len(parts) > 2 else call.context
    if "${" in exten:
        exten = call.extension.name
    return _subroutine(call, context, exten, where, arguments)


def macro(call: Call) -> Node:
    if not call.given:
        return opaque(call)
    return _subroutine(call, f"macro-{call.given[0]}", "s", "1", call.given[1:])


def _subroutine(call: Call, context: str, exten: str, where: str, arguments: list[str]) -> Node:
    name = None if "${" in context + where else call.flow.reader.subroutine(context, exten, where)
    if name is None:
        name = slug(re.sub(r"\W", "_", context), "subroutine")
        call.lose(
            f"{context},{exten},{where}",
            Text(f"is not in the file; write it as flow `{name}`", f"不在文件中，请写成流程 `{name}`"),
        )
    options: dict[str, object] = {"flow": name}
    if arguments:
        options["with"] = {f"ARG{place}": _value(call, each) for place, each in enumerate(arguments, 1)}
    return Node(call.key, "subflow", options, on={"ok": call.behind, "failed": call.behind})


def back(call: Call) -> Node:
    if not call.flow.subroutine:
        return Node(call.key, "hangup", {"": "normal"})
    return Node(call.key, "return", {"": "ok"})


def hang_up(call: Call) -> Node:
    word = call.argument(0).strip()
    name = call.name.lower()
    cause = _CAUSES.get(name, word if word.isdecimal() and 1 <= int(word) <= 127 else "normal")
    return Node(call.key, "hangup", {"": cause})


def random(call: Call) -> Node:
    """``Random(probability:target)``."""
    written, _, target = call.arguments.partition(":")
    percent = min(max(int(written), 0), 100) if written.strip().isdigit() else 50
    cases = [(f"{percent}", call.goto(target)), (f"{100 - percent}", call.behind)]
    return Node(call.key, "share", {"by": "call"}, cases=cases)


def begin_while(call: Call) -> Node:
    """``While``: its body, or behind the matching ``EndWhile``."""
    own = _own_priority(call)
    end = _matching(call, own, 1, "while", "endwhile")
    away = call.flow.at(call.context, call.extension, str(end + 1)) if end is not None else call.flow.end()
    return Node(call.key, "branch", cases=[(call.variables.condition(call.arguments), call.behind)], otherwise=away)


def end_while(call: Call) -> Node:
    own = _own_priority(call)
    name = call.name.lower()
    if name == "exitwhile":
        end = _matching(call, own, 1, "while", "endwhile", 1)
        target = call.flow.at(call.context, call.extension, str(end + 1)) if end is not None else call.flow.end()
    else:
        start = _matching(call, own, -1, "endwhile", "while", 0 if name == "endwhile" else 1)
        target = call.flow.at(call.context, call.extension, str(start)) if start is not None else call.flow.end()
    return Node(call.key, "branch", cases=[("true", target)])


def _own_priority(call: Call) -> int:
    return int(next(iter(re.findall(r" (\d+)(?: again \d+)?$", call.key)), "1"))


def _matching(call: Call, own: int, way: int, opening: str, closing: str, depth: int = 0) -> int | None:
    steps: list[Step] = sorted(call.extension.steps.values(), key=lambda step: way * step.priority)
    inside = depth
    for step in steps:
        if way * step.priority < way * own:
            continue
        name = step.application.lower()
        if name == opening:
            inside += 1
        elif name == closing:
            inside -= 1
            if inside == 0:
                return step.priority
    return None


def _each(names: str, maker: Callable[[Call], Node]) -> dict[str, Callable[[Call], Node]]:
    return dict.fromkeys(names.lower().split(), maker)


CONTROL: dict[str, Callable[[Call], Node]] = {
    **_each("Set MSet SetVar SetGlobalVar ImportVar ClearHash DBput DBget Math", assign),
    **_each("Goto", goto),
    **_each("GotoIf", goto_if),
    **_each("GotoIfTime", goto_if_time),
    **_each("ExecIf ExecIfTime", exec_if),
    **_each("Gosub", gosub),
    **_each("GosubIf", gosub_if),
    **_each("Macro MacroExclusive", macro),
    **_each("Return MacroExit MacroReturn", back),
    **_each("Hangup Busy Congestion HangupCauseClear", hang_up),
    **_each("Random", random),
    **_each("While", begin_while),
    **_each("EndWhile ContinueWhile ExitWhile", end_while),
}
