"""Texts and conditions: Jinja in its sandbox, compiled once into functions of a session.

A constant text stays a text. The expressions that real flows use (names, attributes, comparisons, and/or/not) become
plain closures; everything else is run by Jinja's sandbox. Both are read by Jinja's own parser, so there is one
grammar. Evaluation never touches the clock: ``now`` is made of the moment handed in.

The filters ``digits``, ``number``, ``money``, ``date`` and ``time`` say a value in the call's language
(`ivr_flows.speaking`); ``texts`` are the flow's texts in it (`ivr_flows.texts`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from jinja2 import TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.runtime import Context as TemplateContext

from . import speaking
from .findings import Text
from .sandbox import MAX_REPEAT, MAX_SIZE, ROUNDS, BoundedSandbox, TooMuch, weighed

if TYPE_CHECKING:
    from .session import Session

Evaluate: TypeAlias = "Callable[[Session, float], Any]"

BUILT_IN = ("company", "instance", "caller", "called", "line", "now", "last", "texts")
"""Names that every flow has; `into`, `set` and scenario data define more."""


class ExpressionError(Exception):
    """A template that cannot be read (at load time) or evaluated (in a call)."""

    def __init__(self, message: Text, cure: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure


class Listener(NamedTuple):
    """For whom a value is said: the call's language, and the zone in which moments are told."""

    language: str
    zone: tzinfo | None


_LISTENER = "the listener"
"""Where a template's context keeps its `Listener`. It is no identifier, so that no template can name it."""
_EPOCH_SECONDS = range(10**9, 10**10)
"""Whole numbers that ``date`` and ``time`` take for moments."""


def _digits(value: object, to: Listener, telephone: bool = False) -> str:
    return speaking.say_digits(value, to.language, telephone=telephone)


def _number(value: object, to: Listener) -> str:
    return speaking.say_number(value, to.language)


def _money(value: object, to: Listener, formal: bool = False) -> str:
    return speaking.say_money(value, to.language, formal=formal)


def _date(value: object, to: Listener, year: bool = False, weekday: bool = False) -> str:
    return speaking.say_date(_moment(value, to), to.language, year=year, weekday=weekday, zone=to.zone)


def _time(value: object, to: Listener) -> str:
    return speaking.say_time(_moment(value, to), to.language, zone=to.zone)


def _moment(value: object, to: Listener) -> object:
    """Epoch seconds as a moment, anything else as it is."""
    seconds = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(seconds, int) and seconds in _EPOCH_SECONDS:
        return datetime.fromtimestamp(seconds, to.zone)
    return value


SPOKEN: dict[str, Callable[..., str]] = {
    "digits": _digits,
    "number": _number,
    "money": _money,
    "date": _date,
    "time": _time,
}
"""The filters that say a value as people say it."""


def _template_filter(name: str) -> Callable[..., str]:
    say = SPOKEN[name]

    @pass_context
    def spoken(context: TemplateContext, value: object, *flags: object, **named: object) -> str:
        return "" if isinstance(value, Undefined) else say(value, context[_LISTENER], *flags, **named)

    return spoken


_ENVIRONMENT = BoundedSandbox()
_ENVIRONMENT.filters.update({name: _template_filter(name) for name in SPOKEN})


def is_template(text: str) -> bool:
    """Whether ``text`` holds anything for Jinja to do."""
    return "{{" in text or "{%" in text or "{#" in text


def parse(text: str) -> nodes.Template:
    """The syntax tree of ``text``. Raises `ExpressionError` with Jinja's reason."""
    try:
        return _ENVIRONMENT.understood(text)
    except TemplateSyntaxError as error:
        raise ExpressionError(
            Text(
                f"The template `{text[:60]}` cannot be read: {error.message}.",
                f"模板 `{text[:60]}` 无法解析：{error.message}。",
            ),
            Text("Check the braces and the expression between them.", "检查花括号及其中的表达式。"),
        ) from error


def pieces(text: str) -> Iterator[tuple[Literal["text", "expression", "block"], str]]:
    """``text`` cut into what stands between braces and what does not, in order; joined they are ``text``. Raises
    `ExpressionError`."""
    if not is_template(text):
        yield "text", text
        return
    parse(text)
    inside: Literal["expression", "block"] | None = None
    piece = ""
    for _, kind, value in _ENVIRONMENT.lex(text):
        piece += value
        if kind == "data":
            yield "text", piece
            piece = ""
        elif kind in ("variable_begin", "block_begin", "comment_begin", "raw_begin"):
            inside = "expression" if kind == "variable_begin" else "block"
        elif kind in ("variable_end", "block_end", "comment_end", "raw_end") and inside is not None:
            yield inside, piece
            piece, inside = "", None
    if piece:
        yield "block", piece


def single_expression(text: str) -> nodes.Expr | None:
    """The expression where ``text`` is exactly one ``{{ expression }}``, else None."""
    stripped = text.strip()
    if not (stripped.startswith("{{") and stripped.endswith("}}")):
        return None
    body = parse(stripped).body
    if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
        only = body[0].nodes[0]
        return None if isinstance(only, nodes.TemplateData) else only
    return None


def names_used(text: str) -> Iterator[tuple[str, str | None]]:
    """Every free name of a template with the attribute read from it, if any: ``('caller', 'province')``."""
    if not is_template(text):
        return
    tree = parse(text)
    stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    with_attribute = set()
    for attribute in tree.find_all(nodes.Getattr):
        if isinstance(attribute.node, nodes.Name):
            with_attribute.add(id(attribute.node))
            if attribute.node.name not in stored:
                yield attribute.node.name, attribute.attr
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and id(name) not in with_attribute and name.name not in stored:
            yield name.name, None


def compile_text(text: str) -> str | Evaluate:
    """``text`` itself where it is constant, else a function that renders it. Raises `ExpressionError`."""
    if not is_template(text):
        return text
    body = parse(text).body
    pieces: list[str | Evaluate] = []
    for part in body:
        if not isinstance(part, nodes.Output):
            return _rendered(text)
        for node in part.nodes:
            if isinstance(node, nodes.TemplateData):
                pieces.append(node.data)
                continue
            closure = _closure(node)
            if closure is None:
                return _rendered(text)
            pieces.append(closure)

    def joined(session: Session, at: float) -> str:
        return "".join([piece if isinstance(piece, str) else str(piece(session, at)) for piece in pieces])

    return _guarded(joined, text)


def compile_value(text: str) -> Any:
    """The value of a text: exactly one ``{{ expression }}`` is the expression's own value, anything else a text.

    Returns a constant, or a function; tell them apart with ``callable``.
    """
    if not is_template(text):
        return text
    expression = single_expression(text)
    if expression is None:
        return compile_text(text)
    if isinstance(expression, nodes.Const):
        return expression.value
    closure = _closure(expression)
    if closure is not None:
        return _guarded(closure, text)
    inner = text.strip()[2:-2].strip().strip("-+").strip()
    compiled = _ENVIRONMENT.compile_expression(inner, undefined_to_none=True)

    def evaluate(session: Session, at: float) -> Any:
        return weighed(compiled(_Namespace(session, at)))

    return _guarded(evaluate, text)


def compile_condition(text: str) -> Evaluate:
    """A function telling whether the condition ``text`` (with or without braces) holds. Raises `ExpressionError`."""
    written = text if is_template(text) else "{{ " + text + " }}"
    value = compile_value(written)
    if not callable(value):
        constant = bool(value)
        return lambda session, at: constant
    return lambda session, at: bool(value(session, at))


class _Namespace(dict[str, Any]):
    """What Jinja sees of a session: only the names that an expression asks for are computed."""

    def __init__(self, session: Session, at: float) -> None:
        super().__init__(session.variables)
        for name, getter in _BUILT_IN.items():
            self[name] = getter(session, at)
        self[_LISTENER] = _listener(session, at)
        self[ROUNDS] = [MAX_REPEAT]


def _listener(session: Session, at: float) -> Listener:
    language = session.language or session.wording.language
    return Listener(language, session.flow.environment.local_time(at).tzinfo)


def _rendered(text: str) -> Evaluate:
    template = _ENVIRONMENT.from_string(text)

    def render(session: Session, at: float) -> str:
        said = []
        length = 0
        for piece in template.generate(_Namespace(session, at)):
            said.append(piece)
            length += len(piece)
            if length > MAX_SIZE:
                raise TooMuch
        return "".join(said)

    return _guarded(render, text)


def _guarded(evaluate: Evaluate, text: str) -> Evaluate:
    def guarded(session: Session, at: float) -> Any:
        try:
            return evaluate(session, at)
        except Exception as error:  # whatever an author's expression raises is that flow's fault, never ours
            reason = str(error).rstrip(".")
            raise ExpressionError(
                Text(f"`{text[:80]}` failed: {reason}.", f"`{text[:80]}` 计算失败：{reason}。"),
                Text("Check the types; a text is made a number by `| int`.", "检查类型；文本转数字请用 `| int`。"),
            ) from error

    return guarded


_BUILT_IN: dict[str, Evaluate] = {
    "company": lambda session, at: session.context.company,
    "instance": lambda session, at: session.context.instance,
    "caller": lambda session, at: session.context.caller,
    "called": lambda session, at: session.context.called,
    "line": lambda session, at: session.context.line,
    "now": lambda session, at: session.flow.environment.local_time(at),
    "last": lambda session, at: session.last,
    "texts": lambda session, at: session.wording.texts.of(session, at),
}

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}


def _closure(node: nodes.Node) -> Evaluate | None:
    """A closure for the plain part of the expression language, or None where Jinja itself is needed."""
    if isinstance(node, nodes.Const):
        value = node.value
        return lambda session, at: value
    if isinstance(node, nodes.Name):
        return _name(node.name)
    if isinstance(node, nodes.Getattr):
        return _attribute(node)
    if isinstance(node, nodes.Compare) and len(node.ops) == 1:
        left, right = _closure(node.expr), _closure(node.ops[0].expr)
        if left is None or right is None:
            return None
        return _compare(_OPERATORS[node.ops[0].op], left, right)
    if isinstance(node, nodes.Filter):
        return _spoken(node)
    if isinstance(node, nodes.Not):
        inner = _closure(node.node)
        return None if inner is None else (lambda session, at: not inner(session, at))
    if isinstance(node, nodes.And | nodes.Or):
        left, right = _closure(node.left), _closure(node.right)
        if left is None or right is None:
            return None
        if isinstance(node, nodes.And):
            return lambda session, at: left(session, at) and right(session, at)
        return lambda session, at: left(session, at) or right(session, at)
    return None


def _spoken(node: nodes.Filter) -> Evaluate | None:
    """A filter that says a value, its flags constant."""
    say = SPOKEN.get(node.name)
    inner = _closure(node.node) if say is not None and node.node is not None else None
    constant = all(isinstance(flag, nodes.Const) for flag in (*node.args, *(one.value for one in node.kwargs)))
    if say is None or inner is None or not constant or node.dyn_args or node.dyn_kwargs:
        return None
    said = say
    valued = inner
    flags = [flag.as_const() for flag in node.args]
    named = {str(one.key): one.value.as_const() for one in node.kwargs}

    def speak(session: Session, at: float) -> str:
        value = valued(session, at)
        return "" if isinstance(value, Undefined) else said(value, _listener(session, at), *flags, **named)

    return speak


def _compare(compare: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda session, at: compare(left(session, at), right(session, at))


def _name(name: str) -> Evaluate:
    built_in = _BUILT_IN.get(name)
    if built_in is not None:
        return built_in

    def variable(session: Session, at: float) -> Any:
        value = session.variables.get(name, _MISSING)
        return Undefined(name=name) if value is _MISSING else value

    return variable


def _attribute(node: nodes.Getattr) -> Evaluate | None:
    owner = _closure(node.node)
    if owner is None:
        return None
    attribute = node.attr

    def read(session: Session, at: float) -> Any:
        return _ENVIRONMENT.getattr(owner(session, at), attribute)

    return read


_MISSING = object()
