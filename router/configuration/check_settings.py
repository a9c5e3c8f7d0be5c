"""What a company wants of ``line400 check``: severities of the linter's rules and of the checks of routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from ivr_flows.lint.settings import Level, LintSettings, known_levels


def _known(levels: Mapping[str, Level]) -> Mapping[str, Level]:
    from .route_checks import CODES  # it asks for the schemas, which ask for this

    return known_levels(levels, CODES)


Levels = Annotated[dict[str, Level], AfterValidator(_known)]


class CheckSettings(LintSettings):
    """`LintSettings` whose codes may be those of `router.configuration.route_checks` too."""

    rules: Levels = Field(default_factory=dict)
    files: dict[str, Levels] = Field(default_factory=dict)
