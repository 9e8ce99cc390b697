"""Operations on log groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from undercast.kit import paging
from undercast.kit.call import Call
from undercast.kit.errors import NotImplementedYet
from undercast.kit.service import waits
from undercast.services.logs import cipher, errors, storage
from undercast.services.logs.errors import InvalidParameterException
from undercast.services.logs.model import RETENTIONS, Group, group_name

_CLASSES = ("STANDARD", "INFREQUENT_ACCESS")


async def create_log_group(call: Call, request: dict[str, Any]) -> None:
    """Create a log group."""
    log_class = request.get("logGroupClass") or "STANDARD"
    if log_class not in _CLASSES:
        raise NotImplementedYet(f"Undercast has log groups of class {' and '.join(_CLASSES)}, not {log_class}.")
    group = Group(
        call.account, call.region, request["logGroupName"], call.ids.sequence(), call.now, log_class,
        request.get("kmsKeyId") or "", 0, bool(request.get("deletionProtectionEnabled")), request.get("tags") or {},
    )  # fmt: skip
    if group.kms_key:
        await cipher.check_key(call, group)
    if not await storage.add_group(call, group):
        raise errors.ResourceAlreadyExistsException("The specified log group already exists")


async def delete_log_group(call: Call, request: dict[str, Any]) -> None:
    """Delete a log group with all that is in it."""
    group = await storage.find_group(call, request["logGroupName"])
    if group.protected:
        raise errors.ValidationException("The specified log group has deletion protection enabled.")
    await storage.delete_group(call, group)
    if group.expiry_job:
        await call.cancel_job(group.expiry_job)
    await call.later(call.now, "drain", [group.id, None])


@waits
async def describe_log_groups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Log groups by name."""
    prefix, pattern = request.get("logGroupNamePrefix"), request.get("logGroupNamePattern")
    if prefix and pattern:
        raise InvalidParameterException(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        )
    limit = request.get("limit") or 50
    where, values = _conditions(call, request, prefix, pattern)
    groups = await call.transact(storage.list_groups, _after(request), limit + 1, where, *values)
    shown = groups[:limit]
    details = [_show(group) for group in shown]
    if not pattern:  # a search by pattern leaves these out (recorded: test_describe_log_groups_with_pattern)
        sizes = await storage.stored_bytes(call, shown)
        for detail, group in zip(details, shown, strict=True):
            detail |= {"storedBytes": sizes.get(group.id, 0), "deletionProtectionEnabled": group.protected}
    return {
        "logGroups": details,
        "nextToken": paging.encode_token(shown[-1].name) if len(groups) > limit else None,
    }


async def list_log_groups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Names and classes of log groups, by up to five prefixes (`^/aws`) and substrings."""
    if used := [name for name in ("dataSources", "fieldIndexNames", "logGroupTags") if request.get(name)]:
        raise NotImplementedYet(f"Undercast's ListLogGroups cannot select by {used[0]} yet.")
    where, values = _class_condition(request)
    alternatives = (request.get("logGroupNamePattern") or "").split("|")
    if alternatives != [""]:
        tests = [_name_condition(alternative) for alternative in alternatives]
        where += f" AND ({' OR '.join(sql for sql, _ in tests)})"
        values += [value for _, some in tests for value in some]
    limit = request.get("limit") or 50
    groups = await storage.list_groups(call, _after(request), limit + 1, where, *values)
    shown = groups[:limit]
    return {
        "logGroups": [
            {"logGroupName": group.name, "logGroupArn": group.arn, "logGroupClass": group.log_class} for group in shown
        ],
        "nextToken": paging.encode_token(shown[-1].name) if len(groups) > limit else None,
    }


async def put_retention_policy(call: Call, request: dict[str, Any]) -> None:
    """Have events deleted once they are so many days old."""
    days = request["retentionInDays"]
    if days not in RETENTIONS:
        raise InvalidParameterException(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(map(str, RETENTIONS))}]"
        )
    group = await _without_expiry(call, request["logGroupName"])
    job = await call.later(call.now, "expire", [group.name, group.id])
    await storage.save_group(call, replace(group, retention_days=days, expiry_job=job))


async def delete_retention_policy(call: Call, request: dict[str, Any]) -> None:
    """Keep events for ever."""
    await storage.save_group(call, replace(await _without_expiry(call, request["logGroupName"]), retention_days=0))


async def associate_kms_key(call: Call, request: dict[str, Any]) -> None:
    """Encrypt what comes into a log group from now on."""
    group = replace(await _named(call, request), kms_key=request["kmsKeyId"])
    await cipher.check_key(call, group)
    await storage.save_group(call, group)


async def disassociate_kms_key(call: Call, request: dict[str, Any]) -> None:
    """Encrypt no longer what comes in; what is there needs the key to be read."""
    await storage.save_group(call, replace(await _named(call, request), kms_key=""))


async def put_log_group_deletion_protection(call: Call, request: dict[str, Any]) -> None:
    """Refuse to delete a log group, or no longer."""
    group = await storage.find_group(call, group_name(request["logGroupIdentifier"], call.account, call.region))
    await storage.save_group(call, replace(group, protected=request["deletionProtectionEnabled"]))


async def _named(call: Call, request: dict[str, Any]) -> Group:
    if not request.get("logGroupName"):
        raise NotImplementedYet("Undercast associates keys with log groups by logGroupName only.")
    return await storage.find_group(call, request["logGroupName"])


async def _without_expiry(call: Call, name: str) -> Group:
    group = await storage.find_group(call, name)
    if group.expiry_job:
        await call.cancel_job(group.expiry_job)
    return replace(group, expiry_job=0)


# --- lists ---


def _after(request: dict[str, Any]) -> str:
    token = request.get("nextToken")
    try:
        return str(paging.decode_token(token)) if token else ""
    except paging.InvalidToken:
        raise InvalidParameterException("The specified nextToken is invalid.") from None


def _conditions(
    call: Call, request: dict[str, Any], prefix: str | None, pattern: str | None
) -> tuple[str, list[str | int]]:
    where, values = _class_condition(request)
    if prefix or pattern:
        test, more = _name_condition(f"^{prefix}" if prefix else pattern or "")
        where, values = f"{where} AND {test}", [*values, *more]
    if identifiers := request.get("logGroupIdentifiers"):
        names = [group_name(identifier, call.account, call.region) for identifier in identifiers]
        where, values = f"{where} AND name IN ({', '.join('?' * len(names))})", [*values, *names]
    return where, values


def _class_condition(request: dict[str, Any]) -> tuple[str, list[str | int]]:
    return ("AND class = ?", [request["logGroupClass"]]) if request.get("logGroupClass") else ("", [])


def _name_condition(pattern: str) -> tuple[str, list[str | int]]:
    """`^abc`: names that begin so; `abc`: names with that in them, case-sensitive as LIKE is not everywhere."""
    if pattern.startswith("^"):
        prefix = pattern[1:]
        return "(name >= ? AND name < ? AND substr(name, 1, ?) = ?)", [
            prefix,
            prefix + storage.END,
            len(prefix),
            prefix,
        ]
    return "replace(name, ?, '') <> name", [pattern]


def _show(group: Group) -> dict[str, Any]:
    return {
        "logGroupName": group.name,
        "creationTime": group.created_at,
        "retentionInDays": group.retention_days or None,
        "metricFilterCount": group.metric_filters,
        "arn": f"{group.arn}:*",
        "logGroupArn": group.arn,
        "kmsKeyId": group.kms_key or None,
        "logGroupClass": group.log_class,
    }
