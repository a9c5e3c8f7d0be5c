"""What the store knows of numbers and companies, beside what the check finds in the files."""

from __future__ import annotations

from ivr_flows.findings import Text
from router.desk.standing import Standing, standing
from router.store import StoreError

from ..invocation import Invocation
from .at_desk import Counter


def standing_of(invocation: Invocation, at: str | None = None) -> Standing:
    """What is to be known at a moment. A store that cannot be read costs one warning: files are checked without it."""
    counter = Counter(invocation, at, None, None)
    try:
        return counter.read(standing)[1]
    except StoreError as error:
        invocation.warn(
            Text(
                f"Numbers and qualifications of the store are not looked at. {error.message.en}",
                f"未核对库中的号码与资质。{error.message.zh}",
            )
        )
        return Standing()
