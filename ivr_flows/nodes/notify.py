"""``notify``: tell the outside that the call came here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from ..commands import Notify
from ..expressions import compile_value
from ..schema import Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step

MOST_FIELDS = 32
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class NotifyOptions(Strict):
    """``event`` is its name; ``data`` the fields told with it, each a text or an expression's value."""

    event: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
    data: dict[FieldName, str | None] = Field(default_factory=dict, max_length=MOST_FIELDS)


def _texts(options: NotifyOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for name, value in options.data.items():
        if value:
            yield ("data", name), value


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: NotifyOptions = node.options
    following = wiring.step(node.next)
    fields = [(name, compile_value(text) if text is not None else None) for name, text in options.data.items()]

    def after(session: Session, result: Result) -> Command | Step:
        # Whether somebody listens changes nothing for the caller.
        return finish_or_go(session, following)

    def enter(session: Session, at: float) -> Command | Step:
        session.wait_for(after)
        data = {name: value(session, at) if callable(value) else value for name, value in fields}
        return Notify(options.event, data)

    return enter


NOTIFY = NodeType("notify", NotifyOptions, _compile, main="event", needs_caller=False, texts=_texts)
