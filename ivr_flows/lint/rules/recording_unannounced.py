"""``recording-unannounced``: a caller is recorded without being told: a message without a word before it, or a
recording of the call that no earlier text speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from ...definition import NodeDefinition
from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject

_ANNOUNCES = re.compile(r"录音|錄音|录制|\brecord", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every node that records."""
    for node in subject.live():
        if facts.records(node):
            if facts.heard(node):
                continue
            way = _unheard(subject, node, facts.speaks, facts.person)
            what = Text(
                f"`{node.id}` records the caller, who is not told to speak",
                f"`{node.id}` 开始录音，但来电者没有听到提示",
            )
            cure = Text("Give it a `prompt:`, or play a text before it.", "请加上 `prompt:`，或在之前播放提示。")
        elif _starts_recording(node):
            way = _unheard(subject, node, _announces, lambda _: False)
            what = Text(
                f"`{node.id}` records the call, and no text before it says so",
                f"`{node.id}` 开始通话录音，但之前没有告知来电者",
            )
            cure = Text(
                "Play a text before it, such as “this call is recorded”.", "请在之前播放“本次通话将被录音”等告知。"
            )
        else:
            continue
        if way is not None:
            yield Problem(
                node.place,
                Text(f"{what.en} ({' → '.join(way)}).", f"{what.zh}（{' → '.join(way)}）。"),
                cure,
                show=partial(Probe.path, nodes=way),
            )


def _starts_recording(node: NodeDefinition) -> bool:
    # Only a node that needs no caller and is called so switches the recording of the whole call on.
    return node.type.name == "recording" and facts.option(node, node.type.main or "") in (True, "on")


def _announces(node: NodeDefinition) -> bool:
    return any(_ANNOUNCES.search(words.text) for words in facts.heard(node)) or bool(facts.option(node, "file"))


def _unheard(
    subject: Subject,
    node: NodeDefinition,
    tells: Callable[[NodeDefinition], bool],
    interrupts: Callable[[NodeDefinition], bool],
) -> list[str] | None:
    """A way to ``node`` on which no node ``tells``, from the start or from one that ``interrupts``."""
    waiting = [[node.id]]
    seen: set[str] = set()
    for way in waiting:
        first = way[0]
        if first in seen:
            continue
        seen.add(first)
        if len(way) > 1 and interrupts(subject.flow.nodes[first]):
            return way
        if first == subject.flow.start.name:
            return way
        for name in subject.before[first]:
            if not tells(subject.flow.nodes[name]) or interrupts(subject.flow.nodes[name]):
                waiting.append([name, *way])
    return None


RULE = Rule(
    "recording-unannounced",
    "warning",
    Text("recording without an announcement", "录音前没有告知"),
    check,
    behaviour=True,
)
