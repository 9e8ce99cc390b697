"""What becomes of the results of a distributed Map: transformed, and written into a bucket with a manifest.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from undercast.engines.states.actions import Writer
from undercast.kit.call import Call
from undercast.kit.errors import ServiceError
from undercast.services.stepfunctions import arns
from undercast.services.stepfunctions.context import iso
from undercast.services.stepfunctions.model import ABORTED, FAILED, SUCCEEDED, TIMED_OUT, Execution

_FILES = {"SUCCEEDED": (SUCCEEDED,), "FAILED": (FAILED, TIMED_OUT), "PENDING": (ABORTED,)}
_LARGEST = 5 * 1024 * 1024  # bytes of one file, before the next begins


class Unwritable(Exception):
    """The results cannot be written: the cause of States.ResultWriterFailed."""


async def write(call: Call, map_run: str, writer: Writer, children: list[Execution]) -> dict[str, str]:
    """Write results and manifest. Where that is: ResultWriterDetails. Unwritable."""
    bucket = writer.arguments["Bucket"]
    prefix = (writer.arguments.get("Prefix") or "").strip("/")
    folder = "/".join(part for part in (prefix, map_run.rpartition(":")[2]) if part)
    manifest: dict[str, Any] = {"DestinationBucket": bucket, "MapRunArn": map_run, "ResultFiles": {}}
    try:
        for name, statuses in _FILES.items():
            found = [child for child in children if child.status in statuses]
            files = manifest["ResultFiles"][name] = []
            for number, content in enumerate(_pieces(transformed(call, writer, found), writer)):
                key = f"{folder}/{name}_{number}.json"
                await call.aws.s3.put_object(Bucket=bucket, Key=key, Body=content)
                files.append({"Key": key, "Size": len(content)})
        key = f"{folder}/manifest.json"
        await call.aws.s3.put_object(Bucket=bucket, Key=key, Body=orjson.dumps(manifest))
    except ServiceError as error:
        raise Unwritable(error.message) from error
    return {"Bucket": bucket, "Key": key}


def transformed(call: Call, writer: Writer, children: list[Execution]) -> list[Any]:
    """The results as `Transformation` wants them: executions whole, their outputs, or these flattened."""
    how = writer.config.get("Transformation") or ("NONE" if writer.resource else "COMPACT")
    if how == "NONE":
        return [_whole(call, child) for child in children]
    outputs = [
        orjson.loads(child.output) if child.output is not None else {"Error": child.error, "Cause": child.cause}
        for child in children
    ]
    if how == "FLATTEN":
        return [inner for output in outputs for inner in (output if isinstance(output, list) else [output])]
    return outputs


def _pieces(results: list[Any], writer: Writer) -> Iterator[bytes]:
    """The results as files of JSON, or of JSON lines."""
    lines = writer.config.get("OutputType") == "JSONL"
    begin, between, end = (b"", b"\n", b"\n") if lines else (b"[", b",", b"]")
    piece: list[bytes] = []
    size = 0
    for result in results:
        text = orjson.dumps(result)
        if piece and size + len(text) > _LARGEST:
            yield begin + between.join(piece) + end
            piece, size = [], 0
        piece.append(text)
        size += len(text)
    if piece:
        yield begin + between.join(piece) + end


def _whole(call: Call, child: Execution) -> dict[str, Any]:
    shown = {
        "ExecutionArn": arns.execution(call, child.machine, child.name),
        "Input": child.input,
        "InputDetails": {"Included": True},
        "Name": child.name,
        "Output": child.output,
        "OutputDetails": None if child.output is None else {"Included": True},
        "Error": child.error,
        "Cause": child.cause,
        "RedriveCount": child.redrives,
        "RedriveStatus": "NOT_REDRIVABLE" if child.status == SUCCEEDED else "REDRIVABLE_BY_MAP_RUN",
        "StartDate": iso(child.started_at),
        "StateMachineArn": arns.machine(call, child.machine),
        "Status": child.status,
        "StopDate": None if child.stopped_at is None else iso(child.stopped_at),
    }
    return {name: value for name, value in shown.items() if value is not None}
