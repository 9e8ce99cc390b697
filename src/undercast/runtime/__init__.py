"""Where functions run: processes, pools, the Lambda Runtime API. Start at `runtimes.Runtimes`."""

from undercast.runtime.interpreters import Interpreter, resolve_runtime
from undercast.runtime.runtimes import Runtimes
from undercast.runtime.spec import FunctionSpec, Outcome, RuntimeMissing, ShuttingDown, StreamSink

__all__ = [
    "FunctionSpec",
    "Interpreter",
    "Outcome",
    "RuntimeMissing",
    "Runtimes",
    "ShuttingDown",
    "StreamSink",
    "resolve_runtime",
]
