"""Every function that an expression can call, and what its calls cost."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from undercast.engines.jsonata import additions, corrections
from undercast.engines.jsonata.errors import failure
from undercast.engines.jsonata.library import Functions, JException, Jsonata, Signature
from undercast.engines.jsonata.limits import spend
from undercast.engines.jsonata.values import NULL

_ADDED = {
    "partition": ("<an:a<a>>", "partition"),
    "range": ("<nnn:a<n>>", "numbers"),
    "hash": ("<s-s:s>", "digest"),
    "random": ("<n?:n>", "random"),
    "uuid": ("<:s>", "uuid"),
    "parse": ("<s-:x>", "parse"),
}
_CORRECTED = {
    "string": ("<x-b?:s>", "string"),
    "number": ("<(nsb)-:n>", "number"),
    "power": ("<n-n:n>", "power"),
    "toMillis": ("<s-s?:n>", "to_millis"),
    "distinct": ("<x:x>", "distinct"),
    "sort": ("<af?:a>", "sort"),
    "pad": ("<s-ns?:s>", "pad"),
    "join": ("<a<s>s?:s>", "join"),
    "spread": ("<x-:a<o>>", "spread"),
    "error": ("<s?:x>", "error"),
    "split": ("<s-(sf)n?:a<s>>", "split"),
    "replace": ("<s-(sf)(sf)n?:s>", "replace"),
}
_URL_FUNCTIONS = ("encodeUrl", "encodeUrlComponent", "decodeUrl", "decodeUrlComponent")
# What the library's code raises when a value is not what it expects; JSONata would say one of its codes.
_MISTAKES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class Builtin(Jsonata.JNativeFunction):  # type: ignore[misc]
    """A function of Python. A call costs a step, and its arguments' sizes."""

    def __init__(self, name: str, signature: Any, method: Any, arguments: int) -> None:
        self.function_name = name
        self.signature = signature
        self.method = method
        self.nargs = arguments

    def call(self, input: Any, args: Any) -> Any:
        spend(1 + sum(_size(arg) for arg in args))
        try:
            return Functions._call(self.method, self.nargs, args)
        except (JException, RecursionError):
            raise
        except UnicodeError:
            raise failure("D3140" if self.function_name in _URL_FUNCTIONS else "D3137", self.function_name) from None
        except _MISTAKES as error:
            text = error.args[0] if error.args and isinstance(error.args[0], str) else repr(error)
            raise JException(text, -1) from None


class StrictSignature(Signature):  # type: ignore[misc]
    """The library lets null pass for anything; in JSONata it is a type of its own."""

    def get_symbol(self, value: Any) -> str:
        return "l" if value is NULL else str(super().get_symbol(value))


def _size(value: Any) -> int:
    if isinstance(value, list | dict):
        return len(value) >> 2
    return len(value) >> 8 if isinstance(value, str) else 0


def environment() -> Any:
    """The outermost frame of every evaluation."""
    frame = Jsonata.Frame(None)
    for name, function in Jsonata.static_frame.bindings.items():
        frame.bind(name, Builtin(name, function.signature, function.method, function.nargs))
    for module, table in ((additions, _ADDED), (corrections, _CORRECTED)):
        for name, (signature, method) in table.items():
            frame.bind(name, _own(name, signature, module, method))
    del frame.bindings["eval"]  # Step Functions has $parse instead
    return frame


def _own(name: str, signature: str, module: ModuleType, method: str) -> Builtin:
    function = getattr(module, method)
    return Builtin(name, StrictSignature(signature, name), function, function.__code__.co_argcount)
