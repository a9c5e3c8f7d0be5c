"""``line400 prove`` and ``line400 trace``: what is printed is true, and the calls that are shown show it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from .conftest import CommandLine

ROOT = Path(__file__).resolve().parents[2]
YEAR = ("--year", "2026")


def test_a_sound_number_is_proved(cli: CommandLine):
    said = cli("--json", "prove", "400-800-1234", *YEAR)
    assert said.status == 0, said.err
    document = said.json
    assert document["proved"] is True
    assert document["findings"] == []
    (number,) = document["numbers"]
    assert number["minutes"] == 365 * 1440
    rows = {row["rule"]: row for row in number["rows"]}
    assert rows["黑名单"]["ends"] == [{"kind": "rejected", "what": "blocked", "node": None}]
    assert rows["上海来电"]["line"] == "sh"
    assert {end["kind"] for end in rows["default"]["ends"]} == {"agents", "announcement"}


def test_every_finding_shows_itself(cli: CommandLine):
    said = cli("--json", "prove", *YEAR)
    assert said.status == 1
    found = {finding["code"]: finding for finding in said.json["findings"]}
    assert {"ends-nowhere-unbound", "ends-nowhere-not-routed"} <= set(found)
    for code, fault in (("ends-nowhere-unbound", "unbound"), ("ends-nowhere-not-routed", "not_routed")):
        words = shlex.split(found[code]["counter_example"])
        record = cli("--json", *words[1:], "--no-store").json
        assert record["fault"]["code"] == fault


def test_the_table_is_for_people(cli: CommandLine):
    said = cli("prove", "4008001234", *YEAR, lang="zh")
    assert said.status == 0
    assert "黑名单" in said.out
    assert "全部时间" in said.out
    assert "1 个号码中 1 个得到证明" in said.out
    said = cli("prove", "4008001234", "--at", "2026-10-01T10:00", "--to", "2026-10-07")
    assert "from 2026-10-01 00:00 to 2026-10-08 00:00" in said.out


def test_a_page_can_be_written(cli: CommandLine, tmp_path: Path):
    page = tmp_path / "proof.html"
    assert cli("prove", *YEAR, "--html", str(page)).status == 1
    text = page.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert "400-800-1234" in text
    assert "line400 call 400-000-1357" in text


def test_an_invariant_that_does_not_hold_fails(cli: CommandLine):
    (cli.folder / "invariants.yaml").write_text(
        "invariants:\n  - never: 上海来电 18:00 后拨打 400-800-1234 进入队列 default\n", "utf-8"
    )
    said = cli("--json", "prove", "400-800-1234", *YEAR)
    assert said.status == 1
    (finding,) = said.json["findings"]
    assert (finding["code"], finding["line"]) == ("invariant-broken", 2)
    words = shlex.split(finding["counter_example"])
    record = cli("--json", *words[1:], "--no-store").json
    assert record["queue"] == "default"
    assert record["caller"].startswith("021")
    assert cli("prove", "400-600-5678", *YEAR).status == 0, "another number keeps it"


def test_a_range_must_make_sense(cli: CommandLine):
    for arguments in (
        ("--year", "2026", "--from", "2026-01-01"),
        ("--from", "2026-02-01", "--to", "2026-01-01"),
        ("--from", "2026-01-01", "--to", "2036-01-01"),
        ("--from", "soon"),
        ("400-999-9999x",),
    ):
        assert cli("prove", *arguments).status == 2, arguments
    assert cli("prove", "400-999-9999", *YEAR).status == 1


def test_what_is_no_number_and_what_is_too_far_away_are_told_apart(cli: CommandLine):
    assert cli("--json", "prove", "400-800-123").json["error"]["code"] == "bad-number"
    for at in ("1970-01-01", "9999-12-31T23:59"):
        said = cli("--json", "prove", "--at", at)
        assert said.status == 2
        assert said.json["error"]["cure"] == "Write a time of the years 1990 to 2200."
    assert "From 2026-05-02 to 2026-05-01 is" in cli("prove", "--from", "2026-05-02", "--to", "2026-05-01").err


def test_a_trace_tells_who_reaches_a_queue(cli: CommandLine):
    said = cli("--json", "trace", "--queue", "default", "--down", *YEAR)
    assert said.status == 0
    document = said.json
    assert (document["queue"], document["numbers"]) == ("default", 2)
    for row in document["reached_by"]:
        assert row["number"] in ("4008001234", "4006005678")
        assert [end["kind"] for end in row["instead"]["ends"]] == ["announcement"]
    people = cli("trace", "--line", "sh", *YEAR, lang="zh")
    assert "400-600-5678" in people.out
    assert "上海来电" in people.out


def test_a_trace_asks_for_one_known_thing(cli: CommandLine):
    assert cli("trace", *YEAR).status == 2
    assert cli("trace", "--line", "sh", "--flow", "service").status == 2
    said = cli("trace", "--queue", "defalt", *YEAR)
    assert said.status == 2
    assert "default" in said.err
    assert "Nobody" in cli("trace", "--line", "cd", *YEAR).out, "the carrier refuses a number without a flow itself"


def test_the_companys_own_numbers_in_service_are_proved(capsys):
    from router.app.main import run

    numbers = ("4008001234", "4006005678", "4007002468", "4009008888", "4001006699", "4008886600")
    status = run(["--config", str(ROOT / "config"), "--json", "prove", *numbers, *YEAR], {})
    document = json.loads(capsys.readouterr().out)
    assert (status, document["findings"]) == (0, [])
