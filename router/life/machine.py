"""What happens to a number's life: an event at a moment makes the next value, or is refused with a reason.

`settle` lets deadlines that are over take effect, each at its own moment, whoever looks and whenever. It is idempotent:
a life that is settled at a moment is settled there for good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import inf

from ivr_flows.findings import Text
from router.lifecycle import add_months

from .guards import GUARDS
from .model import Life, LifeError, Request, Rules, Stage, Ticket
from .table import BY_PAIR, EVENTS, NEXT, STATE_TEXTS, TICKET_OPEN, EventName, states_of

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Step:
    """One move that was made: ``event`` at ``at``, from ``before`` to ``after``."""

    event: EventName
    at: float
    before: Life
    after: Life


def advance(life: Life, event: EventName, request: Request, at: float, rules: Rules) -> Step:
    """Let ``event`` happen to a life that is settled at ``at``. Raises `LifeError` where table or guard refuses."""
    if at < life.since and life.state != "stock":
        raise _clock_back(life, at, rules)
    moves = BY_PAIR.get((life.state, event))
    if moves is None:
        raise refusal(life, event, rules)
    guard = GUARDS.get(event)
    if guard is not None:
        guard(life, request, at, rules)
    after = _EFFECTS[event](life, request, at, rules)
    assert after.state in {move.to for move in moves}, (life.state, event, after.state)
    since = life.since if after.state == life.state else at
    return Step(event, at, life, replace(after, since=since))


def refusal(life: Life, event: EventName, rules: Rules) -> LifeError:
    """Why ``event`` cannot happen to ``life``, which the table says."""
    if event in ("bind", "unbind") and life.state == "opened":
        return _no_route_yet(life, rules)
    wanted = states_of(event)
    said = STATE_TEXTS[life.state]
    what = EVENTS[event].text
    return LifeError(
        f"life-{life.state}",
        Text(
            f"{life.number}: one cannot {what.en} while it is {said.en}; that takes a number that is "
            f"{' or '.join(wanted)}.",
            f"{life.number} 当前状态为“{said.zh}”，不能{what.zh}；所需状态："
            f"{'、'.join(STATE_TEXTS[state].zh for state in wanted)}。",
        ),
        next_step(life),
    )


def next_step(life: Life) -> Text:
    """What is to be done next."""
    said = NEXT[life.state]
    if life.state == "opened" and life.ticket is not None:
        said = TICKET_OPEN
    return Text(said.en.format(n=life.number), said.zh.format(n=life.number))


def due(life: Life, rules: Rules) -> tuple[float, EventName] | None:
    """The next thing that time alone does to ``life``, and when; None where there is nothing."""
    if life.state == "reserved":
        return (life.deadline, "lapse") if life.deadline is not None else None
    if life.expires is None or life.state not in ("opened", "routed", "bound", "suspended", "expired", "transferring"):
        return None
    over = _midnight(life.expires + timedelta(days=1), rules)
    if life.state in ("opened", "routed", "bound"):
        if life.auto_renew:
            return over, "extend"
        if life.state != "bound":
            return over, "expire"
    return kept_until(life, rules), "lapse"


def kept_until(life: Life, rules: Rules) -> float:
    """The moment at which a number that is not renewed is released. ``life.expires`` must be known."""
    assert life.expires is not None
    return _midnight(life.expires + timedelta(days=rules.keep_days + 1), rules)


def settle(life: Life, at: float, rules: Rules) -> list[Step]:
    """What time has done to ``life`` up to ``at`` (inclusive), in order; empty where nothing was due."""
    steps: list[Step] = []
    while (coming := due(life, rules)) is not None and coming[0] <= at:
        moment = max(coming[0], life.since)
        step = advance(life, coming[1], Request(), moment, rules)
        steps.append(step)
        life = step.after
    return steps


def coming_states(life: Life, rules: Rules) -> tuple[tuple[float, Stage], ...]:
    """The states that time alone will bring, each with its moment, as long as nobody does anything."""
    found: list[tuple[float, Stage]] = []
    while (coming := due(life, rules)) is not None and coming[1] != "extend":
        step = advance(life, coming[1], Request(), max(coming[0], life.since), rules)
        found.append((step.at, step.after.state))
        life = step.after
    return tuple(found)


# -- effects ------------------------------------------------------------------------------------------------------


def _apply(life: Life, request: Request, at: float, rules: Rules) -> Life:
    assert request.offered is not None
    tier, carrier = request.offered
    return Life(
        life.number,
        "reserved",
        at,
        request.owner,
        f"{life.number}-{request.owner}-{int(at)}",
        carrier,
        tier,
        deadline=at + rules.materials_days * DAY,
    )


def _materials(life: Life, request: Request, _at: float, _rules: Rules) -> Life:
    return replace(life, state="submitted", deadline=None, handler=request.handler or life.handler, said="")


def _approve(life: Life, _request: Request, at: float, rules: Rules) -> Life:
    day = datetime.fromtimestamp(at, rules.zone).date()
    return replace(life, state="opened", purchased=day, expires=add_months(day, rules.first_months), said="")


def _return(life: Life, request: Request, at: float, rules: Rules) -> Life:
    return replace(life, state="reserved", deadline=at + rules.materials_days * DAY, said=request.reason)


def _order_route(life: Life, request: Request, at: float, _rules: Rules) -> Life:
    assert request.plan is not None
    number = life.tickets + 1
    return replace(life, ticket=Ticket(f"R{life.number}-{number}", request.plan, at), tickets=number)


def _route_done(life: Life, _request: Request, at: float, _rules: Rules) -> Life:
    assert life.ticket is not None
    state: Stage = life.state
    if state == "opened":
        state = "bound" if life.flow is not None else "routed"
    return replace(life, state=state, ticket=replace(life.ticket, done=at))


def _bind(life: Life, request: Request, _at: float, _rules: Rules) -> Life:
    state: Stage = "opened" if life.state == "opened" else "bound"
    return replace(life, state=state, flow=request.flow, instance=request.instance or life.instance)


def _unbind(life: Life, _request: Request, _at: float, _rules: Rules) -> Life:
    return replace(life, state="routed", flow=None)


def _renew(life: Life, request: Request, _at: float, rules: Rules) -> Life:
    auto = life.auto_renew if request.auto_renew is None else request.auto_renew
    # Only the switch of automatic renewal is turned where no months are asked for; an expired number is always paid.
    months = request.months or (rules.renewal_months if request.auto_renew is None or life.state == "expired" else 0)
    expires = _months_on(life, months) if life.expires is not None else None
    if life.state != "expired":
        return replace(life, auto_renew=auto, expires=expires)
    return replace(life, state=life.resume or "opened", resume=None, auto_renew=auto, expires=expires)


def _extend(life: Life, _request: Request, _at: float, rules: Rules) -> Life:
    return replace(life, expires=_months_on(life, rules.renewal_months))


def _aside(state: Stage) -> Callable[[Life, Request, float, Rules], Life]:
    def effect(life: Life, request: Request, _at: float, _rules: Rules) -> Life:
        return replace(life, state=state, resume=life.state, said=request.reason)

    return effect


def _back(life: Life, _request: Request, _at: float, _rules: Rules) -> Life:
    assert life.resume is not None
    return replace(life, state=life.resume, resume=None, target=None, said="")


def _transfer(life: Life, request: Request, _at: float, _rules: Rules) -> Life:
    return replace(life, state="transferring", resume=life.state, target=request.owner, said=request.reason)


def _transfer_done(life: Life, request: Request, at: float, rules: Rules) -> Life:
    application = f"{life.number}-{life.target}-{int(at)}"
    back = _back(life, request, at, rules)
    return replace(back, owner=life.target, application=application, handler=None, moved=at)


def _free(life: Life, request: Request, at: float, rules: Rules) -> Life:
    free_from = None  # one that was only applied for never had callers
    if life.state not in ("reserved", "submitted", "review"):
        free_from = inf if rules.quarantine_days is None else at + rules.quarantine_days * DAY
    return Life(
        life.number, "released", carrier=life.carrier, tier=life.tier, free_from=free_from, said=request.reason
    )  # fmt: skip


def _to(state: Stage) -> Callable[[Life, Request, float, Rules], Life]:
    def effect(life: Life, _request: Request, _at: float, _rules: Rules) -> Life:
        return replace(life, state=state)

    return effect


_EFFECTS: dict[EventName, Callable[[Life, Request, float, Rules], Life]] = {
    "apply": _apply,
    "materials": _materials,
    "withdraw": _free,
    "forward": _to("review"),
    "approve": _approve,
    "return": _return,
    "order_route": _order_route,
    "route_done": _route_done,
    "instance": _bind,
    "bind": _bind,
    "unbind": _unbind,
    "renew": _renew,
    "suspend": _aside("suspended"),
    "resume": _back,
    "transfer": _transfer,
    "transfer_done": _transfer_done,
    "transfer_refused": _back,
    "release": _free,
    "lapse": _free,
    "expire": _aside("expired"),
    "extend": _extend,
}


# -- what errors say ----------------------------------------------------------------------------------------------


def _no_route_yet(life: Life, rules: Rules) -> LifeError:
    named = Text("no route ticket was ordered", "尚未提交路由工单")
    if life.ticket is not None:
        named = Text(f"its route ticket {life.ticket.id} is not done", f"路由工单 {life.ticket.id} 尚未完成")
    cure = next_step(life)
    asked = Text(f" Ask {rules.contact}.", f"联系方式：{rules.contact}。") if rules.contact else Text("", "")
    return LifeError(
        "route-pending",
        Text(
            f"{life.number} cannot be bound to a flow yet: {named.en}.",
            f"{life.number} 暂不能绑定 IVR 流程：{named.zh}。",
        ),
        Text(cure.en + asked.en, cure.zh + asked.zh),
    )


def _clock_back(life: Life, at: float, rules: Rules) -> LifeError:
    last, asked = (
        datetime.fromtimestamp(moment, rules.zone).isoformat(timespec="seconds") for moment in (life.since, at)
    )
    return LifeError(
        "clock-back",
        Text(
            f"{life.number} is {life.state} since {last}; {asked} is before that, and nothing is changed.",
            f"{life.number} 自 {last} 起为“{STATE_TEXTS[life.state].zh}”；{asked} 早于该时刻，未作任何更改。",
        ),
        Text("Check the clock, or give a later --at.", "请核对时钟，或用 --at 指定更晚的时刻。"),
    )


def _months_on(life: Life, months: int) -> date:
    """The last day so many months on, counted from the purchase so that the 31st stays the 31st where there is one."""
    assert life.expires is not None
    if life.purchased is None:
        return add_months(life.expires, months)
    passed = (life.expires.year - life.purchased.year) * 12 + life.expires.month - life.purchased.month
    return add_months(life.purchased, passed + months)


def _midnight(day: date, rules: Rules) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=rules.zone).timestamp()
