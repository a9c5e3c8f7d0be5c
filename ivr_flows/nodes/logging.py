"""``logging``: whether the record shows what is said and pressed behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, SupportsIndex

from ..schema import Strict
from .asking import SENSITIVE_MARK
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step


class Unlogged(list[str]):
    """Takes the place of a session's ``heard`` or ``inputs``: what is added to it stands as ``•`` in ``shown``, the
    list that it stands before."""

    def __init__(self, shown: list[str]) -> None:
        super().__init__()
        self.shown = shown

    def append(self, text: str) -> None:
        # That a caller was silent or hung up is no secret, and a replay needs it.
        self.shown.append(text if text in ("", "h") else SENSITIVE_MARK)

    def extend(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.append(text)

    def __delitem__(self, where: SupportsIndex | slice) -> None:
        del self.shown[where]


class LoggingOptions(Strict):
    """``to``: ``on`` or ``off``."""

    to: bool


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    logged: bool = node.options.to
    following = wiring.step(node.next)

    def enter(session: Session, at: float) -> Command | Step:
        heard, inputs = session.heard, session.inputs
        if not logged and not isinstance(heard, Unlogged):
            session.heard, session.inputs = Unlogged(heard), Unlogged(inputs)
        elif logged and isinstance(heard, Unlogged) and isinstance(inputs, Unlogged):
            session.heard, session.inputs = heard.shown, inputs.shown
        return finish_or_go(session, following)

    return enter


LOGGING = NodeType("logging", LoggingOptions, _compile, main="to", needs_caller=False)
