"""What a company wants of the linter: the severity of rules, and the two limits that are a matter of taste.

The key ``lint`` of ``line400.yaml`` holds it: settings of a company stand in one file, and a file of its own below
``flows/`` would be one flow file that is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..findings import Severity, Text
from ..schema import Duration, Refusal, Strict, nearest

VENDOR_PROMPT_LIMIT = 200
"""Characters that the vendor's text-to-speech takes in one prompt."""

Level = Literal["off", "info", "warning", "error"]


def _known(levels: Mapping[str, Level]) -> Mapping[str, Level]:
    return known_levels(levels, ())


def known_levels(levels: Mapping[str, Level], others: Collection[str]) -> Mapping[str, Level]:
    """``levels``, if every code is one of the linter's or of ``others``. Raises `Refusal`."""
    from .registry import CODES

    for code, level in levels.items():
        rule = CODES.get(code)
        if code in others:
            continue
        if rule is None:
            close = nearest(code, (*CODES, *others))
            raise Refusal(
                Text(f"There is no lint rule `{code}`.", f"没有检查规则 `{code}`。"),
                Text(f"Did you mean `{close}`?", f"是否想写 `{close}`？")
                if close
                else Text("The rules are listed in docs/rules/index.md.", "规则列表见 docs/rules/index.md。"),
                "unknown-rule",
            )
        if rule.fatal and level != "error":
            raise Refusal(
                Text(
                    f"`{code}` cannot be turned down: such a flow does not run.",
                    f"`{code}` 不能降级：这样的流程无法运行。",
                ),
                Text("Correct the flows, and leave the rule out here.", "请改正流程，并删去这里的规则。"),
                "rule-needed",
            )
    return levels


Levels = Annotated[dict[str, Level], AfterValidator(_known)]


class LintSettings(Strict):
    """``rules``: code → ``off``, ``info``, ``warning`` or ``error``. ``files``: a pattern of file names → the same
    for these files alone. ``prompt_characters``: how long a prompt may be; ``human_within``: how long a caller may
    have to listen before a person can be reached."""

    rules: Levels = Field(default_factory=dict)
    files: dict[str, Levels] = Field(default_factory=dict)
    prompt_characters: int = Field(default=VENDOR_PROMPT_LIMIT, ge=10, le=10_000)
    human_within: Duration = Field(default=60.0, gt=0, le=3600)

    def severity(self, code: str, file: str, usual: Severity) -> Severity | None:
        """The severity of ``code`` in ``file``; None where the rule is off."""
        level: Level = self.rules.get(code, usual)
        if self.files:
            path = PurePath(file).as_posix()
            for pattern, levels in self.files.items():
                if code in levels and (fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern}")):
                    level = levels[code]
        return None if level == "off" else level


USUAL = LintSettings()
