"""What a dialplan says: recordings, numbers, texts, the time."""

from __future__ import annotations

import re
from typing import Any

from ..findings import Text
from .asterisk_call import Call
from .graph import Node


def playback(call: Call) -> Node:
    return play_files(call, call.argument(0), barge_in=False)


def background(call: Call) -> Node:
    return play_files(call, call.argument(0), barge_in=True)


def play_files(call: Call, written: str, barge_in: bool) -> Node:
    files = [each.strip().strip('"') for each in written.split("&") if each.strip().strip('"')]
    if not files:
        return call.node("wait", {"": "0s"})
    following = call.behind
    for number in range(len(files) - 1, 0, -1):
        following = call.add(f"part {number}", "play", _file(call, files[number], barge_in), following, files[number])
    return Node(call.key, "play", _file(call, files[0], barge_in), next=following)


def _file(call: Call, name: str, barge_in: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"file": name}
    if "${" in name or "$[" in name:
        call.lose(name, Text("a computed recording is read aloud", "动态录音改为朗读"))
        options = {"": call.variables.template(name)}
    if barge_in:
        options["barge_in"] = True
    return options


def speak(call: Call, text: str, barge_in: bool = False) -> Node:
    options: dict[str, Any] = {"": call.variables.template(text.strip().strip('"')).strip() or "…"}
    if barge_in:
        options["barge_in"] = True
    return call.node("play", options)


def say_digits(call: Call) -> Node:
    return call.node("play", {"": "{{ " + _as_value(call.variables.expression(call.argument(0))) + " | digits }}"})


def say_number(call: Call) -> Node:
    return call.node("play", {"": "{{ " + _as_value(call.variables.expression(call.argument(0))) + " | number }}"})


def _as_value(made: str) -> str:
    return made if re.fullmatch(r"[\w.]+|'[^']*'", made) else f"({made})"


def say_letters(call: Call) -> Node:
    return call.node("play", {"": call.variables.template(call.argument(0)) or "…"})


def say_time(call: Call) -> Node:
    if call.argument(0):
        call.lose(call.argument(0), Text("the present moment is read", "朗读当前时间"))
    return call.node("play", {"": "{{ now | date }} {{ now | time }}"})
