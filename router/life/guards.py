"""What must hold beside the table before an event may happen, each refusal with its reason and cure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import inf

from ivr_flows.findings import Text

from .model import MOST_MONTHS, Life, LifeError, Request, Rules
from .table import EventName


def may_apply(life: Life, request: Request, at: float, rules: Rules) -> None:
    """The company is qualified, and the number is on offer, of the tier and carrier that were asked for."""
    if request.qualified is not None:
        raise request.qualified
    if not life.on_offer(at):
        raise _in_quarantine(life, rules)
    if request.offered is None:
        raise LifeError(
            "not-on-offer",
            Text(f"{life.number} is not on offer.", f"{life.number} 不在可售号码中。"),
            Text("`line400 numbers search` lists what is.", "用 `line400 numbers search` 查看可售号码。"),
        )
    tier, carrier = request.offered
    if request.tier not in (None, tier):
        raise LifeError(
            "other-tier",
            Text(
                f"{life.number} is of the tier {tier}, not {request.tier}.",
                f"{life.number} 属于{tier}档，不是{request.tier}档。",
            ),
            Text(f"Choose --tier {tier}, or another number.", f"请选择 --tier {tier}，或另选号码。"),
        )
    if request.carrier not in (None, carrier):
        raise LifeError(
            "other-carrier",
            Text(
                f"{life.number} belongs to {carrier}, not {request.carrier}.",
                f"{life.number} 属于 {carrier}，不是 {request.carrier}。",
            ),
            Text(f"Choose --carrier {carrier}, or another number.", f"请选择 --carrier {carrier}，或另选号码。"),
        )


def _in_quarantine(life: Life, rules: Rules) -> LifeError:
    assert life.free_from is not None
    until = Text("for good", "永久") if life.free_from == inf else _moment(life.free_from, rules)
    return LifeError(
        "in-quarantine",
        Text(
            f"{life.number} was in use and is not sold again at once: it is kept back until {until.en}."
            if life.free_from != inf
            else f"{life.number} was in use and is not sold again.",
            f"{life.number} 曾被使用，释放后暂不销售：{until.zh}。",
        ),
        Text(
            "Choose another number; `life: { quarantine: … }` of line400.yaml sets for how long.",
            "请另选号码；冷冻期由 line400.yaml 的 `life: { quarantine: … }` 设定。",
        ),
    )


def _moment(at: float, rules: Rules) -> Text:
    said = datetime.fromtimestamp(at, rules.zone).isoformat(sep=" ", timespec="seconds")
    return Text(said, f"至 {said}")


def materials_complete(life: Life, request: Request, _at: float, _rules: Rules) -> None:
    """There is a handler, and every document is there."""
    lacking = request.missing
    if life.handler is None and request.handler is None:
        lacking = ("handler", *lacking)
    if lacking:
        raise LifeError(
            "materials-missing",
            Text(
                f"Still missing for {life.number}: {', '.join(lacking)}.", f"{life.number} 还缺：{'、'.join(lacking)}。"
            ),
            Text(
                f"`line400 numbers materials {life.number} --generate DIR` writes the documents; stamp them, then "
                "--file KIND=FILE.",
                f"用 `line400 numbers materials {life.number} --generate 目录` 生成文件，"
                "盖章后以 --file 种类=文件 上传。",
            ),
        )


def has_plan(life: Life, request: Request, _at: float, _rules: Rules) -> None:
    """The ticket names lines, and their shares sum to 100."""
    plan = request.plan
    if plan is None or not plan.lines:
        raise LifeError(
            "no-line",
            Text("A route ticket names at least one line.", "路由工单至少要有一条线路。"),
            Text(
                f"line400 numbers route {life.number} --line LINE", f"line400 numbers route {life.number} --line 线路"
            ),
        )
    if plan.shares and (len(plan.shares) != len(plan.lines) or abs(sum(plan.shares) - 100) > 1e-9):
        raise LifeError(
            "bad-shares",
            Text("Shares stand at every line and sum to 100.", "每条线路都要写比例，且合计为 100。"),
            Text("--line bj=60 --line sh=40", "--line bj=60 --line sh=40"),
        )


def ticket_pending(life: Life, _request: Request, _at: float, _rules: Rules) -> None:
    """There is a ticket that is not done."""
    if life.ticket is None or life.ticket.done is not None:
        raise LifeError(
            "no-ticket",
            Text(f"No route ticket of {life.number} is open.", f"{life.number} 没有未完成的路由工单。"),
            Text(
                f"Order one: line400 numbers route {life.number} --line LINE.",
                f"请先提交：line400 numbers route {life.number} --line 线路。",
            ),
        )


def flow_checked(_life: Life, request: Request, _at: float, _rules: Rules) -> None:
    """The flow may be bound."""
    if request.checked is not None:
        raise request.checked


def months_right(_life: Life, request: Request, _at: float, _rules: Rules) -> None:
    """The months are a number that one may renew for."""
    if request.months is not None and not 1 <= request.months <= MOST_MONTHS:
        raise LifeError(
            "bad-months",
            Text(f"One renews for 1 to {MOST_MONTHS} months.", f"续费月数应为 1 至 {MOST_MONTHS}。"),
            Text("--months 3", "--months 3"),
        )


def other_owner(life: Life, request: Request, _at: float, _rules: Rules) -> None:
    """The company is another one, and qualified."""
    if request.qualified is not None:
        raise request.qualified
    if request.owner is None or request.owner == life.owner:
        raise LifeError(
            "same-owner",
            Text(f"{life.number} belongs to that company already.", f"{life.number} 已属于该公司。"),
            Text(
                "Name another company with an approved qualification: --to C.",
                "请指定另一家资质已通过的公司：--to 公司。",
            ),
        )


def target_qualified(_life: Life, request: Request, _at: float, _rules: Rules) -> None:
    """The company that gets a number may have it when the transfer is done too."""
    if request.qualified is not None:
        raise request.qualified


Guard = Callable[[Life, Request, float, Rules], None]
GUARDS: dict[EventName, Guard] = {
    "apply": may_apply,
    "materials": materials_complete,
    "order_route": has_plan,
    "route_done": ticket_pending,
    "instance": flow_checked,
    "bind": flow_checked,
    "renew": months_right,
    "transfer": other_owner,
    "transfer_done": target_qualified,
}
