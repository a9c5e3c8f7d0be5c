"""The live router and the services of line400.yaml: messages sent, words understood, events told, real calls only."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.outside.conftest import Service, says, service

from .test_caller_relations import World

__all__ = ["service"]

FLOW = """flow: knows
nodes:
  sms: { message: { text: 您好, channel: sms }, on: { sent: tell, failed: bye } }
  tell: { notify: told, data: { who: "{{ called }}" }, next: bye }
  bye: { hangup: normal }
"""
SPEECH = """flow: knows
nodes:
  ask: { speech: { prompt: 请说, intents: [查账单, 报修], retries: 0 }, on: { 查账单: bill, 报修: fix, no_input: no } }
  bill: { play: 账单 }
  fix: { play: "报修{{ utterance }}" }
  no: { play: 不懂 }
"""


def kept(folder: Path) -> list[Path]:
    return list(folder.rglob("*.wav"))


async def test_a_message_is_sent_and_an_event_told(service: Service) -> None:
    settings = f"messages: {{ url: '{service.url('/sms')}' }}\nevents: {{ url: '{service.url('/told')}' }}\n"
    async with World(FLOW, None, settings=settings) as world:
        record = await world.call("c-1")
        assert (list(record.path), record.fault) == (["sms", "tell", "bye"], None)
    sent = {request.path: json.loads(request.body) for request in service.sent}
    assert sent["/sms"] == {"to": "13800138000", "text": "您好", "channel": "sms", "call_id": "c-1"}
    told = sent["/told"]
    assert (told["event"], told["call_id"], told["number"], told["caller"], told["data"]) == (
        *("told", "c-1", "4008001234", "13800138000"),
        {"who": "4008001234"},
    )


async def test_test_calls_send_and_tell_nothing(service: Service) -> None:
    settings = f"messages: {{ url: '{service.url('/sms')}' }}\nevents: {{ url: '{service.url('/told')}' }}\n"
    async with World(FLOW, None, settings=settings) as world:
        assert list((await world.call("c-1", test=True)).path) == ["sms", "tell", "bye"]
    assert service.sent == []


async def test_without_a_service_a_message_fails_and_says_so() -> None:
    async with World(FLOW, None) as world:
        record = await world.call("c-1")
    assert (list(record.path), record.fault.code if record.fault else None) == (["sms", "bye"], "message_failed")


async def test_words_are_understood_from_the_recording_of_the_switch(service: Service, tmp_path: Path) -> None:
    service.answer = says(json.dumps({"text": "坏了", "intent": "报修", "confidence": 0.8}))
    settings = f"speech: {{ url: '{service.url()}' }}\nrecordings: {tmp_path}\n"
    async with World(SPEECH, None, settings=settings, spool=tmp_path) as world:
        record = await world.call("c-1")
    assert (list(record.path), list(record.heard), record.fault) == (["ask", "fix"], ["请说", "报修坏了"], None)
    (sent,) = service.sent
    assert sent.body.startswith(b"RIFF")
    # What was said to be understood is nothing that the caller left.
    assert kept(tmp_path) == []
    assert record.left == ()


async def test_a_recogniser_that_fails_is_a_fault_and_the_call_goes_on(service: Service, tmp_path: Path) -> None:
    service.answer = says("", 503)
    settings = f"speech: {{ url: '{service.url()}' }}\nrecordings: {tmp_path}\n"
    async with World(SPEECH, None, settings=settings, spool=tmp_path) as world:
        record = await world.call("c-1")
    assert (list(record.path), record.outcome) == (["ask", "no"], "completed")
    assert record.fault is not None
    assert record.fault.code == "speech_failed"
    assert "503" in record.fault.message.en


async def test_without_a_recogniser_the_record_says_so_on_every_way() -> None:
    async with World(SPEECH, None) as world:
        live = await world.call("c-1")
        test = await world.call("c-2", test=True)
        virtual = world.virtually()
    for record in (live, test, virtual):
        assert record.fault is not None
        assert (list(record.path), record.fault.code, record.fault.by) == (
            *(["ask", "no"], "no_recogniser"),
            "configuration",
        )
