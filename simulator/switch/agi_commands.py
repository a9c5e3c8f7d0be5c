"""The AGI commands: a table of words, handlers, and whether a dead channel allows them.

Results, usage and replies are those of ``res_agi`` of Asterisk 22. A handler returns a `Reply`; it returns None where
the command was broken off by the router's next command, and has no reply of its own. Keys pressed while no command
reads them are lost, in a command without escape digits too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from router.asterisk.agi_codec import DEAD_CHANNEL, UNKNOWN_COMMAND, Reply, parse_command, success, usage_error

from . import agi_media, applications, events, functions
from .agi_media import Usage
from .channel import AbsoluteTimeout, Channel, ChannelHungUp, Interrupted
from .core import log
from .quantities import whole

Handler = Callable[[Channel, list[str]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class AgiCommand:
    """One command: its words, what performs it (given the arguments behind the words), its usage line."""

    words: tuple[str, ...]
    handler: Handler
    usage: str
    dead: bool = False


async def perform(channel: Channel, text: str, line: bytes, dead: bool) -> tuple[Reply | None, bool]:
    """Perform one command line. Returns the reply (None: broken off) and whether the command failed."""
    words = parse_command(line)
    command_id = channel.core.next_id()
    events.agi_exec(channel, text, command_id)
    found = find(words)
    if found is None:
        events.agi_exec(channel, text, command_id, 510, "Invalid or unknown command")
        return UNKNOWN_COMMAND, False
    if dead and not found.dead:
        events.agi_exec(channel, text, command_id, 511, "Command not permitted on a dead channel or intercept routine")
        return DEAD_CHANNEL, False
    try:
        with channel.executing():
            reply = await found.handler(channel, words[len(found.words) :])
    except Usage:
        events.agi_exec(channel, text, command_id, 520, "Usage")
        return usage_error(found.usage), False
    except Interrupted:
        events.agi_exec(channel, text, command_id, 200, "Success")
        return None, False
    except (ChannelHungUp, AbsoluteTimeout):
        reply = success(-1)
    failed = reply.number is not None and reply.number < 0
    if not failed:
        events.agi_exec(channel, text, command_id, 200, "Success")
    elif found.handler is _exec:
        # What an application returns is none of the results that the event has words for.
        events.agi_exec(channel, text, command_id, 200, "Unknown Result")
    else:
        events.agi_exec(channel, text, command_id, -1, "Failure")
    return reply, failed


def find(words: list[str]) -> AgiCommand | None:
    """The command that ``words`` begin with, without regard to case."""
    for length in (3, 2, 1):
        command = COMMANDS.get(tuple(word.lower() for word in words[:length])) if len(words) >= length else None
        if command is not None:
            return command
    return None


async def _answer(channel: Channel, arguments: list[str]) -> Reply:
    channel.answer()
    return success(0)


async def _hangup(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) > 1:
        raise Usage
    target = channel.core.channels.get(arguments[0]) if arguments else channel
    if target is None:
        return success(-1)
    target.hang_up("flow", 16, "SoftHangupRequest" if arguments else None)
    return success(1)


async def _exec(channel: Channel, arguments: list[str]) -> Reply:
    if not arguments:
        raise Usage
    data = arguments[1] if len(arguments) > 1 else ""
    result = await applications.run(channel, arguments[0], data)
    if result is None:
        log.warning("could not find application %r", arguments[0])
        return success(-2)
    return success(result)


async def _get_variable(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 1:
        raise Usage
    value = functions.read(channel, arguments[0])
    return success(0) if value is None else success(1, value)


async def _get_full_variable(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) not in (1, 2):
        raise Usage
    target = channel.core.channels.get(arguments[1]) if len(arguments) == 2 else channel
    if target is None:
        return success(0)
    return success(1, functions.substitute(target, arguments[0]))


async def _set_variable(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 2:
        raise Usage
    if not functions.write(channel, arguments[0], arguments[1]):
        log.warning("%s cannot be set", arguments[0])
    return success(1)


async def _channel_status(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) > 1:
        raise Usage
    target = channel.core.channels.get(arguments[0]) if arguments else channel
    return success(-1 if target is None else target.state)


async def _set_caller_id(channel: Channel, arguments: list[str]) -> Reply:
    if arguments:
        functions.write(channel, "CALLERID(all)", arguments[0])
    return success(1)


async def _set_context(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 1:
        raise Usage
    channel.context = arguments[0]
    return success(0)


async def _set_extension(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 1:
        raise Usage
    channel.exten = arguments[0]
    return success(0)


async def _set_priority(channel: Channel, arguments: list[str]) -> Reply:
    priority = whole(arguments[0]) if len(arguments) == 1 else None
    if priority is None:
        raise Usage
    # A running dialplan steps on by one before it goes on.
    channel.priority = priority - 1
    return success(0)


async def _set_autohangup(channel: Channel, arguments: list[str]) -> Reply:
    channel.set_absolute_timeout(max(0, agi_media.whole_number(arguments, 0, 1)))
    return success(0)


async def _set_music(channel: Channel, arguments: list[str]) -> Reply:
    if not arguments:
        raise Usage
    return success(0)


async def _verbose(channel: Channel, arguments: list[str]) -> Reply:
    if not arguments:
        raise Usage
    return success(1)


async def _noop(channel: Channel, arguments: list[str]) -> Reply:
    return success(0)


async def _database_get(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 2:
        raise Usage
    value = channel.core.database.get((arguments[0], arguments[1]))
    return success(0) if value is None else success(1, value)


async def _database_put(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 3:
        raise Usage
    channel.core.database[arguments[0], arguments[1]] = arguments[2]
    return success(1)


async def _database_del(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 2:
        raise Usage
    # The database counts a key that was not there as deleted.
    channel.core.database.pop((arguments[0], arguments[1]), None)
    return success(1)


async def _database_deltree(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) not in (1, 2):
        raise Usage
    family, prefix = arguments[0], arguments[1] if len(arguments) == 2 else ""
    doomed = [key for key in channel.core.database if key[0] == family and key[1].startswith(prefix)]
    for key in doomed:
        del channel.core.database[key]
    # The other way round than its description says.
    return success(0 if doomed else 1)


async def _asyncagi_break(channel: Channel, arguments: list[str]) -> Reply:
    return success(0)


async def _send_text(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 1:
        raise Usage
    return success(0)


async def _receive_char(channel: Channel, arguments: list[str]) -> Reply:
    """A telephone line carries no text."""
    if len(arguments) != 1:
        raise Usage
    return success(-1, "hangup")


async def _receive_text(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 1:
        raise Usage
    return success(-1)


async def _tdd_mode(channel: Channel, arguments: list[str]) -> Reply:
    if len(arguments) != 1:
        raise Usage
    return success(0)


def _table() -> dict[tuple[str, ...], AgiCommand]:
    rows: list[tuple[str, Handler, str, bool]] = [
        ("answer", _answer, "ANSWER", False),
        ("asyncagi break", _asyncagi_break, "ASYNCAGI BREAK", True),
        ("channel status", _channel_status, "CHANNEL STATUS [CHANNELNAME]", False),
        ("control stream file", agi_media.control_stream_file, agi_media.CONTROL_STREAM_FILE_USAGE, False),
        ("database del", _database_del, "DATABASE DEL FAMILY KEY", True),
        ("database deltree", _database_deltree, "DATABASE DELTREE FAMILY [KEYTREE]", True),
        ("database get", _database_get, "DATABASE GET FAMILY KEY", True),
        ("database put", _database_put, "DATABASE PUT FAMILY KEY VALUE", True),
        ("exec", _exec, "EXEC APPLICATION OPTIONS", True),
        ("get data", agi_media.get_data, "GET DATA FILE [TIMEOUT] [MAXDIGITS]", False),
        ("get full variable", _get_full_variable, "GET FULL VARIABLE EXPRESSION [CHANNELNAME]", True),
        ("get option", agi_media.get_option, "GET OPTION FILENAME ESCAPE_DIGITS [TIMEOUT]", False),
        ("get variable", _get_variable, "GET VARIABLE VARIABLENAME", True),
        ("hangup", _hangup, "HANGUP [CHANNELNAME]", False),
        ("noop", _noop, "NOOP", True),
        ("receive char", _receive_char, "RECEIVE CHAR TIMEOUT", False),
        ("receive text", _receive_text, "RECEIVE TEXT TIMEOUT", False),
        ("record file", agi_media.record_file, agi_media.RECORD_FILE_USAGE, False),
        ("say alpha", agi_media.say_text, "SAY ALPHA NUMBER ESCAPE_DIGITS", False),
        ("say date", agi_media.say_date, "SAY DATE DATE ESCAPE_DIGITS", False),
        ("say datetime", agi_media.say_datetime, "SAY DATETIME TIME ESCAPE_DIGITS [FORMAT] [TIMEZONE]", False),
        ("say digits", agi_media.say_digits, "SAY DIGITS NUMBER ESCAPE_DIGITS", False),
        ("say number", agi_media.say_number, "SAY NUMBER NUMBER ESCAPE_DIGITS [GENDER]", False),
        ("say phonetic", agi_media.say_text, "SAY PHONETIC STRING ESCAPE_DIGITS", False),
        ("say time", agi_media.say_time, "SAY TIME TIME ESCAPE_DIGITS", False),
        ("send text", _send_text, "SEND TEXT TEXT TO SEND", False),
        ("set autohangup", _set_autohangup, "SET AUTOHANGUP TIME", False),
        ("set callerid", _set_caller_id, "SET CALLERID NUMBER", False),
        ("set context", _set_context, "SET CONTEXT CONTEXT", False),
        ("set extension", _set_extension, "SET EXTENSION EXTENSION", False),
        ("set music", _set_music, "SET MUSIC ON|OFF [CLASS]", False),
        ("set priority", _set_priority, "SET PRIORITY PRIORITY", False),
        ("set variable", _set_variable, "SET VARIABLE VARIABLENAME VALUE", True),
        ("stream file", agi_media.stream_file, "STREAM FILE FILENAME ESCAPE_DIGITS [SAMPLE OFFSET]", False),
        ("tdd mode", _tdd_mode, "TDD MODE BOOLEAN", False),
        ("verbose", _verbose, "VERBOSE MESSAGE LEVEL", True),
        ("wait for digit", agi_media.wait_for_digit, "WAIT FOR DIGIT TIMEOUT", False),
    ]
    table = {}
    for words, handler, usage, dead in rows:
        key = tuple(words.split())
        table[key] = AgiCommand(key, handler, f"Usage: {usage}", dead)
    return table


COMMANDS = _table()
