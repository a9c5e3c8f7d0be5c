"""Dialplan variables and functions that a channel knows: ``CALLERID``, ``CDR``, ``CHANNEL``, ``TIMEOUT`` and others."""

from __future__ import annotations

import re

from router.asterisk.agi_codec import decode_text, encode_text

from . import events
from .channel import Channel
from .core import Core
from .events import STATES
from .quantities import seconds, whole

_FUNCTION = re.compile(r"([A-Z_a-z0-9]+)\((.*)\)\Z", re.DOTALL)
_REFERENCE = re.compile(r"\$\{([^${}]*)\}")
_PART = re.compile(r"(.*?):(-?[0-9]{1,9})(?::(-?[0-9]{1,9}))?\Z", re.DOTALL)
MAX_VALUE = 4096
"""Longest value a substitution gives: the buffer of ``GET FULL VARIABLE``."""


def parse_caller_id(text: str) -> tuple[str, str]:
    """``"Name" <number>``, ``Name <number>`` or ``number`` as (name, number)."""
    match = re.match(r'\s*(?:"((?:\\.|[^"\\])*)"|([^<]*?))\s*<([^>]*)>', text)
    if match:
        return (match[1] if match[1] is not None else match[2]).strip(), match[3].strip()
    return "", text.strip().strip('"')


def read(channel: Channel, name: str) -> str | None:
    """The value of a variable or function, None where it is not set. Total."""
    match = _FUNCTION.match(name)
    if match is None:
        return _plain(channel, name)
    function, argument = match[1].upper(), match[2]
    if function == "CALLERID":
        return _caller_id(channel, argument.lower())
    if function == "CDR":
        return _cdr(channel, argument.split(",")[0])
    if function == "CHANNEL":
        return _channel(channel, argument.lower())
    if function == "PJSIP_HEADER":
        return _header(channel, argument)
    if function == "GLOBAL":
        return channel.core.variables.get(argument, "")
    if function == "DB":
        family, _, key = argument.partition("/")
        return channel.core.database.get((family, key), "")
    if function == "CONNECTEDLINE":
        return channel.connected_name if argument.lower() == "name" else channel.connected_number
    if function == "REDIRECTING":
        name = argument.lower().partition(",")[0]
        return channel.redirecting_name if name == "from-name" else channel.redirecting_from
    if function == "TIMEOUT":
        left = channel.absolute_timeout
        return ("0" if left is None else f"{left:.3f}") if argument.lower() == "absolute" else None
    if function == "QUEUE_MEMBER":
        return _queue_member(channel, argument)
    if function == "LEN":
        return str(len(encode_text(substitute(channel, argument))))
    return None


def _queue_member(channel: Channel, argument: str) -> str:
    """``QUEUE_MEMBER(queue,logged)``: how many agents are signed in; of a queue without named agents, one."""
    name, _, option = argument.partition(",")
    runtime = channel.core.queues.get(name)
    if runtime is None or channel.core.agent_script(runtime.spec.name).kind == "no_agents":
        return "0"
    if not runtime.members:
        return "1"
    members = runtime.members
    return str(len(members) if option in ("logged", "count") else sum(not member.paused for member in members))


def write(channel: Channel, name: str, value: str) -> bool:
    """Set a variable or function; False where the function cannot be set or the value is none it takes."""
    match = _FUNCTION.match(name)
    if match is None:
        # Leading underscores make a variable inherited by legs; the name itself is without them.
        channel.set_variable(name.lstrip("_"), value)
        return bool(name.lstrip("_"))
    function, argument = match[1].upper(), match[2]
    if function == "CALLERID":
        return _set_caller_id(channel, argument.lower(), value)
    if function == "CDR":
        channel.cdr[argument.split(",")[0]] = value
    elif function == "CHANNEL" and argument.lower() == "language":
        channel.language = value
    elif function == "CHANNEL" and argument.lower() == "accountcode":
        channel.account = value
    elif function == "CHANNEL" and argument.lower() == "musicclass":
        channel.music = value
    elif function == "TIMEOUT" and argument.lower() == "absolute":
        limit = seconds(value, -1.0)
        if limit < 0:
            return False
        channel.set_absolute_timeout(limit)
    elif function == "PJSIP_HEADER":
        action, _, header = argument.partition(",")
        if action.lower() not in ("add", "update"):
            return False
        channel.added_headers.append((header.strip(), value))
    elif function == "GLOBAL":
        channel.core.variables[argument] = value
    elif function == "DB":
        family, _, key = argument.partition("/")
        channel.core.database[family, key] = value
    elif function == "CONNECTEDLINE":
        if argument.lower() == "name":
            channel.connected_name = value
        else:
            channel.connected_number = value
    elif function == "REDIRECTING":
        return _set_redirecting(channel, argument.lower(), value)
    else:
        return False
    return True


def read_global(core: Core, name: str) -> str:
    """What a manager gets who asks for a variable without a channel; empty where it is not set."""
    match = _FUNCTION.match(name)
    if match is None:
        return str(int(core.clock.now())) if name == "EPOCH" else core.variables.get(name, "")
    function, argument = match[1].upper(), match[2]
    if function == "DB":
        family, _, key = argument.partition("/")
        return core.database.get((family, key), "")
    return core.variables.get(argument, "") if function == "GLOBAL" else ""


def write_global(core: Core, name: str, value: str) -> bool:
    """Set a variable without a channel; False for a function that needs one."""
    match = _FUNCTION.match(name)
    if match is None or match[1].upper() == "GLOBAL":
        core.variables[name if match is None else match[2]] = value
    elif match[1].upper() == "DB":
        family, _, key = match[2].partition("/")
        core.database[family, key] = value
    else:
        return False
    return True


def substitute(channel: Channel, text: str) -> str:
    """Replace ``${NAME}``, ``${NAME:offset:length}`` and ``${FUNCTION(x)}``, innermost first, as ``GET FULL VARIABLE``
    does. A reference to what is not set becomes empty. The result is bounded by `MAX_VALUE`, and so is the number of
    rounds."""
    for _ in range(16):
        replaced = _REFERENCE.sub(lambda match: _referred(channel, match[1]), text)[:MAX_VALUE]
        if replaced == text:
            break
        text = replaced
    return decode_text(encode_text(text)[:MAX_VALUE])


def _referred(channel: Channel, reference: str) -> str:
    """What ``${reference}`` stands for: a value or the part of it from an offset, negative ones from its end."""
    match = _PART.match(reference)
    if match is None:
        return read(channel, reference) or ""
    value, offset = read(channel, match[1]) or "", int(match[2])
    value = value[max(0, len(value) + offset) if offset < 0 else offset :]
    return value if match[3] is None else value[: int(match[3])]


def _plain(channel: Channel, name: str) -> str | None:
    builtin = {
        "CALLERIDNUM": channel.caller_number,
        "CHANNEL": channel.name,
        "CONTEXT": channel.context,
        "EXTEN": channel.exten,
        "PRIORITY": str(channel.priority),
        "UNIQUEID": channel.uniqueid,
        "EPOCH": str(int(channel.core.clock.now())),
        "HANGUPCAUSE": str(channel.hangup_cause or channel.variables.get("HANGUPCAUSE", "0")),
    }
    if name in builtin:
        return builtin[name]
    return channel.variables.get(name, channel.core.variables.get(name))


def _caller_id(channel: Channel, argument: str) -> str | None:
    if argument in ("num", "number"):
        return channel.caller_number
    if argument == "name":
        return channel.caller_name
    if argument == "all":
        return f'"{channel.caller_name}" <{channel.caller_number}>'
    if argument in ("ani", "ani-num"):
        return channel.ani
    if argument == "dnid":
        return channel.dnid
    if argument == "rdnis":
        return channel.redirecting_from
    return "allowed_not_screened" if argument == "pres" else None


def _set_caller_id(channel: Channel, argument: str, value: str) -> bool:
    before = (channel.caller_number, channel.caller_name)
    known = _assign_caller_id(channel, argument, value)
    if before != (channel.caller_number, channel.caller_name):
        pres = "0 (Presentation Allowed, Not Screened)"
        events.channel_event(channel, "NewCallerid", [("CID-CallingPres", pres)])
    return known


def _assign_caller_id(channel: Channel, argument: str, value: str) -> bool:
    if argument in ("num", "number"):
        channel.caller_number = value
    elif argument == "name":
        channel.caller_name = value
    elif argument == "all":
        channel.caller_name, channel.caller_number = parse_caller_id(value)
    elif argument in ("ani", "ani-num"):
        channel.ani = value
    elif argument == "dnid":
        channel.dnid = value
    elif argument == "rdnis":
        channel.redirecting_from = value
    else:
        return argument == "pres"
    return True


def _set_redirecting(channel: Channel, argument: str, value: str) -> bool:
    name = argument.partition(",")[0]
    if name in ("from-num", "orig-num"):
        channel.redirecting_from = value
    elif name in ("from-name", "orig-name"):
        channel.redirecting_name = value
    else:
        return name in ("count", "reason", "from-num-valid", "from-pres")
    return True


def _cdr(channel: Channel, name: str) -> str:
    fixed = {
        "src": channel.caller_number,
        "dst": channel.exten,
        "channel": channel.name,
        "dstchannel": channel.far_channel,
        "uniqueid": channel.uniqueid,
        "linkedid": channel.linkedid,
        "disposition": channel.disposition,
    }
    return channel.cdr.get(name, fixed.get(name, ""))


def _channel(channel: Channel, item: str) -> str | None:
    values = {
        "name": channel.name,
        "state": STATES[channel.state],
        "language": channel.language,
        "uniqueid": channel.uniqueid,
        "linkedid": channel.linkedid,
        "accountcode": channel.account,
        "musicclass": channel.music,
        "context": channel.context,
        "exten": channel.exten,
        "channeltype": channel.name.partition("/")[0],
    }
    return values.get(item)


def _header(channel: Channel, argument: str) -> str | None:
    action, *rest = [part.strip() for part in argument.split(",")]
    if action.lower() != "read" or not rest:
        return None
    which = (whole(rest[1]) or 0) if len(rest) > 1 else 1
    found = [value for name, value in channel.headers if name.lower() == rest[0].lower()]
    return found[which - 1] if 1 <= which <= len(found) else None
