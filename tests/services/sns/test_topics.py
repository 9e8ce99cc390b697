"""Operations on topics, as boto3 sees them."""

from __future__ import annotations

import json

import pytest

PROTECTION = {
    "Name": "policy", "Version": "2021-06-01",
    "Statement": [{"DataDirection": "Inbound", "Principal": ["*"], "DataIdentifier": ["x"], "Operation": {"Deny": {}}}],
}  # fmt: skip


@pytest.mark.parametrize("name", ["", "a b", "a" * 257, "name.fifo"])
def test_bad_names_are_refused(sns, refused, name):
    assert refused(sns.create_topic, Name=name) == ("InvalidParameter", "Invalid parameter: Topic Name")


@pytest.mark.parametrize("name", ["name", ".fifo", "a" * 252 + ".fifo"])
def test_fifo_names_end_with_fifo(sns, refused, name):
    code, message = refused(sns.create_topic, Name=name, Attributes={"FifoTopic": "true"})
    assert code == "InvalidParameter"
    assert message.startswith("Invalid parameter: Fifo Topic names must end with .fifo")


def test_topic_with_other_attributes_exists(sns, refused):
    sns.create_topic(Name="one", Attributes={"DisplayName": "One"})
    sns.create_topic(Name="one", Attributes={"DisplayName": "One"})
    assert refused(sns.create_topic, Name="one", Attributes={"DisplayName": "Two"}) == (
        "InvalidParameter", "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("Colour", "red"), ("FifoTopic", "true"), ("ContentBasedDeduplication", "true"), ("Owner", "me")],
)
def test_unknown_attributes_are_refused(sns, topic, refused, attribute, value):
    change = {"TopicArn": topic, "AttributeName": attribute, "AttributeValue": value}
    assert refused(sns.set_topic_attributes, **change) == ("InvalidParameter", "Invalid parameter: AttributeName")


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("SignatureVersion", "3"),
        ("DisplayName", "x" * 101),
        ("Policy", "no JSON"),
        ("Policy", "{}"),
        ("MaximumMessageSize", "1000"),
        ("TracingConfig", "Sometimes"),
        ("DeliveryPolicy", '{"http": {"defaultHealthyRetryPolicy": {"numRetries": 101}}}'),
    ],
)
def test_bad_values_are_refused(sns, topic, refused, attribute, value):
    change = {"TopicArn": topic, "AttributeName": attribute, "AttributeValue": value}
    assert refused(sns.set_topic_attributes, **change)[0] == "InvalidParameter"


@pytest.mark.parametrize(
    ("attribute", "value"), [("TracingConfig", "Active"), ("SQSSuccessFeedbackRoleArn", "arn:aws:iam::1:role/x")]
)
def test_settings_that_cannot_act_are_refused(sns, topic, refused, attribute, value):
    change = {"TopicArn": topic, "AttributeName": attribute, "AttributeValue": value}
    assert refused(sns.set_topic_attributes, **change)[0] == "NotImplemented"


def test_attribute_is_set_and_taken_back(sns, topic):
    for value in ("Name", ""):
        sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue=value)
        assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == value


def test_subscriptions_are_counted(sns, topic, subscribe, listener, endpoint):
    subscribe(topic, listener)
    subscribe(topic, endpoint.url, "http")
    shown = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (shown["SubscriptionsConfirmed"], shown["SubscriptionsPending"]) == ("1", "1")


def test_topics_come_in_pages(sns):
    names = [f"topic-{number:03d}" for number in range(101)]
    for name in names:
        sns.create_topic(Name=name)
    first = sns.list_topics()
    second = sns.list_topics(NextToken=first["NextToken"])
    assert (len(first["Topics"]), len(second["Topics"]), "NextToken" in second) == (100, 1, False)
    listed = [topic["TopicArn"].rpartition(":")[2] for topic in first["Topics"] + second["Topics"]]
    assert sorted(listed) == names


def test_bad_token_is_refused(sns, refused):
    assert refused(sns.list_topics, NextToken="?") == ("InvalidParameter", "Invalid parameter: NextToken")


def test_deleted_topic_takes_its_subscriptions(sns, topic, subscribe, listener):
    subscribe(topic, listener)
    sns.delete_topic(TopicArn=topic)
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_arn_must_be_one(sns, refused):
    assert refused(sns.get_topic_attributes, TopicArn="topic") == (
        "InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
    )  # fmt: skip


def test_topic_of_another_region_is_refused(aws, topic, refused):
    there = aws("sns", region_name="eu-west-1")
    assert refused(there.publish, TopicArn=topic, Message="x") == ("InvalidParameter", "Invalid parameter: TopicArn")


def test_tags(sns, topic, refused):
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "3"}])
    sns.untag_resource(ResourceArn=topic, TagKeys=["b", "c"])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "3"}]
    many = [{"Key": str(number), "Value": ""} for number in range(50)]
    assert refused(sns.tag_resource, ResourceArn=topic, Tags=many)[0] == "TagLimitExceeded"
    assert refused(sns.list_tags_for_resource, ResourceArn=f"{topic}-not") == (
        "ResourceNotFound", "Resource does not exist",
    )  # fmt: skip


def test_data_protection_policy(sns, topic, refused):
    assert "DataProtectionPolicy" not in sns.get_data_protection_policy(ResourceArn=topic)
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=json.dumps(PROTECTION))
    assert json.loads(sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"]) == PROTECTION
    answer = refused(sns.put_data_protection_policy, ResourceArn=topic, DataProtectionPolicy='{"Name": "x"}')
    assert answer == ("InvalidParameter", "Invalid parameter: DataProtectionPolicy")


def test_permissions_come_and_go(sns, topic, account, refused):
    grant = {"TopicArn": topic, "Label": "share", "AWSAccountId": [account], "ActionName": ["Publish"]}
    sns.add_permission(**grant)
    assert refused(sns.add_permission, **grant) == ("InvalidParameter", "Invalid parameter: Statement already exists")
    assert refused(sns.add_permission, **{**grant, "Label": "x", "ActionName": ["Fly"]})[0] == "InvalidParameter"
    sns.remove_permission(TopicArn=topic, Label="share")
    policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["__default_statement_ID"]
