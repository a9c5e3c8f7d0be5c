"""``line400 numbers route|instance|renew|release|transfer|suspend|show``: from purchase to release."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ivr_flows.findings import Text
from router.life.machine import refusal
from router.life.model import Life, LifeError, Request, RoutePlan
from router.life.table import BY_PAIR, EventName
from router.regions import canonical_province

from ..problems import DONE, usage
from .desk import Desk, needed
from .files import enter_binding, enter_purchased, enter_route, take_binding
from .lives import answer, companies_of, happen, life_of, number_of
from .views import life_json, orphans_of, reminders, show_life

if TYPE_CHECKING:
    from ..commands.numbers import Asked

WELCOME = "welcome"


def route(desk: Desk, asked: Asked) -> int:
    """Order a route of the carrier, or take in that it is done."""
    number = number_of(asked.number)
    if not asked.done:
        plan = _plan(desk, asked)
        life = happen(desk, number, "order_route", Request(plan=plan)).life
        assert life.ticket is not None
        desk.office.take_route_order(number, life.ticket.id, plan)
        contact = desk.settings.life.contact
        asks = Text(f" Contact: {contact}.", f"联系方式：{contact}。") if contact else Text("", "")
        desk.invocation.note(
            Text(
                f"Route ticket {life.ticket.id} is ordered; live routing waits until it is done.{asks.en}",
                f"已提交路由配置工单 {life.ticket.id}；完成前号码不能接通。{asks.zh}",
            )
        )
        return answer(desk, life, written=[])
    desk.office.decide(number, "route_done", desk.reason)
    life = life_of(desk, number)
    for decision in desk.office.decisions():
        life = happen(desk, decision.subject, "route_done").life
    return answer(desk, life, written=enter_route(desk, life, companies_of(desk)))


def _plan(desk: Desk, asked: Asked) -> RoutePlan:
    lines: list[str] = []
    shares: list[float] = []
    for word in asked.line:
        name, equals, share = word.partition("=")
        lines.append(_line(desk, name))
        if equals:
            shares.append(_share(share))
    if shares and asked.overflow:
        raise usage(
            "shares-and-overflow",
            Text("Shares and --overflow exclude each other.", "比例与 --overflow 不能同时使用。"),
            Text("Lines with shares pass calls on to each other as it is.", "按比例分配的线路之间本来就会互相溢出。"),
        )
    if len(lines) > 1 and not shares:
        raise usage(
            "no-shares",
            Text("Several lines want a share each, or --overflow.", "多条线路需各写比例，或改用 --overflow。"),
            Text(
                "--line bj=60 --line sh=40; or --line bj --overflow sh",
                "--line bj=60 --line sh=40；或 --line bj --overflow sh",
            ),
        )
    lines += [_line(desk, name) for name in asked.overflow]
    regions: dict[str, str] = {}
    for word in asked.region:
        province, equals, name = word.partition("=")
        known = canonical_province(province)
        if not equals or known is None:
            raise usage(
                "bad-region",
                Text(f"`{word[:40]}` is not PROVINCE=LINE.", f"`{word[:40]}` 不是 省份=线路。"),
                Text("--region 上海=sh-telecom", "--region 上海=sh-telecom"),
            )
        regions[known] = _line(desk, name)
    if len(set(lines)) != len(lines):
        raise usage(
            "line-twice",
            Text("A line is named twice.", "同一线路写了两次。"),
            Text("Name each line once.", "每条线路只写一次。"),
        )
    return RoutePlan(tuple(lines), tuple(shares), regions)


def _line(desk: Desk, name: str) -> str:
    from ivr_flows.schema import nearest

    known = desk.configuration.lines if desk.configuration else {}
    if name in known:
        return name
    close = nearest(name, known)
    raise usage(
        "unknown-line",
        Text(f"There is no line `{name[:40]}`.", f"没有线路 `{name[:40]}`。"),
        Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
        if close
        else Text("Lines are defined in lines.yaml.", "线路在 lines.yaml 中定义。"),
    )


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if 0 < share <= 100:
        return share
    raise usage(
        "bad-share",
        Text(f"`{text[:20]}` is no share.", f"`{text[:20]}` 不是比例。"),
        Text("Write a percentage: --line bj=60.", "请写百分比：--line bj=60。"),
    )


def instance(desk: Desk, asked: Asked) -> int:
    """A new instance takes the number, bound to Welcome by itself; an existing one binds it to a flow."""
    number = number_of(asked.number)
    name = needed(asked.name, "--name", f"line400 numbers instance {number} --name support-center")
    life = life_of(desk, number)
    known = desk.configuration.instances if desk.configuration else {}
    event: EventName = "bind" if name in known and life.instance != name else "instance"
    flow = asked.flow or WELCOME
    companies = companies_of(desk)
    if (life.state, event) in BY_PAIR:
        # Before the event is written down: only a flow that passes the check can be bound.
        enter_binding(desk, replace(life, flow=flow, instance=name), companies, asked.queue, checked_only=True)
    life = happen(desk, number, event, Request(instance=name, flow=flow)).life
    files = enter_binding(desk, life, companies, asked.queue)
    if life.state == "opened":
        desk.invocation.note(
            Text(
                f"The binding to {flow} is recorded; it is in force when the route ticket is done, callers hear the "
                "busy tone until then.",
                f"已登记绑定流程 {flow}，路由配置工单完成后生效；在此之前来电听到忙音。",
            )
        )
    return answer(desk, life, written=files)


def unbind(desk: Desk, asked: Asked) -> int:
    """Take the binding off; the route stays."""
    number = number_of(asked.number)
    life = happen(desk, number, "unbind").life
    return answer(desk, life, written=take_binding(desk, life))


def renew(desk: Desk, asked: Asked) -> int:
    """Pay for further months, or set whether that happens by itself."""
    request = Request(months=asked.months, auto_renew=asked.auto)
    return answer(desk, happen(desk, number_of(asked.number), "renew", request).life)


def release(desk: Desk, asked: Asked) -> int:
    """Give a number back: it stops resolving at once; what still names it is told."""
    number = number_of(asked.number)
    life = happen(desk, number, "release").life
    desk.office.take_release(number)
    for place in orphans_of(desk, life):
        desk.invocation.warn(
            Text(
                f"{place} still names {number}, which is released; remove it.",
                f"{place} 仍引用已释放的 {number}，请删除。",
            )
        )
    return answer(desk, life)


def transfer(desk: Desk, asked: Asked) -> int:
    """To another company with an approved qualification; decided by the carrier."""
    number = number_of(asked.number)
    if asked.done or asked.refuse:
        desk.office.decide(number, "transfer_done" if asked.done else "transfer_refused", desk.reason)
        life = life_of(desk, number)
        for decision in desk.office.decisions():
            event: EventName = "transfer_done" if decision.kind == "transfer_done" else "transfer_refused"
            life = happen(desk, decision.subject, event).life
        written = enter_purchased(desk, life, companies_of(desk)) if asked.done else []
        return answer(desk, life, written=written)
    to = needed(asked.to, "--to", f"line400 numbers transfer {number} --to 示例科技")
    life = life_of(desk, number)
    if (life.state, "transfer") not in BY_PAIR:
        raise refusal(life, "transfer", desk.rules)
    return answer(desk, happen(desk, number, "transfer", Request(owner=desk.company(to).id)).life)


def suspend(desk: Desk, asked: Asked) -> int:
    """For arrears or an objection: callers hear an announcement; or take it back."""
    if not asked.resume and not desk.reason:
        raise usage(
            "no-reason",
            Text("A suspension has a reason.", "停机必须说明原因。"),
            Text("--reason 欠费", "--reason 欠费"),
        )
    return answer(desk, happen(desk, number_of(asked.number), "resume" if asked.resume else "suspend").life)


def show(desk: Desk, asked: Asked) -> int:
    """One life, or all of them, with what is due soon."""
    if asked.number is not None:
        return answer(desk, life_of(desk, number_of(asked.number)))
    lives = desk.read(lambda store: store.lives(desk.at)) or []
    companies = companies_of(desk)
    if desk.invocation.json:
        desk.invocation.document([life_json(desk, life, companies, orphans_of(desk, life)) for life in lives])
        return DONE
    for life in lives:
        show_life(desk, life, companies, orphans_of(desk, life))
        for said in reminders(desk, life):
            desk.invocation.warn(said)
        desk.invocation.line()
    if not lives:
        desk.invocation.line(desk.invocation.say(Text("No number was applied for.", "尚未申请号码。")))
    return DONE


def bound_by_command(desk: Desk, number: str, flow: str, line: str | None, *, judge_only: bool) -> Life | None:
    """What ``line400 bind`` asks of a life: refused before the route ticket is done, else the event ``bind``.
    ``judge_only``: nothing happens yet. None where the store knows nothing of the number: then the files alone decide.
    Raises `LifeError`."""
    life = desk.read(lambda store: store.life(number, desk.at))
    known = desk.read(lambda store: store.number_state(number))
    if life is None and known is None:
        return None
    before: tuple[EventName, ...] = ()
    plan = None
    if life is None or not life.application:
        # Its route was ordered elsewhere: whoever names the line says that it is there.
        if line is not None and life_of(desk, number).state == "opened":
            before, plan = ("order_route", "route_done"), RoutePlan((line,))
    elif line is not None and (life.ticket is None or life.ticket.done is None or line not in life.ticket.plan.lines):
        raise LifeError(
            "line-by-ticket",
            Text(
                f"The lines of {number} are those of its route ticket; {line} is none of them.",
                f"{number} 的线路以路由配置工单为准，其中没有 {line}。",
            ),
            Text(
                f"Order a change: line400 numbers route {number} --line {line}.",
                f"请提交变更工单：line400 numbers route {number} --line {line}。",
            ),
        )
    current = life_of(desk, number)
    if not before and (current.state, "bind") not in BY_PAIR:
        raise refusal(current, "bind", desk.rules)
    if judge_only:
        return current
    return happen(desk, number, "bind", Request(flow=flow, plan=plan), before).life
