"""The carrier, simulated: dialling a 400 number is translated to the base number of a line.

It does what the route tickets order: the line of the number's route and rules (region, share, hours, hunting), then,
where a line does not take the call, the next of the hunting and the lines it overflows to (`router.hunting`). The
original called number travels in the header that the line's trunk is configured to carry first, or in none. No clock
and no chance: the same calls in the same traffic give the same translations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr_flows.findings import Fault, Text
from router.book import RouteBook
from router.callers import canonical_caller
from router.hunting import Attempt, deliver, single
from router.lifecycle import line_refused, refusal
from router.model import HeaderName
from router.original_called import sip_name
from router.overlay import Overlay
from router.resolution import Inbound
from router.traffic import Traffic

from .beside import check_lines

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
    ``overflowed`` is the first choice where another line took the call. ``attempts`` are the lines tried, in order;
    ``seconds`` of ringing passed meanwhile. ``stopped_after`` is how often the call was passed on where that was as
    often as it may be and lines were left. ``turn`` is the hunting whose turn the call takes.
    """

    line: str | None
    base_number: str | None
    trunk: str | None
    original_called: str | None
    header: tuple[str, str] | None
    caller_shown: str | None
    refused: Refused | None = None
    overflowed: str | None = None
    attempts: tuple[Attempt, ...] = ()
    stopped_after: int | None = None
    turn: tuple[str, str] | None = None

    @property
    def seconds(self) -> float:
        """Seconds of ringing before the call was taken or refused."""
        return sum(attempt.seconds for attempt in self.attempts)


class Carrier:
    """A carrier with the lines of ``book``; it counts the channels in use in ``traffic``.

    ``transparent`` False is the carrier that did not open 号码透传: the caller arrives as the line's base number.

    Raises:
        UnknownLine: ``traffic`` names a line that the book does not have.
    """

    def __init__(self, book: RouteBook, *, transparent: bool = True, traffic: Traffic | None = None) -> None:
        self._book = book
        self._transparent = transparent
        self.traffic = Traffic() if traffic is None else traffic
        check_lines(self.traffic, book.lines)

    def translate(
        self, dialled: str, caller: str | None, at: float, call_id: str = "", overlay: Overlay | None = None
    ) -> Translation:
        """Where a call to ``dialled`` (a 400 number or a base number, any spelling) lands at the moment ``at``.

        It takes no channel; `occupy` does, when the call is really delivered.

        Raises:
            NumberError: ``dialled`` is no number at all.
        """
        book, traffic = self._book, self.traffic
        resolution = book.resolve(Inbound(dialled, caller, at, call_id=call_id, traffic=traffic), overlay)
        called_400 = resolution.number if resolution.called_by == "dialled" else None
        fault = resolution.fault
        if resolution.line is None or (called_400 is not None and fault is not None and resolution.reject is None):
            return self._refuse(fault or _no_line(dialled))
        # A base number dialled directly lands on its line whatever the router will say of it.
        wanted = resolution.hunted or single(book.lines[resolution.line])
        delivery = deliver(wanted, book.lines, book.trunks, traffic)
        stopped = wanted.max_forwards if delivery.stopped else None
        if delivery.line is None:
            assert delivery.reason is not None
            last = delivery.attempts[-1].line
            refused = self._refuse(line_refused(delivery.reason, last))
            return replace(refused, attempts=delivery.attempts, stopped_after=stopped)
        line = book.lines[delivery.line]
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
            attempts=delivery.attempts,
            turn=wanted.key,
        )

    def take(self, translation: Translation) -> None:
        """The translated call is delivered: it takes a channel of its line, and its turn in the hunting."""
        assert translation.line is not None, "a refused call takes no channel"
        self.occupy(translation.line)
        if translation.turn is not None:
            self.traffic.turns[translation.turn] += 1

    def occupy(self, line: str) -> None:
        """Take one channel of ``line`` (and of its trunk)."""
        self.traffic.lines[line] += 1
        self.traffic.trunks[self._book.lines[line].trunk] += 1

    def release(self, line: str) -> None:
        """Give one channel of ``line`` back.

        Raises:
            ValueError: none is in use.
        """
        if self.traffic.lines[line] <= 0:
            raise ValueError(f"no channel of line {line} is in use")
        self.traffic.lines[line] -= 1
        self.traffic.trunks[self._book.lines[line].trunk] -= 1

    def occupied(self, line: str) -> int:
        """How many channels of ``line`` are in use."""
        return self.traffic.lines[line]

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
    return sip_name(header), value


def _no_line(dialled: str) -> Fault:
    return Fault(
        "not_routed",
        "carrier",
        Text(
            f"{dialled} has no line; give its route a `line` in routes.yaml.",
            f"{dialled} 没有线路；请在 routes.yaml 中为其路由写 line。",
        ),
    )
