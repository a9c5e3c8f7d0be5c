"""Other names of Twilio Studio's widgets: of older and of newer versions, and those that people who write flows by hand
take from TwiML."""

from __future__ import annotations

_OTHERS = {
    "say-play": "say play say-or-play play-message play-audio",
    "gather-input-on-call": "gather gather-input gather-input-on-a-call",
    "split-based-on": "split split-based-on-input branch condition",
    "set-variables": "set-variable set-vars",
    "make-http-request": (
        "http-request webhook http lookup lookup-phone-number send-to-lookup rest-api verify send-verification "
        "check-verification start-verification search-conversations-by-address"
    ),
    "run-function": "function run-a-function invoke-function serverless-function",
    "connect-call-to": "make-outgoing-connection connect-call dial dial-sip refer sip-refer conference forward-call",
    "enqueue-call": "send-to-flex enqueue send-to-taskrouter",
    "record-voicemail": "record voicemail record-message",
    "run-subflow": "subflow run-sub-flow",
    "add-twiml-redirect": "twiml-redirect redirect run-twiml redirect-to-twiml go-to",
    "send-message": "send-sms send-content content-template send-a-message",
    "send-and-wait-for-reply": "send-wait-for-reply",
    "call-recording": "start-call-recording stop-call-recording record-call start-recording stop-recording",
    "hangup": "hang-up end-call endcall stop-call end-flow end disconnect reject",
    "connect-virtual-agent": "connect-virtual-agent-v2 capture-intent send-to-autopilot autopilot ai-assistant",
    "pause": "wait delay",
}
_KNOWN = {name: widget for widget, others in _OTHERS.items() for name in (widget, *others.split())}


def known_widget(kind: str) -> str:
    """The widget that ``kind`` stands for in any spelling; itself where it is none that is known."""
    folded = kind.strip().lower().replace("_", "-").replace(" ", "-")
    return _KNOWN.get(folded, folded)
