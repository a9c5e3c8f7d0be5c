"""The table of actions: whole, true to the SDKs, tied to rights that exist, and the one that the documents show."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, cast

import alibabacloud_ccc20170705.client
import alibabacloud_ccc20170705.models
import alibabacloud_ccc20200701.client
import alibabacloud_ccc20200701.models
import pytest

from router.api.roles import ACTIONS as RIGHTS
from router.app.vendor.mounted import may_do, services_of
from router.vendor.action import NEW, OLD, Action
from router.vendor.known import NEW_ACTIONS, OLD_ACTIONS
from router.vendor.table import ACTIONS, BY_NAME, document

ROOT = Path(__file__).resolve().parents[3]
MODELS: dict[str, Any] = {NEW: alibabacloud_ccc20200701.models, OLD: alibabacloud_ccc20170705.models}


def test_the_names_are_those_of_the_sdks():
    new = Path(alibabacloud_ccc20200701.client.__file__).read_text("utf-8")
    old = Path(alibabacloud_ccc20170705.client.__file__).read_text("utf-8")
    assert set(re.findall(r"action\s*=\s*'(\w+)'", new)) == NEW_ACTIONS
    assert set(re.findall(r"do_rpcrequest\('(\w+)'", old)) == OLD_ACTIONS


def test_every_action_stands_in_the_table_once_and_is_one_of_the_vendors():
    assert len(BY_NAME) == len(ACTIONS)
    known = {NEW: NEW_ACTIONS, OLD: OLD_ACTIONS}
    assert [action.name for action in ACTIONS if action.name not in known[action.version]] == []


def test_every_action_that_is_offered_has_a_service_and_no_other():
    services = services_of(cast(Any, None))
    assert services.keys() == {(action.version, action.name) for action in ACTIONS if action.offered}


def test_every_action_needs_rights_that_exist():
    for action in ACTIONS:
        assert action.needs
        assert set(action.needs) <= RIGHTS.keys()


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.version}-{action.name}")
def test_parameters_are_named_as_the_sdk_names_them(action: Action):
    request = getattr(MODELS[action.version], f"{action.name}Request", None)
    if request is None:  # an action without parameters has no request in the SDK
        assert not action.parameters.model_fields
        return
    names = set(inspect.signature(request.__init__).parameters) - {"self"}
    assert {name for name in action.parameters.model_fields if name not in names} <= {"page_number", "page_size"}
    assert set(action.shows) <= action.parameters.model_fields.keys()


def test_roles_reach_as_far_as_their_rights():
    assert may_do("engineer", "revisions.apply")
    assert not may_do("support", "revisions.apply")
    assert not may_do("viewer", "callers.read")
    assert not may_do("nobody", "numbers.read")


def test_the_document_shows_this_table():
    text = (ROOT / "docs" / "vendor-api.md").read_text("utf-8")
    assert document() in text, "python -m tools.vendor_table writes it"
