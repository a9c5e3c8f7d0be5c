"""Revisions, call records, what is in force beside a revision, backup: the commands that use the store."""

from __future__ import annotations

import csv
import io
import os

import pytest

from router.app.spreadsheet import cell

AT = "--at=2026-10-12T10:00"


def test_plan_apply_rollback_round_trip(cli):
    first = cli("plan", "--json")
    assert (first.status, first.json["none"], first.json["current"]) == (0, False, None)
    assert not cli.store.exists()
    applied = cli("apply", "--reason", "first", "--author", "liu", "--json")
    assert (applied.status, applied.json["applied"], applied.json["revision"]) == (0, True, "r1")
    assert applied.json["preflight"]["passed"] == 1
    assert cli("plan", "--json").json["none"] is True
    again = cli("apply", "--json")
    assert (again.status, again.json["applied"]) == (0, False)

    cli("bind", "400-800-1234", "--flow", "service")
    changes = cli("plan", "--json").json["changes"]
    assert [change["file"] for change in changes] == ["routes.yaml"]
    assert "+    flow: service" in changes[0]["diff"]
    assert cli("apply", "--author", "liu").status == 0
    assert cli("resolve", "4008001234", AT, "--revision", "current", "--json").json["flow"] == "service"
    assert cli("resolve", "4008001234", AT, "--revision", "1", "--json").json["flow"] == "welcome"
    assert cli("call", "4008001234", AT, "--revision", "r1", "--json").json["revision"] == "r1"

    back = cli("rollback", "1", "--reason", "too early", "--author", "wang", "--json")
    assert (back.status, back.json) == (0, {"revision": "r1", "rolled_back": True})
    assert cli("resolve", "4008001234", AT, "--revision", "current", "--json").json["flow"] == "welcome"
    assert cli("rollback", "r1", "--json").json["rolled_back"] is False
    history = cli("history", "--json").json
    assert [(row["revision"], row["kind"], row["author"], row["reason"]) for row in history] == [
        ("r1", "rollback", "wang", "too early"),
        ("r2", "apply", "liu", None),
        ("r1", "apply", "liu", "first"),
    ]
    assert cli("rollback", "9").status == 2
    assert cli("rollback", "x").status == 2


def test_apply_is_refused_by_a_failing_scenario_and_changes_nothing(cli):
    cli.write(
        "scenarios/wrong.scenario.yaml",
        "scenario: 错\ncall: { to: 400-600-5678, at: 2026-10-12T10:00:00+08:00 }\nexpect: { outcome: answered }\n",
    )
    said = cli("apply", "--json")
    assert (said.status, said.json["applied"], said.json["preflight"]["failed"]) == (1, False, 1)
    assert cli("history", "--json").json == []
    assert "Refused" in cli("apply").out
    assert cli("apply", "--no-preflight").status == 0


def test_apply_is_refused_by_an_error_and_changes_nothing(cli):
    cli("apply")
    cli.write("routes.yaml", "routes: { 400-800-1234: { line: nowhere, flow: welcome } }\n")
    assert cli("apply", "--json").status == 2
    assert len(cli("history", "--json").json) == 1
    assert cli("resolve", "4008001234", AT, "--revision", "current").status == 0


def test_rollback_and_emergencies_do_not_wait_for_broken_files(cli):
    cli("apply")
    cli.write("routes.yaml", "routes: [\n")
    for command in (["history"], ["cdr"], ["announce", "all", "--text", "维护", "--until", "+1h"], ["rollback", "1"]):
        assert cli(*command).status == 0, command
    cli.write("line400.yaml", "stroe: x\n")
    assert cli("cdr").status == 2


def test_history_before_anything_was_applied(cli):
    assert cli("history", "--json").json == []
    assert cli("rollback", "1").status == 2
    assert cli("resolve", "4008001234", "--revision", "current").status == 2


def test_bind_keeps_comments_and_order_and_shows_the_change(cli):
    before = (cli.folder / "routes.yaml").read_text()
    said = cli("bind", "4008001234", "--flow", "service", "--json")
    assert said.json["changed"] is True
    after = (cli.folder / "routes.yaml").read_text()
    assert after == before.replace("    flow: welcome\n", "    flow: service\n")
    assert "+    flow: service" in said.json["diff"]
    assert cli("bind", "4008001234", "--flow", "service", "--json").json["changed"] is False
    assert cli("bind", "400-678-2000", "--flow", "welcome", "--line", "cd").status == 0
    assert cli("resolve", "4006782000", AT, "--json").json["line"] == "cd"


@pytest.mark.parametrize(
    "argv",
    [
        ["4008001234", "--flow", "welcom"],
        ["4008001234", "--flow", "service", "--line", "xx"],
        ["4009998888", "--flow", "service"],
        ["400800123", "--flow", "service"],
        ["4006782000", "--flow", "service"],
    ],
)
def test_a_wrong_binding_changes_nothing(cli, argv: list[str]):
    before = (cli.folder / "routes.yaml").read_bytes()
    said = cli("bind", *argv, "--json")
    assert said.status == 2
    message = said.json["error"]["message"]
    assert said.err.count(message) == 1
    assert (cli.folder / "routes.yaml").read_bytes() == before


def test_a_wrong_binding_is_told_once_with_what_was_meant(cli):
    said = cli("bind", "4008001234", "--flow", "welcom", "--json")
    assert said.json == {
        "error": {
            "code": "unknown-name",
            "message": "There is no flow `welcom`.",
            "cure": "Did you mean `welcome`?",
            "status": 2,
        }
    }


def test_an_announcement_is_in_force_and_shown_first(cli):
    said = cli("announce", "400-800-1234", "--text", "系统维护", "--until", "+2h", "--author", "liu", "--json")
    assert (said.status, said.json["number"], said.json["text"]) == (0, "4008001234", "系统维护")
    resolved = cli("resolve", "4008001234", AT, "--json").json
    assert (resolved["emergency"], resolved["trace"][0]["code"]) == ("系统维护", "announcement")
    assert cli("call", "4008001234", AT, "--json").json["heard"][0] == "系统维护"
    assert cli("resolve", "4008001234", AT, "--no-store", "--json").json["emergency"] is None
    assert cli("resolve", "4006005678", AT, "--json").json["emergency"] is None
    assert [row["number"] for row in cli("announce", "--list", "--json").json["announcements"]] == ["4008001234"]
    assert cli("announce", "4008001234", "--stop").status == 0
    assert cli("announce", "4008001234", "--stop").status == 1
    assert cli("resolve", "4008001234", AT, "--json").json["emergency"] is None


@pytest.mark.parametrize("until", ["2h", "18:00", "今晚"])
def test_an_end_that_is_no_time_is_told_how_to_be_written(cli, until: str):
    said = cli("announce", "all", "--text", "维护", "--until", until, "--json", lang="zh")
    assert (said.status, said.json["error"]["code"]) == (2, "bad-time")
    assert "+2h" in said.json["error"]["cure"]


def test_a_file_that_cannot_be_written_is_said_in_the_reader_s_language(cli, tmp_path):
    said = cli("cdr", "--csv", str(tmp_path / "nowhere" / "calls.csv"), "--json", lang="zh")
    assert (said.status, "不存在" in said.json["error"]["message"]) == (2, True)


def test_the_list_shows_ends_as_people_read_them_and_why(cli):
    cli("announce", "all", "--text", "维护", "--until", "2100-01-02T10:00")
    cli("block", "13800138000", "--until", "2100-01-02T10:00", "--reason", "骚扰")
    shown = cli("announce", "--list", lang="zh").out
    assert shown == "all  2100-01-02 10:00:00  维护\n13800138000  2100-01-02 10:00:00  已拦截  骚扰\n"


def test_an_announcement_for_all_may_end_the_call(cli):
    cli("announce", "all", "--text", "暂停服务", "--until", "+2h", "--end-call")
    call = cli("call", "4006005678", AT, "--json").json
    assert (call["heard"], call["path"]) == (["暂停服务"], [])


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["4008001234"],
        ["4008001234", "--text", "x"],
        ["4008001234", "--text", "", "--until", "+1h"],
        ["4008001234", "--text", "x", "--until", "2020-01-01"],
        ["4008001234", "--text", "x", "--until", "+x"],
        ["4008001234", "--text", "x" * 501, "--until", "+1h"],
        ["400800123", "--text", "x", "--until", "+1h"],
        ["--stop"],
    ],
)
def test_a_wrong_announcement_is_wrong_usage(cli, argv: list[str]):
    assert cli("announce", *argv).status == 2
    assert cli("announce", "--list", "--json").json == {"announcements": [], "blocks": []}


def test_a_blocked_caller_is_rejected_everywhere_until_unblocked(cli):
    said = cli("block", "+86 138 0013 8000", "--reason", "骚扰", "--json")
    assert (said.status, said.json["caller"], said.json["until"]) == (0, "13800138000", None)
    resolved = cli("resolve", "4006005678", "--from", "13800138000", AT, "--json").json
    assert (resolved["reject"], resolved["trace"][0]["code"]) == ("blocked", "blocked_caller")
    call = cli("call", "4006005678", "--from", "13800138000", AT, "--json").json
    assert (call["outcome"], call["hangup"]["cause"]) == ("rejected", 21)
    assert cli("unblock", "13800138000").status == 0
    assert cli("unblock", "13800138000").status == 1
    assert cli("resolve", "4006005678", "--from", "13800138000", AT, "--json").json["reject"] is None


def test_a_beginning_is_blocked_until_its_time(cli):
    cli("block", "+852*", "--until", "+1h")
    assert cli("resolve", "4006005678", "--from", "0085212345678", AT, "--json").json["reject"] == "blocked"
    later = cli("resolve", "4006005678", "--from", "0085212345678", "--at=2150-01-01", "--json").json
    assert later["reject"] is None
    assert cli("block", "nobody").status == 2
    assert cli("block", "13800138000", "--until", "2020-01-01").status == 2


def test_call_records_are_found_by_what_is_known_of_them(cli):
    cli("call", "4008001234", "--from", "13800138000", "--at=2026-10-12T10:00")
    cli("call", "4006005678", "--from", "13900000000", "--at=2026-10-13T10:00", "--press", "0")
    cli("call", "4009990000", "--at=2026-10-14T10:00")

    def found(*argv: str) -> list[str]:
        said = cli("cdr", *argv, "--json")
        assert said.status == 0
        return [record["dialled"] for record in said.json]

    assert found() == ["4009990000", "4006005678", "4008001234"]
    assert found("--called", "400-800-1234") == ["4008001234"]
    assert found("--caller", "+86 139 0000 0000") == ["4006005678"]
    assert found("--outcome", "no_route") == ["4009990000"]
    assert found("--line", "sh") == ["4006005678"]
    assert found("--flow", "welcome") == ["4008001234"]
    assert found("--since", "2026-10-13") == ["4009990000", "4006005678"]
    assert found("--until", "2026-10-13") == ["4008001234"]
    assert found("--limit", "1") == ["4009990000"]
    assert found("--test") == ["4009990000", "4006005678", "4008001234"]
    assert found("--real") == []
    assert "4006005678" in cli("cdr").out


@pytest.mark.parametrize(
    "argv",
    [
        ["--called", "400800123"],
        ["--caller", ""],
        ["--outcome", "done"],
        ["--since", "x"],
        ["--limit", "0"],
        ["--real", "--test"],
    ],
)
def test_wrong_filters_are_wrong_usage(cli, argv: list[str]):
    assert cli("cdr", *argv).status == 2


def test_no_records_is_an_empty_list(cli):
    assert cli("cdr", "--json").json == []
    assert cli("cdr").out == "No call records.\n"
    assert not cli.store.exists()


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(cli, tmp_path):
    cli.write("flows/evil.flow.yaml", 'flow: evil\nnodes: { a: { play: "=cmd()", next: b }, b: { hangup: normal } }\n')
    cli("bind", "4006005678", "--flow", "evil")
    cli("call", "4006005678", "--from", "13800138000", AT)
    file = tmp_path / "calls.csv"
    said = cli("cdr", "--csv", str(file))
    assert (said.status, said.out) == (0, "")
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (row["called"], row["caller"], row["outcome"], row["path"]) == (
        "4006005678",
        "13800138000",
        "completed",
        "a b",
    )
    assert row["heard"] == "'=cmd()"
    assert cli("cdr", "--csv", str(tmp_path / "nowhere" / "x.csv")).status == 2
    assert cli("cdr", "--csv", str(tmp_path)).status == 2
    assert list(tmp_path.glob(".*")) == []


def test_csv_goes_through_a_link_and_into_a_pipe_and_replaces_neither(cli, tmp_path):
    """`--csv /dev/stdout` is a link to whatever standard output is."""
    cli("call", "4008001234", AT)
    (tmp_path / "real.csv").write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to("real.csv")
    assert cli("cdr", "--csv", str(link)).status == 0
    assert link.is_symlink()
    assert "4008001234" in (tmp_path / "real.csv").read_text()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert cli("cdr", "--csv", str(pipe)).status == 0
        assert b"4008001234" in os.read(reading, 65536)
    finally:
        os.close(reading)
    assert pipe.is_fifo()


def test_csv_to_a_dash_is_standard_output(cli, tmp_path):
    cli("call", "4008001234", AT)
    said = cli("cdr", "--csv", "-")
    assert (said.status, said.err) == (0, "")
    (row,) = csv.DictReader(io.StringIO(said.out.removeprefix("\ufeff")))
    assert row["called"] == "4008001234"
    assert cli("cdr", "--csv", "-", "--json").status == 2
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "＝1"])
def test_a_cell_is_never_a_formula(text: str):
    assert cell(text) == "'" + text
    assert cell("a" + text) == "a" + text


def test_backup_and_restore(cli, tmp_path):
    cli("call", "4008001234", AT)
    cli("apply")
    file = tmp_path / "backup.zip"
    assert cli("backup", str(file), "--json").json["rows"]["calls"] == 1
    assert cli("backup", str(file)).status == 2
    assert cli("backup", str(file), "--force").status == 0
    assert cli("restore", str(file)).status == 2
    cli("call", "4008001234", AT)
    assert cli("restore", str(file), "--force").status == 0
    assert len(cli("cdr", "--json").json) == 1
    for found in cli.store.parent.glob("line400.db*"):
        found.unlink()
    assert cli("restore", str(file), "--json").status == 0
    assert (len(cli("cdr", "--json").json), len(cli("history", "--json").json)) == (1, 1)


def test_a_file_that_is_no_backup_changes_nothing(cli, tmp_path):
    cli("call", "4008001234", AT)
    file = tmp_path / "x.zip"
    assert cli("restore", str(file)).status == 2
    file.write_bytes(b"PK\x03\x04 and nothing")
    said = cli("restore", str(file), "--force", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "backup_invalid")
    assert len(cli("cdr", "--json").json) == 1
    assert cli("backup", str(tmp_path / "nowhere" / "x.zip")).status in (2, 4)


def test_a_backup_goes_through_a_link_and_never_takes_the_place_of_a_device(cli, tmp_path):
    cli("call", "4008001234", AT)
    (tmp_path / "real.zip").write_text("old")
    link = tmp_path / "link.zip"
    link.symlink_to("real.zip")
    assert cli("backup", str(link), "--force").status == 0
    assert link.is_symlink()
    assert (tmp_path / "real.zip").read_bytes().startswith(b"PK")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    said = cli("backup", str(pipe), "--force", "--json")
    assert (said.status, said.json["error"]["code"]) == (4, "backup_unwritable")
    assert pipe.is_fifo()


def test_a_mistyped_caller_is_blocked_with_a_warning(cli):
    said = cli("block", "1380013800", "--json")
    assert (said.status, said.json["caller"]) == (0, "1380013800")
    assert "no valid number" in said.err
    for caller in ("13800138000", "1380013*", "+85261234567", "95588"):
        assert cli("block", caller).err == ""


def test_there_is_nothing_to_back_up_before_anything_happened(cli, tmp_path):
    assert cli("backup", str(tmp_path / "b.zip")).status == 2
    assert not (tmp_path / "b.zip").exists()
