"""The explorer: every path of a flow, found by driving sessions of the engine down every way that a call can go.

`Search` explores one flow among given `Situation`s (callers, moments): ``paths()`` lists all distinct paths,
``cover()`` sees every node and branch with little work. Each path carries the call that replays it. What a whole number
does, its routes included, is `simulator.exploring`.
"""

from .coverage import Coverage, coverage, edges_of, steps_of
from .ends import FlowEnd, FlowEnds, flow_ends
from .pace import Pace
from .result import Bound, Exploration, Found
from .search import DEFAULT_PATHS, DEFAULT_VISITS, Search
from .situations import Situation

__all__ = [
    "DEFAULT_PATHS",
    "DEFAULT_VISITS",
    "Bound",
    "Coverage",
    "Exploration",
    "FlowEnd",
    "FlowEnds",
    "Found",
    "Pace",
    "Search",
    "Situation",
    "coverage",
    "edges_of",
    "flow_ends",
    "steps_of",
]
