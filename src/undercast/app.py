"""The platform: puts the parts together. The only file that knows them all."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from undercast import __version__
from undercast.gateway.certificate import server_context
from undercast.gateway.http11 import App, Limits
from undercast.gateway.internal import Internal
from undercast.gateway.listen import Listener
from undercast.gateway.run import FrontDoor
from undercast.kit import jobs, time_travel
from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.changes import Changes
from undercast.kit.clock import Clock
from undercast.kit.credentials import account_of, root_identity
from undercast.kit.errors import NotImplementedYet
from undercast.kit.http import Request, Response
from undercast.kit.ids import Ids
from undercast.kit.sdk import SdkOperation
from undercast.kit.service import Service, schema_steps
from undercast.services import NAMES
from undercast.store.blobs import Blobs
from undercast.store.contract import Store, StoreError
from undercast.store.sqlite import SQLiteStore
from undercast.wire import sdk

_HERE = Path(__file__).parent
_ISSUERS = {"AKIA": "iam", "ASIA": "sts"}  # who issues access keys, by what their ids begin with


@dataclass(frozen=True)
class Config:
    """How to run. `data` None keeps everything in a temporary folder that ends with the platform."""

    host: str = "127.0.0.1"
    port: int = 4566
    data: Path | None = None
    postgres: str = ""  # a URL; then `data` holds blobs and code only
    certificate: Path | None = None
    certificate_key: Path | None = None
    cors: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)


class Undercast:
    """One running platform (the `Platform` that every call sees)."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock()
        self.ids = Ids(now_ms=self.clock.now)
        self.things: dict[str, Any] = {}
        self.endpoint_url = ""
        self._temporary = None if config.data else tempfile.TemporaryDirectory(prefix="undercast-")
        self.folder = config.data or Path(self._temporary.name)  # type: ignore[union-attr]
        self._services: dict[str, Service] = {}
        self._started_at = time.time()
        self.changes = Changes()
        self.door = FrontDoor(self, self.service, Internal(self._own_paths(), self._console), config.cors)

    async def start(self) -> None:
        """Open the database, take up the jobs that wait, listen. StoreError or PortTaken say what is wrong."""
        durable = self.config.data is not None
        self.store: Store = (
            _postgres(self.config) if self.config.postgres else SQLiteStore(self.folder, durable=durable)
        )
        await self.store.open()
        try:
            self.blobs = Blobs(self.folder / "blobs", durable=durable)
        except OSError as error:
            raise StoreError(f"The data folder {self.folder} cannot be used: {error.strerror}.") from error
        await self.store.migrate("jobs", jobs.SCHEMA)
        await self.store.migrate("clock", time_travel.SCHEMA)
        await self.store.migrate("shards", schema_steps(_HERE / "kit" / "shards"))
        for name in NAMES:
            if steps := schema_steps(_HERE / "services" / name):
                await self.store.migrate(name, steps)
        self.jobs = jobs.Jobs(self)
        self.time = time_travel.TimeTravel(self.clock, self.store, lambda: self.jobs)
        await self.time.start()
        self._listener = Listener(App(self.door.answer, self.door.streams, self.config.limits), self._tls)
        port = await self._listener.open(self.config.host, self.config.port)
        self.endpoint_url = f"http://{self._host_for_clients()}:{port}"
        self.port = port
        await self.jobs.start()

    async def stop(self) -> None:
        """Answer what is under way, end every function, close the database."""
        self.changes.close()
        await self._listener.close()
        self.time.close()
        await self.jobs.close()
        await self._stop_services()
        await self.store.close()
        if self._temporary:
            self._temporary.cleanup()

    async def service(self, name: str) -> Service:
        """A service by name, loaded on first use. KeyError when there is none."""
        service = self._services.get(name)
        if service is None:
            if name not in NAMES:
                raise KeyError(name)
            service = import_module(f"undercast.services.{name}.service").service
            self._services[name] = service
            if service.start:
                await service.start(self)
        return service

    async def perform(self, call: Call, service: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return await self.door.perform(call, service, method, params)

    def sdk_call(self, service_id: str, action: str, params: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        operation = sdk.find_operation(service_id, action)
        if operation.service.name not in NAMES:
            raise NotImplementedYet(f"Undercast does not have {operation.service.name} yet.")
        return operation.service.name, operation.method, sdk.fitted(operation, params)

    def sdk(self, service_id: str, action: str) -> SdkOperation:
        operation = sdk.sdk_operation(service_id, action)
        if operation.client not in NAMES:
            raise NotImplementedYet(f"Undercast does not have {operation.client} yet.")
        return operation

    async def http(self, call: Call, service: str, request: Request) -> Response:
        return await self.door.answer_for(call, service, request)

    async def secret_of(self, access_key: str) -> str | None:
        name = _ISSUERS.get(access_key[:4])
        service = await self.service(name) if name else None
        if service is None or service.secret is None:
            return None
        identity = root_identity(account_of(access_key))
        call = Call(
            self, account=identity.account, region="us-east-1", identity=identity, request_id=self.ids.uuid(),
            service=service.name, operation="secret",
        )  # fmt: skip
        return await call.transact(service.secret, access_key)

    async def deliver(self, call: Call, arn: str, payload: bytes) -> None:
        service = await self.service(Arn.parse(arn).service)
        if service.receive is None:
            raise ValueError(f"{arn} takes no events")
        there = call.at(arn)
        there.service = service.name
        await service.receive(there, arn, payload)

    async def reset(self) -> None:
        """Forget everything: every account, every region."""
        await self.jobs.close()
        await self._stop_services()
        await self.store.clear()
        self.clock.reset()
        shutil.rmtree(self.folder / "blobs", ignore_errors=True)
        self.blobs = Blobs(self.folder / "blobs", durable=self.config.data is not None)
        self.jobs = jobs.Jobs(self)
        await self.jobs.start()

    async def leave(self, account: str) -> None:
        """Do nothing more for an account by itself: no job of it is left, and nothing is polled. Its data stay."""
        await self.jobs.forget(account)
        for service in list(self._services.values()):
            if service.leave:
                await service.leave(self, account)

    async def _stop_services(self) -> None:
        for service in list(self._services.values()):  # one that stops may use another for the first time
            if service.stop:
                await service.stop(self)
        self._services.clear()
        self.things.clear()

    def _tls(self) -> Any:
        return server_context(self.folder, self.config.certificate, self.config.certificate_key)

    def _host_for_clients(self) -> str:
        host = self.config.host
        return "127.0.0.1" if host in ("0.0.0.0", "::", "localhost") else f"[{host}]" if ":" in host else host

    def _console(self, request: Request) -> Response | None:
        from undercast.console import serve  # noqa: PLC0415  who opens no browser does not load it

        return serve.answer(request, self.changes)

    def _own_paths(self) -> dict[tuple[str, str], Any]:
        return {
            ("GET", "/_undercast/health"): self._health,
            ("GET", "/_localstack/health"): self._localstack_health,
            ("GET", "/_undercast/status"): self._status,
            ("GET", "/_undercast/clock"): self._clock,
            ("POST", "/_undercast/clock"): self._advance_clock,
            ("POST", "/_undercast/reset"): self._reset,
        }

    async def _health(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {"status": "running", "version": __version__, "services": list(NAMES)}

    async def _localstack_health(self, _body: dict[str, Any]) -> dict[str, Any]:
        states = {name: "running" if name in self._services else "available" for name in NAMES}
        return {"services": states, "edition": "undercast", "version": __version__}

    async def _status(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {
            "version": __version__,
            "endpoint": self.endpoint_url,
            "data": str(self.config.data.absolute()) if self.config.data else None,
            "store": self.store.dialect,
            "uptime_s": round(time.time() - self._started_at, 1),
            "services": {name: name in self._services for name in NAMES},
        }

    async def _clock(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {"now": self.clock.now()}

    async def _advance_clock(self, body: dict[str, Any]) -> dict[str, Any]:
        milliseconds, running = body.get("advance_ms", 0), body.get("running", True)
        stepwise = body.get("stepwise", False)
        if not isinstance(milliseconds, int) or milliseconds < 0:
            raise ValueError("advance_ms must be a whole number of milliseconds, 0 or more.")
        if running not in (True, False):
            raise ValueError("running must be true or false.")
        if stepwise not in (True, False):
            raise ValueError("stepwise must be true or false.")
        self.clock.go() if running else self.clock.stop()
        await (self.time.walk if stepwise else self.time.jump)(milliseconds)
        if self.changes.listeners:
            self.changes.tell("undercast", "AdvanceClock", "", "", body)
        return {"now": self.clock.now(), "running": running}

    async def _reset(self, _body: dict[str, Any]) -> dict[str, Any]:
        await self.reset()
        return {"status": "empty"}


def _postgres(config: Config) -> Store:
    from undercast.store.postgres import PostgresStore  # noqa: PLC0415  its driver takes 40 ms to import

    return PostgresStore(config.postgres)
