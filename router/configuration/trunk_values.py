"""Values of ``trunks.yaml``: the headers that name the called number, accounts at carriers."""

from __future__ import annotations

import re

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, nearest
from router.original_called import SIP_NAMES

from .values import as_text, kind

_OWN_HEADER = re.compile(r"x-[a-z0-9-]{1,60}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_.+-]{1,64}")


def read_called_header(value: object) -> str:
    """A header in which a carrier names the 400 number: a known one, or one of its own, ``x-…``."""
    text = as_text(value).lower()
    if text in SIP_NAMES or _OWN_HEADER.fullmatch(text):
        return text
    close = nearest(text, [*SIP_NAMES])
    meant = f"`{close}`" if close else ", ".join(SIP_NAMES)
    raise Refusal(
        Text(f"`{text[:60]}` is no header that names the called number.", f"`{text[:60]}` 不是携带被叫号码的头域。"),
        Text(
            f"Write {meant}, or the carrier's own header, such as x-called-number.",
            f"请写 {meant}，或运营商自有头域，如 x-called-number。",
        ),
        "bad-value",
    )


def read_account(value: object) -> str:
    """The name of an account at a carrier."""
    text = as_text(value)
    if _ACCOUNT.fullmatch(text):
        return text
    raise Refusal(
        Text(f"`{text[:60]}` cannot be the name of an account.", f"`{text[:60]}` 不能用作账号名。"),
        Text("Use letters, digits and `_ . + -`.", "请用字母、数字和 `_ . + -`。"),
        "bad-account",
    )


CalledHeader = kind(read_called_header, str, type="string", examples=[*SIP_NAMES, "x-called-number"])
AccountName = kind(read_account, str, type="string", examples=["01088880001"])
