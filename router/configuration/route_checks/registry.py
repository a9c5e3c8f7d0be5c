"""The checks of routes, in the order in which they report."""

from __future__ import annotations

from .rule import RouteRule
from .rules import (
    ambiguous_line,
    calendar_never_open,
    dates_past,
    fallback_loop,
    line_oversold,
    no_way,
    rule_never_matches,
    shares_not_alternatives,
    unused,
)

RULES: tuple[RouteRule, ...] = (
    rule_never_matches.RULE,
    no_way.RULE,
    shares_not_alternatives.RULE,
    calendar_never_open.RULE,
    ambiguous_line.RULE,
    fallback_loop.RULE,
    line_oversold.RULE,
    dates_past.RULE,
    unused.RULE,
)
CODES: dict[str, RouteRule] = {code: rule for rule in RULES for code in (rule.code, *rule.others)}
"""Every code under which a finding is reported → its check."""
