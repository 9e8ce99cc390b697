"""Operations on usage plans, their keys, and what was used of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from undercast.kit.call import Call
from undercast.services.apigateway import errors, keystore, pages, patches, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import EVERY, Field

_RATE = patches.number_of("Usage Plan throttle rate limit must be a number of 0 or more", 0, 1e12, float)
_BURST = patches.number_of("Usage Plan throttle burst limit must be a number of 0 or more", 0, 2**31 - 1)
_PERIODS = ("DAY", "WEEK", "MONTH")
_TABLE = {
    "/name": Field(),
    "/description": Field(),
    "/productCode": Field(ops=EVERY),
    "/throttle": Field(ops=("remove",)),
    "/throttle/rateLimit": Field(ops=("add", "replace"), read=_RATE),
    "/throttle/burstLimit": Field(ops=("add", "replace"), read=_BURST),
    "/quota": Field(ops=("remove",)),
    "/quota/limit": Field(ops=("add", "replace"), read=patches.number_of("Invalid quota limit", 0, 2**31 - 1)),
    "/quota/offset": Field(ops=("add", "replace"), read=patches.number_of("Invalid quota offset", 0, 27)),
    "/quota/period": Field(ops=("add", "replace"), read=patches.one_of("quota period", _PERIODS)),
}


async def create_usage_plan(call: Call, request: dict[str, Any]) -> Document:
    """Create a plan."""
    if not request["name"]:
        raise errors.BadRequestException("Usage Plan name cannot be blank")
    members = ("name", "description", "throttle", "quota", "tags")
    plan = {"id": call.ids.alnum(6), **{member: request[member] for member in members if request.get(member)}}
    plan["apiStages"] = [
        {"apiId": stage.get("apiId"), "stage": stage.get("stage"), "throttle": stage.get("throttle")}
        for stage in request.get("apiStages") or ()
    ]
    for stage in plan["apiStages"]:
        await _check_stage(call, stage["apiId"], stage["stage"])
    _check(plan)
    await keystore.save_plan(call, plan)
    return plan


async def get_usage_plan(call: Call, request: dict[str, Any]) -> Document:
    """One plan."""
    return await keystore.find_plan(call, request["usagePlanId"])


async def get_usage_plans(call: Call, request: dict[str, Any]) -> Document:
    """The plans, or those of a key."""
    if key_id := request.get("keyId"):
        return pages.cut(await keystore.plans_of_key(call, key_id), request)
    return pages.answer(await keystore.list_plans(call, pages.after(request), pages.limit(request) + 1), request)


async def update_usage_plan(call: Call, request: dict[str, Any]) -> Document:
    """Patch a plan."""
    plan = await keystore.find_plan(call, request["usagePlanId"])
    for patch in patches.of(request):
        if patch["path"].startswith("/apiStages"):
            await _patch_stages(call, plan, patch)
        else:
            patches.apply(plan, [patch], _TABLE)
    _check(plan)
    await keystore.save_plan(call, plan)
    return plan


async def delete_usage_plan(call: Call, request: dict[str, Any]) -> None:
    """Delete a plan that serves no stage any more."""
    plan = await keystore.find_plan(call, request["usagePlanId"])
    if plan["apiStages"]:
        raise errors.BadRequestException(
            f"Cannot delete Usage Plan {plan['id']} because there are API Stages associated with it."
        )
    await keystore.delete_plan(call, plan["id"])


# --- the keys of a plan ---


async def create_usage_plan_key(call: Call, request: dict[str, Any]) -> Document:
    """Put a key on a plan."""
    plan = await keystore.find_plan(call, request["usagePlanId"])
    if request["keyType"] != "API_KEY":
        raise errors.BadRequestException("Usage Plan key type must be API_KEY")
    key = await keystore.find_key(call, request["keyId"])
    if any(other["id"] == key["id"] for other in await keystore.keys_of_plan(call, plan["id"])):
        raise errors.ConflictException(f"Usage Plan {plan['id']} already contains key {key['id']}")
    mine = {(stage["apiId"], stage["stage"]) for stage in plan["apiStages"]}
    for other_plan in await keystore.plans_of_key(call, key["id"]):
        if mine & {(stage["apiId"], stage["stage"]) for stage in other_plan["apiStages"]}:
            raise errors.ConflictException(
                f"Usage Plan {plan['id']} cannot be added because API Key {key['id']} is already in Usage Plan "
                f"{other_plan['id']} for the same API stage"
            )
    await keystore.link(call, plan["id"], key["id"])
    return _shown_key(key)


async def get_usage_plan_key(call: Call, request: dict[str, Any]) -> Document:
    """One key of a plan."""
    return _shown_key(await _find_key(call, request))


async def get_usage_plan_keys(call: Call, request: dict[str, Any]) -> Document:
    """The keys of a plan."""
    plan = await keystore.find_plan(call, request["usagePlanId"])
    keys = await keystore.keys_of_plan(call, plan["id"])
    wanted = request.get("nameQuery") or ""
    return pages.cut([_shown_key(key) for key in keys if (key.get("name") or "").startswith(wanted)], request)


async def delete_usage_plan_key(call: Call, request: dict[str, Any]) -> None:
    """Take a key off a plan."""
    await _find_key(call, request)
    await keystore.unlink(call, request["usagePlanId"], request["keyId"])


# --- usage ---


async def get_usage(call: Call, request: dict[str, Any]) -> Document:
    """What keys used of a plan, and had left, on each of some days; a page of keys."""
    plan = await keystore.find_plan(call, request["usagePlanId"])
    first, last = _day(request["startDate"]), _day(request["endDate"])
    if last < first or (last - first).days > 90:
        raise errors.BadRequestException("Usage date range must be between 0 and 90 days")
    found = await keystore.usage(call, plan["id"], request.get("keyId") or "", str(first), str(last))
    days = [str(first + timedelta(number)) for number in range((last - first).days + 1)]
    page = pages.cut([{"id": key_id} for key_id in found], request)
    items = {}
    for key_id in (one["id"] for one in page["items"]):
        by_day = found[key_id]
        items[key_id] = [[used, _left(plan, day, by_day)] for day in days for used, _ in [by_day.get(day, (0, 0))]]
    return {**page, "usagePlanId": plan["id"], "startDate": str(first), "endDate": str(last), "items": items}


async def update_usage(call: Call, request: dict[str, Any]) -> Document:
    """Set how much a key has left in this period: `/remaining`."""
    plan = await keystore.find_plan(call, request["usagePlanId"])
    if not plan.get("quota"):
        raise errors.BadRequestException("Usage Plan has no quota")
    target: Document = {}
    read = patches.number_of("Invalid remaining quota", 0, 2**31 - 1)
    patches.apply(target, patches.of(request), {"/remaining": Field(read=read)})
    today = day_of(call.now)
    found = (await keystore.usage(call, plan["id"], request["keyId"], period_start(plan["quota"], today), today)).get(
        request["keyId"], {}
    )
    if "remaining" in target:
        more = target["remaining"] - _left(plan, today, found)
        await keystore.grant(call, plan["id"], request["keyId"], today, more)
    return await get_usage(
        call, {"usagePlanId": plan["id"], "keyId": request["keyId"], "startDate": today, "endDate": today}
    )


def day_of(now: int) -> str:
    """The day of a time, in UTC."""
    return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%d")


def period_start(quota: Document, day: str) -> str:
    """The first day of the quota's period that `day` is in; the offset moves the beginning of weeks and months."""
    date = _day(day)
    offset = quota.get("offset", 0)
    if quota["period"] == "DAY":
        return day
    if quota["period"] == "WEEK":  # weeks begin on Sunday, plus the offset
        return str(date - timedelta((date.isoweekday() - offset) % 7))
    start = date.replace(day=1) + timedelta(offset)
    if start > date:
        start = (date.replace(day=1) - timedelta(1)).replace(day=1) + timedelta(offset)
    return str(start)


def _left(plan: Document, day: str, by_day: dict[str, tuple[int, int]]) -> int:
    quota = plan.get("quota")
    if not quota:
        return 0
    start = period_start(quota, day)
    used = sum(used - granted for other, (used, granted) in by_day.items() if start <= other <= day)
    return int(max(0, quota["limit"] - used))


def _day(text: str) -> Any:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise errors.BadRequestException("Invalid date format. Must be yyyy-MM-dd") from None


def _check(plan: Document) -> None:
    throttle, quota = plan.get("throttle"), plan.get("quota")
    if throttle is not None:
        _RATE(str(throttle.get("rateLimit", 0.0)))
        _BURST(str(throttle.get("burstLimit", 0)))
    if quota is None:
        return
    if quota.get("period") not in _PERIODS or "limit" not in quota:
        raise errors.BadRequestException("Usage Plan quota must have a limit and a period")
    largest = {"DAY": 0, "WEEK": 6, "MONTH": 27}[quota["period"]]
    if not 0 <= quota.setdefault("offset", 0) <= largest:
        raise errors.BadRequestException(
            f"Usage Plan quota offset must be between 0 and {largest} for {quota['period']}"
        )


def _shown_key(key: Document) -> Document:
    return {"id": key["id"], "type": "API_KEY", "value": key["value"], "name": key.get("name")}


async def _find_key(call: Call, request: dict[str, Any]) -> Document:
    plan = await keystore.find_plan(call, request["usagePlanId"])
    for key in await keystore.keys_of_plan(call, plan["id"]):
        if key["id"] == request["keyId"]:
            return key
    raise errors.NotFoundException("Invalid Usage Plan Key identifier specified")


async def _patch_stages(call: Call, plan: Document, patch: patches.Patch) -> None:
    """`/apiStages` with a value of `apiId:stage`, or `/apiStages/{apiId}:{stage}/throttle[/{path}/{method}[/rateLimit]]`."""
    tokens = patches.split(patch["path"])
    api_id, _, name = (tokens[1] if len(tokens) > 1 else patch.get("value") or "").partition(":")
    stage = next((one for one in plan["apiStages"] if (one["apiId"], one["stage"]) == (api_id, name)), None)
    if patch["op"] == "add" and len(tokens) == 1:
        await _check_stage(call, api_id, name)
        if stage is None:
            plan["apiStages"].append({"apiId": api_id, "stage": name, "throttle": None})
    elif stage is None:
        raise errors.NotFoundException("Invalid API Stage specified")
    elif len(tokens) == 1:
        plan["apiStages"].remove(stage)
    else:
        _patch_throttle(stage, patch, tokens[2:])


def _patch_throttle(stage: Document, patch: patches.Patch, tokens: list[str]) -> None:
    limits = stage.get("throttle") or {}
    key = "/".join(tokens[1:3])
    if tokens[:1] != ["throttle"]:
        raise errors.BadRequestException(f"Invalid patch path {patch['path']}")
    if patch["op"] == "remove":
        limits = {name: value for name, value in limits.items() if len(tokens) > 1 and name != key}
    else:
        reader = {"rateLimit": _RATE, "burstLimit": _BURST}.get(tokens[-1])
        if reader is None or len(tokens) != 4:
            raise errors.BadRequestException(f"Invalid patch path {patch['path']}")
        limits.setdefault(key, {})[tokens[-1]] = reader(patch.get("value") or "")
    stage["throttle"] = limits or None


async def _check_stage(call: Call, api_id: str | None, name: str | None) -> None:
    api = await storage.find_api(call, api_id or "", errors.NotFoundException("Invalid API identifier specified"))
    if await storage.find_stage(call, api["id"], name or "") is None:
        raise errors.NotFoundException("API Stage not found: " + f"{api_id}:{name}")
