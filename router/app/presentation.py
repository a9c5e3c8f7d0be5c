"""What people read: calls, resolutions, records and differences on a terminal. Every value here is also in the JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from ivr_flows.findings import SEVERITY_WORDS, Finding, Text

from .invocation import Invocation, printable
from .moments import show_time

if TYPE_CHECKING:
    from router.callers import Caller
    from router.record import CallRecord
    from router.resolution import Resolution
    from router.tried import Tried

OUTCOME_WORDS: dict[str, Text] = {
    "answered": Text("answered", "已接听"),
    "transferred": Text("transferred", "已转接"),
    "voicemail": Text("left a message", "已留言"),
    "completed": Text("completed by the flow", "流程正常结束"),
    "abandoned": Text("the caller gave up", "主叫放弃"),
    "queued": Text("waiting in the queue", "排队中"),
    "rejected": Text("rejected", "被拒接"),
    "no_route": Text("not connected", "未接通"),
    "fallback": Text("went to the fallback", "转入备用方案"),
    "failed": Text("failed", "失败"),
}
_GOOD = frozenset({"answered", "transferred", "voicemail", "completed", "queued"})

CALLED_BY: dict[str, Text] = {
    "dialled": Text("dialled", "直接拨打 (dialled)"),
    "header": Text("header", "消息头 (header)"),
    "only_number": Text("only_number", "线路只有一个号码 (only_number)"),
    "line_default": Text("line_default", "线路默认号码 (line_default)"),
}
"""How the 400 number of a call was found; the word of JSON stays visible."""

PARTY_WORDS: dict[str, Text] = {
    "caller": Text("the caller", "主叫"),
    "flow": Text("the flow", "流程"),
    "agent": Text("the agent", "座席"),
    "target": Text("the target", "转接目标"),
    "carrier": Text("the carrier", "运营商"),
    "switch": Text("the switch", "交换机"),
    "line400": Text("line400", "line400"),
    "configuration": Text("the configuration", "配置"),
}


def show_findings(invocation: Invocation, findings: Sequence[Finding]) -> None:
    """Findings, one below the other, with a closing count."""
    from rich.text import Text as Styled

    console = invocation.console()
    styles = {"error": "bold red", "warning": "yellow", "info": "cyan"}
    for finding in findings:
        first, *rest = printable(finding.as_text(invocation.language)).split("\n")
        shown = Styled(first)
        word = f": {SEVERITY_WORDS[finding.severity].to(invocation.language)}"
        start = first.find(word)
        if start >= 0:
            shown.stylize(styles[finding.severity], start + 2, start + len(word))
        console.print(shown, soft_wrap=True)
        for line in rest:
            console.print(Styled(line, style="dim"), soft_wrap=True)
    counts = {severity: sum(1 for finding in findings if finding.severity == severity) for severity in styles}
    errors, warnings = ("" if counts[severity] == 1 else "s" for severity in ("error", "warning"))
    invocation.line(
        invocation.say(
            Text(
                f"{counts['error']} error{errors}, {counts['warning']} warning{warnings}, {counts['info']} info",
                f"错误 {counts['error']} 个，警告 {counts['warning']} 个，提示 {counts['info']} 个",
            )
        )
    )


def show_diff(invocation: Invocation, diff: str) -> None:
    """A unified difference, coloured on a terminal."""
    from rich.text import Text as Styled

    console = invocation.console()
    for line in printable(diff).splitlines():
        style = ""
        if line.startswith(("+++", "---")):
            style = "bold"
        elif line.startswith("@@"):
            style = "cyan"
        elif line.startswith("+"):
            style = "green"
        elif line.startswith("-"):
            style = "red"
        console.print(Styled(line, style=style), soft_wrap=True)


def show_rows(invocation: Invocation, rows: Sequence[tuple[Text, str]]) -> None:
    """Named values, aligned; empty ones are left out."""
    from rich.table import Table
    from rich.text import Text as Styled

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value:
            table.add_row(invocation.say(name), Styled(printable(value)))
    invocation.console().print(table)


def show_resolution(
    invocation: Invocation, resolution: Resolution, tried: Sequence[Tried] = (), caller: Caller | None = None
) -> None:
    """Where the call would go, every rule with its reason, and the lines that the carrier would try; of ``caller`` what
    is known."""
    from rich.text import Text as Styled

    from router.explain import explain

    say = invocation.say
    console = invocation.console()
    handling = resolution.handling
    forward = handling.forward if handling else None
    if resolution.emergency:
        shown = Text(f"announcement in force: {resolution.emergency}", f"紧急通知生效中：{resolution.emergency}")
        console.print(Styled(printable(say(shown)), style="bold yellow"))
    if caller is not None:
        show_rows(invocation, ((Text("caller", "主叫"), say(_known_of(caller))),))
    show_rows(
        invocation,
        (
            (Text("number", "号码"), resolution.number or say(Text("unknown", "未知"))),
            (Text("line", "线路"), resolution.line or ""),
            (Text("base number", "底号"), resolution.base_number or ""),
            (Text("flow", "流程"), resolution.flow or ""),
            (Text("forwarded to", "转接到"), (forward.to or forward.line or "") if forward else ""),
            (Text("PIN first", "先验密码"), say(Text("yes", "是")) if handling and handling.pin else ""),
            (Text("queue priority", "排队优先级"), str(handling.priority or "") if handling else ""),
            (Text("rule", "规则"), resolution.rule or ""),
            (Text("rejected", "拒接"), resolution.reject or ""),
            (Text("called by", "号码依据"), say(CALLED_BY.get(resolution.called_by or "", Text("", "")))),
            (Text("line mismatch", "线路不符"), resolution.line_mismatch or ""),
            (Text("not connected", "未接通"), say(resolution.fault.message) if resolution.fault else ""),
        ),
    )
    for step in (*resolution.trace, *(one.as_step() for one in tried)):
        mark, style = ("✓", "green") if step.matched else ("·", "dim")
        console.print(Styled(printable(f"  {mark} {step.rule}: {say(explain(step))}"), style=style), soft_wrap=True)


_FACT_WORDS = {
    "province": Text("province", "省份"),
    "city": Text("city", "城市"),
    "carrier": Text("carrier", "运营商"),
}


def _known_of(caller: Caller) -> Text:
    """Number, kind and place of a caller, and which of it the sources tell differently."""
    number = caller.number or "-"
    parts = " · ".join((number, caller.kind, *caller.place))
    if not caller.unsure:
        return Text(parts, parts)
    words = [_FACT_WORDS[fact] for fact in caller.unsure]
    en, zh = ", ".join(word.en for word in words), "、".join(word.zh for word in words)
    return Text(f"{parts} (the sources differ on the {en})", f"{parts}（{zh}：数据来源不一致）")


def show_call(invocation: Invocation, record: CallRecord, zone: tzinfo) -> None:
    """One call: from whom to what, what was heard and pressed, how it ended."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text as Styled

    from router.explain import explain

    say = invocation.say
    outcome = record.outcome or ""
    word = say(OUTCOME_WORDS[outcome]) if outcome in OUTCOME_WORDS else outcome
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")

    def row(name: Text, value: str, style: str = "") -> None:
        if value:
            table.add_row(say(name), Styled(printable(value), style=style))

    caller = record.caller or say(Text("hidden", "未显示号码"))
    row(Text("caller", "主叫"), f"{caller} ({record.caller_kind})")
    row(Text("called", "被叫"), record.called or record.dialled, "bold")
    row(Text("landed on", "落地"), " · ".join(part for part in (record.line, record.base_number, record.trunk) if part))
    for index, tried in enumerate(record.tried):
        row(Text("carrier", "运营商") if index == 0 else Text(" ", " "), say(explain(tried.as_step())))
    row(Text("flow", "流程"), " · ".join(part for part in (record.flow, record.rule and f"[{record.rule}]") if part))
    row(Text("path", "路径"), " → ".join(record.path))
    for index, heard in enumerate(record.heard):
        row(Text("heard", "听到") if index == 0 else Text(" ", " "), heard, "cyan")
    row(Text("pressed", "按键"), record.pressed)
    row(Text("queue", "队列"), record.queue or "")
    if record.hangup_by:
        by = say(PARTY_WORDS[record.hangup_by]) if record.hangup_by in PARTY_WORDS else record.hangup_by
        row(Text("hung up by", "挂机方"), f"{by} (Q.850 {record.hangup_cause})")
    row(
        Text("time", "时间"),
        say(
            Text(
                f"{show_time(record.started, zone)}, {record.duration_s:.1f} s, {record.billable_minutes} min billed",
                f"{show_time(record.started, zone)}，{record.duration_s:.1f} 秒，计费 {record.billable_minutes} 分钟",
            )
        ),
    )
    if record.fault:
        party = say(PARTY_WORDS[record.fault.by])
        row(Text("fault", "故障"), f"{record.fault.code} ({party}): {say(record.fault.message)}", "red")
    title = Styled(f" {outcome}: {word} " if word != outcome else f" {outcome} ")
    border = "green" if outcome in _GOOD else "yellow" if outcome in ("abandoned", "rejected") else "red"
    invocation.console().print(Panel(table, title=title, title_align="left", border_style=border, expand=False))


def show_records(invocation: Invocation, records: Sequence[CallRecord], zone: tzinfo) -> None:
    """Call records as a table, newest as they come."""
    from rich.table import Table
    from rich.text import Text as Styled

    say = invocation.say
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in (
        Text("started", "开始"),
        Text("caller", "主叫"),
        Text("called", "被叫"),
        Text("line", "线路"),
        Text("flow", "流程"),
        Text("keys", "按键"),
        Text("outcome", "结果"),
        Text("s", "秒"),
        Text("min", "计费分钟"),
        Text("test", "测试"),
    ):
        table.add_column(say(name), overflow="fold")
    for record in records:
        outcome = record.outcome or say(Text("(up)", "（通话中）"))
        table.add_row(
            show_time(record.started, zone),
            printable(record.caller or "-"),
            printable(record.called or record.dialled),
            record.line or "-",
            record.flow or "-",
            record.pressed or "-",
            Styled(outcome, style="green" if outcome in _GOOD else "yellow"),
            f"{record.duration_s:.0f}",
            str(record.billable_minutes),
            say(Text("yes", "是")) if record.test else "",
        )
    invocation.console().print(table)
