"""Two routers on one store: one revision, each at the addresses of its own folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .test_cli_serve import free_port, get, line400, serving, settings


def test_routers_that_share_a_store_listen_where_their_own_folders_say(cli, tmp_path: Path):
    first, second = tmp_path, tmp_path / "second"
    ports = free_port(), free_port()
    cli.write("line400.yaml", settings(fastagi=ports[0]))
    shutil.copytree(first / "config", second / "config")
    shared = settings(fastagi=ports[1]).replace("sqlite:///var/line400.db", f"sqlite:///{first}/var/line400.db")
    (second / "config" / "line400.yaml").write_text(shared, encoding="utf-8")
    with serving(first) as (_, one), serving(second) as (_, other):
        assert [one["fastagi"], other["fastagi"]] == [f"127.0.0.1:{port}" for port in ports]
        assert one["revision"] == other["revision"] == "r1"
        assert one["url"] != other["url"]
        for said in (one, other):
            assert json.loads(get(said["url"] + "api/v1/status")[1])["revision"] == "r1"
    assert line400("history", "--json", cwd=second).returncode == 0
