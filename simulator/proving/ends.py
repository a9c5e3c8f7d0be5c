"""What the end of a call is for the caller: a person, a message left, an announcement, a refusal, or nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ivr_flows import Flow
from ivr_flows.explore import FlowEnd, Found
from ivr_flows.findings import Text

EndKind = Literal["agents", "transfer", "voicemail", "announcement", "rejected", "forward", "out_of_service", "nowhere"]


@dataclass(frozen=True, slots=True)
class End:
    """One way in which calls end. ``what`` is the queue, target, box, cause or fault; ``node`` the node of the flow to
    which a reader should look, None outside flows."""

    kind: EndKind
    what: str = ""
    node: str | None = None

    @property
    def words(self) -> Text:
        """The end in callers' words."""
        return _WORDS[self.kind](self.what)

    def as_json(self) -> dict[str, object]:
        """As ``prove --json`` prints it."""
        return {"kind": self.kind, "what": self.what or None, "node": self.node}


def in_words(ends: Iterable[End]) -> Text:
    """Ends in words, each said once."""
    words = list(dict.fromkeys(end.words for end in ends))
    return Text("; ".join(text.en for text in words), "；".join(text.zh for text in words))


def end_of(flow: Flow, end: FlowEnd) -> End:
    """What ``end`` of ``flow`` is for the caller."""
    found = end.found
    outcome = found.outcome
    if found.fault is not None or outcome == "failed":
        return End("nowhere", found.fault.code if found.fault else "failed", end.node)
    if outcome == "answered":
        if found.talked_with == "agent":
            return End("agents", end.queue or "", end.person)
        return End("transfer", _target(flow, end.person), end.person)
    if outcome == "transferred":
        return End("transfer", _target(flow, end.node), end.node)
    if outcome == "voicemail":
        return End("voicemail", _box(flow, found), end.node)
    if outcome == "rejected":
        return End("rejected", "flow", end.node)
    if end.silent:
        return End("nowhere", "silent-end", end.node)
    return End("announcement", "", end.node)


def _target(flow: Flow, node: str | None) -> str:
    definition = flow.nodes.get(node or "")
    options = None if definition is None else definition.options
    return str(getattr(options, "to", None) or getattr(options, "line", None) or "")


def _box(flow: Flow, found: Found) -> str:
    for name in reversed(found.path):
        definition = flow.nodes.get(name)
        box = getattr(definition.options, "box", None) if definition is not None else None
        if isinstance(box, str):
            return box
    return ""


_WORDS: dict[str, Callable[[str], Text]] = {
    "agents": lambda what: Text(f"agents of queue {what}", f"队列 {what} 的座席"),
    "transfer": lambda what: Text(f"transfer to {what}", f"转接 {what}"),
    "voicemail": lambda what: Text(f"voicemail {what}", f"语音信箱 {what}"),
    "announcement": lambda what: Text("announcement, then hang-up", "播报后挂断"),
    "rejected": lambda what: Text(f"rejected ({what})", f"拒接（{what}）"),
    "forward": lambda what: Text(f"forwarded to {what}", f"前转 {what}"),
    "out_of_service": lambda what: Text(f"not in service ({what})", f"未在服务（{what}）"),
    "nowhere": lambda what: Text(f"NOWHERE ({what})", f"无处可去（{what}）"),
}
