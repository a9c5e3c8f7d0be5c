"""A key cuts the prompt where the caller hears it: measured in the sound that a telephone got.

Time is that of the sound: how much more of the prompt the switch sent than it had sent when the key left. A machine
that keeps everybody waiting makes nobody late.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from router.asterisk.host import Programs
from router.book import RouteBook
from tests.contract.live.flow_company import compiled_book

from .listening import Listened, Listeners
from .telephone import KEY_SECONDS

LONG = "这是一段相当长的提示音内容，按任意键可以打断它，然后您会听到另外一句话。"
THANKS = "您已打断提示音。"
NODES = f"""ask: {{ menu: {{ prompt: {LONG}, retries: 0 }}, on: {{ "1": thanks, no_match: bye, no_input: bye }} }}
thanks: {{ play: {THANKS}, next: bye }}
bye: {{ hangup: normal }}"""
WHOLE = NODES.replace("retries: 0", "retries: 0, barge_in: false")
FLOWS = [NODES, WHOLE]
BOUND = 0.3
AFTER = [0.6 + 0.4 * place for place in range(10)]
"""Seconds of the prompt behind which the key is pressed, call by call."""


@pytest.fixture(scope="module")
def calls(
    tmp_path_factory: pytest.TempPathFactory, programs: Programs, sounds: Path
) -> tuple[list[Listened], Listened]:
    """The calls whose prompt may be cut, and one whose prompt may not."""
    book: RouteBook = compiled_book(tmp_path_factory.mktemp("barge") / "config", FLOWS)

    async def run() -> tuple[list[Listened], Listened]:
        async with Listeners(book, programs, sounds, FLOWS) as listeners:
            *cut, whole = await asyncio.gather(
                *(listeners.call(f"cut-{place}", 0, [("1", after)]) for place, after in enumerate(AFTER)),
                listeners.call("whole", 1, [("1", 1.0)]),
            )
        return cut, whole

    return asyncio.run(run())


def test_a_key_cuts_the_prompt_within_the_bound(calls: tuple[list[Listened], Listened]) -> None:
    took = []
    for call in calls[0]:
        assert call.names == call.record.heard == [LONG, THANKS]
        prompt, behind = call.heard
        assert (prompt.whole, behind.whole, call.record.pressed) == (False, True, "1")
        # The telephone sends the whole key at once; who presses one holds it so long.
        took.append(prompt.at + prompt.seconds - call.keys[0] + KEY_SECONDS)
    print("seconds of the prompt behind the key:", ", ".join(f"{seconds:.2f}" for seconds in sorted(took)))
    assert max(took) <= BOUND


def test_a_prompt_without_barge_in_is_heard_to_its_end(calls: tuple[list[Listened], Listened]) -> None:
    call = calls[1]
    assert call.names == call.record.heard == [LONG]
    (prompt,) = call.heard
    assert prompt.whole
    assert prompt.at + prompt.seconds - call.keys[0] > 2.0
