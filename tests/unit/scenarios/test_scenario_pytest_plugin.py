"""The pytest plugin, run as QA runs it: a pytest of its own over a folder of scenarios."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .company import scenario, write_company

pytestmark = pytest.mark.dateless

ROOT = Path(__file__).parents[3]


@pytest.fixture
def company(tmp_path: Path) -> Path:
    folder = write_company(tmp_path / "config")
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    good = scenario("来电听到欢迎词", "hears: 欢迎", more="tags: [基本]\n")
    (scenarios / "good.scenario.yaml").write_text(good, encoding="utf-8")
    wrong = scenario("听到停电通知", "hears: 欢迎", "hears: 停电")
    (scenarios / "wrong.scenario.yaml").write_text(wrong, encoding="utf-8")
    return tmp_path


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "LINE400"))}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:line400",
            "-p",
            "simulator.pytest_plugin",
            "-p",
            "no:asyncio",
            "-p",
            "no:cacheprovider",
            "--color=no",
            *arguments,
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_failed_scenario_is_shown_in_its_own_words(company: Path) -> None:
    done = run_pytest(company, "config/scenarios", "--junitxml=report.xml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "config/scenarios/wrong.scenario.yaml:5:5  step 2 of 2" in done.stdout
    assert "expected  hears: 停电" in done.stdout
    assert "path      greeting → menu → bye" in done.stdout
    assert "Traceback" not in done.stdout
    assert "pytest_plugin.py" not in done.stdout
    cases = ElementTree.parse(company / "report.xml").iter("testcase")
    assert sorted(case.get("name") or "" for case in cases) == ["听到停电通知", "来电听到欢迎词"]


def test_selection_by_tag(company: Path) -> None:
    assert "1 passed, 1 deselected" in run_pytest(company, "config/scenarios", "-k", "基本").stdout


def test_parallel_runs(company: Path) -> None:
    done = run_pytest(company, "config/scenarios", "-n", "2")
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr


def test_a_run_over_the_embedded_switch(company: Path) -> None:
    done = run_pytest(company, "config/scenarios", "--line400-on=switch")
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "config/scenarios/wrong.scenario.yaml:5:5  step 2 of 2" in done.stdout


def test_an_unreadable_file_is_a_collection_error_with_its_place(company: Path) -> None:
    broken = scenario("a", "heers: 欢迎")
    (company / "config/scenarios/broken.scenario.yaml").write_text(broken, encoding="utf-8")
    done = run_pytest(company, "config/scenarios")
    assert done.returncode == 2
    assert "config/scenarios/broken.scenario.yaml:4:5: error: The key `heers` is not known here." in done.stdout
    assert "Did you mean `hears`?" in done.stdout
    assert "Traceback" not in done.stdout


def test_another_configuration_may_be_named(company: Path, tmp_path: Path) -> None:
    elsewhere = write_company(tmp_path / "elsewhere")
    line = elsewhere / "flows" / "main.flow.yaml"
    line.write_text(line.read_text(encoding="utf-8").replace("您好", "停电"), encoding="utf-8")
    done = run_pytest(company, "config/scenarios", "--line400-config=elsewhere", "-k", "欢迎词", "-v")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    line.unlink()
    done = run_pytest(company, "config/scenarios", "--line400-config=elsewhere", "--line400-lang=zh")
    assert done.returncode == 1
    assert "无法使用" in done.stdout
    assert "Traceback" not in done.stdout
    done = run_pytest(company, "config/scenarios", "--line400-config=nowhere")
    assert done.returncode == 1
    assert "nowhere" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_run_without_scenarios_imports_nothing_of_ours(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n\n\ndef test_other():\n"
        "    ours = ('router', 'ivr_flows', 'pydantic', 'yaml', 'simulator.scenarios')\n"
        "    assert [name for name in ours if name in sys.modules] == []\n",
        encoding="utf-8",
    )
    done = run_pytest(tmp_path, "-p", "no:schemathesis")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
