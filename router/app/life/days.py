"""Days that options say."""

from __future__ import annotations

from datetime import date

from ivr_flows.findings import Text

from ..problems import usage

AS_DATE = Text("Write it as 2036-10-12.", "请写作 2036-10-12。")


def day_given(given: str | None, cure: Text = AS_DATE) -> date | None:
    """A day that an option says. Raises `Problem`."""
    if given is None:
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise usage(
            "bad-date",
            Text(f"`{given[:40]}` is no date.", f"`{given[:40]}` 不是日期。"),
            cure,
        ) from None
