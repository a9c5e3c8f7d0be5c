"""What callers left: kept with test calls over both ways, listed, heard, exported, assigned, done with, deleted."""

from __future__ import annotations

import csv
import wave
from pathlib import Path

import pytest
from openpyxl import load_workbook

AT = "--at=2026-10-12T10:00"
MESSAGES = """\
flow: service
nodes:
  rate: { survey: { prompt: 请评分, retries: 0 }, on: { done: back, no_input: back } }
  back: { callback: "{{ caller.number }}", on: { done: leave, failed: leave } }
  leave: { voicemail: general, prompt: 请留言。 }
"""


@pytest.fixture
def left(cli):
    """One test call in virtual time: a score, a wish to be called back, a message."""
    cli.write("flows/service.flow.yaml", MESSAGES)
    said = cli("call", "400-600-5678", "--from", "13800138000", AT, "--press", "4", "--json")
    assert said.status == 0
    assert [(item["kind"], item["node"]) for item in said.json["left"]] == [
        ("survey", "rate"),
        ("callback", "back"),
        ("voicemail", "leave"),
    ]
    return cli


def ids(cli, *options):
    return {entry["kind"]: entry["id"] for entry in cli("inbox", *options, "--json").json}


def test_without_a_store_nothing_was_left_and_none_is_made(cli):
    assert cli("inbox", "--json").json == []
    assert "没有内容" in cli("inbox", lang="zh").out
    assert not cli.store.exists()


def test_what_a_call_left_is_listed(left):
    entries = left("inbox", "--json").json
    assert {entry["kind"] for entry in entries} == {"survey", "callback", "voicemail"}
    for entry in entries:
        assert (entry["number"], entry["caller"], entry["state"], entry["test"]) == (
            *("4006005678", "13800138000", "new"),
            True,
        )
    by_kind = {entry["kind"]: entry for entry in entries}
    assert (by_kind["survey"]["score"], by_kind["callback"]["callback"]) == (4, "13800138000")
    assert by_kind["voicemail"]["box"] == "general"
    assert by_kind["voicemail"]["created"].startswith("2026-10-12T10:00")
    assert by_kind["voicemail"]["expires"].startswith("2027-01-10T10:00")
    shown = left("inbox", lang="zh").out
    assert "留言" in shown
    assert "4 (1-5)" in shown
    (record,) = left("cdr", "--json").json
    assert [item["kind"] for item in record["left"]] == ["survey", "callback", "voicemail"]


def test_the_list_is_filtered(left):
    assert set(ids(left, "--kind", "survey")) == {"survey"}
    assert set(ids(left, "--number", "400-600-5678", "--test")) == {"survey", "callback", "voicemail"}
    for options in (
        ("--real",),
        ("--number", "400-800-1234"),
        ("--state", "done"),
        ("--since", "2026-10-13"),
        ("--assignee", "li"),
    ):
        assert ids(left, *options) == {}
    assert len(left("inbox", "--limit", "2", "--json").json) == 2


@pytest.mark.parametrize(
    "words",
    [
        *(("--kind", "letter"), ("--state", "old"), ("--real", "--test"), ("--number", "4001"), ("--since", "soon")),
        *(("fly",), ("play",), ("play", "x"), ("done", "-1"), ("play", "999"), ("assign", "1"), ("export", "1")),
        *(("export", "list.txt"), ("delete", "999"), ("--limit", "0")),
    ],
)
def test_wrong_usage_is_status_2(left, words):
    said = left("inbox", *words)
    assert said.status == 2
    assert said.err


def test_an_entry_is_assigned_done_with_and_deleted(left):
    entry = str(ids(left)["callback"])
    assigned = left("inbox", "assign", entry, "--to", "wang", "--author", "li", "--json")
    assert (assigned.status, assigned.json["state"], assigned.json["assignee"]) == (0, "assigned", "wang")
    assert set(ids(left, "--assignee", "wang")) == {"callback"}
    assert left("inbox", "done", entry, "--json").json["state"] == "done"
    assert left("inbox", "delete", entry, "--reason", "来电者要求", "--json").json == {
        "id": int(entry),
        "deleted": True,
        "files": 0,
    }
    assert set(ids(left)) == {"survey", "voicemail"}
    assert left("inbox", "done", entry).status == 2


def test_the_list_is_exported_as_csv_and_as_a_workbook(left, tmp_path: Path):
    assert left("inbox", "export", str(tmp_path / "list.csv")).status == 0
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} == {"survey", "callback", "voicemail"}
    assert left("inbox", "export", str(tmp_path / "list.xlsx"), "--kind", "survey").status == 0
    sheet = load_workbook(tmp_path / "list.xlsx").active
    values = list(sheet.values)
    assert len(values) == 2
    assert dict(zip(*values, strict=True))["caller"] == "13800138000"


def test_audio_of_the_switch_is_found_copied_and_deleted(cli, tmp_path: Path):
    spool = tmp_path / "spool"
    spool.mkdir()
    cli.write("line400.yaml", "company: 示例科技\nstore: sqlite:///var/line400.db\nrecordings: spool\n")
    cli.write("flows/service.flow.yaml", MESSAGES)
    said = cli("call", "400-600-5678", AT, "--press", "4", "--on", "switch", "--json")
    assert [item["kind"] for item in said.json["left"]] == ["survey", "voicemail"]  # a hidden caller
    found = ids(cli)
    played = cli("inbox", "play", str(found["voicemail"]), "--json")
    path = Path(played.json["file"])
    assert path.is_relative_to(spool)
    with wave.open(str(path)) as sound:
        assert sound.getnframes() > 8000
    assert cli("inbox", "play", str(found["voicemail"])).out.strip() == str(path)
    assert cli("inbox", "export", str(found["voicemail"]), "copy.wav").status == 0
    assert (tmp_path / "copy.wav").read_bytes() == path.read_bytes()
    assert cli("inbox", "play", str(found["survey"])).status == 1
    assert cli("inbox", "delete", str(found["voicemail"]), "--json").json["files"] == 1
    assert not path.exists()


def test_audio_that_is_not_there_is_status_1_and_names_the_cure(left):
    said = left("inbox", "play", str(ids(left)["voicemail"]))
    assert said.status == 1
    assert "is not there" in said.err
    assert "`recordings`" in said.err


def test_retention_counts_then_deletes(left):
    left.write(
        "line400.yaml",
        "company: 示例科技\nstore: sqlite:///var/line400.db\n"
        "retention: { voicemail: never, surveys: 0.001d, callbacks: never }\n",
    )
    # The call lies at a moment of its own; what matters is that its time is over whenever this runs.
    left("call", "400-600-5678", "--at=2020-10-12T10:00", "--press", "4", "--json")
    dry = left("inbox", "retention", "--dry-run", "--json").json
    assert (dry["dry_run"], dry["days"]["voicemail"], dry["entries"] >= 1) == (True, None, True)
    before = len(left("inbox", "--json").json)
    done = left("inbox", "retention", "--json")
    assert (done.status, done.json["entries"]) == (0, dry["entries"])
    assert len(left("inbox", "--json").json) == before - dry["entries"]
    assert "Deleted: 0 entries" in left("inbox", "retention").out
