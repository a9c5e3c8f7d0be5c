"""Caps of a number: how many calls at once, how many in a month."""

from __future__ import annotations

from . import lifecycle
from .resolution import Resolution, TraceStep
from .route_options import Caps
from .rules import CallFacts
from .traffic import Traffic, month_of


def judge_caps(caps: Caps, call: CallFacts, traffic: Traffic, result: Resolution, trace: list[TraceStep]) -> None:
    """Reject the call where its number has as many calls as it may."""
    number = call.number
    month = month_of(call.at, call.zone) if caps.max_calls_per_month is not None else ""
    for code, most, counted in (
        ("over_calls", caps.max_calls, traffic.numbers[number]),
        ("over_month", caps.max_calls_per_month, traffic.months[number, month]),
    ):
        if most is not None and counted >= most:
            result.flow = result.rule = result.handling = None
            result.reject, result.announce = caps.reject, caps.announce
            result.fault = lifecycle.over_limit(code, number, most)
            trace.append(TraceStep("limit", True, code, (number, str(counted), str(most))))
            return
