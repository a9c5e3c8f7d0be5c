"""Exact partitions of calls: time × callers × chance, cut wherever routing may decide otherwise.

`partition` gives the cells of one number over one or several books; `Survey` does it for many numbers. `describe_times`
and `describe_callers` say when and who in words.
"""

from .cells import Cell, Partition, Sample
from .chances import CERTAIN, Chance, Range
from .classes import CallerClass
from .making import Survey, partition
from .timelines import Interval, joined, minutes_of
from .wording import describe_callers, describe_groups, describe_times

__all__ = [
    "CERTAIN",
    "CallerClass",
    "Cell",
    "Chance",
    "Interval",
    "Partition",
    "Range",
    "Sample",
    "Survey",
    "describe_callers",
    "describe_groups",
    "describe_times",
    "joined",
    "minutes_of",
    "partition",
]
