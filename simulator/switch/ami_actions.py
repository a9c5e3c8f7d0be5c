"""The manager actions about sessions, channels, variables and agents; `ACTIONS` is the table of all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from router.asterisk.ami_codec import Message

from . import events, functions
from .ami_console import command
from .ami_filters import MAX_FILTERS, FilterError, compile_pattern
from .ami_filters import parse as parse_filter
from .ami_originate import originate
from .ami_queries import core_settings, core_show_channels, core_status, queue_status, queue_summary, status
from .ami_server import AmiAction, AmiSession, Handler
from .channel import Channel
from .event_bus import privilege
from .quantities import whole
from .queues import Member, QueueRuntime


def _login(session: AmiSession, message: Message) -> Awaitable[None] | None:
    if session.user is not None:
        session.ack(message, "Already authenticated")
        return None
    user = session.authenticate(message)
    if user is None:
        return _refuse_login(session, message)
    session.logged_in(message.get("Username"), user)
    if "Events" in message:
        session.set_event_mask(message.get("Events"))
    session.ack(message, "Authentication accepted")
    session.fully_booted()
    return None


async def _refuse_login(session: AmiSession, message: Message) -> None:
    await asyncio.sleep(session.server.limits.failed_login_real)
    session.error(message, "Authentication failed")
    session.close()


def _challenge(session: AmiSession, message: Message) -> None:
    if message.get("AuthType").upper() != "MD5":
        session.error(message, "Must specify AuthType")
        return
    session.respond(message, "Success", extra=[("Challenge", session.new_challenge())])


def _logoff(session: AmiSession, message: Message) -> None:
    session.respond(message, "Goodbye", "Thanks for all the fish.")
    session.close()


def _ping(session: AmiSession, message: Message) -> None:
    session.respond(message, "Success", extra=[("Ping", "Pong"), ("Timestamp", f"{session.core.clock.now():.6f}")])


def _events(session: AmiSession, message: Message) -> None:
    named = session.set_event_mask(message.get("EventMask"))
    if named is None:
        session.error(message, "Invalid event mask")
        return
    session.respond(message, "Success", extra=[("Events", "On" if named else "Off")])


def _filter(session: AmiSession, message: Message) -> None:
    if message.get("Operation").lower() != "add":
        session.error(message, "Unknown operation")
        return
    if len(session.filters) >= MAX_FILTERS:
        session.error(message, "Too many filters")
        return
    try:
        session.filters.append(parse_filter(message))
    except FilterError as error:
        session.error(message, str(error))
        return
    session.ack(message, "Success")


def _list_commands(session: AmiSession, message: Message) -> None:
    lines = [
        (action.name, f"{action.synopsis}  (Priv: {privilege(action.classes)})")
        for action in sorted(session.server.actions.values(), key=lambda action: action.name)
        if not action.classes or (session.user is not None and action.classes & session.user.write)
    ]
    session.respond(message, "Success", extra=lines)


def _channel_of(session: AmiSession, message: Message) -> Channel | None:
    """The channel an action names, by name or unique id; answers with the error and returns None where it has none."""
    name = message.get("Channel")
    if not name:
        session.error(message, "No channel specified")
        return None
    channels = session.core.channels
    channel = channels.get(name) or next((item for item in channels.values() if item.uniqueid == name), None)
    if channel is None:
        session.error(message, "No such channel")
    return channel


def _hangup(session: AmiSession, message: Message) -> None:
    cause = whole(message.get("Cause")) or 16
    cause = cause if cause < 128 else 16
    name = message.get("Channel")
    if len(name) > 1 and name.startswith("/") and name.endswith("/"):
        _hang_up_matching(session, message, name, cause)
        return
    channel = _channel_of(session, message)
    if channel is None:
        return
    channel.hang_up("switch", cause, "SoftHangupRequest")
    session.ack(message, "Channel Hungup")


def _hang_up_matching(session: AmiSession, message: Message, name: str, cause: int) -> None:
    """``Channel: /expression/``: every channel whose name matches, one event of a list for each."""
    try:
        pattern = compile_pattern(name[1:-1])
    except FilterError:
        session.error(message, f"Regex compile failed on: {name}")
        return
    session.respond(message, "Success", "Channels hung up will follow", listing="start")
    found = [channel for channel in session.core.channels.values() if pattern.search(channel.name)]
    for channel in found:
        channel.hang_up("switch", cause, "SoftHangupRequest")
        session.listed(message, "ChannelHungup", [("Channel", channel.name)])
    session.list_complete(message, "ChannelsHungupListComplete", len(found))


def _getvar(session: AmiSession, message: Message) -> None:
    name = message.get("Variable")
    if not name:
        session.error(message, "No variable specified")
        return
    value: str | None
    if message.get("Channel"):
        channel = _channel_of(session, message)
        if channel is None:
            return
        value = functions.read(channel, name)
    else:
        value = functions.read_global(session.core, name)
    session.respond(message, "Success", extra=[("Variable", name), ("Value", value or "")])


def _setvar(session: AmiSession, message: Message) -> None:
    name, value = message.get("Variable"), message.get("Value")
    if not name:
        session.error(message, "No variable specified")
        return
    if message.get("Channel"):
        channel = _channel_of(session, message)
        if channel is None:
            return
        if not functions.write(channel, name, value):
            session.error(message, "Variable not set")
            return
    elif not functions.write_global(session.core, name, value):
        session.error(message, "Variable not set")
        return
    session.ack(message, "Variable Set")


def _user_event(session: AmiSession, message: Message) -> None:
    own = [(key, value) for key, value in message.headers if key.lower() not in ("action", "actionid", "userevent")]
    session.ack(message, "Event Sent")
    session.core.bus.send("UserEvent", events.USER, [("UserEvent", message.get("UserEvent")), *own])


def _play_dtmf(session: AmiSession, message: Message) -> None:
    channel = _channel_of(session, message)
    if channel is None:
        return
    digit = message.get("Digit")
    if not digit:
        session.error(message, "No digit specified")
        return
    if message.get("Receive").lower() in ("1", "yes", "true", "on"):
        channel.press(digit)
    elif channel.ear is not None:
        channel.ear.digits_sent(digit)
    session.ack(message, "DTMF successfully queued")


def _absolute_timeout(session: AmiSession, message: Message) -> None:
    seconds = whole(message.get("Timeout"))
    if message.get("Channel") and seconds is None:
        session.error(message, "No timeout specified")
        return
    channel = _channel_of(session, message)
    if channel is None or seconds is None:
        return
    channel.set_absolute_timeout(seconds)
    session.ack(message, "Timeout Set")


def _queue_add(session: AmiSession, message: Message) -> None:
    for needed in ("Queue", "Interface"):
        if not message.get(needed):
            session.error(message, f"'{needed}' not specified.")
            return
    queue = session.core.queues.get(message.get("Queue"))
    if queue is None:
        session.error(message, "Unable to add interface to queue: No such queue")
        return
    if queue.find_member(message.get("Interface")) is not None:
        session.error(message, "Unable to add interface: Already there")
        return
    name, interface = message.get("MemberName") or message.get("Interface"), message.get("Interface")
    member = queue.add_member(name, interface, dynamic=True)
    if message.get("Paused").lower() in ("1", "yes", "true", "on"):
        member.paused, member.paused_reason = True, message.get("Reason")
    queue.dispatch()
    session.ack(message, "Added interface to queue")


def _queue_remove(session: AmiSession, message: Message) -> None:
    if not message.get("Queue") or not message.get("Interface"):
        session.error(message, "Need 'Queue' and 'Interface' parameters.")
        return
    queue = session.core.queues.get(message.get("Queue"))
    if queue is None:
        session.error(message, "Unable to remove interface from queue: No such queue")
        return
    member = queue.find_member(message.get("Interface"))
    if member is None:
        session.error(message, "Unable to remove interface: Not there")
        return
    if not member.dynamic:
        session.error(message, "Unable to remove interface: Member not dynamic")
        return
    queue.remove_member(member)
    session.ack(message, "Removed interface from queue")


def _queue_pause(session: AmiSession, message: Message) -> None:
    interface, paused = message.get("Interface"), message.get("Paused").lower()
    if not interface or not paused:
        session.error(message, "Need 'Interface' and 'Paused' parameters.")
        return
    name = message.get("Queue")
    pause = paused in ("1", "yes", "true", "on")
    found: list[tuple[QueueRuntime, Member]] = []
    for queue in session.core.queues.values():
        member = queue.find_member(interface) if not name or queue.name == name else None
        if member is not None:
            found.append((queue, member))
    if not found:
        session.error(message, "Interface not found")
        return
    for queue, member in found:
        member.paused, member.paused_reason = pause, message.get("Reason") if pause else ""
        events.queue_member("QueueMemberPause", queue, member)
        queue.dispatch()
    session.ack(message, "Interface paused successfully" if pause else "Interface unpaused successfully")


def _table() -> dict[str, AmiAction]:
    rows: list[tuple[str, str, Handler, str]] = [
        ("AbsoluteTimeout", "system,call", _absolute_timeout, "Set absolute timeout."),
        ("Challenge", "", _challenge, "Generate Challenge for MD5 Auth."),
        ("Command", "command", command, "Execute Asterisk CLI Command."),
        ("CoreSettings", "system,reporting", core_settings, "Show PBX core settings (version etc)."),
        ("CoreShowChannels", "system,reporting", core_show_channels, "List currently active channels."),
        ("CoreStatus", "system,reporting", core_status, "Show PBX core status variables."),
        ("Events", "", _events, "Control Event Flow."),
        ("Filter", "system", _filter, "Dynamically add filters for the current manager session."),
        ("Getvar", "call,reporting", _getvar, "Gets a channel variable or function value."),
        ("Hangup", "system,call", _hangup, "Hangup channel."),
        ("ListCommands", "", _list_commands, "List available manager commands."),
        ("Login", "", _login, "Login Manager."),
        ("Logoff", "", _logoff, "Logoff Manager."),
        ("Originate", "originate", originate, "Originate a call."),
        ("Ping", "", _ping, "Keepalive command."),
        ("PlayDTMF", "call", _play_dtmf, "Play DTMF signal on a specific channel."),
        ("QueueAdd", "agent", _queue_add, "Add interface to queue."),
        ("QueuePause", "agent", _queue_pause, "Makes a queue member temporarily unavailable."),
        ("QueueRemove", "agent", _queue_remove, "Remove interface from queue."),
        ("QueueStatus", "", queue_status, "Show queue status."),
        ("QueueSummary", "", queue_summary, "Show queue summary."),
        ("Setvar", "call", _setvar, "Sets a channel variable or function value."),
        ("Status", "system,call,reporting", status, "List channel status."),
        ("UserEvent", "user", _user_event, "Send an arbitrary event."),
    ]
    return {
        name.lower(): AmiAction(name, frozenset(classes.split(",")) - {""}, handler, synopsis)
        for name, classes, handler, synopsis in rows
    }


ACTIONS = _table()
