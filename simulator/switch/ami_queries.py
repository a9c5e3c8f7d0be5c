"""The manager actions that list: channels, queues, the state of the switch."""

from __future__ import annotations

from datetime import UTC, datetime

from router.asterisk.ami_codec import Message

from . import events
from .agi_client import VERSION
from .ami_server import AmiSession
from .channel import Channel
from .queues import QueueRuntime

PRIVILEGE: tuple[str, object] = ("Privilege", "Call")


def _duration(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def status(session: AmiSession, message: Message) -> None:
    """``Status``: one event for each channel, or for the one named."""
    channels = list(session.core.channels.values())
    name = message.get("Channel")
    if name:
        channels = [channel for channel in channels if name in (channel.name, channel.uniqueid)]
        if not channels:
            session.error(message, "No such channel")
            return
    variables = [item.strip() for item in message.get("Variables").split(",") if item.strip()]
    session.respond(message, "Success", "Channel status will follow", listing="start")
    for channel in channels:
        session.listed(message, "Status", [PRIVILEGE, *_status_fields(channel, variables)])
    session.list_complete(message, "StatusComplete", len(channels), [("Items", len(channels))])


def _status_fields(channel: Channel, variables: list[str]) -> events.Fields:
    now = channel.core.clock.now()
    return [
        *events.snapshot(channel),
        ("Type", channel.name.partition("/")[0]),
        ("DNID", channel.dnid),
        ("TimeToHangup", 0),
        ("BridgeID", ""),
        ("Application", channel.application),
        ("Data", channel.application_data),
        ("Seconds", int(now - channel.created)),
        *(("Variable", f"{name}={channel.get_variable(name)}") for name in variables),
    ]


def core_show_channels(session: AmiSession, message: Message) -> None:
    """``CoreShowChannels``."""
    session.respond(message, "Success", "Channels will follow", listing="start")
    channels = list(session.core.channels.values())
    now = session.core.clock.now()
    for channel in channels:
        fields: events.Fields = [
            *events.snapshot(channel),
            ("Application", channel.application),
            ("ApplicationData", channel.application_data),
            ("Duration", _duration(now - channel.created)),
            ("BridgeId", ""),
        ]
        session.listed(message, "CoreShowChannel", fields)
    session.list_complete(message, "CoreShowChannelsComplete", len(channels))


def core_status(session: AmiSession, message: Message) -> None:
    """``CoreStatus``."""
    core = session.core
    booted = datetime.fromtimestamp(core.started, UTC)
    fields = [
        ("CoreStartupDate", booted.strftime("%Y-%m-%d")),
        ("CoreStartupTime", booted.strftime("%H:%M:%S")),
        ("CoreReloadDate", booted.strftime("%Y-%m-%d")),
        ("CoreReloadTime", booted.strftime("%H:%M:%S")),
        ("CoreCurrentCalls", len({channel.linkedid for channel in core.channels.values()})),
        ("CoreProcessedCalls", core.processed),
    ]
    session.respond(message, "Success", extra=fields)


def core_settings(session: AmiSession, message: Message) -> None:
    """``CoreSettings``."""
    fields = [
        ("AMIversion", "11.0.0"),
        ("AsteriskVersion", VERSION),
        ("SystemName", ""),
        ("CoreMaxCalls", 0),
        ("CoreMaxLoadAvg", "0.000000"),
        ("CoreRunUser", ""),
        ("CoreRunGroup", ""),
        ("CoreMaxFilehandles", 0),
        ("CoreRealTimeEnabled", "No"),
        ("CoreCDRenabled", "Yes"),
        ("CoreHTTPenabled", "No"),
        ("SoundsSearchCustomDir", "No"),
    ]
    session.respond(message, "Success", extra=fields)


def _queues(session: AmiSession, message: Message) -> list[QueueRuntime]:
    name = message.get("Queue")
    return [queue for queue in session.core.queues.values() if not name or queue.name == name]


def queue_status(session: AmiSession, message: Message) -> None:
    """``QueueStatus``: for each queue ``QueueParams``, its members, its callers."""
    session.respond(message, "Success", "Queue status will follow", listing="start")
    items = 0
    now = session.core.clock.now()
    for queue in _queues(session, message):
        params: events.Fields = [
            ("Queue", queue.name),
            ("Max", queue.spec.max_waiting),
            ("Strategy", queue.strategy),
            ("Calls", len(queue.waiting)),
            ("Holdtime", int(queue.hold_time)),
            ("TalkTime", 0),
            ("Completed", queue.completed),
            ("Abandoned", queue.abandoned),
            ("ServiceLevel", 0),
            ("ServicelevelPerf", "0.0"),
            ("ServicelevelPerf2", "0.0"),
            ("Weight", 0),
        ]
        session.listed(message, "QueueParams", params)
        items += 1
        for member in queue.members:
            renamed = {"MemberName": "Name", "Interface": "Location"}
            fields = events.member_fields(queue, member)
            named = [(renamed.get(key, key), value) for key, value in fields if key != "Ringinuse"]
            session.listed(message, "QueueMember", named)
            items += 1
        for place, waiting in enumerate(queue.waiting, 1):
            entry: events.Fields = [
                ("Queue", queue.name),
                ("Position", place),
                ("Channel", waiting.channel.name),
                ("Uniqueid", waiting.channel.uniqueid),
                ("CallerIDNum", waiting.channel.caller_number or "unknown"),
                ("CallerIDName", waiting.channel.caller_name or "unknown"),
                ("ConnectedLineNum", "unknown"),
                ("ConnectedLineName", "unknown"),
                ("Wait", int(now - waiting.joined)),
                ("Priority", waiting.priority),
            ]
            session.listed(message, "QueueEntry", entry)
            items += 1
    session.list_complete(message, "QueueStatusComplete", items)


def queue_summary(session: AmiSession, message: Message) -> None:
    """``QueueSummary``: one event for each queue."""
    session.respond(message, "Success", "Queue summary will follow", listing="start")
    queues = _queues(session, message)
    now = session.core.clock.now()
    for queue in queues:
        longest = max((now - waiting.joined for waiting in queue.waiting), default=0.0)
        fields: events.Fields = [
            ("Queue", queue.name),
            ("LoggedIn", len(queue.members)),
            ("Available", len(queue.free(now))),
            ("Callers", len(queue.waiting)),
            ("HoldTime", int(queue.hold_time)),
            ("TalkTime", 0),
            ("LongestHoldTime", int(longest)),
        ]
        session.listed(message, "QueueSummary", fields)
    session.list_complete(message, "QueueSummaryComplete", len(queues))
