"""Invariants as sentences: ``a caller from 上海 reaches queue sales after 18:00``, ``上海来电 18:00 后进入队列 sales``.

A sentence says the same as the keys it stands for; words that nothing understands are refused, not passed over.
"""

from __future__ import annotations

import re
from typing import Any

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal
from router.regions import canonical_province

_KINDS = {
    "queue": "queue",
    "flow": "flow",
    "line": "line",
    "voicemail": "voicemail",
    "队列": "queue",
    "流程": "flow",
    "线路": "line",
    "语音信箱": "voicemail",
}
_NAME = r"[\w.\-]+"
_CLOCK = r"\d{1,2}[:：]\d{2}"
_STATES = {
    "open": "open",
    "closed": "closed",
    "holiday": "holiday",
    "营业": "open",
    "下班": "closed",
    "节假日": "holiday",
}

_CLAUSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("reaches", re.compile(rf"\breach(?:es)?\s+(queue|flow|line|voicemail)\s+({_NAME})")),
    ("reaches", re.compile(rf"(?:进入|到达|接到|转到)\s*(队列|流程|线路|语音信箱)\s*({_NAME})")),
    ("numbers", re.compile(r"\b(?:on|of|to)\s+(400[\d\s-]{7,10}\d)")),
    ("numbers", re.compile(r"拨打\s*(400[\d\s-]{7,10}\d)")),
    ("between", re.compile(rf"\bbetween\s+({_CLOCK})\s+and\s+({_CLOCK})")),
    ("between", re.compile(rf"({_CLOCK})\s*(?:至|到|-|–)\s*({_CLOCK})(?:\s*之间)?")),
    ("after", re.compile(rf"\bafter\s+({_CLOCK})")),
    ("after", re.compile(rf"({_CLOCK})\s*(?:以后|之后|后)")),
    ("before", re.compile(rf"\bbefore\s+({_CLOCK})")),
    ("before", re.compile(rf"({_CLOCK})\s*(?:以前|之前|前)")),
    ("hours", re.compile(rf"\bwhile\s+({_NAME})\s+is\s+(open|closed|holiday)")),
    ("hours", re.compile(rf"日历\s*({_NAME}?)\s*(?:为|处于)\s*(营业|下班|节假日)时?")),
    ("list", re.compile(rf"\bon\s+(?:the\s+)?list\s+({_NAME})")),
    ("list", re.compile(rf"名单\s*({_NAME}?)\s*中?的")),
    ("hidden", re.compile(r"\bhidden\b|\bwho hides? (?:the|their) number\b|隐藏号码")),
    ("place", re.compile(r"\bfrom\s+([\u4e00-\u9fff]+(?:(?:\s+or\s+|、)[\u4e00-\u9fff]+)*)")),
    ("place", re.compile(r"([\u4e00-\u9fff、]+?)(?:的)?来电")),
)
_FILLER = re.compile(r"\b(?:a|an|any|every|the|callers?|calls?|of|is|who)\b|[\s，,。.]|来电|时|在|的|会|任何|所有")


def read_sentence(text: str) -> dict[str, Any]:
    """The keys that a sentence stands for. Raises `Refusal` with the words that are not understood."""
    left = text
    found: dict[str, Any] = {}
    caller: dict[str, Any] = {}
    when: dict[str, Any] = {}
    for kind, pattern in _CLAUSES:
        if kind == "place" and re.fullmatch(r"\s*(?:所有|任何)?来电.*", left):
            continue
        match = pattern.search(left)
        if match is None:
            continue
        values = match.groups()
        if kind == "reaches":
            found["reaches"] = {_KINDS[values[0]]: values[1]}
        elif kind == "numbers":
            found["number"] = values[0].strip()
        elif kind == "between":
            when["between"] = "-".join(value.replace("：", ":") for value in values)
        elif kind in ("after", "before"):
            when[kind] = values[0].replace("：", ":")
        elif kind == "hours":
            when |= {"hours": values[0], "is": _STATES[values[1]]}
        elif kind == "list":
            caller["list"] = values[0]
        elif kind == "hidden":
            caller["kind"] = "hidden"
        else:
            places = [part for part in re.split(r"\s+or\s+|、", values[0]) if part]
            provinces = [place for place in places if canonical_province(place)]
            if provinces:
                caller["province"] = provinces
            if len(provinces) < len(places):
                caller["city"] = [place for place in places if place not in provinces]
        left = f"{left[: match.start()]} {left[match.end() :]}"
    rest = _FILLER.sub("", left)
    if rest or "reaches" not in found:
        raise Refusal(
            Text(
                f"The sentence is not understood: `{rest or text}`.",
                f"无法理解这句话：`{rest or text}`。",
            ),
            Text(
                "Write for example `a caller from 上海 reaches queue sales after 18:00`, or the keys caller, when, "
                "number, reaches.",
                "例如写 `上海来电 18:00 后进入队列 sales`，或用 caller、when、number、reaches 这些键。",
            ),
            "bad-invariant",
        )
    return found | ({"caller": caller} if caller else {}) | ({"when": when} if when else {})
