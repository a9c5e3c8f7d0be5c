"""Which keys a prompt offers, read from its words as people write them in Chinese and English.

``请按1``, ``按一``, ``按井号键``, ``拨0``, ``按1或2``, ``按1到5``; ``press one``, ``press 1 or 2``, ``press the
pound key``.
Not keys: ``按时``, ``拨打12345``, ``请输入8位``, ``press any key``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_WORDS = {key: key for key in "0123456789*#"}
_WORDS.update(zip("零一二三四五六七八九", "0123456789", strict=True))
_WORDS.update({"〇": "0", "幺": "1", "两": "2", "十": "10", "十一": "11", "十二": "12"})
_WORDS.update({"井号": "#", "井字": "#", "井號": "#", "井": "#"})
_WORDS.update({"星号": "*", "星號": "*", "米字": "*", "星": "*"})
_WORDS.update({"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"})
_WORDS.update({"eight": "8", "nine": "9", "pound": "#", "hash": "#", "star": "*", "asterisk": "*"})
_WIDE = str.maketrans("０１２３４５６７８９＊＃", "0123456789*#")
_KEY_ZH = (
    r"(?:井[号號字]?|星[号號]|米字|[0-9]{1,2}(?![0-9位个元年月日天次秒分]|号(?!键)|號(?!鍵))|[*#]|十[一二]?"
    r"|[零〇一二两三四五六七八九幺](?![下次位个直般些样定切旦十百千]))"
)
_QUOTED_ZH = rf"[“\"「'‘【（(]?\s*{_KEY_ZH}(?:键|鍵|字键|号键|號鍵)?\s*[”\"」'’】）)]?"
_ZH = re.compile(
    r"(?:按(?:下|一下)?|拨(?!打|号|通)|撥(?!打|號|通)|选(?:择)?|選(?:擇)?)\s*(?:数字|數字)?(?:键|鍵)?\s*"
    rf"(?P<keys>{_QUOTED_ZH}(?:\s*(?:、|或者?|和|及|/|至|到|-|—|~|～)\s*{_QUOTED_ZH})*)"
)
_ENDING_ZH = re.compile(rf"(?:以|用)\s*(?P<keys>{_QUOTED_ZH})\s*(?:键|鍵)?\s*(?:结束|結束|确认|確認|结尾)")
_KEY_EN = r"(?:zero|one|two|three|four|five|six|seven|eight|nine|pound|hash|star|asterisk|[0-9]{1,2}(?![0-9])|[*#])"
_QUOTED_EN = rf"(?:the\s+)?(?:number\s+|digit\s+)?['\"“]?{_KEY_EN}(?![a-z])['\"”]?(?:\s+(?:key|sign))?"
_EN = re.compile(
    rf"\b(?:press|dial|push|hit|select)\s+(?P<keys>{_QUOTED_EN}"
    rf"(?:(?:\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+|\s+through\s+|\s+to\s+|\s*-\s*|/){_QUOTED_EN})*)",
    re.IGNORECASE,
)
_ENDING_EN = re.compile(rf"\b(?:followed\s+by|(?:end|finish)(?:ing)?\s+with)\s+(?P<keys>{_QUOTED_EN})", re.IGNORECASE)
_ONE = re.compile(rf"{_KEY_ZH}|\b{_KEY_EN}(?![a-z])|[*#]", re.IGNORECASE)
_RANGE = re.compile(r"至|到|-|—|~|～|\bthrough\b|\bto\b", re.IGNORECASE)


class Offered(NamedTuple):
    """A key that a text offers, and where in the text its mention ends."""

    key: str
    end: int


@lru_cache(maxsize=8192)
def offered_keys(text: str) -> tuple[Offered, ...]:
    """The keys that ``text`` offers, in the order of its words."""
    return _found(text, (_ZH, _EN))


@lru_cache(maxsize=2048)
def ending_keys(text: str) -> tuple[Offered, ...]:
    """The keys with which ``text`` says that an entry ends: ``以井号键结束``, ``followed by the pound key``."""
    return _found(text, (_ENDING_ZH, _ENDING_EN, _PRESSED_TO_END))


_PRESSED_TO_END = re.compile(
    rf"按\s*(?P<keys>{_QUOTED_ZH})\s*(?:键|鍵)?\s*(?:结束|結束|确认|確認)|"
    rf"\bpress\s+(?P<more>{_QUOTED_EN})\s+(?:to\s+(?:finish|end|confirm)|when\s+(?:done|finished))",
    re.IGNORECASE,
)


def _found(text: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[Offered, ...]:
    text = text.translate(_WIDE)
    found: dict[str, Offered] = {}
    for pattern in patterns:
        for match in pattern.finditer(text):
            keys = next(part for part in (match.groupdict().get("keys"), match.groupdict().get("more")) if part)
            start = match.start("keys") if match.groupdict().get("keys") else match.start("more")
            for offered in _keys_of(keys, start):
                found.setdefault(offered.key, offered)
    return tuple(sorted(found.values(), key=lambda offered: offered.end))


def _keys_of(text: str, start: int) -> list[Offered]:
    """The keys of a mention, a range written out."""
    found: list[Offered] = []
    last_end = 0
    for match in _ONE.finditer(text):
        key = _WORDS.get(match[0].lower(), match[0])
        between = text[last_end : match.start()]
        if found and _RANGE.search(between) and found[-1].key.isdigit() and key.isdigit():
            first, last = int(found[-1].key), int(key)
            found.extend(Offered(str(digit), start + match.end()) for digit in range(first + 1, last))
        found.append(Offered(key, start + match.end()))
        last_end = match.end()
    return found
