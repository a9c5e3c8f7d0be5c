"""Global options before and after the command; usage errors; help."""

from __future__ import annotations

import json

import pytest

from router.app.arguments import split
from router.app.invocation import language_of, printable
from router.app.main import run
from router.app.registry import COMMANDS

PRESS = frozenset({"--press", "--text", "-n"})


def options_of(name: str) -> frozenset[str]:
    return PRESS


@pytest.mark.parametrize(
    "argv",
    [
        ["--json", "--config", "x", "call", "4008001234"],
        ["call", "--json", "4008001234", "--config=x"],
        ["call", "4008001234", "--config", "x", "--json"],
    ],
)
def test_global_options_stand_before_or_behind_the_command(argv: list[str]):
    found = split(argv, options_of)
    assert (found.command, found.rest, found.config, found.json) == ("call", ["4008001234"], "x", True)


@pytest.mark.parametrize(
    ("argv", "rest"),
    [
        (["call", "1", "--press=,,"], ["1", "--press=,,"]),
        (["call", "1", "--press", ",,"], ["1", "--press", ",,"]),
        (["call", "1", "--press", ""], ["1", "--press", ""]),
        (["call", "1", "--press="], ["1", "--press="]),
        (["announce", "all", "--text", "--json"], ["all", "--text", "--json"]),
        (["announce", "all", "--text", "--"], ["all", "--text", "--"]),
        (["call", "--", "--json"], ["--", "--json"]),
        (["test", "-n", "4"], ["-n", "4"]),
    ],
)
def test_values_are_never_taken_for_options(argv: list[str], rest: list[str]):
    found = split(argv, options_of)
    assert found.rest == rest
    assert found.problem is None
    assert not found.json


def test_a_value_that_looks_like_a_global_option_does_not_hide_the_real_one():
    found = split(["announce", "all", "--text", "--quiet", "--json"], options_of)
    assert (found.json, found.quiet) == (True, False)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--lang", "fr", "check"], "bad-language"),
        (["check", "--lang"], "missing-value"),
        (["check", "--config="], "missing-value"),
        (["--jsom", "check"], "unknown-option"),
        (["--json=yes", "check"], "bad-option"),
    ],
)
def test_a_wrong_global_option_is_one_problem(argv: list[str], code: str):
    problem = split(argv, options_of).problem
    assert problem is not None
    assert (problem.status, problem.code) == (2, code)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "zh_TW", "LANG": "C"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_gives_the_language(environment: dict[str, str], language: str):
    assert language_of(environment) == language


@pytest.mark.parametrize(
    "argv", [[], ["--json"], ["chekc"], ["call", "--nope", "1"], ["call"], ["--nope"], ["resolve"]]
)
def test_wrong_usage_is_status_2_and_one_message(argv: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(argv, {}) == 2
    out, err = capsys.readouterr()
    assert err.startswith("line400: error: ")
    assert err.count("error:") == 1
    if "--json" in argv:
        assert json.loads(out)["error"]["status"] == 2
    else:
        assert out == ""


def test_with_json_a_usage_error_is_a_document_too(capsys: pytest.CaptureFixture[str]):
    assert run(["call", "--json", "--nope", "1"], {}) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["code"] == "usage"
    assert "--nope" in document["error"]["message"]


def test_a_mistyped_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]):
    run(["reslove", "1"], {"LANG": "zh_CN.UTF-8"})
    err = capsys.readouterr().err
    assert "没有命令 `reslove`" in err
    assert "line400 resolve" in err


def test_help_lists_every_command_in_both_languages(capsys: pytest.CaptureFixture[str]):
    for language in ("en", "zh"):
        assert run(["--help", "--lang", language], {}) == 0
        out = capsys.readouterr().out
        for entry in COMMANDS:
            assert f"  {entry.name} " in out
            assert entry.summary.to(language) in out


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_has_help_in_both_languages(entry, capsys: pytest.CaptureFixture[str]):
    assert run([entry.name, "--help"], {}) == 0
    english = capsys.readouterr().out
    assert entry.summary.en in " ".join(english.split())
    assert run(["--lang", "zh", entry.name, "--help"], {}) == 0
    chinese = capsys.readouterr().out
    assert entry.summary.zh in chinese
    assert "\x1f" not in english + chinese


def test_what_callers_send_cannot_steer_a_terminal():
    assert printable("a\x1b[2Jb\u202ec\x9b") == "a\ufffd[2Jb\ufffdc\ufffd"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["cdr", "--cvs", "x"], "没有选项 --cvs；是否想写 --csv？"),
        (["cdr", "--nothing-like-it"], "没有选项 --nothing-like-it"),
        (["resolve"], "缺少参数 NUMBER"),
        (["originate", "--from", "1"], "缺少选项 --to"),
        (["history", "--limit", "x"], "--limit 的值不正确：应为整数"),
        (["history", "--limit", "0"], "--limit 的值不正确：应不小于 1"),
        (["resolve", "4008001234", "x"], "多余的参数：x"),
    ],
)
def test_the_parser_s_sentences_are_chinese_for_chinese_readers(cli, argv: list[str], said: str):
    result = cli(*argv, "--json", lang="zh")
    assert (result.status, result.json["error"]["message"]) == (2, said)


def test_the_help_of_a_command_is_whole_and_chinese_for_chinese_readers(capsys: pytest.CaptureFixture[str]):
    assert run(["--lang", "zh", "call", "--help"], {}) == 0
    shown = capsys.readouterr().out
    assert "Show this message" not in shown
    assert "…" not in shown
    for word in ("no_agents", "no_answer"):
        assert word in shown
