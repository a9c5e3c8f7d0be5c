"""``prices.yaml``: dated price tables, each on its own merits; those of the configuration add to the packaged ones."""

from __future__ import annotations

from functools import cache
from importlib import resources

from ivr_flows.findings import Place, Text
from ivr_flows.schema import read_model
from ivr_flows.yaml_source import Mapping, Sequence, read_bytes
from router.tariffs import PriceTable

from .folder import PRICES
from .parts import Parts, section
from .price_schemas import PriceTableEntry


def read_prices(parts: Parts, file: str) -> None:
    """The good tables of ``file``, into ``parts``; one with the date of a packaged table stands in its place."""
    found: dict[object, PriceTable] = {}
    items = section(parts, file, "tables", Sequence)
    for index, value in enumerate(items.items if items else ()):
        entry, findings = read_model(PriceTableEntry, parts.documents[file], value, ("tables", index))
        parts.findings.extend(findings)
        if entry is None:
            continue
        place = value.place_of("from") if isinstance(value, Mapping) else value.place
        if entry.since in found:
            parts.report(
                "duplicate-date",
                place,
                Text(
                    f"There are two price tables from {entry.since}.",
                    f"有两份从 {entry.since} 起的价格表。",
                ),
                Text("Keep one of the two.", "只保留其中一份。"),
            )
            continue
        found[entry.since] = _table(entry, place)
    usual = {table.since: table for table in packaged_prices()}
    parts.prices = tuple(sorted((usual | found).values(), key=lambda table: table.since))


@cache
def packaged_prices() -> tuple[PriceTable, ...]:
    """The tables that are packaged with line400, oldest first."""
    data = resources.files("router.billing").joinpath(PRICES).read_bytes()
    parts = Parts(documents={PRICES: read_bytes(data, PRICES)}, files={PRICES: PRICES})
    items = section(parts, PRICES, "tables", Sequence)
    tables: list[PriceTable] = []
    for index, value in enumerate(items.items if items else ()):
        entry, findings = read_model(PriceTableEntry, parts.documents[PRICES], value, ("tables", index))
        assert entry is not None, findings
        tables.append(_table(entry, value.place))
    return tuple(sorted(tables, key=lambda table: table.since))


def _table(entry: PriceTableEntry, place: Place) -> PriceTable:
    return PriceTable(
        since=entry.since,
        inbound=dict(entry.inbound),
        seats=dict(sorted(entry.seats.items())),
        packs=dict(sorted(entry.packs.items())),
        pack_months=entry.pack_months,
        minimums=dict(entry.minimums.items()),
        marks={name: mark.value() for name, mark in entry.marks.items()},
        place=place,
    )
