"""All SQL of SNS for phones and apps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.services.sns import errors
from undercast.services.sns.errors import NotFound

_HERE = "account = ? AND region = ?"

# --- apps ---


@dataclass(frozen=True)
class Application:
    """A platform application; `name` is `ADM/shop`."""

    account: str
    region: str
    name: str
    attributes: dict[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:app/{self.name}"


@dataclass(frozen=True)
class Endpoint:
    """An app on a device."""

    account: str
    region: str
    application: str
    id: str
    token: str
    attributes: dict[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:endpoint/{self.application}/{self.id}"

    @property
    def platform(self) -> str:
        return self.application.partition("/")[0]

    @property
    def shown(self) -> dict[str, str]:
        return {**self.attributes, "Token": self.token}


async def find_application(call: Call, arn: Arn) -> Application:
    """The application that an ARN names. NotFound."""
    name = arn.resource.removeprefix("app/")
    row = await call.db.fetch_one(
        f"SELECT attributes FROM sns_applications WHERE {_HERE} AND name = ?", arn.account, arn.region, name
    )
    if row is None or name == arn.resource:
        raise NotFound("PlatformApplication does not exist")
    return Application(arn.account, arn.region, name, orjson.loads(row[0]))


async def list_applications(call: Call, after: str, limit: int) -> list[Application]:
    rows = await call.db.fetch(
        f"SELECT name, attributes FROM sns_applications WHERE {_HERE} AND name > ? ORDER BY name LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [Application(call.account, call.region, row[0], orjson.loads(row[1])) for row in rows]


async def save_application(call: Call, it: Application) -> None:
    await call.db.execute(
        "INSERT INTO sns_applications (account, region, name, attributes) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (account, region, name) DO UPDATE SET attributes = excluded.attributes",
        it.account, it.region, it.name, _json(it.attributes),
    )  # fmt: skip


async def delete_application(call: Call, arn: Arn) -> None:
    """Delete an application and its endpoints."""
    name = arn.resource.removeprefix("app/")
    await call.db.execute(f"DELETE FROM sns_applications WHERE {_HERE} AND name = ?", arn.account, arn.region, name)
    await call.db.execute(f"DELETE FROM sns_endpoints WHERE {_HERE} AND application = ?", arn.account, arn.region, name)


async def find_endpoint(call: Call, arn: Arn) -> Endpoint | None:
    application, _, id = arn.resource.removeprefix("endpoint/").rpartition("/")
    row = await call.db.fetch_one(
        f"SELECT token, attributes FROM sns_endpoints WHERE {_HERE} AND application = ? AND id = ?",
        arn.account, arn.region, application, id,
    )  # fmt: skip
    return Endpoint(arn.account, arn.region, application, id, row[0], orjson.loads(row[1])) if row else None


async def endpoint_in_use(call: Call, arn: str) -> Endpoint:
    """An endpoint that takes messages. NotFound, EndpointDisabled, PlatformApplicationDisabled."""
    endpoint = await find_endpoint(call, Arn.parse(arn))
    if endpoint is None:
        raise NotFound("Endpoint does not exist")
    if endpoint.attributes["Enabled"] != "true":
        raise errors.EndpointDisabled()
    application = await find_application(call, Arn.parse(arn)._replace(resource=f"app/{endpoint.application}"))
    if application.attributes.get("Enabled") != "true":
        raise errors.PlatformApplicationDisabled()
    return endpoint


async def find_endpoint_by_token(call: Call, application: Application, token: str) -> Endpoint | None:
    row = await call.db.fetch_one(
        f"SELECT id, attributes FROM sns_endpoints WHERE {_HERE} AND application = ? AND token = ?",
        application.account, application.region, application.name, token,
    )  # fmt: skip
    if row is None:
        return None
    return Endpoint(application.account, application.region, application.name, row[0], token, orjson.loads(row[1]))


async def list_endpoints(call: Call, application: Application, after: str, limit: int) -> list[Endpoint]:
    where = (application.account, application.region, application.name)
    rows = await call.db.fetch(
        f"SELECT id, token, attributes FROM sns_endpoints WHERE {_HERE} AND application = ? AND id > ? "
        "ORDER BY id LIMIT ?",
        *where, after, limit,
    )  # fmt: skip
    return [Endpoint(*where, row[0], row[1], orjson.loads(row[2])) for row in rows]


async def save_endpoint(call: Call, it: Endpoint) -> None:
    await call.db.execute(
        "INSERT INTO sns_endpoints (account, region, application, id, token, attributes) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, application, id) DO UPDATE SET token = excluded.token, "
        "attributes = excluded.attributes",
        it.account, it.region, it.application, it.id, it.token, _json(it.attributes),
    )  # fmt: skip


async def delete_endpoint(call: Call, arn: Arn) -> None:
    application, _, id = arn.resource.removeprefix("endpoint/").rpartition("/")
    await call.db.execute(
        f"DELETE FROM sns_endpoints WHERE {_HERE} AND application = ? AND id = ?",
        arn.account, arn.region, application, id,
    )  # fmt: skip


# --- text messages ---


async def sms_settings(call: Call) -> dict[str, str]:
    row = await call.db.fetch_one(f"SELECT attributes FROM sns_sms_settings WHERE {_HERE}", call.account, call.region)
    settings: dict[str, str] = orjson.loads(row[0]) if row else {}
    return settings


async def save_sms_settings(call: Call, settings: dict[str, str]) -> None:
    await call.db.execute(
        "INSERT INTO sns_sms_settings (account, region, attributes) VALUES (?, ?, ?) "
        "ON CONFLICT (account, region) DO UPDATE SET attributes = excluded.attributes",
        call.account, call.region, _json(settings),
    )  # fmt: skip


async def is_opted_out(call: Call, number: str) -> bool:
    row = await call.db.fetch_one(
        f"SELECT number FROM sns_opted_out WHERE {_HERE} AND number = ?", call.account, call.region, number
    )
    return row is not None


async def list_opted_out(call: Call, after: str, limit: int) -> list[str]:
    rows = await call.db.fetch(
        f"SELECT number FROM sns_opted_out WHERE {_HERE} AND number > ? ORDER BY number LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [row[0] for row in rows]


async def opt_out(call: Call, number: str) -> None:
    await call.db.execute(
        "INSERT INTO sns_opted_out (account, region, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        call.account, call.region, number,
    )  # fmt: skip


async def opt_in(call: Call, number: str) -> None:
    await call.db.execute(f"DELETE FROM sns_opted_out WHERE {_HERE} AND number = ?", call.account, call.region, number)


async def find_sandbox_number(call: Call, number: str) -> tuple[str, str, int] | None:
    """Its status, one-time password and when that expires."""
    row = await call.db.fetch_one(
        f"SELECT status, password, expires_at FROM sns_sandbox WHERE {_HERE} AND number = ?",
        call.account, call.region, number,
    )  # fmt: skip
    return (row[0], row[1], row[2]) if row else None


async def save_sandbox_number(call: Call, number: str, status: str, password: str, expires_at: int) -> None:
    await call.db.execute(
        "INSERT INTO sns_sandbox (account, region, number, status, password, expires_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account, region, number) DO UPDATE SET status = excluded.status, "
        "password = excluded.password, expires_at = excluded.expires_at",
        call.account, call.region, number, status, password, expires_at,
    )  # fmt: skip


async def delete_sandbox_number(call: Call, number: str) -> None:
    await call.db.execute(f"DELETE FROM sns_sandbox WHERE {_HERE} AND number = ?", call.account, call.region, number)


async def list_sandbox_numbers(call: Call, after: str, limit: int) -> list[tuple[str, str]]:
    rows = await call.db.fetch(
        f"SELECT number, status FROM sns_sandbox WHERE {_HERE} AND number > ? ORDER BY number LIMIT ?",
        call.account, call.region, after, limit,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
