"""What a proof found wrong, as findings: the place, why, the cure, and a call that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ivr_flows.findings import Finding, Place, Text
from router.lifecycle import KEEP_DAYS
from router.number400 import Number400
from router.partition import describe_callers, describe_times, joined

from .prover import Nowhere, NumberProof, Prover

_REASONS = {
    "unbound": Text("it is bound to no flow", "号码未绑定流程"),
    "not_routed": Text("it has no line", "号码没有线路"),
    "ambiguous_number": Text(
        "its line is shared and the call names no 400 number, so nobody can tell which flow is meant",
        "线路由多个号码共用，来电又不带 400 号码，无法判断应走哪个流程",
    ),
    "silent-end": Text("the caller is hung up on without a word", "来电者什么也没听到就被挂断"),
    "nobody-answers": Text(
        "the queue has no agents and no way on when its time is over: callers wait for ever",
        "队列没有座席，超时后也没有出路：来电者会一直等待",
    ),
    "endless": Text("there is no way to an end: callers go round for ever", "没有通向结束的路径：来电者会一直循环"),
    "node_limit": Text("the flow runs in a circle until the node limit stops it", "流程原地打转，直到触发节点上限"),
}
_CURES = {
    "unbound": Text("Bind it: line400 bind {number} --flow FLOW.", "请绑定流程：line400 bind {number} --flow 流程名。"),
    "not_routed": Text(
        "Give its route a `line` in routes.yaml, and order it at the carrier.",
        "请在 routes.yaml 中为其路由写 line，并向运营商申请开通。",
    ),
    "ambiguous_number": Text(
        "Have the carrier send the original called number (`original_called` of the trunk), or set `default_number`.",
        "请让运营商透传原被叫（中继的 original_called），或设置 default_number。",
    ),
    "silent-end": Text(
        "Say something before the end: `play`, or `hangup: { text: … }`.",
        "请在结束前播报：`play`，或 `hangup: { text: … }`。",
    ),
    "nobody-answers": Text(
        "Give the queue `agents` in queues.yaml, or let `timeout` lead to a message or a hang-up with a text.",
        "请在 queues.yaml 中为队列写 agents，或让 timeout 通向留言或带播报的挂断。",
    ),
    "endless": Text("Let one branch of the circle lead to an end.", "请让环路中的某个分支通向结束。"),
}
_USUAL_CURE = Text("Run the call below and change the node it ends in.", "运行下面的命令，修改呼叫停留的节点。")


def findings_of(prover: Prover, proof: NumberProof) -> Iterator[Finding]:
    """The findings of one proof: an error for every way to nowhere, a warning for what the proof does not hold of."""
    for nowhere in proof.nowhere:
        yield _nowhere(prover, proof, nowhere)
    grouped = Number400.parse(proof.number).grouped
    facts = prover.number_facts(proof.number)
    if proof.expires is not None:
        day = datetime.fromtimestamp(proof.expires, prover.book.zone).date()
        yield Finding(
            "warning",
            "number-expires",
            facts.place,
            Text(
                f"{grouped} is out of service from {day} on: it expires, and its {KEEP_DAYS} days of grace end.",
                f"{grouped} 自 {day} 起停止服务：号码到期且 {KEEP_DAYS} 天保留期结束。",
            ),
            Text("Renew it, or set `auto_renew: true`.", "请续费，或设置 auto_renew: true。"),
        )
    if not proof.complete:
        yield Finding(
            "error",
            "proof-incomplete",
            facts.place,
            Text(
                f"A flow of {grouped} is too large to be followed to all its ends: nothing is proved of it.",
                f"{grouped} 的某个流程过大，无法走完所有结束点，因此未能证明。",
            ),
            Text("Split the flow into subflows, or bound its counters.", "请把流程拆成子流程，或限制计数变量。"),
        )


def calendar_findings(prover: Prover) -> Iterator[Finding]:
    """A warning for every calendar and year of the range without data on statutory holidays."""
    book = prover.book
    times = prover.survey.times
    first = datetime.fromtimestamp(times.first, book.zone).year
    last = datetime.fromtimestamp(times.last - 1, book.zone).year
    used = {
        rule.when.hours
        for route in prover.configuration.routes.values()
        for rule in route.rules
        if rule.when is not None and rule.when.hours is not None
    }
    for name, calendar in book.calendars.items():
        years = calendar.uncovered_years(first, last)
        if not years:
            continue
        shown = ", ".join(map(str, years))
        weight = Text("rules use it", "有规则使用") if name in used else Text("only flows use it", "仅流程使用")
        yield Finding(
            "warning",
            "calendar-year-without-data",
            calendar.spec.place,
            Text(
                f"Calendar {name} has no data on the statutory holidays of {shown} ({weight.en}): every day there "
                "follows the weekday rule, and so does this proof.",
                f"日历 {name} 没有 {shown} 年的法定节假日数据（{weight.zh}）：这些日子按星期规则处理，本证明亦然。",
            ),
            Text(
                "Update chinesecalendar when the year's notice is out, or write the days under `overrides`.",
                "国务院公布放假安排后升级 chinesecalendar，或在 overrides 中写明这些日期。",
            ),
        )


def _nowhere(prover: Prover, proof: NumberProof, nowhere: Nowhere) -> Finding:
    grouped = Number400.parse(proof.number).grouped
    times = prover.survey.times
    zone = prover.book.zone
    code = nowhere.end.what
    who = describe_callers([cell.who for cell in nowhere.cells], proof.partition.classes)
    when = describe_times(joined([cell.when for cell in nowhere.cells]), times.first, times.last, zone)
    reason = _REASONS.get(code, Text(f"the call fails ({code})", f"呼叫失败（{code}）"))
    cure = _CURES.get(code, _USUAL_CURE)
    node = nowhere.end.node
    where = Text(f" (flow {nowhere.outcome.flow}, node {node})", f"（流程 {nowhere.outcome.flow}，节点 {node}）")
    if node is None:
        where = Text("", "")
    return Finding(
        "error",
        f"ends-nowhere-{code}".replace("_", "-"),
        _place(prover, proof, nowhere),
        Text(
            f"{grouped}, {who.en}, {when.en}: {reason.en}{where.en}.",
            f"{grouped}，{when.zh}，{who.zh}：{reason.zh}{where.zh}。",
        ),
        Text(cure.en.replace("{number}", grouped), cure.zh.replace("{number}", grouped)),
        nowhere.way.command(zone) if nowhere.way is not None else None,
    )


def _place(prover: Prover, proof: NumberProof, nowhere: Nowhere) -> Place:
    """Where the cure is written: the node of the flow, else the rule, the route, or the number."""
    outcome = nowhere.outcome
    if outcome.flow and outcome.flow in prover.configuration.flow_sources and nowhere.end.node:
        nodes = prover.book.flow(outcome.flow).nodes
        if nowhere.end.node in nodes:
            return nodes[nowhere.end.node].place
    route = prover.configuration.routes.get(proof.number)
    if route is None:
        return prover.number_facts(proof.number).place
    rule = next((rule for rule in route.rules if rule.name == outcome.rule), None)
    return rule.place if rule is not None else route.place
