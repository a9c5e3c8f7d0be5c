"""A table as it arrives, whatever file it stands in: rows of cells, each a text or the reason why it is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ivr_flows.findings import Finding, Place, Text
from ivr_flows.schema import Refusal


class TableError(Exception):
    """A file that cannot be read as a table at all. ``code`` is stable; ``findings`` holds the one fault, where it has
    a place in the file."""

    def __init__(self, code: str, message: Text, cure: Text, place: Place | None = None) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.cure = cure
        self.findings = [Finding("error", code, place, message, cure)] if place else []


Cell: TypeAlias = str | Refusal
"""The text of a cell, or why it has none (a formula that was never calculated, an error value)."""

Progress: TypeAlias = Callable[[int, int | None], None]
"""Told how much is done, and of how much; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``number`` counts from 1: the line of a text file on which the row begins, the row of a sheet."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(isinstance(cell, Refusal) or cell.strip() for cell in self.cells)


class Source(Protocol):
    """A file that holds one table. ``notes`` are what a reader of the result should know (an encoding that was found
    out, hidden rows), complete when `rows` is exhausted."""

    name: str
    notes: list[Text]

    def rows(self, progress: Progress) -> Iterator[Row]:
        """Every row, in order. Raises `TableError`."""
        ...
