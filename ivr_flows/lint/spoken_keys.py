"""Which keys a prompt offers, read from its words as people write them in Chinese and English.

``请按1``, ``按一``, ``按井号键``, ``拨0``, ``按1或2``, ``按1到5``; ``press one``, ``press 1 or 2``, ``press one for
sales, or two for support``, ``press the pound key``.
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
_COUNTED = (
    r"[位個](?!置)|个(?!人|体|性)|元(?!旦|宵)|年(?!费|检|审|卡|金)|月(?!租|结|费|卡|嫂)|日(?!常|用)|天(?!气|津|然)|次(?!卡|日)"
    r"|秒|分(?!机|店|期|行|公司|类|部|销|享)|小时|小時|周(?!边|年|转)|[種种档]"
)
"""What makes a number an amount: ``按1个`` is no key. ``按1个人业务`` is one."""
_KEY_ZH = (
    rf"(?:井[号號字]?|星(?:[号號]|(?![期级座光球际]))|米字|[0-9]{{1,2}}(?![0-9]|{_COUNTED}|号(?!键)|號(?!鍵))|[*#]"
    rf"|十[一二]?(?!{_COUNTED}|足)|[零〇一二两三四五六七八九幺](?![下直般些样樣定切旦起律十百千]|{_COUNTED}))"
)
_QUOTED_ZH = rf"[“\"「'‘【（(]?\s*{_KEY_ZH}(?:键|鍵|字键|号键|號鍵)?\s*[”\"」'’】）)]?"
_ZH = re.compile(
    r"(?:按(?:下|一下)?|拨(?!打|号|通)|撥(?!打|號|通)|选(?:择)?|選(?:擇)?)\s*(?:数字|數字)?(?:键|鍵)?\s*[:：]?\s*"
    rf"(?P<keys>{_QUOTED_ZH}(?:\s*(?:、|或者?|和|及|/|至|到|-|—|~|～)\s*{_QUOTED_ZH})*)"
)
_ENDING_ZH = re.compile(rf"(?:以|用)\s*(?P<keys>{_QUOTED_ZH})\s*(?:键|鍵)?\s*(?:结束|結束|确认|確認|结尾)")
_KEY_EN = r"(?:zero|one|two|three|four|five|six|seven|eight|nine|pound|hash|star|asterisk|[0-9]{1,2}(?![0-9])|[*#])"
_QUOTED_EN = (
    rf"(?:the\s+)?(?:(?:number|digit|key|button|option)\s+)?['\"“]?{_KEY_EN}(?![a-z])['\"”]?(?:\s+(?:key|sign))?"
)
_EN = re.compile(
    rf"\b(?:press|dial|push|hit|select|choose)(?:\s+or\s+say)?\s+(?P<keys>{_QUOTED_EN}"
    rf"(?:(?:\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+|\s+through\s+|\s+to\s+|\s*-\s*|/){_QUOTED_EN})*)",
    re.IGNORECASE,
)
_MORE_EN = re.compile(rf"(?:[,;]|\bor\b|\band\b)\s+(?P<keys>{_QUOTED_EN})\s+(?:for|to)\b", re.IGNORECASE)
"""``or two for messages``: a further key of a sentence that said ``press``."""
_SENTENCE = re.compile(r"[.!?。！？]")
_ENDING_EN = re.compile(rf"\b(?:followed\s+by|(?:end|finish)(?:ing)?\s+with)\s+(?P<keys>{_QUOTED_EN})", re.IGNORECASE)
_ONE = re.compile(rf"{_KEY_ZH}|\b{_KEY_EN}(?![a-z])|[*#]", re.IGNORECASE)
_ALONE = re.compile(
    rf"(?<![0-9A-Za-z.:：第-]){_KEY_ZH}(?![0-9点點时時楼樓层層%]|[.:：-][0-9])|\b{_KEY_EN}(?![a-z])|[*#]", re.IGNORECASE
)
_RANGE = re.compile(r"至|到|-|—|~|～|\bthrough\b|\bto\b", re.IGNORECASE)


class Offered(NamedTuple):
    """A key that a text offers, and where in the text its mention ends."""

    key: str
    end: int


@lru_cache(maxsize=8192)
def offered_keys(text: str) -> tuple[Offered, ...]:
    """The keys that ``text`` offers, in the order of its words."""
    found = _found(text, (_ZH, _EN))
    more = []
    for offered in found:
        end = _SENTENCE.search(text, offered.end)
        for match in _MORE_EN.finditer(text, offered.end, end.start() if end else len(text)):
            more.extend(_keys_of(match["keys"], match.start("keys")))
    return tuple(
        sorted({offered.key: offered for offered in (*more, *found)}.values(), key=lambda offered: offered.end)
    )


@lru_cache(maxsize=8192)
def mentioned_keys(text: str) -> frozenset[str]:
    """Every key that ``text`` may be about: those that it offers, and those that stand in it in any other way, as in
    ``请选择：1、销售，2、售后``."""
    wide = text.translate(_WIDE)
    alone = {_WORDS.get(match[0].lower(), match[0]) for match in _ALONE.finditer(wide)}
    return frozenset(alone) | {offered.key for offered in offered_keys(text)}


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
