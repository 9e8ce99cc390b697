"""Operations on log groups, streams, tags and policies, as boto3 sees them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded


def names(answer):
    return [group["logGroupName"] for group in answer["logGroups"]]


def test_group_is_created_once(logs, group):
    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        logs.create_log_group(logGroupName=group)
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(ClientError, match="The specified log group does not exist"):
        logs.delete_log_group(logGroupName=group)


def test_new_group_of_the_same_name_is_empty(logs, group, stream, put):
    put("a")
    logs.delete_log_group(logGroupName=group)
    logs.create_log_group(logGroupName=group)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []
    assert logs.filter_log_events(logGroupName=group)["events"] == []


def test_new_stream_of_the_same_name_is_empty(logs, group, stream, put, undercast):
    put("a")
    logs.delete_log_stream(logGroupName=group, logStreamName=stream)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    undercast.run(undercast.platform.jobs.idle())
    assert logs.get_log_events(logGroupName=group, logStreamName=stream)["events"] == []


def test_protected_group_stays(logs):
    logs.create_log_group(logGroupName="kept", deletionProtectionEnabled=True)
    with pytest.raises(ClientError, match="deletion protection"):
        logs.delete_log_group(logGroupName="kept")
    logs.put_log_group_deletion_protection(logGroupIdentifier="kept", deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName="kept")


def test_invalid_name_length(logs):
    with pytest.raises(ClientError) as refused:
        logs.create_log_group(logGroupName="n" * 513)
    recorded("logs_groups::TestLogsGroups::test_create_log_group_invalid_name_length", "logs").check(
        "error-invalid-name-length", refused.value
    )


def test_prefix_and_pattern(logs):
    with pytest.raises(ClientError) as refused:
        logs.describe_log_groups(logGroupNamePrefix="a", logGroupNamePattern="b")
    recorded("logs_groups::TestLogsGroups::test_describe_log_groups_prefix_and_pattern_error", "logs").check(
        "error-prefix-and-pattern", refused.value
    )


def test_describe_with_prefix(logs):
    for n in (1, 2, 3):
        logs.create_log_group(logGroupName=f"test-{n}")
    logs.create_log_group(logGroupName="other")
    recorded("logs_groups::TestLogsGroups::test_describe_log_groups_with_prefix", "logs").check(
        "describe-log-groups-prefix", logs.describe_log_groups(logGroupNamePrefix="test-")
    )


def test_describe_with_pattern(logs):
    logs.create_log_group(logGroupName="a-needle-b")
    logs.create_log_group(logGroupName="a-Needle-b")
    logs.create_log_group(logGroupName="other")
    logs.create_log_group(logGroupName="z-needle")
    recorded("logs_groups::TestLogsGroups::test_describe_log_groups_with_pattern", "logs").check(
        "describe-log-groups-pattern", logs.describe_log_groups(logGroupNamePattern="needle", limit=1)
    )


def test_list_with_pattern(logs):
    case = recorded("logs_groups::TestLogsGroups::test_list_log_groups_with_pattern", "logs")
    logs.create_log_group(logGroupName="a-needle-b")
    case.check("list-log-groups-match", logs.describe_log_groups(logGroupNamePattern="needle")["logGroups"])
    case.check("list-log-groups-no-match", logs.describe_log_groups(logGroupNamePattern="straw"))


def test_list_log_groups_takes_prefixes_and_substrings(logs):
    for name in ("/aws/lambda/one", "/aws/sns/two", "app/aws/lambda", "discovery"):
        logs.create_log_group(logGroupName=name)
    assert names(logs.list_log_groups(logGroupNamePattern="^/aws/lambda|discovery")) == ["/aws/lambda/one", "discovery"]
    first = logs.list_log_groups(limit=3)
    assert names(first) + names(logs.list_log_groups(nextToken=first["nextToken"])) == [
        "/aws/lambda/one", "/aws/sns/two", "app/aws/lambda", "discovery",
    ]  # fmt: skip


def test_groups_in_pages(logs):
    expected = [f"group-{n:02}" for n in range(7)]
    for name in expected:
        logs.create_log_group(logGroupName=name)
    pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 3})
    assert [group["logGroupName"] for page in pages for group in page["logGroups"]] == expected


def test_retention_is_one_of_aws(logs, group):
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.put_retention_policy(logGroupName=group, retentionInDays=2)
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]


def test_streams_by_name_and_by_latest_event(logs, group, put, now):
    for number, name in enumerate(("a", "b", "c")):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
        put("x", stream=name, at=now - number)

    def listed(**options):
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 2}, **options
        )
        return "".join(stream["logStreamName"] for page in pages for stream in page["logStreams"])

    assert listed() == "abc"
    assert listed(descending=True) == "cba"
    assert listed(orderBy="LastEventTime") == "cba"
    assert listed(orderBy="LastEventTime", descending=True) == "abc"
    assert listed(logStreamNamePrefix="b") == "b"
    with pytest.raises(ClientError, match="Cannot order by LastEventTime with a logStreamNamePrefix"):
        listed(orderBy="LastEventTime", logStreamNamePrefix="b")
    (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="a")["logStreams"]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (now, now)


def test_tag_resource_api(logs, account, region):
    case = recorded("logs_groups::TestLogsGroupsTags::test_tag_resource_api", "logs")
    name = "tagged"
    arn = f"arn:aws:logs:{region}:{account}:log-group:{name}"
    logs.create_log_group(logGroupName=name, tags={"env": "testing1"})
    case.check("list-tags-after-create", logs.list_tags_for_resource(resourceArn=arn))
    logs.tag_resource(resourceArn=arn, tags={"test1": "val1", "test2": "val2"})
    case.check("list-tags-log-group-after-tag-resource", logs.list_tags_log_group(logGroupName=name))
    case.check("list-tags-for-resource-after-tag-resource", logs.list_tags_for_resource(resourceArn=arn))
    logs.tag_log_group(logGroupName=name, tags={"test3": "val3"})
    case.check("list-tags-log-group-after-tag-log-group", logs.list_tags_log_group(logGroupName=name))
    case.check("list-tags-for-resource-after-tag-log-group", logs.list_tags_for_resource(resourceArn=arn))
    logs.untag_log_group(logGroupName=name, tags=["test1", "env"])
    logs.untag_resource(resourceArn=arn, tagKeys=["test3"])
    case.check("list-tags-log-group-after-untag", logs.list_tags_log_group(logGroupName=name))
    case.check("list-tags-for-resource-after-untag", logs.list_tags_for_resource(resourceArn=arn))


def test_untag_log_group(logs):
    logs.create_log_group(logGroupName="tagged", tags={"tag_key_1": "tag_value_1", "tag_key_2": "tag_value_2"})
    logs.untag_log_group(logGroupName="tagged", tags=["tag_key_1"])
    recorded("logs_groups::TestLogsGroupsTags::test_untag_log_group", "logs").check(
        "list-tags-after-untag", logs.list_tags_log_group(logGroupName="tagged")
    )


def policy(resource, principal="route53.amazonaws.com"):
    statement = {
        "Sid": "Route53LogsToCloudWatchLogs", "Effect": "Allow", "Principal": {"Service": principal},
        "Action": "logs:PutLogEvents", "Resource": resource,
    }  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def parsed(answer):
    """With the document parsed and the time named, as the recording has them."""
    return {
        **answer,
        "policyDocument": json.loads(answer["policyDocument"]),
        "lastUpdatedTime": "last-updated-time" if answer["lastUpdatedTime"] else None,
    }


def test_put_resource_policy(logs, group, account, region):
    arn = f"arn:aws:logs:{region}:{account}:log-group:{group}:*"
    answer = logs.put_resource_policy(policyName="p", policyDocument=policy(arn, ["route53.amazonaws.com"]))
    answer["resourcePolicy"] = parsed(answer["resourcePolicy"])
    recorded("logs_resource_policies::TestResourcePolicies::test_put_resource_policy", "logs").check(
        "put-resource-policy", answer
    )


def test_describe_resource_policies(logs):
    for name in ("p1", "p2", "p3"):
        logs.put_resource_policy(policyName=name, policyDocument=policy("log_arn"))
    answer = logs.describe_resource_policies()
    answer["resourcePolicies"] = [parsed(each) for each in answer["resourcePolicies"]]
    case = recorded("logs_resource_policies::TestResourcePolicies::test_describe_resource_policies", "logs")
    case.check("describe-resource-policies", answer)
    case.check("policies", answer["resourcePolicies"])


def test_put_resource_policy_update(logs):
    logs.put_resource_policy(policyName="p", policyDocument=policy("*"))
    statement = {
        "Effect": "Allow", "Principal": {"Service": "route53.amazonaws.com"}, "Action": "logs:*", "Resource": "*",
    }  # fmt: skip
    document = json.dumps({"Version": "2008-10-17", "Statement": [statement]})
    logs.put_resource_policy(policyName="p", policyDocument=document)
    (updated,) = logs.describe_resource_policies()["resourcePolicies"]
    recorded("logs_resource_policies::TestResourcePolicies::test_put_resource_policy_update", "logs").check(
        "updated-policy", parsed(updated)
    )
    logs.delete_resource_policy(policyName="p")
    with pytest.raises(ClientError, match=r"Policy with name \[p\] does not exist"):
        logs.delete_resource_policy(policyName="p")


def test_what_is_not_here_says_so(logs, group):
    with pytest.raises(ClientError, match="NotImplemented"):
        logs.create_log_group(logGroupName="d", logGroupClass="DELIVERY")
    with pytest.raises(ClientError, match="NotImplemented"):
        logs.put_destination(destinationName="d", targetArn="arn:aws:kinesis:us-east-1:1:stream/s", roleArn="r")


def test_other_accounts_cannot_be_asked(logs, group):
    for wanted in ({"includeLinkedAccounts": True}, {"accountIdentifiers": ["111122223333"]}):
        for method in (logs.describe_log_groups, logs.list_log_groups):
            with pytest.raises(ClientError, match=next(iter(wanted))) as refused:
                method(**wanted)
            assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert len(logs.describe_log_groups(includeLinkedAccounts=False)["logGroups"]) == 1
