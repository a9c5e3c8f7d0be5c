"""Answers of the outside that a scenario gives instead of it: ``data: { fetch: { NODE or URL: value } }``.

A value is what the answer decodes to; ``{ error: why }`` is a request that fails. One function for every way of
running a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr_flows.commands import Fetch
from ivr_flows.results import Failed, Fetched, Result

NO_ANSWER = "no recorded answer for this request"


def recorded_fetch(data: Mapping[str, Any] | None, node: str, command: Fetch, at: float) -> Result:
    """The answer of ``command``, which ``node`` (its id in the path) asks: by the node's id, else by the URL."""
    answers = (data or {}).get("fetch")
    if not isinstance(answers, Mapping):
        return Failed(NO_ANSWER, at)
    for key in (node, command.url):
        if key in answers:
            return _answer(answers[key], at)
    return Failed(NO_ANSWER, at)


def _answer(value: Any, at: float) -> Result:
    if isinstance(value, Mapping) and set(value) == {"error"}:
        return Failed(str(value["error"]), at)
    return Fetched(value, at)
