"""All SQL on the events that wait for an asynchronous invocation."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from undercast.kit.call import Call

from .names import Reference

_COLUMNS = "account, region, id, name, qualifier, sent_at, attempts, throttles, context, payload"


@dataclass(frozen=True, slots=True)
class Event:
    """An event on its way to a function. `id` is the request id of all its tries."""

    account: str
    region: str
    id: str
    name: str
    qualifier: str  # '' for none
    sent_at: int
    attempts: int
    throttles: int
    context: str | None
    trace: str | None
    payload: bytes

    @property
    def reference(self) -> Reference:
        return Reference(self.account, self.region, self.name, self.qualifier or None)


async def add(call: Call, event: Event) -> None:
    await call.db.execute(
        f"INSERT INTO lambda_events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        event.account, event.region, event.id, event.name, event.qualifier, event.sent_at, event.attempts,
        event.throttles, orjson.dumps([event.context, event.trace]).decode(), event.payload,
    )  # fmt: skip


async def find(call: Call, id: str) -> Event | None:
    row = await call.db.fetch_one(
        f"SELECT {_COLUMNS} FROM lambda_events WHERE account = ? AND region = ? AND id = ?",
        call.account, call.region, id,
    )  # fmt: skip
    if row is None:
        return None
    account, region, id, name, qualifier, sent_at, attempts, throttles, context, payload = row
    client_context, trace = orjson.loads(context)
    return Event(
        account, region, id, name, qualifier, sent_at, attempts, throttles, client_context, trace, bytes(payload)
    )


async def save(call: Call, event: Event) -> None:
    await call.db.execute(
        "UPDATE lambda_events SET attempts = ?, throttles = ? WHERE account = ? AND region = ? AND id = ?",
        event.attempts, event.throttles, event.account, event.region, event.id,
    )  # fmt: skip


async def delete(call: Call, id: str) -> None:
    await call.db.execute(
        "DELETE FROM lambda_events WHERE account = ? AND region = ? AND id = ?", call.account, call.region, id
    )
