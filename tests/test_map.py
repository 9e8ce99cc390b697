"""The map of DESIGN.md holds: imports point down, services keep apart, every operation and error is modelled."""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from undercast import wire
from undercast.services import NAMES

SOURCE = Path(__file__).parent.parent / "src" / "undercast"

# What each part may import of the others.
MAY = {
    "store": {"store"},
    "kit": {"kit", "store"},
    "engines": {"engines", "recursion"},
    "runtime": {"runtime", "kit"},
    "wire": {"wire", "kit", "recursion"},
    "services": {"services", "engines", "runtime", "kit"},
    "gateway": {"gateway", "wire", "services", "kit", "store"},
    "console": {"console", "kit"},
    "cli": {"cli", "app", "gateway", "kit", "store", "engines", "__version__"},
}
FILES = sorted(path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] in MAY)


@pytest.mark.parametrize("part", MAY)
def test_imports_point_down(part):
    wrong = []
    for path in (file for file in FILES if file.relative_to(SOURCE).parts[0] == part):
        for name in _imported(path):
            target = name.split(".")[1] if "." in name else name
            if target not in MAY[part] and not (part == "cli" and name == "undercast"):
                wrong.append(f"{path.relative_to(SOURCE)} imports {name}")
    assert wrong == []


def test_services_keep_apart():
    wrong = []
    for path in SOURCE.glob("services/*/**/*.py"):
        own = path.relative_to(SOURCE / "services").parts[0]
        for name in _imported(path):
            parts = name.split(".")
            if parts[:2] == ["undercast", "services"] and len(parts) > 2 and parts[2] != own:
                wrong.append(f"{path.relative_to(SOURCE)} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_operations_and_errors_are_the_models(name):
    service = import_module(f"undercast.services.{name}.service").service
    model = wire.service(name)
    assert set(service.operations) - set(model.by_method) == set()
    unmodelled = [e.__name__ for e in service.errors.values() if e.modelled and e.code not in model.error_codes]
    assert unmodelled == [], "mark them modelled = False, or use the model's names"


@cache
def _imported(path: Path) -> set[str]:
    """The modules of ours that a file imports, each as `undercast.part…`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.startswith("undercast")}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("undercast"):
            if node.module in ("undercast", "undercast.services") or node.module.count(".") == 1:
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
            else:
                names.add(node.module)
    return names
