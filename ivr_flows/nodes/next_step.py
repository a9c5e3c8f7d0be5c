"""The way on of a node with one: the next node, or the end of the call where it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..commands import Command
    from ..session import Session, Step


def finish_or_go(session: Session, following: Step | None, by: str = "flow") -> Command | Step:
    """``following``, or the hang-up by ``by`` (cause 16) that CONTRACT gives to a node without a way on."""
    return session.end_call(by) if following is None else following
