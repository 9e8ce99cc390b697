"""Whatever bytes arrive, parsing ends in a dict or in a SerializationException."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peer import model, request
from samples import sample

from undercast import wire
from undercast.kit.errors import SerializationException
from undercast.kit.http import Request

TARGETS = [
    ("sqs", "json", "SendMessageBatch"),
    ("sqs", "query", "SendMessageBatch"),
    ("dynamodb", "json", "PutItem"),
    ("sns", "query", "PublishBatch"),
    ("cloudwatch", "smithy-rpc-v2-cbor", "PutMetricData"),
    ("lambda", "rest-json", "CreateFunction"),
    ("s3", "rest-xml", "PutBucketLifecycleConfiguration"),
    ("s3", "rest-xml", "PutObject"),
    ("apigateway", "rest-json", "ImportRestApi"),
    ("route53", "rest-xml", "ChangeResourceRecordSets"),
]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["Item", "S", "L", "M", "x"]), inner),
    max_leaves=20,
)


def survives(service: str, protocol: str, sent: Request) -> bool:
    """True when it was read, False when it was refused; anything else is the bug that these tests look for."""
    try:
        found = wire.service(service).match(protocol, sent)
        if found is not None:
            assert isinstance(found[0].parse(protocol, sent, found[1]), dict)
            return True
    except SerializationException:
        pass
    return False


@pytest.mark.parametrize(("service", "protocol", "name"), TARGETS)
def test_mutations_of_a_valid_request(service: str, protocol: str, name: str) -> None:
    operation = model(service, protocol).operation_model(name)
    sent = request(operation, protocol, sample(operation.input_shape))
    assert survives(service, protocol, sent)
    rng = random.Random(name)
    for _ in range(300):
        survives(service, protocol, replace(sent, body=mutated(rng, sent.body)))
        survives(service, protocol, replace(sent, query_string=text(mutated(rng, sent.query_string.encode() or b"a"))))
        survives(service, protocol, replace(sent, path="/" + text(mutated(rng, sent.path.encode()))))
        headers = {key: text(mutated(rng, value.encode())) for key, value in sent.headers.items()}
        survives(service, protocol, replace(sent, headers=headers))


def mutated(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at, piece = rng.randrange(len(out) + 1), rng.randbytes(rng.randint(0, 3))
        choice = rng.randrange(4)
        if choice == 0:
            out[at:at] = piece
        elif choice == 1:
            out[at : at + len(piece)] = piece
        elif choice == 2:
            del out[at : at + rng.randint(1, 20)]
        else:
            out[at:at] = out[rng.randrange(len(out) + 1) :][:20]
    return bytes(out)


def text(data: bytes) -> str:
    return data.decode("latin-1")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes(body: bytes) -> None:
    for service, protocol, name in TARGETS:
        operation = wire.service(service).operations[name]
        with suppress(SerializationException):
            assert isinstance(operation.parse(protocol, Request("POST", "/", "", {}, body), {}), dict)


@settings(max_examples=200, deadline=None)
@given(JSON_VALUES)
def test_any_json_value_in_a_call(value: object) -> None:
    for service, name in (("dynamodb", "PutItem"), ("sqs", "SendMessageBatch"), ("lambda", "CreateFunction")):
        operation = wire.service(service).operations[name]
        for params in (dict.fromkeys(operation.input.members, value), value if isinstance(value, dict) else {}):
            with suppress(SerializationException):
                operation.validate(operation.check(params))


@pytest.mark.parametrize(
    ("service", "protocol", "name", "body"),
    [
        ("dynamodb", "json", "PutItem", b'{"Item":{"a":' + b'{"L":[' * 5000 + b"]}" * 5000 + b"}}"),
        ("dynamodb", "json", "PutItem", b"[" * 100_000),
        ("dynamodb", "json", "PutItem", b'{"TableName":"\\ud800"}'),
        ("sqs", "json", "ReceiveMessage", b'{"MaxNumberOfMessages":1e999}'),
        ("sqs", "json", "ReceiveMessage", b'{"MaxNumberOfMessages":' + b"9" * 5000 + b"}"),
        ("sqs", "json", "ReceiveMessage", b'{"MaxNumberOfMessages":2147483648}'),
        ("sqs", "json", "ReceiveMessage", b'{"MaxNumberOfMessages":true}'),
        ("sqs", "query", "ReceiveMessage", b"MaxNumberOfMessages=" + b"9" * 5000),
        ("sqs", "query", "SendMessageBatch", b"SendMessageBatchRequestEntry.x.Id=1"),
        ("sqs", "query", "SendMessageBatch", b"SendMessageBatchRequestEntry" + b".1" * 5000 + b"=1"),
        ("sqs", "query", "SendMessage", b"MessageBody=a&MessageBody.x=b"),
        ("sqs", "query", "SendMessage", b"MessageBody=\xff"),
        ("cloudwatch", "smithy-rpc-v2-cbor", "PutMetricData", b"\x81" * 5000),
        ("cloudwatch", "smithy-rpc-v2-cbor", "PutMetricData", bytes.fromhex("9b7fffffffffffffff01")),
        (
            "cloudwatch",
            "smithy-rpc-v2-cbor",
            "PutMetricData",
            bytes.fromhex("a1") + b"\x69Namespace" + b"\xd8\x23\x61(",
        ),
        ("cloudwatch", "smithy-rpc-v2-cbor", "GetMetricData", b"\xa1\x69StartTime\xc1\xfb\x7f\xf0" + bytes(6)),
        ("s3", "rest-xml", "PutBucketTagging", b"<a>" * 100_000),
        ("s3", "rest-xml", "PutBucketTagging", b'<!DOCTYPE x [<!ENTITY a "b">]><Tagging>&a;</Tagging>'),
        ("s3", "rest-xml", "PutBucketTagging", b'<?xml version="1.0" encoding="no-such"?><Tagging/>'),
        ("s3", "rest-xml", "PutBucketTagging", b"<Tagging><TagSet><Tag><Key><b/></Key></Tag></TagSet></Tagging>"),
        ("lambda", "rest-json", "CreateFunction", b'{"Code":{"ZipFile":"%%%"}}'),
        ("lambda", "rest-json", "CreateFunction", b'{"Layers":[null]}'),
        ("logs", "json", "PutLogEvents", b'{"logEvents":{"a":1}}'),
        ("events", "json", "PutEvents", b'{"Entries":[{"Time":"not a time"}]}'),
        ("events", "json", "PutEvents", b'{"Entries":[{"Time":1e300}]}'),
    ],
)
def test_refused(service: str, protocol: str, name: str, body: bytes) -> None:
    operation = wire.service(service).operations[name]
    with pytest.raises(SerializationException):
        operation.parse(protocol, Request("POST", "/", "", {}, body), {})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"QueueName":1}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"QueueName":true}', "TRUE_VALUE can not be converted to a String"),
        (b'{"QueueName":{}}', "Start of structure or map found where not expected."),
        (b'{"QueueName":[]}', "Start of list found where not expected"),
        (b"[1]", "Start of list found where not expected"),
    ],
)
def test_words_of_a_refusal(body: bytes, words: str) -> None:
    with pytest.raises(SerializationException, match=f"^{words}$"):
        wire.service("sqs").operations["CreateQueue"].parse("json", Request("POST", "/", "", {}, body), {})


def test_an_unknown_parameter_of_a_call_is_refused() -> None:
    operation = wire.service("sqs").operations["SendMessage"]
    with pytest.raises(SerializationException, match="Unknown parameter in SendMessageRequest: QueueURL"):
        operation.check({"QueueURL": "x"})
