"""A company that has nothing ends with a number answering its Welcome flow, by the commands of the documents; and what
is refused on the way."""

from __future__ import annotations

import json
import re
import shlex
import zipfile
from pathlib import Path

import pytest

from router.app.main import run
from tests import scans

ROOT = Path(__file__).resolve().parents[2]
COMPANY = ("--code", "91110000600037341L", "--company", "示例科技有限公司")
PERSON = ("--legal-name", "张三", "--legal-id", "11010519491231002X")
SCANS = ("--licence", "licence.png", "--id-front", "front.png", "--id-back", "back.png")
HANDLER = ("--handler", "李四", "--id-number", "11010519491231002X", "--mobile", "13800138000", "--email", "li@e.com")
KINDS = (
    *("authorisation", "acceptance", "security-agreement", "security-commitment"),
    *("handler-id-front", "handler-id-back"),
)
OTHER_CODE = "91310000MA1FL0000N"


@pytest.fixture
def company(cli, tmp_path: Path):
    """The command line of a company that has no number; scans of its papers lie in the working directory."""
    for name in ("licence", "front", "back"):
        (tmp_path / f"{name}.png").write_bytes(scans.png())
    cli.write("numbers.yaml", "numbers: []\n")
    cli.write("routes.yaml", "routes: {}\n")
    cli.write(
        "line400.yaml", "company: 示例科技\nstore: sqlite:///var/line400.db\nlife: { contact: 钉钉 cccsupport2 }\n"
    )
    (cli.folder / "scenarios" / "service.scenario.yaml").unlink()
    return cli


def submit(cli, *words: str, at: str = "2026-10-12T10:00", until: str = "never"):
    return cli("qualify", "submit", *COMPANY, *PERSON, *SCANS, "--licence-until", until, "--at", at, *words)


@pytest.fixture
def qualified(company):
    """The same with an approved qualification."""
    assert submit(company).status == 0
    assert company("qualify", "review", "--approve", "--at", "2026-10-15T10:00").status == 0
    return company


def offered(cli, *words: str) -> str:
    return cli("numbers", "search", "--json", *words).json["numbers"][0]["number"]


def bring(cli, state: str) -> str:
    """Bring a number to ``state``, from 16 October 2026 on."""
    number = offered(cli, "--tier", "普通")
    assert cli("numbers", "apply", number, "--at", "2026-10-16T10:00").status == 0
    if state == "reserved":
        return number
    files = [f"--file={kind}=front.png" for kind in KINDS]
    steps = {
        "submitted": ("materials", number, *HANDLER, *files, "--submit", "--at", "2026-10-17T10:00"),
        "opened": ("review", number, "--approve", "--at", "2026-10-20T10:00"),
        "ordered": ("route", number, "--line", "bj", "--at", "2026-10-20T12:00"),
        "routed": ("route", number, "--done", "--at", "2026-10-21T10:00"),
        "bound": ("instance", number, "--name", "hotline", "--at", "2026-10-21T11:00"),
    }
    for name, words in steps.items():
        said = cli("numbers", *words)
        assert said.status == 0, said.err
        if name == state:
            break
    return number


def state_of(cli, number: str, at: str) -> str:
    return cli("numbers", "show", number, "--at", at, "--json").json["state"]


def outcome(cli, number: str, at: str) -> tuple[str, str | None, list[str]]:
    record = cli("call", number, "--from", "13800138000", "--at", at, "--json").json
    return record["outcome"], (record["fault"] or {}).get("code"), record["heard"]


def test_the_commands_of_the_document_end_with_a_number_that_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("licence", "front", "back"):
        (tmp_path / f"{name}.png").write_bytes(scans.png())
    text = (ROOT / "docs" / "life.md").read_text("utf-8")
    block = re.search(r"^## From nothing.*?^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    environment: dict[str, str] = {}
    records = {}
    for line in block[1].splitlines():
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            environment[name] = value
            continue
        words = shlex.split(line)
        assert words[0] == "line400"
        status = run([*words[1:], "--json"], environment)
        out, err = capsys.readouterr()
        assert status == 0, f"{line}\n{err}"
        records[words[1]] = json.loads(out)
    assert records["call"]["outcome"] == "queued"
    assert records["call"]["flow"] == "welcome"
    assert records["call"]["path"] == ["greeting", "admit"]
    assert run(["check"], environment) == 0
    assert run(["resolve", records["numbers"]["number"], "--revision", "current"], environment) == 0


def test_a_qualification_without_fixed_term_says_what_it_entered_and_when_to_expect_an_answer(company) -> None:
    said = submit(company, "--json")
    assert said.json["licence_until"] == "2036-10-12"
    assert said.json["no_fixed_term"] is True
    assert (said.json["expected"]["earliest"], said.json["expected"]["latest"]) == ("2026-10-15", "2026-10-19")
    assert "2036-10-12" in said.err
    assert said.json["legal_id"] == "110***********002X"
    assert {file["kind"] for file in said.json["files"]} == {"licence", "id-front", "id-back"}
    shown = company("qualify", lang="zh").out
    assert "审核中" in shown
    assert "11010519491231002X" not in shown


def test_a_rejected_qualification_is_submitted_again(company) -> None:
    submit(company)
    assert company("qualify", "review", "--reject").status == 2
    rejected = company(
        "qualify", "review", "--reject", "--reason", "照片不清晰", "--at", "2026-10-14T10:00", "--json"
    )  # fmt: skip
    assert (rejected.json["state"], rejected.json["reasons"]) == ("rejected", "照片不清晰")
    refused = company("numbers", "apply", offered(company), "--at", "2026-10-15T10:00", lang="zh")
    assert refused.status == 1
    assert "照片不清晰" in refused.err
    again = submit(company, "--json", at="2026-10-15T10:00")
    assert (again.json["state"], again.json["changed"]) == ("review", True)


def test_the_same_submission_again_changes_nothing(company) -> None:
    first = submit(company, "--json").json
    again = submit(company, "--json", at="2026-10-13T10:00").json
    assert again["changed"] is False
    assert again["submitted"] == first["submitted"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--code", "91110000600037341A"), "bad-credit-code"),
        (("--legal-id", "110105194912310021"), "bad-id-number"),
        (("--legal-id", "310101201501010019"), "minor"),
        (("--licence-until", "2026-10-11"), "licence-expired"),
        (("--licence", "empty.pdf"), "file-empty"),
        (("--licence", "large.pdf"), "file-too-large"),
        (("--licence", "locked.pdf"), "file-encrypted"),
        (("--licence", "script.pdf"), "file-active-content"),
        (("--licence", "picture.pdf"), "file-other-type"),
        (("--licence", "missing.pdf"), "file-no-file"),
    ],
)
def test_bad_input_is_refused_with_a_cure_and_leaves_nothing(company, tmp_path: Path, words, code: str) -> None:
    (tmp_path / "empty.pdf").touch()
    with (tmp_path / "large.pdf").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    (tmp_path / "locked.pdf").write_bytes(scans.encrypted())
    (tmp_path / "script.pdf").write_bytes(scans.with_javascript())
    (tmp_path / "picture.pdf").write_bytes(scans.png())
    said = submit(company, *words, "--json")
    assert said.status == 1
    assert (said.json["error"]["code"], bool(said.json["error"]["cure"])) == (code, True)
    assert "31010120150101" not in said.out + said.err
    assert company("qualify", "show", "--json").json == []


@pytest.mark.parametrize(
    "words",
    [
        *(("qualify", "fly"), ("qualify", "submit"), ("qualify", "review", "--approve", "--reject")),
        *(
            ("numbers", "fly"),
            ("numbers", "apply"),
            ("numbers", "apply", "123"),
            ("numbers", "search", "--tier", "银牌"),
        ),
        *(("numbers", "search", "--ending", "x"), ("numbers", "search", "--carrier", "x"), ("qualify", "--at", "soon")),
    ],
)
def test_wrong_usage_is_status_2(company, words) -> None:
    said = company(*words)
    assert said.status == 2
    assert said.err


def test_the_stock_is_searched_by_carrier_tier_and_digits_and_says_whose_labels_they_are(company) -> None:
    found = company("numbers", "search", "--carrier", "联通", "--tier", "金牌", "--no-four", "--json").json
    assert found["numbers"]
    assert all(
        (one["carrier"], one["tier"], one["minimum"], "4" in one["number"][3:]) == ("unicom", "金牌", 2500, False)
        for one in found["numbers"]
    )
    assert "own grading" in found["note"]
    assert all(
        one["number"].endswith("888")
        for one in company("numbers", "search", "--ending", "888", "--json").json["numbers"]
    )
    assert "400-" in company("numbers", "search", "--repeated", "4", lang="zh").out


def test_a_number_of_another_tier_is_refused(qualified) -> None:
    number = offered(qualified, "--tier", "普通")
    said = qualified("numbers", "apply", number, "--tier", "金牌", "--at", "2026-10-16", "--json")
    assert (said.status, said.json["error"]["code"]) == (1, "other-tier")
    assert qualified("numbers", "apply", "400-000-0000", "--at", "2026-10-16").status == 1


def test_a_reserved_number_is_off_the_stock_and_lapses_to_the_second(qualified) -> None:
    number = bring(qualified, "reserved")
    search = ("numbers", "search", "--limit", "999", "--at", "2026-10-17", "--json")
    found = qualified(*search).json["numbers"]
    assert number not in [one["number"] for one in found]
    assert qualified("numbers", "show", number, "--at", "2026-10-17", "--json").json["reminders"] == []
    assert qualified("numbers", "show", number, "--at", "2026-10-21", "--json").json["reminders"]
    assert state_of(qualified, number, "2026-10-23T09:59:59") == "reserved"
    assert state_of(qualified, number, "2026-10-23T10:00:00") == "released"
    late = qualified("numbers", "materials", number, *HANDLER, "--submit", "--at", "2026-10-23T10:00", "--json")
    assert (late.status, late.json["error"]["code"]) == (1, "life-released")


def test_the_documents_are_generated_stamped_uploaded_bundled_and_the_handler_is_kept(
    qualified, tmp_path: Path
) -> None:
    number = bring(qualified, "reserved")
    nobody = qualified("numbers", "materials", number, "--generate", "papers", "--at", "2026-10-16T11:00")
    assert nobody.status == 2
    said = qualified(
        "numbers", "materials", number, *HANDLER, "--generate", "papers", "--at", "2026-10-16T11:00", "--json"
    )  # fmt: skip
    assert said.json["handler"] == {
        "name": "李四",
        "id_kind": "resident",
        "id_number": "110***********002X",
        "mobile": "138****8000",
    }
    papers = sorted((tmp_path / "papers").iterdir())
    assert len(papers) == 4
    assert all(paper.stat().st_mode & 0o777 == 0o600 for paper in papers)
    early = qualified("numbers", "materials", number, "--submit", "--at", "2026-10-16T12:00", "--json")
    assert early.json["error"]["code"] == "materials-missing"
    wrong = qualified(
        "numbers", "materials", number, "--file", "letter=front.png", "--at", "2026-10-16T12:00", "--json"
    )
    assert wrong.json["error"]["code"] == "unknown-kind"
    files = [
        f"--file={kind}={paper}"
        for kind, paper in zip(
            ("acceptance", "authorisation", "security-agreement", "security-commitment"), papers, strict=True
        )
    ]
    refused = qualified(
        "numbers", "materials", number, "--bundle", "all.pdf", "--author", "zhao", "--at", "2026-10-16T13:00", "--json"
    )
    assert (refused.status, refused.json["error"]["code"]) == (3, "not-a-reviewer")
    assert not (tmp_path / "all.pdf").exists()
    assert qualified("qualify", "reviewer", "zhao").status == 0
    scanned = ["--file=handler-id-front=front.png", "--file=handler-id-back=back.png"]
    send = ("--bundle", "all.pdf", "--submit", "--author", "zhao", "--at", "2026-10-17", "--json")
    sent = qualified("numbers", "materials", number, *files, *scanned, *send)
    assert (sent.json["state"], sent.json["missing"]) == ("submitted", [])
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")
    again = qualified("numbers", "materials", number, "--submit", "--at", "2026-10-17T12:00", "--json")
    assert (again.status, again.json["state"]) == (0, "submitted")
    # The next application offers the handler again; the name alone fills in the rest.
    other = offered(qualified, "--tier", "优选")
    assert qualified("numbers", "apply", other, "--at", "2026-10-18", "--json").json["handler"] == "李四"
    named = qualified("numbers", "materials", other, "--handler", "李四", "--at", "2026-10-18T01:00", "--json")
    assert named.json["handler"]["mobile"] == "138****8000"


def test_returned_materials_are_handed_in_again(qualified) -> None:
    number = bring(qualified, "submitted")
    assert qualified("numbers", "review", number, "--return").status == 2
    back = qualified(
        "numbers", "review", number, "--return", "--reason", "公章不清晰", "--at", "2026-10-19T10:00", "--json"
    )  # fmt: skip
    assert (back.json["state"], back.json["reason"]) == ("reserved", "公章不清晰")
    assert back.json["deadline"].startswith("2026-10-26T10:00:00")
    assert qualified("numbers", "materials", number, "--submit", "--at", "2026-10-20T10:00").status == 0


def test_a_purchased_number_is_busy_and_cannot_be_bound_before_its_ticket(qualified) -> None:
    number = bring(qualified, "ordered")
    assert outcome(qualified, number, "2026-10-20T13:00") == ("no_route", "not_routed", ["tone:busy"])
    refused = qualified("bind", number, "--flow", "welcome", "--at", "2026-10-20T13:00", lang="zh")
    assert refused.status == 1
    assert f"R{number}-1" in refused.err
    assert "cccsupport2" in refused.err
    assert qualified("check").status == 0


def test_a_new_instance_waits_for_the_ticket_and_answers_with_welcome(qualified) -> None:
    number = bring(qualified, "ordered")
    made = qualified("numbers", "instance", number, "--name", "hotline", "--at", "2026-10-20T13:00", "--json")
    assert (made.json["state"], made.json["binding"], made.json["flow"]) == ("opened", "waiting", "welcome")
    assert outcome(qualified, number, "2026-10-20T14:00")[2] == ["tone:busy"]
    done = qualified("numbers", "route", number, "--done", "--at", "2026-10-21T10:00", "--json")
    assert (done.json["state"], done.json["binding"]) == ("bound", "in force")
    assert outcome(qualified, number, "2026-10-21T11:00")[0] == "queued"
    assert qualified("check").status == 0


def test_an_existing_instance_binds_a_checked_flow_after_the_route(qualified) -> None:
    qualified.write("queues.yaml", "instances:\n  main: { queue: default }\n")
    number = bring(qualified, "ordered")
    early = qualified("numbers", "instance", number, "--name", "main", "--at", "2026-10-20T13:00", "--json")
    assert early.json["error"]["code"] == "route-pending"
    qualified("numbers", "route", number, "--done", "--at", "2026-10-21T10:00")
    unknown = qualified(
        "numbers", "instance", number, "--name", "main", "--flow", "nothing", "--at", "2026-10-21T11:00"
    )
    assert unknown.status == 2
    assert state_of(qualified, number, "2026-10-21T12:00") == "routed"
    good = qualified(
        "numbers", "instance", number, "--name", "main", "--flow", "service", "--at", "2026-10-21T12:00", "--json"
    )
    assert (good.json["state"], good.json["flow"], good.json["instance"]) == ("bound", "service", "main")


def test_a_command_that_was_killed_before_the_files_is_repeated(qualified, monkeypatch: pytest.MonkeyPatch) -> None:
    number = bring(qualified, "submitted")
    with monkeypatch.context() as patch:
        patch.setattr("router.desk.decisions.enter_purchased", _killed)
        assert qualified("numbers", "review", number, "--approve", "--at", "2026-10-20T10:00").status == 130
    assert state_of(qualified, number, "2026-10-20T11:00") == "opened"
    repeated = qualified("numbers", "review", number, "--approve", "--at", "2026-10-20T12:00", "--json")
    assert (repeated.status, repeated.json["purchased"]) == (0, "2026-10-20")
    assert outcome(qualified, number, "2026-10-20T13:00")[2] == ["tone:busy"]


async def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_carrier_translates_as_the_ticket_says(qualified) -> None:
    number = bring(qualified, "opened")
    words = ("--line", "bj=60", "--line", "sh=40", "--region", "四川省=cd", "--at", "2026-10-20T12:00")
    assert qualified("numbers", "route", number, *words, "--json").json["ticket"]["regions"] == {"四川": "cd"}
    qualified("numbers", "route", number, "--done", "--at", "2026-10-21T10:00")
    qualified("numbers", "instance", number, "--name", "hotline", "--at", "2026-10-21T11:00")
    call = ("call", number, "--at", "2026-10-21T12:00", "--json")
    assert qualified(*call, "--from", "028-86660000").json["line"] == "cd"
    lines = {qualified(*call, "--from", "13800138000", "--seed", str(seed)).json["line"] for seed in range(12)}
    assert lines == {"bj", "sh"}
    # A change of line is another ticket; until it is done the old lines stay.
    qualified("numbers", "route", number, "--line", "sh", "--overflow", "bj", "--at", "2026-10-22T10:00")
    assert qualified(*call, "--from", "028-86660000").json["line"] == "cd"
    qualified("numbers", "route", number, "--done", "--at", "2026-10-23T10:00")
    assert qualified(*call, "--from", "028-86660000").json["line"] == "sh"
    assert qualified(*call, "--from", "028-86660000", "--line-state", "sh=full").json["line"] == "bj"
    assert qualified(*call, "--from", "028-86660000", "--line-state", "sh=down").json["line"] == "bj"


def test_shares_of_a_ticket_are_those_of_the_calls(qualified) -> None:
    number = bring(qualified, "opened")
    qualified("numbers", "route", number, "--line", "bj=75", "--line", "sh=25", "--at", "2026-10-20T12:00")
    qualified("numbers", "route", number, "--done", "--at", "2026-10-21T10:00")
    qualified("numbers", "instance", number, "--name", "hotline", "--at", "2026-10-21T11:00")
    call = ("call", number, "--from", "13800138000", "--at", "2026-10-21T12:00", "--no-store", "--json")
    lines = [qualified(*call, "--seed", str(seed)).json["line"] for seed in range(60)]
    assert set(lines) == {"bj", "sh"}
    assert 0.6 < lines.count("bj") / len(lines) < 0.9


def test_a_bound_flow_cannot_be_taken_out_of_the_configuration(qualified) -> None:
    number = bring(qualified, "routed")
    qualified("numbers", "instance", number, "--name", "hotline", "--flow", "service", "--at", "2026-10-21T11:00")
    assert qualified("apply").status == 0
    file = qualified.folder / "flows" / "service.flow.yaml"
    content = file.read_text("utf-8")
    file.unlink()
    said = qualified("check", "--json")
    assert said.status == 1
    assert "service" in str([one["message"] for one in said.json["findings"] if one["severity"] == "error"])
    assert qualified("apply").status == 2
    # The revision in force has it still.
    assert (
        qualified("resolve", number, "--revision", "current", "--at", "2026-10-22", "--json").json["flow"] == "service"
    )
    file.write_text(content, "utf-8")
    assert qualified("numbers", "unbind", number, "--at", "2026-10-22").status == 0
    file.unlink()
    assert qualified("check").status == 0


@pytest.mark.parametrize(
    "words",
    [
        *((), ("--line", "nowhere"), ("--line", "bj=60", "--line", "sh=30"), ("--line", "bj", "--line", "sh")),
        *(("--line", "bj=x"), ("--line", "bj", "--region", "火星=sh"), ("--line", "bj=100", "--overflow", "sh")),
        ("--line", "bj", "--overflow", "bj"),
    ],
)
def test_a_ticket_that_makes_no_sense_is_refused(qualified, words) -> None:
    number = bring(qualified, "opened")
    assert qualified("numbers", "route", number, *words, "--at", "2026-10-20T12:00").status in (1, 2)
    assert qualified("numbers", "show", number, "--json").json["ticket"] is None


def test_renewal_expiry_and_release(qualified) -> None:
    number = bring(qualified, "bound")
    off = qualified("numbers", "renew", number, "--no-auto", "--at", "2026-10-22", "--json").json
    assert (off["expires"], off["auto_renew"]) == ("2027-01-20", False)
    assert off["released_at"].startswith("2027-01-28T00:00:00")
    assert outcome(qualified, number, "2027-01-27T23:59:00")[0] == "queued"
    # Nothing ran at the deadline, and nobody has looked since.
    assert outcome(qualified, number, "2027-01-28T00:00:00")[:2] == ("no_route", "released")
    longer = qualified("numbers", "renew", number, "--months", "3", "--at", "2027-01-25", "--json").json
    assert longer["expires"] == "2027-04-20"
    assert outcome(qualified, number, "2027-01-28T00:00:00")[0] == "queued"
    gone = qualified("numbers", "release", number, "--at", "2027-02-01", "--json")
    assert gone.json["state"] == "released"
    assert [place.rsplit("/", 1)[1].split(":")[0] for place in gone.json["orphans"]] == ["numbers.yaml", "routes.yaml"]
    assert outcome(qualified, number, "2027-02-01T00:00:01")[:2] == ("no_route", "released")


def test_arrears_suspend_with_an_announcement(qualified) -> None:
    number = bring(qualified, "bound")
    assert qualified("numbers", "suspend", number, "--at", "2026-11-01").status == 2
    assert qualified("numbers", "suspend", number, "--reason", "欠费", "--at", "2026-11-01").status == 0
    rejected = outcome(qualified, number, "2026-11-02")
    assert rejected[0] == "rejected"
    assert "暂停服务" in rejected[2][0]
    assert qualified("numbers", "suspend", number, "--resume", "--at", "2026-11-03").status == 0
    assert outcome(qualified, number, "2026-11-04")[0] == "queued"


def test_a_number_goes_to_another_company(qualified) -> None:
    number = bring(qualified, "bound")
    assert qualified("numbers", "transfer", number, "--to", "别家", "--at", "2026-11-01").status == 1
    other = ("--code", OTHER_CODE, "--company", "第二公司", *PERSON, *SCANS, "--licence-until", "never")
    assert qualified("qualify", "submit", *other, "--at", "2026-10-12").status == 0
    assert qualified("qualify", "review", "第二公司", "--approve", "--at", "2026-10-15").status == 0
    moving = qualified("numbers", "transfer", number, "--to", "第二公司", "--at", "2026-11-01", "--json")
    assert (moving.json["state"], moving.json["transfer_to"]) == ("transferring", "第二公司")
    assert outcome(qualified, number, "2026-11-02")[1] == "transferring"
    done = qualified("numbers", "transfer", number, "--done", "--at", "2026-11-03", "--json")
    assert (done.json["state"], done.json["company"]) == ("bound", "第二公司")
    assert "第二公司" in (qualified.folder / "numbers.yaml").read_text("utf-8")


def test_a_clock_that_goes_back_changes_nothing(qualified) -> None:
    number = bring(qualified, "bound")
    said = qualified("numbers", "suspend", number, "--reason", "x", "--at", "2026-10-01", "--json")
    assert (said.status, said.json["error"]["code"]) == (1, "clock-back")
    assert state_of(qualified, number, "2026-10-22") == "bound"


def test_a_binding_is_taken_off_and_put_on_again_by_bind(qualified) -> None:
    number = bring(qualified, "bound")
    off = qualified("numbers", "unbind", number, "--at", "2026-10-22", "--json")
    assert (off.json["state"], off.json["flow"]) == ("routed", None)
    assert outcome(qualified, number, "2026-10-22T01:00")[1] == "unbound"
    elsewhere = qualified("bind", number, "--flow", "service", "--line", "sh", "--at", "2026-10-22T02:00", "--json")
    assert elsewhere.json["error"]["code"] == "line-by-ticket"
    assert qualified("bind", number, "--flow", "service", "--at", "2026-10-22T02:00").status == 0
    assert state_of(qualified, number, "2026-10-22T03:00") == "bound"


def test_a_seeded_opened_number_is_bound_by_bind(cli) -> None:
    """What the store knows of a number of the files only begins a life: binding it later is not void."""
    cli.write(
        "numbers.yaml",
        "numbers:\n  - { number: 400-800-1234, state: opened }\n  - { number: 400-600-5678 }\n"
        "  - { number: 400-000-1357 }\n",
    )
    assert cli("numbers", "renew", "400-800-1234", "--at", "2026-10-01").status == 0
    assert outcome(cli, "4008001234", "2026-10-02")[1] == "not_routed"
    assert cli("bind", "400-800-1234", "--flow", "service", "--line", "sh", "--at", "2026-10-03").status == 0
    assert outcome(cli, "4008001234", "2026-10-04")[1] is None
    # A number that no event touched follows its files.
    assert cli("bind", "400-000-1357", "--flow", "service").status == 0
    assert outcome(cli, "4000001357", "2026-10-04")[1] is None


def test_personal_data_are_sealed_and_shown_to_reviewers_alone(qualified, tmp_path: Path) -> None:
    number = bring(qualified, "submitted")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "var").iterdir() if path.suffix != ".key")
    for secret in (b"11010519491231002X", b"13800138000", b"li@e.com", scans.png()):
        assert secret not in stored
    for words in (("qualify", "show", "--reveal"), ("qualify", "export", "out.zip")):
        refused = qualified(*words, "--author", "wang", "--json")
        assert (refused.status, refused.json["error"]["code"]) == (3, "not-a-reviewer")
    assert qualified("qualify", "reviewer", "wang").status == 0
    shown = qualified("qualify", "show", "--reveal", "--author", "wang", "--json").json
    assert shown[0]["legal_id"] == "11010519491231002X"
    assert qualified("qualify", "export", "out.zip", "--author", "wang").status == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        facts = json.loads(archive.read("company.json"))
        assert facts["handlers"][0]["mobile"] == "13800138000"
        assert len(archive.namelist()) == 10
    assert (tmp_path / "out.zip").stat().st_mode & 0o777 == 0o600
    needed = qualified("qualify", "delete", "--json")
    assert needed.json["error"]["code"] == "has-numbers"
    assert qualified("numbers", "withdraw", number, "--at", "2026-10-18").status == 0
    assert qualified("qualify", "delete", "--reason", "本人要求", "--json").json["files"] == 3


def test_persons_with_other_papers_apply_too(company) -> None:
    abroad = ("--legal-id", "E12345678", "--id-kind", "passport")
    missing = submit(company, *abroad, "--json")
    assert (missing.status, missing.json["error"]["code"]) == (1, "born-missing")
    assert submit(company, *abroad, "--born", "soon").status == 2
    said = submit(company, *abroad, "--born", "1980-05-06", "--json")
    assert (said.json["legal_id_kind"], said.json["legal_id"]) == ("passport", "E*******8")
    assert {file["kind"] for file in said.json["files"]} == {"licence", "id-front", "id-back"}
    first = ("qualify", "submit", "--code", OTHER_CODE, "--company", "第二公司", *PERSON[:2], *abroad, *SCANS[:4])
    second = company(*first, "--born", "1980-05-06", "--licence-until", "never", "--at", "2026-10-12", "--json")
    assert {file["kind"] for file in second.json["files"]} == {"licence", "id-front"}  # a passport has no back
    card = ("qualify", "submit", *COMPANY, *PERSON, *SCANS[:4], "--licence-until", "never", "--at", "2026-10-13")
    assert company(*card, "--json").json["error"]["code"] == "scan-missing"
    assert "护照 E*******8" in company("qualify", lang="zh").out
    for code in (COMPANY[1], OTHER_CODE):
        assert company("qualify", "review", code, "--approve", "--at", "2026-10-15").status == 0
    number = offered(company)
    assert company("numbers", "apply", number, "--company", OTHER_CODE, "--at", "2026-10-16T10:00").status == 0
    permit = ("--handler", "陈大文", "--id-number", "H12345678", "--id-kind", "hk-macao", "--born", "1985-01-02")
    rest = ("--mobile", "13800138000", "--email", "chan@example.com", "--at", "2026-10-17", "--json")
    handed = company("numbers", "materials", number, *permit, *rest)
    assert handed.json["handler"]["id_kind"] == "hk-macao"
    assert "handler-id-back" in handed.json["missing"]
    passport = ("--handler", "J. Doe", "--id-number", "X1234567", "--id-kind", "passport", "--born", "1985-01-02")
    files = [f"--file={kind}=front.png" for kind in KINDS if kind != "handler-id-back"]
    sent = company("numbers", "materials", number, *passport, *rest, *files, "--submit")
    assert (sent.json["state"], sent.json["missing"]) == ("submitted", [])


def test_one_person_is_handed_out_and_deleted(qualified, tmp_path: Path) -> None:
    number = bring(qualified, "submitted")
    qualified("qualify", "reviewer", "wang")
    words = ("qualify", "export", "li.zip", "--person", "李四", "--author", "wang", "--json")
    assert qualified(*words).json["person"] == "李四"
    with zipfile.ZipFile(tmp_path / "li.zip") as archive:
        assert json.loads(archive.read("person.json"))["handler"]["mobile"] == "13800138000"
    needed = qualified("qualify", "delete", "--person", "李四", "--at", "2026-10-18", "--json")
    assert needed.json["error"]["code"] == "handler-needed"
    qualified("numbers", "withdraw", number, "--at", "2026-10-18")
    assert qualified("qualify", "delete", "--person", "李四", "--at", "2026-10-18", "--json").json["deleted"] is True
    assert qualified("qualify", "show", "--json").json[0]["handlers"] == []


def test_what_the_store_knows_is_told_in_check_and_plan(qualified) -> None:
    number = bring(qualified, "bound")
    qualified("numbers", "renew", number, "--no-auto", "--at", "2026-10-22")
    told = qualified("check", "--at", "2026-12-20", "--json")
    (found,) = [one for one in told.json["findings"] if one["code"] == "expires-soon"]
    assert (told.status, found["severity"]) == (0, "info")
    assert found["file"].endswith("numbers.yaml")
    assert found["line"] > 1
    assert qualified("check", "--at", "2026-12-20", "--strict").status == 1
    without = qualified("check", "--at", "2026-12-20", "--no-store", "--json").json["findings"]
    assert "expires-soon" not in {one["code"] for one in without}
    licence = qualified("check", "--at", "2036-09-01", "--json").json["findings"]
    assert "licence-ends" in {one["code"] for one in licence}
    # In a plan what is to be known is a warning.
    file = qualified.folder / "numbers.yaml"
    file.write_text(file.read_text("utf-8").replace("示例科技有限公司", "别家公司"), "utf-8")
    warned = {one["code"]: one["severity"] for one in qualified("plan", "--json").json["warnings"]}
    assert warned["life-drift"] == "warning"


def test_without_the_right_key_nothing_personal_is_read(qualified, tmp_path: Path) -> None:
    (tmp_path / "var" / "line400-life.key").write_text("another key of many letters\n")
    shown = qualified("qualify", "show", "--json")
    assert shown.json[0]["legal_id"] is None
    assert "key" in shown.err
    number = bring(qualified, "reserved")
    assert qualified("numbers", "materials", number, *HANDLER, "--generate", "p", "--at", "2026-10-17").status == 2
    qualified.write("line400.yaml", "store: sqlite:///var/line400.db\nlife: { key_env: LINE400_LIFE_KEY }\n")
    assert "LINE400_LIFE_KEY" in qualified("qualify", "show").err


def test_retention_deletes_companies_without_numbers(qualified) -> None:
    counted = qualified("qualify", "retention", "--dry-run", "--at", "2029-12-01", "--json").json
    assert counted["companies"] == ["示例科技有限公司"]
    assert counted["days"] == {"qualifications": 1095.0, "handlers": 1095.0}
    assert qualified("qualify", "retention", "--at", "2026-12-01", "--json").json["companies"] == []
    qualified("qualify", "retention", "--at", "2029-12-01")
    assert qualified("qualify", "show", "--json").json == []


def test_files_are_edited_also_where_the_store_cannot_be_read(cli) -> None:
    cli.store.parent.mkdir()
    cli.store.write_bytes(b"no database at all, but a file of some length " * 20)
    said = cli("bind", "400-000-1357", "--flow", "service")
    assert said.status == 0
    assert "not looked at" in said.err


def test_a_company_without_a_number_gets_a_configuration_that_passes(cli, tmp_path: Path) -> None:
    words = ("--company", "新公司", "--base-number", "010-88880001", "--carrier", "unicom")
    assert cli("init", str(tmp_path / "bare"), *words, "--no-number", "--json").status == 0
    assert run(["--config", str(tmp_path / "bare"), "check"], {}) == 0
    both = cli("init", str(tmp_path / "both"), *words, "--no-number", "--number", "400-800-1234")
    assert both.status == 2
    nothing = cli("init", str(tmp_path / "none"), "--company", "新公司", "--base-number", "010-88880001", "--no-number")
    assert nothing.status == 2
    assert "carrier" in nothing.err
