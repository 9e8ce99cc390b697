"""How a function's process is started: its command, its limits, where its modules come from."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from undercast.runtime.interpreters import Interpreter
from undercast.runtime.invocation import Result, fault
from undercast.runtime.nursery import BOOTSTRAP
from undercast.runtime.places import Places, layers_by_precedence
from undercast.runtime.spec import FunctionSpec

SDK_MODULES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
SDK_PYTHON = (3, 10)  # the oldest that today's boto3 runs on
MIB = 1 << 20


class NoEntrypoint(Exception):
    """A `provided` function without an executable `bootstrap`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def fault(self, request_id: str) -> Result:
        return fault("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {self.reason}")


def command(spec: FunctionSpec, interpreter: Interpreter, seen: Places) -> list[str]:
    """The argv to execute; empty where the nursery forks the runtime itself. Raises NoEntrypoint."""
    if interpreter.language == "python":
        return []
    if interpreter.language == "nodejs":
        # as AWS: the heap ends a little before the function's memory does
        return [
            interpreter.path,
            f"--max-old-space-size={max(spec.memory_mb * 9 // 10, 64)}",
            str(BOOTSTRAP / "node.mjs"),
        ]
    layers = zip(layers_by_precedence(spec), seen.layers * len(spec.layer_dirs), strict=False)
    for folder, place in [(spec.code_dir, seen.task), *layers]:
        program = folder / "bootstrap"
        if program.is_file():
            if not os.access(program, os.X_OK):
                raise NoEntrypoint("fork/exec /var/task/bootstrap: permission denied")
            return [f"{place}/bootstrap"]
    raise NoEntrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")


def limits(spec: FunctionSpec, interpreter: Interpreter) -> dict[str, int]:
    """Resource limits by name. Memory is watched from outside; the one here stops an allocation between two looks."""
    values = {"NOFILE": 1024, "CORE": 0, "FSIZE": spec.ephemeral_storage_mb * MIB}
    if interpreter.language == "python":
        values["DATA"] = (2 * spec.memory_mb + 1024) * MIB
    return values


def python_paths(spec: FunctionSpec, interpreter: Interpreter, seen: Places) -> dict[str, object]:
    """What goes first in sys.path, and where compiled modules are kept (not beside the user's files)."""
    if interpreter.language != "python":
        return {}
    version = ".".join(map(str, interpreter.version))
    first = [seen.task, *[f"{layer}/python/lib/python{version}/site-packages" for layer in seen.layers]]
    first += [f"{layer}/python" for layer in seen.layers]
    users = [path for path in spec.environment.get("PYTHONPATH", "").split(":") if path]
    return {"first": [*first, *users], "pycache": seen.pycache}


def sdk_modules(interpreter: Interpreter) -> dict[str, str]:
    """Where boto3 and what it needs are in the platform's own installation, by name; and nothing else of it.

    AWS's Python runtimes have boto3; an interpreter that has none of its own is given this one.
    """
    if interpreter.language != "python" or interpreter.version < SDK_PYTHON:
        return {}
    specs = {name: importlib.util.find_spec(name) for name in SDK_MODULES}
    origins = {name: Path(spec.origin).resolve() for name, spec in specs.items() if spec and spec.origin}
    return {name: str(path.parent if path.name == "__init__.py" else path) for name, path in origins.items()}
