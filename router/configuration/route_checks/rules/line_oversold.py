"""A line with fewer channels than what is sold on it asks for.

Two figures, both of the numbers whose default line it is, against its channels and those of the lines to which it
overflows when they are all in use:

- the calls at once that are promised: the sum of ``max_calls`` of the routes;
- the traffic that the tiers stand for. A tier is a monthly minimum (`TIER_MINIMUM`, yuan); at `YUAN_PER_MINUTE` it buys
  minutes, of which a busy hour of a working day carries `BUSY_HOUR`. Erlang's first formula gives the channels that
  lose at most `LOSS` of such calls. A number with ``max_calls`` never asks for more.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.findings import Text
from router.landing import overflow_chain
from router.model import Line, Tier

from ..rule import Problem, RouteRule
from ..subject import Subject

TIER_MINIMUM: dict[Tier, int] = {
    "普通": 375,
    "优选": 750,
    "精选": 1_500,
    "金牌": 2_500,
    "白金": 5_000,
    "VIP": 12_500,
    "VVIP": 20_000,
}
YUAN_PER_MINUTE = 0.18
WORKING_DAYS = 22
BUSY_HOUR = 0.15
LOSS = 0.01


def check(subject: Subject) -> Iterator[Problem]:
    """Every line that is sold beyond its channels."""
    configuration = subject.configuration
    promised: dict[str, int] = {}
    traffic: dict[str, float] = {}
    counted: dict[str, int] = {}
    for facts in configuration.numbers:
        route = configuration.routes.get(facts.number)
        if route is None or route.line is None or not subject.bound(facts.number):
            continue
        most = route.caps.max_calls if route.caps is not None else None
        offered = erlangs(facts.tier)
        counted[route.line] = counted.get(route.line, 0) + 1
        promised[route.line] = promised.get(route.line, 0) + (most or 0)
        traffic[route.line] = traffic.get(route.line, 0.0) + (offered if most is None else min(offered, most))
    for name, line in configuration.lines.items():
        if name not in counted:
            continue
        chain = overflow_chain(configuration.lines, name)
        channels = sum(configuration.lines[there].channels for there in chain)
        needed = channels_for(traffic[name])
        if promised[name] > channels:
            yield _problem(
                line,
                channels,
                Text(
                    f"its numbers are promised {promised[name]} calls at once (`max_calls`)",
                    f"其号码承诺的并发（`max_calls`）合计 {promised[name]} 路",
                ),
            )
        elif needed > channels:
            yield _problem(
                line,
                channels,
                Text(
                    f"the tiers of its {counted[name]:,} numbers stand for {traffic[name]:.1f} erlangs in the busy "
                    f"hour, which take {needed:,} channels",
                    f"其 {counted[name]:,} 个号码的档位对应忙时 {traffic[name]:.1f} 爱尔兰，需要 {needed:,} 路",
                ),
            )


def erlangs(tier: Tier) -> float:
    """Calls at once, on average, in the busy hour of a number that uses its monthly minimum."""
    return TIER_MINIMUM[tier] / YUAN_PER_MINUTE / WORKING_DAYS * BUSY_HOUR / 60


def channels_for(offered: float) -> int:
    """The fewest channels that lose at most `LOSS` of ``offered`` erlangs (Erlang B, by its recursion)."""
    lost, channels = 1.0, 0
    while lost > LOSS and offered > 0:
        channels += 1
        lost = offered * lost / (channels + offered * lost)
    return channels


def _problem(line: Line, channels: int, why: Text) -> Problem:
    return Problem(
        line.place,
        Text(
            f"The line `{line.name}` has {channels:,} channels with its overflow, but {why.en}.",
            f"线路 `{line.name}` 连同溢出线路共 {channels:,} 路，但{why.zh}。",
        ),
        Text(
            "Order more channels, an overflow, or move numbers to another line.",
            "请增加通道、设置溢出线路，或把部分号码移到其他线路。",
        ),
    )


RULE = RouteRule(
    "line-oversold",
    "warning",
    Text("a line that is sold beyond its channels", "线路超卖"),
    Text("lines that are sold beyond their channels", "超卖的线路"),
    check,
)
