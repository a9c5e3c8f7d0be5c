"""Answers of the outside that a scenario gives instead of it, by the id of the node that asks (as the path shows it):

``data: { fetch: { NODE or URL: value }, message: { NODE: { error: why } }, speech: { NODE: words } }``

A value is what a fetch decodes to; ``{ error: why }`` is a request that fails. Words are a text, or a list with one
text for each attempt of the node. One implementation for every way of running a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr_flows.commands import Fetch
from ivr_flows.results import Done, Failed, Fetched, Result
from ivr_flows.session import Session

NO_ANSWER = "no recorded answer for this request"


def _answers(session: Session, kind: str) -> Mapping[str, Any]:
    found = (session.context.data or {}).get(kind)
    return found if isinstance(found, Mapping) else {}


def _failure(value: Any) -> str | None:
    return str(value["error"]) if isinstance(value, Mapping) and set(value) == {"error"} else None


def recorded_fetch(session: Session, command: Fetch, at: float) -> Result:
    """The answer of ``command``, which the current node of ``session`` asks: by the node's id, else by the URL."""
    answers = _answers(session, "fetch")
    for key in (session.path[-1], command.url):
        if key in answers:
            why = _failure(answers[key])
            return Fetched(answers[key], at) if why is None else Failed(why, at)
    return Failed(NO_ANSWER, at)


def recorded_message(session: Session, at: float) -> Result:
    """Whether the message of the current node of ``session`` is sent: it is, unless the scenario says why not."""
    why = _failure(_answers(session, "message").get(session.path[-1]))
    return Done(at) if why is None else Failed(why, at)


def recorded_words(session: Session) -> str | None:
    """What the caller says to the current node of ``session``, None where it says nothing but may press keys."""
    words = _answers(session, "speech").get(session.path[-1])
    if isinstance(words, str):
        return words
    if isinstance(words, list) and session.tries < len(words):
        return str(words[session.tries])
    return None
