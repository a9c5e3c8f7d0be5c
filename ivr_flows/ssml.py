"""SSML: texts with marks for the speech synthesis. What is said, how long the pauses are, and what is wrong with it.

A text that begins with ``<speak`` is SSML wherever a prompt is written; ``play: { ssml: … }`` may leave the root out.
The file is hostile: expat reads it without a document type, so that there are no entities but XML's own five, and
elements and attributes are those of `ELEMENTS`. An ``{{ expression }}`` may stand where words stand; what it gives is
text, its ``<`` and ``&`` included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from .commands import Prompt
from .expressions import Evaluate, ExpressionError, compile_text, pieces
from .findings import Text

if TYPE_CHECKING:
    from .session import Session

_LANGUAGE = frozenset({"xml:lang"})
ELEMENTS: Mapping[str, frozenset[str]] = {
    "speak": _LANGUAGE | {"version", "xmlns", "xmlns:xsi", "xsi:schemaLocation"},
    "break": frozenset({"time", "strength"}),
    "p": _LANGUAGE,
    "s": _LANGUAGE,
    "say-as": frozenset({"interpret-as", "format", "detail"}),
    "sub": frozenset({"alias"}),
    "prosody": frozenset({"rate", "pitch", "volume", "contour", "range", "duration"}),
    "emphasis": frozenset({"level"}),
    "phoneme": frozenset({"alphabet", "ph"}),
    "lang": _LANGUAGE,
    "voice": _LANGUAGE | {"name", "gender", "age", "variant", "required", "languages"},
    "audio": frozenset({"src"}),
}
"""The elements that may stand in a prompt, with their attributes. A recording in ``audio`` is not played, its words are
said (lint: ``ssml-audio``)."""
NEEDED = {"say-as": "interpret-as", "sub": "alias", "phoneme": "ph", "lang": "xml:lang"}
STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 0.75, "x-strong": 1.0}
"""Seconds that a ``break`` of each strength is taken to last; synthesisers differ."""
LONGEST_BREAK = 60.0
DEEPEST = 40
SPOKEN_OPTIONS = frozenset(
    {
        *("text", "ssml", "prompt", "no_input_prompt", "no_match_prompt", "announcement"),
        *("no_input_prompts", "no_match_prompts", "hold", "whisper"),
    }
)
"""Options of nodes whose text a caller or an agent hears."""

_SPEAK = re.compile(r"\s*<speak[\s>/]")
_TIME = re.compile(r"\+?(\d{1,6}(?:\.\d{1,6})?)(ms|s)")
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_GAP = "\x1f"
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class SsmlError(Exception):
    """SSML that cannot be read; ``offset`` is the character of the text at which the fault stands."""

    def __init__(self, code: str, message: Text, cure: Text, offset: int) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Marked:
    """A readable SSML text. ``words`` is what is said, ``markup`` all of it with its root: constants, and the number of
    an expression among ``expressions``. ``pause`` are the seconds of its breaks; ``recordings`` those that it names."""

    words: tuple[str | int, ...]
    markup: tuple[str | int, ...]
    expressions: tuple[str, ...]
    pause: float
    recordings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words as a text of the flow language, expressions in braces."""
        return "".join(part if isinstance(part, str) else self.expressions[part] for part in self.words)


def is_ssml(text: str) -> bool:
    """Whether ``text``, written where a prompt stands, is SSML."""
    return _SPEAK.match(text) is not None


def words_of(text: str, marked: bool = False) -> str:
    """What of the prompt ``text`` is said: itself, or the words of SSML; unreadable SSML as it is written. ``marked``:
    it is SSML also without a root."""
    if not marked and not is_ssml(text):
        return text
    try:
        return read_ssml(text).text
    except SsmlError:
        return text


@lru_cache(maxsize=4096)
def read_ssml(text: str) -> Marked:
    """``text`` read. Raises `SsmlError`."""
    return _Reader(text).read()


Spoken = tuple[str, str, float]
"""What a prompt is in a call: its words, its markup, the seconds of its pauses."""


def compile_ssml(text: str) -> Spoken | Evaluate:
    """What ``text`` says: a constant, or a function of session and moment that gives it."""
    marked = read_ssml(text)
    values = [compile_text(expression) for expression in marked.expressions]
    pause = marked.pause

    def spoken(session: Session | None, at: float) -> Spoken:
        said = [value if isinstance(value, str) else str(value(session, at)) for value in values]  # type: ignore[arg-type]
        clean = [_NO_TEXT.sub(" ", each) for each in said]
        escaped = [escape(each, {'"': "&quot;"}) for each in clean]
        return _joined(marked.words, clean), _joined(marked.markup, escaped), pause

    return spoken if any(callable(value) for value in values) else spoken(None, 0.0)


def constant_prompt(text: str, language: str, marked: bool = False) -> Prompt:
    """The prompt of a ``text`` without expressions; ``marked``: it is SSML also without a root."""
    if not marked and not is_ssml(text):
        return Prompt(text, language=language)
    spoken = compile_ssml(text)
    assert not callable(spoken)
    words, markup, pause = spoken
    return Prompt(words, language=language, ssml=markup, pause=pause)


def _joined(parts: Iterable[str | int], values: list[str]) -> str:
    return "".join([part if isinstance(part, str) else values[part] for part in parts])


class _Reader:
    """Reads one text: expressions become marks, expat reads the rest, and words and markup are put together anew."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.expressions: list[str] = []
        self.starts: list[tuple[int, int]] = []
        self.words: list[str] = []
        self.markup: list[str] = []
        self.open: list[str] = []
        self.pause = 0.0
        self.recordings: list[str] = []
        self.replaced = 0
        self.root = "" if is_ssml(text) else "<speak>"
        self.parser = expat.ParserCreate("utf-8")

    def read(self) -> Marked:
        source = self.root + self._without_expressions() + ("</speak>" if self.root else "")
        self.source = source
        parser = self.parser
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = self._no_doctype
        try:
            parser.Parse(source.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise self._error(
                "ssml-syntax",
                Text(f"The SSML cannot be read: {reason}.", f"SSML 无法解析：{reason}。"),
                Text(
                    "Close every element, put values in quotes, write `&amp;` for & and `&lt;` for <.",
                    "每个标签都要闭合，属性值加引号，& 写成 `&amp;`，< 写成 `&lt;`。",
                ),
                parser.ErrorByteIndex,
            ) from None
        return Marked(
            tuple(_parts(_tidy("".join(self.words)))),
            tuple(_parts("".join(self.markup))),
            tuple(self.expressions),
            round(self.pause, 3),
            tuple(self.recordings),
        )

    def _without_expressions(self) -> str:
        try:
            found = list(pieces(self.text))
        except ExpressionError as error:
            raise SsmlError("template-syntax", error.message, error.cure, 0) from None
        out: list[str] = []
        length = position = 0
        for kind, piece in found:
            self.starts.append((length, position))
            if kind == "block":
                raise SsmlError(
                    "ssml-expression",
                    Text("SSML takes `{{ expressions }}` only.", "SSML 中只能写 `{{ 表达式 }}`。"),
                    Text("Choose by a `branch` node, or by `{{ a if b else c }}`.", "请用 `branch` 节点或条件表达式。"),
                    position,
                )
            made = piece.replace(_OPEN, " ").replace(_CLOSE, " ")
            if kind == "expression":
                made = f"{_OPEN}{len(self.expressions)}{_CLOSE}"
                self.expressions.append(piece)
            out.append(made)
            length += len(made)
            position += len(piece)
        return "".join(out)

    def _error(self, code: str, message: Text, cure: Text, byte: int | None = None) -> SsmlError:
        place = self.parser.CurrentByteIndex if byte is None else byte
        characters = len(self.source.encode("utf-8", "replace")[:place].decode("utf-8", "replace")) - len(self.root)
        length, position = max((each for each in self.starts if each[0] <= characters), default=(0, 0))
        return SsmlError(code, message, cure, max(0, min(position + characters - length, len(self.text) - 1)))

    def _no_doctype(self, *declared: object) -> None:
        raise self._error(
            "ssml-syntax",
            Text("SSML here has no document type.", "SSML 中不能有文档类型声明。"),
            Text("Delete the DOCTYPE and its entities.", "请删去 DOCTYPE 及其中的实体。"),
        )

    def _begin(self, name: str, given: dict[str, str]) -> None:
        allowed = ELEMENTS.get(name)
        if allowed is None or (name == "speak") != (not self.open):
            known = ", ".join(each for each in ELEMENTS if each != "speak")
            raise self._error(
                "ssml-element",
                Text(f"`<{name}>` has no place here.", f"此处不能使用 `<{name}>`。"),
                Text(f"Inside of `<speak>`: {known}.", f"`<speak>` 内可用：{known}。"),
            )
        if len(self.open) >= DEEPEST:
            raise self._error(
                "ssml-element",
                Text(f"Elements are nested more than {DEEPEST} deep.", f"标签嵌套超过 {DEEPEST} 层。"),
                Text("Take some out.", "请减少嵌套。"),
            )
        for attribute, value in given.items():
            self._attribute(name, attribute, value, allowed)
        needed = NEEDED.get(name)
        if needed is not None and needed not in given:
            raise self._error(
                "ssml-element",
                Text(f"`<{name}>` lacks its `{needed}`.", f"`<{name}>` 缺少 `{needed}`。"),
                Text(f'Write `<{name} {needed}="…">`.', f'请写 `<{name} {needed}="…">`。'),
            )
        if name == "break":
            self.pause += self._seconds(given)
        if name == "audio" and given.get("src"):
            self.recordings.append(given["src"])
        if name in ("break", "p", "s"):
            self.words.append(_GAP)
        self.markup.append(f"<{name}" + "".join(f" {key}={_quoted(value)}" for key, value in given.items()) + ">")
        self.open.append(name)
        if name == "sub":
            self.words.append(given["alias"])
            self.replaced += 1

    def _attribute(self, name: str, attribute: str, value: str, allowed: frozenset[str]) -> None:
        if attribute not in allowed:
            known = ", ".join(sorted(allowed)) or "–"
            raise self._error(
                "ssml-element",
                Text(f"`<{name}>` has no attribute `{attribute}`.", f"`<{name}>` 没有属性 `{attribute}`。"),
                Text(f"Known: {known}.", f"可用：{known}。"),
            )
        if _MARK.search(value) and attribute != "alias":
            raise self._error(
                "ssml-expression",
                Text(
                    f"An expression cannot stand in `{attribute}`: it is fixed before the call.",
                    f"`{attribute}` 在通话前就已确定，不能写表达式。",
                ),
                Text("Write a fixed value, or choose by a `branch` node.", "请写固定值，或用 `branch` 节点选择。"),
            )

    def _seconds(self, given: Mapping[str, str]) -> float:
        written, strength = given.get("time"), given.get("strength", "medium")
        match = _TIME.fullmatch((written or "").strip().lower())
        seconds = (
            STRENGTHS.get(strength)
            if written is None
            else None
            if match is None
            else float(match[1]) / (1000 if match[2] == "ms" else 1)
        )
        if seconds is None or seconds > LONGEST_BREAK:
            raise self._error(
                "ssml-value",
                Text(
                    f"`{strength if written is None else written}` is no length of a break.",
                    f"`{strength if written is None else written}` 不是停顿时长。",
                ),
                Text(
                    f"Write 500ms or 2s, {LONGEST_BREAK:g}s at most, or a strength: {', '.join(STRENGTHS)}.",
                    f"请写 500ms 或 2s（最长 {LONGEST_BREAK:g}s），或强度：{'、'.join(STRENGTHS)}。",
                ),
            )
        return seconds

    def _end(self, name: str) -> None:
        self.open.pop()
        empty = self.markup[-1].startswith(f"<{name}")
        self.markup[-1:] = [self.markup[-1][:-1] + "/>"] if empty else [self.markup[-1], f"</{name}>"]
        if name in ("p", "s"):
            self.words.append(_GAP)
        if name == "sub":
            self.replaced -= 1

    def _said(self, text: str) -> None:
        self.markup.append(escape(text))
        if not self.replaced:
            self.words.append(text)


def _quoted(value: str) -> str:
    # quoteattr chooses the quotes by the value, and an expression's value may hold either: those are escaped.
    return '"' + escape(value, {'"': "&quot;"}) + '"' if _MARK.search(value) else quoteattr(value)


def _tidy(words: str) -> str:
    """One space between words, none beside Chinese characters where only an element stood between them."""
    words = re.sub(rf"\s*{_GAP}[\s{_GAP}]*", _GAP, words)
    words = re.sub(rf"(?<={_WIDE}){_GAP}|{_GAP}(?={_WIDE})", "", words)
    return " ".join(words.replace(_GAP, " ").split())


def _parts(text: str) -> Iterable[str | int]:
    for number, part in enumerate(_MARK.split(text)):
        if number % 2:
            yield int(part)
        elif part:
            yield part
