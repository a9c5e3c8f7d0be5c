"""What flows keep of a caller: told to later calls, bounded, never by or to a test call."""

from __future__ import annotations

from router import caller_memory
from router.caller_memory import CallerMemory


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


def test_too_much_of_one_caller_changes_nothing() -> None:
    memory = CallerMemory()
    memory.keep("1", {"a": 1})
    memory.keep("1", {"b": "x" * caller_memory.MOST_CHARACTERS})
    assert memory.recall("1") == {"a": 1}


def test_callers_who_called_last_are_kept() -> None:
    memory = CallerMemory()
    for number in range(caller_memory.MOST_CALLERS):
        memory.keep(str(number), {"n": number})
    memory.recall("0")
    memory.keep("new", {"n": -1})
    assert memory.recall("0") == {"n": 0}
    assert memory.recall("1") == {}
