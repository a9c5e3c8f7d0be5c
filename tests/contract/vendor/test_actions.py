"""A program of the vendor's customer, with the vendor's SDK, against line400: every kind of action, as far as the
files, the revisions and the calls behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_ccc20200701 import models

from router.left import Left
from router.record import CallRecord
from router.vendor.parameters import Paged

from .company import SCENARIO, Served, serving

MAIN = "support-center"
NOW = 1_790_000_000.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("vendor")
    with serving(folder) as found:
        yield found


def refused(call: Any, code: str, status: int) -> Any:
    """The exception of a refused call."""
    from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

    with pytest.raises(AlibabaCloudException) as raised:
        call()
    assert (raised.value.code, raised.value.status_code) == (code, status), raised.value.message
    return raised.value


def numbers(served: Served, instance: str, **more: Any) -> dict[str, Any]:
    request = models.ListPhoneNumbersRequest(instance_id=instance, page_number=1, page_size=100, **more)
    return {item.number: item for item in served.new.list_phone_numbers(request).body.data.list}


def modify(served: Served, number: str, flow: str, usage: str = "Inbound", key: str = "testkey") -> Any:
    client = served.new if key == "testkey" else served.client(key)
    return client.modify_phone_number(
        models.ModifyPhoneNumberRequest(instance_id=MAIN, number=number, usage=usage, contact_flow_id=flow)
    )


# ---- instances


def test_a_new_instance_takes_its_number_bound_to_welcome(served: Served):
    answer = served.new.create_instance(
        models.CreateInstanceRequest(
            domain_name="hot-line",
            name="新: 热线, {一}",
            description="给客户的",
            admin_ram_id_list="[]",
            number_list='["400-111-2222"]',
        )
    )
    assert answer.body.data == "hot-line"
    got = served.new.get_instance(models.GetInstanceRequest(instance_id="hot-line")).body.data
    assert (got.id, got.name, got.description, got.status) == ("hot-line", "新: 热线, {一}", "给客户的", "Published")
    (number,) = got.number_list
    assert (number.number, number.usage, number.contact_flow_id, number.active) == (
        "4001112222",
        "Inbound",
        "welcome",
        True,
    )
    assert "number: 400-111-2222       # 备用\n" in served.text("numbers.yaml")
    assert served.line400("resolve", "4001112222", "--from", "13800138000")["flow"] == "welcome"
    (made, _) = served.store(lambda store: store.history(2))
    assert (made.author, made.reason, made.current) == ("accesskey:testkey", "CreateInstance", True)


def test_instances_are_listed_described_and_deleted_when_they_are_empty(served: Served):
    served.new.create_instance(models.CreateInstanceRequest(domain_name="empty-one", name="空", admin_ram_id_list="[]"))
    served.new.modify_instance(models.ModifyInstanceRequest(instance_id="empty-one", description="改过"))
    listed = served.new.list_instances(models.ListInstancesRequest(page_number=1, page_size=50)).body.data
    by_id = {item.id: item for item in listed.list}
    assert by_id["empty-one"].description == "改过"
    assert [item.number for item in by_id[MAIN].number_list] == ["4006005678", "4008001234"]
    assert served.new.list_instances_of_user(
        models.ListInstancesOfUserRequest(page_number=1, page_size=1)
    ).body.data.total_count == len(by_id)
    served.new.delete_instance(models.DeleteInstanceRequest(instance_id="empty-one"))
    refused(
        lambda: served.new.get_instance(models.GetInstanceRequest(instance_id="empty-one")), "NotExists.InstanceId", 404
    )
    before = served.revision
    refused(lambda: served.new.delete_instance(models.DeleteInstanceRequest(instance_id=MAIN)), "InUse.Instance", 409)
    assert served.revision == before


@pytest.mark.parametrize(
    ("given", "code", "status"),
    [
        ({"domain_name": "a b", "name": "x"}, "Parameter.Format", 400),
        ({"domain_name": MAIN, "name": "x"}, "AlreadyExists.InstanceId", 409),
        ({"domain_name": "other-one", "name": " "}, "Parameter.Blank", 400),
        ({"domain_name": "other-one", "name": "x", "number_list": '["4009999999"]'}, "NotExists.Number", 404),
        ({"domain_name": "other-one", "name": "x", "number_list": '["4008001234"]'}, "AlreadyExists.PhoneNumber", 409),
        ({"domain_name": "other-one", "name": "x", "number_list": "4001113333"}, "Parameter.Format", 400),
    ],
)
def test_an_instance_that_cannot_be_made_changes_nothing(served: Served, given: dict[str, str], code: str, status: int):
    before = served.revision, served.text("queues.yaml")
    refused(lambda: served.new.create_instance(models.CreateInstanceRequest(**given)), code, status)
    assert (served.revision, served.text("queues.yaml")) == before


# ---- numbers


def test_numbers_are_listed_with_their_flow_and_filtered(served: Served):
    found = numbers(served, MAIN)
    item = found["4008001234"]
    assert (item.usage, item.contact_flow_id, item.contact_flow_name) == ("Inbound", "service", "服务热线")
    assert (item.provider, item.instance_id, item.active) == ("中国电信", MAIN, True)
    assert isinstance(item.create_time, str)
    assert list(numbers(served, MAIN, search_pattern="800-1")) == ["4008001234"]
    assert numbers(served, MAIN, usage="Outbound") == {}
    assert numbers(served, MAIN, active=False) == {}
    spare = served.new.list_unassigned_numbers(
        models.ListUnassignedNumbersRequest(page_number=1, page_size=2)
    ).body.data
    assert (len(spare.list), spare.total_count >= 3) == (2, True)


def test_a_number_joins_is_bound_elsewhere_and_leaves_with_files_and_revisions(served: Served):
    added = served.new.add_phone_numbers(
        models.AddPhoneNumbersRequest(
            instance_id=MAIN,
            usage="Inbound",
            number_list='["4001113333", "400-999-9999", "4008001234", "4006782000"]',
            contact_flow_id="welcome",
        )
    )
    assert added.body.data == ["400-999-9999", "4008001234", "4006782000"]  # unknown, taken, without a line
    assert numbers(served, MAIN)["4001113333"].contact_flow_id == "welcome"
    modify(served, "400-111-3333", "service")
    assert numbers(served, MAIN)["4001113333"].contact_flow_id == "service"
    assert served.line400("resolve", "4001113333", "--from", "13800138000")["flow"] == "service"
    leave = models.RemovePhoneNumbersRequest(instance_id=MAIN, number_list='["4001113333","4009999999"]')
    assert served.new.remove_phone_numbers(leave).body.data == ["4001113333", "4009999999"]  # bound: it wants Force
    leave.force = True
    assert served.new.remove_phone_numbers(leave).body.data == ["4009999999"]
    assert "4001113333" not in numbers(served, MAIN)
    assert served.line400("resolve", "4001113333", "--from", "13800138000")["fault"]["code"] == "unbound"


def test_a_number_without_flow_joins_unbound_and_is_never_welcome(served: Served):
    request = models.AddPhoneNumbersRequest(instance_id=MAIN, usage="Inbound", number_list='["4001114444"]')
    assert served.new.add_phone_numbers(request).body.data == []
    assert numbers(served, MAIN)["4001114444"].contact_flow_id is None
    assert numbers(served, MAIN, active=False).keys() == {"4001114444"}


@pytest.mark.parametrize("usage", ["Outbound", "Bidirection"])
def test_the_usage_of_a_400_number_is_inbound_or_the_enumeration_error(served: Served, usage: str):
    before = served.revision
    error = refused(lambda: modify(served, "4008001234", "welcome", usage), "Parameter.Enumeration", 400)
    assert "The parameter Usage must be one of the value of enumeration [Inbound]." in error.message
    refused(
        lambda: served.new.add_phone_numbers(
            models.AddPhoneNumbersRequest(instance_id=MAIN, usage=usage, number_list='["4001113333"]')
        ),
        "Parameter.Enumeration",
        400,
    )
    assert served.revision == before


def test_what_is_not_there_is_told_by_its_name(served: Served):
    refused(lambda: modify(served, "4008001234", "no-flow"), "NotExists.ContactFlowId", 404)
    refused(lambda: modify(served, "4001113333", "welcome"), "NotExists.Number", 404)
    refused(lambda: modify(served, "13800138000", "welcome"), "NotExists.Number", 404)
    refused(
        lambda: served.new.list_phone_numbers(
            models.ListPhoneNumbersRequest(instance_id="nowhere", page_number=1, page_size=10)
        ),
        "NotExists.InstanceId",
        404,
    )


def test_numbers_to_call_out_with_are_base_numbers_and_never_a_400_number(served: Served):
    listed = served.new.list_outbound_numbers_of_user(
        models.ListOutboundNumbersOfUserRequest(instance_id=MAIN, user_id="1001", page_number=1, page_size=10)
    ).body.data.list
    assert [(item.number, item.city, item.provider_short_name) for item in listed] == [
        ("01088880001", "北京", "联通"),
        ("02166660002", "上海", "电信"),
    ]
    picked = served.new.pick_outbound_numbers(
        models.PickOutboundNumbersRequest(
            instance_id=MAIN, called_number="021-62345678", skill_group_id_list='["support"]', count=1
        )
    ).body.data
    assert [(pair.caller.number, pair.callee.city) for pair in picked] == [("02166660002", "上海")]
    located = served.new.get_number_location(models.GetNumberLocationRequest(instance_id=MAIN, number="01062345678"))
    assert (located.body.data.province, located.body.data.city) == ("北京", "北京")


def test_a_400_number_is_no_number_of_a_skill_group(served: Served):
    request = models.AddPhoneNumberToSkillGroupsRequest(
        instance_id=MAIN, number="4008001234", skill_group_id_list='["support"]'
    )
    error = refused(lambda: served.new.add_phone_number_to_skill_groups(request), "Parameter.Enumeration", 400)
    assert "400号码不支持外呼" in error.message
    listed = models.ListPhoneNumbersOfSkillGroupRequest(
        instance_id=MAIN, skill_group_id="support", is_member=True, page_number=1, page_size=10
    )
    assert served.new.list_phone_numbers_of_skill_group(listed).body.data.total_count == 0


# ---- one truth


def test_what_is_half_written_in_the_folder_is_not_brought_into_force(served: Served):
    before, kept = served.revision, served.text("routes.yaml")
    served.write("routes.yaml", kept + "# 还没写完\n")
    error = refused(lambda: modify(served, "4006005678", "service"), "Conflict.NotApplied", 409)
    assert "routes.yaml" in error.message
    assert (served.revision, served.text("routes.yaml")) == (before, kept + "# 还没写完\n")
    served.write("routes.yaml", kept)
    modify(served, "4006005678", "service")
    modify(served, "4006005678", "welcome")


def test_scenarios_stop_a_key_that_asks_for_them_and_are_audited_when_passed_over(served: Served):
    served.write("scenarios/welcome.scenario.yaml", SCENARIO)
    before, kept = served.revision, served.text("routes.yaml")
    refused(lambda: modify(served, "4006005678", "service", key="careful"), "Conflict.Refused", 409)
    assert (served.revision, served.text("routes.yaml")) == (before, kept)
    modify(served, "4006005678", "service")
    (entry, *_) = served.store(lambda store: store.audit_entries(action="override", limit=1))
    assert (entry.actor, entry.subject, entry.after) == (
        "accesskey:testkey",
        served.revision,
        {"gate": "preflight"},
    )
    modify(served, "4006005678", "welcome", key="careful")
    assert served.line400("plan")["none"] is True


def test_a_number_of_which_the_store_runs_the_life_follows_its_rules(served: Served):
    served.line400("numbers", "suspend", "4008001234", "--reason", "欠费")
    before, kept = served.revision, served.text("routes.yaml")
    refused(lambda: modify(served, "4008001234", "welcome"), "Conflict.LifeSuspended", 409)
    assert (served.revision, served.text("routes.yaml")) == (before, kept)
    served.line400("numbers", "suspend", "4008001234", "--resume")
    modify(served, "4008001234", "welcome")
    assert served.line400("numbers", "show", "4008001234")["flow"] == "welcome"
    modify(served, "4008001234", "service")


# ---- flows


def get_flow(served: Served, flow: str, draft: str | None = None) -> Any:
    request = models.GetContactFlowRequest(instance_id=MAIN, contact_flow_id=flow, draft_id=draft)
    return served.new.get_contact_flow(request).body.data


def said(definition: str, text: str) -> str:
    """The definition with another first sentence."""
    document = json.loads(definition)
    next(each for each in document["activities"] if "say" in each["properties"])["properties"]["say"] = text
    return json.dumps(document, ensure_ascii=False)


def test_a_flow_is_edited_committed_and_published_in_the_vendors_json(served: Served):
    published = get_flow(served, "service")
    assert (published.name, published.type, published.published) == ("服务热线", "MAIN_FLOW", True)
    draft = served.new.start_edit_contact_flow(
        models.StartEditContactFlowRequest(instance_id=MAIN, contact_flow_id="service")
    ).body.data
    assert get_flow(served, "service", draft).definition == published.definition
    definition = said(published.definition, "您好，咨询请按1；人工请按0。")
    served.new.commit_contact_flow(
        models.CommitContactFlowRequest(
            instance_id=MAIN, contact_flow_id="service", draft_id=draft, definition=definition, description="换了问候"
        )
    )
    assert get_flow(served, "service").definition == published.definition
    of_draft = models.PublishContactFlowRequest(instance_id=MAIN, contact_flow_id="service", draft_id=draft)
    served.new.publish_contact_flow(of_draft)
    after = get_flow(served, "service")
    assert (after.definition, after.description, after.draft_id) == (definition, "换了问候", None)
    called = served.line400("call", "4008001234", "--from", "13800138000", "--press", "0", "--no-store")
    assert (called["heard"][0], called["outcome"]) == ("您好，咨询请按1；人工请按0。", "queued")
    refused(lambda: served.new.publish_contact_flow(of_draft), "NotExists.DraftId", 404)


def test_a_new_flow_is_a_draft_until_it_is_published(served: Served):
    definition = said(get_flow(served, "welcome").definition, "这里是新流程。")
    flow = served.new.create_contact_flow(
        models.CreateContactFlowRequest(
            instance_id=MAIN, name="新流程 A", definition=definition, type="MAIN_FLOW", description="试"
        )
    ).body.data
    made = get_flow(served, flow)
    assert (made.published, made.name, made.definition) == (False, "新流程 A", definition)
    refused(lambda: modify(served, "4006005678", flow), "NotExists.ContactFlowId", 404)
    served.new.publish_contact_flow(
        models.PublishContactFlowRequest(instance_id=MAIN, contact_flow_id=flow, draft_id=made.draft_id)
    )
    modify(served, "4006005678", flow)
    listed = served.new.list_contact_flows(
        models.ListContactFlowsRequest(instance_id=MAIN, page_number=1, page_size=100, search_pattern="新流程")
    ).body.data
    assert [(item.contact_flow_id, item.number_list, item.published) for item in listed.list] == [
        (flow, ["4006005678"], True)
    ]
    gone = models.DeleteContactFlowRequest(instance_id=MAIN, contact_flow_id=flow)
    refused(lambda: served.new.delete_contact_flow(gone), "InUse.ContactFlow", 409)
    modify(served, "4006005678", "welcome")
    served.new.delete_contact_flow(gone)
    assert not (served.folder / "config" / "flows" / f"{flow}.flow.yaml").exists()
    refused(lambda: get_flow(served, flow), "NotExists.ContactFlowId", 404)


def test_a_draft_belongs_to_its_editor_until_it_is_dropped(served: Served):
    start = models.StartEditContactFlowRequest(instance_id=MAIN, contact_flow_id="welcome")
    draft = served.new.start_edit_contact_flow(start).body.data
    assert served.new.start_edit_contact_flow(start).body.data == draft
    other = served.client("careful")
    error = refused(lambda: other.start_edit_contact_flow(start), "Conflict.Editing", 409)
    assert draft in error.message
    drop = models.DiscardEditingContactFlowRequest(instance_id=MAIN, contact_flow_id="welcome", draft_id=draft)
    other.discard_editing_contact_flow(drop)
    assert other.start_edit_contact_flow(start).body.data != draft


@pytest.mark.parametrize(
    "definition", ["{}", "no json", "[1, 2]", '{"activities": []}', '{"activities": [{"type": 3}]}' + " " * 100]
)
def test_a_definition_of_which_no_flow_can_be_made_is_refused(served: Served, definition: str):
    request = models.CreateContactFlowRequest(
        instance_id=MAIN, name="坏的", definition=definition, type="MAIN_FLOW", description=""
    )
    if '"type"' in definition:
        served.new.create_contact_flow(request)  # an unknown activity is kept, as a node without counterpart
    else:
        refused(lambda: served.new.create_contact_flow(request), "Parameter.Format", 400)


def test_a_long_definition_travels_in_the_query(served: Served):
    document = json.loads(get_flow(served, "service").definition)
    document["description"] = "长" * 40_000
    created = served.new.create_contact_flow(
        models.CreateContactFlowRequest(
            instance_id=MAIN,
            name="很长",
            definition=json.dumps(document, ensure_ascii=False),
            type="SUB_FLOW",
            description="",
        )
    ).body.data
    assert len(get_flow(served, created).definition) > 40_000


def test_a_package_goes_out_and_comes_in_elsewhere(served: Served):
    package = served.new.export_contact_flow(models.ExportContactFlowRequest(instance_id=MAIN, flow_id="service")).body
    refused(
        lambda: served.new.import_contact_flow(
            models.ImportContactFlowRequest(instance_id=MAIN, flow_package_data=package.flow_package_data)
        ),
        "AlreadyExists.ContactFlow",
        409,
    )
    other = json.loads(package.flow_package_data)
    other["flows"][0]["Name"] = "进口流程"
    other["flows"][0]["Definition"] = said(other["flows"][0]["Definition"], "进口的问候。")
    answer = served.new.import_contact_flow(
        models.ImportContactFlowRequest(instance_id=MAIN, flow_package_data=json.dumps(other, ensure_ascii=False))
    )
    assert answer.body.params == ["进口流程"]
    assert get_flow(served, "进口流程").published is True


# ---- skill groups and users


def test_skill_groups_are_queues_and_users_their_agents(served: Served):
    served.new.create_skill_group(models.CreateSkillGroupRequest(instance_id=MAIN, name="vip", display_name="贵宾"))
    served.new.add_users_to_skill_group(
        models.AddUsersToSkillGroupRequest(
            instance_id=MAIN,
            skill_group_id="vip",
            user_skill_level_list='[{"UserId": "1001", "SkillLevel": 5}, "1009"]',
        )
    )
    users = served.new.list_users(models.ListUsersRequest(instance_id=MAIN, page_number=1, page_size=10)).body.data.list
    assert {user.user_id: [level.skill_group_id for level in user.skill_level_list] for user in users} == {
        "1001": ["support", "vip"],
        "1002": ["support"],
        "1009": ["vip"],
    }
    assert 'support: { agents: ["1001", "1002"] }   # 客服' in served.text("queues.yaml")
    served.new.remove_users_from_skill_group(
        models.RemoveUsersFromSkillGroupRequest(instance_id=MAIN, skill_group_id="vip", user_id_list='["1001","1009"]')
    )
    groups = served.new.list_skill_groups(
        models.ListSkillGroupsRequest(instance_id=MAIN, page_number=1, page_size=10)
    ).body.data.list
    assert [(group.skill_group_id, group.user_count) for group in groups] == [
        ("default", 0),
        ("support", 2),
        ("vip", 0),
    ]
    served.new.delete_skill_group(models.DeleteSkillGroupRequest(instance_id=MAIN, skill_group_id="vip"))
    refused(
        lambda: served.new.delete_skill_group(
            models.DeleteSkillGroupRequest(instance_id=MAIN, skill_group_id="support")
        ),
        "InUse.SkillGroup",
        409,
    )
    refused(
        lambda: served.new.get_user(models.GetUserRequest(instance_id=MAIN, user_id="1009")), "NotExists.UserId", 404
    )


# ---- calls


def record(name: str, **changed: Any) -> CallRecord:
    facts: dict[str, Any] = {
        "flow": "desk",
        "path": ["menu", "agent"],
        "outcome": "answered",
        "agent": "1001",
        "queue": "support",
        "hangup_by": "agent",
        "hangup_cause": 16,
        "entered": NOW,
        "answered": NOW + 1,
        "ended": NOW + 61.4,
        **changed,
    }
    return CallRecord(name, "13800138000", "mobile", "4008001234", "dialled", "400-800-1234", NOW, **facts)


@pytest.fixture(scope="module")
def calls(served: Served) -> Served:
    async def save(store: Any) -> None:
        await store.save(record("call-1"))
        await store.save(record("call-2", outcome="abandoned", abandoned_in="queue", agent=None, hangup_by="caller"))
        elsewhere = record("call-3", outcome="rejected", path=[], flow=None, entered=None, answered=None, agent=None)
        elsewhere.called = "4001112222"
        await store.save(elsewhere)
        test = record("call-4", test=True, path=["menu"], queue=None, agent=None, outcome="completed")
        test.started = NOW + 100
        await store.save(test)
        spoken = record("call-0", outcome="voicemail", agent=None, queue=None, hangup_by="caller")
        spoken.started, spoken.left = NOW - 1000, (Left("voicemail", "box", "general", "spool/1", 12.4),)
        await store.save(spoken)

    served.store(save)
    return served


def listed(served: Served, **given: Any) -> list[str]:
    request = models.ListCallDetailRecordsV2Request(instance_id=MAIN, page_number=1, page_size=10, **given)
    return [item.contact_id for item in served.new.list_call_detail_records_v2(request).body.data.list]


def test_the_callee_of_a_record_is_the_400_number(calls: Served):
    data = calls.new.list_call_detail_records(
        models.ListCallDetailRecordsRequest(instance_id=MAIN, page_number=1, page_size=2, contact_type="Inbound")
    ).body.data
    assert (data.total_count, [item.contact_id for item in data.list]) == (4, ["call-4", "call-2"])
    item = calls.new.list_call_detail_records(
        models.ListCallDetailRecordsRequest(instance_id=MAIN, page_number=2, page_size=2)
    ).body.data.list[0]
    assert (item.called_number, item.calling_number) == ("4008001234", "13800138000")
    assert (item.contact_type, item.contact_disposition, item.call_duration) == ("Inbound", "Success", "61")
    assert (item.caller_location, item.agent_ids, item.skill_group_ids, item.release_initiator) == (
        "北京",
        "1001",
        "support",
        "agent",
    )
    assert (item.start_time, item.release_time) == (int(NOW * 1000), int((NOW + 61.4) * 1000))
    one = calls.new.get_call_detail_record(
        models.GetCallDetailRecordRequest(instance_id=MAIN, contact_id="call-1")
    ).body.data
    assert (one.call_duration, one.called_number) == (61, "4008001234")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"contact_disposition_list": '["Success"]'}, ["call-4", "call-1"]),
        ({"contact_disposition_list": '["AbandonedInQueue"]'}, ["call-2"]),
        ({"contact_type_list": '["OUTBOUND"]'}, []),
        ({"agent_id": "1001"}, ["call-1"]),
        ({"skill_group_id_list": '["support"]'}, ["call-2", "call-1"]),
        ({"contact_id_list": '["call-2","call-3"]'}, ["call-2"]),
        ({"number": "+86 138 0013 8000", "sort_order": "ASC"}, ["call-0", "call-1", "call-2", "call-4"]),
        ({"number": "400-800-1234"}, ["call-4", "call-2", "call-1", "call-0"]),
        ({"contact_disposition_list": '["Voicemail","reject"]'}, ["call-0"]),
        ({"called_number": "4001112222"}, []),
        ({"start_time": int((NOW + 50) * 1000)}, ["call-4"]),
        ({"end_time": int((NOW + 50) * 1000)}, ["call-2", "call-1", "call-0"]),
        ({"calling_number": "nobody"}, []),
    ],
)
def test_records_are_found_by_what_the_vendor_filters_by(calls: Served, given: dict[str, Any], expected: list[str]):
    assert listed(calls, **given) == expected


def test_recent_records_take_a_criterion_and_a_start_in_the_body(calls: Served):
    request = models.ListRecentCallDetailRecordsRequest(
        instance_id=MAIN,
        page_number=1,
        page_size=10,
        criteria='{"phoneNumber": "13800138000"}',
        start_time=int((NOW + 1) * 1000),
        end_time=int((NOW + 1000) * 1000),
    )
    found = calls.new.list_recent_call_detail_records(request).body.data.list
    assert [(item.contact_id, item.duration) for item in found] == [("call-4", 61)]
    request.criteria = "[]"
    refused(lambda: calls.new.list_recent_call_detail_records(request), "Parameter.Format", 400)


def test_the_nodes_of_a_call_are_tracked_in_the_vendors_words(calls: Served):
    request = models.ListIvrTrackingDetailsRequest(instance_id=MAIN, contact_id="call-1", page_number=1, page_size=10)
    found = calls.new.list_ivr_tracking_details(request).body.data.list
    assert [(node.node_id, node.node_type, node.node_exit_code, node.flow_id) for node in found] == [
        ("menu", "GATHER_INPUT", "Branch-0", "desk"),
        ("agent", "TRANSFER_TO_AGENT", "Success", "desk"),
    ]
    assert (found[0].callee, found[0].enter_time, found[1].leave_time) == (
        "4008001234",
        int(NOW * 1000),
        int((NOW + 61.4) * 1000),
    )
    summary = calls.new.get_ivr_tracking_summary(
        models.GetIvrTrackingSummaryRequest(instance_id=MAIN, contact_id="call-1")
    ).body.data
    assert summary == "desk: menu -> agent (answered, agent)"
    refused(
        lambda: calls.new.get_call_detail_record(
            models.GetCallDetailRecordRequest(instance_id=MAIN, contact_id="call-3")
        ),
        "NotExists.ContactId",
        404,
    )


def test_voicemail_is_listed_with_its_call(calls: Served):
    request = models.ListVoicemailsRequest(instance_id=MAIN, page_number=1, page_size=10, caller="13800138000")
    (item,) = calls.new.list_voicemails(request).body.data.list
    assert (item.contact_id, item.callee, item.name, item.recording_duration) == ("call-0", "4008001234", "general", 12)
    request.end_time = int((NOW - 2000) * 1000)
    assert calls.new.list_voicemails(request).body.data.total_count == 0


def test_a_callers_history_leaves_test_calls_out(calls: Served):
    request = models.GetHistoricalCallerReportRequest(instance_id=MAIN, calling_number="13800138000")
    report = calls.new.get_historical_caller_report(request).body.data
    assert (report.total_calls, report.last_calling_time) == (3, int(NOW * 1000))


def test_a_key_that_may_not_see_callers_gets_them_masked_and_cannot_ask_for_one(calls: Served):
    reader = calls.client("reader")
    request = models.ListCallDetailRecordsV2Request(instance_id=MAIN, page_number=1, page_size=1)
    (item,) = reader.list_call_detail_records_v2(request).body.data.list
    assert item.calling_number == "138****8000"
    request.calling_number = "13800138000"
    refused(lambda: reader.list_call_detail_records_v2(request), "NoPermission", 403)
    refused(lambda: modify(calls, "4008001234", "welcome", key="reader"), "NoPermission", 403)


# ---- live, outbound, and what is not there


def test_a_switch_that_is_away_is_its_fault_and_not_an_empty_centre(served: Served):
    request = models.GetRealtimeInstanceStatesRequest(instance_id=MAIN)
    refused(lambda: served.new.get_realtime_instance_states(request), "InternalService.CTI", 500)
    by_get = models.ListSkillGroupStatesRequest(instance_id=MAIN)
    refused(lambda: served.new.list_skill_group_states(by_get), "InternalService.CTI", 500)


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("make_call", models.MakeCallRequest(caller="4008001234", callee="13800138000")),
        ("make_call", models.MakeCallRequest(caller="+86 400-800-1234", callee="13800138000", user_id="1001")),
        ("redial_call", models.RedialCallRequest(caller="4008001234", job_id="j")),
        (
            "start_back_2back_call",
            models.StartBack2BackCallRequest(broker="4008001234", caller="13800138000", callee="13900139000"),
        ),
        (
            "start_back_2back_call",
            models.StartBack2BackCallRequest(
                broker="01088880001", additional_broker="400 800 1234", caller="13800138000", callee="13900139000"
            ),
        ),
        (
            "start_predictive_call",
            models.StartPredictiveCallRequest(caller="0104008001234", callee="13800138000", contact_flow_id="welcome"),
        ),
        ("start_privacy_call", models.StartPrivacyCallRequest(caller="４００８００１２３４", callee="13800138000")),
        ("blind_transfer", models.BlindTransferRequest(job_id="j", transferor="4008001234", transferee="13800138000")),
        ("create_campaign", models.CreateCampaignRequest(number_list=["01088880001", "4008001234"])),
    ],
)
def test_a_400_number_as_caller_is_refused_in_the_vendors_words_and_audited(served: Served, action: str, request_: Any):
    request_.instance_id = MAIN
    error = refused(lambda: getattr(served.new, action)(request_), "Parameter.Enumeration", 400)
    assert "400号码不支持外呼" in error.message
    assert error.data["Detail"]["Code"] == "outbound_400"
    (entry,) = served.store(lambda store: store.audit_entries(action="outbound_refused", limit=1))
    assert (entry.actor, entry.reason) == ("accesskey:testkey", "outbound_400")


def test_other_calls_out_are_said_not_to_be_done(served: Served):
    base = models.MakeCallRequest(instance_id=MAIN, caller="01088880001", callee="4008001234")
    error = refused(lambda: served.new.make_call(base), "UnsupportedOperation", 400)
    assert "line400 originate" in error.message
    both = models.StartBack2BackCallRequest(
        instance_id=MAIN, broker="01088880001", caller="4008001234", callee="13800138000"
    )
    refused(lambda: served.new.start_back_2back_call(both), "UnsupportedOperation", 400)


def test_an_action_that_is_not_there_is_unsupported_and_the_page_at_the_root_stays(served: Served):
    import urllib.request

    request = models.AbortCampaignRequest(instance_id=MAIN, campaign_id="c")
    refused(lambda: served.new.abort_campaign(request), "InvalidApi.NotFound", 404)
    with urllib.request.urlopen(f"http://{served.address}/", timeout=20) as page:
        assert "text/html" in page.headers["Content-Type"]


def test_pages_are_bounded(served: Served):
    request = models.ListInstancesRequest(page_number=1, page_size=101)
    refused(lambda: served.new.list_instances(request), "Parameter.Maximum", 400)
    request = models.ListInstancesRequest(page_number=9, page_size=10)
    assert served.new.list_instances(request).body.data.list == []
    assert Paged().page_size == 10
