"""AGI as text: environment, commands, replies. Sans-I/O and without a role: the live driver and the switch share it.

The grammar is that of Asterisk's ``res_agi``: one command a line, one reply a line (several for a 520 with usage),
``HANGUP`` between them at any time. Nothing in the protocol can carry a line break inside an argument, so encoding
one raises `AgiProtocolError`: text from outside can never become a second command.

Texts are UTF-8; bytes that are not are kept as surrogate escapes, so decoding never fails and encoding gives the
same bytes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ivr_flows.findings import Text

MAX_LINE = 8192
"""Longest line accepted, bytes without the line end. Asterisk's own buffer is 2,048; values may be longer than it."""
MAX_HEADERS = 200
"""Most lines of an environment: 22 that Asterisk sends and up to 127 arguments leave room."""
MAX_USAGE_LINES = 400
MAX_ARGUMENTS = 128
"""``MAX_ARGS`` of ``res_agi``: further arguments are dropped there, so they are here."""

_BREAKS = re.compile("[\r\n\0]")
_HEADER = re.compile(r"(agi_[A-Za-z0-9_]+):(?: (.*))?\Z", re.DOTALL)
_WORDS = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*\Z")
_REPLY = re.compile(r"([1-9][0-9]{2})(?:([ -])(.*))?\Z", re.DOTALL)
_RESULT = re.compile(r"result=(\S*)(?: \((.*)\))?(?: endpos=(-?[0-9]+))?(?: .*)?\Z", re.DOTALL)
_USAGE_END = "520 End of proper usage."


class AgiProtocolError(Exception):
    """The peer, or whoever asked to encode something, broke the protocol. ``code`` is stable and kebab-case."""

    def __init__(self, code: str, message: Text, cure: Text | None = None) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure or Text(
            "Close the connection; look at what the other side sent.", "请断开连接，并检查对端发送的内容。"
        )


def decode_text(data: bytes) -> str:
    """Bytes from the wire as text; never fails."""
    return data.decode("utf-8", "surrogateescape")


def encode_text(text: str) -> bytes:
    """Text as bytes for the wire, the inverse of `decode_text`. A lone surrogate that is no escaped byte becomes
    ``?``: it has no bytes of its own."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _refuse_breaks(text: str, what: Text) -> None:
    if _BREAKS.search(text):
        raise AgiProtocolError(
            "line-break",
            Text(
                f"{what.en} contains a line break or NUL, which AGI cannot carry",
                f"{what.zh}含有换行或空字符，AGI 无法传递",
            ),
            Text("Remove the line break from the text.", "请去掉文本中的换行。"),
        )


class LineSplitter:
    """Bytes in any chunks to lines without their ends (LF, or CR LF).

    `feed` takes the bytes at once and returns an iterator over the lines that are complete; a line longer than
    ``max_line`` raises `AgiProtocolError` there, after the lines before it, and at every later call.
    """

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self._max = max_line
        self._buffer = bytearray()
        self._scanned = 0
        self._broken = False

    @property
    def pending(self) -> bytes:
        """What came after the last line end: half a line, if the connection ends now."""
        return bytes(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take ``data``; iterate over the complete lines."""
        if not self._buffer and not self._broken and len(data) <= self._max and data.endswith(b"\n"):
            # Whole lines, none of which can be too long: nearly everything that a switch sends.
            return iter([line.removesuffix(b"\r") for line in data[:-1].split(b"\n")])
        self._buffer += data
        return self._lines()

    def _lines(self) -> Iterator[bytes]:
        buffer = self._buffer
        while not self._broken:
            end = buffer.find(b"\n", self._scanned)
            length = len(buffer) if end < 0 else end
            if length and buffer[length - 1] == 13:
                length -= 1
            if length > self._max:
                break
            if end < 0:
                self._scanned = len(buffer)
                return
            line = bytes(buffer[:length])
            del buffer[: end + 1]
            self._scanned = 0
            yield line
        self._broken = True
        del buffer[self._max + 1 :]
        raise AgiProtocolError(
            "line-too-long",
            Text(f"a line of more than {self._max} bytes", f"一行超过 {self._max} 字节"),
        )


# ---- environment


def encode_environment(environment: Mapping[str, str]) -> bytes:
    """The block that opens an AGI session: ``agi_name: value`` lines and a blank line. A name that is not ``agi_…``
    or a value with a line break raises `AgiProtocolError`."""
    lines = []
    for name, value in environment.items():
        _refuse_breaks(value, Text(f"the value of {name!r}", f"{name!r} 的值"))
        if not _HEADER.match(f"{name}: "):
            raise AgiProtocolError("bad-header", Text(f"{name!r} is no AGI variable", f"{name!r} 不是 AGI 变量名"))
        lines.append(f"{name}: {value}\n")
    lines.append("\n")
    return encode_text("".join(lines))


class EnvironmentParser:
    """The environment, line by line. `line` returns the finished mapping at the blank line, None before it.

    More than ``max_headers`` lines, a line that is no ``agi_…: value`` and a name given twice (a value with a line
    break in it would do that) raise `AgiProtocolError`.
    """

    def __init__(self, max_headers: int = MAX_HEADERS) -> None:
        self._max = max_headers
        self._values: dict[str, str] = {}

    def line(self, line: bytes) -> dict[str, str] | None:
        """Take one line without its end."""
        if not line:
            return self._values
        text = decode_text(line)
        match = _HEADER.match(text)
        if match is None:
            raise AgiProtocolError(
                "bad-header",
                Text(f"no AGI environment line: {text[:60]!r}", f"不是 AGI 环境变量行：{text[:60]!r}"),
            )
        name = match[1]
        if name in self._values:
            raise AgiProtocolError("repeated-header", Text(f"{name} is given twice", f"{name} 重复出现"), None)
        if len(self._values) >= self._max:
            raise AgiProtocolError(
                "too-many-headers",
                Text(f"more than {self._max} environment lines", f"环境变量超过 {self._max} 行"),
            )
        self._values[name] = match[2] or ""
        return None


def parse_environment(data: bytes) -> dict[str, str]:
    """A whole environment block, blank line included. Raises `AgiProtocolError`, also when the block is not whole."""
    parser = EnvironmentParser()
    for line in LineSplitter().feed(data):
        done = parser.line(line)
        if done is not None:
            return done
    raise AgiProtocolError("unfinished", Text("the environment ends without a blank line", "环境变量缺少结尾空行"))


# ---- commands


def quote(argument: str) -> str:
    """One argument as it stands in a command: always in quotes, ``"`` and ``\\`` escaped by ``\\`` as Asterisk's
    ``parse_args`` undoes it. A line break or NUL raises `AgiProtocolError`: the protocol has no escape for them."""
    _refuse_breaks(argument, Text("an AGI argument", "AGI 参数"))
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def encode_command(command: str, *arguments: str | int) -> bytes:
    """A command line: ``command`` is its words (``STREAM FILE``), every argument is quoted."""
    if not _WORDS.match(command):
        raise AgiProtocolError(
            "bad-command", Text(f"no AGI command name: {command!r}", f"不是 AGI 命令名：{command!r}")
        )
    parts = [command, *(quote(str(argument)) for argument in arguments)]
    return encode_text(" ".join(parts)) + b"\n"


_APPLICATION_SPECIAL = re.compile(r'([\\",()\[\]])')


def escape_application_argument(text: str) -> str:
    """One argument of a dialplan application (``EXEC``), so that its commas, quotes and brackets are plain text to
    Asterisk's application argument parser. Options with a meaning (``D(12)``) are passed as they are instead."""
    return _APPLICATION_SPECIAL.sub(r"\\\1", text)


def parse_command(line: bytes) -> list[str]:
    """The words of a command line as ``parse_args`` of ``res_agi`` finds them; an empty list for a blank line.

    Quotes group and may begin inside a word; ``\\`` makes the next character plain; a quote that is never closed
    runs to the end of the line; arguments beyond `MAX_ARGUMENTS` are dropped. Total: never raises.
    """
    words: list[str] = []
    current: list[str] | None = None
    quoted = escaped = False
    for char in decode_text(line):
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and current is None:
                current = []
        elif char in " \t" and not quoted and not escaped:
            if current is not None:
                words.append("".join(current))
                current = None
        elif char == "\\" and not escaped:
            escaped = True
        else:
            if current is None:
                current = []
            current.append(char)
            escaped = False
    if current is not None:
        words.append("".join(current))
    return words[: MAX_ARGUMENTS - 1]


# ---- replies


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. ``result`` is what stands after ``result=`` (None where the reply has none, as 510 and 520);
    ``data`` what stands in parentheses (``timeout``, a variable's value); ``endpos`` in samples of 8 kHz; ``text``
    the rest of the line after the code; ``usage`` the lines of a 520."""

    code: int
    result: str | None = None
    data: str | None = None
    endpos: int | None = None
    text: str = ""
    usage: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether the command was understood and carried out (code 200)."""
        return self.code == 200

    @property
    def number(self) -> int | None:
        """``result`` as a number; None when it is none."""
        try:
            return None if self.result is None else int(self.result)
        except ValueError:
            return None

    @property
    def timed_out(self) -> bool:
        """Whether the reply says ``(timeout)``."""
        return self.data == "timeout"


@dataclass(frozen=True, slots=True)
class HangupNotice:
    """The line ``HANGUP``: the caller has gone. It stands between replies, at any time."""


UNKNOWN_COMMAND = Reply(510, text="Invalid or unknown command")
DEAD_CHANNEL = Reply(511, text="Command Not Permitted on a dead channel or intercept routine")
HANGUP_LINE = b"HANGUP\n"


def success(result: str | int, data: str | None = None, endpos: int | None = None) -> Reply:
    """The 200 reply of a command."""
    text = f"result={result}"
    if data is not None:
        text += f" ({data})"
    if endpos is not None:
        text += f" endpos={endpos}"
    return Reply(200, str(result), data, endpos, text)


def usage_error(*usage: str) -> Reply:
    """The 520 reply that explains a command's syntax."""
    return Reply(520, text="Invalid command syntax.  Proper usage follows:", usage=usage)


def encode_reply(reply: Reply) -> bytes:
    """A reply as Asterisk writes it. A line break inside any part raises `AgiProtocolError`."""
    for part in (reply.text, *reply.usage):
        _refuse_breaks(part, Text("an AGI reply", "AGI 应答"))
    if reply.code == 520 and reply.usage:
        lines = [f"520-{reply.text}", *reply.usage, _USAGE_END]
        return encode_text("".join(f"{line}\n" for line in lines))
    return encode_text(f"{reply.code} {reply.text}\n")


class ReplyParser:
    """What Asterisk sends after the environment: replies and ``HANGUP`` notices, line by line.

    `line` returns None inside a 520 that is not finished. Anything that is neither raises `AgiProtocolError`.
    """

    def __init__(self) -> None:
        self._usage: list[str] | None = None
        self._head = ""

    def line(self, line: bytes) -> Reply | HangupNotice | None:
        """Take one line without its end."""
        text = decode_text(line)
        if self._usage is not None:
            return self._in_usage(text)
        if text == "HANGUP":
            return HangupNotice()
        match = _REPLY.match(text)
        if match is None:
            raise AgiProtocolError("bad-reply", Text(f"no AGI reply: {text[:60]!r}", f"不是 AGI 应答：{text[:60]!r}"))
        code, rest = int(match[1]), match[3] or ""
        if match[2] == "-":
            self._usage, self._head = [], rest
            return None
        result = _RESULT.match(rest)
        if result is None:
            return Reply(code, text=rest)
        endpos = None if result[3] is None else int(result[3])
        return Reply(code, result[1], result[2], endpos, rest)

    def _in_usage(self, text: str) -> Reply | None:
        assert self._usage is not None
        # The usage text need not end in a line break of its own, so the last line may hold both.
        if text.endswith(_USAGE_END):
            before = text[: -len(_USAGE_END)]
            usage = (*self._usage, before) if before else tuple(self._usage)
            self._usage = None
            return Reply(520, text=self._head, usage=usage)
        if len(self._usage) >= MAX_USAGE_LINES:
            raise AgiProtocolError(
                "usage-too-long",
                Text(f"a 520 reply of more than {MAX_USAGE_LINES} lines", f"520 应答超过 {MAX_USAGE_LINES} 行"),
            )
        self._usage.append(text)
        return None
