"""The flow language: what a caller hears and does, as a graph of nodes in YAML, run without I/O.

A flow file is read by `load_flow` into a `FlowDefinition`, judged by `lint`, compiled by `compile_flow` into a `Flow`.
A `Flow` gives a `Session` per call. A session emits *commands* (`ivr_flows.commands`, imperatives such as `Play`) and
is resumed with *results* (`ivr_flows.results`, facts such as `Digits`); a driver on the other side performs them on
some switch, or in virtual time. The session does no I/O, reads no clock and draws no random number.

What a flow must know of the outside comes in through `Environment`; the facts of one call through `Context`.
"""

from .compiler import Flow, compile_flow
from .definition import FlowDefinition
from .environment import CallerFacts, Context, Environment, Instance
from .findings import Fault, Finding, Place, Text
from .lint import lint
from .loader import load_flow, packaged_flows
from .session import Session

__all__ = [
    "CallerFacts",
    "Context",
    "Environment",
    "Fault",
    "Finding",
    "Flow",
    "FlowDefinition",
    "Instance",
    "Place",
    "Session",
    "Text",
    "compile_flow",
    "lint",
    "load_flow",
    "packaged_flows",
]
