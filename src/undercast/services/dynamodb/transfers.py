"""What exports and imports have in common: beginning one once per client token, finding, listing."""

from __future__ import annotations

from typing import Any

from undercast.kit.arn import Arn
from undercast.kit.call import Call
from undercast.kit.paging import InvalidToken, decode_token, encode_token
from undercast.services.dynamodb import errors, transfer_storage
from undercast.services.dynamodb.transfer_storage import Transfer

_TOKEN_MS = 8 * 3_600_000  # how long a client token is remembered, says the API reference
_KEPT_MS = 90 * 86_400_000  # how long exports and imports are listed, says the API reference
_NOT_FOUND = {"export": errors.ExportNotFoundException, "import": errors.ImportNotFoundException}
_CONFLICT = {"export": errors.ExportConflictException, "import": errors.ImportConflictException}


async def begun(call: Call, kind: str, request: dict[str, Any]) -> Transfer | None:
    """The transfer that the same request began before. ExportConflictException, ImportConflictException."""
    token = request.get("ClientToken")
    earlier = await transfer_storage.find_by_token(call, kind, token) if token else None
    if earlier and earlier.description["request"] != request:
        raise _CONFLICT[kind](f"The ClientToken {token} was used with other parameters")
    return earlier


async def begin(call: Call, kind: str, table_arn: str, request: dict[str, Any], described: dict[str, Any]) -> Transfer:
    """Keep a new transfer and have its job run."""
    label = f"{call.now:014d}-{call.ids.hex(8)}"
    token = request.get("ClientToken") or call.ids.uuid()
    description = {
        **described, f"{kind.title()}Arn": f"{table_arn}/{kind}/{label}", f"{kind.title()}Status": "IN_PROGRESS",
        "StartTime": call.now, "TableArn": table_arn, "ClientToken": token, "request": request,
    }  # fmt: skip
    name = table_arn.rpartition("/")[2]
    transfer = Transfer(kind, name, label, table_arn, token, call.now + _TOKEN_MS, description)
    await transfer_storage.add(call, transfer)
    await call.later(call.now, f"{kind} items", [name, label])
    await call.later(call.now + _KEPT_MS, "forget transfer", [kind, name, label])
    return transfer


async def forget(call: Call, payload: list[str]) -> None:
    """Forget one that was listed for its time."""
    await transfer_storage.delete(call, *payload)


def describe(transfer: Transfer) -> dict[str, Any]:
    """As clients see it."""
    return {name: value for name, value in transfer.description.items() if name not in ("request", "window")}


async def find(call: Call, kind: str, arn: str) -> Transfer:
    """The transfer of an ARN. ExportNotFoundException, ImportNotFoundException."""
    try:
        parts = Arn.parse(arn).resource.split("/")
    except ValueError:
        parts = []
    if len(parts) != 4 or (parts[0], parts[2]) != ("table", kind):
        raise errors.ValidationException(f"Invalid {kind.title()}Arn: {arn}")
    transfer = await transfer_storage.find(call, kind, parts[1], parts[3])
    if transfer is None or transfer.arn != arn:
        raise _NOT_FOUND[kind](f"{kind.title()} not found: {arn}")
    return transfer


async def page(
    call: Call, kind: str, table_arn: str | None, token: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Descriptions of transfers, and the token for the next ones."""
    name = table_arn.rpartition("/")[2] if table_arn else ""
    try:
        after: Any = decode_token(token) if token else ("", "")
        table, label = map(str, after)
    except (InvalidToken, TypeError, ValueError) as error:
        raise errors.ValidationException("Invalid NextToken") from error
    found = await transfer_storage.list_of(call, kind, name, (table, label), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    following = encode_token([last.table_name, last.label]) if last else None
    return [describe(transfer) for transfer in found[:limit]], following
