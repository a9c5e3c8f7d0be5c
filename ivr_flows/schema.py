"""From a YAML tree to a pydantic model, with findings that have places.

Scalars reach pydantic as texts; its lax mode makes numbers and booleans of them where the model says so.
An unquoted empty value, ``~`` or ``null`` is None. An unknown key is answered with the nearest known one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from .findings import Finding, Place, Text
from .yaml_source import Document, Mapping, Scalar, Sequence, Value

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """Base of every configuration model: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Refusal(ValueError):
    """A value that a validator refuses, with a text in two languages and a cure."""

    def __init__(self, message: Text, cure: Text, code: str = "bad-value") -> None:
        super().__init__(message.en)
        self.message = message
        self.cure = cure
        self.code = code


_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")


def parse_duration(value: object) -> float:
    """Seconds of ``5s``, ``2m``, ``1m30s``, ``1h``, ``0.5s`` or a bare number. Raises `Refusal`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip().lower()
    match = _DURATION.fullmatch(text)
    if not text or not match:
        raise Refusal(
            Text(f"`{value}` is no duration.", f"`{value}` 不是时长。"),
            Text("Write seconds as 5s, minutes as 2m.", "请写成 5s（秒）或 2m（分）。"),
            "bad-duration",
        )
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


Duration = Annotated[float, BeforeValidator(parse_duration)]
"""A length of time in seconds; read from ``5s``, ``2m``, ``1m30s`` or a number."""


def plain(value: Value | None) -> Any:
    """The tree as dicts, lists, texts and None."""
    if value is None:
        return None
    if isinstance(value, Scalar):
        return None if value.is_null else value.text
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    return {key: plain(item) for key, item in value.entries.items()}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to ``name``, or None where none is close."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def unknown_name(place: Place, what: Text, name: str, known: Iterable[str], code: str = "unknown-name") -> Finding:
    """The finding for a name that nothing defines; ``what`` names the kind of thing (``a flow``, ``流程``)."""
    known = sorted(known)
    close = nearest(name, known)
    if close:
        cure = Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
    elif known:
        listed = ", ".join(known[:8])
        cure = Text(f"Known: {listed}.", f"已定义的有：{listed}。")
    else:
        cure = Text("Define it first.", "请先定义它。")
    gap = " " if what.zh[:1].isascii() else ""
    return Finding(
        "error",
        code,
        place,
        Text(f"There is no {what.en} `{name}`.", f"没有名为 `{name}` 的{gap}{what.zh}。"),
        cure,
    )


def read_model(
    model: type[M], document: Document, value: Value | None = None, at: tuple[str | int, ...] = ()
) -> tuple[M | None, list[Finding]]:
    """Validate ``value`` (the document's root by default, standing at path ``at``) as ``model``.

    Returns the model, or None with the findings that say why; all errors at once.
    """
    value = document.root if value is None else value
    try:
        return model.model_validate(plain(value)), []
    except ValidationError as error:
        return None, [_finding(model, document, value, at, item) for item in error.errors()]


def _finding(
    model: type[BaseModel], document: Document, value: Value | None, at: tuple[str | int, ...], item: Any
) -> Finding:
    loc = tuple(item["loc"])
    shown = _shown_path(value, loc)
    place = document.place(*at, *shown)
    context = item.get("ctx") or {}
    error = context.get("error")
    where = ".".join(str(step) for step in (*at, *shown)) or document.file
    written = item.get("input")
    if isinstance(error, Refusal):
        return Finding("error", error.code, place, error.message, half_width(written, error.cure))
    kind = item["type"]
    name = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        known = known_keys(model, loc[:-1])
        deeper = _path_to(_models_at(model, loc[:-1]), name)
        if deeper:
            return Finding(
                "error",
                "unknown-key",
                place,
                Text(f"The key `{name}` does not stand here.", f"键 `{name}` 不写在这里。"),
                Text(f"It belongs under {deeper}.", f"它应写在 {deeper} 之下。"),
            )
        close = nearest(name, known)
        listed = ", ".join(sorted(known))
        return Finding(
            "error",
            "unknown-key",
            place,
            Text(f"The key `{name}` is not known here.", f"这里没有键 `{name}`。"),
            Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
            if close
            else Text(f"Known keys: {listed}.", f"可用的键：{listed}。"),
        )
    if kind == "missing":
        return Finding(
            "error",
            "missing-key",
            place,
            Text(f"The key `{name}` is missing.", f"缺少键 `{name}`。"),
            Text(f"Add `{name}: …`.", f"请补上 `{name}: …`。"),
        )
    message, cure = bad_value_texts(kind, where, written, context, item["msg"])
    return Finding("error", "bad-value", place, message, half_width(written, cure))


def half_width(written: object, cure: Text) -> Text:
    """``cure``, and a word about full-width marks of a Chinese keyboard where they stand in the value."""
    texts = written if isinstance(written, list) else [written]
    marks = "".join(dict.fromkeys(c for text in texts if isinstance(text, str) for c in text if c in _WIDE_MARKS))
    if not marks:
        return cure
    return Text(
        f"Write `{marks}` as half-width marks. {cure.en}",
        f"请把全角的 `{marks}` 改为半角。{cure.zh}",
    )


_DEEPEST_HINT = 2
_WIDE_MARKS = frozenset("，、；：“”‘’【】（）［］｛｝")

_EXPECTED = {
    "int": Text("a whole number", "整数"),
    "float": Text("a number", "数字"),
    "bool": Text("true or false", " true 或 false"),
    "string": Text("a text", "文本"),
    "list": Text("a list", "列表"),
    "tuple": Text("a list", "列表"),
    "dict": Text("a mapping, `key: value`", "映射（键: 值）"),
    "model": Text("a mapping, `key: value`", "映射（键: 值）"),
    "date": Text("a date such as 2026-10-01", "日期，如 2026-10-01"),
    "datetime": Text("a time such as 2026-10-01T10:00", "时间，如 2026-10-01T10:00"),
}


def bad_value_texts(kind: str, where: str, written: object, context: dict[str, Any], raw: str) -> tuple[Text, Text]:
    """Message and cure for a value that pydantic refuses with the error type ``kind``, its ``context`` and its own
    sentence ``raw``."""
    shown = "an empty value" if written is None else f"`{str(written)[:60]}`"
    shown_zh = "空值" if written is None else f"`{str(written)[:60]}`"
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        close = nearest(str(written), expected.split(", "))
        hint = f" Did you mean `{close}`?" if close else ""
        hint_zh = f"是否想写 `{close}`？" if close else ""
        return (
            Text(f"{shown} is not allowed for `{where}`.", f"`{where}` 不能是 {shown_zh}。"),
            Text(f"One of: {expected}.{hint}", f"可选：{expected}。{hint_zh}"),
        )
    if kind.startswith(("greater_than", "less_than")):
        word = {"greater_than": ">", "greater_than_equal": "≥", "less_than": "<", "less_than_equal": "≤"}[kind]
        limit = next(iter(context.values()), "")
        return (
            Text(f"{shown} is out of range for `{where}`.", f"`{where}` 的值 {shown_zh} 超出范围。"),
            Text(f"It must be {word} {limit}.", f"必须 {word} {limit}。"),
        )
    if kind.endswith(("_too_long", "_too_short")):
        most = context.get("max_length", context.get("min_length", ""))
        word, word_zh = ("at most", "最多") if kind.endswith("long") else ("at least", "至少")
        return (
            Text(f"{shown} has the wrong length for `{where}`.", f"`{where}` 的值 {shown_zh} 长度不符。"),
            Text(f"It must have {word} {most} characters or items.", f"长度{word_zh} {most}。"),
        )
    expected_text = _EXPECTED.get(kind.split("_")[0])
    if expected_text:
        return (
            Text(
                f"`{where}` wants {expected_text.en}, but {shown} stands here.",
                f"`{where}` 应为{expected_text.zh}，这里却是 {shown_zh}。",
            ),
            Text(f"Write {expected_text.en}.", f"请写{expected_text.zh}。"),
        )
    return (
        Text(f"{shown} is not right for `{where}`: {raw}.", f"`{where}` 的值 {shown_zh} 不正确：{raw}。"),
        Text("Correct the value.", "请更正该值。"),
    )


def _shown_path(value: Value | None, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of pydantic's location that exists in the tree (it adds union branches and validator names)."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(value, Mapping) and str(step) in value.entries:
            value = value.entries[str(step)]
            path.append(str(step))
        elif isinstance(value, Sequence) and isinstance(step, int) and step < len(value.items):
            value = value.items[step]
            path.append(step)
    return tuple(path)


def known_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> set[str]:
    """Keys of the (nested) model at ``loc``."""
    return {field.alias or name for owner in _models_at(model, loc) for name, field in owner.model_fields.items()}


def _path_to(models: list[type[BaseModel]], name: str) -> str:
    """The keys below ``models`` that lead to the key ``name``, as ``when: caller:``, or nothing."""
    level = [(owner, "") for owner in models]
    for _ in range(_DEEPEST_HINT):
        level = [
            (inner, f"{path} {field.alias or key}:".strip())
            for owner, path in level
            for key, field in owner.model_fields.items()
            for inner in _models_in(field.annotation)
        ]
        for owner, path in level:
            if name in {field.alias or key for key, field in owner.model_fields.items()}:
                return f"`{path}`"
    return ""


def _models_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[type[BaseModel]]:
    """The (nested) models at ``loc``, following annotations as far as they are models."""
    found: list[type[BaseModel]] = [model]
    for step in loc:
        deeper: list[type[BaseModel]] = []
        for owner in found:
            field = owner.model_fields.get(str(step)) or next(
                (f for f in owner.model_fields.values() if f.alias == step), None
            )
            deeper.extend(_models_in(field.annotation) if field else [])
        found = deeper or found
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for part in getattr(annotation, "__args__", ()):
        found.extend(_models_in(part))
    return found
