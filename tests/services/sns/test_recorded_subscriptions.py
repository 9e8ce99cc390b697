"""Subscriptions, as recorded from AWS."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

CRUD = "sns::TestSNSSubscriptionCrud::"
CRUD_2 = "sns::TestSNSSubscriptionCrudV2::"
CHANGING = ("Connection", "Content-Length")
BY_A_USER = ("SubscriptionPrincipal",)  # in the recordings a user, here the account's root
POLICY = json.dumps({"attr1": [{"numeric": [">", 0, "<=", 100]}]})


def test_list_subscriptions_by_topic_pagination(sns, topic):
    for number in range(101):
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=f"+1555123{number:04d}")
    first = sns.list_subscriptions_by_topic(TopicArn=topic)
    assert len(first["Subscriptions"]) == 100
    second = sns.list_subscriptions_by_topic(TopicArn=topic, NextToken=first["NextToken"])
    recorded(f"{CRUD}test_list_subscriptions_by_topic_pagination").check("list-sub-per-topic-page-2", second)


def test_not_found_error_on_set_subscription_attributes(sns, topic, listener):
    case = recorded(f"{CRUD}test_not_found_error_on_set_subscription_attributes")
    answer = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=listener.arn)
    case.check("sub", answer)
    arn = answer["SubscriptionArn"]
    case.check("sub-attrs", sns.get_subscription_attributes(SubscriptionArn=arn), BY_A_USER)
    case.check("subscriptions-for-topic-before-unsub", sns.list_subscriptions_by_topic(TopicArn=topic))
    sns.unsubscribe(SubscriptionArn=arn)
    case.check("subscriptions-for-topic-after-unsub", sns.list_subscriptions_by_topic(TopicArn=topic))
    with pytest.raises(ClientError) as refused:
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true")
    case.check("sub-not-found", refused.value)


def test_subscribe_idempotency(sns, topic, listener):
    case = recorded(f"{CRUD}test_subscribe_idempotency")
    to = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": listener.arn}
    first = sns.subscribe(**to, Attributes={"RawMessageDelivery": "true"})
    case.check("subscribe", first)
    case.check("get-sub-attrs", sns.get_subscription_attributes(SubscriptionArn=first["SubscriptionArn"]), BY_A_USER)
    case.check("subscribe-exact-same-raw", sns.subscribe(**to, Attributes={"RawMessageDelivery": "true"}))
    case.check("subscribe-idempotent", sns.subscribe(**to, Attributes={"RawMessageDelivery": "true"}))
    case.check("subscribe-idempotent-no-attributes", sns.subscribe(**to))
    case.check("subscribe-idempotent-empty-attributes", sns.subscribe(**to, Attributes={}))
    case.check("subscribe-missing-attributes", sns.subscribe(**to, Attributes={}))
    with pytest.raises(ClientError) as refused:
        sns.subscribe(**to, Attributes={"RawMessageDelivery": "false"})
    case.check("subscribe-diff-attributes", refused.value)


def test_unsubscribe_from_non_existing_subscription(sns, topic):
    answer = sns.unsubscribe(SubscriptionArn=f"{topic}:00000000-0000-0000-0000-000000000000")
    case = recorded(f"{CRUD}test_unsubscribe_from_non_existing_subscription")
    case.check("empty-unsubscribe", answer)


def test_unsubscribe_idempotency(sns, topic, listener, subscribe):
    case = recorded(f"{CRUD}test_unsubscribe_idempotency")
    arn = subscribe(topic, listener)
    case.check("unsubscribe-1", sns.unsubscribe(SubscriptionArn=arn))
    case.check("unsubscribe-2", sns.unsubscribe(SubscriptionArn=arn))


def test_creating_subscription(sns, topic, endpoint):
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    recorded(f"{CRUD_2}test_creating_subscription").check("create-subscription", answer)


@pytest.mark.parametrize(
    ("case", "step"),
    [
        ("test_creating_subscription_with_attributes", "subscription-with-attributes"),
        ("test_subscribe_attributes", "get-subscription-attributes"),
    ],
)
def test_subscription_attributes(sns, topic, listener, subscribe, case, step):
    attributes = {"RawMessageDelivery": "true"} if case.endswith("with_attributes") else {}
    arn = subscribe(topic, listener, **attributes)
    recorded(CRUD_2 + case).check(step, sns.get_subscription_attributes(SubscriptionArn=arn), BY_A_USER)


def test_double_subscription(sns, listener):
    case = recorded(f"{CRUD_2}test_double_subscription")
    topic = sns.create_topic(Name="double-sub-befdfdff")["TopicArn"]
    for step in ("first", "second"):
        answer = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=listener.arn)
        case.check(f"double-subscription-{step}", answer)


def test_getting_subscriptions_by_topic(sns, topic, listener, subscribe):
    subscribe(topic, listener)
    answer = sns.list_subscriptions_by_topic(TopicArn=topic)
    recorded(f"{CRUD_2}test_getting_subscriptions_by_topic").check("list-subscriptions-by-topic", answer)


def test_set_subscription_attributes(sns, topic, listener, subscribe):
    arn = subscribe(topic, listener)
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true")
    answer = sns.get_subscription_attributes(SubscriptionArn=arn)
    recorded(f"{CRUD_2}test_set_subscription_attributes").check("set-subscription-attributes", answer, BY_A_USER)


def test_subscribe_invalid_filter_policy(subscribe, topic, listener):
    with pytest.raises(ClientError) as refused:
        subscribe(topic, listener, FilterPolicy="invalid")
    case = recorded(f"{CRUD_2}test_subscribe_invalid_filter_policy")
    case.check("subscribe-invalid-filter-policy", refused.value)


@pytest.mark.parametrize("number", ["+15--551234567", "NAA+15551234567", "+15551234567.", "/+15551234567"])
def test_subscribe_invalid_sms(sns, topic, number):
    with pytest.raises(ClientError) as refused:
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=number)
    recorded(f"{CRUD_2}test_subscribe_invalid_sms").check(f"subscribe-bad-sms-{number}", refused.value)


def test_subscribe_sms(sns, topic):
    answer = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15551234567")
    recorded(f"{CRUD_2}test_subscribe_sms").check("subscribe-sms-1", answer)


def test_list_opted_out(sns):
    recorded(f"{CRUD_2}test_list_opted_out").check("list-opted-out", sns.list_phone_numbers_opted_out())


def test_opt_in_phone_number(sns):
    answer = sns.opt_in_phone_number(phoneNumber="+15551234567")
    recorded("sns::TestSNSSMS::test_opt_in_phone_number").check("opt-in-phone-number", answer)


def test_get_sms_attributes_from_unmodified_region(sns):
    case = recorded("sns::TestSNSSMS::test_get_sms_attributes_from_unmodified_region")
    case.check("get-sms-attributes_unmodified_region", sns.get_sms_attributes())


@pytest.mark.parametrize("raw", ["true", "false"])
def test_subscribe_external_http_endpoint_content_type(sns, topic, endpoint, subscribe, raw):
    """Confirmation, delivery policies and what the endpoint is sent."""
    case = recorded(f"sns::TestSNSSubscriptionHttp::test_subscribe_external_http_endpoint_content_type[{raw.title()}]")
    if raw == "true":
        policy = {"requestPolicy": {"headerContentType": "text/csv"}}
    else:
        retries = {
            "minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 0, "numNoDelayRetries": 0,
            "numMinDelayRetries": 0, "numMaxDelayRetries": 0, "backoffFunction": "linear",
        }  # fmt: skip
        policy = {"healthyRetryPolicy": retries, "throttlePolicy": {"maxReceivesPerSecond": 1000}}
        of_topic = {"http": {"defaultRequestPolicy": {"headerContentType": "application/json"}}}
        sns.set_topic_attributes(TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(of_topic))
    case.check("topic-attrs", sns.get_topic_attributes(TopicArn=topic))
    arn = subscribe(topic, endpoint.url, "http", RawMessageDelivery=raw, DeliveryPolicy=json.dumps(policy))
    headers, body = endpoint.next()
    case.check("subscription-confirmation", body)
    case.check("http-confirm-sub-headers", headers, CHANGING)
    case.check("sub-attrs", sns.get_subscription_attributes(SubscriptionArn=arn), BY_A_USER)
    sns.confirm_subscription(TopicArn=topic, Token=body["Token"])
    sns.publish(TopicArn=topic, Message="test_external_http_endpoint")
    headers, body = endpoint.next()
    if raw == "true":
        assert body == "test_external_http_endpoint"
        case.check("http-message-headers-raw", headers, CHANGING)
    else:
        case.check("http-message", body)
        case.check("http-message-headers", headers, CHANGING)


# --- filter policies ---


@pytest.mark.parametrize(
    ("step", "policy"),
    [
        ("error-complexity-in-one-condition", {"key": list(map(str, range(151)))}),
        ("error-complexity-in-two-conditions", {"a": list(map(str, range(50))), "b": ["1", "2", "3", "4"]}),
        ("error-complexity-too-many-fields", {str(number): ["a"] for number in range(6)}),
    ],
)
def test_policy_complexity(topic, listener, subscribe, step, policy):
    with pytest.raises(ClientError) as refused:
        subscribe(topic, listener, FilterPolicy=json.dumps(policy))
    case = recorded("sns_filter_policy::TestSNSFilterPolicyConditions::test_policy_complexity", "sns")
    case.check(step, refused.value)


@pytest.mark.parametrize(
    ("case", "step", "policy"),
    [
        ("test_validate_policy", "error-condition-list", '{"key":[["value"]]}'),
        ("test_validate_policy", "error-condition-operator", '{"key":[{"wrong-operator":true}]}'),
        ("test_validate_policy", "error-condition-two-operators", '{"key":[{"suffix":"value","prefix":"value2"}]}'),
        (
            "test_validate_policy_nested_anything_but_operator",
            "error-condition-wrong-operator",
            '{"key":[{"anything-but":{"wrong-operator":null}}]}',
        ),
        (
            "test_validate_policy_nested_anything_but_operator",
            "error-condition-anything-but-suffix",
            '{"key":[{"anything-but":{"suffix":"test"}}]}',
        ),
        (
            "test_validate_policy_nested_anything_but_operator",
            "error-condition-anything-but-exists",
            '{"key":[{"anything-but":{"exists":false}}]}',
        ),
        (
            "test_validate_policy_nested_anything_but_operator",
            "error-condition-anything-but-prefix-wrong-type",
            '{"key":[{"anything-but":{"prefix":false}}]}',
        ),
    ],
)
def test_validate_policy(topic, listener, subscribe, case, step, policy):
    with pytest.raises(ClientError) as refused:
        subscribe(topic, listener, FilterPolicy=policy)
    case = recorded(f"sns_filter_policy::TestSNSFilterPolicyConditions::{case}", "sns")
    case.check(step, refused.value, ignore=("_normalized",))


def test_filter_policy_for_batch(sns, sqs, topic, make_queue, subscribe):
    case = recorded("sns_filter_policy::TestSNSFilterPolicyBody::test_filter_policy_for_batch", "sns")
    filtered, every = make_queue("filtered"), make_queue("every")
    arns = subscribe(topic, filtered, FilterPolicy=POLICY), subscribe(topic, every)
    case.check(
        "subscription-attributes-with-filter", sns.get_subscription_attributes(SubscriptionArn=arns[0]), BY_A_USER
    )
    case.check("subscription-attributes-no-filter", sns.get_subscription_attributes(SubscriptionArn=arns[1]), BY_A_USER)

    def receive(listener):
        return sqs.receive_message(QueueUrl=listener.url, VisibilityTimeout=0)

    def publish(id, message, number):
        entry = {"Id": id, "Message": message, "MessageAttributes": {
            "attr1": {"DataType": "Number", "StringValue": number}}}  # fmt: skip
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[entry])

    case.check("messages-with-filter-before-publish", receive(filtered))
    case.check("messages-no-filter-before-publish", receive(every))
    publish("1", "This is a test message", "99")
    case.check("messages-no-filter-after-publish-ok", receive(every))
    case.check("messages-with-filter-after-publish-ok", receive(filtered))
    filtered.sqs.purge_queue(QueueUrl=filtered.url)
    every.sqs.purge_queue(QueueUrl=every.url)
    publish("2", "This is another test message", "111")
    case.check("messages-no-filter-after-publish-ok-1", receive(every))
    case.check("messages-with-filter-after-publish-filtered", receive(filtered))


def test_filter_policy_on_message_body_array_attributes(sns, sqs, topic, make_queue, subscribe):
    case = recorded(
        "sns_filter_policy::TestSNSFilterPolicyBody::test_filter_policy_on_message_body_array_attributes", "sns"
    )
    queues = [make_queue(f"queue{number}") for number in (0, 1)]
    for number, one in enumerate(queues, 1):
        subscribe(
            topic, one, FilterPolicyScope="MessageBody", RawMessageDelivery="true",
            FilterPolicy=json.dumps({"headers": {"route-to": [f"queue{number}"]}}),
        )  # fmt: skip
    for route in (["queue1", "queue2"], ["queue1"], ["queue2"], ["queue3"], []):
        sns.publish(TopicArn=topic, Message=json.dumps({"headers": {"route-to": route}}))
    for number, one in enumerate(queues):
        answer = sqs.receive_message(QueueUrl=one.url, MaxNumberOfMessages=10, AttributeNames=["All"])
        case.check(f"messages-queue-{number}", {"Messages": answer["Messages"]})


def test_filter_policy_on_message_body_dot_attribute(sns, sqs, topic, listener, subscribe):
    case = recorded(
        "sns_filter_policy::TestSNSFilterPolicyBody::test_filter_policy_on_message_body_dot_attribute", "sns"
    )
    arn = subscribe(
        topic, listener, FilterPolicyScope="MessageBody", FilterPolicy=json.dumps({"object.nested": ["string.value"]})
    )

    def receive():
        answer = sqs.receive_message(QueueUrl=listener.url)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=listener.url, ReceiptHandle=message["ReceiptHandle"])
        return answer

    case.check("recv-init", receive())
    value = "string.value"
    for number, message in enumerate(({"object": {"nested": value}}, {"object.nested": value})):
        sns.publish(TopicArn=topic, Message=json.dumps(message))
        case.check(f"recv-nested-msg-{number}", receive())
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps({"object.nested.test": [value]})
    )
    deep = (
        {"object": {"nested": {"test": value}}}, {"object.nested.test": value}, {"object.nested": {"test": value}},
        {"object": {"nested.test": value}},
    )  # fmt: skip
    for number, message in enumerate(deep):
        sns.publish(TopicArn=topic, Message=json.dumps(message))
        case.check(f"recv-deep-nested-msg-{number}", receive())
