"""The ARNs of Step Functions: `stateMachine:name[:version or alias]`, `execution:machine:name`, `mapRun:machine/label:id`."""

from __future__ import annotations

from typing import NamedTuple

from undercast.kit.call import Call
from undercast.services.stepfunctions import errors


class Name(NamedTuple):
    """What an ARN names: its parts after the kind."""

    kind: str
    parts: tuple[str, ...]


def parse(arn: str, *kinds: str, most: int = 2) -> Name:
    """The parts of an ARN of one of these kinds. InvalidArn."""
    pieces = arn.split(":")
    if pieces[0] != "arn":
        raise errors.InvalidArn(f"Invalid ARN prefix: {arn}")
    if len(pieces) < 7 or pieces[2] != "states" or not all(pieces[1:]):
        raise errors.InvalidArn(arn)
    if pieces[5] not in kinds:
        raise errors.InvalidArn(f"Resource type not valid in this context: {pieces[5]}")
    if len(pieces) - 6 > most:
        raise errors.InvalidArn(arn)
    return Name(pieces[5], tuple(pieces[6:]))


def is_here(call: Call, arn: str) -> bool:
    """Whether it is in this account and region."""
    return arn.split(":")[3:5] == [call.region, call.account]


def machine(call: Call, name: str, qualifier: str | int | None = None) -> str:
    """The ARN of a machine, or of a version or alias of it."""
    return call.arn(f"stateMachine:{name}" + ("" if qualifier is None else f":{qualifier}"), "states")


def activity(call: Call, name: str) -> str:
    return call.arn(f"activity:{name}", "states")


def execution(call: Call, machine: str, name: str) -> str:
    return call.arn(f"execution:{machine}:{name}", "states")


def map_run(call: Call, machine: str, id: str) -> str:
    """`machine` is that of its children: "name/label"."""
    return call.arn(f"mapRun:{machine}:{id}", "states")
