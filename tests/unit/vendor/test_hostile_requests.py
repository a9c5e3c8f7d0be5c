"""Whatever arrives: believed when it is signed, refused in the vendor's form when it is not, never anything else."""

from __future__ import annotations

import hashlib
import string
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.vendor import VendorError
from router.vendor.action import Action
from router.vendor.pace import Pace, Rate
from router.vendor.parameters import read_parameters
from router.vendor.signature import Received, read_claim
from router.vendor.table import ACTIONS
from tests.contract.vendor.signing import headers_of, sign, sign_v2

NOW = 1_790_000_000.0
SECRET = "s3cret-for-tests"
NAMES = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="utf-8"), max_size=30)
PATIENT = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
QUERIES = st.dictionaries(NAMES, VALUES, max_size=6)


@PATIENT
@given(QUERIES, st.booleans())
def test_every_text_that_is_signed_rightly_is_believed_and_read_as_it_was(query: dict[str, str], plus: bool):
    headers = headers_of("h", NOW)
    headers["authorization"] = sign(headers, query)
    text = urlencode(query) if plus else "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    claim = read_claim(Received("POST", text, headers, b""))
    assert claim.made_by(SECRET)
    assert not claim.made_by(SECRET + "x")
    assert dict(claim.parameters) == query


@PATIENT
@given(QUERIES, QUERIES, NAMES, VALUES)
def test_a_parameter_more_or_other_is_never_believed(
    query: dict[str, str], form: dict[str, str], name: str, value: str
):
    form = {key: text for key, text in form.items() if key not in query}
    body = urlencode(form).encode()
    headers = headers_of("h", NOW, body=body)
    headers["authorization"] = sign(headers, query)
    assert read_claim(Received("POST", urlencode(query), headers, body)).made_by(SECRET)
    if query.get(name) == value:
        return
    bent = urlencode({**query, name: value})
    with suppress(VendorError):
        assert not read_claim(Received("POST", bent, headers, body)).made_by(SECRET)


@PATIENT
@given(QUERIES)
def test_the_older_signature_reads_what_it_signs(extra: dict[str, str]):
    query = {
        **{f"X{name}": value for name, value in extra.items()},
        "Action": "ListPhoneNumbers",
        "Version": "2020-07-01",
        "AccessKeyId": "testkey",
        "Timestamp": "2026-09-21T00:00:00Z",
        "SignatureNonce": "nonce-0001",
        "SignatureMethod": "HMAC-SHA1",
    }
    query["Signature"] = sign_v2(query)
    claim = read_claim(Received("POST", urlencode(query), {}, b""))
    assert claim.made_by(SECRET)
    assert dict(claim.parameters) == {f"X{name}": value for name, value in extra.items()}


HEADERS = st.dictionaries(
    st.sampled_from(["authorization", "host", "x-acs-date", "x-acs-signature-nonce", "x-acs-version", "content-type"]),
    st.text(max_size=80),
)


@PATIENT
@given(st.text(max_size=200), HEADERS, st.binary(max_size=100))
def test_what_is_no_signed_request_is_refused_in_the_vendors_form(query: str, headers: dict[str, str], body: bytes):
    with pytest.raises(VendorError) as raised:
        read_claim(Received("POST", query, headers, body))
    assert 400 <= raised.value.status < 500


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", " ", "1", "0", "-1", "101", "9" * 19, "True", "[]", '["a"]', "[1]", "[[]]", "{}", "null", '"x"', "[" * 50]
    ),
    st.just("[" * 100_000),
    st.just("[" + "1," * 2_000 + "1]"),
)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.version}-{action.name}")
@settings(PATIENT, max_examples=15)
@given(data=st.data())
def test_parameters_are_read_or_refused_in_the_vendors_words(action: Action, data: st.DataObject):
    names = [str(field.alias) for field in action.parameters.model_fields.values()]
    wanted: dict[str, str] = {name: data.draw(TEXTS, label=name) for name in names if data.draw(st.booleans())}
    error = refusal(action, wanted)
    assert error is None or error.status == 400
    assert error is None or error.code.startswith(("Parameter.", "Missing", "Invalid"))


def refusal(action: Action, wanted: dict[str, str]) -> VendorError | None:
    try:
        read_parameters(action.parameters, wanted)
    except VendorError as error:
        return error
    return None


def test_lists_that_are_flattened_are_read_in_their_order():
    from router.vendor.actions.old import OldAddBulkPhoneNumbers

    numbered = {f"PhoneNumber.{place}": f"n{place}" for place in (10, 2, 1)}
    found = read_parameters(OldAddBulkPhoneNumbers, {"InstanceId": "i", "Usage": "Inbound", **numbered})
    assert found.phone_number == ("n1", "n2", "n10")
    with pytest.raises(VendorError):
        read_parameters(
            OldAddBulkPhoneNumbers, {"InstanceId": "i", "Usage": "Inbound", "PhoneNumber": "[]", **numbered}
        )


def test_a_pace_is_kept_by_name_and_forgets_who_was_not_seen_longest():
    pace = Pace(Rate(1.0, 2.0), most=2)
    assert [pace.take("a", NOW) for _ in range(3)] == [0, 0, 1]
    assert pace.take("a", NOW + 1) == 0
    assert [pace.take(name, NOW) for name in ("b", "c")] == [0, 0]
    assert pace.take("a", NOW + 1) == 0  # forgotten: it begins anew
    assert pace.wait("a", NOW - 100) == 0  # a clock set back gives no debt


def test_the_digest_of_the_body_is_what_is_signed():
    body = b"InstanceId=a"
    headers: dict[str, Any] = headers_of("h", NOW, body=body)
    headers["x-acs-content-sha256"] = hashlib.sha256(b"other").hexdigest()
    headers["authorization"] = sign(headers, {})
    with pytest.raises(VendorError) as raised:
        read_claim(Received("POST", "", headers, body))
    assert raised.value.code == "SignatureDoesNotMatch"
