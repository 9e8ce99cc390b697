"""Every operation of every service, in every protocol of its model, there and back with botocore at the other end."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from botocore.model import OperationModel
from peer import SERVICES, model, parse, request
from samples import sample

from undercast import wire
from undercast.kit.errors import ServiceError

CASES = [(name, protocol) for name in SERVICES for protocol in wire.service(name).protocols]

UNREADABLE = {
    ("s3", "GetBucketLocation"),  # its root is its only member, which boto3 reads by a handler of its own
    ("s3", "GetBucketNotification"),  # deprecated: two members share one element
    ("s3", "PutBucketNotification"),
}


@pytest.mark.parametrize(("name", "protocol"), CASES)
def test_inputs_are_read_as_botocore_writes_them(name: str, protocol: str) -> None:
    service, failed = wire.service(name), []
    for key, operation in _operations(name, protocol):
        params = _input(operation)
        sent = request(operation, protocol, params)
        found = service.match(protocol, sent)
        if found is None or found[0].name not in _aliases(name, key):
            failed.append((key, "matched", found, sent.method, sent.path, sent.query_string))
            continue
        if (name, key) in UNREADABLE:
            continue
        _compare(failed, key, service.operations[key].parse(protocol, sent, found[1]), params)
    assert failed == []


@pytest.mark.parametrize("name", SERVICES)
def test_calls_within_the_process_keep_their_input(name: str) -> None:
    for key, operation in _operations(name, wire.service(name).protocols[0]):
        params = _input(operation)
        assert wire.service(name).operations[key].check(params) == params


@pytest.mark.parametrize("name", SERVICES)
def test_validation_reads_any_input(name: str) -> None:
    for key, operation in _operations(name, wire.service(name).protocols[0]):
        params = _input(operation)
        compiled = wire.service(name).operations[key]
        assert wire.violations_message(compiled.validate(params))
        missing = [violation.path for violation in compiled.validate({}) if violation.value == "null"]
        required = operation.input_shape.required_members if operation.input_shape else []
        assert len(missing) == len(required), key


@pytest.mark.parametrize(("name", "protocol"), CASES)
def test_outputs_are_written_as_botocore_reads_them(name: str, protocol: str) -> None:
    service, failed = wire.service(name), []
    for key, operation in _operations(name, protocol):
        compiled = service.operations[key]
        if compiled.event_stream_output or (name, key) in UNREADABLE:
            continue
        output = sample(operation.output_shape) if operation.output_shape else {}
        response = compiled.serialize(protocol, output, "request-1")
        assert {k.lower() for k, _ in response.headers} & {"x-amzn-requestid", "x-amz-request-id"}
        parsed = parse(response, protocol, operation.output_shape)
        parsed.pop("ResponseMetadata")
        _compare(failed, key, parsed, output)
    assert failed == []


@pytest.mark.parametrize(("name", "protocol"), CASES)
def test_errors_are_written_as_botocore_reads_them(name: str, protocol: str) -> None:
    service, peer, failed = wire.service(name), model(name, protocol), []
    for shape in peer.error_shapes:
        members = {key: value for key, value in sample(shape).items() if key.lower() != "message"}
        error = type(shape.name, (ServiceError,), {})("It <broke> & stayed broken", **members)
        compiled = next(iter(service.operations.values()))
        response = compiled.serialize_error(protocol, error, "request-1")
        generic = parse(response, protocol, None)
        known = peer.shape_for_error_code(generic["Error"]["Code"]) or peer.shape_for_error_code(
            generic["Error"].get("QueryErrorCode", "")
        )
        if known is None or generic["Error"]["Message"] != error.message or not 400 <= response.status < 600:
            if response.status != 304:
                failed.append((shape.name, generic, response.status))
            continue
        again = parse(response, protocol, shape)
        # XML always says <Message>, whatever the member is called, and botocore looks for the member's name.
        names = {"Message"} if protocol in ("query", "rest-xml") else {"Message", "message"}
        expected = {**members, **dict.fromkeys(shape.members.keys() & names, error.message)}
        _compare(failed, shape.name, again, expected)
    assert failed == []


@cache
def _operations(name: str, protocol: str) -> list[tuple[str, OperationModel]]:
    peer = model(name, protocol)
    return [(key, peer.operation_model(key)) for key in peer.operation_names]


@cache
def _input(operation: OperationModel) -> dict[str, Any]:
    return sample(operation.input_shape) if operation.input_shape else {}


def _aliases(name: str, key: str) -> set[str]:
    """Operations that stand behind the same request; the one that is not deprecated wins."""
    same = {
        "ListDirectoryBuckets": "ListBuckets",  # told apart by the host
        "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
        "GetBucketNotification": "GetBucketNotificationConfiguration",
        "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
        "PutBucketNotification": "PutBucketNotificationConfiguration",
    }
    return {key, same.get(key, key)}


def _compare(failed: list[Any], key: str, got: Any, expected: Any) -> None:
    if got != expected:
        both = got.keys() | expected.keys()
        differ = {k: (got.get(k), expected.get(k)) for k in both if got.get(k) != expected.get(k)}
        failed.append((key, differ))
