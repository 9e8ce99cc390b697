"""Topics, as recorded from AWS."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded


def test_create_topic_test_arn(sns):
    case = recorded("sns::TestSNSTopicCrud::test_create_topic_test_arn")
    created = sns.create_topic(Name="a-topic")
    case.check("create-topic", created)
    case.check("get-topic-attrs", sns.get_topic_attributes(TopicArn=created["TopicArn"]))
    case.check("delete-topic", sns.delete_topic(TopicArn=created["TopicArn"]))
    with pytest.raises(ClientError) as refused:
        sns.get_topic_attributes(TopicArn=created["TopicArn"])
    case.check("topic-not-exists", refused.value)


def test_create_duplicate_topic_check_idempotency(sns):
    case = recorded("sns::TestSNSTopicCrud::test_create_duplicate_topic_check_idempotency")
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    case.check("response-created", sns.create_topic(Name="same", Tags=tags))
    for index, given in enumerate((tags, [tags[0]], [])):
        case.check(f"response-same-arn-{index}", sns.create_topic(Name="same", Tags=given))


def test_create_duplicate_topic_with_more_tags(sns):
    sns.create_topic(Name="same")
    with pytest.raises(ClientError) as refused:
        sns.create_topic(Name="same", Tags=[{"Key": "a", "Value": "1"}])
    case = recorded("sns::TestSNSTopicCrud::test_create_duplicate_topic_with_more_tags")
    case.check("exception-duplicate", refused.value)


def test_create_topic_after_delete_with_new_tags(sns):
    case = recorded("sns::TestSNSTopicCrud::test_create_topic_after_delete_with_new_tags")
    first = sns.create_topic(Name="again", Tags=[{"Key": "a", "Value": "1"}])
    case.check("topic-0", first)
    sns.delete_topic(TopicArn=first["TopicArn"])
    case.check("topic-1", sns.create_topic(Name="again", Tags=[{"Key": "b", "Value": "2"}]))


def test_create_topic_in_multiple_regions(aws):
    case = recorded("sns::TestSNSTopicCrudV2::test_create_topic_in_multiple_regions")
    east, west = aws("sns", region_name="us-east-1"), aws("sns", region_name="us-west-2")
    in_east, in_west = (client.create_topic(Name="both")["TopicArn"] for client in (east, west))
    case.check("list-primary", east.list_topics())
    case.check("list-secondary", west.list_topics())
    case.check("topic-east", east.get_topic_attributes(TopicArn=in_east))
    # AWS's own recording has the topic's region under "region-primary" here too; it bound both to one text
    assert west.get_topic_attributes(TopicArn=in_west)["Attributes"]["TopicArn"] == in_west


def test_delete_non_existent_topic(sns, topic):
    answer = sns.delete_topic(TopicArn=f"{topic}-not")
    recorded("sns::TestSNSTopicCrudV2::test_delete_non_existent_topic").check("delete-non-existent-topic", answer)


def test_topic_get_attributes_with_fifo_false(sns):
    case = recorded("sns::TestSNSTopicCrudV2::test_topic_get_attributes_with_fifo_false")
    topic = sns.create_topic(Name="standard", Attributes={"FifoTopic": "false"})["TopicArn"]
    case.check("get-attrs-standard-topic", sns.get_topic_attributes(TopicArn=topic))
    with pytest.raises(ClientError) as refused:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="FifoTopic", AttributeValue="false")
    case.check("set-fifo-false-after-creation", refused.value)


def test_remove_permission_errors(sns, topic):
    with pytest.raises(ClientError) as refused:
        sns.remove_permission(TopicArn=f"{topic}-not", Label="test")
    recorded("sns::TestSNSTopicCrudV2::test_remove_permission_errors").check("topic-not-found", refused.value)


@pytest.mark.parametrize(
    ("case", "actions"),
    [("test_topic_add_permission", ["Publish"]), ("test_topic_add_multiple_permissions", ["Publish", "Subscribe"])],
)
def test_add_permission(sns, topic, account, case, actions):
    case = recorded(f"sns::TestSNSTopicCrudV2::{case}")
    answer = sns.add_permission(TopicArn=topic, Label="test", AWSAccountId=[account], ActionName=actions)
    case.check("add-permission-response", answer)
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    case.check("topic-policy-after-permission", json.loads(policy))
