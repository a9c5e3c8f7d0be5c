"""From purchase to release: route, instance, binding, renewal, suspension, transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr_flows.findings import Text
from ivr_flows.schema import nearest
from router.life.machine import refusal
from router.life.model import Life, LifeError, Request, RoutePlan
from router.life.table import BY_PAIR, EventName
from router.regions import canonical_province

from .desk import Desk, Unclear, number_of
from .files import enter_binding, take_binding
from .happening import Outcome, happen, life_of, outcome

WELCOME = "welcome"


@dataclass(frozen=True, slots=True)
class RouteOrder:
    """What a route ticket asks for, as it was written: ``lines`` as ``NAME`` or ``NAME=SHARE``, those behind them as
    ``overflow``, ``regions`` as ``PROVINCE=NAME``."""

    lines: Sequence[str]
    overflow: Sequence[str] = ()
    regions: Sequence[str] = ()


async def order_route(desk: Desk, number: str, order: RouteOrder) -> Outcome:
    """Order a route of the carrier. Raises `LifeError`."""
    digits = number_of(number)
    plan = plan_of(desk, order)
    life = (await happen(desk, digits, "order_route", Request(plan=plan))).life
    assert life.ticket is not None
    desk.office.take_route_order(digits, life.ticket.id, plan)
    contact = desk.settings.life.contact
    asks = Text(f" Contact: {contact}.", f"联系方式：{contact}。") if contact else Text("", "")
    desk.note(
        Text(
            f"Route ticket {life.ticket.id} is ordered; live routing waits until it is done.{asks.en}",
            f"已提交路由配置工单 {life.ticket.id}；完成前号码不能接通。{asks.zh}",
        )
    )
    return await outcome(desk, life)


def plan_of(desk: Desk, order: RouteOrder) -> RoutePlan:
    """A route order, read. Raises `Unclear`."""
    lines: list[str] = []
    shares: list[float] = []
    for word in order.lines:
        name, equals, share = word.partition("=")
        lines.append(_line(desk, name))
        if equals:
            shares.append(_share(share))
    if shares and order.overflow:
        raise Unclear(
            "shares-and-overflow",
            Text("Shares and --overflow exclude each other.", "比例与 --overflow 不能同时使用。"),
            Text("Lines with shares pass calls on to each other as it is.", "按比例分配的线路之间本来就会互相溢出。"),
        )
    if len(lines) > 1 and not shares:
        raise Unclear(
            "no-shares",
            Text("Several lines want a share each, or --overflow.", "多条线路需各写比例，或改用 --overflow。"),
            Text(
                "--line bj=60 --line sh=40; or --line bj --overflow sh",
                "--line bj=60 --line sh=40；或 --line bj --overflow sh",
            ),
        )
    lines += [_line(desk, name) for name in order.overflow]
    regions: dict[str, str] = {}
    for word in order.regions:
        province, equals, name = word.partition("=")
        known = canonical_province(province)
        if not equals or known is None:
            raise Unclear(
                "bad-region",
                Text(f"`{word[:40]}` is not PROVINCE=LINE.", f"`{word[:40]}` 不是 省份=线路。"),
                Text("--region 上海=sh-telecom", "--region 上海=sh-telecom"),
            )
        regions[known] = _line(desk, name)
    if len(set(lines)) != len(lines):
        raise Unclear(
            "line-twice",
            Text("A line is named twice.", "同一线路写了两次。"),
            Text("Name each line once.", "每条线路只写一次。"),
        )
    return RoutePlan(tuple(lines), tuple(shares), regions)


def _line(desk: Desk, name: str) -> str:
    known = desk.configuration.lines if desk.configuration else {}
    if name in known:
        return name
    close = nearest(name, known)
    raise Unclear(
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
    raise Unclear(
        "bad-share",
        Text(f"`{text[:20]}` is no share.", f"`{text[:20]}` 不是比例。"),
        Text("Write a percentage: --line bj=60.", "请写百分比：--line bj=60。"),
    )


async def take_into_instance(
    desk: Desk, number: str, name: str, queue: str = "default", flow: str | None = None
) -> Outcome:
    """A new instance takes the number, bound to Welcome by itself; an existing one binds it to a flow. Only a flow with
    which the configuration passes the check. Raises `LifeError`, `EditError`."""
    digits = number_of(number)
    life = await life_of(desk, digits)
    known = desk.configuration.instances if desk.configuration else {}
    event: EventName = "bind" if name in known and life.instance != name else "instance"
    chosen = flow or WELCOME
    if (life.state, event) in BY_PAIR:
        # Before the event is written down: only a flow that passes the check can be bound.
        await enter_binding(desk, replace(life, flow=chosen, instance=name), queue, checked_only=True)
    life = (await happen(desk, digits, event, Request(instance=name, flow=chosen))).life
    written = await enter_binding(desk, life, queue)
    if life.state == "opened":
        desk.note(
            Text(
                f"The binding to {chosen} is recorded; it is in force when the route ticket is done, callers hear the "
                "busy tone until then.",
                f"已登记绑定流程 {chosen}，路由配置工单完成后生效；在此之前来电听到忙音。",
            )
        )
    return await outcome(desk, life, written=written)


async def unbind(desk: Desk, number: str) -> Outcome:
    """Take the binding off; the route stays. Raises `LifeError`."""
    life = (await happen(desk, number_of(number), "unbind")).life
    return await outcome(desk, life, written=await take_binding(desk, life))


async def renew(desk: Desk, number: str, months: int | None = None, auto: bool | None = None) -> Outcome:
    """Pay for further months, or set whether that happens by itself. Raises `LifeError`."""
    request = Request(months=months, auto_renew=auto)
    return await outcome(desk, (await happen(desk, number_of(number), "renew", request)).life)


async def release(desk: Desk, number: str) -> Outcome:
    """Give a number back: it stops resolving at once; what still names it is warned of. Raises `LifeError`."""
    digits = number_of(number)
    made = await outcome(desk, (await happen(desk, digits, "release")).life)
    desk.office.take_release(digits)
    for place in made.orphans:
        desk.warn(
            Text(
                f"{place} still names {digits}, which is released; remove it.",
                f"{place} 仍引用已释放的 {digits}，请删除。",
            )
        )
    return made


async def transfer(desk: Desk, number: str, to: str) -> Outcome:
    """Ask for the transfer to another company with an approved qualification. Raises `LifeError`."""
    digits = number_of(number)
    life = await life_of(desk, digits)
    if (life.state, "transfer") not in BY_PAIR and life.state != "transferring":
        raise refusal(life, "transfer", desk.rules)
    request = Request(owner=(await desk.company(to)).id)
    return await outcome(desk, (await happen(desk, digits, "transfer", request)).life)


async def suspend(desk: Desk, number: str) -> Outcome:
    """For arrears or an objection, with the reason: callers hear an announcement. Raises `LifeError`."""
    if not desk.reason:
        raise Unclear(
            "no-reason",
            Text("A suspension has a reason.", "停机必须说明原因。"),
            Text("--reason 欠费", "--reason 欠费"),
        )
    return await outcome(desk, (await happen(desk, number_of(number), "suspend")).life)


async def resume(desk: Desk, number: str) -> Outcome:
    """Take a suspension back. Raises `LifeError`."""
    return await outcome(desk, (await happen(desk, number_of(number), "resume")).life)


async def show(desk: Desk, number: str) -> Outcome:
    """One life. Raises `LifeError`."""
    return await outcome(desk, await life_of(desk, number_of(number)))


async def show_all(desk: Desk) -> list[Outcome]:
    """Every life that the store runs."""
    return [await outcome(desk, life) for life in await desk.lives()]


async def bound_by_files(desk: Desk, number: str, flow: str, line: str | None, *, judge_only: bool) -> Life | None:
    """What writing a binding into the files asks of a life: refused before the route ticket is done, else the event
    ``bind``. ``judge_only``: nothing happens yet. None where the store knows nothing of the number: then the files
    alone decide. Raises `LifeError`."""
    life = await desk.life(number)
    known = await desk.number_state(number)
    if life is None and known is None:
        return None
    before: tuple[EventName, ...] = ()
    plan = None
    if life is None or not life.application:
        # Its route was ordered elsewhere: whoever names the line says that it is there.
        if line is not None and (await life_of(desk, number)).state == "opened":
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
    current = await life_of(desk, number)
    if not before and (current.state, "bind") not in BY_PAIR:
        raise refusal(current, "bind", desk.rules)
    if judge_only:
        return current
    return (await happen(desk, number, "bind", Request(flow=flow, plan=plan), before)).life
