"""The types of fields that requests are made of, and the bases of their models.

Texts are taken as NFC. Characters that could make one name look like another, or steer what shows them (controls,
bidirectional overrides, zero-width characters, private use, unassigned), are refused rather than removed: what was
signed and audited is what was sent.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal

LONGEST_PAGE: Final = 500
LONGEST_NAME: Final = 80
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_JOINER: Final = "\u200d"


def _refuse_invisible(text: str, allowed: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text)
    for letter in text:
        if letter not in allowed and unicodedata.category(letter) in _INVISIBLE:
            raise Refusal(
                Text(
                    f"The text holds the invisible character U+{ord(letter):04X}.",
                    f"文本中含有不可见字符 U+{ord(letter):04X}。",
                ),
                Text("Take it out.", "请删除该字符。"),
                "invisible-character",
            )
    return text


def one_line(text: str) -> str:
    """``text`` in NFC, one line of visible characters. Raises `Refusal`."""
    return _refuse_invisible(text, "")


def several_lines(text: str) -> str:
    """``text`` in NFC, visible characters, line ends and tabs. Raises `Refusal`."""
    return _refuse_invisible(text, "\n\r\t" + _JOINER)


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(one_line)]
"""One line of text, up to 200 characters."""

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_NAME, strip_whitespace=True), AfterValidator(one_line)
]
"""A name: one line of 1 to 80 characters."""

Words = Annotated[str, StringConstraints(max_length=4000), AfterValidator(several_lines)]
"""Text of several lines, up to 4,000 characters."""

Moment = Annotated[
    str,
    StringConstraints(min_length=4, max_length=40),
    AfterValidator(one_line),
    Field(examples=["2026-10-12T10:00:00+08:00"]),
]
"""ISO 8601; without an offset, the configured time zone."""


class Input(BaseModel):
    """Base of everything a client sends: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ListQuery(Input):
    """The query of every list. Derive from it to add filters and, where the list can be sorted, ``sort``."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE, description="Items on one page.")] = 50
    cursor: Annotated[str | None, Field(max_length=600, description="`next` of the page before.")] = None
    fields: Annotated[
        str | None, Field(max_length=600, description="Only these top-level fields, comma separated.")
    ] = None


class OneQuery(Input):
    """The query of an operation that gives one thing."""

    fields: Annotated[
        str | None, Field(max_length=600, description="Only these top-level fields, comma separated.")
    ] = None


class Nothing(Input):
    """No query, path or body."""


class Output(BaseModel):
    """Base of everything an answer is described by. Answers are made as plain values and not validated when sent; the
    tests validate every one of them."""

    model_config = ConfigDict(extra="forbid")


class Listed(Output):
    """Base for what has fields that this version does not describe one by one."""

    model_config = ConfigDict(extra="allow")


JsonValue = Any
