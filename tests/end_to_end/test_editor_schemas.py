"""A new configuration works in any editor at once: its flows and scenarios name schemas that lie beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from router.app.main import run

MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


def test_the_schemas_that_a_new_configuration_names_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    options = ["--company", "示例", "--number", "400-800-1234", "--base-number", "010-88880001"]
    assert run(["--json", "init", str(folder), *options], {}) == 0
    listed = json.loads(capsys.readouterr().out)["files"]
    for kind in ("flow", "scenario"):
        files = sorted((folder / f"{kind}s").glob("*.yaml"))
        assert files
        for file in files:
            named = MODELINE.match(file.read_text("utf-8"))
            assert named, file
            schema = file.parent / named[1]
            assert str(schema) in listed
            assert run(["--json", "schema", kind], {}) == 0
            assert json.loads(schema.read_text("utf-8")) == json.loads(capsys.readouterr().out)
    assert run(["--config", str(folder), "check", "--at", "2026-10-12"], {}) == 0
