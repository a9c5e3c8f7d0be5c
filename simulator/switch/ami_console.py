"""The action ``Command``: a named subset of the console, answered with the words of Asterisk's console."""

from __future__ import annotations

from collections.abc import Callable

from router.asterisk.ami_codec import Message

from .agi_client import VERSION
from .ami_server import AmiSession
from .applications import APPLICATIONS
from .core import Core
from .events import STATES


def command(session: AmiSession, message: Message) -> None:
    """Run a console command and answer with its lines as ``Output``."""
    text = " ".join(message.get("Command").split())
    if not text:
        session.error(message, "No command provided")
        return
    found = _find(text)
    if found is None:
        help_on = _unknown_from(text)
        lines = [f"No such command '{text}' (type 'core show help {help_on}' for other possible commands)"]
        session.respond(message, "Error", "Command output follows", [("Output", line) for line in lines])
        return
    run, argument = found
    lines = run(session.core, argument)
    session.respond(message, "Success", "Command output follows", [("Output", line) for line in lines])


def _unknown_from(text: str) -> str:
    """The words that begin commands, and at most two behind them: what help is offered on."""
    words = text.split()
    known = 0
    while known < len(words):
        begins = " ".join(words[: known + 1]).lower()
        if not any(f"{name} ".startswith(f"{begins} ") for name in COMMANDS):
            break
        known += 1
    return " ".join(words[: known + 2])


def _find(text: str) -> tuple[Callable[[Core, str], list[str]], str] | None:
    lowered = text.lower()
    for name in sorted(COMMANDS, key=len, reverse=True):
        if lowered == name or lowered.startswith(f"{name} "):
            return COMMANDS[name], text[len(name) :].strip()
    return None


def _version(core: Core, argument: str) -> list[str]:
    return [f"Asterisk {VERSION} built by line400 on the embedded switch"]


def _words(seconds: float) -> str:
    left = int(seconds)
    parts = []
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, left = divmod(left, unit)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    return ", ".join(parts) or "0 seconds"


def _uptime(core: Core, argument: str) -> list[str]:
    passed = core.clock.now() - core.started
    if argument == "seconds":
        return [f"System uptime: {int(passed)}", f"Last reload: {int(passed)}"]
    return [f"System uptime: {_words(passed)}", f"Last reload: {_words(passed)}"]


def _channels(core: Core, argument: str) -> list[str]:
    channels = list(core.channels.values())
    calls = len({channel.linkedid for channel in channels})
    lines: list[str] = []
    if argument == "concise":
        concise = [
            "!".join(
                [
                    channel.name,
                    channel.context,
                    channel.exten,
                    str(channel.priority),
                    STATES[channel.state],
                    channel.application,
                    channel.application_data,
                    channel.caller_number,
                    channel.account,
                    "",
                    "3",
                    str(int(core.clock.now() - channel.created)),
                    "(None)",
                    channel.uniqueid,
                ]
            )
            for channel in channels
        ]
        return concise or [""]
    if argument != "count":
        lines.append(f"{'Channel':<64} {'Location':<32} {'State':<7} {'Application(Data)':<30}")
        for channel in channels:
            location = f"{channel.exten}@{channel.context}:{channel.priority}"
            application = f"{channel.application}({channel.application_data})" if channel.application else "(None)"
            state = STATES[channel.state]
            lines.append(f"{channel.name:<64.64} {location:<32.32} {state:<7.7} {application:<30.30}")
    lines += [
        f"{len(channels)} active channel{'s' if len(channels) != 1 else ''}",
        f"{calls} active call{'s' if calls != 1 else ''}",
        f"{core.processed} call{'s' if core.processed != 1 else ''} processed",
    ]
    return lines


def _queue_show(core: Core, argument: str) -> list[str]:
    queues = [queue for queue in core.queues.values() if not argument or queue.name == argument]
    if not queues:
        return [f"No such queue: {argument}." if argument else "No queues."]
    lines: list[str] = []
    now = core.clock.now()
    words = {1: "Not in use", 2: "In use", 6: "Ringing"}
    for queue in queues:
        spec = queue.spec
        lines.append(
            f"{queue.name} has {len(queue.waiting)} calls (max {spec.max_waiting or 'unlimited'}) "
            f"in '{queue.strategy}' strategy ({int(queue.hold_time)}s holdtime, 0s talktime), W:0, "
            f"C:{queue.completed}, A:{queue.abandoned}, SL:0.0%, SL2:0.0% within 0s"
        )
        if queue.members:
            lines.append("   Members: ")
            for member in queue.members:
                paused = " (paused)" if member.paused else ""
                taken = f"has taken {member.calls} calls" if member.calls else "has taken no calls yet"
                state = f"(ringinuse disabled){paused} ({words[member.status]})"
                login = f"(login was {int(now - core.started)} secs ago)"
                lines.append(f"      {member.name} ({member.interface}) {state} {taken} {login}")
        else:
            lines.append("   No Members")
        if queue.waiting:
            lines.append("   Callers: ")
            for place, waiting in enumerate(queue.waiting, 1):
                held = int(now - waiting.joined)
                wait = f"wait: {held // 60}:{held % 60:02d}, prio: {waiting.priority}"
                lines.append(f"      {place}. {waiting.channel.name} ({wait})")
        else:
            lines.append("   No Callers")
        lines.append("")
    return lines


def _applications(core: Core, argument: str) -> list[str]:
    return ["    -= Registered Asterisk Applications =-", *(f"{name:>24}" for name in sorted(APPLICATIONS))]


def _database(core: Core, argument: str) -> list[str]:
    rows = [f"/{family}/{key:<45}: {value}" for (family, key), value in sorted(core.database.items())]
    return [*rows, f"{len(rows)} results found."]


COMMANDS: dict[str, Callable[[Core, str], list[str]]] = {
    "core show applications": _applications,
    "core show channels": _channels,
    "core show uptime": _uptime,
    "core show version": _version,
    "database show": _database,
    "queue show": _queue_show,
}
