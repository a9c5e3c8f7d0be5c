"""The guard of outgoing legs: a 400 number is inbound only, and no leg may show one (domain_400 §2).

The dialplan has regular expressions and a filter of bytes, not `router.number400.presents_400`. What it refuses is
more: every text in which that function sees a 400 number, besides numbers that only look so (a landline with an
extension whose digits end like one, a foreign number that ends like one, digits of other scripts, percent escapes).
`refuses` is the same judgement in Python, from the same expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...model import Line, Trunk
from ...numbering import IP_CALL_PREFIXES
from ...switch_calls import OUTBOUND_400
from .names import GUARD, REFUSED, REFUSED_EVENT, leaves_by, leg_guard, leg_target
from .quoting import word

SHOWN = "LINE400_SHOWN"
"""The variable whose text ``s`` of the guard judges."""
TARGET_RINGS = 60
LEG_SHOWS = (
    "CONNECTEDLINE(num)",
    "CONNECTEDLINE(name)",
    "CONNECTEDLINE(priv-num)",
    "CONNECTEDLINE(priv-name)",
    "REDIRECTING(from-num)",
    "REDIRECTING(from-name)",
    "REDIRECTING(orig-num)",
    "REDIRECTING(orig-name)",
)
"""What an outgoing channel shows the far side. Its own ``CALLERID`` is the number dialled: a 400 number may be that."""
PHONE_SHOWS = ("From", "P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "Diversion")
EACH_HEADER = 3
"""Headers of one name that are looked at in an INVITE of a telephone."""

# Bytes, as FILTER takes them. Of what is not ASCII, digits are known in full-width forms alone; ideographs (lead bytes
# E4 to E9) and other full-width forms (EF) are no digits; anything else might be.
_OTHER_SCRIPTS = r"\xc0-\xe3\xea-\xee\xf0-\xff"
_FULL_WIDTH = r"\xef"
_WORDS = r"0-9A-Za-z\x22\x23\x25\x2a\x2b\x2c\x3a\x3b\x3c\x3d\x3e\x3f\x40"
_NUMBERS = r"0-9\x22\x2c\x3a\x3b\x3c\x3d\x3e\x40"
_LEADING = "一刀怀爀耀退Ｘ"
"""Their bytes hold all those with which ideographs and full-width forms begin; REPLACE goes byte by byte."""
_PREFIX = f"9?({'|'.join(IP_CALL_PREFIXES)})?(00)?(86)?0?"
_EXPRESSION = f"(^|[^0-9]){_PREFIX}400[0-9][0-9][0-9][0-9][0-9][0-9]([0-9]?[0-9]?[0-9]?)([^0-9]|$)"
_WHOLE = (_EXPRESSION, "400[0-9][0-9][0-9][0-9][0-9][0-9][0-9]([^0-9]|$)")
_ALL_OF_IT = f"^{_PREFIX}400[0-9][0-9][0-9][0-9][0-9][0-9][0-9]?[0-9]?[0-9]?$"
_GAP = "[^0-9A-Za-z@<>:]*"
_WIDE_GAP = "[^0-9A-Za-z]*"
_ADDRESS = "[0-9][.][0-9]+[.][0-9]+[.][0-9]"
_SPREAD = _GAP.join(["4", "0", "0", *7 * ["[0-9]"]]) + "([^0-9]|$)"
"""Digits with anything but letters and the signs of an address between them; behind them anything but a digit."""
_SPREAD_WIDE = _WIDE_GAP.join(["4", "0", "0", *7 * ["[0-9]"]]) + "([^0-9]|$)"
"""The same with the signs of an address too, for texts without an IP address: its digits would be taken for more."""


def refuses(text: str) -> bool:
    """Whether the generated guard refuses ``text``."""
    data = text.encode()
    if _kept(_OTHER_SCRIPTS, data) or b"%" in data:
        return True
    for digit in range(10):
        data = data.replace(chr(0xFF10 + digit).encode(), str(digit).encode())
    if not re.search(_ADDRESS, data.decode()) and re.search(_SPREAD_WIDE, data.decode()):
        return True
    if re.search(_SPREAD, data.decode()) or re.search(_ALL_OF_IT.encode(), _kept("0-9", data)):
        return True
    marked = re.sub(f"[{_LEADING}]".encode(), b"x", data)
    kept = (_kept(_WORDS, data), _kept(_NUMBERS, data), _kept(_WORDS, marked))
    return any(re.search(expression.encode(), part) for part in kept for expression in _WHOLE)


def _kept(allowed: str, data: bytes) -> bytes:
    return b"".join(re.findall(f"[{allowed}]".encode(), data))


def contexts() -> dict[str, list[tuple[str, list[str]]]]:
    """The contexts of the guard: name → its extensions with their steps.

    ``s`` is a subroutine that judges `SHOWN`, the text of a header, a number or a name; ``leg`` is run on an outgoing
    leg before it is dialled, and judges what that leg is about to show.
    """
    widths = [f"Set(LOCAL(shown)=${{STRREPLACE(shown,{chr(0xFF10 + digit)},{digit})}})" for digit in range(10)]
    # Bytes that are no whole characters never become the value of a variable: events that tell of it would be broken.
    words, numbers = f"${{FILTER({_WORDS},${{shown}})}}", f"${{FILTER({_NUMBERS},${{shown}})}}"
    judge = [
        f"Set(LOCAL(shown)=${{{SHOWN}}})",
        f"GotoIf($[${{LEN(${{FILTER({_OTHER_SCRIPTS}\\x25,${{shown}})}})}} > 0]?deny)",
        f"GotoIf($[${{LEN(${{FILTER({_FULL_WIDTH},${{shown}})}})}} = 0]?narrow)",
        *widths,
        "narrow: NoOp()",
        *(
            f'GotoIf($[${{REGEX("{expression}" {kept})}} = 1]?deny)'
            for kept, expressions in (
                (f"${{FILTER({_WORDS},${{REPLACE(shown,{_LEADING},x)}})}}", _WHOLE),
                (words, _WHOLE),
                (numbers, _WHOLE),
                ("${shown}", (_SPREAD,)),
                ("${FILTER(0-9,${shown})}", (_ALL_OF_IT,)),
            )
            for expression in expressions
        ),
    ]
    judge += [
        f'GotoIf($[${{REGEX("{_ADDRESS}" ${{shown}})}} = 1]?pass)',
        f'GotoIf($[${{REGEX("{_SPREAD_WIDE}" ${{shown}})}} = 1]?deny)',
    ]
    judge += ["pass: Return()", f"deny: Goto({REFUSED},s,1)"]
    leg = [
        *(step for shown in LEG_SHOWS for step in (f"Set({SHOWN}=${{{shown}}})", f"Gosub({GUARD},s,1)")),
        # Where a trunk passes callers on, its endpoint shows the base number until here: only a judged leg shows more.
        "Set(CONNECTEDLINE(priv-num-valid,i)=no)",
        "Set(CONNECTEDLINE(priv-name-valid,i)=no)",
    ]
    presented = f"${{FILTER({_TOLD},${{{SHOWN}}})}}"
    told = f"Code: {OUTBOUND_400},Where: dial,Source: ${{CHANNEL}},Presented: {presented}"
    # A router that runs hears of it at once; one that does not reads it in the call record of the switch.
    refused = [f"UserEvent({REFUSED_EVENT},{told})", f"Set(CDR(userfield)={OUTBOUND_400} {presented})", "Hangup(21)"]
    return {GUARD: [("s", judge), ("leg", [*leg, "Return()"])], REFUSED: [("s", refused)]}


_TOLD = r"0-9A-Za-z\x20\x2b\x2d\x2e\x3a\x40"


def ways_out(lines: Mapping[str, Line], trunks: Mapping[str, Trunk]) -> dict[str, list[str]]:
    """Context → steps of its one extension, for a call out of each line: the guard, the base number, the leg."""
    found: dict[str, list[str]] = {}
    for line in lines.values():
        trunk = trunks.get(line.trunk) or Trunk(line.trunk)
        found[leaves_by(line.name)] = [
            *(step for shown in ("num", "name", "ANI-num") for step in _judged(f"CALLERID({shown})")),
            *(step for shown in ("from-num", "from-name") for step in _judged(f"REDIRECTING({shown})")),
            f"Set(CALLERID(num)={word(line.base_number)})",
            *cleared(),
            f"Dial({leg_target('${FILTER(0-9*#,${EXTEN})}', line, trunk)},{TARGET_RINGS},{leg_guard()})",
            "Hangup()",
        ]
    return found


HOME = (
    # Mobile, landline, 400 and 800, then short numbers: emergency, carriers, banks, city services, 95 and 12345.
    *("1[3-9]XXXXXXXXX", "0[1-9]XXXXXXX.", "[48]00XXXXXXX", "86[1-9]XXXXXXXX.", "+86[1-9]XXXXXXXX."),
    *("11[0-9]", "12[0-9]", "12XXX", "100XX", "100XXX", "101XX", "95XXX", "95XXXX", "95XXXXX", "95XXXXXX"),
    *("[2-8]XXXXXX", "[2-8]XXXXXXX"),
)
"""Patterns of the numbers that telephones may call without being asked: those at home, at usual prices."""
DIAL = {
    "international": ("00[1-9]X.", "+[1-9]X."),
    "premium": ("16[0-9]X.", "96XXX.", "9[0-4]X.", "17[0-9]XX.", "12593.", "10193.", "11808.", "1[0-2]X."),
}
"""The kinds that a setting may add. Premium: information services, IP-call prefixes and the like, and by such a prefix
anything at all."""


def telephones(lines: Mapping[str, Line], dial: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Extensions of the context of agents' telephones: the guard over what they show, then out by the first line; 403
    for a number that they may not call. ``dial`` are kinds of `DIAL`."""
    line = next(iter(lines.values()), None)
    judged = _judged("CALLERID(num)") + _judged("CALLERID(name)")
    judged.append('GotoIf($["${CHANNEL(channeltype)}" != "PJSIP"]?judged)')
    for header in PHONE_SHOWS:
        for place in range(1, EACH_HEADER + 1):
            judged += _judged(f"PJSIP_HEADER(read,{header},{place})")
    # Judged and found innocent; the telephone's own name and number go no further.
    go = "Hangup(21)" if line is None else f"Goto({leaves_by(line.name)},${{EXTEN}},1)"
    judged.append("judged: NoOp()")
    allowed = [*judged, *([f"Set(CALLERID(num)={word(line.base_number)})"] if line else []), *cleared(), go]
    patterns = [*HOME, *(pattern for kind in dial for pattern in DIAL[kind])]
    found = [(f"_{pattern}", allowed) for pattern in dict.fromkeys(patterns)]
    return [*found, ("_[+0-9].", [*judged, "Set(CDR(userfield)=not_allowed)", "Hangup(21)"])]


def _judged(shown: str) -> list[str]:
    return [f"Set({SHOWN}=${{{shown}}})", f"Gosub({GUARD},s,1)"]


def cleared() -> list[str]:
    """Steps that take from a channel what its legs would show besides the number."""
    return [
        "Set(CALLERID(name)=)",
        "Set(CALLERID(ANI-num)=)",
        "Set(REDIRECTING(from-num,i)=)",
        "Set(REDIRECTING(from-name,i)=)",
    ]
