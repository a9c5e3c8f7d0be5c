"""The traffic beside a test call: what ``--line-state``, ``--occupied``, ``--month-calls`` and scenarios say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import tzinfo

from ivr_flows.findings import Text
from ivr_flows.schema import nearest
from router.number400 import Number400, NumberError
from router.route_options import LineState
from router.traffic import Traffic, month_of


class UnknownLine(ValueError):
    """Traffic on a line that the configuration does not have."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        close = nearest(name, known)
        listed = ", ".join(known)
        self.message = Text(f"There is no line `{name}`.", f"没有线路 `{name}`。")
        self.cure = (
            Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
            if close
            else Text(f"Known: {listed}.", f"已有：{listed}。")
        )
        super().__init__(self.message.en)


def traffic_beside(
    states: Mapping[str, LineState],
    occupied: Mapping[str, int],
    month_calls: Mapping[str, int],
    at: float,
    zone: tzinfo,
) -> Traffic:
    """The traffic at the moment ``at``. ``occupied`` counts calls on 400 numbers (any spelling) and on lines (by name).

    Raises:
        NumberError: a key of ``month_calls`` is no 400 number.
    """
    traffic = Traffic(states)
    for name, count in occupied.items():
        try:
            traffic.numbers[Number400.parse(name).digits] = count
        except NumberError:
            traffic.lines[name] = count
    for name, count in month_calls.items():
        traffic.months[Number400.parse(name).digits, month_of(at, zone)] = count
    return traffic


def check_lines(traffic: Traffic, known: Collection[str]) -> None:
    """Raises `UnknownLine` where ``traffic`` names a line that is not ``known``."""
    for name in (*traffic.states, *traffic.lines):
        if name not in known:
            raise UnknownLine(name, known)
