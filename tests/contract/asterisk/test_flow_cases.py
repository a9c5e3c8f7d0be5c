"""The rules of the flow language over a real Asterisk and real SIP calls: the records are those of virtual time.

A fixed choice of the cases in every run, all of them in the long one.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from router.asterisk.host import Programs
from router.book import RouteBook
from router.record import CallRecord
from simulator.sip import real_switch
from tests.contract.live.flow_cases import CASES
from tests.contract.live.flow_company import agreed, over_switch, virtually
from tests.contract.live.test_flow_semantics import NUMBERS, book

from .chosen import chosen

__all__ = ["book"]  # the fixture

AT_ONCE = 30


def disagreements(
    book: RouteBook, programs: Programs, sounds: Path, names: list[str], switches: int
) -> dict[str, dict[str, Any] | str]:
    """Place the calls of the cases ``names`` and tell, by name, what is not as in virtual time: (real, virtual)."""
    calls = {name: (NUMBERS[name], CASES[name]) for name in names}
    records, _ = asyncio.run(
        over_switch(
            book,
            calls,
            speed=1.0,
            make_switch=real_switch(programs, sounds),
            at_once=AT_ONCE,
            switches=switches,
            patience=240.0,
        )
    )
    found: dict[str, dict[str, Any] | str] = {}
    for name in names:
        record = records[name]
        if not isinstance(record, CallRecord):
            found[name] = repr(record)
            continue
        real, virtual = agreed(book, record), agreed(book, virtually(book, name, NUMBERS[name], CASES[name]))
        if real != virtual:
            found[name] = {key: (real[key], virtual[key]) for key in virtual if real[key] != virtual[key]}
    return found


def listed(found: dict[str, dict[str, Any] | str]) -> str:
    """``found`` to read: a line a case."""
    return "\n".join(f"{name}: {what}" for name, what in found.items())


@pytest.mark.timeout(400)
def test_real_calls_leave_the_records_of_virtual_time(book: RouteBook, programs: Programs, sounds: Path) -> None:
    names = chosen(book, CASES, NUMBERS)
    found = disagreements(book, programs, sounds, names, switches=3)
    assert not found, listed(found)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_all_real_calls_leave_the_records_of_virtual_time(book: RouteBook, programs: Programs, sounds: Path) -> None:
    names = [name for name, case in CASES.items() if not case.race]
    found = disagreements(book, programs, sounds, names, switches=4)
    assert not found, listed(found)


def test_the_choice_shows_every_kind_of_node(book: RouteBook) -> None:
    kinds = {
        node.type.name
        for name in chosen(book, CASES, NUMBERS)
        for node in book.flow(f"flow-{list(CASES).index(name):03d}").definition.nodes.values()
    }
    every = {
        node.type.name
        for place in range(len(CASES))
        for node in book.flow(f"flow-{place:03d}").definition.nodes.values()
    }
    assert kinds == every
