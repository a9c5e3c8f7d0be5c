"""Whether a number may be reached at a moment: the one question that routing asks about a number's life.

Rules (CONTRACT.md, *numbers*; domain notes §3): only a ``bound`` number is connected, from the day it was
purchased on, and without automatic renewal until seven days after its expiry (the keep period of the vendor). The
first period of a number is three months (customer_source: 首个周期3个月，运营商规定).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from ivr_flows.findings import Fault, FaultParty, Text

from .causes import BUSY, LINE_CAUSES, UNALLOCATED, tone_of
from .model import LifeState, NumberFacts, Route
from .route_options import LineState

FIRST_PERIOD_MONTHS: Final = 3
KEEP_DAYS: Final = 7
SUSPENDED_ANNOUNCEMENT: Final = "您拨打的号码已暂停服务，请稍后再拨。"

DELIVERED: Final[frozenset[LifeState]] = frozenset({"bound", "suspended"})
"""States in which the carrier delivers calls on a line; in every other one it refuses them itself. A suspended number
is rejected by us, with its announcement."""

_NO_END: Final = date(9990, 1, 1)  # 9999-12-31 is how people write "never"
_ALWAYS: Final = (float("-inf"), float("inf"))
_CAUSES: Final = {"not_routed": BUSY} | {f"line_{state}": cause for state, cause in LINE_CAUSES.items()}

_STATE_TEXT: Final[dict[str, Text]] = {
    "reserved": Text("it is only reserved", "号码仅预留"),
    "submitted": Text("its application is submitted", "申请材料已提交"),
    "review": Text("the carrier is reviewing its application", "运营商审核中"),
    "opened": Text("it is opened and has no route yet", "号码已开通，尚未配置路由"),
}


def refusal(code: str) -> tuple[int, str]:
    """How the carrier refuses a call for the fault ``code``: the Q.850 cause and what the caller hears. A number not
    routed yet is busy (17); one that is unknown, unbound, released … is unallocated (1); a line that does not take the
    call has the cause of its state."""
    cause = _CAUSES.get(code, UNALLOCATED)
    return cause, tone_of(cause)


def add_months(day: date, months: int) -> date:
    """``day`` so many months on; the last day of a shorter month where that day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def expiry(facts: NumberFacts) -> date | None:
    """When the paid period of a number ends: as given, else three months after its purchase; None without either."""
    if facts.expires is not None:
        return facts.expires
    return None if facts.purchased is None else add_months(facts.purchased, FIRST_PERIOD_MONTHS)


def seeded_state(facts: NumberFacts, route: Route | None) -> LifeState:
    """The state of a number of which no store knows one: as its file says, else ``bound`` with a line and a flow,
    ``routed`` with a line only, else ``opened``."""
    if facts.state is not None:
        return facts.state
    if route is None or route.line is None:
        return "opened"
    return "routed" if route.flow is None else "bound"


def service_window(facts: NumberFacts, zone: tzinfo) -> tuple[float, float]:
    """The moments (epoch seconds, first inclusive, last exclusive) between which a bound number is in service.

    It begins with the day of purchase; without automatic renewal it ends with the seventh day after expiry.
    """
    first, last = _ALWAYS
    if facts.purchased is not None:
        first = _midnight(facts.purchased, zone)
    ends = None if facts.auto_renew else expiry(facts)
    if ends is not None and ends < _NO_END:
        last = _midnight(ends + timedelta(days=KEEP_DAYS + 1), zone)
    return first, last


def connectable(facts: NumberFacts, state: LifeState, at: float, zone: tzinfo) -> Fault | None:
    """Why a call to the number is not connected at the moment ``at``; None when it is."""
    return judge(facts.number, state, service_window(facts, zone), at, zone)


def judge(number: str, state: LifeState, window: tuple[float, float], at: float, zone: tzinfo) -> Fault | None:
    """`connectable`, with the number's service window worked out before."""
    if state != "bound":
        return _state_fault(number, state)
    first, last = window
    if at < first:
        day = datetime.fromtimestamp(first, zone).date()
        return _fault(
            "not_purchased",
            "configuration",
            f"{number} is purchased from {day} on and not before; check `purchased` or the time of the call.",
            f"{number} 自 {day} 起购买，在此之前不接通；请核对 purchased 或呼叫时间。",
        )
    if at >= last:
        day = datetime.fromtimestamp(last, zone).date() - timedelta(days=KEEP_DAYS + 1)
        return _fault(
            "expired",
            "configuration",
            f"{number} expired on {day}, and its {KEEP_DAYS} days of grace are over; renew it or set `auto_renew`.",
            f"{number} 已于 {day} 到期，{KEEP_DAYS} 天保留期已过；请续费或开启 auto_renew。",
        )
    return None


def unbound(number: str) -> Fault:
    """The fault of a number that has a line and no flow."""
    return _fault(
        "unbound",
        "configuration",
        f"{number} is not bound to a flow; bind it: line400 bind {number} --flow FLOW.",
        f"{number} 尚未绑定 IVR 流程；请绑定：line400 bind {number} --flow 流程名。",
    )


def not_routed(number: str, state: LifeState = "opened") -> Fault:
    """The fault of a number that the carrier does not land on any line yet."""
    why = _STATE_TEXT.get(state, _STATE_TEXT["opened"])
    return _fault(
        "not_routed",
        "carrier",
        f"{number} is not routed yet: {why.en}; order its route at the carrier (line400 numbers route {number} --line "
        "LINE), or give it a `line` in routes.yaml where the carrier has routed it already.",
        f"{number} 尚未开通路由：{why.zh}；请提交路由配置工单（line400 numbers route {number} --line 线路），"
        "若运营商已配置，请在 routes.yaml 中指定 line。",
    )


def unknown_number(number: str) -> Fault:
    """The fault of a number that is valid and not configured."""
    return _fault(
        "unknown_number",
        "caller",
        f"{number} is not configured here; check the digits, or add it to numbers.yaml and routes.yaml.",
        f"{number} 未在配置中；请核对号码，或将其加入 numbers.yaml 和 routes.yaml。",
    )


def over_limit(code: str, number: str, most: int) -> Fault:
    """The fault of a call beyond a cap of its number: ``over_calls`` at once, ``over_month`` in the month."""
    if code == "over_calls":
        return _fault(
            code,
            "configuration",
            f"{number} has {most} calls at once, as many as its `max_calls` allows.",
            f"{number} 当前已有 {most} 路通话，达到 max_calls 上限。",
        )
    return _fault(
        code,
        "configuration",
        f"{number} has had {most} calls this month, as many as its `max_calls_per_month` allows.",
        f"{number} 本月已接 {most} 通，达到 max_calls_per_month 上限。",
    )


def line_refused(state: LineState, line: str) -> Fault:
    """The fault of a call that no line took; ``line`` is the last one tried, ``state`` why it did not."""
    en, zh, cure_en, cure_zh = _LINE_TEXT[state]
    return _fault(f"line_{state}", "carrier", f"{en.format(line)} {cure_en}", f"{zh.format(line)}{cure_zh}")


_LINE_TEXT: Final[dict[LineState, tuple[str, str, str, str]]] = {
    "full": (
        "All channels of line {0} and of the lines tried before it are in use;",
        "线路 {0} 及之前尝试的线路通道全忙；",
        "order more channels, or give it an `overflow`.",
        "请增加 channels，或设置 overflow。",
    ),
    "busy": (
        "Line {0} is busy, and no other line takes the call;",
        "线路 {0} 忙，且没有其他线路可接；",
        "give it an `overflow: { busy: LINE }`, or hunt over several lines.",
        "请设置 overflow: { busy: 线路 }，或用 hunt 轮选多条线路。",
    ),
    "no_answer": (
        "Nobody answers on line {0}, and no other line takes the call;",
        "线路 {0} 无人接听，且没有其他线路可接；",
        "give it an `overflow: { no_answer: LINE }`, or hunt over several lines.",
        "请设置 overflow: { no_answer: 线路 }，或用 hunt 轮选多条线路。",
    ),
    "down": (
        "Line {0} is out of order, and no other line takes the call;",
        "线路 {0} 故障，且没有其他线路可接；",
        "give it an `overflow: { down: LINE }`, or hunt over several lines.",
        "请设置 overflow: { down: 线路 }，或用 hunt 轮选多条线路。",
    ),
}


def ambiguous_number(line: str) -> Fault:
    """The fault of a call on a base number of which nobody can tell the 400 number."""
    return _fault(
        "ambiguous_number",
        "configuration",
        f"Several 400 numbers with different flows share line {line}, and the call names none; have the carrier send "
        "the original called number, or set `default_number`.",
        f"线路 {line} 由流程不同的多个 400 号码共用，来电未带原被叫号码；请让运营商透传原被叫，或设置 default_number。",
    )


def line_without_number(line: str) -> Fault:
    """The fault of a call on a base number behind which there is no 400 number."""
    return _fault(
        "unbound",
        "configuration",
        f"No 400 number lands on line {line}; give a route `line: {line}`.",
        f"没有 400 号码落在线路 {line} 上；请在某个路由中写 line: {line}。",
    )


def _state_fault(number: str, state: LifeState) -> Fault:
    if state in _STATE_TEXT:
        return not_routed(number, state)
    if state == "routed":
        return unbound(number)
    if state == "suspended":
        return _fault(
            "suspended",
            "configuration",
            f"{number} is suspended; clear the arrears or the objection, then set it to bound again.",
            f"{number} 已停机；请结清欠费或处理异议后恢复为 bound。",
        )
    if state == "expired":
        return _fault(
            "expired",
            "configuration",
            f"{number} is expired; renew it within the {KEEP_DAYS} days of grace.",
            f"{number} 已到期；请在 {KEEP_DAYS} 天保留期内续费。",
        )
    if state == "transferring":
        return _fault(
            "transferring",
            "carrier",
            f"{number} is being transferred to another owner; it is reached again when the carrier has finished.",
            f"{number} 正在过户；待运营商办理完成后方可接通。",
        )
    return _fault(
        "released",
        "configuration",
        f"{number} is released and belongs to nobody; remove it from the configuration, or purchase it again.",
        f"{number} 已释放；请从配置中删除，或重新购买。",
    )


def _fault(code: str, by: FaultParty, en: str, zh: str) -> Fault:
    return Fault(code, by, Text(en, zh))


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
