"""Options that say by which paper a person is known: shared by ``qualify`` and ``numbers``."""

from __future__ import annotations

from typing import Annotated

import typer

from ..help_text import both

IdKindOption = Annotated[
    str | None,
    typer.Option(
        "--id-kind",
        metavar="KIND",
        help=both(
            "resident (default), permanent-residence, passport, hk-macao, taiwan",
            "resident 居民身份证（默认）、permanent-residence 外国人永久居留身份证、passport 护照、"
            "hk-macao 港澳居民来往内地通行证、taiwan 台湾居民来往大陆通行证",
        ),
    ),
]
BornOption = Annotated[
    str | None,
    typer.Option(
        "--born",
        metavar="DATE",
        help=both("date of birth, where the number does not tell it", "出生日期，证件号不含时填写"),
    ),
]
