"""Imports point one way only.

| part | may import, of ours |
|---|---|
| ``ivr_flows`` | itself |
| pure ``router`` (modules directly in ``router/``) | itself, ``ivr_flows`` |
| ``router`` I/O (subfolders of ``router/``, without ``app``) | itself, pure ``router``, ``ivr_flows`` |
| ``simulator`` | itself, ``router`` without ``app``, ``ivr_flows`` |
| ``router.app`` | everything; nothing imports it |
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ivr_flows", "router", "simulator")
OURS = (*PACKAGES, "tests", "bench")

ALLOWED = {
    "ivr_flows": {"ivr_flows"},
    "pure router": {"pure router", "ivr_flows"},
    "router I/O": {"router I/O", "pure router", "ivr_flows"},
    "simulator": {"simulator", "router I/O", "pure router", "ivr_flows"},
    "router.app": {"router.app", "simulator", "router I/O", "pure router", "ivr_flows"},
}


def part_of(module: str) -> str | None:
    """The part that ``module`` belongs to; None for modules that are not ours."""
    steps = module.split(".")
    if steps[0] not in OURS:
        return None
    if steps[0] != "router":
        return steps[0]
    if len(steps) == 1 or not (ROOT / "router" / steps[1]).is_dir():
        return "pure router"
    return "router.app" if steps[1] == "app" else "router I/O"


def allowed(importer: str, imported: str) -> bool:
    """Whether the module ``importer`` may import ``imported``."""
    target = part_of(imported)
    source = part_of(importer)
    return target is None or (source is not None and target in ALLOWED[source])


def module_name(path: Path, root: Path) -> str:
    steps = path.relative_to(root).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


def imports_of(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything imported, in functions and under TYPE_CHECKING too. A name imported from a
    package counts as the module it may be."""
    name = module_name(path, root)
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                deeper = root.joinpath(*target.split("."), alias.name)
                is_module = deeper.is_dir() or deeper.with_suffix(".py").is_file()
                yield node.lineno, f"{target}.{alias.name}" if is_module else target
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield node.lineno, argument.value


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_no_module_imports_against_the_table():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: imports {imported}"
        for path in sources()
        for line, imported in imports_of(path, ROOT)
        if not allowed(module_name(path, ROOT), imported)
    ]
    assert wrong == []


def test_every_part_of_the_table_has_modules():
    assert {part_of(module_name(path, ROOT)) for path in sources()} == set(ALLOWED)


@pytest.mark.parametrize(
    ("importer", "imported", "verdict"),
    [
        ("ivr_flows.engine", "router.model", False),
        ("ivr_flows.engine", "ivr_flows.commands", True),
        ("ivr_flows.engine", "yaml", True),
        ("router.book", "router.store", False),
        ("router.book", "router.asterisk.fastagi", False),
        ("router.book", "ivr_flows", True),
        ("router.store.engine", "router.model", True),
        ("router.api.pages", "router.store", True),
        ("router.api.pages", "simulator.virtual", False),
        ("router.asterisk.service", "router.app.main", False),
        ("simulator.virtual", "router.store", True),
        ("simulator.virtual", "router.app", False),
        ("router.app.main", "simulator.virtual", True),
        ("router.app.main", "tests.unit", False),
    ],
)
def test_an_arrow_is_judged_by_the_table(importer: str, imported: str, verdict: bool):
    assert allowed(importer, imported) is verdict


def test_imports_are_found_wherever_they_stand(tmp_path: Path):
    package = tmp_path / "router" / "store"
    package.mkdir(parents=True)
    (tmp_path / "router" / "model.py").write_text("")
    (package / "other.py").write_text("")
    source = package / "sample.py"
    source.write_text(
        "from __future__ import annotations\n"
        "import simulator.virtual\n"
        "from ..model import Line\n"
        "from .. import model\n"
        "from . import other\n"
        "def late():\n"
        "    from ivr_flows import load_flow\n"
        "    importlib.import_module('router.app')\n"
    )
    assert {name for _, name in imports_of(source, tmp_path)} >= {
        "simulator.virtual",
        "router.model",
        "router.store.other",
        "ivr_flows",
        "router.app",
    }
