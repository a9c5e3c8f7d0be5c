"""``line400 resolve``, ``call``, ``originate`` and ``test``: statuses, JSON, and what bad input gets."""

from __future__ import annotations

import os
import stat

import pytest

AT = "--at=2026-10-12T10:00"
KEYS = {
    "call_id", "test", "caller", "caller_kind", "called", "called_by", "dialled", "base_number", "line", "trunk",
    "flow", "revision", "rule", "path", "heard", "pressed", "outcome", "abandoned_in", "queue", "hangup",
    "fault", "started", "answered", "ended", "duration_s", "billable_minutes", "left", "agent",
}  # fmt: skip


def test_a_welcome_call(cli):
    said = cli("call", "400-800-1234", "--from", "13800138000", AT, "--json")
    assert said.status == 0
    call = said.json
    assert call.keys() >= KEYS
    assert (call["called"], call["called_by"], call["dialled"]) == ("4008001234", "dialled", "400-800-1234")
    assert (call["line"], call["base_number"], call["flow"], call["rule"]) == (
        "bj",
        "01088880001",
        "welcome",
        "default",
    )
    assert (call["outcome"], call["queue"], call["path"]) == ("queued", "default", ["greeting", "admit"])
    assert call["test"] is True
    assert call["started"] == "2026-10-12T10:00:00.000+08:00"


def test_with_json_there_is_one_document_and_nothing_else(cli):
    for argv in (
        ["call", "400-800-1234", AT],
        ["resolve", "400-800-1234", AT],
        ["check", AT],
        ["cdr"],
        ["history"],
        ["plan"],
        ["test"],
        ["originate", "--from", "4008001234", "--to", "13800138000"],
        ["announce", "--list"],
    ):
        assert cli("--json", *argv).json is not None
        assert cli(*argv, "--json").json is not None


@pytest.mark.parametrize("press", ["1,77#", "--press=1,77#"])
def test_keys_walk_the_flow(cli, press: str):
    argv = [press] if press.startswith("--") else ["--press", press]
    call = cli("call", "400-600-5678", AT, *argv, "--json").json
    assert call["path"] == ["menu", "ask", "agent"]
    assert call["pressed"] in ("1,77", "1,77#")


@pytest.mark.parametrize(
    ("press", "pressed"), [(",,", ","), ("", ","), ("h", "h"), (None, ","), (",h", ",h"), ("*,#", "*,#")]
)
def test_silence_and_hanging_up_are_items_too(cli, press: str | None, pressed: str):
    argv = [] if press is None else ["--press", press]
    assert cli("call", "400-600-5678", AT, *argv, "--json").json["pressed"] == pressed


def test_pressed_replays_the_same_call(cli):
    first = cli("call", "400-600-5678", AT, "--press", ",1,123", "--json").json
    again = cli("call", "400-600-5678", AT, "--press", first["pressed"], "--json").json
    assert (again["path"], again["heard"], again["pressed"]) == (first["path"], first["heard"], first["pressed"])


@pytest.mark.parametrize("number", ["400800123", "40080012345", "400800123456", "010-400-800-1234", "hello", "", "12"])
@pytest.mark.parametrize("command", ["call", "resolve"])
def test_what_is_no_number_is_wrong_usage(cli, command: str, number: str):
    said = cli(command, number, AT, "--json")
    assert said.status == 2
    assert said.json["error"]["message"]
    assert said.json["error"]["cure"]
    assert not cli.store.exists()


@pytest.mark.parametrize("number", ["4009990000", "01088889999", "13800138000"])
def test_a_valid_number_that_is_not_configured(cli, number: str):
    assert cli("resolve", number, AT).status == 1
    said = cli("call", number, AT, "--json")
    assert said.status == 0
    call = said.json
    assert (call["outcome"], call["fault"]["code"], call["path"], call["flow"]) == (
        "no_route",
        "unknown_number",
        [],
        None,
    )
    assert (call["hangup"], call["heard"]) == ({"by": "carrier", "cause": 1}, ["tone:unallocated"])


@pytest.mark.parametrize(
    ("number", "code", "cause", "tone"),
    [("4000001357", "unbound", 1, "tone:unallocated"), ("4006782000", "not_routed", 17, "tone:busy")],
)
def test_unbound_and_not_routed_are_answers_not_errors(cli, number: str, code: str, cause: int, tone: str):
    resolved = cli("resolve", number, AT, "--json")
    assert (resolved.status, resolved.json["fault"]["code"]) == (0, code)
    call = cli("call", number, AT, "--json")
    assert call.status == 0
    assert (call.json["outcome"], call.json["fault"]["code"]) == ("no_route", code)
    assert (call.json["hangup"]["cause"], call.json["heard"]) == (cause, [tone])


def test_a_rejected_caller(cli):
    resolved = cli("resolve", "4008001234", "--from", "139 0000 0000", AT, "--json")
    assert (resolved.status, resolved.json["reject"], resolved.json["rule"]) == (0, "blocked", "黑名单")
    call = cli("call", "4008001234", "--from", "13900000000", AT, "--json")
    assert (call.status, call.json["outcome"], call.json["hangup"]["cause"]) == (0, "rejected", 21)


def test_resolve_says_why_each_rule_did_or_did_not_match(cli):
    trace = cli("resolve", "4008001234", "--from", "021-58880000", AT, "--json").json["trace"]
    assert [(step["rule"], step["matched"]) for step in trace] == [("黑名单", False), ("上海来电", True)]
    assert all(step["code"] and step["why"] for step in trace)


def test_a_base_number_resolves_with_the_header_of_its_trunk(cli):
    plain = cli("resolve", "010-88880001", AT, "--json").json
    assert (plain["number"], plain["called_by"]) == ("4008001234", "only_number")
    header = cli("resolve", "021-66660002", "--original-called", "400-600-5678", "--trunk", "sh", AT, "--json").json
    assert (header["number"], header["called_by"]) == ("4006005678", "header")
    assert cli("resolve", "021-66660002", "--trunk", "shh", AT).status == 2


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["--agents", "answer:5"], 0),
        (["--agents", "maybe"], 2),
        (["--target", "gone"], 2),
        (["--press", "1,x"], 2),
        (["--at", "yesterday"], 2),
        (["--on", "moon"], 2),
        (["--seed", "x"], 2),
        (["--revision", "7"], 2),
        (["--on", "asterisk"], 4),
    ],
)
def test_options_of_call_are_judged(cli, argv: list[str], status: int):
    said = cli("call", "400-800-1234", AT, *argv) if "--at" not in argv else cli("call", "400-800-1234", *argv)
    assert said.status == status
    assert bool(status) == ("error:" in said.err)


def test_the_same_seed_gives_the_same_call(cli):
    one, two = (cli("call", "4008001234", AT, "--seed", "7", "--no-store", "--json").json for _ in range(2))
    assert one == two
    assert cli("call", "4008001234", AT, "--seed", "8", "--no-store", "--json").json["call_id"] != one["call_id"]


def test_a_call_repeated_with_its_seed_is_another_record(cli):
    for _ in range(2):
        cli("call", "4008001234", AT, "--seed", "7")
    assert len({record["call_id"] for record in cli("cdr", "--json").json}) == 2


def test_an_odd_caller_is_served(cli):
    for caller in ("+1 212 555 0100", "anonymous", "95588", "<b>"):
        assert cli("call", "4008001234", "--from", caller, AT, "--json").json["outcome"] == "queued"


def test_resolve_makes_no_store_and_call_does(cli):
    cli("resolve", "4008001234", AT)
    assert not cli.store.exists()
    cli("call", "4008001234", AT, "--no-store")
    assert not cli.store.exists()
    cli("call", "4008001234", AT)
    assert cli.store.exists()


def test_a_store_that_cannot_be_written_costs_one_warning(cli):
    cli.write("line400.yaml", "company: x\nstore: sqlite:////proc/nowhere/line400.db\n")
    said = cli("call", "4008001234", AT, "--json")
    assert (said.status, said.json["outcome"]) == (0, "queued")
    assert said.err.count("warning:") == 1


def test_a_corrupt_store_costs_warnings_and_never_the_call(cli):
    cli.store.parent.mkdir()
    cli.store.write_bytes(b"this is no database" * 100)
    said = cli("call", "4008001234", AT, "--json")
    assert (said.status, said.json["outcome"]) == (0, "queued")
    assert "warning:" in said.err
    for command in (["cdr"], ["history"], ["block", "13800138000"], ["apply"]):
        said = cli(*command, "--json")
        assert (said.status, said.json["error"]["code"]) == (4, "corrupt"), command


def test_a_read_only_store_is_read(cli):
    cli("call", "4008001234", AT)
    cli.store.chmod(stat.S_IRUSR)
    cli.store.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert len(cli("cdr", "--json").json) == 1
        if os.access(cli.store, os.W_OK):  # root may write anything
            return
        said = cli("call", "4008001234", AT)
        assert (said.status, said.err.count("warning:")) == (0, 1)
        assert cli("block", "13800138000").status == 4
    finally:
        cli.store.parent.chmod(stat.S_IRWXU)


@pytest.mark.parametrize(
    "number", ["400-800-1234", "+86 400 800 1234", "sip:4008001234@x", "４００８００１２３４", "4008001234转8"]
)
def test_an_outbound_call_from_a_400_number_is_refused(cli, number: str):
    said = cli("originate", "--from", number, "--to", "13800138000", "--json")
    assert said.status == 3
    assert (said.json["allowed"], said.json["code"]) == (False, "outbound_400")
    assert said.json["reference"]


def test_an_outbound_call_to_a_400_number_is_allowed_and_needs_a_switch(cli):
    said = cli("originate", "--from", "010-88880001", "--to", "400-800-1234", "--json")
    assert said.status == 4
    assert said.json["allowed"] is True
    assert said.json["code"] is None
    assert said.json["reference"] is None


def test_an_outbound_call_from_no_number_is_wrong_usage(cli):
    for number in ("hello", ""):
        assert cli("originate", "--from", number, "--to", "13800138000").status == 2


def test_the_refusal_is_audited_and_stands_without_a_configuration(cli, tmp_path):
    import asyncio

    from router.store import Store

    assert cli("originate", "--from", "4008001234", "--to", "13800138000").status == 3

    async def entries():
        async with await Store.open(f"sqlite:///{cli.store}", create=False) as store:
            return await store.audit_entries()

    (entry,) = asyncio.run(entries())
    assert (entry.action, entry.after["from"]) == ("outbound_refused", "4008001234")
    said = cli("originate", "--from", "4008001234", "--to", "1", "--config", str(tmp_path / "nowhere"))
    assert (said.status, said.err.count("warning:")) == (3, 1)


def test_scenarios_pass_fail_and_cannot_be_read(cli, tmp_path):
    said = cli("test", "--json")
    assert (said.status, said.json["passed"], said.json["failed"]) == (0, 1, 0)
    file = cli.write(
        "scenarios/wrong.scenario.yaml",
        "scenario: 错\ncall: { to: 400-600-5678, at: 2026-10-12T10:00:00+08:00 }\nexpect: { outcome: answered }\n",
    )
    said = cli("test", "--json", "--junit", str(tmp_path / "new" / "j.xml"), "--html", str(tmp_path / "h.html"))
    assert (said.status, said.json["failed"]) == (1, 1)
    assert 'failures="1"' in (tmp_path / "new" / "j.xml").read_text()
    assert "<html" in (tmp_path / "h.html").read_text()
    assert "answered" in cli("test", str(file)).out
    said = cli("test", "--select", "nowhere", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "nothing-selected")
    file.write_text("scenario: x\ncall: { to: 400-600-5678 }\n")
    assert cli("test").status == 2
    assert cli("test", "nowhere").status == 2
    assert not cli.store.exists()


def test_scenarios_leave_records_only_when_told(cli):
    cli("test")
    assert cli("cdr", "--json").json == []
    cli("test", "--record")
    assert len(cli("cdr", "--test", "--json").json) == 1


def test_a_call_for_people_shows_what_happened(cli):
    out = cli("call", "400-600-5678", AT, "--press", "0").out
    for part in ("queued", "4006005678", "menu → agent", "咨询请按1"):
        assert part in out
    assert "排队中" in cli("call", "400-600-5678", AT, "--press", "0", lang="zh").out


def test_an_unforeseen_failure_is_one_message(cli, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("router.book.RouteBook.resolve", broken)
    said = cli("resolve", "4008001234", AT)
    assert said.status == 4
    assert said.err.count("line400: error:") == 1
    log = cli.store.parent / "line400-failure.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "boom" in log.read_text()
    assert str(log) in said.err


def test_ctrl_c_ends_with_130(cli, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("router.book.RouteBook.resolve", interrupted)
    assert cli("resolve", "4008001234", AT).status == 130


def test_a_file_that_cannot_be_read_is_told_whatever_is_selected(cli):
    cli.write("scenarios/broken.scenario.yaml", "scenario: x\ncall: { to: 400-800-1234 }\n")
    said = cli("test", "--select", "no such words", "--json")
    assert (said.status, said.json["failed"]) == (2, 1)


def test_a_store_that_cannot_be_used_costs_one_warning(cli):
    cli.store.parent.mkdir()
    cli.store.write_bytes(b"not a database, whatever it is called" * 100)
    said = cli("call", "4008001234", AT, "--json")
    assert (said.status, said.json["outcome"]) == (0, "queued")
    assert said.err.count("warning:") == 1
    assert "record" in said.err
    assert cli("resolve", "4008001234", AT).err.count("warning:") == 1
    assert cli("call", "4008001234", AT, "--no-store").err.count("warning:") == 0
