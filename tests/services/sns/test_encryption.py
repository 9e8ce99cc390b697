"""Topics with a key of KMS: what waits for its delivery is sealed, and the key decides who may publish."""

from __future__ import annotations

import json

import pytest

SECRET = "nobody reads this in the database"
ATTRIBUTES = {"b": {"DataType": "Binary", "BinaryValue": b"\1\2"}}
RETRY = json.dumps({"healthyRetryPolicy": {"minDelayTarget": 10, "maxDelayTarget": 10, "numRetries": 1}})


@pytest.fixture
def encrypt(sns, topic):
    """`encrypt(key)` gives the topic a key."""
    return lambda key: sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)


@pytest.fixture
def waiting(undercast, account):
    """`waiting()`: the payloads of SNS's jobs, as they lie in the database."""
    sql = "SELECT payload FROM jobs WHERE account = ? AND service = 'sns' AND name = 'http'"
    return lambda: [bytes(row[0]).decode() for row in undercast.run(undercast.platform.store.scan(sql, account))]


@pytest.mark.parametrize("raw", ["true", "false"])
def test_what_waits_is_sealed_and_arrives_unchanged(
    sns, topic, key, encrypt, endpoint, http_subscription, clock, settle, waiting, raw
):
    encrypt(key)
    http_subscription(RawMessageDelivery=raw, DeliveryPolicy=RETRY)
    endpoint.statuses = [503]
    sns.publish(TopicArn=topic, Message=SECRET, MessageAttributes=ATTRIBUTES)
    first = endpoint.next()
    settle()
    (payload,) = waiting()
    assert SECRET not in payload
    assert "AQI=" not in payload  # the attribute
    clock.advance(seconds=11)
    assert endpoint.next() == first
    assert (first[1] if raw == "true" else first[1]["Message"]) == SECRET
    settle()
    assert waiting() == []


def test_without_a_key_it_lies_open(sns, topic, endpoint, http_subscription, settle, waiting):
    http_subscription(DeliveryPolicy=RETRY)
    endpoint.statuses = [503]
    sns.publish(TopicArn=topic, Message=SECRET)
    endpoint.next()
    settle()
    assert SECRET in waiting()[0]


def test_dead_letters_are_opened(sns, topic, key, encrypt, endpoint, http_subscription, make_queue, settle):
    encrypt(key)
    dead = make_queue("dead")
    http_subscription(RawMessageDelivery="true", RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
    endpoint.statuses = [404]
    sns.publish(TopicArn=topic, Message=SECRET, MessageAttributes=ATTRIBUTES)
    endpoint.next()
    settle()
    (message,) = dead.receive()
    assert (message["Body"], message["MessageAttributes"]["b"]["BinaryValue"]) == (SECRET, b"\1\2")


def test_a_message_waits_until_its_key_can_be_used_again(
    sns, kms, topic, key, encrypt, endpoint, http_subscription, clock, settle, waiting
):
    encrypt(key)
    slow = json.dumps({"healthyRetryPolicy": {"minDelayTarget": 400, "maxDelayTarget": 400, "numRetries": 3}})
    http_subscription(DeliveryPolicy=slow)
    endpoint.statuses = [503]
    sns.publish(TopicArn=topic, Message=SECRET)
    endpoint.next()
    settle()
    kms.disable_key(KeyId=key)
    clock.advance(seconds=401)  # and the data key is forgotten
    settle()
    assert endpoint.requests.empty()
    assert len(waiting()) == 1
    kms.enable_key(KeyId=key)
    clock.advance(seconds=401)
    assert endpoint.next()[1]["Message"] == SECRET


def test_a_key_that_opens_no_more_leaves_no_dead_letter(
    sns, kms, topic, key, encrypt, endpoint, http_subscription, make_queue, clock, settle, waiting
):
    encrypt(key)
    dead = make_queue("dead")
    slow = json.dumps({"healthyRetryPolicy": {"minDelayTarget": 400, "maxDelayTarget": 400, "numRetries": 1}})
    http_subscription(DeliveryPolicy=slow, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
    endpoint.statuses = [503]
    sns.publish(TopicArn=topic, Message=SECRET)
    endpoint.next()
    settle()
    kms.disable_key(KeyId=key)
    clock.advance(seconds=401)
    settle()
    assert (waiting(), dead.bodies()) == ([], [])


def test_the_managed_key_works(sns, kms, listener, subscribe):
    topic = sns.create_topic(Name="managed", Attributes={"KmsMasterKeyId": "alias/aws/sns"})["TopicArn"]
    subscribe(topic, listener)
    sns.publish(TopicArn=topic, Message=SECRET)
    assert listener.messages() == [SECRET]
    assert "alias/aws/sns" in [alias["AliasName"] for alias in kms.list_aliases()["Aliases"]]


def test_one_data_key_serves_five_minutes(sns, kms, topic, key, encrypt, listener, subscribe, clock, refused):
    clock.stop()
    encrypt(key)
    subscribe(topic, listener)
    sns.publish(TopicArn=topic, Message="1")
    kms.disable_key(KeyId=key)
    clock.advance(seconds=299)
    sns.publish(TopicArn=topic, Message="2")
    clock.advance(seconds=2)
    assert refused(sns.publish, TopicArn=topic, Message="3")[0] == "KMSDisabled"
    assert sorted(listener.messages()) == ["1", "2"]


def test_an_unknown_key_is_taken_and_refuses_publish(sns, topic, encrypt, listener, subscribe, refused):
    encrypt("11111111-2222-3333-4444-555555555555")
    subscribe(topic, listener)
    code, message = refused(sns.publish, TopicArn=topic, Message="x")
    assert code == "KMSNotFound"
    assert "key/11111111-2222-3333-4444-555555555555' does not exist (Service: AWSKMS; " in message
    assert listener.messages() == []
    encrypt("")
    sns.publish(TopicArn=topic, Message="x")
    assert listener.messages() == ["x"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda kms, key: kms.disable_key(KeyId=key), "KMSDisabled"),
        (lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7), "KMSInvalidState"),
    ],
)
def test_a_key_that_cannot_be_used_refuses_publish_and_each_entry(
    sns, kms, topic, key, encrypt, listener, subscribe, refused, spoil, code
):
    encrypt(key)
    subscribe(topic, listener)
    spoil(kms, key)
    assert refused(sns.publish, TopicArn=topic, Message="x")[0] == code
    entries = [{"Id": id, "Message": "x"} for id in ("a", "b")]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert answer["Successful"] == []
    assert [(one["Id"], one["Code"], one["SenderFault"]) for one in answer["Failed"]] == [
        ("a", code, True), ("b", code, True),
    ]  # fmt: skip
    assert listener.messages() == []


def test_a_refused_entry_of_a_fifo_topic_is_no_duplicate_later(sns, kms, fifo_topic, key, make_queue, subscribe):
    sns.set_topic_attributes(TopicArn=fifo_topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
    kms.disable_key(KeyId=key)
    queue = make_queue("queue.fifo")
    subscribe(fifo_topic, queue)
    batch = {"TopicArn": fifo_topic, "PublishBatchRequestEntries": [{"Id": "a", "Message": "x", "MessageGroupId": "g"}]}
    assert len(sns.publish_batch(**batch)["Failed"]) == 1
    kms.enable_key(KeyId=key)
    assert len(sns.publish_batch(**batch)["Successful"]) == 1
    assert queue.messages() == ["x"]
