"""Operations on metric filters and subscription filters, and what these deliver."""

from __future__ import annotations

import gzip
import json
import random
from base64 import b64decode
from types import ModuleType

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded
from undercast.kit.service import Service

METRIC = "logs_metric_filters::TestMetricFilters::"
INVALID = "logs_metric_filters::TestMetricFiltersValidation::"


def transformation(name="metric", namespace="namespace", value="1", **more):
    return {"metricName": name, "metricNamespace": namespace, "metricValue": value, **more}


def put_metric(logs, group, name="filter", pattern="pattern", **options):
    logs.put_metric_filter(
        logGroupName=group, filterName=name, filterPattern=pattern, metricTransformations=[transformation(**options)]
    )


def test_put_metric_filter_basic(logs, group):
    put_metric(logs, group, pattern=" ", defaultValue=0)
    recorded(METRIC + "test_put_metric_filter_basic", "logs").check(
        "describe-metric-filters", logs.describe_metric_filters(logGroupName=group, filterNamePrefix="filter")
    )
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 1
    logs.delete_metric_filter(logGroupName=group, filterName="filter")
    assert logs.describe_metric_filters(logGroupName=group)["metricFilters"] == []
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 0


def test_describe_metric_filters_by_log_group(logs, group):
    put_metric(logs, group)
    recorded(METRIC + "test_describe_metric_filters_by_log_group", "logs").check(
        "describe-by-log-group", logs.describe_metric_filters(logGroupName=group)
    )


def test_describe_metric_filters_by_metric_name(logs, group):
    put_metric(logs, group, "one")
    put_metric(logs, group, "two", namespace="elsewhere")
    recorded(METRIC + "test_describe_metric_filters_by_metric_name", "logs").check(
        "describe-by-metric-name", logs.describe_metric_filters(metricName="metric", metricNamespace="namespace")
    )


def test_describe_metric_filters_by_prefix(logs):
    for n in (0, 1):
        logs.create_log_group(logGroupName=f"g{n}")
        logs.put_metric_filter(
            logGroupName=f"g{n}", filterName=f"filter-{n}", filterPattern=f"filterPattern{n}",
            metricTransformations=[transformation(f"m{n}", f"n{n}", str(n))],
        )  # fmt: skip
    recorded(METRIC + "test_describe_metric_filters_by_prefix", "logs").check(
        "describe-by-prefix", logs.describe_metric_filters(filterNamePrefix="filter-")
    )


def test_delete_metric_filter_invalid_log_group_name(logs):
    with pytest.raises(ClientError) as refused:
        logs.delete_metric_filter(logGroupName="n" * 513, filterName="f")
    recorded(INVALID + "test_delete_metric_filter_invalid_log_group_name", "logs").check(
        "error-invalid-log-group-name", refused.value
    )


def test_put_metric_filter_too_many_transformations(logs, group):
    with pytest.raises(ClientError) as refused:
        logs.put_metric_filter(
            logGroupName=group, filterName="f", filterPattern="p",
            metricTransformations=[
                transformation("metric1", "namespace1"), transformation("metric2", "namespace2"),
            ],
        )  # fmt: skip
    recorded(INVALID + "test_put_metric_filter_too_many_transformations", "logs").check(
        "error-too-many-transformations", refused.value
    )


def test_metric_filter_refusals(logs, group):
    for pattern, options, text in (
        ("{ $.a = ", {}, "Invalid metric filter pattern|must end with"),
        ("ERROR", {"dimensions": {"d": "$.d"}}, "does not support dimensions"),
        ("{ $.d = * }", {"dimensions": {"d": "$.d"}, "defaultValue": 1.0}, "mutually exclusive"),
    ):
        with pytest.raises(ClientError, match=text):
            put_metric(logs, group, pattern=pattern, **options)
    with pytest.raises(ClientError, match="The specified metric filter does not exist"):
        logs.delete_metric_filter(logGroupName=group, filterName="none")


def test_filters_are_for_standard_groups(logs, function):
    arn, _ = function
    logs.create_log_group(logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    with pytest.raises(ClientError, match="InvalidOperationException"):
        put_metric(logs, "rare")
    with pytest.raises(ClientError, match="InvalidOperationException"):
        subscribe(logs, "rare", arn)


def test_metric_filter_is_tried_out(logs):
    answer = logs.test_metric_filter(
        filterPattern='{ $.level = "ERROR" }', logEventMessages=['{"level": "INFO"}', '{"level": "ERROR"}']
    )
    (match,) = answer["matches"]
    assert (match["eventNumber"], match["extractedValues"]) == (2, {"$.level": "ERROR"})


# --- subscriptions ---


@pytest.fixture
def function(undercast, account, region, monkeypatch):
    """A stand-in for Lambda: the ARN of a function and the events it was given."""
    got = []

    async def get_function_configuration(call, request):
        return {"FunctionName": "subscriber"}

    async def receive(call, arn, payload):
        got.append((arn, call.identity.service, json.loads(payload)))

    operations = ModuleType("operations")
    get_function_configuration.__module__ = "operations"
    operations.get_function_configuration = get_function_configuration
    fake = Service("lambda", operations=(operations,), receive=receive)
    undercast.run(undercast.platform.service("logs"))
    monkeypatch.setitem(undercast.platform._services, "lambda", fake)
    return f"arn:aws:lambda:{region}:{account}:function:subscriber", got


def subscribe(logs, group, arn, pattern="", name="test"):
    logs.put_subscription_filter(logGroupName=group, filterName=name, filterPattern=pattern, destinationArn=arn)


def decoded(payload):
    return json.loads(gzip.decompress(b64decode(payload["awslogs"]["data"])))


def test_subscriber_gets_what_matches(logs, group, stream, put, now, account, function, undercast):
    arn, got = function
    subscribe(logs, group, arn, "ERROR")
    put("INFO a", "ERROR b", "ERROR c")
    put("INFO d")
    undercast.run(undercast.platform.jobs.idle())
    ((where, principal, payload),) = got
    assert (where, principal) == (arn, "logs.amazonaws.com")
    message = decoded(payload)
    events = message.pop("logEvents")
    assert message == {
        "messageType": "DATA_MESSAGE", "owner": account, "logGroup": group, "logStream": stream,
        "subscriptionFilters": ["test"],
    }  # fmt: skip
    assert [(e["message"], e["timestamp"]) for e in events] == [("ERROR b", now + 1), ("ERROR c", now + 2)]
    assert events[0]["id"] == logs.filter_log_events(logGroupName=group, filterPattern="ERROR")["events"][0]["eventId"]


def test_subscriber_gets_extracted_fields(logs, group, stream, put, function, undercast):
    arn, got = function
    subscribe(logs, group, arn, "[level, text]")
    put("ERROR boom")
    undercast.run(undercast.platform.jobs.idle())
    assert decoded(got[0][2])["logEvents"][0]["extractedFields"] == {"level": "ERROR", "text": "boom"}


def test_subscriber_of_an_encrypted_group_gets_what_came_in(aws, logs, group, stream, put, function, undercast):
    arn, got = function
    subscribe(logs, group, arn)
    logs.associate_kms_key(logGroupName=group, kmsKeyId=aws("kms").create_key()["KeyMetadata"]["Arn"])
    put("secret")
    undercast.run(undercast.platform.jobs.idle())
    assert [event["message"] for event in decoded(got[0][2])["logEvents"]] == ["secret"]


def test_large_batches_are_split(logs, group, stream, put, function, undercast):
    arn, got = function
    subscribe(logs, group, arn)
    chance = random.Random(1)  # text that does not compress
    put(*[chance.randbytes(50_000).hex() for _ in range(8)])
    undercast.run(undercast.platform.jobs.idle())
    assert len(got) > 1
    assert sum(len(decoded(payload)["logEvents"]) for _, _, payload in got) == 8


def test_deleted_subscription_delivers_no_more(logs, group, stream, put, function, undercast):
    arn, got = function
    subscribe(logs, group, arn)
    logs.delete_subscription_filter(logGroupName=group, filterName="test")
    put("a")
    undercast.run(undercast.platform.jobs.idle())
    assert got == []
    with pytest.raises(ClientError, match="The specified subscription filter does not exist"):
        logs.delete_subscription_filter(logGroupName=group, filterName="test")


def test_put_subscription_filter_update(logs, group, function):
    arn, _ = function
    subscribe(logs, group, arn)
    subscribe(logs, group, arn, "[]")
    recorded(
        "logs_subscription_filters::TestSubscriptionFilterUpdates::test_put_subscription_filter_update", "logs"
    ).check("updated-filter", logs.describe_subscription_filters(logGroupName=group))


def test_two_subscriptions_at_most(logs, group, function):
    arn, _ = function
    subscribe(logs, group, arn, name="a")
    subscribe(logs, group, arn, name="b")
    with pytest.raises(ClientError, match="LimitExceededException"):
        subscribe(logs, group, arn, name="c")
    assert len(logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"]) == 2


def test_other_destinations_are_refused(logs, group):
    with pytest.raises(ClientError, match="NotImplemented"):
        subscribe(logs, group, "arn:aws:es:us-east-1:000000000000:domain/d")
