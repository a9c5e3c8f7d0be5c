"""What receivers of webhooks are told: the kinds of happenings, and what is told of each.

A happening has an id that is the same however often it is told (a receiver that has seen it forgets the second one),
a subject (the call id, the 400 number or the revision) and JSON values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from ivr_flows.findings import Text

from .record import CallRecord

CALL_STARTED: Final = "call.started"
NODE_ENTERED: Final = "call.node_entered"
CALL_QUEUED: Final = "call.queued"
CALL_ANSWERED: Final = "call.answered"
AGENT_ANSWERED: Final = "call.agent_answered"
CALL_ENDED: Final = "call.ended"
CDR_READY: Final = "call.cdr_ready"
NUMBER_STATE: Final = "number.state_changed"
REVISION_APPLIED: Final = "revision.applied"
TEST: Final = "webhook.test"

KINDS: Final[Mapping[str, Text]] = {
    CALL_STARTED: Text("a call was resolved and begins", "呼叫已解析，开始处理"),
    NODE_ENTERED: Text("a call came to a node of its flow", "呼叫进入流程节点"),
    CALL_QUEUED: Text("a caller waits in a queue", "主叫进入队列等待"),
    CALL_ANSWERED: Text("a call was answered, by its flow in most cases", "呼叫已应答（通常由流程应答）"),
    AGENT_ANSWERED: Text("an agent answered a caller who waited", "座席接听了排队的主叫"),
    CALL_ENDED: Text("a call is over", "呼叫结束"),
    CDR_READY: Text("the call record is in the store", "话单已写入存储"),
    NUMBER_STATE: Text("the life state of a number changed", "号码生命周期状态变化"),
    REVISION_APPLIED: Text("a revision came into force", "版本已生效"),
    TEST: Text("a test by `line400 webhooks test`", "由 `line400 webhooks test` 发出的测试"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened at ``at`` (epoch seconds); ``data`` are JSON values."""

    id: str
    kind: str
    subject: str
    at: float
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """Which ``kinds`` somebody wants to be told of, and the time zone of what is told."""

    kinds: frozenset[str] = frozenset()
    zone: tzinfo = UTC


def wanted(patterns: Iterable[str]) -> frozenset[str]:
    """The kinds that ``patterns`` name: a kind, ``call.*`` for all of one thing, or ``*``. A test is always among
    them."""
    kinds = {TEST}
    for pattern in patterns:
        kinds |= {kind for kind in KINDS if pattern in (kind, "*") or pattern == f"{kind.partition('.')[0]}.*"}
    return frozenset(kinds)


def is_pattern(pattern: str) -> bool:
    """Whether ``pattern`` names any kind."""
    return len(wanted([pattern])) > (0 if pattern == TEST else 1)


def of_call(kind: str, record: CallRecord, at: float, place: int, **more: Any) -> Happening:
    """Something of the call of ``record``; ``place`` counts what happened in it."""
    data = {
        "call_id": record.call_id,
        "test": record.test,
        "caller": record.caller,
        "caller_kind": record.caller_kind,
        "called": record.called,
        "line": record.line,
        "flow": record.flow,
        **more,
    }
    return Happening(f"{record.call_id}/{place}", kind, record.call_id, at, data)


def of_record(record: CallRecord, zone: tzinfo, *, assumed: bool) -> Happening:
    """The record of a call as ``cdr --json`` prints it. ``assumed``: closed without the router that had the call; its
    own record may follow, and is told then."""
    ended = record.started if record.ended is None else record.ended
    name = f"{record.call_id}/record{'-assumed' if assumed else ''}"
    return Happening(name, CDR_READY, record.call_id, ended, {"assumed": assumed, "record": record.as_json(zone)})


def iso(at: float, zone: tzinfo) -> str:
    """A moment as it is told."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")
