"""What flows keep of a caller: told to later calls, bounded, never by or to a test call."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from router import caller_memory
from router.caller_memory import MOST_CHARACTERS, MOST_VALUES, CallerMemory, merged


def test_what_was_kept_is_recalled_and_added_to() -> None:
    memory = CallerMemory()
    assert memory.recall("13800138000") == {}
    memory.keep("13800138000", {"vip": True, "level": 3})
    memory.keep("13800138000", {"level": 4, "names": ["甲"]})
    assert memory.recall("13800138000") == {"vip": True, "level": 4, "names": ["甲"]}
    assert memory.recall("13900139000") == {}


def test_what_is_recalled_is_a_copy() -> None:
    memory = CallerMemory()
    memory.keep("1", {"names": ["甲"]})
    memory.recall("1")["names"].append("乙")
    assert memory.recall("1") == {"names": ["甲"]}


def test_a_value_that_is_too_long_is_left_out() -> None:
    memory = CallerMemory()
    memory.keep("1", {"a": 1, "b": "x" * MOST_CHARACTERS, "c": "x" * (MOST_CHARACTERS - 2)})
    assert set(memory.recall("1")) == {"a", "c"}


def test_of_too_many_values_the_first_are_kept_and_can_change() -> None:
    memory = CallerMemory()
    memory.keep("1", {f"v{number}": number for number in range(MOST_VALUES)})
    memory.keep("1", {"more": 1, "v0": "changed"})
    found = memory.recall("1")
    assert (len(found), found["v0"], "more" in found) == (MOST_VALUES, "changed", False)


def test_callers_who_called_last_are_kept() -> None:
    memory = CallerMemory()
    for number in range(caller_memory.MOST_CALLERS):
        memory.keep(str(number), {"n": number})
    memory.recall("0")
    memory.keep("new", {"n": -1})
    assert memory.recall("0") == {"n": 0}
    assert memory.recall("1") == {}


VALUES = st.dictionaries(
    st.text(max_size=220), st.none() | st.booleans() | st.integers() | st.text(max_size=220) | st.lists(st.integers())
)


@given(st.lists(VALUES, max_size=4))
def test_whatever_is_kept_stays_within_its_bounds_and_is_json(steps: list[dict[str, object]]) -> None:
    kept: dict[str, object] = {}
    for values in steps:
        kept = merged(kept, values)
    assert len(kept) <= MOST_VALUES
    assert json.loads(json.dumps(kept)) == kept
    assert all(len(json.dumps(value, ensure_ascii=False)) <= MOST_CHARACTERS for value in kept.values())
