"""Reading a table of numbers and routes as ``line400 import csv`` does."""

from __future__ import annotations

import csv
import random
import tempfile
import time
from pathlib import Path

from router.bulk.csv_source import CsvSource
from router.bulk.reading import Known, read_table

ROWS = 200_000
ROUNDS = 3
SEED = 400


def table_rows_per_second() -> dict[str, object]:
    """Rows of a CSV table read, validated and made canonical per second; the reference is the `csv` module alone over
    the same file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "numbers.csv"
        _write(file)
        value = ROWS / min(_read(file) for _ in range(ROUNDS))
        reference = ROWS / min(_by_hand(file) for _ in range(ROUNDS))
    return {
        "value": round(value),
        "unit": "rows/s",
        "reference": round(reference),
        "ratio": round(value / reference, 3),
        "note": f"{ROWS:,} rows of ten columns; reference: csv.reader alone",
    }


def _write(file: Path) -> None:
    chance = random.Random(SEED)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["号码", "使用公司", "运营商", "档位", "实例", "购买日", "到期日", "自动续费", "线路", "流程"])
        for number in range(ROWS):
            writer.writerow(
                (
                    f"4002{number:06d}",
                    f"公司{chance.randrange(5_000)}",
                    "电信",
                    chance.choice(("普通", "优选", "精选")),
                    "中心",
                    f"2026/{chance.randrange(1, 13)}/{chance.randrange(1, 29)}",
                    "",
                    "是",
                    f"line{chance.randrange(40)}",
                    "welcome",
                )
            )


def _read(file: Path) -> float:
    begin = time.perf_counter()
    table = read_table(CsvSource(file), Known(), (), lambda done, total: None)
    assert (len(table.entries), table.bad) == (ROWS, [])
    return time.perf_counter() - begin


def _by_hand(file: Path) -> float:
    begin = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as stream:
        rows = sum(1 for _ in csv.reader(stream))
    assert rows == ROWS + 1
    return time.perf_counter() - begin
