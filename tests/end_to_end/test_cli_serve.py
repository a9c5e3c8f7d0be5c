"""``line400 serve`` as a process: start, status page, a new revision, a second one, the end; and a few commands as
processes, for what only a process shows."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAIN = "from router.app.main import main; main()"
PATIENCE = 30.0


def process_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "COVERAGE_PROCESS_START")}
    return {**kept, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LINE400_AMI_SECRET": "for-tests", **more}


def line400(*argv: str, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = options.pop("env", None) or process_environment()
    return subprocess.run(
        [sys.executable, "-c", MAIN, *argv],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        **options,
    )


@pytest.fixture
def served(cli, tmp_path: Path) -> Path:
    """The small company on ports that the system chooses, its AMI where nobody listens; the folder above its
    configuration."""
    cli.write("line400.yaml", settings(fastagi=0))
    return tmp_path


def settings(fastagi: int) -> str:
    return (
        "company: 示例科技\nstore: sqlite:///var/line400.db\n"
        f"api: {{ port: 0 }}\nfastagi: {{ port: {fastagi} }}\nasterisk: {{ ami_port: {free_port()} }}\n"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, *argv: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A running ``serve`` and the document it printed when it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "serve", "--json", *argv],
        cwd=folder,
        env=process_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        assert lines, process.communicate(timeout=PATIENCE)[1]
        yield process, json.loads("".join(lines))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def eventually(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_serve_applies_the_folder_once_then_runs_the_current_revision(served: Path):
    with serving(served) as (process, said):
        assert said["revision"] == "r1"
        assert said["ami"] is False
        assert get(said["url"] + "healthz")[0] == 200
        assert get(said["url"])[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    routes = served / "config" / "routes.yaml"
    routes.write_text(routes.read_text().replace("flow: welcome", "flow: service"))
    with serving(served) as (process, said):
        assert said["revision"] == "r1"
        done = line400("apply", "--json", cwd=served)
        assert json.loads(done.stdout)["revision"] == "r2"
        eventually(lambda: json.loads(get(said["url"] + "api/v1/status")[1])["revision"] == "r2")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_a_second_serve_and_a_port_in_use_are_one_clear_message(cli, served: Path):
    cli.write("line400.yaml", settings(fastagi=free_port()))
    with serving(served):
        second = line400("serve", "--json", cwd=served)
        assert second.returncode == 4
        assert "in use" in second.stderr
        assert json.loads(second.stdout)["error"]["status"] == 4
        assert "Traceback" not in second.stderr


def test_serve_names_the_secret_it_needs(served: Path):
    done = line400("serve", cwd=served, env=process_environment(LINE400_AMI_SECRET=""))
    assert (done.returncode, done.stdout) == (2, "")
    assert "LINE400_AMI_SECRET" in done.stderr
    assert not (served / "var").exists()


def test_serve_does_not_start_on_errors_or_a_store_it_cannot_use(served: Path):
    assert line400("serve", "--workers", "2", cwd=served).returncode == 2
    routes = served / "config" / "routes.yaml"
    before = routes.read_text()
    routes.write_text("routes: {")
    assert line400("serve", cwd=served).returncode == 2
    routes.write_text(before)
    (served / "var").mkdir(exist_ok=True)
    for file in (served / "var").glob("line400.db*"):
        file.unlink()
    (served / "var" / "line400.db").write_bytes(b"no database at all")
    done = line400("serve", cwd=served)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr


def test_watch_shows_what_was_saved_and_applies_nothing(served: Path):
    with serving(served, "--watch") as (process, said):
        routes = served / "config" / "routes.yaml"
        routes.write_text(routes.read_text().replace("flow: welcome", "flow: service"))
        assert process.stderr is not None
        for line in process.stderr:
            if "line400 apply" in line:
                break
        assert json.loads(get(said["url"] + "api/v1/status")[1])["revision"] == "r1"


def test_watch_outlives_a_folder_that_is_away_for_a_while(served: Path):
    with serving(served, "--watch") as (process, _):
        folder, away = served / "config", served / "away"
        patience = threading.Timer(PATIENCE, process.kill)
        patience.start()
        folder.rename(away)
        assert process.stderr is not None
        for line in process.stderr:
            if "cannot be opened" in line:
                break
        routes = away / "routes.yaml"
        routes.write_text(routes.read_text().replace("flow: welcome", "flow: service"))
        away.rename(folder)
        for line in process.stderr:
            if "line400 apply" in line:
                break
        else:
            raise AssertionError("nothing was shown any more")
        patience.cancel()


def test_output_that_nobody_reads_is_no_error(served: Path):
    line400("call", "4008001234", cwd=served)
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "cdr", "--json"],
        cwd=served,
        env=process_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    assert (process.wait(PATIENCE), err) == (0, b"")
    process.stderr.close()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_a_narrow_terminal_encoding_never_breaks_output(served: Path, encoding: str):
    environment = process_environment(PYTHONIOENCODING=encoding)
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "resolve", "4008001234", "--json", "--lang", "zh"],
        cwd=served,
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0
    assert json.loads(done.stdout.decode(encoding))["trace"][0]["rule"] == "黑名单"
    human = subprocess.run(
        [sys.executable, "-c", MAIN, "call", "4008001234"],
        cwd=served,
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (human.returncode, b"Traceback" in human.stderr) == (0, False)


def test_bytes_that_are_no_text_are_a_wrong_number(served: Path):
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "call", b"400\xff", "--json"],
        cwd=served,
        env=process_environment(),
        capture_output=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert "error" in json.loads(done.stdout)


def test_the_configuration_may_be_named_by_the_environment(served: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = process_environment(LINE400_CONFIG=str(served / "config"))
    assert line400("resolve", "4008001234", cwd=elsewhere, env=environment).returncode == 0
    assert line400("resolve", "4008001234", cwd=elsewhere).returncode == 2


LOGS = """
import logging
from router.app import serving
logging.getLogger().addHandler(logging.NullHandler())
serving.log_to_stderr(quiet=True)
logging.getLogger("asyncio").error("never retrieved")
logging.getLogger("asyncio").info("a library's remark")
logging.getLogger("line400.call").info("left out by --quiet")
logging.getLogger("line400.call").warning("kept")
"""


def test_the_log_has_one_format_and_hides_no_error_of_a_library():
    done = subprocess.run([sys.executable, "-c", LOGS], env=process_environment(), capture_output=True, text=True)
    assert done.stdout == ""
    assert [line.split(" ", 2)[2] for line in done.stderr.splitlines()] == [
        "ERROR asyncio: never retrieved",
        "WARNING line400.call: kept",
    ]


HELP_THEN_MODULES = """
import sys
sys.argv = ["line400", "--help"]
from router.app.main import main
try:
    main()
except SystemExit:
    print([name for name in ("sqlalchemy", "aiohttp", "phonenumbers", "router.book", "typer") if name in sys.modules])
"""


def test_help_does_not_load_what_it_does_not_need():
    done = subprocess.run(
        [sys.executable, "-c", HELP_THEN_MODULES],
        env=process_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout.splitlines()[-1] == "[]"
