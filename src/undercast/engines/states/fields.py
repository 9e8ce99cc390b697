"""Which fields a state, and each part of it, may have in each query language, and what they must be."""

from __future__ import annotations

from dataclasses import dataclass

from undercast.engines.states import checks
from undercast.engines.states.checks import Check
from undercast.engines.states.machine import JSONATA, JSONPATH


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What a field must be in each language; None where it is not supported."""

    jsonpath: Check | None
    jsonata: Check | None

    def check(self, language: str) -> Check | None:
        return self.jsonata if language == JSONATA else self.jsonpath

    @property
    def only(self) -> str:
        return JSONATA if self.jsonpath is None else JSONPATH


def _both(check: Check) -> FieldRule:
    return FieldRule(check, check)


def _paths(check: Check) -> FieldRule:
    return FieldRule(check, None)


def _jsonata(check: Check) -> FieldRule:
    return FieldRule(None, check)


def _computed(check: Check) -> FieldRule:
    """Literal in both languages, or an expression in JSONata."""
    return FieldRule(check, checks.or_expression(check))


Fields = dict[str, FieldRule]

_COMMON: Fields = {
    "Type": _both(checks.anything),
    "Comment": _both(checks.string),
    "QueryLanguage": _both(checks.anything),
}
_FLOW: Fields = {"Next": _both(checks.string), "End": _both(checks.boolean)}
_ENDS: Fields = {
    "InputPath": _paths(checks.nullable_path),
    "OutputPath": _paths(checks.nullable_path),
    "Output": _jsonata(checks.jsonata_template),
}
ASSIGN: Fields = {"Assign": FieldRule(checks.path_assignments, checks.jsonata_assignments)}
_PARAMETERS: Fields = {"Parameters": _paths(checks.path_template)}
_ARGUMENTS: Fields = {"Arguments": _jsonata(checks.jsonata_template)}
_RESULT_PATH: Fields = {"ResultPath": _paths(checks.reference_path)}
_TEMPLATE = FieldRule(checks.path_template, checks.jsonata_template)
_WORK: Fields = {
    **_COMMON,
    **_FLOW,
    **_ENDS,
    **ASSIGN,
    **_PARAMETERS,
    **_RESULT_PATH,
    "ResultSelector": _paths(checks.path_template_object),
    "Retry": _both(checks.a_list),
    "Catch": _both(checks.a_list),
}
_SECONDS = checks.integer(1)
_COUNT = checks.integer(0)

STATE_FIELDS: dict[str, Fields] = {
    "Task": {
        **_WORK,
        **_ARGUMENTS,
        "Resource": _both(checks.string),
        "TimeoutSeconds": _computed(_SECONDS),
        "TimeoutSecondsPath": _paths(checks.path),
        "HeartbeatSeconds": _computed(_SECONDS),
        "HeartbeatSecondsPath": _paths(checks.path),
        "Credentials": _TEMPLATE,
    },
    "Wait": {
        **_COMMON,
        **_FLOW,
        **_ENDS,
        **ASSIGN,
        "Seconds": _computed(_COUNT),
        "SecondsPath": _paths(checks.path),
        "Timestamp": _computed(checks.timestamp),
        "TimestampPath": _paths(checks.path),
    },
    "Pass": {
        **_COMMON,
        **_FLOW,
        **_ENDS,
        **ASSIGN,
        **_PARAMETERS,
        **_RESULT_PATH,
        "Result": _paths(checks.anything),
    },
    "Succeed": {**_COMMON, **_ENDS},
    "Fail": {
        **_COMMON,
        "Error": _computed(checks.string),
        "Cause": _computed(checks.string),
        "ErrorPath": _paths(checks.path_or_call),
        "CausePath": _paths(checks.path_or_call),
    },
    "Choice": {
        **_COMMON,
        **_ENDS,
        **ASSIGN,
        "Choices": _both(checks.a_list),
        "Default": _both(checks.string),
    },
    "Parallel": {**_WORK, **_ARGUMENTS, "Branches": _both(checks.a_list)},
    "Map": {
        **_WORK,
        "ItemProcessor": _both(checks.an_object),
        "Iterator": _both(checks.an_object),
        "ItemsPath": _paths(checks.path),
        "Items": _jsonata(checks.jsonata_template),
        "ItemSelector": _TEMPLATE,
        "ItemReader": _both(checks.an_object),
        "ItemBatcher": _both(checks.an_object),
        "ResultWriter": _both(checks.an_object),
        "Label": _both(checks.string),
        "MaxConcurrency": _computed(_COUNT),
        "MaxConcurrencyPath": _paths(checks.path),
        "ToleratedFailureCount": _computed(_COUNT),
        "ToleratedFailureCountPath": _paths(checks.path),
        "ToleratedFailurePercentage": _computed(checks.number(0, 100)),
        "ToleratedFailurePercentagePath": _paths(checks.path),
    },
}
"""In the order in which AWS lists the types."""

REQUIRED: dict[str, tuple[str, ...]] = {"Task": ("Resource",), "Choice": ("Choices",), "Parallel": ("Branches",)}

ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "Task": (("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
    "Wait": (("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),),
    "Fail": (("Error", "ErrorPath"), ("Cause", "CausePath")),
    "ReaderConfig": (("MaxItems", "MaxItemsPath"),),
    "ItemBatcher": (
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
    "Map": (
        ("ItemProcessor", "Iterator"),
        ("ItemReader", "ItemsPath"),
        ("ItemReader", "Items"),
        ("ItemSelector", "Parameters"),
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ),
}
"""Fields of which a state, by its type, or a part of one, by its name, has at most one."""

NEEDS_ONE: dict[str, tuple[str, ...]] = {
    "Wait": ONE_OF["Wait"][0],
    "Map": ("ItemProcessor", "Iterator"),
    "ItemBatcher": ONE_OF["ItemBatcher"][0] + ONE_OF["ItemBatcher"][1],
}

DISTRIBUTED_ONLY = (
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "Label",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)

RETRIER: Fields = {
    "ErrorEquals": _both(checks.a_list),
    "IntervalSeconds": _both(checks.integer(1)),
    "MaxAttempts": _both(checks.integer(0)),
    "BackoffRate": _both(checks.number(1, float("inf"))),
    "MaxDelaySeconds": _both(checks.integer(1, 31_622_400)),
    "JitterStrategy": _both(checks.one_of("FULL", "NONE")),
    "Comment": _both(checks.string),
}
CATCHER: Fields = {
    "ErrorEquals": _both(checks.a_list),
    "Next": _both(checks.string),
    "ResultPath": _paths(checks.reference_path),
    "Output": _jsonata(checks.jsonata_template),
    **ASSIGN,
    "Comment": _both(checks.string),
}
ITEM_READER: Fields = {
    "Resource": _both(checks.string),
    "Parameters": _paths(checks.path_template),
    "Arguments": _jsonata(checks.jsonata_template),
    "ReaderConfig": _both(checks.an_object),
}
READER_CONFIG: Fields = {
    "InputType": _both(checks.one_of("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET")),
    "Transformation": _both(checks.one_of("NONE", "LOAD_AND_FLATTEN")),
    "ManifestType": _both(checks.one_of("S3_INVENTORY", "ATHENA_DATA")),
    "CSVHeaderLocation": _both(checks.one_of("FIRST_ROW", "GIVEN")),
    "CSVHeaders": _both(checks.a_list),
    "CSVDelimiter": _both(checks.one_of("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")),
    "ItemsPointer": _both(checks.string),
    "MaxItems": _computed(_COUNT),
    "MaxItemsPath": _paths(checks.path),
}
ITEM_BATCHER: Fields = {
    "MaxItemsPerBatch": _computed(checks.integer(1)),
    "MaxItemsPerBatchPath": _paths(checks.path),
    "MaxInputBytesPerBatch": _computed(checks.integer(1, 262_144)),
    "MaxInputBytesPerBatchPath": _paths(checks.path),
    "BatchInput": _TEMPLATE,
}
RESULT_WRITER: Fields = {
    "Resource": _both(checks.string),
    "Parameters": _paths(checks.path_template),
    "Arguments": _jsonata(checks.jsonata_template),
    "WriterConfig": _both(checks.an_object),
}
WRITER_CONFIG: Fields = {
    "Transformation": _both(checks.one_of("NONE", "COMPACT", "FLATTEN")),
    "OutputType": _both(checks.one_of("JSON", "JSONL")),
}
PROCESSOR_CONFIG: Fields = {
    "Mode": _both(checks.one_of("INLINE", "DISTRIBUTED")),
    "ExecutionType": _both(checks.one_of("STANDARD", "EXPRESS")),
}
MACHINE: Fields = {
    "States": _both(checks.an_object),
    "StartAt": _both(checks.string),
    "Comment": _both(checks.string),
    "Version": _both(checks.string),
    "TimeoutSeconds": _both(checks.integer(1)),
    "QueryLanguage": _both(checks.anything),
}
BRANCH: Fields = {name: MACHINE[name] for name in ("States", "StartAt", "Comment")}
PROCESSOR: Fields = {**BRANCH, "ProcessorConfig": _both(checks.an_object)}
