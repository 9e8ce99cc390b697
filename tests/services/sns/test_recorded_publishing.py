"""Publishing, as recorded from AWS."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

CRUD = "sns::TestSNSPublishCrud::"
TO_SQS = "sns::TestSNSSubscriptionSQS::"
TO_FIFO = "sns::TestSNSSubscriptionSQSFifo::"


BY_A_USER = ("SubscriptionPrincipal",)  # in the recordings a user, here the account's root


def received(sqs, **options):
    """The messages, put together as in the recording."""
    return {"Messages": sqs.receive_message(**options)["Messages"]}


def number(value):
    return {"DataType": "Number", "StringValue": value}


def test_message_structure_json_exc(sns, topic):
    case = recorded(f"{CRUD}test_message_structure_json_exc")
    for step, message in {
        "missing-default-key": '{"sqs": "test"}',
        "invalid-json": '{"default": "This is the default field"',
        "key-is-not-string": '{"default": {"object": "test"}}',
    }.items():
        with pytest.raises(ClientError) as refused:
            sns.publish(TopicArn=topic, Message=message, MessageStructure="json")
        case.check(step, refused.value)
    twice = '{"default": "one", "default": "two"}'
    case.check("duplicate-json-keys", sns.publish(TopicArn=topic, Message=twice, MessageStructure="json"))


def test_publish_batch_invalid_entry_id(sns, topic):
    case = recorded(f"{CRUD}test_publish_batch_invalid_entry_id")

    def publish(id):
        return sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": id, "Message": "test"}])

    for step, id in {
        "id-too-long-81": "a" * 81,
        "id-too-long-91": case_id(case),
        "invalid-char-dot": "message.id",
        "invalid-char-special": "msg@123#test",
    }.items():
        with pytest.raises(ClientError) as refused:
            publish(id)
        case.check(step, refused.value)
    case.check("valid-id-80-chars", publish("a" * 80))
    case.check("valid-id-with-hyphen-underscore", publish("valid-message_123"))


def case_id(case):
    """The long id that was sent is in the answer."""
    return case.answers["id-too-long-91"]["Error"]["Message"].rpartition(" ")[2]


def test_publish_message_before_subscribe_topic(sns, sqs, topic, listener, subscribe):
    case = recorded(f"{CRUD}test_publish_message_before_subscribe_topic")
    case.check("publish-before-subscribing", sns.publish(TopicArn=topic, Message="test_message_before"))
    subscribe(topic, listener)
    answer = sns.publish(TopicArn=topic, Message="test_message_after", Subject="test-subject-after-sub")
    case.check("publish-after-subscribing", answer)
    case.check("receive-messages", sqs.receive_message(QueueUrl=listener.url))


def test_publish_too_long_message(sns, topic):
    case = recorded(f"{CRUD}test_publish_too_long_message")
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=topic, Message="A" * 262_145)
    case.check("error", refused.value)
    attributes = {"myattr": {"DataType": "String", "StringValue": "B" * 8000}}
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=topic, Message="A" * (262_144 - 8000), MessageAttributes=attributes)
    case.check("error-with-attrs", refused.value)


def test_publish_with_empty_subject(sns, topic):
    case = recorded(f"{CRUD}test_publish_with_empty_subject")
    case.check("response-without-subject", sns.publish(TopicArn=topic, Message="test"))
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=topic, Message="test", Subject="")
    case.check("response-with-empty-subject", refused.value)


def test_unknown_topic_publish(sns, topic):
    case = recorded(f"{CRUD}test_unknown_topic_publish")
    case.check("success", sns.publish(TopicArn=topic, Message="test"))
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=f"{topic}-not", Message="test")
    case.check("error", refused.value)


def test_publish_sqs_from_sns(sns, sqs, topic, listener, subscribe):
    case = recorded(f"{TO_SQS}test_publish_sqs_from_sns")
    arn = subscribe(topic, listener, RawMessageDelivery="true")
    for raw, value in (("true", "99.12"), ("false", "100.12")):
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue=raw)
        case.check(f"sub-attrs-raw-{raw}", sns.get_subscription_attributes(SubscriptionArn=arn), BY_A_USER)
        sns.publish(TopicArn=topic, Message="Test msg", MessageAttributes={"attr1": number(value)})
        answer = sqs.receive_message(QueueUrl=listener.url, MessageAttributeNames=["All"])
        case.check(f"message-raw-{raw}", answer)


def test_publish_sqs_from_sns_with_xray_propagation(sns, sqs, topic, listener, subscribe):
    case = recorded(f"{TO_SQS}test_publish_sqs_from_sns_with_xray_propagation")
    subscribe(topic, listener)
    trace = case.answers["xray-msg"]["Attributes"]["AWSTraceHeader"]
    sns.meta.events.register(
        "before-send.sns.Publish", lambda request, **_: request.headers.update({"X-Amzn-Trace-Id": trace})
    )
    sns.publish(TopicArn=topic, Message="X-Ray propagation test msg")
    (message,) = sqs.receive_message(QueueUrl=listener.url, AttributeNames=["SentTimestamp", "AWSTraceHeader"])[
        "Messages"
    ]
    case.check("xray-msg", message)


@pytest.mark.parametrize("raw", ["True", "False"])
def test_redrive_policy_sqs_queue_subscription(sns, sqs, topic, make_queue, subscribe, raw):
    case = recorded(f"{TO_SQS}test_redrive_policy_sqs_queue_subscription[{raw}]")
    gone, dead = make_queue("gone"), make_queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn})
    subscribe(topic, gone, RawMessageDelivery=raw.lower(), RedrivePolicy=redrive)
    sqs.delete_queue(QueueUrl=gone.url)
    attributes = {"attr1": number("111"), "attr2": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"}}
    sns.publish(TopicArn=topic, Message="test_dlq_after_sqs_endpoint_deleted", MessageAttributes=attributes)
    answer = sqs.receive_message(QueueUrl=dead.url, AttributeNames=["All"], MessageAttributeNames=["All"])
    ignore = ()
    if raw == "True":
        assert answer["Messages"][0]["MessageAttributes"]["attr2"].pop("BinaryValue") == b"\x02\x03\x04"
        ignore = ("BinaryValue",)  # recorded as the text of a Python value
    case.check("messages", answer, ignore)


def test_subscribe_sqs_queue(sns, sqs, topic, listener, subscribe):
    case = recorded(f"{TO_SQS}test_subscribe_sqs_queue")
    arn = subscribe(topic, listener, FilterPolicy=json.dumps({"attr1": [{"numeric": [">", 0, "<=", 100]}]}))
    case.check("subscription-attributes", sns.get_subscription_attributes(SubscriptionArn=arn), BY_A_USER)
    sns.publish(TopicArn=topic, Message="This is a test message", MessageAttributes={"attr1": number("99.12")})
    answer = sqs.receive_message(QueueUrl=listener.url, MessageAttributeNames=["All"])
    case.check("messages", answer)


# --- FIFO ---


@pytest.mark.parametrize("content_based", ["True", "False"])
def test_fifo_topic_to_regular_sqs(sns, sqs, listener, subscribe, content_based):
    case = recorded(f"{TO_FIFO}test_fifo_topic_to_regular_sqs[{content_based}]")
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": content_based.lower()}
    topic = sns.create_topic(Name="regular.fifo", Attributes=attributes)["TopicArn"]
    subscribe(topic, listener)
    message = {"TopicArn": topic, "Message": "Test", "MessageGroupId": "message-group-id-1"}
    if content_based == "False":
        message["MessageDeduplicationId"] = "dedup-id"
    sns.publish(**message)
    receive = {"QueueUrl": listener.url, "AttributeNames": ["All"]}
    case.check("messages", sqs.receive_message(**receive))
    sns.publish(**message)
    case.check("dedup-messages", sqs.receive_message(**receive))


@pytest.mark.parametrize("raw", ["True", "False"])
def test_publish_fifo_messages_to_dlq(sns, sqs, make_queue, subscribe, raw):
    case = recorded(f"{TO_FIFO}test_publish_fifo_messages_to_dlq[{raw}]")
    topic = sns.create_topic(Name="dead.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    case.check("topic-attrs", sns.get_topic_attributes(TopicArn=topic))
    gone, dead = make_queue("gone.fifo"), make_queue("dead.fifo")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn})
    subscribe(topic, gone, RawMessageDelivery=raw.lower(), RedrivePolicy=redrive)
    sqs.delete_queue(QueueUrl=gone.url)
    answer = sns.publish(
        TopicArn=topic, Message="test-message", MessageGroupId="message-group-id-1",
        MessageDeduplicationId="message-deduplication-id-1",
    )  # fmt: skip
    case.check("publish-response-fifo", answer)
    receive = {
        "QueueUrl": dead.url, "AttributeNames": ["All"], "MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10,
    }  # fmt: skip
    case.check("messages-in-dlq", received(sqs, **receive))
    common = {"MessageGroupId": "complexMessageGroupId", "Subject": "Subject"}
    entries = [
        {"Id": "1", "Message": "Test Message with two attributes", "MessageDeduplicationId": "MessageDeduplicationId-1",
         "MessageAttributes": {"attr1": number("99.12"), "attr2": number("109.12")}, **common},
        {"Id": "2", "Message": "Test Message with one attribute", "MessageDeduplicationId": "MessageDeduplicationId-2",
         "MessageAttributes": {"attr1": number("19.12")}, **common},
        {"Id": "3", "Message": "Test Message without attribute", "MessageDeduplicationId": "MessageDeduplicationId-3",
         **common},
    ]  # fmt: skip
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    case.check("publish-batch-response-fifo", answer)
    case.check("batch-messages-in-dlq", received(sqs, **receive))


def test_publish_to_fifo_topic_deduplication_on_topic_level(sns, sqs, fifo_topic, make_queue, subscribe):
    case = recorded(f"{TO_FIFO}test_publish_to_fifo_topic_deduplication_on_topic_level")
    queue = make_queue("level.fifo")
    subscribe(fifo_topic, queue)
    receive = {"QueueUrl": queue.url, "AttributeNames": ["All"]}
    for step in ("messages", "dedup-messages"):
        sns.publish(TopicArn=fifo_topic, Message="Test", MessageGroupId="message-group-id-1")
        case.check(step, sqs.receive_message(**receive))


@pytest.mark.parametrize("raw", ["True", "False"])
def test_publish_to_fifo_topic_to_sqs_queue_no_content_dedup(sns, sqs, fifo_topic, make_queue, subscribe, raw):
    case = recorded(f"{TO_FIFO}test_publish_to_fifo_topic_to_sqs_queue_no_content_dedup[{raw}]")
    queue = make_queue("none.fifo")
    subscribe(fifo_topic, queue, RawMessageDelivery=raw.lower())
    sns.publish(TopicArn=fifo_topic, Message="Test single", MessageGroupId="message-group-id-1")
    entry = {"Id": "1", "Message": "Test batched", "MessageGroupId": "message-group-id-1"}
    sns.publish_batch(TopicArn=fifo_topic, PublishBatchRequestEntries=[entry])
    case.check("messages", received(sqs, QueueUrl=queue.url, AttributeNames=["All"], MaxNumberOfMessages=10))


def test_validations_for_fifo(sns, topic, make_queue, subscribe):
    case = recorded(f"{TO_FIFO}test_validations_for_fifo")
    plain = sns.create_topic(Name="checked.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    fifo, standard = make_queue("checked.fifo"), make_queue("standard")

    def refused(step, function, *arguments, **keywords):
        with pytest.raises(ClientError) as error:
            function(*arguments, **keywords)
        case.check(step, error.value)

    refused("not-fifo-topic", subscribe, topic, fifo)
    arn = subscribe(plain, standard)
    case.check("not-fifo-queue", sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"], BY_A_USER)
    arn = subscribe(plain, fifo)
    redrive = json.dumps({"deadLetterTargetArn": standard.arn})
    refused(
        "regular-queue-for-dlq-of-fifo-topic", sns.set_subscription_attributes, SubscriptionArn=arn,
        AttributeName="RedrivePolicy", AttributeValue=redrive,
    )  # fmt: skip
    refused("no-msg-group-id", sns.publish, TopicArn=plain, Message="test")
    refused("no-dedup-policy", sns.publish, TopicArn=plain, Message="test", MessageGroupId="group")
    refused("no-msg-dedup-regular-topic", sns.publish, TopicArn=topic, Message="test", MessageDeduplicationId="dedup")
