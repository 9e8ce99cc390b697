"""How a service declares itself: its operations, errors, jobs and events on one screen."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from undercast.kit.errors import ServiceError, ValidationException
from undercast.kit.http import Request, Response

if TYPE_CHECKING:
    from undercast.kit.call import Call

F = TypeVar("F", bound=Callable[..., Any])
Operation = Callable[["Call", dict[str, Any]], Awaitable[dict[str, Any] | None]]


class MustWait(RuntimeError):
    """An operation that waits was called in a transaction."""


def waits(function: F) -> F:
    """Marks an operation, job or path that waits for the outside world: it holds no transaction while it runs and
    opens short ones itself with `call.transact`."""
    function.waits = True  # type: ignore[attr-defined]
    return function


def relaxed(function: F) -> F:
    """Marks an operation or job that is right under read-committed isolation, because it claims rows or only adds them."""
    function.relaxed = True  # type: ignore[attr-defined]
    return function


def exponential(first_s: float = 1.0, limit_s: float = 300.0) -> Callable[[int], float]:
    """A backoff that doubles: seconds before attempt n + 1, given n failures."""
    return lambda failures: min(limit_s, first_s * 2 ** min(failures - 1, 30))


def never_again(_call: Call, _payload: Any, _error: BaseException) -> Awaitable[None] | None:
    """What most jobs do when their attempts are used up: nothing more."""
    return None


@dataclass(frozen=True)
class Job:
    """Work that is done later: `function(call, payload)`, run in the transaction that deletes it, unless it `@waits`.

    It is tried until it succeeds, or `attempts` times and then handed to `exhausted(call, payload, error)`.
    `at_once` of its kind run side by side in this process, so that slow ones leave room for other work.
    """

    function: Callable[[Call, Any], Awaitable[None]]
    attempts: int | None = None
    backoff_s: Callable[[int], float] = field(default=exponential())
    exhausted: Callable[[Call, Any, BaseException], Awaitable[None] | None] = never_again
    at_once: int | None = None


def model_violations(message: str, _violations: Sequence[Any], _params: dict[str, Any]) -> ServiceError | None:
    """How most services word input that breaks their model's constraints."""
    return ValidationException(message)


class Service:
    """One AWS service. Every public coroutine of the `operations` modules is an operation, named like its boto3 method.

    name        the boto3 client's name, which is also the folder's
    operations  the modules that hold the operations
    errors      the module of its errors
    jobs        what it does later, by name
    receive     `receive(call, arn, payload)`: takes an event that someone delivers to one of its ARNs
    http        `http(call, request)`: answers its data path (an API's stage, a function URL)
    invalid     turns violations of the model's constraints into the service's own error, or None to let them pass
    cors        `cors(call, request)`: what a page of another origin may do, where the user says so (a bucket's CORS
                configuration): the answer to a preflight, the headers for another request, or None to leave it to
                the gateway
    without     parameters of its operations that could not act yet: a request that has one is refused
    secret      `secret(call, access_key)`: the secret of an access key that it issued, or None
    start, stop called with the platform when the service is first used, and when the platform ends
    leave       `leave(platform, account)`: ends what reads or runs by itself for an account that nobody uses any more
    """

    def __init__(
        self,
        name: str,
        *,
        operations: Sequence[ModuleType],
        errors: ModuleType | None = None,
        jobs: dict[str, Job] | None = None,
        receive: Callable[[Call, str, bytes], Awaitable[None]] | None = None,
        http: Callable[[Call, Request], Awaitable[Response]] | None = None,
        invalid: Callable[[str, Sequence[Any], dict[str, Any]], ServiceError | None] = model_violations,
        cors: Callable[[Call, Request], Awaitable[Response | list[tuple[str, str]] | None]] | None = None,
        without: Sequence[str] = (),
        secret: Callable[[Call, str], Awaitable[str | None]] | None = None,
        start: Callable[[Any], Awaitable[None]] | None = None,
        stop: Callable[[Any], Awaitable[None]] | None = None,
        leave: Callable[[Any, str], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self.operations: dict[str, Operation] = {}
        for module in operations:
            self.operations.update(_coroutines(module))
        self.errors = _errors(errors) if errors else {}
        self.jobs = jobs or {}
        self.receive = receive
        self.http = http
        self.invalid = invalid
        self.cors = cors
        self.without = frozenset(without)
        self.secret = secret
        self.start = start
        self.stop = stop
        self.leave = leave


def schema_steps(folder: Path) -> list[str]:
    """A service's schema and its migrations, in order: `schema.sql`, then `schema_0002.sql`, …"""
    files = [folder / "schema.sql", *sorted(folder.glob("schema_*.sql"))]
    return [file.read_text() for file in files if file.exists()]


def _coroutines(module: ModuleType) -> dict[str, Operation]:
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.iscoroutinefunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def _errors(module: ModuleType) -> dict[str, type[ServiceError]]:
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, ServiceError) and value.__module__ == module.__name__
    }
