"""Words for the steps of a resolution's trace: each code and its details, in two languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ivr_flows.findings import Text

if TYPE_CHECKING:
    from .resolution import TraceStep

_STATES: Final = {"open": "营业", "closed": "非营业", "holiday": "节假日"}
_DAYS: Final = {
    "monday": "星期一",
    "tuesday": "星期二",
    "wednesday": "星期三",
    "thursday": "星期四",
    "friday": "星期五",
    "saturday": "星期六",
    "sunday": "星期日",
}
_FACTS: Final = {
    "list": "名单",
    "number": "号码",
    "prefix": "号段",
    "kind": "类型",
    "province": "省份",
    "city": "城市",
    "carrier": "运营商",
}

Explainer = Callable[[tuple[str, ...]], Text]


def explain(step: TraceStep) -> Text:
    """Why the step matched or not: what was wanted, and what was found."""
    return CODES[step.code](step.details)


def percent(value: float) -> str:
    """A percentage without needless zeros: ``20``, ``12.5``."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


_BETWEEN_HANZI: Final = re.compile(r"(?<=[\u4e00-\u9fff，]) (?=[\u4e00-\u9fff])")


def _tight(text: str) -> str:
    """``text`` without spaces between Chinese characters; beside digits and Latin letters they stay."""
    return _BETWEEN_HANZI.sub("", text)


def _zh(words: str, table: dict[str, str]) -> str:
    return "、".join(table.get(word, word) for word in words.split(", "))


def _hours(state: str) -> Explainer:
    def say(details: tuple[str, ...]) -> Text:
        calendar, wanted = details
        return Text(
            f"calendar {calendar} is {state}; the rule wants {wanted}",
            f"日历 {calendar} 此时为{_STATES[state]}，规则要求{_zh(wanted, _STATES)}",
        )

    return say


def _fact(key: str) -> Explainer:
    def say(details: tuple[str, ...]) -> Text:
        caller, found, wanted = details
        who, who_zh = ("a hidden caller", "隐藏号码来电") if caller == "-" else (f"caller {caller}", f"来电 {caller}")
        word = _FACTS[key]
        return Text(
            f"{who} has {key} {found}; the rule wants {wanted}",
            _tight(f"{who_zh} 的{word}为 {found}，规则要求 {_zh(wanted, {})}"),
        )

    return say


def _number(key: str) -> Explainer:
    def say(details: tuple[str, ...]) -> Text:
        caller, wanted = details
        return Text(
            f"caller {caller} does not have the {key} {wanted}",
            f"来电 {caller} 不符合{_FACTS[key]} {_zh(wanted, {})}",
        )

    return say


def _said(en: str, zh: str) -> Explainer:
    """Sentences with ``{0}``, ``{1}`` … for the details."""

    def say(details: tuple[str, ...]) -> Text:
        return Text(en.format(*details), zh.format(*details))

    return say


def _conditions(details: tuple[str, ...]) -> Text:
    return Text(f"every condition holds: {'; '.join(details)}", f"条件全部满足：{'；'.join(details)}")


def _split(details: tuple[str, ...]) -> Text:
    flow, bucket, *conditions = details
    bucket = percent(int(bucket) / 100)
    text = Text(f"the split sends {bucket} of 100 to {flow}", f"按比例分流：{bucket}（满分 100）落入 {flow}")
    if not conditions:
        return text
    held = _conditions(tuple(conditions))
    return Text(f"{held.en}; {text.en}", f"{held.zh}；{text.zh}")


def _share(details: tuple[str, ...]) -> Text:
    bucket, wanted = details
    place = percent(int(bucket) / 100)
    return Text(
        f"the call falls on {place} of 100; the rule takes those below {wanted}",
        f"该来电落在 {place}（满分 100），规则只取 {wanted} 以下",
    )


def _weekday(details: tuple[str, ...]) -> Text:
    found, wanted = details
    return Text(f"it is {found}; the rule wants {wanted}", f"当天是{_DAYS[found]}，规则要求{_zh(wanted, _DAYS)}")


_STRATEGIES: Final = {
    "sequential": Text("in the order written", "按书写顺序"),
    "circular": Text("in turn", "轮选"),
    "random": Text("at random, decided by the call id", "随机（由呼叫 ID 决定）"),
    "least_busy": Text("the least busy first", "先选最空闲的"),
    "weight": Text("by weight, decided by the call id", "按权重（由呼叫 ID 决定）"),
}


def _hunt(details: tuple[str, ...]) -> Text:
    strategy, lines = details
    how = _STRATEGIES[strategy]
    return Text(f"the carrier hunts {how.en}: {lines}", f"运营商{how.zh}选线：{_zh(lines, {})}")


def _hidden(details: tuple[str, ...]) -> Text:
    key, wanted = details
    return Text(
        f"the caller's number is hidden; the rule wants the {key} {wanted}",
        f"来电号码隐藏，规则要求{_FACTS[key]} {_zh(wanted, {})}",
    )


CODES: Final[dict[str, Explainer]] = {
    # how a rule ended
    "matched": _conditions,
    "matched_split": _split,
    "always": _said("the rule has no condition", "规则没有条件，总是匹配"),
    "default": _said("no rule matched; the number's binding holds", "没有规则匹配，按号码的默认绑定"),
    # how the carrier looks for a line
    "hunt": _hunt,
    "line_taken": _said("line {0} takes the call", "线路 {0} 接通"),
    "line_full": _said("line {0}: all channels are in use", "线路 {0}：通道全忙"),
    "line_busy": _said("line {0} is busy", "线路 {0}：忙"),
    "line_no_answer": _said("line {0} rings {1} s and nobody answers", "线路 {0}：振铃 {1} 秒无人接听"),
    "line_down": _said("line {0} is out of order", "线路 {0}：故障"),
    "forwards_used_up": _said(
        "the carrier passes a call on {0} times at most; no further line is tried",
        "运营商最多转接 {0} 次，不再尝试其他线路",
    ),
    # caps of the number
    "over_calls": _said("{0} has {1} calls at once; its max_calls is {2}", "{0} 当前有 {1} 路通话，max_calls 为 {2}"),
    "over_month": _said(
        "{0} has had {1} calls this month; its max_calls_per_month is {2}",
        "{0} 本月已接 {1} 通，max_calls_per_month 为 {2}",
    ),
    # why a rule did not match
    "caller_hidden": _hidden,
    "caller_not_in_list": _said("caller {0} is not in the list {1}", "来电 {0} 不在名单 {1} 中"),
    "caller_in_list": _said("caller {0} is in the list {1}", "来电 {0} 在名单 {1} 中"),
    "caller_number_differs": _number("number"),
    "caller_prefix_differs": _number("prefix"),
    "caller_kind_differs": _fact("kind"),
    "caller_province_differs": _fact("province"),
    "caller_city_differs": _fact("city"),
    "caller_carrier_differs": _fact("carrier"),
    "hours_open": _hours("open"),
    "hours_closed": _hours("closed"),
    "hours_holiday": _hours("holiday"),
    "date_outside": _said("{0} is not within {1}", "日期 {0} 不在 {1} 之内"),
    "weekday_differs": _weekday,
    "share_outside": _share,
    # what is in force beside the rules
    "blocked_caller": _said("caller {0} is blocked by {1} until {2}", "来电 {0} 已被 {1} 拦截，至 {2}"),
    "announcement": _said(
        "an emergency announcement of {1} is in force until {2}: {0}", "{1} 发布的紧急通知有效至 {2}：{0}"
    ),
    # how the number was found when the call came in on a base number
    "header_untrusted": _said(
        "the header is not believed: the call came over trunk {0}, line {1} belongs to trunk {2}",
        "不采信消息头：来电经中继 {0}，线路 {1} 属于中继 {2}",
    ),
    "header_unreadable": _said("the header names no 400 number: {0}", "消息头中没有可识别的 400 号码：{0}"),
    "header_unknown_number": _said("the header names {0}, which is not configured", "消息头中的 {0} 未在配置中"),
    "default_number_unknown": _said("the line's default number {0} is not configured", "线路的默认号码 {0} 未在配置中"),
    "shared_same_flow": _said(
        "several numbers share line {0} and all go to flow {1}", "线路 {0} 由多个号码共用，均绑定流程 {1}"
    ),
    "line_mismatch": _said(
        "the call arrived on line {0}; the route wants line {1}", "来电到达线路 {0}，路由要求线路 {1}"
    ),
    # why no rule was asked
    "unknown_number": _said("{0} is not configured", "{0} 未在配置中"),
    "unbound": _said("{0} is not bound to a flow", "{0} 未绑定流程"),
    "not_routed": _said("{0} is not routed at the carrier yet", "{0} 尚未在运营商处开通路由"),
    "not_purchased": _said("{0} is not purchased yet at that time", "{0} 在该时间尚未购买"),
    "expired": _said("{0} is expired", "{0} 已到期"),
    "suspended": _said("{0} is suspended", "{0} 已停机"),
    "released": _said("{0} is released", "{0} 已释放"),
    "transferring": _said("{0} is being transferred", "{0} 正在过户"),
    "ambiguous_number": _said(
        "several numbers with different flows share line {0}", "线路 {0} 由流程不同的多个号码共用"
    ),
    "line_without_number": _said("no 400 number lands on line {0}", "没有 400 号码落在线路 {0} 上"),
}
