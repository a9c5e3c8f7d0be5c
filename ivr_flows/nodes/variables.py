"""Names of variables, and the ``set`` node that gives them values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from ..commands import Remember
from ..expressions import BUILT_IN, compile_value
from ..findings import Text
from ..schema import Refusal, Strict
from .kind import Enter, NodeType
from .next_step import finish_or_go

if TYPE_CHECKING:
    from ..commands import Command
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..results import Result
    from ..session import Session, Step

_NAME = re.compile(r"[^\W\d]\w*")


def variable_name(name: str) -> str:
    """``name`` where a flow may give a variable that name. Raises `Refusal`."""
    if name in BUILT_IN or not _NAME.fullmatch(name) or name.startswith("_"):
        built_in = name in BUILT_IN
        raise Refusal(
            Text(
                f"`{name}` is a name that every flow has already." if built_in else f"`{name}` is no variable name.",
                f"`{name}` 是内置名称，不能改写。" if built_in else f"`{name}` 不能作变量名。",
            ),
            Text("Choose another name of letters, digits and _.", "请换一个由字母、数字和下划线组成的名称。"),
            "bad-variable-name",
        )
    return name


VariableName = Annotated[str, AfterValidator(variable_name)]


class SetOptions(Strict):
    """``values``: variable → text; a text that is exactly one ``{{ expression }}`` gives the expression's value.
    ``scope``: ``call``, or ``caller`` to keep them for later calls of the same caller."""

    values: dict[VariableName, str | None] = Field(min_length=1)
    scope: Literal["call", "caller"] = "call"


def _texts(options: SetOptions) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for name, value in options.values.items():
        if value:
            yield ("values", name), value


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: SetOptions = node.options
    following = wiring.step(node.next)
    values = [(name, compile_value(text) if text is not None else None) for name, text in options.values.items()]

    def enter(session: Session, at: float) -> Command | Step:
        variables = session.variables
        for name, value in values:
            variables[name] = value(session, at) if callable(value) else value
        return following if following is not None else finish_or_go(session, following)

    def kept(session: Session, result: Result) -> Command | Step:
        # Whether it could be kept changes nothing in this call.
        return finish_or_go(session, following)

    def enter_and_keep(session: Session, at: float) -> Command | Step:
        variables = session.variables
        found = {}
        for name, value in values:
            variables[name] = found[name] = value(session, at) if callable(value) else value
        session.wait_for(kept)
        return Remember(found)

    return enter if options.scope == "call" else enter_and_keep


SET = NodeType(
    "set",
    SetOptions,
    _compile,
    main="values",
    main_is_mapping=True,
    needs_caller=False,
    texts=_texts,
    defines=lambda options: tuple(options.values),
)
