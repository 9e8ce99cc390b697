"""The words of AWS for broken constraints, as they were recorded."""

from __future__ import annotations

from typing import Any

import pytest
from peer import SERVICES

from undercast import wire
from undercast.wire import patterns

EXACT: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "kms",
        "GenerateRandom",
        {"NumberOfBytes": 0},
        "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
    (
        "kms",
        "GenerateRandom",
        {"NumberOfBytes": 1025},
        "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
    ),
    (
        "kms",
        "Encrypt",
        {"KeyId": "k", "Plaintext": b"x" * 4097},
        "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    ),
    (
        "kms",
        "GenerateMac",
        {"KeyId": "k", "Message": b"m", "MacAlgorithm": "INVALID"},
        "Value 'INVALID' at 'macAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: "
        "[HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]",
    ),
    (
        "sns",
        "SetSMSAttributes",
        {},
        "Value null at 'attributes' failed to satisfy constraint: Member must not be null",
    ),
    (
        "events",
        "CreateConnection",
        {"Name": "Invalid Name With Spaces!", "AuthorizationType": "API_KEY", "AuthParameters": {}},
        "Value 'Invalid Name With Spaces!' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
    ),
    (
        "stepfunctions",
        "CreateStateMachineAlias",
        {"name": "123", "routingConfiguration": [{"stateMachineVersionArn": "a", "weight": 100}]},
        "Value '123' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$",
    ),
    (
        "stepfunctions",
        "CreateStateMachineAlias",
        {"name": "A" * 81, "routingConfiguration": [{"stateMachineVersionArn": "a", "weight": 100}]},
        f"Value '{'A' * 81}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80",
    ),
    (
        "iam",
        "DeleteServiceSpecificCredential",
        {"ServiceSpecificCredentialId": "wrong-id-wrong-id-wrong-id"},
        "Value at 'serviceSpecificCredentialId' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w]+",
    ),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": "arn:aws:iam::000000000000:role/r", "RoleSessionName": "Session1:2"},
        "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w+=,.@-]*",
    ),
    (
        "lambda",
        "CreateEventSourceMapping",
        {"FunctionName": "f", "StartingPosition": "invalid"},
        "Value 'invalid' at 'startingPosition' failed to satisfy constraint: "
        "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    ),
    (
        "lambda",
        "CreateFunction",
        {
            "FunctionName": "f",
            "Role": "arn:aws:iam::000000000000:role/r",
            "Code": {},
            "Architectures": ["X86_64"],
        },
        "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: "
        "[Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    ),
    (
        "lambda",
        "CreateFunction",
        {
            "FunctionName": "f",
            "Role": "arn:aws:iam::000000000000:role/r",
            "Code": {},
            "Architectures": ["x86_64", "arm64"],
        },
        "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: "
        "Member must have length less than or equal to 1",
    ),
    (
        "lambda",
        "CreateAlias",
        {
            "FunctionName": "f",
            "Name": "a",
            "FunctionVersion": "1",
            "RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}},
        },
        "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
        "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
        "Member must have value greater than or equal to 0.0, Member must not be null]",
    ),
    (
        "lambda",
        "CreateAlias",
        {
            "FunctionName": "f",
            "Name": "a",
            "FunctionVersion": "1",
            "RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}},
        },
        "Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
        "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
        "Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
    ),
    (
        "apigateway",
        "PutIntegration",
        {"restApiId": "a", "resourceId": "b", "httpMethod": "GET", "type": "HTTPS_PROXY"},
        "Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: "
        "Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
    ),
    (
        "apigateway",
        "GetMethodResponse",
        {"restApiId": "a", "resourceId": "b", "httpMethod": "GET", "statusCode": "wrong"},
        "Value 'wrong' at 'statusCode' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [1-5]\d\d",
    ),
]


@pytest.mark.parametrize(("service", "operation", "params", "words"), EXACT)
def test_words(service: str, operation: str, params: dict[str, Any], words: str) -> None:
    violations = wire.service(service).operations[operation].validate(params)
    assert wire.violations_message(violations) == f"1 validation error detected: {words}"


def test_enums_stand_in_the_recorded_order() -> None:
    (violation,) = (
        wire.service("apigateway")
        .operations["GetGatewayResponse"]
        .validate({"restApiId": "a", "responseType": "FAKE_RESPONSE_TYPE"})
    )
    assert violation.path == "responseType"
    assert violation.constraint.startswith(
        "Member must satisfy enum value set: [REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR,"
    )
    assert violation.constraint.endswith(", INTEGRATION_FAILURE, EXPIRED_TOKEN]")


def test_several_are_joined_in_order() -> None:
    patches = [{"op": "wrong", "path": "/a"}, {"op": "wrong", "path": "/b"}]
    found = (
        wire.service("apigateway").operations["UpdateRestApi"].validate({"restApiId": "a", "patchOperations": patches})
    )
    values = "Member must satisfy enum value set: [add, remove, move, test, replace, copy]"
    assert wire.violations_message(found) == (
        "2 validation errors detected: "
        f"Value 'wrong' at 'updateRestApiInput.patchOperations.1.member.op' failed to satisfy constraint: {values}; "
        f"Value 'wrong' at 'updateRestApiInput.patchOperations.2.member.op' failed to satisfy constraint: {values}"
    )


def test_a_list_of_structures_is_printed_as_java_prints_it() -> None:
    # AWS prints the members in an order of its own (unit before dimensions); ours is the model's.
    metric = {"metricNamespace": "ns", "metricValue": "1"}
    (violation,) = (
        wire.service("logs")
        .operations["PutMetricFilter"]
        .validate(
            {
                "logGroupName": "g",
                "filterName": "f",
                "filterPattern": "",
                "metricTransformations": [{"metricName": "a", **metric}, {"metricName": "b", **metric}],
            }
        )
    )
    shown = (
        "MetricTransformation(metricName={}, metricNamespace=ns, metricValue=1, defaultValue=null, "
        "dimensions=null, unit=null)"
    )
    assert violation.value == f"'[{shown.format('a')}, {shown.format('b')}]'"
    assert violation.constraint == "Member must have length less than or equal to 1"


def test_nothing_is_wrong_with_a_valid_input() -> None:
    operation = wire.service("sqs").operations["SendMessage"]
    assert operation.validate({"QueueUrl": "u", "MessageBody": "b"}) == []


def test_every_pattern_of_the_models_is_understood() -> None:
    unknown = {
        raw["pattern"]
        for name in SERVICES
        for raw in wire.service(name).raw["shapes"].values()
        if "pattern" in raw and patterns.compiled(raw["pattern"]) is None
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", ["Größe 1", "名前", "a:b"], ["a\tb", "a*b", "é*"]),
        (r"[\S\s]*\S[\S\s]*", ["a", " a "], [" ", ""]),
        (r"\w+", ["abc_1"], ["é", ""]),
        (r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", ["a1", "1-"], ["12", "a b"]),
        (r"\p{ASCII}+", ["abc"], ["é"]),
        (r"[\w-_]*", ["a-b", "_"], ["a b"]),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", ["\U0001f600 a"], ["\x01"]),
        (r"\P{M}\p{M}*", ["e\u0301", "e"], ["ab"]),
    ],
)
def test_java_patterns(pattern: str, good: list[str], bad: list[str]) -> None:
    matches = patterns.compiled(pattern)
    assert matches is not None
    assert [matches(value) for value in (*good, *bad)] == [True] * len(good) + [False] * len(bad)
