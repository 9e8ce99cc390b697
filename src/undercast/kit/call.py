"""The call: who asks what, when, in which account and region, and all that an operation may use to answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from undercast.kit.arn import Arn
from undercast.kit.changes import Changes
from undercast.kit.clock import Clock
from undercast.kit.credentials import Identity
from undercast.kit.http import Request, Response
from undercast.kit.ids import Ids
from undercast.kit.sdk import SdkOperation
from undercast.store.blobs import Blobs
from undercast.store.contract import Store, Transaction
from undercast.store.waiters import Signal

if TYPE_CHECKING:
    from undercast.kit.jobs import Jobs
    from undercast.kit.service import Service

T = TypeVar("T")
P = ParamSpec("P")


class Platform(Protocol):
    """What the running platform offers to every call."""

    clock: Clock
    ids: Ids
    store: Store
    blobs: Blobs
    jobs: Jobs
    changes: Changes  # who is told what was done
    folder: Path  # for what a service keeps in files of its own
    endpoint_url: str  # where clients reach the platform, without a trailing slash
    things: dict[str, Any]  # long-lived objects of services (pools, caches), by name

    async def perform(self, call: Call, service: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Run an operation for a call that is made in this process."""
        ...

    async def service(self, name: str) -> Service:
        """A service by its boto3 name, loaded on first use. KeyError when there is none."""
        ...

    def sdk_call(self, service_id: str, action: str, params: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        """The client, method and parameters of an operation that AWS's SDKs call so (`sfn`, `startExecution`).

        KeyError when AWS has no such operation; NotImplementedYet when Undercast lacks the service.
        """
        ...

    def sdk(self, service_id: str, action: str) -> SdkOperation:
        """An operation in the words of AWS's SDKs. KeyError when AWS has none; NotImplementedYet as `sdk_call`."""
        ...

    async def deliver(self, call: Call, arn: str, payload: bytes) -> None:
        """Hand an event to whatever an ARN names."""
        ...

    async def secret_of(self, access_key: str) -> str | None:
        """The secret of an access key that a service here issued; None for any other key."""
        ...

    async def http(self, call: Call, service: str, request: Request) -> Response:
        """Send a request with bytes through the front door in the name of the call."""
        ...


class Call:
    """One request, from outside or from another service.

    `now` is the time of the call in milliseconds; in an operation that waits, ask `clock.now()` for the present.
    `db` is the transaction; an operation that `@waits` has none and uses `transact`.
    `trace` is the trace header that it came with, or goes on with.
    `token` is a UUID that stays the same when who calls has to call again, not knowing what became of it; "" without.
    `from_client` tells a request from outside from one that a service makes on the way.
    """

    __slots__ = (
        "_db",
        "account",
        "attempt",
        "from_client",
        "identity",
        "job_id",
        "now",
        "operation",
        "platform",
        "region",
        "request",
        "request_id",
        "service",
        "token",
        "trace",
    )

    def __init__(
        self,
        platform: Platform,
        *,
        account: str,
        region: str,
        identity: Identity,
        request_id: str,
        service: str = "",
        operation: str = "",
        request: Request | None = None,
        db: Transaction | None = None,
        from_client: bool = False,
    ) -> None:
        self.platform = platform
        self.account = account
        self.region = region
        self.identity = identity
        self.request_id = request_id
        self.service = service
        self.operation = operation
        self.request = request
        self.now = platform.clock.now()
        self.job_id = 0
        self.attempt = 1
        self.from_client = from_client
        self.trace = request.headers.get("x-amzn-trace-id") if request is not None else None
        self.token = ""
        self._db = db

    # --- what an operation uses ---

    @property
    def db(self) -> Transaction:
        """The transaction of this operation."""
        if self._db is None:
            raise RuntimeError(f"{self.service}.{self.operation} waits: it reaches the database with call.transact")
        return self._db

    @property
    def in_transaction(self) -> bool:
        return self._db is not None

    @property
    def clock(self) -> Clock:
        return self.platform.clock

    @property
    def ids(self) -> Ids:
        return self.platform.ids

    @property
    def blobs(self) -> Blobs:
        return self.platform.blobs

    @property
    def aws(self) -> Aws:
        """Every operation of every service, as a customer calls it: `await call.aws.sqs.send_message(QueueUrl=…)`.

        It joins this call's transaction. `lambda` is a word of Python, so its client is `call.aws.lambda_`.
        """
        return Aws(self)

    def arn(self, resource: str, service: str = "") -> str:
        """The ARN of a resource of this service in this account and region."""
        return f"arn:aws:{service or self.service}:{self.region}:{self.account}:{resource}"

    async def later(self, at: int, name: str, payload: object = None, *, key: str = "") -> int:
        """Have this service's job `name` run at `at` (milliseconds), if and only if this transaction commits.

        Jobs of one `key` run one after the other, in the order they were made. The answer is the job's id.
        """
        return await self.platform.jobs.add(self, at, name, payload, key)

    async def cancel_job(self, job_id: int) -> bool:
        """Forget a job that has not run; whether there was one."""
        return await self.platform.jobs.cancel(self, job_id)

    async def finish_job(self) -> None:
        """Delete the job that is running in this transaction, together with its effects (jobs that `@waits`)."""
        await self.platform.jobs.cancel(self, self.job_id)

    async def deliver(self, arn: str, payload: bytes) -> None:
        """Hand an event to whatever the ARN names (a queue, a topic, a function)."""
        await self.platform.deliver(self, arn, payload)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something in this process once the transaction is durable. What must surely happen is a job."""
        self.db.after_commit(action)

    def notify(self, channel: str) -> None:
        """Wake everyone who listens to `channel`, on any node, after the commit."""
        self.db.notify(channel)

    def listen(self, channel: str) -> AbstractContextManager[Signal]:
        """Hear what is notified on `channel` from now on."""
        return self.platform.store.listen(channel)

    async def transact(
        self, work: Callable[Concatenate[Call, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(call, …)` in a transaction of its own, or in the one this call is in already."""
        if self._db is not None:
            return await work(self, *args, **kwargs)
        return await self.platform.store.run(
            lambda db: work(self._copy(db=db), *args, **kwargs), name=f"{self.service}.{self.operation}"
        )

    async def transact_relaxed(
        self, work: Callable[Concatenate[Call, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `transact`, under read-committed isolation: for work that claims rows or only adds them."""
        if self._db is not None:
            return await work(self, *args, **kwargs)
        return await self.platform.store.run(
            lambda db: work(self._copy(db=db), *args, **kwargs), name=f"{self.service}.{self.operation}", relaxed=True
        )

    # --- the same call seen from elsewhere ---

    def at(self, arn: str) -> Call:
        """This call in the account and region that an ARN names."""
        parsed = Arn.parse(arn)
        return self.into(account=parsed.account or self.account, region=parsed.region or self.region)

    def into(self, *, account: str = "", region: str = "") -> Call:
        """This call in another account or region, still in the same transaction."""
        copy = self._copy(db=self._db)
        copy.account = account or self.account
        copy.region = region or self.region
        return copy

    def as_service(self, principal: str) -> Call:
        """This call made by a service (`sns.amazonaws.com`) in its own name."""
        copy = self._copy(db=self._db)
        copy.identity = Identity(self.account, f"arn:aws:iam::{self.account}:root", principal, service=principal)
        return copy

    def as_role(self, role_arn: str, session: str) -> Call:
        """This call made in the account of a role and in the role's name, as a service makes it for its customer.

        Whether the role lets itself be assumed is judged where policies are enforced (sts), not here.
        """
        role = Arn.parse(role_arn)
        name = role.resource.rpartition("/")[2]
        copy = self.into(account=role.account)
        arn = f"arn:aws:sts::{copy.account}:assumed-role/{name}/{session}"
        copy.identity = Identity(copy.account, arn, f"{name}:{session}", session={"role": role_arn})
        return copy

    def outside(self) -> Call:
        """This call without its transaction: for work that goes on after the answer."""
        return self._copy(db=None)

    def _copy(self, *, db: Transaction | None) -> Call:
        copy = Call.__new__(Call)  # attribute by attribute: this is on the path of every call between services
        copy.platform = self.platform
        copy.account = self.account
        copy.region = self.region
        copy.identity = self.identity
        copy.request_id = self.request_id
        copy.service = self.service
        copy.operation = self.operation
        copy.request = self.request
        copy.now = self.platform.clock.now()
        copy.job_id = self.job_id
        copy.attempt = self.attempt
        copy.trace = self.trace
        copy.token = self.token
        copy.from_client = self.from_client
        copy._db = db
        return copy


class Aws:
    """The services, by client name."""

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    def __getattr__(self, service: str) -> Client:
        return Client(self._call, service.rstrip("_"))


class Client:
    """One service's operations, by boto3 method name. Times in answers are milliseconds, blobs bytes."""

    __slots__ = ("_call", "_service")

    def __init__(self, call: Call, service: str) -> None:
        self._call = call
        self._service = service

    def __getattr__(self, method: str) -> Callable[..., Awaitable[dict[str, Any]]]:
        call, service = self._call, self._service

        async def invoke(**params: Any) -> dict[str, Any]:
            return await call.platform.perform(call, service, method, params)

        return invoke
