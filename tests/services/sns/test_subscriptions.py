"""Operations on subscriptions, as boto3 sees them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from tests.services.sns.conftest import Listener


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("pigeon", "roof", "Invalid parameter: Amazon SNS does not support this protocol string: pigeon"),
        ("sqs", "queue", "Invalid parameter: SQS endpoint ARN"),
        ("lambda", "arn:aws:sqs:us-east-1:1:q", "Invalid parameter: Lambda endpoint ARN"),
        ("http", "https://example.com", "Invalid parameter: Endpoint must match the specified protocol"),
        ("email", "nobody", "Invalid parameter: Email address"),
        ("sqs", "", "Invalid parameter: Endpoint"),
    ],
)
def test_bad_endpoints_are_refused(sns, topic, refused, protocol, endpoint, message):
    answer = refused(sns.subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert answer == ("InvalidParameter", message)


def test_fifo_topics_only_have_queues(sns, fifo_topic, refused):
    answer = refused(sns.subscribe, TopicArn=fifo_topic, Protocol="sms", Endpoint="+15551234567")
    assert answer == ("InvalidParameter", "Invalid parameter: Invalid protocol type: sms")


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        ("FilterPolicyScope", "Here", "Invalid value [Here]. Please use either MessageBody or MessageAttributes"),
        ("RawMessageDelivery", "perhaps", "Invalid value [perhaps]. Must be true or false."),
        ("RedrivePolicy", "{", "failed to parse JSON."),
        ("RedrivePolicy", '{"maxReceiveCount": 1}', "invalid JSON. Attribute maxReceiveCount is unknown."),
        ("RedrivePolicy", '{"deadLetterTargetArn": "x"}', "deadLetterTargetArn is an invalid arn"),
    ],
)
def test_bad_attributes_are_refused_in_two_wordings(sns, topic, listener, subscribe, refused, attribute, value, reason):
    to = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": listener.arn}
    answer = refused(sns.subscribe, **to, Attributes={attribute: value})
    assert answer == ("InvalidParameter", f"Invalid parameter: Attributes Reason: {attribute}: {reason}")
    change = {"SubscriptionArn": subscribe(topic, listener), "AttributeName": attribute, "AttributeValue": value}
    answer = refused(sns.set_subscription_attributes, **change)
    assert answer == ("InvalidParameter", f"Invalid parameter: {attribute}: {reason}")


def test_unknown_attribute_is_refused(sns, topic, listener, subscribe, refused):
    change = {"SubscriptionArn": subscribe(topic, listener), "AttributeName": "Owner", "AttributeValue": "me"}
    assert refused(sns.set_subscription_attributes, **change) == (
        "InvalidParameter", "Invalid parameter: AttributeName",
    )  # fmt: skip


def test_lambda_has_no_raw_delivery(sns, topic, account, refused):
    arn = f"arn:aws:lambda:us-east-1:{account}:function:f"
    raw = {"RawMessageDelivery": "true"}
    assert refused(sns.subscribe, TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes=raw) == (
        "InvalidParameter", "Invalid parameter: Delivery protocol [lambda] does not support raw message delivery.",
    )  # fmt: skip


def test_principal_is_who_subscribed(sns, topic, listener, subscribe, account):
    shown = sns.get_subscription_attributes(SubscriptionArn=subscribe(topic, listener))["Attributes"]
    assert shown["SubscriptionPrincipal"] == f"arn:aws:iam::{account}:root"


def test_scope_changes_only_with_a_policy_that_fits(sns, topic, listener, subscribe, refused):
    arn = subscribe(topic, listener, FilterPolicyScope="MessageBody", FilterPolicy='{"a": {"b": ["c"]}}')
    change = {"SubscriptionArn": arn, "AttributeName": "FilterPolicyScope", "AttributeValue": "MessageAttributes"}
    assert "nested" in refused(sns.set_subscription_attributes, **change)[1]


# --- confirmation ---


def test_link_confirms(sns, topic, endpoint, subscribe):
    arn = subscribe(topic, endpoint.url, "http")
    (pending,) = sns.list_subscriptions()["Subscriptions"]
    assert pending["SubscriptionArn"] == "PendingConfirmation"
    _, body = endpoint.next()
    with urllib.request.urlopen(body["SubscribeURL"]) as answer:
        assert arn in answer.read().decode()
    shown = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (shown["PendingConfirmation"], shown["ConfirmationWasAuthenticated"]) == ("false", "false")


def test_pending_subscription_gets_nothing_but_its_token(sns, topic, endpoint, subscribe, settle):
    subscribe(topic, endpoint.url, "http")
    assert endpoint.next()[1]["Type"] == "SubscriptionConfirmation"
    sns.publish(TopicArn=topic, Message="x")
    settle()
    assert endpoint.requests.empty()


def test_wrong_token_is_refused(sns, topic, refused):
    answer = refused(sns.confirm_subscription, TopicArn=topic, Token="wrong")
    assert answer == ("InvalidParameter", "Invalid parameter: Token")


def test_unused_token_is_forgotten_after_two_days(sns, topic, endpoint, subscribe, clock, refused, settle):
    subscribe(topic, endpoint.url, "http")
    _, body = endpoint.next()
    settle()
    clock.advance(days=2, minutes=1)
    settle()
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert refused(sns.confirm_subscription, TopicArn=topic, Token=body["Token"])[0] == "InvalidParameter"


def test_ended_subscription_can_be_brought_back(sns, topic, endpoint, http_subscription, settle):
    arn = http_subscription()
    sns.publish(TopicArn=topic, Message="one")
    _, note = endpoint.next()
    urllib.request.urlopen(note["UnsubscribeURL"]).close()
    headers, body = endpoint.next()
    assert (headers["X-Amz-Sns-Message-Type"], body["Type"]) == ("UnsubscribeConfirmation",) * 2
    assert sns.list_subscriptions()["Subscriptions"] == []
    sns.confirm_subscription(TopicArn=topic, Token=body["Token"])
    sns.publish(TopicArn=topic, Message="two")
    headers, body = endpoint.next()
    assert (body["Message"], headers["X-Amz-Sns-Subscription-Arn"]) == ("two", arn)


def test_authenticated_unsubscribe(sns, topic, endpoint, subscribe):
    arn = subscribe(topic, endpoint.url, "http")
    _, body = endpoint.next()
    sns.confirm_subscription(TopicArn=topic, Token=body["Token"], AuthenticateOnUnsubscribe="true")
    sns.publish(TopicArn=topic, Message="one")
    _, note = endpoint.next()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(note["UnsubscribeURL"])
    assert refused.value.code == 403
    sns.unsubscribe(SubscriptionArn=arn)


def test_mail_is_confirmed_with_the_captured_token(sns, topic, captured):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="me@example.com")
    (asked,) = captured(protocol="email", target="me@example.com")
    sns.confirm_subscription(TopicArn=topic, Token=asked["token"])
    sns.publish(TopicArn=topic, Subject="Hello", Message="World")
    mail = captured(protocol="email")[-1]
    assert (mail["subject"], mail["message"]) == ("Hello", "World")


def test_queue_of_another_account_is_asked(aws, sns, topic, undercast, make_queue):
    other = "999999999999"
    queue: Listener = make_queue(f"of-{topic[-17:].split(':')[0]}", account=other)
    answer = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    assert answer["SubscriptionArn"] == "pending confirmation"
    (asked,) = map(json.loads, queue.bodies())
    sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
    sns.publish(TopicArn=topic, Message="across")
    assert queue.messages() == ["across"]
    queue.sqs.delete_queue(QueueUrl=queue.url)


def test_subscriptions_of_an_account_come_in_pages(sns, topic):
    second = sns.create_topic(Name="second")["TopicArn"]
    for number in range(60):
        for arn in (topic, second):
            sns.subscribe(TopicArn=arn, Protocol="sms", Endpoint=f"+1555123{number:04d}")
    first = sns.list_subscriptions()
    rest = sns.list_subscriptions(NextToken=first["NextToken"])
    assert (len(first["Subscriptions"]), len(rest["Subscriptions"])) == (100, 20)
    assert len({one["SubscriptionArn"] for one in first["Subscriptions"] + rest["Subscriptions"]}) == 120
