"""Who asks: signatures by both SDKs, and everything that somebody without the secret may try."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from router.store import Store
from router.vendor.pace import Rate

from .signing import headers_of, iso, send, sign, sign_v2
from .stage import SECRET, an_endpoint, new_client, old_client, on_a_socket

NOW = 1_790_000_000.0
ODD = "400 /中文~*&=%+\t“”"


class Clock:
    """The clock of the endpoint; the SDKs have the machine's, so that it follows them unless it is set."""

    def __init__(self) -> None:
        self.set: float | None = None

    def __call__(self) -> float:
        import time

        return time.time() if self.set is None else self.set


async def echo(call: Any, given: Any) -> dict[str, Any]:
    return {"Data": {"List": [{"Number": given.search_pattern}], "TotalCount": 7}, "Seen": given.instance_id}


async def flow(call: Any, given: Any) -> dict[str, Any]:
    return {"FlowPackageData": given.flow_id}


async def bulk(call: Any, given: Any) -> dict[str, Any]:
    return {"PhoneNumbers": {"PhoneNumber": [{"Number": number} for number in given.phone_number]}}


SERVICES = {
    ("2020-07-01", "ListPhoneNumbers"): echo,
    ("2020-07-01", "ListSkillGroupStates"): echo,
    ("2020-07-01", "ExportContactFlow"): flow,
    ("2017-07-05", "AddBulkPhoneNumbers"): bulk,
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def address(clock: Clock) -> Iterator[str]:
    with on_a_socket(an_endpoint(SERVICES, clock).install) as found:
        yield found


def asked(address: str, clock: Clock, query: dict[str, str] | None = None, **bent: Any) -> tuple[int, dict[str, Any]]:
    """The answer to a request signed by hand at `NOW`."""
    clock.set = NOW
    headers = bent.pop("headers", None) or headers_of(
        address, bent.pop("at", NOW), nonce=bent.pop("nonce", "nonce-one")
    )
    given = {"InstanceId": "a"} if query is None else query
    headers["authorization"] = bent.pop("authorization", None) or sign(headers, given, **bent)
    status, document, _ = send(address, headers, given)
    return status, document


def list_request(**more: Any) -> Any:
    from alibabacloud_ccc20200701 import models

    return models.ListPhoneNumbersRequest(instance_id="ccc-test a+b", page_number=1, page_size=10, **more)


# ---- the SDKs


@pytest.mark.parametrize("algorithm", [None, "ACS3-HMAC-SHA256", "v2"])
def test_a_client_is_believed_whatever_characters_it_sends(address: str, algorithm: str | None):
    client = new_client(address, signature_algorithm=algorithm)
    answer = client.list_phone_numbers(list_request(search_pattern=ODD, active=True))
    assert answer.status_code == 200
    assert (answer.body.code, answer.body.http_status_code) == ("OK", 200)
    assert answer.body.data.list[0].number == ODD
    assert answer.body.data.total_count == 7
    assert answer.headers["x-acs-request-id"] == answer.body.request_id


def test_the_asynchronous_client_is_the_same(address: str):
    async def ask() -> Any:
        return await new_client(address).list_phone_numbers_async(list_request(search_pattern=ODD))

    assert asyncio.run(ask()).body.data.list[0].number == ODD


def test_an_endpoint_with_its_scheme_works_too(address: str):
    assert new_client(f"http://{address}").list_phone_numbers(list_request()).body.code == "OK"


def test_parameters_in_the_body_are_signed_and_read(address: str):
    from alibabacloud_ccc20200701 import models

    answer = new_client(address).export_contact_flow(models.ExportContactFlowRequest(instance_id="a", flow_id=ODD))
    assert answer.body.flow_package_data == ODD


def test_actions_by_get_work(address: str):
    from alibabacloud_ccc20200701 import models

    with pytest.raises(Exception, match="400") as raised:
        new_client(address).list_skill_group_states(models.ListSkillGroupStatesRequest())
    assert raised.value.code == "MissingInstanceId"


def test_the_older_version_sends_lists_in_a_form(address: str):
    from alibabacloud_ccc20170705 import models

    numbers = ["400-800-1234", "400 600 5678"]
    answer = old_client(address).add_bulk_phone_numbers(
        models.AddBulkPhoneNumbersRequest(instance_id="中 文", phone_number=numbers, usage="Inbound")
    )
    assert answer.body.success is True
    assert [item.number for item in answer.body.phone_numbers.phone_number] == numbers


@pytest.mark.parametrize(
    ("key", "secret", "status", "code"),
    [
        ("testkey", "wrong", 400, "SignatureDoesNotMatch"),
        ("nobody", SECRET, 404, "InvalidAccessKeyId.NotFound"),
        ("off", SECRET, 400, "InvalidAccessKeyId.Inactive"),
        ("unset", SECRET, 400, "InvalidAccessKeyId.Inactive"),
    ],
)
def test_refusals_reach_the_client_as_its_own_exceptions(address: str, key: str, secret: str, status: int, code: str):
    from alibabacloud_tea_openapi.exceptions import ClientException

    for client, request in (
        (new_client(address, key, secret), list_request()),
        (new_client(address, key, secret, signature_algorithm="v2"), list_request()),
    ):
        with pytest.raises(ClientException) as raised:
            client.list_phone_numbers(request)
        assert (raised.value.status_code, raised.value.code) == (status, code)
        assert raised.value.request_id


def test_sts_and_bearer_are_refused_by_name(address: str):
    from alibabacloud_credentials.client import Client as Credential
    from alibabacloud_credentials.models import Config as CredentialConfig

    with pytest.raises(Exception, match="STS") as raised:
        new_client(address, security_token="t").list_phone_numbers(list_request())
    assert raised.value.code == "InvalidSecurityToken"
    bearer = Credential(CredentialConfig(type="bearer", bearer_token="b"))
    with pytest.raises(Exception, match="bearer") as raised:
        new_client(address, None, None, credential=bearer).list_phone_numbers(list_request())
    assert raised.value.code == "InvalidBearerToken"


def test_too_many_requests_are_the_throttling_exception_with_its_seconds(clock: Clock):
    from alibabacloud_tea_openapi.exceptions import ThrottlingException

    slow = an_endpoint(SERVICES, clock, per_key=Rate(0.2, 2))
    with on_a_socket(slow.install) as address:
        client = new_client(address)
        for _ in range(2):
            client.list_phone_numbers(list_request())
        with pytest.raises(ThrottlingException) as raised:
            client.list_phone_numbers(list_request())
        assert raised.value.code == "Throttling.User"
        assert 1 <= raised.value.retry_after <= 5
        new_client(address, "reader").list_phone_numbers(list_request())  # another key has a pace of its own


def test_a_fault_of_ours_is_the_server_exception_and_says_nothing_of_its_cause(clock: Clock):
    from alibabacloud_tea_openapi.exceptions import ServerException

    async def broken(call: Any, given: Any) -> dict[str, Any]:
        raise RuntimeError("private: 13800138000")

    with on_a_socket(an_endpoint({("2020-07-01", "ListPhoneNumbers"): broken}, clock).install) as address:
        with pytest.raises(ServerException) as raised:
            new_client(address).list_phone_numbers(list_request())
        assert raised.value.code == "InternalService.Common"
        assert "13800138000" not in str(raised.value.data)


# ---- attacks


def test_a_request_signed_by_hand_is_believed_once(address: str, clock: Clock):
    assert asked(address, clock)[0] == 200
    assert asked(address, clock)[1]["Code"] == "SignatureNonceUsed"
    assert asked(address, clock, nonce="nonce-two")[0] == 200


@pytest.mark.parametrize(("ahead", "code"), [(899, None), (-899, None), (901, "Expired"), (-901, "Expired")])
def test_the_date_is_within_fifteen_minutes(address: str, clock: Clock, ahead: int, code: str | None):
    status, document = asked(address, clock, at=NOW + ahead)
    assert (status, document["Code"]) == ((200, "OK") if code is None else (400, f"InvalidTimeStamp.{code}"))


def test_a_replay_is_known_for_as_long_as_its_date_is_taken(address: str, clock: Clock):
    headers = headers_of(address, NOW + 890, nonce="nonce-late")
    headers["authorization"] = sign(headers, {"InstanceId": "a"})
    clock.set = NOW
    assert send(address, headers, {"InstanceId": "a"})[0] == 200
    clock.set = NOW + 890 + 899
    assert send(address, headers, {"InstanceId": "a"})[1]["Code"] == "SignatureNonceUsed"


async def test_a_replay_is_known_after_a_restart(tmp_path: Path):
    headers = headers_of("line400.example", NOW)
    headers["authorization"] = sign(headers, {"InstanceId": "a"})
    codes = []
    for _ in range(2):
        async with await Store.open(f"sqlite:///{tmp_path}/line400.db") as store:
            app = web.Application()
            an_endpoint(SERVICES, lambda: NOW, store).install(app)
            async with TestClient(TestServer(app)) as client:
                answer = await client.post("/?InstanceId=a", headers=headers)
                codes.append((await answer.json())["Code"])
    assert codes == ["OK", "SignatureNonceUsed"]


@pytest.mark.parametrize("text", ["2026-11-24 02:06:24Z", "2026-13-24T02:06:24Z", "yesterday", ""])
def test_a_date_that_is_none_is_told(address: str, clock: Clock, text: str):
    headers = headers_of(address, NOW)
    headers["x-acs-date"] = text
    assert asked(address, clock, headers=headers)[1]["Code"] == "InvalidTimeStamp.Format"


@pytest.mark.parametrize(
    "name", ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"]
)
def test_what_must_be_signed_cannot_be_left_out(address: str, clock: Clock, name: str):
    headers = headers_of(address, NOW)
    status, document = asked(address, clock, headers=headers, signed=[each for each in headers if each != name])
    assert (status, document["Code"]) == (400, "InvalidSignedHeaders")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-acs-action", "DeleteInstance"),
        ("x-acs-version", "2017-07-05"),
        ("x-acs-signature-nonce", "another-nonce"),
        ("x-acs-date", iso(NOW + 1)),
        ("host", "elsewhere.example"),
        ("x-acs-extra", "2"),
    ],
)
def test_a_header_changed_on_the_way_is_noticed(address: str, clock: Clock, name: str, value: str):
    headers = {**headers_of(address, NOW), "x-acs-extra": "1"}
    authorization = sign(headers, {"InstanceId": "a"})
    headers[name] = value
    assert asked(address, clock, headers=headers, authorization=authorization)[1]["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize("changed", ["InstanceId=b", "InstanceId=a&Force=true", "", "InstanceId=a&PageSize=10"])
def test_a_parameter_changed_on_the_way_is_noticed(address: str, clock: Clock, changed: str):
    clock.set = NOW
    headers = headers_of(address, NOW)
    headers["authorization"] = sign(headers, {"InstanceId": "a"})
    assert send(address, headers, changed)[1]["Code"] == "SignatureDoesNotMatch"


def test_a_body_changed_on_the_way_is_noticed(address: str, clock: Clock):
    clock.set = NOW
    headers = headers_of(address, NOW, action="ExportContactFlow", body=b"FlowId=a&InstanceId=i")
    headers["authorization"] = sign(headers, {})
    assert send(address, headers, "", body=b"FlowId=b&InstanceId=i")[1]["Code"] == "SignatureDoesNotMatch"
    assert send(address, headers, "", body=b"FlowId=a&InstanceId=i")[1]["FlowPackageData"] == "a"


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ("InstanceId=a&InstanceId=b", b"", "InvalidInstanceId"),
        ("InstanceId=a", b"InstanceId=a", "InvalidInstanceId"),
        ("Instance%00Id=a", b"", "InvalidParameters"),
        ("InstanceId=%ff%fe", b"", "InvalidParameters"),
        ("&".join(f"P{n}=1" for n in range(300)), b"", "InvalidParameters"),
        ("InstanceId=a", b"\xff=1", "InvalidParameters"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(address: str, clock: Clock, query: str, body: bytes, code: str):
    clock.set = NOW
    headers = headers_of(address, NOW, body=body)
    headers["authorization"] = sign(headers, {"InstanceId": "a"})
    status, document, _ = send(address, headers, query, body=body)
    assert (status, document["Code"]) == (400, code)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("ACS3-HMAC-SM3 Credential=testkey,SignedHeaders=host,Signature=" + "0" * 64, "InvalidSignatureMethod"),
        ("ACS3-RSA-SHA256 Credential=testkey,SignedHeaders=host,Signature=abc", "InvalidSignatureMethod"),
        ("Bearer something", "InvalidBearerToken"),
        ("Basic dXNlcjpwYXNz", "InvalidAuthorization"),
        ("ACS3-HMAC-SHA256", "InvalidAuthorization"),
        ("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=,Signature=", "InvalidAuthorization"),
    ],
)
def test_other_ways_of_signing_are_refused_by_name(address: str, clock: Clock, authorization: str, code: str):
    status, document = asked(address, clock, authorization=authorization)
    assert (status, document["Code"]) == (400, code)


def test_a_request_that_signs_nothing_is_told_so(address: str):
    status, document, headers = send(address, {"host": address}, "")
    assert (status, document["Code"]) == (400, "MissingAuthorization")
    assert document["RequestId"] == headers["x-acs-request-id"]


def v2_query(**changed: str) -> dict[str, str]:
    return {
        "Action": "ListPhoneNumbers",
        "Format": "json",
        "Version": "2020-07-01",
        "Timestamp": iso(NOW),
        "SignatureNonce": "nonce-v2-1",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "AccessKeyId": "testkey",
        "InstanceId": "a",
        **changed,
    }


def test_the_older_signature_covers_every_parameter(address: str, clock: Clock):
    clock.set = NOW
    query = v2_query()
    query["Signature"] = sign_v2(query)
    assert send(address, {"host": address}, {**query, "InstanceId": "b"})[1]["Code"] == "SignatureDoesNotMatch"
    assert send(address, {"host": address}, {**query, "Force": "true"})[1]["Code"] == "SignatureDoesNotMatch"
    assert send(address, {"host": address}, query)[0] == 200
    assert send(address, {"host": address}, query)[1]["Code"] == "SignatureNonceUsed"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SignatureMethod": "HMAC-SHA256"}, "InvalidSignatureMethod"),
        ({"Format": "XML"}, "InvalidFormat"),
        ({"SecurityToken": "t"}, "InvalidSecurityToken"),
        ({"Timestamp": "now"}, "InvalidTimeStamp.Format"),
        ({"SignatureNonce": ""}, "MissingSignatureNonce"),
        ({"AccessKeyId": "nobody"}, "InvalidAccessKeyId.NotFound"),
    ],
)
def test_the_older_way_is_judged_like_the_newer(address: str, clock: Clock, changed: dict[str, str], code: str):
    clock.set = NOW
    query = v2_query(**changed)
    query["Signature"] = sign_v2(query)
    assert send(address, {"host": address}, query)[1]["Code"] == code


def test_guessing_secrets_is_slowed_down_by_address(clock: Clock):
    clock.set = NOW
    guarded = an_endpoint(SERVICES, clock, failures=Rate(0.1, 3))
    with on_a_socket(guarded.install) as address:
        codes = [asked(address, clock, nonce=f"nonce-no-{n}", secret=f"guess-{n}")[1]["Code"] for n in range(4)]
        assert codes == ["SignatureDoesNotMatch"] * 3 + ["Throttling.User"]


# ---- parameters and roles


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "MissingInstanceId"),
        ({"InstanceId": " "}, "Parameter.Blank"),
        ({"InstanceId": "a", "PageSize": "101"}, "Parameter.Maximum"),
        ({"InstanceId": "a", "PageNumber": "0"}, "Parameter.Minimum"),
        ({"InstanceId": "a", "PageNumber": "1e3"}, "Parameter.Format"),
        ({"InstanceId": "a", "Active": "yes"}, "Parameter.Format"),
        ({"InstanceId": "a", "Usage": "Both"}, "Parameter.Enumeration"),
        ({"InstanceId": "a", "Active": "True", "Usage": "inbound", "NoSuchParameter": "1"}, "OK"),
        ({"InstanceId": "a", "Active": "false"}, "OK"),
    ],
)
def test_parameters_are_judged_in_the_vendors_words(address: str, clock: Clock, query: dict[str, str], code: str):
    assert asked(address, clock, query)[1]["Code"] == code


@pytest.mark.parametrize(
    ("action", "version", "said"),
    [
        ("AbortCampaign", "2020-07-01", "does not offer it"),
        ("ListPhoneNumber", "2020-07-01", "check its name"),
        ("ListPhoneNumbers", "2019-01-01", "check its name"),
    ],
)
def test_an_action_that_is_not_there_says_whether_the_vendor_has_it(
    address: str, clock: Clock, action: str, version: str, said: str
):
    status, document = asked(address, clock, headers=headers_of(address, NOW, action=action, version=version))
    assert (status, document["Code"]) == (404, "InvalidApi.NotFound")
    assert said in document["Message"]


def test_a_role_reaches_as_far_as_the_table_says(address: str, clock: Clock):
    headers = headers_of(address, NOW, action="DeleteInstance")
    status, document = asked(address, clock, headers=headers, key="reader")
    assert (status, document["Code"]) == (403, "NoPermission")
    assert document["AccessDeniedDetail"]["AuthAction"] == "ccc:DeleteInstance"


# ---- bodies


def test_a_body_that_is_too_large_is_refused_before_it_is_read(address: str):
    headers = {"host": address, "Content-Length": str(9 * 1024 * 1024)}
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.putrequest("POST", "/", skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["Code"]) == (413, "InvalidParameters")
    connection.close()


def test_a_body_that_does_not_come_is_not_waited_for(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("router.vendor.endpoint.BODY_SECONDS", 0.05)
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.putrequest("POST", "/", skip_host=True)
    connection.putheader("Host", address)
    connection.putheader("Content-Length", "100")
    connection.endheaders(b"InstanceId=")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["Code"]) == (408, "RequestTimeout")
    connection.close()
