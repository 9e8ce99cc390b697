"""The rules of queues and messages, as values."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.kit.errors import ServiceError
from undercast.services.sqs import errors
from undercast.services.sqs.model import (
    Draft,
    Message,
    Queue,
    attributes_md5,
    body_md5,
    pack_attributes,
    queue_name,
    unpack_attributes,
)

names = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
values = st.one_of(
    st.builds(lambda text: {"DataType": "String", "StringValue": text}, st.text("abcé ☂", min_size=1)),
    st.builds(lambda number: {"DataType": "Number", "StringValue": str(number)}, st.integers()),
    st.builds(lambda data: {"DataType": "Binary", "BinaryValue": data}, st.binary(min_size=1)),
)


def make_queue(name: str = "queue", **attributes: str) -> Queue:
    return Queue("111111111111", "us-east-1", name, 7, 0, 0, 0, attributes, {})


def make_message(seq: int, receives: int) -> Message:
    return Message(seq, 0, "id", "body", "", "", "me", 0, 0, receives, None, None, None)


def parse(queue: Queue | None = None, **entry: Any) -> Draft:
    return Draft.parse({"MessageBody": "body", **entry}, queue or make_queue())


@given(st.dictionaries(names, values, max_size=10))
def test_attributes_survive_packing(attributes):
    assert unpack_attributes(pack_attributes(attributes)) == attributes


@given(st.dictionaries(names, values, min_size=1, max_size=10))
def test_digest_of_attributes_knows_no_order(attributes):
    assert attributes_md5(attributes) == attributes_md5(dict(reversed(attributes.items())))


def test_digest_of_attributes_is_the_documented_one():
    attributes = {"Foo": {"DataType": "String", "StringValue": "Bar"}}
    assert attributes_md5(attributes) == "ae7155c6026991b6d54b11589678bf9c"  # recorded


@given(st.text())
def test_digest_of_a_body(body):
    body = body.encode(errors="ignore").decode()
    assert body_md5(body) == md5(body.encode()).hexdigest()


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**31))
def test_receipt_handle_names_its_receive(seq, receives):
    queue, message = make_queue(), make_message(seq, receives)
    assert queue.read_receipt_handle(queue.receipt_handle(message)) == queue.receipt(message)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_other_texts_are_no_receipt_handles(text):
    with pytest.raises(errors.ReceiptHandleIsInvalid):
        make_queue().read_receipt_handle(text)


@given(st.integers(0, 60), st.characters(codec="ascii"))
def test_changed_receipt_handle_is_refused(position, character):
    queue = make_queue()
    handle = queue.receipt_handle(make_message(5, 1))
    changed = handle[:position] + character + handle[position + 1 :]
    if changed != handle:
        with pytest.raises(errors.ReceiptHandleIsInvalid):
            queue.read_receipt_handle(changed)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://localhost:4566/111111111111/q", ("111111111111", "q")),
        ("https://sqs.us-east-1.amazonaws.com/111111111111/q", ("111111111111", "q")),
        ("http://us-east-1.queue.localhost:4566/111111111111/q/", ("111111111111", "q")),
        ("111111111111/q", ("111111111111", "q")),
        ("http://localhost:4566/queue/q", ("", "q")),
        ("q", ("", "q")),
    ],
)
def test_names_in_urls(url, found):
    assert queue_name(url) == found


@pytest.mark.parametrize("body", ["\0", "a\x0b", "￾", "\ud800"])
def test_forbidden_characters_are_refused(body):
    with pytest.raises(errors.InvalidMessageContents):
        parse(MessageBody=body)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a b", {"DataType": "String", "StringValue": "x"}),
        ("AWS.x", {"DataType": "String", "StringValue": "x"}),
        (".a", {"DataType": "String", "StringValue": "x"}),
        ("a", {"DataType": "", "StringValue": "x"}),
        ("a", {"DataType": "Text", "StringValue": "x"}),
        ("a", {"DataType": "Number", "StringValue": "one"}),
        ("a", {"DataType": "Binary", "BinaryValue": b""}),
    ],
)
def test_bad_attributes_are_refused(name, value):
    with pytest.raises(errors.InvalidParameterValue):
        parse(MessageAttributes={name: value})


def test_eleven_attributes_are_too_many():
    many = {f"a{number}": {"DataType": "String", "StringValue": "x"} for number in range(11)}
    with pytest.raises(errors.InvalidParameterValue):
        parse(MessageAttributes=many)


def test_size_counts_names_types_and_values():
    draft = parse(MessageBody="é", MessageAttributes={"ab": {"DataType": "String", "StringValue": "xyz"}})
    assert draft.size == 2 + 2 + 6 + 3


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"MessageGroupId": "g"},
        {"MessageGroupId": "g g", "MessageDeduplicationId": "d"},
        {"MessageGroupId": "g", "MessageDeduplicationId": "d" * 129},
        {"MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 1},
    ],
)
def test_fifo_queues_need_groups_and_deduplication(entry):
    with pytest.raises(ServiceError):
        parse(make_queue("q.fifo"), **entry)


def test_deduplication_by_content():
    queue = make_queue("q.fifo", ContentBasedDeduplication="true")
    one, same, other = (parse(queue, MessageGroupId=g, MessageBody=b) for g, b in (("g", "x"), ("h", "x"), ("g", "y")))
    assert queue.deduplication_token(one) == queue.deduplication_token(same) != queue.deduplication_token(other)
    per_group = make_queue("q.fifo", ContentBasedDeduplication="true", DeduplicationScope="messageGroup")
    assert per_group.deduplication_token(one) != per_group.deduplication_token(same)


def test_standard_queues_take_groups_but_no_deduplication():
    assert parse(MessageGroupId="tenant").group_id == "tenant"
    with pytest.raises(errors.InvalidParameterValue):
        parse(MessageDeduplicationId="d")


@pytest.mark.parametrize("delay", [-1, 901])
def test_bad_delays_are_refused(delay):
    with pytest.raises(errors.InvalidParameterValue):
        parse(DelaySeconds=delay)
