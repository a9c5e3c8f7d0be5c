"""How a call without a flow ends on a real channel: announcement before answer, then the cause; or the fallback.

Before answer nothing is charged to the caller, so an announcement goes out as early media and the call is refused
with the cause. The tone that a cause makes is the carrier's.
"""

from __future__ import annotations

from ivr_flows.commands import Prompt

from ..arrival import Refusal, refuse
from ..model import Fallback
from ..record import CallRecord
from .driver import LiveDriver
from .fastagi import CallerGone
from .live_call import CommandFailed, log


async def perform_refusal(driver: LiveDriver, record: CallRecord, refusal: Refusal, fallback: Fallback | None) -> bool:
    """Perform ``refusal`` and close ``record`` with it. False when the dialplan is to take the caller to the line's
    fallback: ``LINE400_DONE`` must stay unset then."""
    call = driver.call
    if refusal.to_fallback:
        refuse(record, refusal, call.clock.now(), fallback.announce if fallback else None)
        return False
    try:
        if refusal.announce:
            await driver.announce_early(Prompt(refusal.announce))
        await driver.hang_up(refusal.cause)
    except CommandFailed:
        # The announcement cannot be played: the refusal itself still goes out.
        log.warning("call %s: the announcement before its refusal could not be played", record.call_id)
        await driver.hang_up(refusal.cause)
    except CallerGone as gone:
        ended = await call.hung_up(gone)
        refuse(record, refusal, ended.at)
        record.hangup_by, record.hangup_cause = ended.by, ended.cause
        return True
    refuse(record, refusal, call.clock.now())
    return True
