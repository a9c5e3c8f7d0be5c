"""``line400 check``: every fault inside a file that exists is a finding; what is not there is wrong usage."""

from __future__ import annotations

import pytest

AT = "--at=2026-10-12T10:00"


def test_a_sound_configuration_has_no_error(cli):
    said = cli("check", AT, "--json")
    assert said.status == 0
    assert {finding["severity"] for finding in said.json["findings"]} <= {"info"}


def test_strict_fails_on_info(cli):
    assert any(finding["severity"] == "info" for finding in cli("check", AT, "--json").json["findings"])
    assert cli("check", AT, "--strict").status == 1


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("numbers.yaml", b"", "empty-file"),
        ("numbers.yaml", b"numbers:\n\t- { number: 400-800-1234 }\n", "tab"),
        ("numbers.yaml", "numbers: # 号码\n".encode("gbk"), "wrong-encoding"),
        ("line400.yaml", "公司: x\n".encode("utf-16"), "wrong-encoding"),
        ("routes.yaml", b"routes: {a: &a [1], b: *c}\n", "star-not-quoted"),
        ("flows/service.flow.yaml", b"flow: service\nnodes:\n  a: { play: hi, next: b }\n", "unknown-node"),
    ],
    ids=["empty", "tab", "gbk", "utf16", "alias", "missing node"],
)
def test_a_fault_inside_a_file_is_a_finding_with_its_place(cli, file: str, content: bytes, code: str):
    cli.write(file, content)
    said = cli("check", AT, "--json")
    assert said.status == 1
    found = [finding for finding in said.json["findings"] if finding["file"].endswith(file)]
    assert code in [finding["code"] for finding in found]
    assert all(finding["line"] >= 1 and finding["message"] and finding["cure"] for finding in found)


def test_a_directory_in_place_of_a_file_is_a_finding(cli):
    (cli.folder / "numbers.yaml").unlink()
    (cli.folder / "numbers.yaml").mkdir()
    said = cli("check", AT, "--json")
    assert said.status == 1
    assert "not-a-file" in [finding["code"] for finding in said.json["findings"]]
    alone = cli("check", AT, "--json", str(cli.folder / "numbers.yaml"))
    assert [finding["code"] for finding in alone.json["findings"]] == ["not-a-file"]


def test_a_yaml_bomb_and_a_huge_file_are_findings(cli):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    cli.write("routes.yaml", bomb)
    cli.write("lines.yaml", "lines: " + "x" * (9 * 1024 * 1024))
    codes = [finding["code"] for finding in cli("check", AT, "--json").json["findings"]]
    assert "too-many-values" in codes
    assert "file-too-large" in codes


@pytest.mark.parametrize("path", ["nowhere", "config/nowhere.yaml"])
def test_a_path_that_is_not_there_is_wrong_usage(cli, path: str):
    assert cli("check", path).status == 2
    said = cli("check", "--json", path)
    assert (said.status, said.json["error"]["code"]) == (2, "no-such-path")


def test_a_configuration_that_is_not_there_is_wrong_usage_everywhere(cli, tmp_path):
    for command in (["check"], ["resolve", "4008001234"], ["call", "4008001234"], ["plan"], ["cdr"], ["test"]):
        said = cli(*command, "--config", str(tmp_path / "nowhere"))
        assert said.status == 2, command
        assert "nowhere" in said.err


def test_one_file_of_a_configuration_shows_its_findings_only(cli):
    cli.write("lines.yaml", "lines: { bj: { base_number: 123 } }\n")
    cli.write("flows/other.flow.yaml", "flow: other\nnodes: { a: { play: hi, next: b } }\n")
    said = cli("check", AT, "--json", str(cli.folder / "flows" / "other.flow.yaml"))
    assert said.status == 1
    assert {finding["file"] for finding in said.json["findings"]} == {str(cli.folder / "flows" / "other.flow.yaml")}
    folder = cli("check", AT, "--json", str(cli.folder / "flows"))
    assert folder.json == said.json


def test_a_scenario_that_cannot_be_read_is_a_finding(cli):
    cli.write("scenarios/bad.scenario.yaml", "scenario: x\ncall: { to: 400-800-1234 }\n")
    said = cli("check", AT, "--json")
    assert said.status == 1
    assert "`at`" in next(f["message"] for f in said.json["findings"] if f["severity"] == "error")


def test_files_that_stand_alone_are_read_for_what_they_are(cli, tmp_path):
    flow = tmp_path / "mine.flow.yaml"
    flow.write_text(
        "flow: mine\nnodes: { a: { queue: anything, on: { answered: b, timeout: b } }, b: { hangup: normal } }\n"
    )
    assert cli("check", str(flow)).status == 0
    flow.write_text("flow: mine\nnodes: { a: { play: hi, next: nowhere } }\n")
    assert cli("check", str(flow)).status == 1


def test_other_commands_print_the_errors_and_end_with_2(cli):
    cli.write("routes.yaml", "routes: { 400-800-1234: { line: bj, flow: welcom } }\n")
    for command in (["resolve", "4008001234"], ["call", "4008001234"], ["plan"], ["apply"], ["test"]):
        said = cli(*command, "--json")
        assert said.status == 2, command
        assert said.json["error"]["code"] == "configuration-has-errors"
        assert "welcome" in said.json["findings"][0]["cure"]
        assert "routes.yaml:1" in said.err


def test_warnings_never_stop_another_command(cli):
    cli.write("unread.yaml", "a: 1\n")
    assert cli("check", AT).status == 1
    assert cli("resolve", "4008001234", AT).status == 0


def test_findings_are_told_in_chinese(cli):
    cli.write("numbers.yaml", b"")
    assert "文件是空的" in cli("check", AT, lang="zh").out
    said = cli("check", AT, lang="zh").out
    assert "办法：" in said
    assert ": 错误：" in said


def test_a_wrong_time_is_wrong_usage(cli):
    for text in ("tomorrow", "2026-13-01", "0001-01-01", ""):
        assert cli("check", f"--at={text}").status == 2


def test_an_applied_revision_is_checked_in_place_of_the_files(cli, tmp_path):
    assert cli("check", "--revision", "1").status == 2
    assert cli("apply").status == 0
    cli.write("routes.yaml", "routes: { 400-800-1234: { line: bj, flow: welcom } }\n")
    assert cli("check", AT).status == 1
    for name in ("1", "r1", "current"):
        said = cli("check", AT, "--revision", name, "--json")
        assert said.status == 0
        assert "error" not in {finding["severity"] for finding in said.json["findings"]}
    assert cli("check", AT, "--revision=1", "--strict").status == 1
    assert cli("check", "--revision", "9").status == 2
    assert cli("check", "--revision", "1", str(cli.folder)).status == 2


def test_what_is_no_file_of_a_configuration_is_told_not_parsed(cli):
    """As `check config/*` names it: a note beside the files is no fault of theirs."""
    note = cli.write("README.md", "# a: b: c\n\tnot YAML\n")
    said = cli("check", AT, "--json", str(note), str(cli.folder / "lines.yaml"))
    assert said.status == 0
    assert [(finding["code"], finding["severity"]) for finding in said.json["findings"]] == [("not-checked", "info")]
