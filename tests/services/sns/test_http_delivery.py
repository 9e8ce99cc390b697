"""Deliveries to an HTTP endpoint: retries by the policy, dead letters, pace."""

from __future__ import annotations

import json

import pytest


def retry(**changes):
    policy = {"minDelayTarget": 10, "maxDelayTarget": 10, "numRetries": 2, **changes}
    return json.dumps({"healthyRetryPolicy": policy})


def test_failed_delivery_is_tried_again_by_the_policy(sns, topic, endpoint, http_subscription, clock, settle):
    clock.stop()
    http_subscription(DeliveryPolicy=retry())
    endpoint.statuses = [503, 429, 200]
    sns.publish(TopicArn=topic, Message="x")
    ids = set()
    for _ in range(3):
        headers, body = endpoint.next()
        ids.add(headers["X-Amz-Sns-Message-Id"])
        settle()
        assert endpoint.requests.empty()
        clock.advance(seconds=9)
        settle()
        assert endpoint.requests.empty()
        clock.advance(seconds=1.1)
    settle()
    assert endpoint.requests.empty()
    assert ids == {body["MessageId"]}


def test_immediate_retries_wait_for_nothing(sns, topic, endpoint, http_subscription):
    http_subscription(DeliveryPolicy=retry(numNoDelayRetries=2))
    endpoint.statuses = [500, 500]
    sns.publish(TopicArn=topic, Message="x")
    assert {endpoint.next()[1]["Message"] for _ in range(3)} == {"x"}


@pytest.mark.parametrize(("status", "retries"), [(500, 0), (404, 3), (301, 3)])
def test_what_cannot_be_delivered_is_a_dead_letter(
    sns, topic, endpoint, http_subscription, make_queue, settle, status, retries
):
    dead = make_queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn})
    policy = retry(numRetries=retries)
    http_subscription(RawMessageDelivery="true", RedrivePolicy=redrive, DeliveryPolicy=policy)
    endpoint.statuses = [status]
    attributes = {"b": {"DataType": "Binary", "BinaryValue": b"\1\2"}}
    sns.publish(TopicArn=topic, Message="x", MessageAttributes=attributes)
    endpoint.next()
    settle()
    (message,) = dead.receive()
    assert (message["Body"], message["MessageAttributes"]["b"]["BinaryValue"]) == ("x", b"\1\2")


def test_unreachable_endpoint_is_tried_again(sns, topic, endpoint, http_subscription, make_queue, clock, settle):
    dead = make_queue("dead")
    http_subscription(RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}), DeliveryPolicy=retry(numRetries=1))
    endpoint.close()
    sns.publish(TopicArn=topic, Message="x")
    settle()
    assert dead.bodies() == []
    clock.advance(seconds=11)
    settle()
    assert dead.messages() == ["x"]


def test_pace_is_limited(sns, topic, endpoint, http_subscription, clock, settle):
    clock.stop()
    http_subscription(DeliveryPolicy=json.dumps({"throttlePolicy": {"maxReceivesPerSecond": 1}}))
    for number in range(3):
        sns.publish(TopicArn=topic, Message=str(number))
    for _ in range(3):
        endpoint.next()
        settle()
        assert endpoint.requests.empty()
        clock.advance(seconds=1.1)


def test_topic_may_forbid_policies_of_subscriptions(sns, topic, endpoint, http_subscription):
    arn = http_subscription(DeliveryPolicy=retry())
    policy = {"http": {"disableSubscriptionOverrides": True, "defaultHealthyRetryPolicy": {"numRetries": 7}}}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy))
    shown = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert json.loads(shown["EffectiveDeliveryPolicy"])["healthyRetryPolicy"]["numRetries"] == 7
