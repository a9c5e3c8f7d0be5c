"""Reading transcripts and running them: scripted dialogues with what the switch must answer.

``NAME.ami``, a manager session. ``> Key: value`` sends a line, ``>`` alone the blank line that ends a message,
``>> text`` raw bytes with Python escapes. ``< Key: value`` lines up to a blank line describe one message: each must
stand in it, in that order; others may stand between. Events that are not described are passed over; a response that
is not described is a failure. ``<< closed``: the switch closes the connection.

``NAME.agi``, the router's side of one call. ``set NAME = value``, at the beginning: what the dialplan sets before it
hands the call over. ``env name = value``, ``> command``, ``< reply line``. ``! press KEYS
[after SECONDS]`` and ``! hang up [after SECONDS]`` is the caller, beside the dialogue. ``<< closed`` as above.

``< ...`` passes over lines of a reply up to the one that is expected next; ``! wait SECONDS`` lets time pass before the
next line is sent.

In values ``*`` stands for any text and ``{name}`` for a name of the target; ``{=name}`` keeps a value under a name, and
``{md5:name}`` is the MD5 of that value and the secret. A line that begins with ``#`` is a comment.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from codecs import decode
from pathlib import Path

from router.asterisk.ami_codec import Message

from .target import Agi, Far, Manager, Target

FOLDER = Path(__file__).parent / "transcripts"


def transcripts(kind: str) -> list[Path]:
    """The transcript files of a kind, ``ami`` or ``agi``."""
    found = sorted(FOLDER.glob(f"*.{kind}"))
    assert found
    return found


class Names:
    """The names of a target, and the values a transcript keeps."""

    def __init__(self, names: dict[str, str]) -> None:
        self.values = dict(names)

    def fill(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("md5:"):
                digest = self.values[name[4:]] + self.values["secret"]
                return hashlib.md5(digest.encode(), usedforsecurity=False).hexdigest()
            return self.values[name]

        return re.sub(r"\{([a-z0-9:]+)\}", value, text)

    def matches(self, pattern: str, text: str) -> bool:
        """Whether ``text`` is what ``pattern`` says; keeps what the pattern names."""
        expression = ""
        for part in re.split(r"(\*|\{=?[a-z0-9:]+\})", pattern):
            if part == "*":
                expression += ".*"
            elif part.startswith("{="):
                expression += f"(?P<{part[2:-1]}>.+)"
            else:
                expression += re.escape(self.fill(part))
        match = re.fullmatch(expression, text, re.DOTALL)
        if match is not None:
            self.values.update(match.groupdict())
        return match is not None


def _lines(path: Path) -> list[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    return [
        (number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")
    ]


async def run_ami(path: Path, target: Target) -> None:
    """Run a manager transcript. Raises AssertionError with the place where the dialogue went wrong."""
    names = Names(target.names)
    manager = await Manager.connect(target.ami_port)
    expected: list[str] = []
    try:
        lines = _lines(path)
        for place, (number, line) in enumerate(lines):
            if line.startswith(">> "):
                manager.writer.write(decode(line[3:], "unicode_escape").encode("latin-1"))
            elif line.startswith(">"):
                manager.writer.write(names.fill(line[1:].strip()).encode() + b"\r\n")
            elif line.startswith("<< closed"):
                assert await manager.message() is None, f"{path.name}:{number}: the connection is still open"
            elif line.startswith("<"):
                if line[1:].strip():
                    expected.append(line[1:].strip())
                following = lines[place + 1][1] if place + 1 < len(lines) else ""
                if expected and (line.strip() == "<" or not following.startswith("<") or following.startswith("<<")):
                    await _expect(manager, expected, names, f"{path.name}:{number}")
                    expected = []
            else:
                raise AssertionError(f"{path.name}:{number}: {line!r} is no transcript line")
    finally:
        await manager.close()


async def _expect(manager: Manager, expected: list[str], names: Names, where: str) -> None:
    passed: list[str] = []
    while True:
        message = await asyncio.wait_for(manager.message(), 10)
        assert message is not None, f"{where}: closed while {expected} was awaited; passed over: {passed}"
        if _is(message, expected, names):
            return
        assert message.kind == "event", f"{where}: expected {expected}, got {message.headers}"
        passed.append(message.get("Event"))


def _is(message: Message, expected: list[str], names: Names) -> bool:
    left = list(expected)
    for key, value in message.headers:
        if left and names.matches(left[0], f"{key}: {value}"):
            left.pop(0)
    return not left


async def run_agi(path: Path, target: Target, within: float = 20.0) -> None:
    """Run an AGI transcript: place a call and be its router, for ``within`` real seconds at most."""
    outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    far: asyncio.Future[Far] = asyncio.get_running_loop().create_future()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _dialogue(path, Agi(reader, writer), Names(target.names), await far, target.clock.real)
        except BaseException as error:
            outcome.set_exception(error)
            raise
        outcome.set_result(None)

    far.set_result(await target.place(handler, _sets(path)))
    await asyncio.wait_for(outcome, within)


def _sets(path: Path) -> dict[str, str]:
    pairs = (line[4:].partition("=") for _, line in _lines(path) if line.startswith("set "))
    return {name.strip(): value.strip() for name, _, value in pairs}


async def _dialogue(path: Path, agi: Agi, names: Names, far: Far, real: object) -> None:
    assert callable(real)
    environment = await asyncio.wait_for(agi.environment(), 20)
    loop = asyncio.get_running_loop()
    passing_over = False
    for number, line in _lines(path):
        where = f"{path.name}:{number}"
        if line.startswith("set "):
            continue
        if line.startswith("env "):
            name, _, value = line[4:].partition("=")
            assert names.matches(value.strip(), environment[name.strip()]), f"{where}: {environment[name.strip()]!r}"
        elif line.startswith(">"):
            agi.writer.write(names.fill(line[1:].strip()).encode() + b"\n")
        elif line.startswith("<< closed"):
            rest = await asyncio.wait_for(agi.reader.read(), 10)
            assert rest == b"", f"{where}: before the end came {rest!r}"
        elif line.strip() == "< ...":
            passing_over = True
        elif line.startswith("<"):
            got = await asyncio.wait_for(agi.line(), 10)
            while passing_over and not names.matches(line[1:].strip(), got):
                got = await asyncio.wait_for(agi.line(), 10)
            passing_over = False
            assert names.matches(line[1:].strip(), got), f"{where}: expected {line[1:].strip()!r}, got {got!r}"
        elif match := re.fullmatch(r"! wait ([0-9.]+)", line.strip()):
            await asyncio.sleep(real(float(match[1])))
        elif match := re.fullmatch(r"! (?:press (\S+)|hang up)(?: after ([0-9.]+))?", line.strip()):
            keys, after = match[1], float(match[2] or 0)
            if keys:
                loop.call_later(real(after), far.press, keys)
            else:
                loop.call_later(real(after), far.hang_up)
        else:
            raise AssertionError(f"{where}: {line!r} is no transcript line")
