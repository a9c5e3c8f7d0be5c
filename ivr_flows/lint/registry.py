"""The rules of the linter, in the order in which they report."""

from __future__ import annotations

from .rule import Rule
from .rules import (
    abandoned_needs_caller,
    ambiguous_digits,
    dead_end,
    error_as_success,
    far_from_human,
    hours_data_missing,
    key_not_handled,
    missing_branch,
    missing_language,
    never_set,
    prompt_too_long,
    recording_unannounced,
    sensitive_spoken,
    silent_hang_up,
    silent_loop,
    spin,
    subflow_cycle,
    template_syntax,
    text_compared_with_number,
    transfer_to_400,
    unclosed_template,
    unknown_name,
    unknown_node,
    unknown_variable,
    unreachable_node,
    wrong_key_loop,
)

RULES: tuple[Rule, ...] = (
    unknown_node.RULE,
    missing_branch.RULE,
    unreachable_node.RULE,
    unknown_name.RULE,
    dead_end.RULE,
    silent_loop.RULE,
    wrong_key_loop.RULE,
    spin.RULE,
    key_not_handled.RULE,
    ambiguous_digits.RULE,
    error_as_success.RULE,
    silent_hang_up.RULE,
    template_syntax.RULE,
    unclosed_template.RULE,
    unknown_variable.RULE,
    never_set.RULE,
    text_compared_with_number.RULE,
    sensitive_spoken.RULE,
    subflow_cycle.RULE,
    far_from_human.RULE,
    prompt_too_long.RULE,
    recording_unannounced.RULE,
    abandoned_needs_caller.RULE,
    transfer_to_400.RULE,
    missing_language.RULE,
    hours_data_missing.RULE,
)
CODES: dict[str, Rule] = {code: rule for rule in RULES for code in (rule.code, *rule.others)}
"""Every code under which a finding is reported → its rule."""
