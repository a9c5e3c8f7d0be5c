"""The AMI events that the router uses: what it asks for, and what its account on the switch is sent."""

from __future__ import annotations

WANTED_EVENTS = (
    "QueueCallerJoin",
    "QueueCallerLeave",
    "AgentCalled",
    "AgentConnect",
    "QueueCallerLeave",
    "QueueCallerAbandon",
    "QueueMemberStatus",
    "QueueMemberPause",
    "QueueMemberAdded",
    "QueueMemberRemoved",
    "DialEnd",
    "DTMFEnd",
    "HangupRequest",
    "SoftHangupRequest",
    "Hangup",
    "FullyBooted",
    "Shutdown",
    "UserEvent",
)
