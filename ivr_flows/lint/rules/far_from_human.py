"""``far-from-human``: a flow leads to people, and the shortest way there is longer than ``human_within`` (60 s): what a
caller must listen to, the keys pressed as soon as they are offered."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from functools import partial

from ...definition import NodeDefinition
from ...findings import Text
from ...prompts import speech_seconds
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..spoken_keys import offered_keys
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for the flow."""
    start = subject.flow.start.name
    if start not in subject.flow.nodes or not any(facts.person(node) for node in subject.live()):
        return
    limit = subject.settings.human_within
    best: dict[str, float] = {}
    waiting: list[tuple[float, str, list[str]]] = [(0.0, start, [start])]
    while waiting:
        seconds, name, way = heapq.heappop(waiting)
        if name in best:
            continue
        best[name] = seconds
        node = subject.flow.nodes[name]
        if facts.person(node):
            if seconds > limit:
                yield Problem(
                    node.place,
                    Text(
                        f"A caller listens for {seconds:.0f} s before a person can be reached, by the shortest way "
                        f"({' → '.join(way)}); at most {limit:g} s are wanted.",
                        f"最快也要听 {seconds:.0f} 秒才能接通人工（{' → '.join(way)}），上限 {limit:g} 秒。",
                    ),
                    Text(
                        "Shorten the texts, let keys interrupt them, or offer the person earlier.",
                        "请缩短提示语，允许按键打断，或更早提供人工服务。",
                    ),
                    show=partial(Probe.path, nodes=way),
                )
            return
        for branch, target in subject.exits[name]:
            if branch != "abandoned" and target.name not in best:
                heapq.heappush(waiting, (seconds + _seconds(subject, node, branch), target.name, [*way, target.name]))


def _seconds(subject: Subject, node: NodeDefinition, branch: str) -> float:
    """How long the caller is in ``node`` at least when leaving it by ``branch``, in its shortest language."""
    return min(_in_language(subject, node, branch, language) for language in subject.languages[node.id])


def _in_language(subject: Subject, node: NodeDefinition, branch: str, language: str) -> float:
    heard = subject.heard_plainly(node, language)
    if not facts.asks(node):
        return sum(speech_seconds(words.text) for words in heard) + facts.pause(node)
    prompt = next((words.text for words in heard if words.path[0] == "prompt"), "")
    if branch in ("no_input", "no_match"):
        tries = 1 + int(facts.option(node, "retries") or 0)
        silence = float(facts.option(node, "timeout") or 0.0) if branch == "no_input" else 0.0
        return tries * (speech_seconds(prompt) + silence)
    if facts.option(node, "barge_in"):
        end = next((offered.end for offered in offered_keys(prompt) if offered.key == branch), None)
        if end is not None:
            return speech_seconds(prompt[:end])
    return speech_seconds(prompt) if prompt else 0.0


RULE = Rule(
    "far-from-human",
    "warning",
    Text("too long before a person can be reached", "接通人工之前太久"),
    check,
    behaviour=True,
)
