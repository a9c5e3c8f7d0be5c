"""The version 2017-07-05 by its own SDK, and the example of the documents, against a company that is served."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_ccc20170705 import models

from router.record import CallRecord

from .company import PATIENCE, ROOT, Served, environment, serving

MAIN = "support-center"
NOW = 1_790_000_000.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("vendor-old")
    with serving(folder) as found:
        yield found


def refused(call: Any, code: str) -> Any:
    with pytest.raises(Exception, match="code: ") as raised:
        call()
    assert raised.value.code == code, raised.value.message
    return raised.value


def numbers(served: Served, **more: Any) -> dict[str, Any]:
    answer = served.old.list_phone_numbers(models.ListPhoneNumbersRequest(instance_id=MAIN, **more))
    assert answer.body.success is True
    return {item.phone_number_id: item for item in answer.body.phone_numbers.phone_number}


def test_numbers_may_never_call_out(served: Served):
    found = numbers(served)
    assert {name: (item.number, item.usage, item.allow_outbound) for name, item in found.items()} == {
        "4006005678": ("4006005678", "Inbound", False),
        "4008001234": ("4008001234", "Inbound", False),
    }
    assert found["4008001234"].contact_flow.contact_flow_id == "service"
    assert numbers(served, outbound_only=True) == {}
    outbound = served.old.list_outbound_phone_number_of_user(
        models.ListOutboundPhoneNumberOfUserRequest(instance_id=MAIN, page_number=1, page_size=10)
    ).body
    assert outbound.number_list.number == ["01088880001", "02166660002"]
    pairs = served.old.pick_outbound_numbers(
        models.PickOutboundNumbersRequest(instance_id=MAIN, callee_number="02162345678", count=1)
    ).body.dial_number_pairs.dial_number_pair
    assert [pair.caller.number for pair in pairs] == ["02166660002"]
    local = served.old.pick_local_number(
        models.PickLocalNumberRequest(
            instance_id=MAIN, callee_number="02162345678", candidate_number=["4008001234", "010-88880001"]
        )
    ).body.data
    assert local.caller.number == "01088880001"


def test_numbers_are_added_bound_and_removed_by_their_id(served: Served):
    added = served.old.add_phone_number(
        models.AddPhoneNumberRequest(
            instance_id=MAIN, phone_number="400-111-3333", usage="Inbound", contact_flow_id="welcome"
        )
    ).body.phone_number
    assert (added.phone_number_id, added.contact_flow.contact_flow_id) == ("4001113333", "welcome")
    changed = served.old.modify_phone_number(
        models.ModifyPhoneNumberRequest(
            instance_id=MAIN, phone_number_id="4001113333", usage="Inbound", contact_flow_id="service"
        )
    ).body.phone_number
    assert changed.contact_flow.contact_flow_id == "service"
    bulk = served.old.add_bulk_phone_numbers(
        models.AddBulkPhoneNumbersRequest(
            instance_id=MAIN, phone_number=["4001114444", "4001113333", "nonsense"], usage="Inbound"
        )
    ).body
    assert [item.number for item in bulk.phone_numbers.phone_number] == ["4001114444"]
    assert bulk.failed_phone_numbers.failed_phone_number == ["4001113333", "nonsense"]
    served.old.remove_phone_number(models.RemovePhoneNumberRequest(instance_id=MAIN, phone_number_id="4001113333"))
    assert "4001113333" not in numbers(served)
    for usage in ("Outbound", "Bidirection"):
        refused(
            lambda usage=usage: served.old.modify_phone_number(
                models.ModifyPhoneNumberRequest(instance_id=MAIN, phone_number_id="4008001234", usage=usage)
            ),
            "Parameter.Enumeration",
        )


def test_flow_versions_are_drafts_and_publication_brings_them_into_force(served: Served):
    flows = served.old.list_contact_flows(models.ListContactFlowsRequest(instance_id=MAIN)).body.contact_flows
    by_id = {flow.contact_flow_id: flow for flow in flows.contact_flow}
    assert [item.number for item in by_id["welcome"].phone_numbers.phone_number] == ["4006005678"]
    (version,) = by_id["welcome"].versions.contact_flow_version
    assert (version.contact_flow_version_id, version.status) == ("welcome", "Published")
    content = {
        "activities": [
            {"type": "INCOMING_CALL", "id": "a", "name": "开始", "events": [{"event": "complete", "next": "b"}]},
            {"type": "PLAY_SAY", "id": "b", "name": "问候", "properties": {"say": "旧版的问候。"}, "events": []},
        ]
    }
    text = json.dumps(content, ensure_ascii=False)
    made = served.old.create_contact_flow(
        models.CreateContactFlowRequest(instance_id=MAIN, name="旧版流程", type="MAIN_FLOW", content=text, canvas="{}")
    ).body.contact_flow
    (draft,) = made.versions.contact_flow_version
    assert (made.applied_version, draft.status) == ("", "Draft")
    changed = served.old.commit_contact_flow_version_modification(
        models.CommitContactFlowVersionModificationRequest(
            instance_id=MAIN,
            contact_flow_version_id=draft.contact_flow_version_id,
            content=text.replace("旧版的问候", "改过的问候"),
            canvas="{}",
        )
    ).body.contact_flow_version
    assert "改过的问候" in changed.content
    served.old.publish_contact_flow_version(
        models.PublishContactFlowVersionRequest(instance_id=MAIN, contact_flow_version_id=draft.contact_flow_version_id)
    )
    assert "改过的问候" in served.text(f"flows/{made.contact_flow_id}.flow.yaml")
    edited = served.old.commit_contact_flow_version_modification(
        models.CommitContactFlowVersionModificationRequest(
            instance_id=MAIN, contact_flow_version_id=made.contact_flow_id, content=text, canvas="{}"
        )
    ).body.contact_flow_version
    assert edited.status == "Draft"


def test_instances_and_records_have_their_older_names(served: Served):
    one = served.old.get_instance(models.GetInstanceRequest(instance_id=MAIN)).body.instance
    assert (one.instance_id, one.instance_name, one.status) == (MAIN, "客服中心", "Published")
    call = CallRecord("old-1", "13800138000", "mobile", "4008001234", "dialled", "4008001234", NOW)
    call.outcome, call.hangup_by, call.hangup_cause, call.entered, call.ended = "completed", "flow", 16, NOW, NOW + 5
    served.store(lambda store: store.save(call))
    listed = served.old.list_call_detail_records(
        models.ListCallDetailRecordsRequest(
            instance_id=MAIN, page_number=1, page_size=10, phone_number="4008001234", stop_time=int((NOW + 1) * 1000)
        )
    ).body.call_detail_records
    assert listed.total_count == 1
    (found,) = listed.list.call_detail_record
    assert (found.called_number, found.calling_number, found.duration) == ("4008001234", "13800138000", 5)


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        (
            "start_back_2back_call",
            models.StartBack2BackCallRequest(call_center_number="4008001234", caller="13800138000", callee="139"),
        ),
        ("dial_ex", models.DialExRequest(caller="400-800-1234", callee="13800138000")),
        ("start_job", models.StartJobRequest(calling_number=["01088880001", "4008001234"])),
    ],
)
def test_a_400_number_calls_out_in_no_version(served: Served, action: str, request_: Any):
    request_.instance_id = MAIN
    error = refused(lambda: getattr(served.old, action)(request_), "Parameter.Enumeration")
    assert "400号码不支持外呼" in error.message


def test_an_action_that_is_not_there_is_told_in_the_older_version_too(served: Served):
    refused(lambda: served.old.list_job_groups(models.ListJobGroupsRequest(instance_id=MAIN)), "InvalidApi.NotFound")


def test_the_example_of_the_documents_runs(served: Served):
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "examples" / "vendor_sdk.py"), "--endpoint", served.address],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "4001114444 is bound to welcome" in done.stdout  # the first one; it was not bound
    assert "welcome greets with: 您好，欢迎致电，请稍候。" in done.stdout
    assert "refused: Parameter.Enumeration" in done.stdout
    called = served.line400("call", "4001114444", "--from", "13800138000", "--no-store")
    assert called["heard"][0] == "您好，欢迎致电，请稍候。"
