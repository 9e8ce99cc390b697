"""Where the functions of this process run: the one Runtimes, what it is told of a version, and how many run at once."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from undercast.kit.call import Call
from undercast.runtime import FunctionSpec, Outcome, RuntimeMissing, Runtimes, StreamSink

from . import errors, execution_roles, packages, sweeps, variables
from .log_writer import LogWriter
from .model import CONCURRENT_EXECUTIONS, Function, Version

log = logging.getLogger("undercast.lambda")

_LONGEST_RUN_MS = 900_000
_FOREVER = 2**62


@dataclass(frozen=True, slots=True)
class _Ready:
    """A version that can be run as `spec` until its credentials are to be renewed (milliseconds)."""

    spec: FunctionSpec
    until: int


class Fleet:
    """All environments of this process. One of them is in `platform.things` while the service is loaded."""

    def __init__(self, platform: Any) -> None:
        self.platform = platform
        self.folder: Path = platform.folder / "functions"
        self.logs = LogWriter(platform)
        self.pollers: dict[str, Any] = {}
        self.node = platform.ids.hex(16)
        (self.folder / "code").mkdir(parents=True, exist_ok=True)
        self.runtimes = Runtimes(
            endpoint_url=platform.endpoint_url,
            work_dir=self.folder,
            on_log=self.logs.take,
            now=platform.clock.now,
            ids=lambda: platform.ids.hex(32),
            credentials=self._credentials_of,
        )
        self._ready: dict[str, _Ready] = {}
        self._credentials: dict[str, Mapping[str, str]] = {}
        self._running: Counter[tuple[str, str, str, str]] = Counter()  # by account, region, name and version
        self._running_in: Counter[tuple[str, str]] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        """End every process; write the last of the logs."""
        for poller in list(self.pollers.values()):
            await poller.close()
        for task in list(self._tasks):
            task.cancel()
        await self.runtimes.close()
        await self.logs.drain()

    async def leave(self, account: str) -> None:
        """Poll no more for an account."""
        for poller in [one for one in self.pollers.values() if one.mapping.account == account]:
            await poller.close()

    # --- running ---

    async def run(
        self, call: Call, version: Version, function: Function, payload: bytes, *, request_id: str, invoked_arn: str,
        client_context: str | None = None, trace_header: str | None = None, stream: StreamSink | None = None,
    ) -> Outcome:  # fmt: skip
        """Run a version once. TooManyRequestsException; InvalidRuntimeException when nothing here can run it."""
        key = self._enter(function, version.version)
        try:
            spec = await self.spec(call, version, function)
            return await self.runtimes.invoke(
                spec, payload, request_id=request_id, invoked_arn=invoked_arn, client_context=client_context,
                trace_header=trace_header, stream=stream,
            )  # fmt: skip
        except RuntimeMissing as error:
            raise errors.InvalidRuntimeException(str(error)) from None
        finally:
            self._running[key] -= 1
            self._running_in[key[:2]] -= 1

    def _enter(self, function: Function, version: str) -> tuple[str, str, str, str]:
        """Count an invocation. What is provisioned serves its own version; the rest of what is reserved serves all."""
        account, region, name = function.account, function.region, function.name
        key = (account, region, name, version)
        if function.reserved >= 0 and self._running[key] >= function.provisioned.get(version, 0):
            on_demand = function.reserved - sum(function.provisioned.values())
            busy = sum(
                max(0, self._running[(account, region, name, other)] - function.provisioned.get(other, 0))
                for other in self._versions_running(account, region, name)
            )
            if busy >= on_demand:
                raise errors.TooManyRequestsException(Reason="ReservedFunctionConcurrentInvocationLimitExceeded")
        if self._running_in[(account, region)] >= CONCURRENT_EXECUTIONS:
            raise errors.TooManyRequestsException(Reason="ConcurrentInvocationLimitExceeded")
        self._running[key] += 1
        self._running_in[(account, region)] += 1
        return key

    def _versions_running(self, account: str, region: str, name: str) -> list[str]:
        return [key[3] for key, count in self._running.items() if count and key[:3] == (account, region, name)]

    # --- what is run ---

    async def spec(self, call: Call, version: Version, function: Function) -> FunctionSpec:
        """The version as the runtimes know it; made once, and anew when its credentials or its folder change."""
        ready = self._ready.get(version.revision)
        mark = ""
        if version.code.folder:
            mark = await asyncio.to_thread(packages.fingerprint, Path(version.code.folder))
            ready = self._ready.get(version.revision)
        if ready and ready.until > self.platform.clock.now() and ready.spec.key.endswith(mark):
            return ready.spec
        self._forget(version.revision)
        return await self._prepare(call, version, function, mark)

    def retire(self, revision: str) -> None:
        """A revision that nobody can invoke any more: its environments end when they are done."""
        self._forget(revision)

    async def warm(self, version: Version) -> None:
        """Unpack the code and start the interpreter, so that the first invocation need not. RuntimeMissing."""
        if version.code.key:
            await self._unpacked(version.code.key)
        warning = await self.runtimes.prepare(version.config["Runtime"])
        if warning:
            log.warning("%s: %s", version.arn, warning)

    async def provision(self, call: Call, version: Version, function: Function, count: int) -> int:
        """Keep environments of a version ready; how many are."""
        return await self.runtimes.provision(await self.spec(call, version, function), count)

    def background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget(self, revision: str) -> None:
        ready = self._ready.pop(revision, None)
        if ready:
            self._credentials.pop(ready.spec.key, None)
            self.background(self.runtimes.retire(ready.spec.key))

    async def _prepare(self, call: Call, version: Version, function: Function, mark: str) -> FunctionSpec:
        config = version.config
        logging_config = config["LoggingConfig"]
        key = f"{version.arn}/{version.revision}/{self.platform.ids.hex(8)}{mark}"
        spec = FunctionSpec(
            key=key,
            arn=version.reference.of(version.version).qualified_arn,
            name=version.name,
            version=version.version,
            runtime=config["Runtime"],
            handler=config["Handler"],
            code_dir=Path(version.code.folder) if version.code.folder else await self._unpacked(version.code.key),
            layer_dirs=tuple([await self._unpacked(layer) for layer in config.get("_LayerCode", ())]),
            environment=await variables.to_run(call, version),
            memory_mb=config["MemorySize"],
            timeout_s=config["Timeout"],
            log_group=version.log_group,
            region=version.region,
            account_id=version.account,
            ephemeral_storage_mb=config["EphemeralStorage"]["Size"],
            log_format=logging_config["LogFormat"],
            application_log_level=logging_config.get("ApplicationLogLevel"),
            system_log_level=logging_config.get("SystemLogLevel"),
        )
        until = await self._assume_role(call, version, spec)
        if version.revision in self._ready:  # another invocation was faster
            return self._ready[version.revision].spec
        self._ready[version.revision] = _Ready(spec, until)
        if count := function.provisioned.get(version.version, 0):
            self.background(self.runtimes.provision(spec, count))
        return spec

    async def _unpacked(self, key: str) -> Path:
        return await packages.unpacked(self.platform, self.folder / "code", key)

    # --- in whose name it runs ---

    async def _assume_role(self, call: Call, version: Version, spec: FunctionSpec) -> int:
        """Get the credentials of the function's role; until when they serve. Without such a role it is the account."""
        there = call.outside().into(account=version.account, region=version.region)
        issued = await execution_roles.credentials(there, version.config["Role"], version.name)
        if issued is None:
            return _FOREVER
        self._credentials[spec.key] = {
            "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
            "AWS_SESSION_TOKEN": issued["SessionToken"],
        }
        return int(issued["Expiration"]) - _LONGEST_RUN_MS

    def _credentials_of(self, spec: FunctionSpec) -> Mapping[str, str]:
        return self._credentials.get(spec.key) or {
            "AWS_ACCESS_KEY_ID": spec.account_id,
            "AWS_SECRET_ACCESS_KEY": "undercast",
            "AWS_SESSION_TOKEN": "undercast",
        }


def fleet(call: Call) -> Fleet:
    """This process's."""
    return call.platform.things["lambda"]  # type: ignore[no-any-return]


async def start(platform: Any) -> None:
    platform.things["lambda"] = Fleet(platform)
    await sweeps.start(platform)


async def leave(platform: Any, account: str) -> None:
    await platform.things["lambda"].leave(account)


async def stop(platform: Any) -> None:
    await sweeps.stop(platform)
    await platform.things["lambda"].close()
