"""What arrives from outside for a resource that waits: a custom resource's answer, signals, a nested stack's end."""

from __future__ import annotations

import re
from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.kit.http import Request, Response
from undercast.kit.service import waits
from undercast.services.cloudformation import actions, errors, progress, storage
from undercast.services.cloudformation.model import STACK_TYPE, Resource, Stack
from undercast.services.cloudformation.resources.handler import HandlerError, Made
from undercast.services.cloudformation.run import Run

_PATH = re.compile(r"/_aws/cloudformation/(?P<account>\d{12})/(?P<region>[a-z0-9-]+)/(?P<token>[0-9a-f]+)")
_LARGEST = 4096  # of a custom resource's answer; source: user guide, "custom resource response objects"
_WAIT_CONDITION = "AWS::CloudFormation::WaitCondition"
_HANDLE = "AWS::CloudFormation::WaitConditionHandle"


@waits
async def receive(call: Call, request: Request) -> Response:
    """A PUT to the URL that a provider or a wait handle was given."""
    match = _PATH.fullmatch(request.path)
    if match is None or request.method not in ("PUT", "POST"):
        return Response(404)
    try:
        answer = orjson.loads(request.body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return Response(400, [("Content-Type", "text/plain")], b"The answer must be a JSON object.")
    there = call.into(account=match["account"], region=match["region"])
    there.service = "cloudformation"
    known = await there.transact(_receive, match["token"], answer, len(request.body))
    return Response(200 if known else 403)


async def _receive(call: Call, token: str, answer: dict[str, Any], size: int) -> bool:
    found = await storage.find_callback(call, token)
    stack = await storage.seek_stack(call, found[0]) if found else None
    if found is None or stack is None:
        return False
    run = await Run.of(call, stack)
    row = run.rows.get(found[1])
    if row and row.type == _HANDLE:
        status = str(answer.get("Status", ""))
        signal = (str(answer.get("UniqueId", "")), status, str(answer.get("Reason", "")), str(answer.get("Data", "")))
        await storage.add_signal(call, stack.id, row.logical_id, signal)
        await call.later(call.now, "signals", [stack.id], key=stack.id)
        return True
    for one in run.everything:
        if one.token == token and one.in_progress:
            await _settle(run, one, answer, size)
    return True


async def _settle(run: Run, row: Resource, answer: dict[str, Any], size: int) -> None:
    """A provider's answer."""
    action = row.action
    physical_id = answer.get("PhysicalResourceId")
    if size > _LARGEST:
        problem = "Response object is too long."
    elif answer.get("Status") == "FAILED":
        problem = (
            "Received response status [FAILED] from custom resource. Message returned: "
            f"{answer.get('Reason')} (RequestId: {answer.get('RequestId')})"
        )
    elif answer.get("Status") != "SUCCESS":
        problem = "Invalid Response object: Value of property Status must be SUCCESS or FAILED."
    elif not isinstance(physical_id, str) or not physical_id:
        problem = "Invalid PhysicalResourceId"
    else:
        problem = ""
    if problem:
        if isinstance(physical_id, str) and not row.physical_id:
            row.physical_id = physical_id  # so that the provider is asked to delete what it left
        actions.fail(run, row, action, HandlerError(problem))
    else:
        data = answer.get("Data")
        await actions.complete(run, row, action, Made(str(physical_id), data if isinstance(data, dict) else {}))
    await run.save()
    await progress.start(run.call, run.stack.id)


async def expire(call: Call, payload: list[Any]) -> None:
    """No answer came in time."""
    stack_id, logical_id, token, request_id = payload
    stack = await storage.seek_stack(call, stack_id)
    if stack is None:
        return
    run = await Run.of(call, stack)
    for row in run.everything:
        if row.logical_id == logical_id and row.token == token and row.in_progress:
            reason = (
                "CloudFormation did not receive a response from your Custom Resource. Please check your logs for "
                f"requestId [{request_id}]. If you are using the Python cfn-response module, you may need to update "
                "your Lambda function code so that CloudFormation can attach the updated version."
            )
            actions.fail(run, row, row.action, HandlerError(reason))
            await run.save()
            await progress.start(call, stack_id)


# --- wait conditions ---


async def signal(call: Call, request: dict[str, Any]) -> None:
    """A signal to a wait condition by name."""
    stack = await storage.find_stack(call, request["StackName"], "Stack [{}] does not exist")
    row = (await Run.of(call, stack)).rows.get(request["LogicalResourceId"])
    if row is None or row.type != _WAIT_CONDITION or not row.in_progress:
        raise errors.ValidationError(
            f"Resource {request['LogicalResourceId']} is in {row.status if row else 'NOT_FOUND'} state and cannot be signaled"
        )
    signal = (request["UniqueId"], request["Status"], "", "")
    await storage.add_signal(call, stack.id, row.logical_id, signal)
    await call.later(call.now, "signals", [stack.id], key=stack.id)


async def count_signals(call: Call, payload: list[Any]) -> None:
    """See which wait conditions have what they wait for."""
    stack = await storage.seek_stack(call, payload[0])
    if stack is None:
        return
    run = await Run.of(call, stack)
    changed = False
    for row in list(run.rows.values()):
        if row.type == _WAIT_CONDITION and row.in_progress and row.action == "create":
            changed = await _count(run, row) or changed
    if changed:
        await run.save()
        await progress.start(call, stack.id)


async def _count(run: Run, row: Resource) -> bool:
    signals = await _signals(run, row)
    for unique_id, status, reason, _data in signals:
        if status != "SUCCESS":
            text = f"WaitCondition received failed message: '{reason}' for uniqueId: {unique_id}"
            actions.fail(run, row, "create", HandlerError(text))
            return True
    if len(signals) < int(row.wanted.get("Count", 1)):
        return False
    data = orjson.dumps({unique_id: data for unique_id, _, _, data in signals}).decode()
    await actions.complete(run, row, "create", Made(row.physical_id, {"Id": row.physical_id, "Data": data}))
    return True


async def _signals(run: Run, row: Resource) -> list[tuple[str, str, str, str]]:
    handle = row.physical_id.rpartition("/")[2]
    names = dict.fromkeys((handle, row.logical_id))
    return [one for name in names for one in await storage.signals_of(run.call, run.stack.id, name)]


async def stop_waiting(call: Call, payload: list[Any]) -> None:
    """A wait condition's time is up."""
    stack_id, logical_id = payload
    stack = await storage.seek_stack(call, stack_id)
    if stack is None:
        return
    run = await Run.of(call, stack)
    row = run.rows.get(logical_id)
    if row and row.type == _WAIT_CONDITION and row.in_progress and row.action == "create":
        received, wanted = len(await _signals(run, row)), row.wanted.get("Count", 1)
        text = f"WaitCondition timed out. Received {received} conditions when expecting {wanted}"
        actions.fail(run, row, "create", HandlerError(text))
        await run.save()
        await progress.start(call, stack_id)


# --- nested stacks ---


async def nested_ended(call: Call, payload: list[Any]) -> None:
    """A nested stack has come to an end: so has its resource in the parent."""
    child = await storage.seek_stack(call, payload[0])
    parent = await storage.seek_stack(call, child.parent_id) if child else None
    if child is None or parent is None:
        return
    run = await Run.of(call, parent)
    for row in run.everything:
        if row.type == STACK_TYPE and row.physical_id == child.id and row.in_progress and not row.acting:
            await _take_over(run, row, child)
            await run.save()
            await progress.start(call, parent.id)


async def _take_over(run: Run, row: Resource, child: Stack) -> None:
    action = row.action
    if child.status == f"{action.upper()}_COMPLETE":
        outputs = {f"Outputs.{one['OutputKey']}": one["OutputValue"] for one in child.outputs}
        await actions.complete(run, row, action, Made(child.id, outputs))
        return
    verb = {"create": "created", "update": "updated", "delete": "deleted"}[action]
    reason = child.reason or child.failed_reason
    actions.fail(run, row, action, HandlerError(f"Embedded stack {child.id} was not successfully {verb}: {reason}"))
