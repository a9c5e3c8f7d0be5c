"""All cases of the flow language by name."""

from __future__ import annotations

from . import flow_cases_nodes, flow_cases_outside
from .flow_case import Case
from .flow_cases_asking import GATHERS, MENUS
from .flow_cases_design import DESIGN
from .flow_cases_nodes import NODES
from .flow_cases_outside import OUTSIDE
from .flow_cases_single import BASIC, HANGUPS, PURE, VOICEMAIL
from .flow_cases_waiting import QUEUES, TRANSFERS

CASES: dict[str, Case] = BASIC | MENUS | GATHERS | PURE | QUEUES | TRANSFERS | VOICEMAIL | HANGUPS | DESIGN
CASES |= NODES | OUTSIDE
SUBFLOWS = flow_cases_nodes.SUBFLOWS | flow_cases_outside.SUBFLOWS

__all__ = ["CASES", "SUBFLOWS"]
