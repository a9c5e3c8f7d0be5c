"""The table of mobile segments says what the libraries say of which it was made, and says where they disagree."""

from __future__ import annotations

import json
import lzma
import random
from importlib.metadata import version

import pytest

from router.callers import caller_facts
from router.regions import NOWHERE, CallerPlace, mobile_place, mobile_unsure
from tools.compile_segments import BEHIND, FILE, FIRST
from tools.segment_sources import by_phone, by_phonenumbers, together

SAMPLE = random.Random(400).sample(range(FIRST, BEHIND), 3_000)


def test_the_table_is_made_of_the_versions_that_are_installed() -> None:
    head = json.loads(lzma.decompress(FILE.read_bytes()).partition(b"\n")[0])
    installed = {name: version(name) for name in ("phone", "phonenumbers")}
    assert head["made_of"] == installed, "run: python -m tools.compile_segments"


def test_it_says_what_the_libraries_say_together() -> None:
    different = [
        segment for segment in map(str, SAMPLE) if (mobile_place(segment), mobile_unsure(segment)) != together(segment)
    ]
    assert different == []


def test_it_is_small() -> None:
    assert FILE.stat().st_size <= 300_000


def test_where_the_libraries_differ_nothing_is_claimed() -> None:
    segment = "1731234"
    first, second = by_phone(segment), by_phonenumbers(segment)
    assert (first.province, second.province) == ("江苏", "北京")
    caller = caller_facts(segment + "5678")
    assert caller.place == CallerPlace("未知", "未知", "telecom")
    assert caller.unsure == ("province",)


def test_what_only_one_knows_is_believed() -> None:
    known = [
        (by_phone(segment), by_phonenumbers(segment), mobile_place(segment)) for segment in map(str, SAMPLE[:1_000])
    ]
    one_sided = [(first, found) for first, second, found in known if second.province == "未知" != first.province]
    assert len(one_sided) > 50
    assert all(found.province == first.province for first, found in one_sided)


@pytest.mark.parametrize("text", ["", "138", "13800138000", "1200000", "2000000", "١٣٨٠٠١٣", "13800a1", "-380013"])
def test_what_is_no_segment_is_nowhere(text: str) -> None:
    assert (mobile_place(text), mobile_unsure(text)) == (NOWHERE, ())


@pytest.mark.parametrize("caller", [None, "95588", "1440000000001", "700123456789012", "0012025550123", "02166660000"])
def test_callers_without_a_segment_are_never_unsure(caller: str | None) -> None:
    assert caller_facts(caller).unsure == ()
