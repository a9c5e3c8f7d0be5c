"""`line400 serve` speaks, while the caller waits, what nobody could foresee: by a program of one's own, into the sounds
that the settings name. The caller of a real Asterisk hears it, behind what was recorded and what was spoken ahead."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr_flows.commands import Prompt
from router.asterisk.generated.dialplan import CALL_HEADER
from router.asterisk.host import Programs
from router.asterisk.prompts import prompt_file
from router.asterisk.sounds.audio import RATE, Samples, wav
from router.configuration import load
from router.store import Store
from simulator.sip.switch import free_ports

from .company import company
from .failing import ServingRouter, settings, until
from .hearing import listen
from .lab import Lab
from .telephone import Telephone, linear

BASE = "01088880001"
SPEAK = """
import random, struct, sys, wave
text, output = sys.stdin.read(), sys.argv[1]
noise = random.Random(text)
made = wave.open(output, "wb")
made.setparams((1, 2, 8000, 0, "NONE", None))
made.writeframes(b"".join(struct.pack("<h", noise.randrange(-9000, 9000)) for _ in range(8000)))
"""
AHEAD, RECORDED, COMPOSED = "请输入单号。", "您好。", "您输入的单号是一二三。"
FLOW = f"""flow: said
nodes:
  hello: {{ play: {{ file: greeting, text: {RECORDED} }}, next: ask }}
  ask:
    gather: {{ prompt: {AHEAD}, max_digits: 3, into: number, retries: 0 }}
    on: {{ ok: say, no_input: end, no_match: end }}
  say: {{ play: "您输入的单号是{{{{ number | digits }}}}。", next: end }}
  end: {{ hangup: normal }}
"""


def noise(seed: str) -> Samples:
    """What `SPEAK` makes of a text."""
    import random

    chance = random.Random(seed)
    return np.array([chance.randrange(-9000, 9000) for _ in range(RATE)], dtype=np.int16)


@pytest.fixture
def served(programs: Programs, tmp_path: Path) -> Iterator[tuple[Lab, Path]]:
    """A switch, and the configuration of a router whose synthesiser is a program."""
    (port,) = free_ports(1)
    config = tmp_path / "config"
    trunks = (
        "trunks:\n  bj: { peer: 127.0.0.1, original_called: [p-called-party-id] }\n  上海中继: { peer: 127.0.0.12 }\n"
    )
    routes = "number,line,flow\n4008001234,bj,said\n4008005678,bj,said\n4008009999,上海,said\n"
    book = company(config, trunks__yaml=trunks, routes__csv=routes, **{"flows/said__flow__yaml": FLOW})
    lab = Lab(programs, book, routers=(f"127.0.0.1:{port}",))
    cdr = lab.asterisk.log / "cdr-custom" / "line400-cdr.csv"
    program = tmp_path / "speak.py"
    program.write_text(SPEAK)
    text = settings(f"sqlite:///{tmp_path / 'line400.db'}", port, lab.ami_port, cdr)
    text += f"sounds: {lab.asterisk.sounds}\nspeech_command: ['{sys.executable}', '{program}', '{{output}}']\n"
    (config / "line400.yaml").write_text(text, encoding="utf-8")
    (config / "prompts").mkdir()
    (config / "prompts" / "greeting.wav").write_bytes(wav(noise("recorded by a person")))
    assert load(config).configuration is not None
    yield lab, config
    lab.close()


async def test_a_caller_hears_what_was_recorded_what_was_spoken_ahead_and_what_only_this_call_says(
    served: tuple[Lab, Path],
) -> None:
    lab, config = served
    router = await ServingRouter(config, secret=Lab.SECRET).start()
    try:
        ahead = lab.asterisk.sounds / f"{prompt_file(Prompt(AHEAD))}.alaw"
        await until(ahead.is_file)  # the first revision, which this router applied itself
        headers = {"P-Called-Party-ID": "<sip:4008001234@carrier.invalid>", CALL_HEADER: "spoken"}
        async with Telephone(lab.sip_port, BASE, headers) as telephone:
            await telephone.hear(RATE * 3 // 2)
            for key in "123":
                telephone.press(key)
                await asyncio.sleep(0.3)  # the switch sends nothing by which time could be told
            await telephone.over()
        await router.stop()
    finally:
        await router.end()
    async with await Store.open(f"sqlite:///{config.parent / 'line400.db'}") as store:
        (record,) = await store.query_calls()
    assert (record.outcome, record.pressed, record.heard) == ("completed", "123", [RECORDED, AHEAD, COMPOSED])
    prompts = {RECORDED: noise("recorded by a person"), AHEAD: noise(AHEAD), COMPOSED: noise(COMPOSED)}
    heard = await asyncio.to_thread(listen, linear(telephone.sound.a_law), prompts)
    assert [item.name for item in heard] == [RECORDED, AHEAD, COMPOSED], (heard, router.log.read_text())
    assert heard[-1].whole
