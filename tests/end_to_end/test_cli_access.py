"""``line400 token`` and ``line400 user``, and that a running ``serve`` opens to what they make."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.end_to_end.test_cli_serve import PATIENCE, eventually, line400, served, serving

__all__ = ["served"]


def answer(url: str, token: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_token_is_made_listed_rotated_and_revoked(cli):
    made = cli("token", "create", "ci", "--role", "qa", "--scope", "calls.test", "--days", "30", "--json").json
    assert made["token"].startswith("l4_")
    assert (made["role"], made["scope"], made["state"]) == ("qa", ["calls.test"], "valid")
    (listed,) = cli("token", "--json").json
    assert "token" not in listed
    assert listed["name"] == "ci"
    assert made["token"] not in cli("token").out
    rotated = cli("token", "rotate", "ci", "--grace", "1h", "--json").json
    assert rotated["scope"] == ["calls.test"]
    assert rotated["token"] != made["token"]
    assert [one["state"] for one in cli("token", "list", "--json").json] == ["valid", "ending"]
    assert cli("token", "revoke", "ci", "--reason", "lost").status == 0
    again = cli("token", "revoke", "ci", "--json")
    assert (again.status, again.json["error"]["code"]) == (2, "unknown_entry")
    assert cli("token", "create", "ci", "--role", "qa").out.startswith("l4_")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("create", "x"), "no-role"),
        (("create", "--role", "qa"), "no-name"),
        (("create", "x", "--role", "king"), "unknown-role"),
        (("create", "x", "--role", "viewer", "--scope", "audit.read"), "beyond-role"),
        (("create", "x", "--role", "viewer", "--scope", "numbers.raed"), "unknown-action"),
        (("create", "a\u202eb", "--role", "viewer"), "invisible-character"),
        (("rotate", "x", "--grace", "30x"), "bad-duration"),
        (("creat",), "unknown-action"),
    ],
)
def test_what_is_wrong_with_a_token_is_said(cli, argv, code):
    said = cli("token", *argv, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, code)
    assert said.json["error"]["cure"]


def test_a_user_is_made_changed_and_removed(cli, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("four hundred lines\n"))
    made = cli("user", "add", "wang", "--role", "support", "--json").json
    assert (made["name"], made["role"], made["disabled"]) == ("wang", "support", False)
    assert cli("user", "role", "wang", "--role", "engineer", "--json").json["role"] == "engineer"
    assert cli("user", "disable", "wang", "--json").json["disabled"] is True
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    weak = cli("user", "passwd", "wang", "--json")
    assert (weak.status, weak.json["error"]["code"]) == (2, "bad-password")
    assert [one["name"] for one in cli("user", "--json").json] == ["wang"]
    assert "wang" in cli("user").out
    assert cli("user", "remove", "wang", "--json").json["removed"] is True
    assert cli("user", "remove", "wang").status == 2


def test_serve_prints_its_first_token_once_and_opens_to_it(served: Path):
    with serving(served) as (_, said):
        first = said["admin_token"]
        url = said["url"] + "api/v1/"
        status, text = answer(url + "numbers/4008001234", first)
        assert (status, json.loads(text)["revision"]) == (200, "r1")
        assert answer(url + "numbers", "l4_00000000_" + "x" * 43)[0] == 401
        made = json.loads(line400("token", "create", "ci", "--role", "viewer", "--json", cwd=served).stdout)
        assert answer(url + "calls", made["token"])[0] == 200
        assert answer(url + "audit", made["token"])[0] == 403
        line400("token", "revoke", "ci", cwd=served)
        eventually(lambda: answer(url + "calls", made["token"])[0] == 401)
    with serving(served) as (_, said):
        assert "admin_token" not in said
        assert answer(said["url"] + "api/v1/numbers", first)[0] == 200
