"""Where a function finds its code, its layers and its /tmp: as on AWS when it has a root of its own, else as on disk."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from undercast.runtime.interpreters import Interpreter
from undercast.runtime.spec import FunctionSpec


@dataclass(frozen=True)
class Places:
    """Paths as the function's process sees them."""

    task: str
    layers: tuple[str, ...]  # the first wins
    tmp: str
    home: str
    pycache: str
    pycache_on_disk: Path


def layers_by_precedence(spec: FunctionSpec) -> list[Path]:
    """AWS unpacks layers over one another into /opt, so the last one listed wins."""
    return list(reversed(spec.layer_dirs))


def places(spec: FunctionSpec, home: Path, cache: Path, isolated: bool) -> Places:
    """`cache`: a folder for compiled modules. /var/task is another function's elsewhere, so it is one for each code."""
    if not isolated:
        layers = tuple(map(str, layers_by_precedence(spec)))
        return Places(
            str(spec.code_dir.absolute()), layers, str(home / "tmp"), str(home), str(cache / "shared"), cache / "shared"
        )
    code = hashlib.sha256("\0".join(map(str, [spec.code_dir, *spec.layer_dirs])).encode()).hexdigest()[:32]
    return Places("/var/task", ("/opt",) if spec.layer_dirs else (), "/tmp", "/tmp", "/var/pycache", cache / code)


def sandbox_plan(spec: FunctionSpec, home: Path, seen: Places) -> dict[str, object]:
    """What the nursery's sandbox puts where (see bootstrap/sandbox.py)."""
    (home / "root").mkdir(exist_ok=True)
    os.makedirs(seen.pycache_on_disk, exist_ok=True)
    return {
        "root": str(home / "root"),
        "task": str(spec.code_dir.absolute()),
        "layers": [str(layer.absolute()) for layer in layers_by_precedence(spec)],
        "tmp": str(home / "tmp"),
        "visible": [],
        "writable": {seen.pycache: str(seen.pycache_on_disk)},
    }


def interpreter_home(interpreter: Interpreter) -> list[str]:
    """What of the machine a program needs to be seen, besides the system's folders (Python knows its own)."""
    if interpreter.language != "nodejs":
        return []
    return [str(Path(os.path.realpath(interpreter.path)).parent.parent)]
