"""Words, colours and widths: how a node type is called, and how much room a text takes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ..findings import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """How a node type is shown: its ``word`` and the name of its colour."""

    word: Text
    colour: str


_KINDS = {
    "answer": Kind(Text("answer", "应答"), "plain"),
    "play": Kind(Text("play", "播放"), "speech"),
    "menu": Kind(Text("menu", "菜单"), "input"),
    "gather": Kind(Text("input", "收号"), "input"),
    "speech": Kind(Text("speech", "语音识别"), "input"),
    "survey": Kind(Text("survey", "满意度"), "input"),
    "set": Kind(Text("set", "赋值"), "logic"),
    "branch": Kind(Text("branch", "条件"), "logic"),
    "hours": Kind(Text("hours", "时间"), "logic"),
    "share": Kind(Text("share", "分流"), "logic"),
    "loop": Kind(Text("loop", "循环"), "logic"),
    "staffing": Kind(Text("staffing", "座席在线"), "logic"),
    "queue": Kind(Text("queue", "排队"), "human"),
    "transfer": Kind(Text("transfer", "转接"), "human"),
    "callback": Kind(Text("callback", "回呼"), "human"),
    "voicemail": Kind(Text("voicemail", "留言"), "record"),
    "record": Kind(Text("record", "录音"), "record"),
    "recording": Kind(Text("call recording", "通话录音"), "record"),
    "fetch": Kind(Text("fetch", "查询"), "outside"),
    "message": Kind(Text("message", "短信"), "outside"),
    "notify": Kind(Text("notify", "通知"), "outside"),
    "subflow": Kind(Text("subflow", "子流程"), "outside"),
    "goto_flow": Kind(Text("go to flow", "转入流程"), "outside"),
    "return": Kind(Text("return", "返回"), "end"),
    "language": Kind(Text("language", "语言"), "plain"),
    "wait": Kind(Text("wait", "等待"), "plain"),
    "logging": Kind(Text("logging", "日志"), "plain"),
    "opaque": Kind(Text("opaque", "不透明"), "plain"),
    "hangup": Kind(Text("hang up", "挂机"), "end"),
}


def kind_of(type_name: str) -> Kind:
    """How the node type is shown; one that has no word of its own by its name."""
    return _KINDS.get(type_name) or Kind(Text(type_name, type_name), "plain")


@dataclass(frozen=True, slots=True)
class Measure:
    """Widths of texts at a font ``size`` in pixels: wide characters (East Asian Width W, F; A in a Chinese font) take
    one em, capitals and digits more than small letters."""

    size: float

    def width(self, text: str) -> float:
        """The width of ``text`` in pixels."""
        return self.size * sum(_ems(character) for character in text)

    def shortened(self, text: str, width: float) -> str:
        """``text``, cut with an ellipsis where it is wider than ``width``."""
        if self.width(text) <= width:
            return text
        kept = ""
        for character in text:
            if self.width(kept + character) > width - self.size:
                break
            kept += character
        return kept.rstrip() + "…"

    def broken(self, text: str, width: float, lines: int) -> list[str]:
        """``text`` in at most ``lines`` lines of ``width``: broken at spaces and between wide characters, never before
        a closing mark of punctuation, and cut with an ellipsis."""
        found: list[str] = []
        line = ""
        for piece in _pieces(" ".join(text.split())):
            if line and self.width(line + piece.rstrip()) > width:
                found.append(line.rstrip())
                line = ""
            line += piece
        if line.strip():
            found.append(line.rstrip())
        if len(found) > lines:
            found = [*found[: lines - 1], self.shortened("".join(found[lines - 1 :]), width)]
        return [self.shortened(line, width) for line in found]


_CLOSING = "，。；：！？、）》」』”’…,.;:!?)]}%"
_OPENING = "（《「『“‘([{"


def _pieces(text: str) -> list[str]:
    """Parts of a text that stay together."""
    pieces: list[str] = []
    for character in text:
        joined = pieces and (
            character in _CLOSING
            or (pieces[-1][-1] in _OPENING)
            or (_narrow(character) and _narrow(pieces[-1][-1]) and pieces[-1][-1] != " ")
            or character == " "
        )
        if joined:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _narrow(character: str) -> bool:
    return _ems(character) < 1.0


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    if character in "ijl.,:;'|! ":
        return 0.32
    if character in "mwMW@%…":
        return 0.88
    return 0.66 if character.isupper() else 0.56
