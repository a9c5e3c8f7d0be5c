"""What goes on beside a test call: ``--line-state``, ``--occupied``, ``--month-calls`` of ``call`` and ``resolve``; and
``line400 pin``."""

from __future__ import annotations

import io

import pytest

AT = "--at=2026-10-12T10:00"
NUMBER = "400-800-1234"


@pytest.fixture(autouse=True)
def routes(cli) -> None:
    lines = (cli.folder / "lines.yaml").read_text("utf-8")
    cli.write("lines.yaml", lines.replace("trunk: bj }", "trunk: bj, overflow: { down: sh } }"))
    written = (cli.folder / "routes.yaml").read_text("utf-8")
    cli.write(
        "routes.yaml", written.replace("    rules:", "    max_calls: 3\n    max_calls_per_month: 9\n    rules:", 1)
    )


def test_a_line_that_is_down_passes_the_call_on_and_says_so(cli):
    call = cli("call", NUMBER, AT, "--line-state", "bj=down", "--json").json
    assert (call["line"], call["outcome"]) == ("sh", "queued")
    assert [(one["line"], one["result"]) for one in call["tried"]] == [("bj", "down"), ("sh", "taken")]
    resolved = cli("resolve", NUMBER, AT, "--line-state", "bj=down", "--json", lang="zh").json
    assert resolved["line"] == "bj"
    assert [one["why"] for one in resolved["tried"]] == ["线路 bj：故障", "线路 sh 接通"]


def test_without_a_way_the_carrier_refuses(cli):
    call = cli("call", NUMBER, AT, "--line-state", "bj=busy", "--json").json
    assert (call["outcome"], call["hangup"], call["heard"]) == (
        "no_route",
        {"by": "carrier", "cause": 17},
        ["tone:busy"],
    )
    assert (call["fault"]["code"], call["fault"]["by"]) == ("line_busy", "carrier")


def test_caps_are_reached_by_what_is_said_to_go_on(cli):
    for argv, code in ((("--occupied", f"{NUMBER}=3"), "over_calls"), (("--month-calls", f"{NUMBER}=9"), "over_month")):
        call = cli("call", NUMBER, AT, *argv, "--json").json
        assert (call["outcome"], call["fault"]["code"]) == ("rejected", code)
        assert cli("resolve", NUMBER, AT, *argv, "--json").json["trace"][-1]["code"] == code


def test_test_calls_never_count(cli):
    for _ in range(4):
        assert cli("call", NUMBER, AT, "--json").json["outcome"] == "queued"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--line-state", "bj=broken"], "bad-line-state"),
        (["--line-state", "bjj=down"], "unknown-line"),
        (["--occupied", "bj"], "bad-traffic"),
        (["--occupied", "nobody=3"], "unknown-line"),
        (["--occupied", f"{NUMBER}=many"], "bad-traffic"),
    ],
)
def test_what_is_no_traffic_is_told(cli, argv, code):
    for command in ("call", "resolve"):
        said = cli(command, NUMBER, AT, *argv, "--json")
        assert (said.status, said.json["error"]["code"]) == (2, code)


def test_resolve_says_what_is_known_of_the_caller(cli):
    known = cli("resolve", NUMBER, AT, "--from", "17312345678", "--json").json["caller"]
    assert known == {
        "number": "17312345678",
        "kind": "mobile",
        "province": "未知",
        "city": "未知",
        "carrier": "telecom",
        "unsure": ["province"],
    }
    assert "the sources differ on the province" in cli("resolve", NUMBER, AT, "--from", "17312345678").out


def test_a_pin_becomes_a_hash_that_a_route_takes(cli, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("2468\n"))
    hashed = cli("pin", "--json").json["hashed"]
    assert "2468" not in hashed
    written = (cli.folder / "routes.yaml").read_text("utf-8")
    cli.write(
        "routes.yaml", written.replace("    flow: welcome\n", f"    flow: welcome\n    pin: {{ hashed: '{hashed}' }}\n")
    )
    call = cli("call", NUMBER, AT, "--press", "1111,2468", "--json").json
    assert (call["path"], call["pressed"]) == (["pin", "greeting", "admit"], "•,•")


@pytest.mark.parametrize("typed", ["", "12", "abcd", "1234567890123"])
def test_what_is_no_pin_is_refused(cli, monkeypatch, typed):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
    said = cli("pin", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "bad-pin")
