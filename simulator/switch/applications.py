"""Dialplan applications, as ``EXEC`` and the dialplan run them.

An application returns 0 when the dialplan goes on and -1 when the call is over, and may raise `ChannelHungUp` or
`AbsoluteTimeout`, which its callers take as -1. Arguments are separated as Asterisk separates them: commas outside
of quotes and brackets, quotes removed, ``\\`` making the next character plain.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ivr_flows.commands import ALL_KEYS

from . import events, functions
from .channel import NO_KEYS, Channel, ChannelHungUp
from .core import log
from .dial_application import dial
from .mix_monitor import mix_monitor, stop_mix_monitor
from .quantities import seconds as seconds_of
from .queue_application import queue
from .recording import VOICEMAIL_SHORTEST, VOICEMAIL_SILENCE, keep, record
from .sounds import spoken_seconds

Application = Callable[[Channel, list[str]], Awaitable[int]]
CONGESTION_SECONDS = 10.0


def split_arguments(text: str) -> list[str]:
    """The arguments of an application's data; an empty text has none."""
    if not text:
        return []
    arguments = [""]
    depth = 0
    quoted = escaped = False
    for char in text:
        if escaped:
            arguments[-1] += char
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == "," and not quoted and depth == 0:
            arguments.append("")
        else:
            depth += (char in "([") - (char in ")]" and depth > 0)
            arguments[-1] += char
    return arguments


async def run(channel: Channel, name: str, data: str) -> int | None:
    """Run the application ``name``; None when there is none of that name."""
    application = APPLICATIONS.get(name.strip().lower())
    if application is None:
        return None
    channel.application, channel.application_data = name, data
    return await application(channel, split_arguments(data))


def _argument(arguments: list[str], place: int, default: str = "") -> str:
    return arguments[place] if len(arguments) > place else default


async def _answer(channel: Channel, arguments: list[str]) -> int:
    channel.answer()
    return -1 if channel.gone else 0


async def _hangup(channel: Channel, arguments: list[str]) -> int:
    cause = seconds_of(_argument(arguments, 0), 16)
    channel.hang_up("flow", int(cause) if 0 < cause < 128 else 16)
    return -1


def _tone_then_hang_up(cause: int) -> Application:
    async def application(channel: Channel, arguments: list[str]) -> int:
        seconds = seconds_of(_argument(arguments, 0), CONGESTION_SECONDS)
        if channel.answered is None:
            channel.hang_up("flow", cause)
            return -1
        # Of an answered call it is a tone only: the application then says that the call is over, and ends nothing.
        await channel.wait(seconds)
        return -1

    return application


async def _nothing(channel: Channel, arguments: list[str]) -> int:
    return 0


async def _playback(channel: Channel, arguments: list[str]) -> int:
    if not _argument(arguments, 0):
        log.warning("Playback has no file to play")
        return -1
    options = _argument(arguments, 1)
    if channel.answered is None and "skip" in options:
        return 0
    if channel.answered is None and "noanswer" not in options:
        channel.answer()
    status = "SUCCESS"
    for name in _argument(arguments, 0).split("&"):
        if await channel.play(name) is None:
            log.warning("file %r does not exist", name)
            status = "FAILED"
    channel.set_variable("PLAYBACKSTATUS", status)
    return 0


async def _background(channel: Channel, arguments: list[str]) -> int:
    if channel.answered is None and "n" not in _argument(arguments, 1):
        channel.answer()
    for name in _argument(arguments, 0).split("&"):
        key = await channel.play(name, ALL_KEYS)
        if key is None:
            log.warning("file %r does not exist", name)
        elif key:
            channel.set_variable("BACKGROUND_KEY", key)
            break
    return 0


async def _read(channel: Channel, arguments: list[str]) -> int:
    """Read(variable[,files[,maxdigits[,options[,attempts[,timeout]]]]])."""
    variable = _argument(arguments, 0)
    if not variable:
        log.warning("Read has no variable to read into")
        return 0
    if channel.answered is None and "n" not in _argument(arguments, 3):
        channel.answer()
    most = int(seconds_of(_argument(arguments, 2), 0)) or 255
    attempts = max(1, int(seconds_of(_argument(arguments, 4), 1)))
    timeout = seconds_of(_argument(arguments, 5), 0) or 10.0
    files = [name for name in _argument(arguments, 1).split("&") if name]
    digits: list[str] = []
    status = "TIMEOUT"
    try:
        for _ in range(attempts):
            digits.clear()
            if await _read_once(channel, files, most, timeout, digits) or digits:
                status = "OK"
                break
    except ChannelHungUp:
        status = "HANGUP"
    functions.write(channel, variable, "".join(digits))
    channel.set_variable("READSTATUS", status)
    return 0


async def _read_once(channel: Channel, files: list[str], most: int, timeout: float, digits: list[str]) -> bool:
    """Read keys into ``digits``. Whether they are complete; False after silence."""
    for name in files:
        key = await channel.play(name, ALL_KEYS)
        if key:
            if key == "#":
                return True
            digits.append(key)
            break
    if channel.ear is not None:
        channel.ear.collecting()
    while len(digits) < most:
        key = await channel.wait(timeout, ALL_KEYS)
        if not key:
            return False
        if key == "#":
            return True
        digits.append(key)
    return True


async def _record(channel: Channel, arguments: list[str]) -> int:
    """Record(file[,silence[,maxduration[,options]]])."""
    if not _argument(arguments, 0):
        channel.set_variable("RECORD_STATUS", "ERROR")
        return -1
    options = _argument(arguments, 3)
    if channel.answered is None and "n" not in options and "s" not in options:
        channel.answer()
    if "q" not in options:
        await channel.play("beep")
    keys = ALL_KEYS if "y" in options else frozenset("#") if "t" not in options else frozenset("*")
    limit = seconds_of(_argument(arguments, 2), 0)
    done = await record(channel, limit or None, seconds_of(_argument(arguments, 1), 0), keys)
    channel.set_variable("RECORDED_FILE", _argument(arguments, 0))
    words = {"silence": "SILENCE", "time": "TIMEOUT", "key": "DTMF", "hangup": "HANGUP"}
    channel.set_variable("RECORD_STATUS", words[done.end])
    return -1 if done.end == "hangup" else 0


async def _voicemail(channel: Channel, arguments: list[str]) -> int:
    """VoiceMail(box[@context][&…][,options])."""
    box = _argument(arguments, 0).split("&")[0].partition("@")[0]
    limit = channel.core.boxes.get(box)
    if limit is None:
        log.warning("no entry in voicemail config file for %r", box)
        channel.set_variable("VMSTATUS", "FAILED")
        return 0
    channel.answer()
    channel.set_variable("VMSTATUS", "FAILED")
    if "s" not in _argument(arguments, 1):
        await channel.play("vm-intro")
    await channel.play("beep")
    done = await record(channel, limit, VOICEMAIL_SILENCE, frozenset("#"))
    if done.end == "hangup" and done.seconds < VOICEMAIL_SHORTEST:
        return -1
    reference = f"voicemail/default/{box}/INBOX/msg-{channel.uniqueid}"
    keep(channel.core, reference, done.seconds)
    channel.set_variable("VM_MESSAGEFILE", reference)
    channel.set_variable("VMSTATUS", "SUCCESS")
    return -1 if done.end == "hangup" else 0


async def _wait(channel: Channel, arguments: list[str]) -> int:
    seconds = seconds_of(_argument(arguments, 0))
    if seconds > 0:
        await channel.wait(seconds)
    return 0


async def _wait_exten(channel: Channel, arguments: list[str]) -> int:
    await channel.wait(seconds_of(_argument(arguments, 0)) or 10.0, NO_KEYS)
    return 0


async def _set(channel: Channel, arguments: list[str]) -> int:
    name, equals, value = ",".join(arguments).partition("=")
    if equals and not functions.write(channel, name.strip(), value):
        log.warning("%s cannot be set", name.strip())
    return 0


async def _mset(channel: Channel, arguments: list[str]) -> int:
    for assignment in arguments:
        name, equals, value = assignment.partition("=")
        if equals:
            functions.write(channel, name.strip(), value)
    return 0


async def _send_dtmf(channel: Channel, arguments: list[str]) -> int:
    digits = _argument(arguments, 0)
    if channel.ear is not None:
        channel.ear.digits_sent(digits)
    await channel.wait(0.35 * len(digits))
    return 0


async def _say(channel: Channel, arguments: list[str]) -> int:
    text = _argument(arguments, 0)
    await channel.say(text, spoken_seconds(len(text)))
    return 0


async def _user_event(channel: Channel, arguments: list[str]) -> int:
    fields: events.Fields = [*events.snapshot(channel), ("UserEvent", _argument(arguments, 0))]
    for argument in arguments[1:]:
        key, _, value = argument.partition(":")
        if key.strip().replace("-", "").isalnum() and key.isascii():
            fields.append((key.strip(), value.strip()))
    channel.core.bus.send("UserEvent", events.USER, fields)
    return 0


async def _music(channel: Channel, arguments: list[str]) -> int:
    seconds = seconds_of(_argument(arguments, 1))
    await channel.wait(seconds if seconds > 0 else None)
    return 0


async def _ringing(channel: Channel, arguments: list[str]) -> int:
    return 0 if not channel.gone else -1


APPLICATIONS: dict[str, Application] = {
    "answer": _answer,
    "background": _background,
    "busy": _tone_then_hang_up(17),
    "congestion": _tone_then_hang_up(34),
    "dial": dial,
    "hangup": _hangup,
    "log": _nothing,
    "mixmonitor": mix_monitor,
    "mset": _mset,
    "musiconhold": _music,
    "noop": _nothing,
    "playback": _playback,
    "playtones": _nothing,
    "progress": _ringing,
    "queue": queue,
    "read": _read,
    "record": _record,
    "ringing": _ringing,
    "saydigits": _say,
    "saynumber": _say,
    "sayalpha": _say,
    "senddtmf": _send_dtmf,
    "set": _set,
    "startmusiconhold": _nothing,
    "stopmixmonitor": stop_mix_monitor,
    "stopmusiconhold": _nothing,
    "stopplaytones": _nothing,
    "userevent": _user_event,
    "verbose": _nothing,
    "voicemail": _voicemail,
    "wait": _wait,
    "waitexten": _wait_exten,
}
