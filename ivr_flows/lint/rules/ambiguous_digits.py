"""``ambiguous-digits``: one key of a menu begins another (1 and 10), and nothing says how long the second digit is
waited for, or too short a time for a person's finger."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...findings import Text
from .. import facts
from ..probe import Probe
from ..rule import Problem, Rule
from ..subject import Subject

SHORTEST = 1.0
"""Seconds that a caller needs for the next digit."""


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every menu."""
    for node in subject.live():
        wait = facts.option(node, "digit_timeout")
        if wait is None:
            continue
        keys = facts.keys(node)
        pair = next(((a, b) for a in keys for b in keys if a != b and b.startswith(a)), None)
        if pair is None or (facts.written(node, "digit_timeout") and wait >= SHORTEST):
            continue
        short, long = pair
        yield Problem(
            node.on[short].place,
            Text(
                f"`{node.id}` has the keys {short} and {long}: who presses {short} waits {wait:g} s, "
                f"who is slower never reaches {long}.",
                f"`{node.id}` 同时有按键 {short} 和 {long}：按 {short} 要等 {wait:g} 秒，按得慢则到不了 {long}。",
            ),
            Text(
                f"Choose keys of one length, or write `digit_timeout:` (at least {SHORTEST:g}s).",
                f"请用同样位数的按键，或写明 `digit_timeout:`（至少 {SHORTEST:g}s）。",
            ),
            show=partial(Probe.pressing, node=node.id, item=short),
        )


RULE = Rule(
    "ambiguous-digits", "warning", Text("one key begins another", "按键有歧义（1 与 10）"), check, behaviour=True
)
