"""Files that cannot be used: one clear message from ``check`` and from what needs them, nothing written."""

from __future__ import annotations

import pytest

from .conftest import CommandLine

AT = "--at=2026-10-12T10:00"
FIFTY_MB = 50 * 1024 * 1024
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 10)) for i in range(8)
)
MISSING_NODE = "flow: service\nnodes:\n  hello:\n    play: 您好。\n    next: bey\n  bye:\n    hangup: normal\n".encode()


@pytest.mark.parametrize(
    ("file", "content", "code", "place", "cure"),
    [
        ("routes.yaml", b"", "empty-file", "1:1", "delete the file"),
        ("lines.yaml", b"lines:\n\tbj: {}\n", "tab", "2:1", "two spaces"),
        ("numbers.yaml", "numbers: # 号码\n".encode("gbk"), "wrong-encoding", "1:12", "iconv -f GBK"),
        ("numbers.csv", "number,company\n4007000001,示例\n".encode("gbk"), "wrong-encoding", "2:14", "iconv -f GBK"),
        ("lines.yaml", b"lines: " + b"x" * FIFTY_MB, "file-too-large", "1:1", "Split it"),
        ("routes.yaml", BOMB, "too-many-values", "1:4", "instead of aliases"),
        ("routes.yaml", b"[" * 100_000, "too-deep", "1:1", "flatter"),
        ("flows/service.flow.yaml", MISSING_NODE, "unknown-node", "5:11", "bye"),
        (
            "numbers.yaml",
            b"numbers:\n  - number: 400-800-1234\n    usage: outbound\n",
            "usage-not-inbound",
            "3:5",
            "inbound",
        ),
    ],
    ids=["empty", "tab", "gbk", "gbk table", "50 MB line", "bomb", "deep", "missing node", "usage"],
)
def test_a_bad_file_has_one_message_with_place_and_cure(
    cli: CommandLine, file: str, content: bytes, code: str, place: str, cure: str
) -> None:
    cli.write(file, content)
    said = cli("check", AT, "--json")
    assert said.status == 1
    errors = [
        finding for finding in said.json["findings"] if finding["severity"] == "error" and finding["code"] == code
    ]
    assert len(errors) == 1, said.out
    assert errors[0]["file"].endswith(file)
    assert f"{errors[0]['line']}:{errors[0]['column']}" == place
    assert cure in errors[0]["cure"]

    needing = cli("resolve", "400-800-1234", AT)
    assert needing.status == 2
    assert needing.out == ""
    assert code in needing.err
    assert not cli.store.exists()


def test_a_byte_order_mark_is_no_fault(cli: CommandLine) -> None:
    for name in ("line400.yaml", "routes.yaml", "flows/service.flow.yaml"):
        cli.write(name, b"\xef\xbb\xbf" + (cli.folder / name).read_bytes())
    assert cli("check", AT).status == 0
    assert cli("resolve", "400-800-1234", AT).status == 0


@pytest.mark.parametrize("name", ["routes.yaml", "flows/service.flow.yaml"])
def test_a_directory_in_place_of_a_file_is_a_finding(cli: CommandLine, name: str) -> None:
    (cli.folder / name).unlink()
    (cli.folder / name).mkdir()
    said = cli("check", AT, "--json")
    assert said.status == 1
    assert "not-a-file" in [finding["code"] for finding in said.json["findings"]]
    assert cli("resolve", "400-800-1234", AT).status == 2


def test_a_folder_that_is_not_there_is_wrong_usage(cli: CommandLine) -> None:
    for command in (["check"], ["resolve", "400-800-1234"]):
        said = cli("--config=nowhere", *command)
        assert said.status == 2
        assert "line400 init" in said.err
