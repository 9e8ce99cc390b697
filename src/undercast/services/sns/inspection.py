"""The data paths: the certificate of our signatures, and what was captured for phones, mailboxes and apps.

    GET /SimpleNotificationService-<hex>.pem
    GET /_aws/sns/messages?account=…&region=…&protocol=sms&target=%2B15551234567&after=…&limit=…
    DELETE /_aws/sns/messages?account=…&region=…
    POST /_aws/sns/replies?account=…&region=…   {"phoneNumber": "+15551234567", "message": "STOP"}

Account and region are those of the signature, or the default ones, when they are not given. The messages come as
`{"messages": [{"protocol", "target", "time", "message", …}], "next": …}`; give `next` as `after` for the next page.
"""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.http import Request, Response
from undercast.kit.service import waits
from undercast.services.sns import envelope, phone_storage, storage

_OPT_OUT_WORDS = {"ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "TD", "UNSUBSCRIBE"}
_LIMIT = 1000


@waits
async def answer(call: Call, request: Request) -> Response:
    """Answer a data path of SNS."""
    if request.path.endswith(".pem"):
        return await call.transact(_certificate, request.path)
    query = dict(request.query)
    there = call.into(account=query.get("account", ""), region=query.get("region", ""))
    match request.method, request.path.rstrip("/"):
        case "GET", "/_aws/sns/messages":
            return await there.transact(_list, query)
        case "DELETE", "/_aws/sns/messages":
            return _json(200, {"deleted": await there.transact(storage.forget_captured)})
        case "POST", "/_aws/sns/replies":
            return await there.transact(_reply, request.body)
    return _json(404, {"message": f"There is nothing at {request.method} {request.path}."})


async def _certificate(call: Call, path: str) -> Response:
    found = await storage.find_signing_key(call)
    if found is None or path != f"/SimpleNotificationService-{found[0]}.pem":
        return _json(404, {"message": "There is no such certificate."})
    return Response(200, [("Content-Type", "application/x-pem-file")], found[2])


async def _list(call: Call, query: dict[str, str]) -> Response:
    try:
        after, limit = int(query.get("after") or 0), min(int(query.get("limit") or 100), _LIMIT)
    except ValueError:
        return _json(400, {"message": "after and limit are whole numbers."})
    found = await storage.list_captured(call, query.get("protocol", ""), query.get("target", ""), after, limit)
    messages = [
        {"protocol": protocol, "target": target, "time": envelope.timestamp(seq >> 20), **content}
        for seq, protocol, target, content in found
    ]
    return _json(200, {"messages": messages, "next": str(found[-1][0]) if len(found) == limit else None})


async def _reply(call: Call, body: bytes) -> Response:
    """A phone answers: STOP and its like opt it out, which on AWS only its owner can do."""
    try:
        reply = orjson.loads(body)
        number, text = reply["phoneNumber"], reply["message"].strip().upper()
    except (ValueError, TypeError, KeyError, AttributeError):
        return _json(400, {"message": 'The body is {"phoneNumber": "…", "message": "…"}.'})
    if text in _OPT_OUT_WORDS:
        await phone_storage.opt_out(call, number)
    return _json(200, {"isOptedOut": await phone_storage.is_opted_out(call, number)})


def _json(status: int, value: dict[str, Any]) -> Response:
    return Response(status, [("Content-Type", "application/json")], orjson.dumps(value))
