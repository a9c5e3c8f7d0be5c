"""Events of AMI that no action asked for, taken from the bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.asterisk.ami_connection import MAX_MESSAGE, ConnectionManager, ConnectionProtocol, RawEvent

HANGUP = b"Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/t-1\r\nUniqueid: 17.4\r\nCause: 16"
ANSWER = b"Response: Success\r\nActionID: a\r\nPing: Pong"
ITEM = b"Event: QueueParams\r\nQueue: support\r\nActionID: b"


class Wire:
    """What is written goes nowhere."""

    closed = False

    def close(self) -> None:
        self.closed = True


class Listening:
    """A connection, and what came over it: events by name, and messages that panoramisk was given."""

    def __init__(self) -> None:
        self.events: list[RawEvent] = []
        self.messages: list[Any] = []
        self.lost = 0
        self.manager = ConnectionManager(self._lost, self.events.append)
        self.protocol = ConnectionProtocol()
        self.protocol.connection_made(Wire())
        self.protocol.factory = self.manager
        self.protocol.handle_message = self.messages.append

    def _lost(self) -> None:
        self.lost += 1


@given(st.data())
def test_however_the_bytes_are_cut_each_message_comes_once_and_whole(data: st.DataObject) -> None:
    stream = b"".join(message + b"\r\n\r\n" for message in (HANGUP, ANSWER, ITEM, HANGUP))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    listening = Listening()
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        listening.protocol.data_received(stream[begin:end])
    assert [(event.name, event.uniqueid, event.get("Cause")) for event in listening.events] == [
        ("Hangup", "17.4", "16")
    ] * 2
    assert [message.get("Ping", message.get("Queue")) for message in listening.messages] == ["Pong", "support"]


def test_headers_are_found_whatever_their_case_and_the_first_of_a_name_counts() -> None:
    event = RawEvent("Event: UserEvent\r\nUserevent: x\r\nWho: 张三\r\nwho: other\r\nno colon".encode())
    assert (event.get("UserEvent"), event.get("WHO"), event.get("None", "-")) == ("x", "张三", "-")


def test_an_event_of_no_channel_has_no_id() -> None:
    assert RawEvent(b"Event: FullyBooted\r\nStatus: Fully Booted").uniqueid == ""


def test_bytes_that_are_no_text_do_not_end_the_connection() -> None:
    listening = Listening()
    listening.protocol.data_received(b"Event: Hangup\r\nUniqueid: \xff\r\nCallerIDName: \xfe\xff\r\n\r\n")
    assert len(listening.events) == 1
    assert listening.lost == 0


@pytest.mark.parametrize("begin", [b"Event: Hangup\r\n", b"Response: "])
def test_a_message_without_an_end_ends_the_connection(begin: bytes) -> None:
    listening = Listening()
    listening.protocol.data_received(begin + b"x" * MAX_MESSAGE)
    assert listening.lost == 1
