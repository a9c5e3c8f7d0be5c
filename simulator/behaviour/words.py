"""What a call came to, in callers' words: 进入 sales 队列；听到「您好…」后挂断；无法接通（空号）."""

from __future__ import annotations

from ivr_flows.findings import Text
from router.record import CallRecord

_LONGEST = 30
_REJECTIONS = {
    17: Text("rejected as busy", "被拒接（忙音）"),
    21: Text("rejected", "被拒接（拦截）"),
    1: Text("rejected as an unallocated number", "被拒接（空号）"),
}
_TALKED = frozenset({"queued", "answered", "abandoned"})


def quoted(text: str) -> Text:
    """What was heard, cut where it is long."""
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return Text(f"“{shown}”", f"「{shown}」")


def came_to(record: CallRecord) -> Text:
    """How the call went for the caller, in one clause."""
    spoken = [text for text in record.heard if not text.startswith("tone:")]
    if record.outcome == "rejected":
        base = _REJECTIONS.get(record.hangup_cause or 0, Text("rejected", "被拒接"))
        return _after(spoken, base)
    if record.outcome == "no_route":
        fault = record.fault
        why = fault.message if fault is not None else Text("no route", "没有路由")
        return Text(f"not connected ({_bare(why.en)})", f"无法接通（{_bare(why.zh)}）")
    if record.outcome == "fallback":
        return _after(spoken, Text("goes to the line's fallback", "转到线路的备用处理"))
    if record.outcome == "failed":
        fault = record.fault
        why = fault.message if fault is not None else Text("a fault", "故障")
        return Text(f"fails ({_bare(why.en)})", f"通话失败（{_bare(why.zh)}）")
    if record.outcome == "voicemail":
        # What follows the message, such as thanks for it, is not what asked for it.
        return _after(spoken[:1], Text("leaves a message", "留言"))
    if record.queue is not None and record.outcome in _TALKED:
        return Text(f"reaches the queue {record.queue}", f"进入 {record.queue} 队列")
    if record.outcome in ("transferred", "answered"):
        return _after(spoken, Text("is put through", "被转接"))
    if record.outcome == "abandoned":
        return _after(spoken, Text("hangs up", "来电者挂机"))
    if not spoken and record.queue is not None:
        return Text(f"is not answered in the queue {record.queue}", f"在 {record.queue} 队列未接通后挂断")
    return _after(spoken, Text("the call ends", "挂断"))


def _after(spoken: list[str], end: Text) -> Text:
    if not spoken:
        return end
    heard = quoted(spoken[-1])
    return Text(f"hears {heard.en}, then {end.en}", f"听到{heard.zh}后{end.zh}")


def _bare(sentence: str) -> str:
    return sentence.rstrip(".。 ")


def entered(record: CallRecord) -> Text:
    """Which flow on which line the call entered, and by which rule."""
    if record.flow is None:
        return Text("no flow is entered", "不进入流程")
    return Text(
        f"flow {record.flow} on line {record.line}",
        f"流程 {record.flow}，线路 {record.line}",
    )


def told_apart(before: CallRecord, after: CallRecord) -> tuple[Text, Text]:
    """Words for two calls that differ, so that they do differ: what the caller notices, and where it went where that
    is all."""
    said = came_to(before), came_to(after)
    if said[0] != said[1] and before.flow == after.flow and before.line == after.line:
        return said
    ways = _way(before, after), _way(after, before)
    if said[0] != said[1] and ways[0] == ways[1]:
        return said
    if before.flow is None and after.flow is None and before.line == after.line:
        return said
    return _with(said[0], ways[0], before), _with(said[1], ways[1], after)


def _way(record: CallRecord, other: CallRecord) -> Text:
    """Of flow and line what is another in ``other``."""
    if record.flow is not None and record.flow == other.flow:
        return Text(f"line {record.line}", f"线路 {record.line}")
    if record.flow is not None and record.line == other.line:
        return Text(f"flow {record.flow}", f"流程 {record.flow}")
    return entered(record)


def _with(said: Text, way: Text, record: CallRecord) -> Text:
    if record.flow is None and record.outcome in ("rejected", "no_route", "fallback"):
        return said  # that it enters no flow is said already
    return Text(f"{said.en} ({way.en})", f"{said.zh}（{way.zh}）")
