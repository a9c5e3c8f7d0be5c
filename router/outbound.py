"""The outbound policy: a 400 number is never the calling number, in no header and no display name.

One policy for every layer (DESIGN, *Outbound*). Whoever is about to place a call asks `refuse_outbound` with all that
would be shown, before any connection and before any media; ``line400 originate`` and the APIs ask `judge_outbound`.
Calling *to* a 400 number is allowed, so nobody asks about the called number.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr_flows.findings import Language, Text

from .callers import CallerError, valid_number
from .causes import REJECTED
from .number400 import presents_400
from .spelling import shown

CODE = "outbound_400"
"""The one reason code of this refusal, in every layer."""

REFERENCE = (
    "工信部要求400号码只能呼入，不能呼出；通信部规定400号码不能做外显号码 "
    "(MIIT: a 400 number is inbound only and may not be shown as the calling number)"
)
"""The rule that is enforced, in the words of the vendor's notice to buyers of 400 numbers."""

MESSAGE = Text(
    "a 400 number takes inbound calls only; it can neither call out nor be shown as the caller",
    "400号码仅支持呼入，不支持外呼或外显",
)
CURE = Text(
    "present the base number of the line that the call leaves by",
    "请外显去话线路的底号",
)

SIP_STATUS = 403
"""SIP answer to such a call: Forbidden."""
Q850_CAUSE = REJECTED
"""Q.850 call rejected; RFC 3398 pairs it with 403. Without the Reason header some gateways map a bare 403 to 79."""
SIP_REASON = f'Q.850;cause={Q850_CAUSE};text="Call rejected"'
"""The value of the Reason header (RFC 3326) that goes with `SIP_STATUS`."""


@dataclass(frozen=True, slots=True)
class OutboundRefusal:
    """An outbound call refused by policy. ``presented`` is what showed the 400 number, fit for a log."""

    presented: str
    code: str = CODE
    reference: str = REFERENCE
    message: Text = MESSAGE
    cure: Text = CURE
    sip_status: int = SIP_STATUS
    q850_cause: int = Q850_CAUSE
    sip_reason: str = SIP_REASON


@dataclass(frozen=True, slots=True)
class OutboundVerdict:
    """The judgement of one outbound request; ``code`` and ``reference`` are None when it is allowed."""

    allowed: bool
    code: str | None
    reference: str | None
    message: Text

    def as_json(self, language: Language = "en") -> dict[str, object]:
        """The verdict as ``originate --json`` prints it (CONTRACT: ``originate``)."""
        return {
            "allowed": self.allowed,
            "code": self.code,
            "reference": self.reference,
            "message": self.message.to(language),
        }


def refuse_outbound(from_: str | None, *shown_as: str | None) -> OutboundRefusal | None:
    """The refusal of a call that would present a 400 number, None when nothing of it does. Total.

    ``from_`` is the calling number; ``shown_as`` whatever else the far side may see: display name, From,
    P-Asserted-Identity, P-Preferred-Identity, Remote-Party-ID, Diversion, Contact.
    """
    for text in (from_, *shown_as):
        if text is not None and presents_400(text):
            return OutboundRefusal(shown(text))
    return None


def judge_outbound(from_: str, *shown_as: str | None) -> OutboundVerdict:
    """Judge a request to call out as ``from_``. Only the calling side is judged.

    Raises `CallerError` when ``from_`` is no valid number and presents no 400 number.
    """
    refusal = refuse_outbound(from_, *shown_as)
    if refusal is not None:
        return OutboundVerdict(False, refusal.code, refusal.reference, refusal.message)
    number = valid_number(from_)
    if number is None:
        what = shown(from_)
        message = (
            Text(f"“{what}” is no telephone number", f"“{what}”不是电话号码")
            if what
            else Text("no calling number given", "没有填写主叫号码")
        )
        raise CallerError(message, Text("give a number such as 010-88880001", "请填写号码，例如 010-88880001"))
    return OutboundVerdict(
        True, None, None, Text(f"{number} may be shown as the caller", f"{number} 可以作为主叫号码外显")
    )
