"""The route book: an immutable snapshot of one revision that says where a call goes, and why.

`RouteBook.resolve` is pure and deterministic, and costs the same with six numbers as with a million: numbers are
keys of one dictionary, and what they have in common (line, flow, rules, dates) exists once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ivr_flows.environment import Instance
from ivr_flows.findings import Fault, Text

from . import lifecycle
from .book_entry import Entry, Plan, read_entries
from .calendars import Calendar, compile_calendar
from .callers import canonical_caller, valid_number
from .caps import judge_caps
from .entry_flows import EntryKey, entered_flows
from .flow_environment import BookError, FlowEnvironment, compile_flows
from .hunting import hunted
from .landing import Landing, Landings, overflow_chain
from .model import Configuration, LifeState, Line, QueueSpec, Route, Settings, Trunk
from .number400 import Number400, NumberError
from .overlay import EMPTY, Overlay
from .resolution import Inbound, Resolution, TraceStep
from .route_options import Hunt
from .rules import CallFacts, CompiledRule

if TYPE_CHECKING:
    from ivr_flows import Flow

DEFAULT_QUEUE = "default"
GENERAL_BOX = "general"
GENERAL_BOX_SECONDS = 120.0

_DEFAULT_STEP = TraceStep("default", True, "default")
_DEFAULT_TRACE = (_DEFAULT_STEP,)
_LONGEST_HEADER = 200


class RouteBook:
    """One revision, compiled. Made by `compile`; nothing changes it afterwards."""

    settings: Settings
    zone: ZoneInfo
    revision: str
    lines: Mapping[str, Line]
    trunks: Mapping[str, Trunk]
    queues: Mapping[str, QueueSpec]
    boxes: Mapping[str, float]
    calendars: Mapping[str, Calendar]
    lists: Mapping[str, tuple[str, ...]]
    environment: FlowEnvironment

    def __init__(self, configuration: Configuration, revision: str, states: Mapping[str, LifeState]) -> None:
        self.settings = configuration.settings
        self.zone = ZoneInfo(configuration.settings.timezone)
        self.revision = revision
        self.lines = dict(configuration.lines)
        self.trunks = {line.trunk: Trunk(line.trunk) for line in self.lines.values()} | dict(configuration.trunks)
        self.queues = {DEFAULT_QUEUE: QueueSpec(DEFAULT_QUEUE)} | dict(configuration.queues)
        self.boxes = {GENERAL_BOX: GENERAL_BOX_SECONDS} | dict(configuration.boxes)
        self.calendars = {name: compile_calendar(spec, self.zone) for name, spec in configuration.calendars.items()}
        self.lists = configuration.lists
        self.environment = FlowEnvironment(
            calendars={name: calendar.state for name, calendar in self.calendars.items()},
            queues=frozenset(self.queues),
            boxes=self.boxes,
            lines=frozenset(self.lines),
            flows=frozenset(configuration.flow_sources),
            zone=self.zone,
        )
        landings = Landings(self.lines)
        try:
            entries = read_entries(configuration, states, self.calendars, self.zone, landings)
        except KeyError as error:
            name = str(error.args[0])
            raise BookError(
                Text(f"A route names `{name}`, which is not defined.", f"路由引用了未定义的 `{name}`。"),
                Text("Run line400 check: it shows the place.", "运行 line400 check 查看具体位置。"),
            ) from None
        self._entries = entries.routing
        self._owners = entries.owners
        self._capped = tuple(entries.capped)
        self._handled = tuple(entries.handled)
        self._entered: Mapping[EntryKey, Flow] = {}
        self._landings: Mapping[str, Landing] = landings.settle()
        self._chains = {name: overflow_chain(self.lines, name) for name in self.lines}
        by_base: dict[str, tuple[Line, ...]] = {}
        for line in self.lines.values():
            by_base[line.base_number] = (*by_base.get(line.base_number, ()), line)
        self._by_base = by_base
        self._flows: Mapping[str, Flow] = {}

    @classmethod
    def compile(
        cls, configuration: Configuration, revision: str = "", states: Mapping[str, LifeState] | None = None
    ) -> RouteBook:
        """The book of a checked configuration. ``states`` are life states from the store; they win over the seeds in
        the files.

        Raises:
            BookError: a flow does not load, or a route names something that is not defined. ``check`` reports
                either with its place before.
        """
        book = cls(configuration, revision, states or {})
        book._flows = compile_flows(configuration, book.environment)
        book._entered = entered_flows(book._handled, book.environment.definitions, book.environment)
        return book

    # -- what a number is -------------------------------------------------------------------------------------

    def numbers(self) -> Iterator[str]:
        """Every configured 400 number, in the order of the configuration."""
        return iter(self._entries)

    def __contains__(self, number: str) -> bool:
        return number in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def route(self, number: str) -> Route | None:
        """The route of ``number``; None for a number that is not configured."""
        entry = self._entries.get(number)
        return None if entry is None else entry.plan.as_route(number)

    def binding_of(self, number: str) -> tuple[str | None, str | None, int]:
        """Line and flow of the default route of ``number``, and how many rules stand before it."""
        entry = self._entries.get(number)
        return (None, None, 0) if entry is None else (entry.plan.line, entry.plan.flow, len(entry.plan.source))

    def overflow_of(self, line: str) -> tuple[str, ...]:
        """``line`` and the lines that the carrier tries after it, in order."""
        return self._chains[line]

    def capped_by_month(self) -> tuple[str, ...]:
        """The numbers with a cap on calls per month."""
        return self._capped

    def service_window_of(self, number: str) -> tuple[float, float]:
        """The moments (first inclusive, last exclusive) between which ``number`` is in service while it is bound.

        Raises:
            KeyError: the number is not configured.
        """
        return self._entries[number].window

    def company_of(self, number: str | None) -> str:
        """The company that uses ``number``; the configuration's own where none is given."""
        owner = self._owners.get(number) if number else None
        return (owner.company if owner else "") or self.settings.company

    def instance_of(self, number: str | None) -> Instance:
        """The call centre that ``number`` belongs to; one without a name, with queue ``default``, where none."""
        owner = self._owners.get(number) if number else None
        return owner.instance if owner else Instance()

    def state_of(self, number: str, overlay: Overlay = EMPTY) -> LifeState | None:
        """The life state of ``number``; None for a number that is not configured."""
        entry = self._entries.get(number)
        return None if entry is None else overlay.state(number) or entry.state

    def connectable(self, number: str, at: float, overlay: Overlay = EMPTY) -> Fault | None:
        """Why a call to ``number`` at ``at`` is not connected; None when it is."""
        entry = self._entries.get(number)
        return lifecycle.unknown_number(number) if entry is None else self._judge(number, entry, at, overlay)

    def flow(self, name: str) -> Flow:
        """The compiled flow ``name``.

        Raises:
            KeyError: there is none of that name.
        """
        return self._flows[name]

    def flow_of(self, resolution: Resolution) -> Flow:
        """The compiled flow that a call with ``resolution`` enters, with the PIN before it, or the leg in its place.

        Raises:
            KeyError: the call enters no flow.
        """
        handling, flow = resolution.handling, resolution.flow
        if handling is None or (handling.pin is None and handling.forward is None):
            return self._flows[flow or ""]
        return self._entered[handling.pin, handling.forward, flow]

    def entered_flows(self) -> Iterator[Flow]:
        """The compiled flows that begin with a PIN or stand for a forwarding."""
        return iter(self._entered.values())

    # -- where a call goes ------------------------------------------------------------------------------------

    def resolve(self, inbound: Inbound, overlay: Overlay | None = None) -> Resolution:
        """Where the call goes, and why.

        Raises:
            NumberError: ``dialled`` is neither a 400 number nor any other number. A valid number that is not
                configured is a resolution with the fault ``unknown_number``.
        """
        dialled = inbound.dialled
        entry = self._entries.get(dialled)
        if entry is not None:
            if entry.first <= inbound.at < entry.last and (overlay is None or overlay.quiet):
                plan = entry.plan
                return Resolution(
                    dialled,
                    plan.line,
                    plan.base_number,
                    plan.flow,
                    "default",
                    "dialled",
                    None,
                    None,
                    None,
                    None,
                    None,
                    False,
                    _DEFAULT_TRACE,
                )
            return self._decide(dialled, entry, None, "dialled", inbound, overlay or EMPTY, [])
        lines = self._by_base.get(dialled)
        if lines is None:
            digits, lines = self._read(dialled)
            if lines is None:
                entry = self._entries.get(digits)
                if entry is None:
                    return _nowhere(digits, lifecycle.unknown_number(digits))
                return self._decide(digits, entry, None, "dialled", inbound, overlay or EMPTY, [])
        return self._resolve_base(_line_of_trunk(lines, inbound.trunk), inbound, overlay or EMPTY)

    def _read(self, dialled: str) -> tuple[str, tuple[Line, ...] | None]:
        """The canonical digits of what was dialled, and the lines if that is a base number."""
        try:
            return Number400.parse(dialled).digits, None
        except NumberError as error:
            refused = error
        digits = valid_number(dialled) or canonical_caller(dialled) or ""
        lines = self._by_base.get(digits)
        if lines is None and valid_number(dialled) is None:
            raise refused
        return digits, lines

    def _judge(self, number: str, entry: Entry, at: float, overlay: Overlay) -> Fault | None:
        state = overlay.state(number, at) or entry.state
        window = (entry.window[0], inf) if overlay.knows_end_of(number) else entry.window
        fault = lifecycle.judge(number, state, window, at, self.zone)
        if fault is not None:
            return fault
        if entry.plan.line is None:
            return lifecycle.not_routed(number)
        return lifecycle.unbound(number) if entry.plan.flow is None else None

    def _decide(
        self,
        number: str,
        entry: Entry,
        arrived: Line | None,
        called_by: str,
        inbound: Inbound,
        overlay: Overlay,
        trace: list[TraceStep],
    ) -> Resolution:
        """Where a call to a known number goes. ``arrived`` is the line it came in on, None when the 400 number itself
        was dialled: then the line is the carrier's choice, by the same rules."""
        plan = entry.plan
        line = arrived.name if arrived else plan.line
        base = arrived.base_number if arrived else plan.base_number
        fault = self._judge(number, entry, inbound.at, overlay)
        if fault is not None:
            trace.append(TraceStep("state", True, fault.code, (number,)))
            result = Resolution(number, line, base, None, None, called_by, fault=fault, trace=tuple(trace))
            if fault.code == "suspended":
                result.reject, result.announce = "blocked", lifecycle.SUSPENDED_ANNOUNCEMENT
            return result
        call = CallFacts(number, inbound.caller, base, inbound.at, inbound.call_id, self.zone, inbound.draw)
        if not overlay.quiet:
            blocked = _block_step(call, overlay, self.zone)
            if blocked is not None:
                steps = (blocked, *trace)
                return Resolution(number, line, base, None, None, called_by, reject="blocked", trace=steps)
        result = Resolution(number, line, base, plan.flow, "default", called_by)
        wanted, hunt = self._apply_rules(plan, call, result, trace)
        if arrived is None:
            if hunt is not None:
                wanted = self._hunt(hunt, number, result, inbound, trace)
            result.line = wanted
            result.base_number = None if wanted is None else self.lines[wanted].base_number
        elif wanted is not None and not self._lands(arrived.name, hunt.lines if hunt else (wanted,)):
            result.line_mismatch = wanted
            trace.append(TraceStep("line", False, "line_mismatch", (arrived.name, wanted)))
        if plan.caps is not None and inbound.traffic is not None and result.enters:
            judge_caps(plan.caps, call, inbound.traffic, result, trace)
        self._announce(result, inbound.at, overlay, trace)
        result.trace = tuple(trace)
        return result

    def _hunt(self, hunt: Hunt, number: str, result: Resolution, inbound: Inbound, trace: list[TraceStep]) -> str:
        """The line with which the carrier begins to hunt."""
        rule = result.rule or "default"
        if inbound.draw is not None:
            hunt = replace(hunt, strategy="sequential")  # what may happen: no chance but that of shares is drawn
        found = hunted(hunt, number, rule, inbound.call_id, self.lines, inbound.traffic)
        result.hunted = found
        trace.append(TraceStep("hunt", True, "hunt", (hunt.strategy, ", ".join(found.lines))))
        return found.lines[0]

    def _lands(self, line: str, wanted: tuple[str, ...]) -> bool:
        """Whether a call for the lines ``wanted`` may arrive on ``line``."""
        return any(line in self._chains[name] for name in wanted)

    def _apply_rules(
        self, plan: Plan, call: CallFacts, result: Resolution, trace: list[TraceStep]
    ) -> tuple[str | None, Hunt | None]:
        """Let the first rule that matches decide; the line that the carrier should have chosen, or the hunting."""
        for rule in plan.rules:
            for check in rule.checks:
                failure = check(call)
                if failure is not None:
                    trace.append(failure)
                    break
            else:
                return self._take(rule, plan, call, result, trace)
        trace.append(_DEFAULT_STEP)
        result.handling = plan.handling
        return plan.line, plan.hunt

    @staticmethod
    def _take(
        rule: CompiledRule, plan: Plan, call: CallFacts, result: Resolution, trace: list[TraceStep]
    ) -> tuple[str | None, Hunt | None]:
        result.rule = rule.name
        result.announce = rule.announce
        result.flow, step = rule.outcome(call, plan.flow)
        if rule.reject is not None:
            result.reject, result.flow = rule.reject, None
        else:
            result.handling = rule.handling
        trace.append(step)
        return (rule.line, rule.hunt) if rule.line else (plan.line, plan.hunt)

    def _announce(self, result: Resolution, at: float, overlay: Overlay, trace: list[TraceStep]) -> None:
        if overlay.quiet or not result.enters:
            return
        announcement = overlay.announcement(result.number, at)
        if announcement is not None:
            result.emergency = announcement.text
            result.end_after_emergency = announcement.end_call
            until = self.environment.local_time(announcement.until).isoformat(timespec="seconds")
            details = (announcement.text, announcement.author or "-", until)
            trace.insert(0, TraceStep("announcement", True, "announcement", details))

    # -- calls that arrive on a base number ---------------------------------------------------------------------

    def _resolve_base(self, line: Line, inbound: Inbound, overlay: Overlay) -> Resolution:
        trace: list[TraceStep] = []
        number = self._from_header(line, inbound, trace)
        if number is not None:
            return self._decide(number, self._entries[number], line, "header", inbound, overlay, trace)
        landing = self._landings[line.name]
        if landing.number is not None:
            entry = self._entries[landing.number]
            return self._decide(landing.number, entry, line, "only_number", inbound, overlay, trace)
        if line.default_number is not None:
            entry_or_none = self._entries.get(line.default_number)
            if entry_or_none is not None:
                return self._decide(line.default_number, entry_or_none, line, "line_default", inbound, overlay, trace)
            trace.append(TraceStep("line", False, "default_number_unknown", (line.default_number,)))
        return self._without_number(line, landing, inbound, overlay, trace)

    def _from_header(self, line: Line, inbound: Inbound, trace: list[TraceStep]) -> str | None:
        """The configured 400 number that the original-called header names; only the line's own trunk is believed,
        and a trunk of None is the simulator's."""
        text = inbound.original_called
        if not text:
            return None
        if inbound.trunk is not None and inbound.trunk != line.trunk:
            details = (inbound.trunk, line.name, line.trunk)
            trace.append(TraceStep("header", False, "header_untrusted", details))
            return None
        if text in self._entries:
            return text
        try:
            number = Number400.parse(text[:_LONGEST_HEADER]).digits
        except NumberError:
            trace.append(TraceStep("header", False, "header_unreadable", (text[:_LONGEST_HEADER],)))
            return None
        if number in self._entries:
            return number
        trace.append(TraceStep("header", False, "header_unknown_number", (number,)))
        return None

    def _without_number(
        self, line: Line, landing: Landing, inbound: Inbound, overlay: Overlay, trace: list[TraceStep]
    ) -> Resolution:
        """A call whose 400 number nobody can tell: the flow that all numbers of the line share, else a fault."""
        if landing.empty:
            fault = lifecycle.line_without_number(line.name)
            trace.append(TraceStep("state", True, "line_without_number", (line.name,)))
        elif landing.mixed or landing.flow is None:
            fault = lifecycle.ambiguous_number(line.name)
            trace.append(TraceStep("state", True, "ambiguous_number", (line.name,)))
        else:
            call = CallFacts("", inbound.caller, line.base_number, inbound.at, inbound.call_id, self.zone)
            blocked = None if overlay.quiet else _block_step(call, overlay, self.zone)
            if blocked is not None:
                steps = (blocked, *trace)
                return Resolution(None, line.name, line.base_number, None, None, None, reject="blocked", trace=steps)
            result = Resolution(None, line.name, line.base_number, landing.flow, "default", None)
            trace.append(TraceStep("default", True, "shared_same_flow", (line.name, landing.flow)))
            self._announce(result, inbound.at, overlay, trace)
            result.trace = tuple(trace)
            return result
        return Resolution(None, line.name, line.base_number, None, None, None, fault=fault, trace=tuple(trace))


def _nowhere(number: str, fault: Fault) -> Resolution:
    trace = (TraceStep("state", True, fault.code, (number,)),)
    return Resolution(None, None, None, None, None, None, fault=fault, trace=trace)


def _line_of_trunk(lines: tuple[Line, ...], trunk: str | None) -> Line:
    return next((line for line in lines if line.trunk == trunk), lines[0])


def _block_step(call: CallFacts, overlay: Overlay, zone: ZoneInfo) -> TraceStep | None:
    block = overlay.block(call.caller.number, call.at)
    if block is None:
        return None
    until = "-" if block.until is None else datetime.fromtimestamp(block.until, zone).isoformat(timespec="seconds")
    return TraceStep("block", True, "blocked_caller", (block.caller, block.author or "-", until))
