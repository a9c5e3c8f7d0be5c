"""A program for the vendor's call centre, on line400: only the endpoint differs.

    pip install alibabacloud-ccc20200701
    export LINE400_CCC_SECRET=...          # the same as the router has
    python docs/examples/vendor_sdk.py --endpoint 127.0.0.1:8400 --instance support-center

It shows the instance and its numbers, binds a number to a flow, edits that flow and publishes it, reads the newest
call records, and sees a 400 number refused as a caller.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from alibabacloud_ccc20200701 import models
from alibabacloud_ccc20200701.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config


def connect(endpoint: str) -> Client:
    """The vendor's client. `endpoint` and `protocol` are all that line400 needs."""
    return Client(
        Config(
            access_key_id=os.environ.get("LINE400_CCC_KEY", "testkey"),
            access_key_secret=os.environ["LINE400_CCC_SECRET"],
            endpoint=endpoint,
            protocol="http",
            read_timeout=60_000,
        )
    )


def show_instance(client: Client, instance: str) -> list[str]:
    """Print the instance and its numbers; the numbers."""
    found = client.get_instance(models.GetInstanceRequest(instance_id=instance)).body.data
    print(f"{found.name}: {found.status}")
    request = models.ListPhoneNumbersRequest(instance_id=instance, page_number=1, page_size=100)
    numbers = client.list_phone_numbers(request).body.data.list
    for number in numbers:
        print(f"  {number.number} {number.usage} -> {number.contact_flow_id}")
    return [number.number for number in numbers]


def bind(client: Client, instance: str, number: str, flow: str) -> None:
    """Bind a number to a flow. A 400 number's usage is always Inbound."""
    client.modify_phone_number(
        models.ModifyPhoneNumberRequest(instance_id=instance, number=number, usage="Inbound", contact_flow_id=flow)
    )
    print(f"{number} is bound to {flow}")


def change_greeting(client: Client, instance: str, flow: str, greeting: str) -> None:
    """Edit the first sentence of a flow: a draft, a commit, a publication."""
    draft = client.start_edit_contact_flow(
        models.StartEditContactFlowRequest(instance_id=instance, contact_flow_id=flow)
    ).body.data
    request = models.GetContactFlowRequest(instance_id=instance, contact_flow_id=flow, draft_id=draft)
    definition = json.loads(client.get_contact_flow(request).body.data.definition)
    first = next(activity for activity in definition["activities"] if "say" in activity["properties"])
    first["properties"]["say"] = greeting
    client.commit_contact_flow(
        models.CommitContactFlowRequest(
            instance_id=instance,
            contact_flow_id=flow,
            draft_id=draft,
            definition=json.dumps(definition, ensure_ascii=False),
            description="greeting changed",
        )
    )
    client.publish_contact_flow(
        models.PublishContactFlowRequest(instance_id=instance, contact_flow_id=flow, draft_id=draft)
    )
    print(f"{flow} greets with: {greeting}")


def show_calls(client: Client, instance: str) -> None:
    """Print the newest call records. The callee is the 400 number that was called."""
    request = models.ListCallDetailRecordsV2Request(instance_id=instance, page_number=1, page_size=10)
    found = client.list_call_detail_records_v2(request).body.data
    print(f"{found.total_count} calls")
    for call in found.list:
        print(f"  {call.calling_number} -> {call.called_number} {call.contact_disposition} {call.call_duration}s")


def call_out(client: Client, instance: str, number: str) -> None:
    """What happens when somebody calls out with a 400 number."""
    request = models.MakeCallRequest(instance_id=instance, user_id="1001", caller=number, callee="13800138000")
    try:
        client.make_call(request)
    except ClientException as refused:
        print(f"refused: {refused.code}: {refused.message}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", default="127.0.0.1:8400")
    parser.add_argument("--instance", default="support-center")
    parser.add_argument("--flow", default="welcome")
    parser.add_argument("--greeting", default="您好，欢迎致电，请稍候。")
    options = parser.parse_args()
    client = connect(options.endpoint)
    numbers = show_instance(client, options.instance)
    if not numbers:
        print("the instance has no number")
        return 1
    bind(client, options.instance, numbers[0], options.flow)
    change_greeting(client, options.instance, options.flow, options.greeting)
    show_calls(client, options.instance)
    call_out(client, options.instance, numbers[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
