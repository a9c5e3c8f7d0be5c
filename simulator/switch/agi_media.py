"""The AGI commands that play, speak, record and wait for keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ivr_flows.commands import ALL_KEYS
from router.asterisk.agi_codec import Reply, success

from .channel import AbsoluteTimeout, Channel, ChannelHungUp, Interrupted
from .core import log
from .recording import keep, record
from .sounds import FORMATS, SAMPLES_PER_SECOND, spoken_seconds

CONTROL_STREAM_FILE_USAGE = (
    "CONTROL STREAM FILE FILENAME ESCAPE_DIGITS [SKIPMS] [FFCHAR] [REWCHR] [PAUSECHR] [OFFSETMS]"
)
RECORD_FILE_USAGE = "RECORD FILE FILENAME FORMAT ESCAPE_DIGITS TIMEOUT [OFFSET_SAMPLES] [BEEP] [S=SILENCE]"
FIRST_DIGIT_SECONDS, NEXT_DIGIT_SECONDS = 10.0, 5.0
"""Asterisk's response and digit timeouts of a dialplan, used where GET DATA and GET OPTION name none."""
MOST_DIGITS = 1024
_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,15})")


class Usage(Exception):
    """The arguments are not what the command takes: 520 and its usage."""


def whole_number(arguments: list[str], place: int, exactly: int | None = None) -> int:
    """The whole number at the beginning of an argument, as ``sscanf("%d")`` reads it. Raises `Usage`."""
    if exactly is not None and len(arguments) != exactly:
        raise Usage
    match = _WHOLE.match(arguments[place]) if len(arguments) > place else None
    if match is None:
        raise Usage
    return int(match[1])


def _lenient(text: str) -> int:
    """A number as ``atoi`` reads it: 0 for what is none."""
    match = _WHOLE.match(text)
    return int(match[1]) if match else 0


def _keys(text: str) -> frozenset[str]:
    return ALL_KEYS.intersection(text)


def _pressed(key: str) -> int:
    return ord(key) if key else 0


async def stream_file(channel: Channel, arguments: list[str]) -> Reply:
    """Result 0, the key's code, or -1; ``endpos`` is where playing ended, in samples."""
    if len(arguments) not in (2, 3):
        raise Usage
    offset = whole_number(arguments, 2) if len(arguments) == 3 else 0
    reply = await _stream(channel, arguments[0], _keys(arguments[1]), offset)
    if channel.core.sounds.find(arguments[0]) is not None:
        channel.set_variable("PLAYBACKSTATUS", "SUCCESS" if reply.number == 0 else "FAILED")
    return reply


async def _stream(channel: Channel, name: str, keys: frozenset[str], offset: int) -> Reply:
    """Play a file from ``offset`` samples to its end, to a key or to a hang-up, with the place where it ended."""
    found = channel.core.sounds.find(name)
    if found is None:
        log.warning("file %r does not exist", name)
        return success(-1, endpos=offset)
    words, seconds = found
    length = round(seconds * SAMPLES_PER_SECOND)
    began = channel.core.clock.now()
    left = max(0.0, seconds - offset / SAMPLES_PER_SECOND)
    try:
        key = await channel.say(words, left, keys, interruptible=True)
    except (ChannelHungUp, AbsoluteTimeout):
        result = -1
    else:
        if not key:
            return success(0, endpos=length)
        result = _pressed(key)
    played = round((channel.core.clock.now() - began) * SAMPLES_PER_SECOND)
    return success(result, endpos=min(length, offset + played))


async def control_stream_file(channel: Channel, arguments: list[str]) -> Reply:
    """Plays with keys that wind forward, back and pause; result 0, the stop key's code, or -1; ``endpos`` is where
    playing ended, in milliseconds, -1 at the end of the file. The router's next command waits for its end."""
    if not 2 <= len(arguments) <= 7:
        raise Usage
    skip = whole_number(arguments, 2) / 1000 if len(arguments) > 2 else 3.0
    forward = (arguments[3] if len(arguments) > 3 else "") or "#"
    back = (arguments[4] if len(arguments) > 4 else "") or "*"
    pause = arguments[5] if len(arguments) > 5 else ""
    found = channel.core.sounds.find(arguments[0])
    if found is None:
        log.warning("file %r does not exist", arguments[0])
        return _controlled(channel, "ERROR", -1, -1)
    words, length = found
    keys = _keys(arguments[1]) | _keys(forward) | _keys(back) | _keys(pause)
    position = (whole_number(arguments, 6) if len(arguments) > 6 else 0) / 1000
    channel.sounds(words, length)
    began = channel.core.clock.now()
    try:
        while position < length:
            began = channel.core.clock.now()
            key = await channel.wait(length - position, keys)
            if not key:
                break
            position += channel.core.clock.now() - began
            if key in forward:
                position += skip
            elif key in back:
                position = max(0.0, position - skip)
            elif key in pause:
                began = channel.core.clock.now()
                await channel.wait(None, _keys(pause))
            else:
                return _controlled(channel, "USERSTOPPED", _pressed(key), round(position * 1000))
    except (ChannelHungUp, AbsoluteTimeout):
        position = min(length, position + channel.core.clock.now() - began)
        return _controlled(channel, "ERROR", -1, round(position * 1000))
    return _controlled(channel, "SUCCESS", 0, -1)


def _controlled(channel: Channel, status: str, result: int, milliseconds: int) -> Reply:
    channel.falls_silent()
    channel.set_variable("CPLAYBACKSTATUS", status)
    channel.set_variable("CPLAYBACKOFFSET", str(milliseconds))
    return success(result, endpos=milliseconds)


async def get_data(channel: Channel, arguments: list[str]) -> Reply:
    """Digits up to a maximum, to ``#`` (which is not part of them), or to silence: ``(timeout)``.

    The first key during the prompt ends it. The timeout is for the first key and between keys alike.
    """
    if not arguments:
        raise Usage
    milliseconds = _lenient(arguments[1]) if len(arguments) > 1 else 0
    most = _lenient(arguments[2]) if len(arguments) > 2 else MOST_DIGITS
    if most == 0:
        return success(-1)
    if not 0 < most <= MOST_DIGITS:
        most = MOST_DIGITS
    first_wait: float | None = FIRST_DIGIT_SECONDS
    next_wait: float | None = NEXT_DIGIT_SECONDS
    if milliseconds > 0:
        first_wait = next_wait = milliseconds / 1000
    elif milliseconds < 0:
        first_wait = next_wait = None
    digits = ""
    key = await channel.play(arguments[0], ALL_KEYS, interruptible=True)
    if key is None:
        log.warning("file %r does not exist", arguments[0])
        return success(-1)
    if not key and channel.ear is not None:
        channel.ear.collecting()
    while True:
        if not key:
            key = await channel.wait(next_wait if digits else first_wait, ALL_KEYS, interruptible=True)
        if not key:
            return success(digits, "timeout")
        if key == "#":
            return success(digits)
        digits += key
        if len(digits) >= most:
            return success(digits)
        key = ""


async def get_option(channel: Channel, arguments: list[str]) -> Reply:
    """Like STREAM FILE, then a wait for one key; a key that is no escape digit counts as none."""
    if len(arguments) not in (2, 3):
        raise Usage
    milliseconds = _lenient(arguments[2]) if len(arguments) == 3 else round(NEXT_DIGIT_SECONDS * 1000)
    keys = _keys(arguments[1])
    played = await _stream(channel, arguments[0], keys, 0)
    if played.number != 0:
        return played
    if channel.ear is not None:
        channel.ear.collecting()
    try:
        key = await channel.wait(milliseconds / 1000 if milliseconds >= 0 else None, ALL_KEYS, interruptible=True)
    except (ChannelHungUp, AbsoluteTimeout):
        # A hang-up in the wait is no escape digit either.
        key = ""
    return success(_pressed(key) if key in keys else 0, endpos=played.endpos)


async def wait_for_digit(channel: Channel, arguments: list[str]) -> Reply:
    """The key's code, 0 for none in the time; -1 milliseconds wait for ever. 1 where the router's next command broke
    it off: unlike STREAM FILE and GET DATA, which then keep silent, it replies."""
    milliseconds = whole_number(arguments, 0, 1)
    if channel.ear is not None:
        channel.ear.collecting()
    seconds = None if milliseconds < 0 else milliseconds / 1000
    try:
        return success(_pressed(await channel.wait(seconds, ALL_KEYS, interruptible=True)))
    except Interrupted:
        return success(1)


async def record_file(channel: Channel, arguments: list[str]) -> Reply:
    """RECORD FILE name format escape timeout [offset] [BEEP] [s=seconds]; ``endpos`` is what was recorded."""
    if len(arguments) < 4:
        raise Usage
    milliseconds = whole_number(arguments, 3)
    if arguments[1] not in FORMATS:
        return success(-1, "writefile")
    silence = 0
    for option in arguments[4:7]:
        if option.startswith("s="):
            silence = _lenient(option[2:])
    if any(option and "=" not in option and not _WHOLE.match(option) for option in arguments[4:6]):
        await channel.play("beep")
    limit = None if milliseconds < 0 else milliseconds / 1000
    done = await record(channel, limit, float(silence), _keys(arguments[2]))
    keep(channel.core, arguments[0], done.seconds)
    endpos = round(done.seconds * SAMPLES_PER_SECOND)
    if done.end == "hangup":
        return success(-1, "hangup", endpos)
    if done.end == "key":
        return success(_pressed(done.key), "dtmf", max(0, endpos - SAMPLES_PER_SECOND // 5))
    # Where silence ended it, the result is what was left of the time, and `(timeout)` is said all the same.
    left = 0 if limit is None or done.end == "time" else round((limit - done.seconds - silence) * 1000)
    return success(left, "timeout", endpos)


async def _say(channel: Channel, words: str, signs: int, escape: str) -> Reply:
    return success(_pressed(await channel.say(words, spoken_seconds(signs), _keys(escape))))


async def say_digits(channel: Channel, arguments: list[str]) -> Reply:
    """Speak digits one by one."""
    whole_number(arguments, 0, 2)
    return await _say(channel, arguments[0], len(arguments[0]), arguments[1])


async def say_number(channel: Channel, arguments: list[str]) -> Reply:
    """Speak a number as a number."""
    if len(arguments) not in (2, 3):
        raise Usage
    number = whole_number(arguments, 0)
    return await _say(channel, str(number), 2 * len(str(number)) - 1, arguments[1])


async def say_text(channel: Channel, arguments: list[str]) -> Reply:
    """Speak letters one by one (ALPHA, PHONETIC)."""
    if len(arguments) != 2:
        raise Usage
    return await _say(channel, arguments[0], len(arguments[0]), arguments[1])


def _moment(text: str) -> datetime:
    match = _WHOLE.match(text)
    if match is None or abs(int(match[1])) > 250_000_000_000:
        raise Usage
    return datetime.fromtimestamp(int(match[1]), UTC)


async def say_date(channel: Channel, arguments: list[str]) -> Reply:
    """Speak the date of a moment (epoch seconds)."""
    if len(arguments) != 2:
        raise Usage
    return await _say(channel, _moment(arguments[0]).strftime("%Y-%m-%d"), 6, arguments[1])


async def say_time(channel: Channel, arguments: list[str]) -> Reply:
    """Speak the time of day of a moment."""
    if len(arguments) != 2:
        raise Usage
    return await _say(channel, _moment(arguments[0]).strftime("%H:%M"), 4, arguments[1])


async def say_datetime(channel: Channel, arguments: list[str]) -> Reply:
    """Speak the date and time of a moment; format and time zone are taken and change nothing here."""
    if not 2 <= len(arguments) <= 4:
        raise Usage
    return await _say(channel, _moment(arguments[0]).strftime("%Y-%m-%d %H:%M"), 10, arguments[1])
