"""The SQL of CloudWatch Logs on PostgreSQL."""

from __future__ import annotations


def test_on_postgres(on_postgres, aws):
    logs = aws("logs", endpoint_url=on_postgres.url)
    now = on_postgres.platform.clock.now()
    logs.create_log_group(logGroupName="g")
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName="g", logStreamName=stream)
        logs.put_log_events(
            logGroupName="g", logStreamName=stream,
            logEvents=[{"timestamp": now + n, "message": f"{stream}{n}"} for n in range(3)],
        )  # fmt: skip
    first = logs.filter_log_events(logGroupName="g", logStreamNamePrefix="a", limit=2)
    assert [event["message"] for event in first["events"]] == ["a0", "a1"]
    events = logs.get_log_events(logGroupName="g", logStreamName="b", limit=2)["events"]
    assert [event["message"] for event in events] == ["b1", "b2"]
    for options in ({"orderBy": "LastEventTime", "limit": 1}, {"descending": True, "limit": 1}):
        first = logs.describe_log_streams(logGroupName="g", **options)
        logs.describe_log_streams(logGroupName="g", **options, nextToken=first["nextToken"])
    logs.put_metric_filter(
        logGroupName="g", filterName="f", filterPattern="",
        metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
    )  # fmt: skip
    assert len(logs.describe_metric_filters(filterNamePrefix="f")["metricFilters"]) == 1
    logs.put_retention_policy(logGroupName="g", retentionInDays=1)
    on_postgres.run(on_postgres.platform.jobs.idle())
    (group,) = logs.describe_log_groups(logGroupNamePattern="g")["logGroups"]
    assert group["retentionInDays"] == 1
    assert logs.describe_log_groups(logGroupNamePrefix="g")["logGroups"][0]["storedBytes"] == 6 * 28
    logs.delete_log_group(logGroupName="g")
    on_postgres.run(on_postgres.platform.jobs.idle())
    assert logs.list_log_groups(logGroupNamePattern="^ggg")["logGroups"] == []
