"""What a receiver is sent: read by the SDK of CloudEvents, verified by the library of Standard Webhooks."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from router.happenings import KINDS, TEST, Happening, is_pattern, of_call, of_record, wanted
from router.record import CallRecord
from router.webhooks import content_of, signature_of
from router.webhooks.forms import VENDOR_EVENTS, kinds_of
from router.webhooks.signing import headers_of, key_of

ZONE = ZoneInfo("Asia/Shanghai")
AT = 1_790_000_000.25


def record() -> CallRecord:
    return CallRecord(
        call_id="c-1",
        caller="13800138000",
        caller_kind="mobile",
        called="4008001234",
        called_by="header",
        dialled="01088880001",
        started=AT,
        base_number="01088880001",
        line="bj",
        flow="welcome",
        path=["greet", "menu"],
        outcome="abandoned",
        abandoned_in="queue",
        hangup_by="caller",
        hangup_cause=16,
        ended=AT + 12,
    )


def test_a_cloud_event_is_read_by_the_sdk_of_cloudevents() -> None:
    happening = of_call("call.queued", record(), AT, 3, queue="support")
    body, kind = content_of(happening, "cloudevents", "示例科技", ZONE, lambda number: "")
    event = from_http_event(HTTPMessage({"content-type": kind}, body), JSONFormat())
    assert event.get_type() == "line400.call.queued"
    assert event.get_id() == "c-1/3"
    assert event.get_subject() == "c-1"
    assert event.get_source() == "/line400/%E7%A4%BA%E4%BE%8B%E7%A7%91%E6%8A%80"
    moment = event.get_time()
    assert moment is not None
    assert moment.timestamp() == AT
    data = event.get_data()
    assert isinstance(data, dict)
    assert (data["queue"], data["caller"], data["called"]) == ("support", "13800138000", "4008001234")


@pytest.mark.parametrize("kind", sorted(set(VENDOR_EVENTS) - {TEST}))
def test_an_event_in_the_form_of_the_vendor_shows_the_400_number_and_never_the_base_number(kind: str) -> None:
    call = record()
    if kind == "call.cdr_ready":
        happening = of_record(call, ZONE, assumed=False)
    else:
        happening = of_call(kind, call, AT, 0, node="menu", queue="support", agent="1001", hangup_by="caller")
    body, media = content_of(happening, "ccc", "示例科技", ZONE, lambda number: f"instance of {number}")
    event = json.loads(body)
    assert media.startswith("application/json")
    assert event["eventType"] == VENDOR_EVENTS[kind]
    assert (event["callee"], event["broker"], event["caller"]) == ("4008001234", "4008001234", "13800138000")
    assert (event["contactId"], event["contactType"]) == ("c-1", "Inbound")
    assert event["instanceId"] == "instance of 4008001234"
    assert isinstance(event["eventTime"], int)


def test_who_released_and_where_the_caller_left_is_said_in_the_words_of_the_vendor() -> None:
    happening = of_call("call.ended", record(), AT, 9, abandoned_in="queue", hangup_by="caller")
    event = json.loads(content_of(happening, "ccc", "x", ZONE, lambda number: "")[0])
    assert (event["releaseInitiator"], event["abandonPhase"]) == ("customer", "Queuing")


def test_the_form_of_the_vendor_tells_of_calls_alone() -> None:
    assert kinds_of("ccc", wanted(["*"])) == set(VENDOR_EVENTS)
    assert kinds_of("cloudevents", wanted(["*"])) == set(KINDS)


@pytest.mark.parametrize(
    ("patterns", "kinds"),
    [
        (["call.*"], {kind for kind in KINDS if kind.startswith("call.")}),
        (["number.state_changed"], {"number.state_changed"}),
        (["revision.*", "call.ended"], {"revision.applied", "call.ended"}),
        (["*"], set(KINDS)),
        (["calls.*"], set()),
        (["call.*x"], set()),
        (["call"], set()),
    ],
)
def test_patterns_name_kinds_and_a_test_is_always_told(patterns: list[str], kinds: set[str]) -> None:
    assert wanted(patterns) == kinds | {TEST}
    assert is_pattern(patterns[0]) == bool(wanted(patterns[:1]) - {TEST})


def test_a_record_closed_on_an_assumption_is_another_happening_than_the_real_one() -> None:
    names = {of_record(record(), ZONE, assumed=assumed).id for assumed in (True, False)}
    assert len(names) == 2


@given(st.binary(max_size=200), st.binary(min_size=24, max_size=64))
def test_the_signature_is_what_the_standard_webhooks_library_verifies(body: bytes, key: bytes) -> None:
    text = base64.b64encode(body)
    now = int(datetime.now(UTC).timestamp())
    secret = f"whsec_{base64.b64encode(key).decode()}"
    headers = headers_of(key_of(secret), "c-1/0", now, b'{"x":"%s"}' % text)
    assert Webhook(secret).verify(b'{"x":"%s"}' % text, headers) == {"x": text.decode()}


@pytest.mark.parametrize("change", ["id", "time", "body", "key"])
def test_what_was_changed_on_the_way_is_not_verified(change: str) -> None:
    key, other = b"k" * 24, b"o" * 24
    now = int(datetime.now(UTC).timestamp())
    headers = headers_of(other if change == "key" else key, "c-1/0", now, b"{}")
    if change == "id":
        headers["webhook-id"] = "c-1/1"
    if change == "time":
        headers["webhook-timestamp"] = str(now - 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(key).decode()).verify(b'{"y":1}' if change == "body" else b"{}", headers)


def test_a_secret_may_be_any_text_and_broken_base64_is_refused() -> None:
    assert key_of("a plain secret") == b"a plain secret"
    with pytest.raises(ValueError, match="base64"):
        key_of("whsec_***")
    assert signature_of(b"k", "a", 1, b"") != signature_of(b"k", "a", 2, b"")


def test_without_a_secret_nothing_is_signed() -> None:
    assert set(headers_of(None, "a", 1, b"")) == {"webhook-id", "webhook-timestamp"}


def test_what_is_told_holds_no_bytes_that_are_no_text() -> None:
    happening = Happening("x", "call.started", "x", AT, {"call_id": "x", "caller": "\ud800", "called": None})
    content_of(happening, "cloudevents", "\ud800x"[1:], ZONE, lambda number: "")[0].decode()
