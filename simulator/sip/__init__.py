"""Test calls as real SIP calls: a second Asterisk plays the carrier, the caller, the agents and the targets."""

from __future__ import annotations

from .switch import RealSwitch
from .way import over_asterisk, real_switch

__all__ = ["RealSwitch", "over_asterisk", "real_switch"]
