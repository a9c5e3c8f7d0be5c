"""A real Asterisk on this machine: finding or providing its programs, running it on generated files."""

from __future__ import annotations

from .programs import OLDEST, Programs, find_programs
from .provisioning import ProvisionError, provision
from .running import AsteriskError, RunningAsterisk

__all__ = [
    "OLDEST",
    "AsteriskError",
    "Programs",
    "ProvisionError",
    "RunningAsterisk",
    "find_programs",
    "provision",
]
