"""``line400 import`` and ``export``: flow files of other systems' flows, and ours as the vendor's."""

from __future__ import annotations

import json

import pytest

from tests.unit.interchange.sources import action, activity, ccc, connect

AT = "--at=2026-10-12T10:00"


@pytest.fixture
def hotline(tmp_path):
    """A hotline of the vendor."""
    file = tmp_path / "hotline.json"
    file.write_bytes(
        ccc(
            activity("开始", "INCOMING_CALL", complete="欢迎"),
            activity("欢迎", "PLAY_SAY", {"say": "您好，${开始.caller}。", "audioType": "tts"}, complete="收号"),
            activity(
                "收号",
                "GATHER_INPUT",
                {"say": "请按1。", "maxLength": 1, "maxTries": 2},
                success="分支",
                failure="挂机",
            ),
            activity(
                "分支",
                "BRANCH",
                {"branches": [{"event": "Branch-A", "expression": "${收号.digits} == '1'"}]},
                **{"Branch-A": "坐席", "Default": "挂机"},
            ),
            activity("坐席", "TRANSFER_TO_AGENT", {"skillGroupId": "skg-hotline@demo"}, timeout="挂机", failure="挂机"),
            activity("挂机", "HANGUP", complete=None),
        )
    )
    return file


def test_an_imported_flow_is_bound_and_called(cli, hotline):
    said = cli("import", "ccc", str(hotline), "--out", str(cli.folder), "--json")
    assert said.status == 0
    assert (said.json["flows"], said.json["nodes"], said.json["opaque"], said.json["lost"]) == (1, 6, 0, [])
    assert cli("bind", "400-000-1357", "--flow", "热线").status == 0
    called = cli("call", "400-000-1357", AT, "--press", "1", "--from", "13800138000", "--json").json
    assert called["path"] == ["开始", "欢迎", "收号", "分支", "坐席"]
    assert called["heard"] == ["您好，13800138000。", "请按1。"]
    assert (called["outcome"], called["queue"]) == ("queued", "hotline")


def test_queues_that_the_configuration_lacks_are_added_and_comments_stay(cli, hotline):
    cli.write("queues.yaml", "# ours\nqueues:\n  support: { max_waiting: 5 }  # people\n")
    said = cli("import", "ccc", str(hotline), "--out", str(cli.folder), "--json")
    assert [each["names"] for each in said.json["added"]] == [["hotline"]]
    text = (cli.folder / "queues.yaml").read_text(encoding="utf-8")
    assert text == "# ours\nqueues:\n  hotline: {}\n  support: { max_waiting: 5 }  # people\n"
    found = cli("check", AT, "--json").json["findings"]
    assert [finding for finding in found if finding["severity"] == "error"] == []


def test_without_out_the_flow_is_printed(cli, hotline):
    said = cli("import", "ccc", str(hotline))
    assert said.status == 0
    assert "flow: 热线" in said.out
    assert "1 flows, 6 nodes, 0 of them opaque, 0 losses" in said.err


def test_what_was_lost_is_reported_and_the_status_is_0(cli, tmp_path):
    file = tmp_path / "flow.json"
    file.write_bytes(
        connect(action("view", "ShowView", {"ViewResource": {}}, next="end"), action("end", "DisconnectParticipant"))
    )
    said = cli("import", "connect", str(file), "--json", lang="zh")
    assert said.status == 0
    assert (said.json["nodes"], said.json["opaque"]) == (2, 1)
    assert said.json["lost"] == [{"node": "ShowView view", "parameter": "", "why": "在这里没有对应的节点"}]


def test_a_flow_that_exists_is_not_replaced_unasked(cli, hotline, tmp_path):
    out = str(tmp_path / "out")
    assert cli("import", "ccc", str(hotline), "--out", out).status == 0
    again = cli("import", "ccc", str(hotline), "--out", out, "--json")
    assert (again.status, again.json["error"]["code"]) == (2, "file-exists")
    assert cli("import", "ccc", str(hotline), "--out", out, "--force").status == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["conect", "x.json"], "unknown-format"),
        (["ccc", "."], "not-a-file"),
        (["ccc", "missing.json"], "file-error"),
        (["ccc", "broken.json"], "json-syntax"),
        (["archy", "broken.json"], "yaml-syntax"),
        (["asterisk", "broken.json"], "import-not-read"),
        (["studio", "broken.json"], "json-syntax"),
    ],
)
def test_wrong_usage_and_unreadable_files(cli, tmp_path, words: list[str], code: str):
    (tmp_path / "broken.json").write_text('{"activities": [', encoding="utf-8")
    said = cli("import", *words, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, code)


def test_an_exported_flow_comes_back_as_it_was(cli, tmp_path):
    file = tmp_path / "service.json"
    assert cli("export", "ccc", "service", "--out", str(file)).status == 0
    said = cli("import", "ccc", str(file), "--out", str(cli.folder), "--force", "--json")
    assert said.json["lost"] == []
    called = cli("call", "400-600-5678", AT, "--press", "1,12#", "--json").json
    assert called["path"] == ["menu", "ask", "agent"]


def test_an_export_is_the_vendors_json(cli):
    said = cli("export", "ccc", "welcome")
    assert [each["type"] for each in json.loads(said.out)["activities"]] == [
        "INCOMING_CALL",
        "PLAY_SAY",
        "TRANSFER_TO_AGENT",
        "HANGUP",
        "HANGUP",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["ccc", "nothing"], "unknown-flow"),
        (["studio", "welcome"], "no-such-export"),
    ],
)
def test_what_cannot_be_exported(cli, words: list[str], code: str):
    said = cli("export", *words, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, code)


def test_a_flow_with_errors_is_not_exported(cli):
    cli.write("flows/broken.flow.yaml", "flow: broken\nnodes:\n  a: { plai: hi }\n")
    said = cli("export", "ccc", "broken", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "flow-with-errors")
    assert said.json["findings"][0]["code"] == "unknown-node-type"
