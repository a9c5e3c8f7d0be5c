"""A fallback that leads back to us: when the router is away, the call goes to a base number on which 400 numbers land,
and meets the same router; or a flow transfers its callers to such a number."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.findings import Text
from router.callers import CallerError, base_number

from ..rule import Problem, RouteRule
from ..subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """Every fallback and every transfer to a base number of ours."""
    configuration = subject.configuration
    ours = {line.base_number: line.name for line in configuration.lines.values()}
    for line in configuration.lines.values():
        to = line.fallback.number
        if to is not None and to in ours:
            yield Problem(
                line.place,
                Text(
                    f"The fallback of `{line.name}` leads to {to}, the base number of `{ours[to]}`: when the router is "
                    "away such a call comes back to it.",
                    f"`{line.name}` 的备用号码 {to} 是线路 `{ours[to]}` 的底号：路由器不可用时，来电又回到它自己。",
                ),
                Text("Name a number outside, or an announcement.", "请写外部号码，或改为播报（announce）。"),
            )
    for flow in subject.flows.values():
        for node in flow.nodes.values():
            to = getattr(node.options, "to", None) if node.type.name == "transfer" else None
            digits = _base_number(to) if isinstance(to, str) else None
            if digits is not None and digits in ours:
                yield Problem(
                    node.place,
                    Text(
                        f"The transfer leads to {to}, the base number of our line `{ours[digits]}`: the call comes "
                        "back as a new one.",
                        f"转接目标 {to} 是我方线路 `{ours[digits]}` 的底号：呼叫会作为新来电又回来。",
                    ),
                    Text(
                        "Transfer to a number outside, or lead to the other flow with `goto` or `subflow`.",
                        "请转接到外部号码，或用 goto、subflow 进入另一流程。",
                    ),
                    code="transfer-loop",
                )


def _base_number(written: str) -> str | None:
    try:
        return base_number(written)
    except CallerError:
        return None


RULE = RouteRule(
    "fallback-loop",
    "warning",
    Text("a fallback or transfer that comes back to us", "备用号码或转接又回到自己"),
    Text("fallbacks and transfers that come back", "又回到自己的备用号码和转接"),
    check,
    others=("transfer-loop",),
)
