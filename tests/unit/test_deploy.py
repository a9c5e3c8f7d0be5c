"""What lies in ``deploy/`` fits what the programs do."""

from __future__ import annotations

import configparser
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from router.app.asterisk_here import FOLDER
from router.app.commands.asterisk import ACTIONS
from router.app.supervision import STANDS_STILL, Supervision

DEPLOY = Path(__file__).parents[2] / "deploy"


def unit(name: str) -> configparser.ConfigParser:
    """A unit file, whose keys are case-sensitive and may hold ``%`` and ``$``."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    assert parsed.read(DEPLOY / name, encoding="utf-8")
    return parsed


def test_the_router_s_unit_has_it_watched_as_it_watches_itself() -> None:
    service = unit("line400.service")["Service"]
    assert (service["Type"], service["NotifyAccess"], service["Restart"]) == ("notify", "main", "always")
    assert float(service["WatchdogSec"]) == STANDS_STILL
    assert service["ExecStart"].endswith("line400 --config /srv/line400/config serve")


def test_asterisk_s_unit_finds_the_process_where_the_command_puts_it() -> None:
    service = unit("line400-asterisk.service")["Service"]
    assert service["PIDFile"] == f"/srv/line400/{FOLDER}/main/run/asterisk.pid"
    for key in ("ExecStartPre", "ExecStart", "ExecReload", "ExecStop"):
        assert service[key].partition(" asterisk ")[2].split()[0] in ACTIONS


def test_the_compose_file_names_what_there_is() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == {"database", "asterisk", "router"}
    for service in ("asterisk", "router"):
        build = compose["services"][service]["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
        assert set(compose["services"][service]["depends_on"]) <= set(compose["services"])
    assert f"{FOLDER}/main/run/asterisk.pid" in compose["services"]["asterisk"]["command"][-1]


def test_the_image_takes_in_nothing_of_this_machine_and_its_user_owns_what_is_written() -> None:
    root = DEPLOY.parent
    left_out = set((root / ".dockerignore").read_text(encoding="utf-8").splitlines())
    assert {".git", ".venv", "var"} <= left_out
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    for service in ("asterisk", "router"):
        _, _, inside = compose["services"][service]["volumes"][1].partition(":")
        assert f"install -d -o line400 -g line400 -m 0700 {inside}" in dockerfile


@pytest.mark.parametrize(
    ("given", "limit"),
    [({}, STANDS_STILL), ({"WATCHDOG_USEC": "3000000"}, 3.0), ({"WATCHDOG_USEC": "x"}, STANDS_STILL)],
)
async def test_the_time_that_systemd_names_is_the_limit(given: dict[str, str], limit: float) -> None:
    assert Supervision(given).limit == limit


async def test_a_service_manager_that_does_not_listen_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Supervision({"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "600000000"}):
        pass
    assert "READY=1" in capsys.readouterr().err


PARENT = """
import asyncio, os, signal, sys
from router.app.supervision import Supervision

async def main():
    async with Supervision({"WATCHDOG_USEC": "800000"}) as found:
        print(found._watcher.pid, flush=True)
        if sys.argv[1] == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        await asyncio.sleep(2.0 if sys.argv[1] == "turn" else 60.0)
    print("ended", flush=True)

asyncio.run(main())
"""


def supervised(what: str) -> subprocess.CompletedProcess[str]:
    """A supervised process, whose first line is the process id of its watcher."""
    command = [sys.executable, "-c", PARENT, what]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=DEPLOY.parent)


def test_a_process_that_was_stopped_is_killed_by_its_watcher() -> None:
    done = supervised("stop")
    assert done.returncode == -signal.SIGKILL
    assert "said nothing for 1 s and was killed" in done.stderr


def test_a_process_that_turns_is_left_alone_and_its_watcher_ends_with_it() -> None:
    done = supervised("turn")
    assert (done.returncode, done.stdout.split()[1], done.stderr) == (0, "ended", "")
    assert not Path(f"/proc/{done.stdout.split()[0]}").exists()


async def test_a_watcher_that_has_ended_is_started_again() -> None:
    async with Supervision({"WATCHDOG_USEC": "200000000"}) as found:
        first = found._watcher
        assert first is not None
        first.kill()
        first.wait()
        found._tell_watcher()
        second = found._watcher
        assert second is not None
        assert second.poll() is None
    assert second.poll() == 0
