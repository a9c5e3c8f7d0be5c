"""The life of a number as a table: every move there is. What is not in it is a refusal with a reason.

The diagram in docs/life.md is drawn from `MOVES`, the tests are generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivr_flows.findings import Text

from .model import STAGES, Stage

EventName = Literal[
    "apply",
    "materials",
    "withdraw",
    "forward",
    "approve",
    "return",
    "order_route",
    "route_done",
    "instance",
    "bind",
    "unbind",
    "renew",
    "suspend",
    "resume",
    "transfer",
    "transfer_done",
    "transfer_refused",
    "release",
    "lapse",
    "expire",
    "extend",
]
Party = Literal["company", "vendor", "carrier", "time"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may happen to a number; ``by`` whom."""

    name: EventName
    by: Party
    text: Text


EVENTS: dict[EventName, Event] = {
    event.name: event
    for event in (
        Event("apply", "company", Text("apply for it", "申请号码")),
        Event("materials", "company", Text("hand in the handler's materials", "提交经办人材料")),
        Event("withdraw", "company", Text("withdraw the application", "撤回申请")),
        Event("forward", "vendor", Text("pass the materials on to the carrier", "送运营商审核")),
        Event("approve", "carrier", Text("approve the application", "审核通过")),
        Event("return", "carrier", Text("return the materials", "退回材料")),
        Event("order_route", "company", Text("order a route", "提交号码路由配置工单")),
        Event("route_done", "carrier", Text("finish the route ticket", "完成路由配置工单")),
        Event("instance", "company", Text("take it into a new instance", "新建实例并选用该号码")),
        Event("bind", "company", Text("bind it to a flow", "绑定 IVR 流程")),
        Event("unbind", "company", Text("take the binding off", "解除绑定")),
        Event("renew", "company", Text("renew it", "续费")),
        Event("suspend", "vendor", Text("suspend it", "停机")),
        Event("resume", "vendor", Text("resume it", "复机")),
        Event("transfer", "company", Text("transfer it to another company", "过户")),
        Event("transfer_done", "carrier", Text("finish the transfer", "过户完成")),
        Event("transfer_refused", "carrier", Text("refuse the transfer", "过户被拒")),
        Event("release", "company", Text("release it", "释放号码")),
        Event("lapse", "time", Text("let its last day pass", "到期未办")),
        Event("expire", "time", Text("reach the end of its paid period", "到期")),
        Event("extend", "time", Text("renew by itself", "自动续费")),
    )
}


@dataclass(frozen=True, slots=True)
class Move:
    """From ``state`` by ``event`` to ``to``; several moves of one pair differ in ``when`` (words for the diagram)."""

    state: Stage
    event: EventName
    to: Stage
    when: Text | None = None


_WAITS = Text("a binding waits", "已登记绑定")
_ALONE = Text("no binding waits", "未登记绑定")
_WAS = {
    stage: Text(f"it was {stage}", f"原为{word}")
    for stage, word in (("opened", "已开通"), ("routed", "已配置路由"), ("bound", "已绑定"))
}

MOVES: tuple[Move, ...] = (
    Move("stock", "apply", "reserved"),
    Move("released", "apply", "reserved"),
    Move("reserved", "materials", "submitted"),
    Move("reserved", "lapse", "released"),
    *(Move(state, "withdraw", "released") for state in ("reserved", "submitted", "review")),
    Move("submitted", "forward", "review"),
    Move("review", "approve", "opened"),
    Move("review", "return", "reserved"),
    *(Move(state, "order_route", state) for state in ("opened", "routed", "bound")),
    Move("opened", "route_done", "routed", _ALONE),
    Move("opened", "route_done", "bound", _WAITS),
    Move("routed", "route_done", "routed"),
    Move("bound", "route_done", "bound"),
    Move("opened", "instance", "opened"),
    Move("routed", "instance", "bound"),
    Move("bound", "instance", "bound"),
    Move("routed", "bind", "bound"),
    Move("bound", "bind", "bound"),
    Move("bound", "unbind", "routed"),
    *(Move(state, "renew", state) for state in ("opened", "routed", "bound", "suspended")),
    *(Move("expired", "renew", state, _WAS[state]) for state in ("opened", "routed")),
    *(Move(state, "suspend", "suspended") for state in ("routed", "bound")),
    *(Move("suspended", "resume", state, _WAS[state]) for state in ("routed", "bound")),
    *(Move(state, "transfer", "transferring") for state in ("opened", "routed", "bound")),
    *(
        Move("transferring", event, state, _WAS[state])
        for event in ("transfer_done", "transfer_refused")
        for state in ("opened", "routed", "bound")
    ),
    *(Move(state, "release", "released") for state in ("opened", "routed", "bound", "suspended", "expired")),
    *(Move(state, "extend", state) for state in ("opened", "routed", "bound")),
    *(Move(state, "expire", "expired") for state in ("opened", "routed")),
    *(Move(state, "lapse", "released") for state in ("bound", "suspended", "transferring", "expired")),
)

BY_PAIR: dict[tuple[Stage, EventName], tuple[Move, ...]] = {}
for _move in MOVES:
    BY_PAIR[_move.state, _move.event] = (*BY_PAIR.get((_move.state, _move.event), ()), _move)

STATE_TEXTS: dict[Stage, Text] = {
    "stock": Text("in stock, owned by nobody", "在库（无主）"),
    "reserved": Text("reserved, waiting for the handler's materials", "已预留，待补充经办人材料"),
    "submitted": Text("applied for, its materials are handed in", "材料已提交"),
    "review": Text("under review by the carrier", "运营商审核中"),
    "opened": Text("purchased, its route not yet configured", "已开通，待配置路由"),
    "routed": Text("routed, bound to no flow", "已配置路由，未绑定流程"),
    "bound": Text("bound and in service", "已绑定，使用中"),
    "suspended": Text("suspended", "已停机"),
    "expired": Text("expired and kept for its owner", "已到期，保留中"),
    "released": Text("released, owned by nobody", "已释放（无主）"),
    "transferring": Text("being transferred", "过户中"),
}

NEXT: dict[Stage, Text] = {
    "stock": Text(
        "Apply for it: line400 numbers apply {n} --company C.", "请先申请：line400 numbers apply {n} --company 公司。"
    ),
    "reserved": Text(
        "Hand in the handler's materials: line400 numbers materials {n} --handler NAME … --generate DIR; have the "
        "documents stamped, then --file KIND=FILE for each, and --submit.",
        "请补充经办人材料：line400 numbers materials {n} --handler 姓名 … --generate 目录；盖章后用 --file 种类=文件 "
        "逐一上传，再加 --submit 提交。",
    ),
    "submitted": Text(
        "Wait for the carrier's review; rehearsing, decide it: line400 numbers review {n} --approve.",
        "请等待运营商审核；演练时可自行审核：line400 numbers review {n} --approve。",
    ),
    "review": Text(
        "Wait for the carrier's review; rehearsing, decide it: line400 numbers review {n} --approve.",
        "请等待运营商审核；演练时可自行审核：line400 numbers review {n} --approve。",
    ),
    "opened": Text(
        "Order its route: line400 numbers route {n} --line LINE.",
        "请提交路由配置工单：line400 numbers route {n} --line 线路。",
    ),
    "routed": Text("Bind it: line400 bind {n} --flow FLOW.", "请绑定流程：line400 bind {n} --flow 流程。"),
    "bound": Text(
        "It is in service; line400 numbers show {n} tells more.", "号码使用中；用 line400 numbers show {n} 查看。"
    ),
    "suspended": Text(
        "Clear the arrears, then: line400 numbers suspend {n} --resume.",
        "结清欠费后：line400 numbers suspend {n} --resume。",
    ),
    "expired": Text(
        "Renew it within the kept days: line400 numbers renew {n}.", "请在保留期内续费：line400 numbers renew {n}。"
    ),
    "released": Text(
        "It belongs to nobody; apply for it anew: line400 numbers apply {n} --company C.",
        "号码已无主；可重新申请：line400 numbers apply {n} --company 公司。",
    ),
    "transferring": Text(
        "Wait until the transfer is decided; rehearsing: line400 numbers transfer {n} --done.",
        "请等待过户办理；演练时：line400 numbers transfer {n} --done。",
    ),
}

TICKET_OPEN = Text(
    "Wait for the carrier to finish the route ticket; rehearsing, finish it: line400 numbers route {n} --done.",
    "请等待运营商完成路由工单；演练时可自行完成：line400 numbers route {n} --done。",
)


def states_of(event: EventName) -> tuple[Stage, ...]:
    """The states in which ``event`` may happen, in the order of a life."""
    return tuple(stage for stage in STAGES if (stage, event) in BY_PAIR)
