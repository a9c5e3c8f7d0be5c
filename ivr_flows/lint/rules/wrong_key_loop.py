"""``wrong-key-loop``: a caller whose every key is wrong is led round in a circle without a bound."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings import Text
from ..rule import Problem, Rule
from ..subject import Subject
from .silent_loop import circles


def check(subject: Subject) -> Iterator[Problem]:
    """One problem for every circle of ``no_match`` that somebody wrote."""
    yield from circles(
        subject,
        "no_match",
        Text("A caller who presses wrong keys goes round without a bound", "按错键的来电者会无限循环"),
        Text(
            "Let `retries:` ask again, and lead `no_match` on to a person or a message.",
            "重试次数用 `retries:` 限定，并把 `no_match` 引到人工或留言。",
        ),
        "9",
    )


RULE = Rule(
    "wrong-key-loop", "warning", Text("wrong keys loop without a bound", "按错键无限循环"), check, behaviour=True
)
