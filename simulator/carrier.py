"""The carrier, simulated: dialling a 400 number is translated to the base number of a line.

It does what the route tickets order: the line of the number's route and rules (region, share, hours), then, when
the line's channels are busy, the lines it overflows to. The original called number travels in the header that
the line's trunk is configured to carry first, or in none. No clock and no chance: the same calls give the same
translations.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ivr_flows.findings import Fault, Text
from router.book import RouteBook
from router.callers import canonical_caller
from router.lifecycle import refusal
from router.model import HeaderName, Line
from router.original_called import SIP_NAMES
from router.overlay import Overlay
from router.resolution import Inbound

DOMAIN = "carrier.invalid"
"""The host of the carrier's SIP addresses (RFC 2606: never a real one)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier does not deliver the call: the Q.850 cause, what the caller hears, and why."""

    cause: int
    tone: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Translation:
    """What the carrier does with a dialled number: delivers it on ``line``, or refuses it (``refused``; the rest is
    then None).

    ``original_called`` is the 400 number that ``header`` (name and value) carries, both None where the trunk carries
    none or a base number was dialled. ``caller_shown`` is the calling number that arrives, None when hidden.
    ``overflowed`` is the line whose channels were busy, None when the first choice took the call.
    """

    line: str | None
    base_number: str | None
    trunk: str | None
    original_called: str | None
    header: tuple[str, str] | None
    caller_shown: str | None
    refused: Refused | None = None
    overflowed: str | None = None


class Carrier:
    """A carrier with the lines of ``book``; it counts the channels in use.

    ``transparent`` False is the carrier that did not open 号码透传: the caller arrives as the line's base number.
    """

    def __init__(self, book: RouteBook, *, transparent: bool = True) -> None:
        self._book = book
        self._transparent = transparent
        self._lines: Counter[str] = Counter()
        self._trunks: Counter[str] = Counter()

    def translate(
        self, dialled: str, caller: str | None, at: float, call_id: str = "", overlay: Overlay | None = None
    ) -> Translation:
        """Where a call to ``dialled`` (a 400 number or a base number, any spelling) lands at the moment ``at``.

        It takes no channel; `occupy` does, when the call is really delivered.

        Raises:
            NumberError: ``dialled`` is no number at all.
        """
        resolution = self._book.resolve(Inbound(dialled, caller, at, call_id=call_id), overlay)
        called_400 = resolution.number if resolution.called_by == "dialled" else None
        fault = resolution.fault
        if resolution.line is None or (called_400 is not None and fault is not None and resolution.reject is None):
            return self._refuse(fault or _no_line(dialled))
        # A base number dialled directly lands on its line whatever the router will say of it.
        line = self._free(resolution.line)
        if line is None:
            return self._refuse(_busy(resolution.line))
        trunk = self._book.trunks[line.trunk]
        header: tuple[str, str] | None = None
        if called_400 is not None and trunk.original_called:
            header = original_called_header(trunk.original_called[0], called_400, line.base_number)
        shown = canonical_caller(caller) if caller else None
        return Translation(
            line=line.name,
            base_number=line.base_number,
            trunk=line.trunk,
            original_called=called_400 if header else None,
            header=header,
            caller_shown=shown if self._transparent else line.base_number,
            overflowed=resolution.line if line.name != resolution.line else None,
        )

    def occupy(self, line: str) -> None:
        """Take one channel of ``line`` (and of its trunk)."""
        self._lines[line] += 1
        self._trunks[self._book.lines[line].trunk] += 1

    def release(self, line: str) -> None:
        """Give one channel of ``line`` back.

        Raises:
            ValueError: none is in use.
        """
        if self._lines[line] <= 0:
            raise ValueError(f"no channel of line {line} is in use")
        self._lines[line] -= 1
        self._trunks[self._book.lines[line].trunk] -= 1

    def occupied(self, line: str) -> int:
        """How many channels of ``line`` are in use."""
        return self._lines[line]

    def _free(self, first: str) -> Line | None:
        for name in self._book.overflow_of(first):
            line = self._book.lines[name]
            limit = self._book.trunks[line.trunk].max_calls
            if self._lines[name] < line.channels and (limit is None or self._trunks[line.trunk] < limit):
                return line
        return None

    @staticmethod
    def _refuse(fault: Fault) -> Translation:
        cause, tone = refusal(fault.code)
        return Translation(None, None, None, None, None, None, Refused(cause, tone, fault))


def original_called_header(header: HeaderName, number: str, base_number: str) -> tuple[str, str]:
    """The SIP header that carries the dialled 400 ``number`` to the line with ``base_number``: name and value."""
    address = f"<sip:{number}@{DOMAIN}>"
    value = address
    if header == "history-info":  # RFC 7044 with RFC 8119: 380 marks the translation of a service number
        value = f"{address};index=1, <sip:{base_number}@{DOMAIN};cause=380>;index=1.1;mp=1"
    elif header == "diversion":  # RFC 5806
        value = f"{address};reason=unconditional;counter=1"
    return SIP_NAMES[header], value


def _busy(line: str) -> Fault:
    return Fault(
        "line_busy",
        "carrier",
        Text(
            f"All channels of line {line} and of the lines it overflows to are in use; order more channels, or give "
            "it an `overflow`.",
            f"线路 {line} 及其溢出线路的通道全忙；请增加 channels，或设置 overflow。",
        ),
    )


def _no_line(dialled: str) -> Fault:
    return Fault(
        "not_routed",
        "carrier",
        Text(
            f"{dialled} has no line; give its route a `line` in routes.yaml.",
            f"{dialled} 没有线路；请在 routes.yaml 中为其路由写 line。",
        ),
    )
