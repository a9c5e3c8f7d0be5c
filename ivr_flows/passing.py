"""Passing through nodes that only speak, for a caller who does nothing meanwhile.

A driver that knows that nothing is going to happen need not be asked about each of them: `begin` is `Session.start`,
and `go_on` is `Session.resume`, with a `Done` for every answer and every constant play on the way. What the session
shows and what it does next is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from .expressions import ExpressionError
from .results import Done
from .session import MAX_NODES_PER_CALL, Step

if TYPE_CHECKING:
    from .commands import Command
    from .nodes.kind import Resume
    from .session import Session


@final
class Passage:
    """What an answered caller meets in a node whose command is the same in every call: ``heard`` (None: nothing) for
    ``seconds``, and the step behind it. ``resume`` is what the node gives the command's result to."""

    __slots__ = ("following", "heard", "resume", "seconds")

    def __init__(self, resume: Resume, heard: str | None, seconds: float, following: Step) -> None:
        self.resume = resume
        self.heard = heard
        self.seconds = seconds
        self.following = following


def begin(session: Session, at: float) -> tuple[Command, float]:
    """Start ``session`` at ``at``; answering takes no time. The first command that nobody can answer without the
    caller or the outside, and its moment."""
    step = session.flow.first
    passage = step.passage
    if passage is None or session.context.announcement is not None:
        return session.start(), at
    session.path.append(step.id)
    session.answered_at = at
    if passage.heard is not None:
        session.heard.append(passage.heard)
    return _pass(session, passage, at + passage.seconds)


def go_on(session: Session, at: float) -> tuple[Command, float]:
    """The outstanding answer or play was performed at ``at``. The next command as of `begin`, and its moment."""
    path = session.path
    passage = session.flow.steps[path[-1]].passage if path else None
    if passage is None or session._resume is not passage.resume:
        return session.resume(Done(at)), at
    if session.answered_at is None:
        session.answered_at = at
    return _pass(session, passage, at)


def _pass(session: Session, passage: Passage, at: float) -> tuple[Command, float]:
    """Go on behind ``passage``, which ended at ``at``."""
    path = session.path
    try:
        while True:
            step = passage.following
            path.append(step.id)
            if len(path) > MAX_NODES_PER_CALL:
                return session._runaway(), at
            following = step.passage
            if following is None:
                enter = step.enter
                entered = enter(session, at)
                return (session._run(entered, at) if isinstance(entered, Step) else entered), at
            passage = following
            if passage.heard is not None:
                session.heard.append(passage.heard)
                at += passage.seconds
    except ExpressionError as error:
        return session._expression_failed(error, at), at
