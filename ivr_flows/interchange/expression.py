"""Expressions of foreign systems, read by one small parser and written as expressions of our template language.

A *dialect* names what differs: how a name is mapped, and which functions there are. Operators are those that the
systems share (``==`` or ``=``, ``!=`` or ``<>``, ``and`` or ``&&`` or ``&``, ``or`` or ``||`` or ``|``, ``not`` or
``!``, ``? :``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .naming import member, number, quoted

MAX_LENGTH = 4_000
MAX_DEPTH = 40
_TOKEN = re.compile(
    r"\s*(?:(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)|([^\W\d][\w$]*)"
    r"|(==|!=|<>|<=|>=|&&|\|\||::|[-+*/%<>=!&|()\[\],.?:~]))"
)
_COMPARE = {"==": "==", "=": "==", "!=": "!=", "<>": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}

Function = Callable[[list[str]], str | None]
"""A foreign function: given its arguments as expressions, the expression, or None where it cannot be mapped."""


class UnmappableExpression(Exception):
    """An expression that has no counterpart."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """``name`` maps a path of names to an expression; ``functions`` are known by their lower-case names."""

    name: Callable[[list[str]], str]
    functions: Mapping[str, Function] = field(default_factory=dict)
    numbers_compare: bool = False
    """Whether texts of digits compare as numbers with ``<`` and ``>``."""


def translate(text: str, dialect: Dialect) -> str:
    """``text`` as an expression of ours. Raises `UnmappableExpression`."""
    if len(text) > MAX_LENGTH:
        raise UnmappableExpression
    tokens: list[tuple[str, str]] = []
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        match = _TOKEN.match(stripped, place)
        if match is None:
            raise UnmappableExpression
        place = match.end()
        kinds = ("text", "number", "name", "mark")
        tokens.append(next((kind, part) for kind, part in zip(kinds, match.groups(), strict=True) if part is not None))
    parser = _Parser(tokens, dialect)
    made = parser.choice(0)
    if parser.place != len(tokens):
        raise UnmappableExpression
    return made


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], dialect: Dialect) -> None:
        self.tokens = tokens
        self.dialect = dialect
        self.place = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self, *marks: str) -> str | None:
        """The next token where it is one of ``marks`` (as a mark or a word)."""
        kind, text = self.peek()
        if kind in ("mark", "name") and (text in marks or (kind == "name" and text.lower() in marks)):
            self.place += 1
            return text.lower()
        return None

    def expect(self, mark: str) -> None:
        if self.take(mark) is None:
            raise UnmappableExpression

    def choice(self, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise UnmappableExpression
        condition = self.either(depth)
        if self.take("?"):
            yes = self.choice(depth + 1)
            if self.take(":", "::") is None:
                raise UnmappableExpression
            return f"({yes} if {condition} else {self.choice(depth + 1)})"
        return condition

    def either(self, depth: int) -> str:
        made = self.both(depth)
        while self.take("or", "||", "|"):
            made = f"{made} or {self.both(depth)}"
        return made

    def both(self, depth: int) -> str:
        made = self.negated(depth)
        while self.take("and", "&&", "&"):
            made = f"{_bound(made)} and {_bound(self.negated(depth))}"
        return made

    def negated(self, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise UnmappableExpression
        if self.take("not", "!"):
            return f"not ({self.negated(depth + 1)})"
        return self.compared(depth)

    def compared(self, depth: int) -> str:
        left = self.sum(depth)
        sign = self.take(*_COMPARE)
        if sign is None:
            return left
        right = self.sum(depth)
        operator = _COMPARE[sign]
        if self.dialect.numbers_compare and operator not in ("==", "!="):
            left, right = number(left), number(right)
        elif self.dialect.numbers_compare and re.fullmatch(r"'?-?\d+(\.\d+)?'?", right):
            # A variable may hold a number or its digits: as texts they are the same.
            right = quoted(right.strip("'"))
            left = left if left.startswith("'") else f"{_group(left)} | string"
        return f"{left} {operator} {right}"

    def sum(self, depth: int) -> str:
        made = self.product(depth)
        while sign := self.take("+", "-", "~"):
            right = self.product(depth)
            joined = sign == "~" or (sign == "+" and ("'" in made or "'" in right or " ~ " in made))
            if self.dialect.numbers_compare and not joined:
                made, right = _numeric(made), _numeric(right)
            made = f"{made} {'~' if joined else sign} {right}"
        return made

    def product(self, depth: int) -> str:
        made = self.signed(depth)
        while sign := self.take("*", "/", "%"):
            made = f"{_numeric(made)} {sign} {_numeric(self.signed(depth))}"
        return made

    def signed(self, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise UnmappableExpression
        if self.take("-"):
            return f"-{self.signed(depth + 1)}"
        if self.take("!"):
            return f"(not {self.signed(depth + 1)})"
        return self.indexed(self.value(depth), depth)

    def indexed(self, made: str, depth: int) -> str:
        while self.take("["):
            inner = self.choice(depth + 1)
            self.expect("]")
            made = f"{made}[{inner}]"
            if self.peek() == ("mark", "."):
                made = member(made, *self.steps())
        return made

    def steps(self) -> list[str]:
        found = []
        while self.take("."):
            kind, text = self.peek()
            if kind not in ("name", "number"):
                raise UnmappableExpression
            self.place += 1
            found.append(text)
        return found

    def value(self, depth: int) -> str:
        kind, text = self.peek()
        if kind == "end":
            raise UnmappableExpression
        self.place += 1
        if kind == "text":
            return quoted(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "number":
            return text
        if kind == "mark":
            if text != "(":
                raise UnmappableExpression
            inner = self.choice(depth + 1)
            self.expect(")")
            return f"({inner})"
        if text.lower() in ("true", "false"):
            return text.lower()
        if text.lower() in ("null", "none", "nil", "not_set", "noval"):
            return "''"
        path = [text, *self.steps()]
        if self.peek() == ("mark", "("):
            return self.call(path, depth)
        return self.dialect.name(path)

    def call(self, path: list[str], depth: int) -> str:
        self.expect("(")
        arguments: list[str] = []
        while self.take(")") is None:
            if arguments:
                self.expect(",")
            arguments.append(self.choice(depth + 1))
        function = self.dialect.functions.get(".".join(path).lower())
        made = function(arguments) if function is not None else None
        if made is None:
            raise UnmappableExpression
        return made


def _group(made: str) -> str:
    return made if re.fullmatch(r"[\w.'\[\]]+|\(.*\)", made) and made.count("(") <= 1 else f"({made})"


def _bound(made: str) -> str:
    return f"({made})" if " or " in made else made


def _numeric(made: str) -> str:
    return made if made.replace(".", "", 1).isdigit() else f"({number(made, 'int')})"
