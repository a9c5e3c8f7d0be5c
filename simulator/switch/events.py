"""The manager events of a call, with the fields and names of Asterisk 22."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channel import Channel
    from .queues import Member, QueueRuntime, Waiting

CALL = frozenset({"call"})
SYSTEM = frozenset({"system"})
DIALPLAN = frozenset({"dialplan"})
DTMF = frozenset({"dtmf"})
AGENT = frozenset({"agent"})
AGI = frozenset({"agi"})
CDR = frozenset({"cdr"})
USER = frozenset({"user"})

STATES = {0: "Down", 1: "Rsrvd", 3: "Dialing", 4: "Ring", 5: "Ringing", 6: "Up", 7: "Busy"}

CAUSES = {
    1: "Unallocated (unassigned) number",
    3: "No route to destination",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    20: "Subscriber absent",
    21: "Call Rejected",
    26: "Answered elsewhere",
    27: "Destination out of order",
    28: "Invalid number format",
    31: "Normal, unspecified",
    34: "Circuit/channel congestion",
    38: "Network out of order",
    41: "Temporary failure",
    42: "Switching equipment congestion",
    127: "Interworking, unspecified",
}
"""Q.850 causes by the words with which Asterisk reports them."""

Fields = list[tuple[str, object]]


def snapshot(channel: Channel, prefix: str = "") -> Fields:
    """The fields that every event about a channel begins with."""
    unknown = "<unknown>"
    return [
        (f"{prefix}Channel", channel.name),
        (f"{prefix}ChannelState", channel.state),
        (f"{prefix}ChannelStateDesc", STATES[channel.state]),
        (f"{prefix}CallerIDNum", channel.caller_number or unknown),
        (f"{prefix}CallerIDName", channel.caller_name or unknown),
        (f"{prefix}ConnectedLineNum", channel.connected_number or unknown),
        (f"{prefix}ConnectedLineName", channel.connected_name or unknown),
        (f"{prefix}Language", channel.language),
        (f"{prefix}AccountCode", channel.account),
        (f"{prefix}Context", channel.context),
        (f"{prefix}Exten", channel.exten),
        (f"{prefix}Priority", channel.priority),
        (f"{prefix}Uniqueid", channel.uniqueid),
        (f"{prefix}Linkedid", channel.linkedid),
    ]


def channel_event(channel: Channel, name: str, extra: Fields | None = None) -> None:
    """An event of class ``call`` about one channel: ``Newchannel``, ``Newstate``, ``HangupRequest`` …"""
    bus = channel.core.bus
    if bus.watched(CALL):
        bus.send(name, CALL, [*snapshot(channel), *(extra or ())])


def soft_hangup(channel: Channel) -> None:
    """``SoftHangupRequest`` as the dialplan's end sends it for every channel that ran one, whoever hung up."""
    channel_event(channel, "SoftHangupRequest", [("Cause", 16)])


def hangup(channel: Channel) -> None:
    """``Hangup``: the channel is no more."""
    cause = channel.hangup_cause or 16
    channel_event(channel, "Hangup", [("Cause", cause), ("Cause-txt", CAUSES.get(cause, "Unknown"))])


def newexten(channel: Channel, application: str, data: str) -> None:
    """``Newexten``: the dialplan begins an application."""
    bus = channel.core.bus
    if bus.watched(DIALPLAN):
        bus.send(
            "Newexten",
            DIALPLAN,
            [*snapshot(channel), ("Extension", channel.exten), ("Application", application), ("AppData", data)],
        )


def varset(channel: Channel, name: str, value: str) -> None:
    """``VarSet``: a channel variable changed."""
    bus = channel.core.bus
    if bus.watched(DIALPLAN):
        bus.send("VarSet", DIALPLAN, [*snapshot(channel), ("Variable", name), ("Value", value)])


def dtmf(channel: Channel, key: str) -> None:
    """``DTMFBegin`` and ``DTMFEnd`` of a key that the channel's far end pressed."""
    bus = channel.core.bus
    if bus.watched(DTMF):
        fields = [*snapshot(channel), ("Digit", key), ("Direction", "Received")]
        bus.send("DTMFBegin", DTMF, fields)
        bus.send("DTMFEnd", DTMF, [*snapshot(channel), ("Digit", key), ("DurationMs", 100), ("Direction", "Received")])


def agi_exec(channel: Channel, command: str, command_id: int, code: int | None = None, result: str = "") -> None:
    """``AGIExecStart`` (without a code) or ``AGIExecEnd``."""
    bus = channel.core.bus
    if bus.watched(AGI):
        fields: Fields = [*snapshot(channel), ("CommandId", command_id), ("Command", command)]
        if code is None:
            bus.send("AGIExecStart", AGI, fields)
        else:
            bus.send("AGIExecEnd", AGI, [*fields, ("ResultCode", code), ("Result", result)])


def dial(name: str, caller: Channel | None, leg: Channel, extra: Fields) -> None:
    """``DialBegin`` (``DialString``), ``DialState`` or ``DialEnd`` (``DialStatus``). ``caller`` None: a leg that a
    manager originated."""
    bus = leg.core.bus
    if bus.watched(CALL):
        bus.send(name, CALL, [*(snapshot(caller) if caller is not None else ()), *snapshot(leg, "Dest"), *extra])


def bridge(name: str, bridge_id: str, members: int, channel: Channel | None, core_channel: Channel) -> None:
    """``BridgeCreate``, ``BridgeEnter``, ``BridgeLeave``, ``BridgeDestroy``."""
    bus = core_channel.core.bus
    if bus.watched(CALL):
        fields: Fields = [
            ("BridgeUniqueid", bridge_id),
            ("BridgeType", "basic"),
            ("BridgeTechnology", "simple_bridge"),
            ("BridgeCreator", "<unknown>"),
            ("BridgeName", "<unknown>"),
            ("BridgeNumChannels", members),
            ("BridgeVideoSourceMode", "none"),
        ]
        bus.send(name, CALL, fields if channel is None else [*fields, *snapshot(channel)])


def queue_caller(name: str, queue: QueueRuntime, waiting: Waiting, extra: Fields) -> None:
    """``QueueCallerJoin``, ``QueueCallerLeave``, ``QueueCallerAbandon``."""
    bus = waiting.channel.core.bus
    if bus.watched(AGENT):
        bus.send(name, AGENT, [*snapshot(waiting.channel), ("Queue", queue.name), *extra])


def agent(name: str, queue: QueueRuntime, waiting: Waiting, member: Member, leg: Channel, extra: Fields) -> None:
    """``AgentCalled``, ``AgentConnect``, ``AgentComplete``, ``AgentRingNoAnswer``."""
    bus = leg.core.bus
    if bus.watched(AGENT):
        fields: Fields = [
            *snapshot(waiting.channel),
            *snapshot(leg, "Dest"),
            ("Queue", queue.name),
            ("MemberName", member.name),
            ("Interface", member.interface),
            *extra,
        ]
        bus.send(name, AGENT, fields)


def member_fields(queue: QueueRuntime, member: Member) -> Fields:
    """What ``QueueMemberStatus`` and, by other names and without ``Ringinuse``, ``QueueMember`` say of an agent.
    ``Status``: 1 not in use, 2 in use, 6 ringing."""
    return [
        ("Queue", queue.name),
        ("MemberName", member.name),
        ("Interface", member.interface),
        ("StateInterface", member.interface),
        ("Membership", "dynamic" if member.dynamic else "static"),
        ("Penalty", 0),
        ("CallsTaken", member.calls),
        ("LastCall", int(member.last_call)),
        ("LastPause", 0),
        ("LoginTime", int(queue.core.started)),
        ("InCall", int(member.status == 2)),
        ("Status", member.status),
        ("Paused", int(member.paused)),
        ("PausedReason", member.paused_reason),
        ("Ringinuse", 0),
        ("Wrapuptime", int(queue.spec.wrap_up)),
    ]


def queue_member(name: str, queue: QueueRuntime, member: Member) -> None:
    """``QueueMemberStatus``, ``QueueMemberAdded``, ``QueueMemberRemoved``, ``QueueMemberPause``."""
    bus = queue.core.bus
    if bus.watched(AGENT):
        bus.send(name, AGENT, member_fields(queue, member))


def _utc(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def cdr(channel: Channel) -> None:
    """``Cdr`` as ``cdr_manager`` sends it just before ``Hangup``, times in UTC; variables set by ``CDR(name)`` follow
    by their names, as the mappings of ``cdr_manager.conf`` would have it."""
    bus = channel.core.bus
    if not bus.watched(CDR):
        return
    ended = channel.ended if channel.ended is not None else channel.core.clock.now()
    talked = ended - channel.answered if channel.answered is not None else 0.0
    number = channel.caller_number or ""
    own = dict(channel.cdr)
    account, userfield = own.pop("accountcode", channel.account), own.pop("userfield", "")
    fields: Fields = [
        ("AccountCode", account),
        ("Source", number),
        ("Destination", channel.exten),
        ("DestinationContext", channel.context),
        ("CallerID", f'"{channel.caller_name}" <{number}>'),
        ("Channel", channel.name),
        ("DestinationChannel", channel.far_channel),
        ("LastApplication", channel.application),
        ("LastData", channel.application_data),
        ("StartTime", _utc(channel.created)),
        ("AnswerTime", _utc(channel.answered)),
        ("EndTime", _utc(ended)),
        ("Duration", int(ended - channel.created)),
        ("BillableSeconds", int(talked)),
        ("Disposition", channel.disposition),
        ("AMAFlags", "DOCUMENTATION"),
        ("UniqueID", channel.uniqueid),
        ("UserField", userfield),
        *own.items(),
    ]
    bus.send("Cdr", CDR, fields)
