"""Run the benchmarks, print a table, write `var/bench.json`.

Usage: python -m bench.run [NAME …]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .api import api_lookup_ratio_to_bare
from .api_calls import api_calls_page_ratio
from .apply import apply_in_force_seconds
from .asterisk import (
    asterisk_added_setup_p95_ms,
    asterisk_bare_ratio_to_native,
    asterisk_cps_ratio_to_native,
    asterisk_hold,
    asterisk_hold_a_minute,
)
from .caller_facts import caller_facts_per_second
from .explore import explore_1000_nodes_seconds, explore_cost_per_node_ratio
from .lint import lint_1000_flows_seconds
from .plan import plan_one_rule_seconds
from .prove import prove_year_speedup
from .resolve import book_bytes_per_number, book_load_seconds, resolve_per_second
from .scenarios import scenarios_per_second_core
from .service import call_cost_per_node_ratio, service_flow_calls_per_second_core
from .store_load import store_load_seconds
from .switch import switch_calls_per_second
from .tables import table_rows_per_second
from .welcome import welcome_calls_per_second_core

BENCHMARKS: dict[str, Callable[[], dict[str, object]]] = {
    benchmark.__name__: benchmark
    for benchmark in (
        welcome_calls_per_second_core,
        service_flow_calls_per_second_core,
        call_cost_per_node_ratio,
        switch_calls_per_second,
        resolve_per_second,
        caller_facts_per_second,
        book_bytes_per_number,
        book_load_seconds,
        store_load_seconds,
        table_rows_per_second,
        scenarios_per_second_core,
        explore_1000_nodes_seconds,
        explore_cost_per_node_ratio,
        lint_1000_flows_seconds,
        prove_year_speedup,
        plan_one_rule_seconds,
        apply_in_force_seconds,
        api_lookup_ratio_to_bare,
        api_calls_page_ratio,
        asterisk_cps_ratio_to_native,
        asterisk_bare_ratio_to_native,
        asterisk_added_setup_p95_ms,
        asterisk_hold_a_minute,
        asterisk_hold,
    )
}
ON_REQUEST = {"asterisk_hold", "api_calls_page_ratio"}
"""Those that take longer than all others together: only by their name."""
RESULTS = Path("var/bench.json")


def main(names: list[str]) -> int:
    """Run ``names``, all where none is given. Other benchmarks' results in the file are kept."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    results = json.loads(RESULTS.read_text()) if names and RESULTS.exists() else {}
    console = Console()
    for name in names or (name for name in BENCHMARKS if name not in ON_REQUEST):
        console.print(f"{name} …", style="dim", highlight=False)
        results[name] = BENCHMARKS[name]()
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    console.print(_table(results))
    console.print(f"written to {RESULTS}")
    return 0


def _table(results: dict[str, dict[str, object]]) -> Table:
    table = Table("benchmark", "value", "unit", "reference", "ratio", "note")
    for name, result in results.items():
        cells = [_shown(result.get(key)) for key in ("value", "unit", "reference", "ratio", "note")]
        table.add_row(name, *cells)
    return table


def _shown(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:,}"
    return "–" if value is None else str(value)


if __name__ == "__main__":
    raise SystemExit(main([name for name in sys.argv[1:] if name]))
