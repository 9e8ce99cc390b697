"""What PutTargets refuses. Texts that are not recorded are as users report them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from undercast.engines import jsonpath
from undercast.engines.input_templates import PREDEFINED, InvalidPlaceholder, Template
from undercast.kit.arn import Arn
from undercast.kit.errors import NotImplementedYet
from undercast.services.events import errors
from undercast.services.events.delivery import KINDS
from undercast.services.events.model import kind_of

_INPUTS = ("Input", "InputPath", "InputTransformer")
_PARAMETERS = {  # which kind of target a parameter is for
    "SqsParameters": {"sqs"},
    "KinesisParameters": {"kinesis"},
    "HttpParameters": {"execute-api", "api-destination"},
}
_ABSENT = {  # for targets that Undercast does not have
    "RunCommandParameters", "EcsParameters", "BatchParameters", "RedshiftDataParameters",
    "SageMakerPipelineParameters", "AppSyncParameters",
}  # fmt: skip
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")
_NEED_ROLE = {"kinesis", "firehose", "states"}


def check(target: Mapping[str, Any]) -> None:
    """Refuse a target that is wrong, or that Undercast cannot serve."""
    _check_input(target)
    kind = _check_arn(target)
    for name in _ABSENT:
        if target.get(name):
            raise NotImplementedYet(f"Undercast does not have targets with {name} yet.")
    for name, kinds in _PARAMETERS.items():
        if target.get(name) and kind not in kinds:
            raise errors.ValidationException(f"Parameter(s) {name} not valid for target {target['Id']}.")
    if kind == "sqs" and target["Arn"].endswith(".fifo") and not _group_of(target):
        raise errors.ValidationException(f"Parameter(s) SqsParameters must be specified for target: {target['Id']}.")
    if kind == "sqs" and not target["Arn"].endswith(".fifo") and _group_of(target):
        raise errors.ValidationException(f"Parameter(s) SqsParameters not valid for target {target['Id']}.")
    if kind == "event-bus" and any(target.get(name) is not None for name in _INPUTS):
        raise errors.ValidationException(
            f"An event bus takes whole events; target {target['Id']} must not have an input."
        )
    if kind in _NEED_ROLE and not target.get("RoleArn"):
        raise errors.ValidationException(f"RoleArn is required for target {target['Arn']}.")
    if target.get("RoleArn") and not _ROLE.fullmatch(target["RoleArn"]):
        raise errors.not_valid("RoleArn", "Provided Arn is not in correct format.")
    _check_dead_letters(target)


def _check_arn(target: Mapping[str, Any]) -> str:
    arn = target["Arn"]
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise errors.not_valid(arn, "Provided Arn is not in correct format.") from None
    kind = kind_of(arn)
    if kind not in KINDS:
        raise NotImplementedYet(f"Undercast does not have targets of {parsed.service} in rules yet.")
    return kind


def _check_input(target: Mapping[str, Any]) -> None:
    id = target["Id"]
    if sum(target.get(name) is not None for name in _INPUTS) > 1:
        raise errors.ValidationException(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        )
    if target.get("Input") is not None:
        _check_json(target["Input"], id)
    if target.get("InputPath"):
        _check_path(target["InputPath"], id)
    if target.get("InputTransformer"):
        _check_transformer(target["InputTransformer"], id)


def _check_json(text: str, id: str) -> None:
    try:
        json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        source = f'(String)"{text}"; line: {line}, column: {column}'
        raise errors.ValidationException(f"JSON syntax error in input for target {id} : [Source: {source}]") from None


def _check_path(path: str, id: str) -> None:
    try:
        if not path.startswith("$"):
            raise jsonpath.InvalidJsonPath(path)
        jsonpath.compile(path)
    except jsonpath.InvalidJsonPath:
        raise errors.ValidationException(f"Invalid InputPath for target {id}.") from None


def _check_transformer(transformer: Mapping[str, Any], id: str) -> None:
    paths = transformer.get("InputPathsMap") or {}
    for name, path in paths.items():
        if name.lower().startswith("aws") or name in PREDEFINED:
            raise errors.ValidationException(f"InputPathsMap for target {id} contains reserved key {name}.")
        _check_path(path, id)
    try:
        Template(transformer["InputTemplate"], paths)
    except InvalidPlaceholder as error:
        raise errors.ValidationException(
            f"InputTemplate for target {id} contains invalid placeholder {error.name}."
        ) from None


def _check_dead_letters(target: Mapping[str, Any]) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if arn and (not arn.startswith("arn:aws:sqs:") or arn.endswith(".fifo")):
        raise errors.not_valid("DeadLetterConfig.Arn", "The dead-letter queue must be a standard SQS queue.")


def _group_of(target: Mapping[str, Any]) -> str | None:
    group: str | None = (target.get("SqsParameters") or {}).get("MessageGroupId")
    return group
