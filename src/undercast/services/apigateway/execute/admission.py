"""Whether a request may pass: API keys, usage plans, throttling and quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undercast.kit.call import Call
from undercast.services.apigateway import keystore
from undercast.services.apigateway.execute.refusals import Refused
from undercast.services.apigateway.execute.throttling import Buckets, Limits
from undercast.services.apigateway.plans import day_of, period_start

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange

_UNLIMITED = 2**62
_MOST = 10_000
Document = dict[str, Any]


class Admission:
    """Keys and plans as they were last read, and the buckets."""

    def __init__(self) -> None:
        self._buckets = Buckets()
        self._plans: dict[tuple[str, str, str], tuple[Document | None, list[Document]]] = {}

    def forget(self) -> None:
        """Keys or plans were changed."""
        self._plans.clear()

    async def check(self, exchange: Exchange) -> None:
        """Refused for a method that demands a key, for who sends too much."""
        method, served = exchange.method, exchange.served
        if method.key_required:
            await self._check_key(exchange)
        if method.limits is not None:
            key = (served.api_id, served.stage_name, method.key)
            if not self._buckets.take(key, method.limits, exchange.call.now):
                raise Refused("THROTTLED")

    async def _check_key(self, exchange: Exchange) -> None:
        from_authorizer = exchange.served.key_source == "AUTHORIZER"
        value = exchange.usage_key if from_authorizer else exchange.header("x-api-key")
        if not value:
            raise Refused("INVALID_API_KEY")
        key, plans = await self._find(exchange.call, value)
        plan = next((plan for plan in plans if _stage(plan, exchange)), None)
        if key is None or not key["enabled"] or plan is None:
            raise Refused("INVALID_API_KEY")
        exchange.identity.update(apiKey=value, apiKeyId=key["id"])
        self._throttle(exchange, key, plan)
        await _use(exchange.call, key, plan)

    async def _find(self, call: Call, value: str) -> tuple[Document | None, list[Document]]:
        name = (call.account, call.region, value)
        found = self._plans.get(name)
        if found is None:
            found = await call.transact(_read, value)
            if found[0] is not None:  # values that are no keys would fill the memory
                if len(self._plans) >= _MOST:
                    self._plans.clear()
                self._plans[name] = found
        return found

    def _throttle(self, exchange: Exchange, key: Document, plan: Document) -> None:
        path, method = exchange.method.key
        stage = _stage(plan, exchange) or {}
        own = (stage.get("throttle") or {}).get(f"{path}/{method}")
        for name, limits in (((path, method), own), ("", plan.get("throttle"))):
            if limits and not self._buckets.take(
                (plan["id"], key["id"], name),
                Limits(float(limits.get("rateLimit") or 0.0), int(limits.get("burstLimit") or 0)),
                exchange.call.now,
            ):
                raise Refused("THROTTLED")


async def _read(call: Call, value: str) -> tuple[Document | None, list[Document]]:
    key = await keystore.find_key_by_value(call, value)
    return (key, await keystore.plans_of_key(call, key["id"])) if key else (None, [])


def _stage(plan: Document, exchange: Exchange) -> Document | None:
    """The plan's entry for this stage."""
    mine = (exchange.served.api_id, exchange.served.stage_name)
    found: Document | None = next((one for one in plan["apiStages"] if (one["apiId"], one["stage"]) == mine), None)
    return found


async def _use(call: Call, key: Document, plan: Document) -> None:
    quota = plan.get("quota")
    today = day_of(call.now)
    since = period_start(quota, today) if quota else today
    limit = quota["limit"] if quota else _UNLIMITED
    if not await call.transact_relaxed(keystore.use, plan["id"], key["id"], today, since, limit):
        raise Refused("QUOTA_EXCEEDED")
