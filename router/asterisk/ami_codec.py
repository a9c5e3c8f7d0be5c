"""AMI as text: messages of ``Key: Value`` lines. Sans-I/O and without a role: the live link and the switch share it.

A message is an ordered list of headers in which a key may repeat (``Variable``, ``ChanVariable``, ``Output``), ended
by a blank line; line ends are CR LF or LF. Lines without a colon are kept as ``body``: Asterisk ignores them in an
action, and old versions send a command's output that way after ``Response: Follows``.

No value can carry a line break, so encoding one raises `AmiProtocolError`: text from outside can never add a header
or an action. Texts are UTF-8; bytes that are not are kept as surrogate escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr_flows.findings import Text

MAX_LINE = 16384
"""Longest line accepted, bytes without the line end."""
MAX_LINES = 1024
"""Most lines of one message."""
MAX_OUTPUT_LINES = 100_000
"""Most lines of a command's output in the old ``Response: Follows`` form."""

_BREAKS = re.compile("[\r\n\0]")
_KEY = re.compile(r"[A-Za-z0-9_.()/\-]+\Z")
_BANNER = re.compile(r"[A-Za-z ]{1,40}/[0-9.]{1,20}\Z")
_END_COMMAND = "--END COMMAND--"


class AmiProtocolError(Exception):
    """The peer, or whoever asked to encode something, broke the protocol. ``code`` is stable and kebab-case."""

    def __init__(self, code: str, message: Text, cure: Text | None = None) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure or Text(
            "Close the connection; look at what the other side sent.", "请断开连接，并检查对端发送的内容。"
        )


@dataclass(frozen=True, slots=True)
class Message:
    """An action, a response or an event. Keys are looked up without regard to case, as Asterisk does."""

    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[str, ...] = ()

    @classmethod
    def of(cls, headers: Iterable[tuple[str, object]], body: Iterable[str] = ()) -> Message:
        """A message from pairs; values become text."""
        return cls(tuple((key, str(value)) for key, value in headers), tuple(body))

    def get(self, key: str, default: str = "") -> str:
        """The first value of ``key``."""
        wanted = key.lower()
        for name, value in self.headers:
            if name.lower() == wanted:
                return value
        return default

    def get_all(self, key: str) -> list[str]:
        """Every value of ``key``, in order."""
        wanted = key.lower()
        return [value for name, value in self.headers if name.lower() == wanted]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and any(name.lower() == key.lower() for name, _ in self.headers)

    @property
    def kind(self) -> str:
        """``action``, ``response``, ``event``, or ``other``: by the first header."""
        first = self.headers[0][0].lower() if self.headers else ""
        return first if first in ("action", "response", "event") else "other"

    @property
    def action_id(self) -> str:
        """``ActionID``, empty where there is none."""
        return self.get("ActionID")

    @property
    def output(self) -> list[str]:
        """A command's output: the ``Output`` headers, or the body of the old form."""
        return self.get_all("Output") or list(self.body)


def encode_message(message: Message) -> bytes:
    """A message for the wire, CR LF line ends and the blank line included. A key that is no key, or a line break or
    NUL in a value, raises `AmiProtocolError`."""
    lines = []
    for key, value in message.headers:
        if not _KEY.match(key):
            raise AmiProtocolError("bad-key", Text(f"no AMI header name: {key!r}", f"不是 AMI 头名称：{key!r}"))
        _refuse_breaks(value, Text(f"the value of {key}", f"{key} 的值"))
        lines.append(f"{key}: {value}\r\n")
    if message.body:
        for line in message.body:
            _refuse_breaks(line, Text("a line of output", "输出行"))
            lines.append(f"{line}\r\n")
        if message.get("Response").lower() == "follows":
            lines.append(f"{_END_COMMAND}\r\n")
    lines.append("\r\n")
    text = "".join(lines)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def encode_action(action: str, headers: Iterable[tuple[str, object]] = ()) -> bytes:
    """An action: ``Action`` first, then ``headers`` in order."""
    return encode_message(Message.of([("Action", action), *headers]))


def _refuse_breaks(text: str, what: Text) -> None:
    if _BREAKS.search(text):
        raise AmiProtocolError(
            "line-break",
            Text(
                f"{what.en} contains a line break or NUL, which AMI cannot carry",
                f"{what.zh}含有换行或空字符，AMI 无法传递",
            ),
            Text("Remove the line break from the text.", "请去掉文本中的换行。"),
        )


class AmiParser:
    """Bytes in any chunks to messages.

    ``banner``: whether a first line ``Asterisk Call Manager/11.0.0`` is awaited (the client's side); it is then in
    `banner`. ``blank``: whether a blank line outside a message is an empty message (Asterisk answers one with
    ``Missing action in request``) or skipped.

    `feed` takes the bytes at once and returns an iterator over the complete messages; what breaks a limit raises
    `AmiProtocolError` there, after the messages before it, and at every later call.
    """

    def __init__(
        self, *, banner: bool = False, blank: bool = False, max_line: int = MAX_LINE, max_lines: int = MAX_LINES
    ) -> None:
        self.banner: str | None = None
        self._await_banner = banner
        self._blank = blank
        self._max_line = max_line
        self._max_lines = max_lines
        self._buffer = bytearray()
        self._scanned = 0
        self._headers: list[tuple[str, str]] = []
        self._body: list[str] = []
        self._follows = False
        self._error: AmiProtocolError | None = None

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take ``data``; iterate over the complete messages."""
        if self._error is None:
            self._buffer += data
        return self._messages()

    def _messages(self) -> Iterator[Message]:
        if self._error is not None:
            raise self._error
        try:
            for line in self._lines():
                message = self._line(line)
                if message is not None:
                    yield message
        except AmiProtocolError as error:
            self._error = error
            self._buffer.clear()
            raise

    def _lines(self) -> Iterator[str]:
        buffer = self._buffer
        while True:
            end = buffer.find(b"\n", self._scanned)
            length = len(buffer) if end < 0 else end
            if length and buffer[length - 1] == 13:
                length -= 1
            if length > self._max_line:
                raise AmiProtocolError(
                    "line-too-long",
                    Text(f"a line of more than {self._max_line} bytes", f"一行超过 {self._max_line} 字节"),
                )
            if end < 0:
                self._scanned = len(buffer)
                return
            line = buffer[:length].decode("utf-8", "surrogateescape")
            del buffer[: end + 1]
            self._scanned = 0
            yield line

    def _line(self, line: str) -> Message | None:
        if self._await_banner:
            if not _BANNER.match(line):
                raise AmiProtocolError(
                    "no-banner",
                    Text(
                        f"the other side is no Asterisk manager: {line[:60]!r}",
                        f"对端不是 Asterisk 管理接口：{line[:60]!r}",
                    ),
                )
            self._await_banner = False
            self.banner = line
            return None
        if self._follows:
            return self._output_line(line)
        if not line:
            if not self._headers and not self._body and not self._blank:
                return None
            return self._finish()
        if len(self._headers) + len(self._body) >= self._max_lines:
            raise AmiProtocolError(
                "too-many-lines",
                Text(f"a message of more than {self._max_lines} lines", f"一条消息超过 {self._max_lines} 行"),
            )
        key, colon, value = line.partition(":")
        if not colon or not _KEY.match(key):
            self._body.append(line)
            return None
        self._headers.append((key, value.lstrip(" ")))
        self._follows = len(self._headers) == 1 and key.lower() == "response" and value.strip().lower() == "follows"
        return None

    def _output_line(self, line: str) -> Message | None:
        """Old command output: headers first (``Privilege``, ``ActionID``), then raw lines, blank ones among them."""
        if line.endswith(_END_COMMAND):
            before = line[: -len(_END_COMMAND)]
            if before:
                self._body.append(before)
            self._follows = False
            return None
        if len(self._body) >= MAX_OUTPUT_LINES:
            raise AmiProtocolError(
                "too-many-lines",
                Text(f"command output of more than {MAX_OUTPUT_LINES} lines", f"命令输出超过 {MAX_OUTPUT_LINES} 行"),
            )
        key, colon, value = line.partition(": ")
        if not self._body and colon and key.lower() in ("privilege", "actionid", "message"):
            self._headers.append((key, value))
            if len(self._headers) > self._max_lines:
                raise AmiProtocolError("too-many-lines", Text("too many headers", "消息头过多"))
        else:
            self._body.append(line)
        return None

    def _finish(self) -> Message:
        message = Message(tuple(self._headers), tuple(self._body))
        self._headers, self._body = [], []
        return message
