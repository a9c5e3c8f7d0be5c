"""Which font draws which character of a document.

Chinese is written in Adobe's CID font STSong-Light, Latin in the Bitstream Vera that reportlab brings, embedded. STSong
has the characters of GBK; rarer ones, which names do have (𠮷, 䶮), are drawn from a font of this machine, of which the
outlines used are embedded. Where no font has a character, `PLACEHOLDER` stands for it and `undrawable` tells of it.
"""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont as EmbeddedFont

log = logging.getLogger("line400.service")

CHINESE: Final = "STSong-Light"
LATIN: Final = "Vera"
PLACEHOLDER: Final = "〓"
"""What type setters print for a character that they do not have."""

_FOLDERS: Final = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts"),
    *("/System/Library/Fonts", "~/Library/Fonts", "C:/Windows/Fonts"),
)
_NO_EMBEDDING: Final = 0x0002
"""The bit by which a font forbids being embedded."""
_NAMES: Final = re.compile(
    r"(NotoSerifCJK|NotoSansCJK|SourceHan(Serif|Sans)|BabelStoneHan|HanaMin|Plangothic|simsunb|simsun|Songti|PingFang)"
    r"[^/\\]*\.(ttc|otf|ttf)",
    re.IGNORECASE,
)
_HEAVY: Final = re.compile(r"bold|black|heavy|medium|semi|demi", re.IGNORECASE)
_SONG: Final = re.compile(r"serif|song|simsun|hanamin", re.IGNORECASE)


class _Rare(EmbeddedFont):  # type: ignore[misc]
    """A font whose characters may lie beyond the first 65,536, which reportlab writes wrongly in the table that a
    reader searches and copies by."""

    def addObjects(self, doc: Any) -> None:
        super().addObjects(doc)
        for name, found in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                found.content = re.sub(r"(?<=> <)[0-9A-F]{5,6}(?=>)", _utf16, found.content)


def _utf16(found: re.Match[str]) -> str:
    return chr(int(found[0], 16)).encode("utf-16-be").hex().upper()


@cache
def machine_fonts() -> tuple[Path, ...]:
    """Fonts of this machine that have many Chinese characters; plain weights first, of these such as look like Song."""
    found = {
        Path(folder) / name
        for start in _FOLDERS
        for folder, _, names in os.walk(Path(start).expanduser())
        for name in names
        if _NAMES.fullmatch(name)
    }

    def order(path: Path) -> tuple[bool, bool, str, str]:
        return _HEAVY.search(path.name) is not None, _SONG.search(path.name) is None, path.name, str(path)

    return tuple(sorted(found, key=order))


def is_rare(letter: str) -> bool:
    """Whether neither Latin nor Chinese has it: a character for `rare_font`."""
    if letter < "\u0250":
        return False
    try:
        letter.encode("gbk")
    except UnicodeEncodeError:
        return True
    return False


def lettered(text: str, rare: Rare) -> str:
    """``text`` as reportlab's markup, each run in the font that has it."""
    runs = groupby(text, key=lambda letter: LATIN if letter < "\u0250" else rare.name_of(letter))
    return "".join(f'<font name="{name}">{escape(rare.shown("".join(letters)))}</font>' for name, letters in runs)


class Rare:
    """The rare characters of some texts, with the font made for them; ``fonts`` are the files that it may come from."""

    def __init__(self, texts: Iterable[str], fonts: Sequence[Path]) -> None:
        wanted = {letter for text in texts for letter in text if is_rare(letter)}
        self._outlines: dict[str, tuple[Any, int]] = {}
        for path in fonts:
            lacking = wanted - self._outlines.keys()
            if not lacking:
                break
            self._outlines |= _outlines(path, lacking)
        self.lacking = tuple(sorted(wanted - self._outlines.keys()))
        self._name = CHINESE
        _register()
        if self._outlines:
            content = _font_file(self._outlines)
            self._name = f"Rare-{sha256(content).hexdigest()[:12]}"
            if self._name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(_Rare(self._name, io.BytesIO(content)))

    def name_of(self, letter: str) -> str:
        """The font that draws ``letter``."""
        return self._name if letter in self._outlines else CHINESE

    def shown(self, text: str) -> str:
        """``text`` with `PLACEHOLDER` for what no font has."""
        return "".join(PLACEHOLDER if letter in self.lacking else letter for letter in text)


@cache
def _register() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    pdfmetrics.registerFont(EmbeddedFont(LATIN, "Vera.ttf"))


def _outlines(path: Path, wanted: set[str]) -> dict[str, tuple[Any, int]]:
    """The outlines of ``wanted`` that a font file has, with their widths, in thousandths; none of one that is broken or
    may not be embedded."""
    try:
        with open(path, "rb") as file:
            for font in _faces(file):
                if font["OS/2"].fsType & _NO_EMBEDDING:
                    continue
                characters = font.getBestCmap() or {}
                scale = 1000 / font["head"].unitsPerEm
                glyphs = font.getGlyphSet()
                names = {letter: characters[ord(letter)] for letter in sorted(wanted) if ord(letter) in characters}
                if names:
                    return {letter: _outline(glyphs[name], scale) for letter, name in names.items()}
    except Exception as error:  # what a parser raises for a broken file is not a closed list
        log.warning("the font %s cannot be read (%s)", path, type(error).__name__)
    return {}


def _faces(file: BinaryIO) -> list[TTFont]:
    if file.read(4) != b"ttcf":
        return [TTFont(file, lazy=True)]
    file.seek(0)
    # Of a collection for several countries, the shapes of mainland China.
    faces = TTCollection(file, lazy=True).fonts
    return sorted(faces, key=lambda face: "SC" not in str(face["name"].getDebugName(4)).split())


def _outline(glyph: Any, scale: float) -> tuple[Any, int]:
    pen = TTGlyphPen(None)
    glyph.draw(TransformPen(Cu2QuPen(pen, 1.0, reverse_direction=True), (scale, 0, 0, scale, 0, 0)))
    return pen.glyph(), round(glyph.width * scale)


def _font_file(outlines: dict[str, tuple[Any, int]]) -> bytes:
    """A TrueType font of these outlines alone."""
    letters = sorted(outlines)
    names = {letter: f"u{ord(letter):05X}" for letter in letters}
    empty = TTGlyphPen(None).glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(letter): name for letter, name in names.items()})
    builder.setupGlyf({".notdef": empty, **{names[letter]: outlines[letter][0] for letter in letters}})
    builder.setupHorizontalMetrics(
        {".notdef": (1000, 0), **{names[letter]: (outlines[letter][1], 0) for letter in letters}}
    )
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Rare", "styleName": "Regular", "psName": "Rare-Regular"})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()
