"""Which installed interpreter runs a Lambda runtime: the exact version, or the nearest one with a warning."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from undercast.runtime.spec import RuntimeMissing

PYTHON_HOMES = (
    "~/.pyenv/versions/*/bin",
    "~/.local/share/uv/python/*/bin",
    "~/.local/share/mise/installs/python/*/bin",
    "~/.asdf/installs/python/*/bin",
    "/opt/homebrew/bin",
    "/Library/Frameworks/Python.framework/Versions/*/bin",
)
NODE_HOMES = (
    "~/.nvm/versions/node/v*/bin",
    "~/.local/share/mise/installs/node/*/bin",
    "~/.local/share/fnm/node-versions/v*/installation/bin",
    "~/.asdf/installs/nodejs/*/bin",
    "~/.volta/tools/image/node/*/bin",
)
OLDEST_PYTHON = (3, 8)
OLDEST_NODE = (16,)


@dataclass(frozen=True)
class Interpreter:
    """A program that can run functions. `version` is empty for `provided`."""

    language: str  # "python" | "nodejs" | "provided"
    version: tuple[int, ...]
    path: str  # "" for provided: the function brings its own
    warning: str | None = None


def resolve_runtime(name: str) -> Interpreter:
    """The interpreter for a Lambda runtime identifier. Blocks for some 50 ms the first time it looks for Node.js.

    Raises RuntimeMissing when nothing installed can run it.
    """
    if name in ("provided", "provided.al2", "provided.al2023"):
        return Interpreter("provided", (), "")
    if match := re.fullmatch(r"python(3)\.(\d+)", name):
        return _nearest(name, "python", (3, int(match[2])), _pythons())
    if match := re.fullmatch(r"nodejs(\d+)(\.x|\.\d+)", name):
        return _nearest(name, "nodejs", (int(match[1]),), _nodes())
    raise RuntimeMissing(
        f"The runtime {name} cannot be run here yet. "
        "Python, Node.js and provided.* (an executable named bootstrap) can."
    )


def _nearest(name: str, language: str, wanted: tuple[int, ...], found: dict[tuple[int, ...], str]) -> Interpreter:
    product = {"python": "Python", "nodejs": "Node.js"}[language]
    wanted_text = ".".join(map(str, wanted))
    if not found:
        raise RuntimeMissing(f"No {product} is installed to run {name} functions: install {product} {wanted_text}.")
    if wanted in found:
        return Interpreter(language, wanted, found[wanted])
    best = min(found, key=lambda version: (abs(version[-1] - wanted[-1]), -version[-1]))
    warning = (
        f"{name} is not installed: the function runs on {product} {'.'.join(map(str, best))} ({found[best]}). "
        f"Install {product} {wanted_text} to run it on its own runtime."
    )
    return Interpreter(language, best, found[best], warning)


@cache
def _pythons() -> dict[tuple[int, ...], str]:
    found = {tuple(sys.version_info[:2]): sys.executable}
    for path in _programs("python3.*", PYTHON_HOMES):
        match = re.fullmatch(r"python3\.(\d+)", path.name)
        if match and (3, int(match[1])) >= OLDEST_PYTHON and not _is_script(path):
            found.setdefault((3, int(match[1])), str(path))
    return found


@cache
def _nodes() -> dict[tuple[int, ...], str]:
    found: dict[tuple[int, ...], str] = {}
    if (on_path := shutil.which("node")) and (version := _node_version(on_path)):
        found[version] = on_path
    for path in _programs("node", NODE_HOMES, on_path=False):
        if match := re.search(r"/v?(\d+)\.\d+\.\d+/", str(path)):
            found.setdefault((int(match[1]),), str(path))
    return {version: path for version, path in found.items() if version >= OLDEST_NODE}


def _node_version(path: str) -> tuple[int, ...] | None:
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"v(\d+)\.", answer)
    return (int(match[1]),) if match else None


def _programs(name: str, homes: tuple[str, ...], on_path: bool = True) -> list[Path]:
    folders = os.environ.get("PATH", "").split(os.pathsep) if on_path else []
    for home in homes:
        folders += sorted(glob.glob(os.path.expanduser(home)))
    found = [Path(program) for folder in folders if folder for program in sorted(glob.glob(f"{folder}/{name}"))]
    return [program for program in found if os.access(program, os.X_OK)]


def _is_script(path: Path) -> bool:
    """Version managers put shell scripts ("shims") on the PATH that fail for a version that is not switched on."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"
