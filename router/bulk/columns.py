"""The columns of a table of numbers: the keys of ``numbers.yaml`` and of a route, in English or in Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from router.configuration.number_table import Column
from router.configuration.route_schemas import RouteRow
from router.configuration.schemas import NumberEntry
from router.model import Route

NUMBER = "number"
PROBLEM = "problem"
"""The column that rows written aside carry; it is never read."""
FACTS = tuple(key for key in NumberEntry.model_fields if key != NUMBER)
BINDING = tuple(key for key in RouteRow.model_fields if key != NUMBER)
OPTIONS = "options"
"""Everything else of a route, as it stands in ``routes.yaml``, on one line."""
KEYS = (NUMBER, *FACTS, *BINDING, OPTIONS)

CHINESE = {
    "number": "400号码",
    "company": "使用公司",
    "carrier": "运营商",
    "tier": "档位",
    "instance": "实例",
    "purchased": "购买日",
    "expires": "到期日",
    "auto_renew": "自动续费",
    "usage": "用途",
    "state": "状态",
    "line": "线路",
    "flow": "流程",
    OPTIONS: "路由规则",
    PROBLEM: "问题",
}
_OTHER_NAMES = {
    "号码": "number",
    "电话号码": "number",
    "公司": "company",
    "公司名称": "company",
    "企业名称": "company",
    "使用单位": "company",
    "呼叫中心实例": "instance",
    "购买日期": "purchased",
    "开通日期": "purchased",
    "到期日期": "expires",
    "ivr流程": "flow",
}
_NAMES = {key: key for key in (*KEYS, PROBLEM)} | {word: key for key, word in CHINESE.items()} | _OTHER_NAMES

_WRITTEN_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日)")
_YES_AND_NO = {
    "是": "true",
    "否": "false",
    "y": "true",
    "n": "false",
    "✓": "true",
    "√": "true",
    "×": "false",
}
_INBOUND = {"呼入": "inbound", "仅呼入": "inbound"}


def column_of(written: str) -> str | None:
    """The key that the column headed ``written`` holds; None where no column is called so."""
    word = re.sub(r"\s+", "", unicodedata.normalize("NFKC", written)).casefold().lstrip("'")
    return _NAMES.get(word) or _NAMES.get(word.replace("-", "_"))


def readers() -> dict[str, Column]:
    """A validator for each column but the number."""
    facts = {key: Column(NumberEntry, key) for key in FACTS}
    return facts | {key: Column(RouteRow, key) for key in BINDING}


def _date(text: str) -> str:
    found = _WRITTEN_DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return text
    month, day = found[2] or found[4], found[3] or found[5]
    return f"{found[1]}-{month:0>2}-{day:0>2}"


_SPREADSHEET_WORDS: dict[str, Callable[[str], str]] = {
    "purchased": _date,
    "expires": _date,
    "auto_renew": lambda text: _YES_AND_NO.get(text.strip().lower(), text.strip().lower()),
    "usage": lambda text: _INBOUND.get(text.strip(), text),
}


def as_configured(key: str, text: str) -> str:
    """What a spreadsheet's ``text`` in the column ``key`` is in the configuration's words: ``2026/9/1`` and 是 are
    usual in tables and no YAML. Anything else stays."""
    words = _SPREADSHEET_WORDS.get(key)
    return words(text) if words else text


def spell(value: object) -> str:
    """A validated value as it stands in a table of the configuration; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def bound_to(route: Route, key: str) -> str:
    """What ``route`` says in the column ``key`` of its binding. With a hunting the lines are among the options."""
    return "" if key == "line" and route.hunt is not None else spell(getattr(route, key))
