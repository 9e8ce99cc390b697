"""Operations on log events, as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

DAY_MS = 86_400_000


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_written_events_are_read_back(logs, group, stream, put, now):
    assert "rejectedLogEventsInfo" not in put("a", "b")
    answer = logs.get_log_events(logGroupName=group, logStreamName=stream)
    assert messages(answer) == ["a", "b"]
    assert answer["events"][0]["timestamp"] == now
    assert answer["events"][0]["ingestionTime"] >= now


def test_events_come_in_order_of_their_time_not_of_their_arrival(logs, group, stream, put, now):
    put("late", at=now)
    put("early", at=now - 1000)
    assert messages(logs.get_log_events(logGroupName=group, logStreamName=stream)) == ["early", "late"]


def test_forward_token_reaches_the_end_and_stays(logs, group, stream, put):
    put(*"abcde")
    where = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
    seen, token = [], None
    for _ in range(4):
        answer = logs.get_log_events(**where, limit=2, **({"nextToken": token} if token else {}))
        seen.append("".join(messages(answer)))
        before, token = token, answer["nextForwardToken"]
    assert seen == ["ab", "cd", "e", ""]
    assert token == before
    put("f", at=answer["ResponseMetadata"] and logs.get_log_events(**where)["events"][-1]["timestamp"] + 1)
    assert messages(logs.get_log_events(**where, nextToken=token)) == ["f"]


def test_backward_token_reaches_the_head_and_turns(logs, group, stream, put):
    put(*"abcde")
    where = {"logGroupName": group, "logStreamName": stream, "limit": 2}
    answer = logs.get_log_events(**where)
    assert messages(answer) == ["d", "e"]
    answer = logs.get_log_events(**where, nextToken=answer["nextBackwardToken"])
    assert messages(answer) == ["b", "c"]
    forward = logs.get_log_events(**where, nextToken=answer["nextForwardToken"])
    assert messages(forward) == ["d", "e"]
    answer = logs.get_log_events(**where, nextToken=answer["nextBackwardToken"])
    assert messages(answer) == ["a"]
    answer = logs.get_log_events(**where, nextToken=answer["nextBackwardToken"])
    assert messages(answer) == []
    assert messages(logs.get_log_events(**where, nextToken=answer["nextForwardToken"])) == ["a", "b"]


def test_time_range_excludes_its_end(logs, group, stream, put, now):
    put(*"abc")
    answer = logs.get_log_events(logGroupName=group, logStreamName=stream, startTime=now + 1, endTime=now + 2)
    assert messages(answer) == ["b"]
    answer = logs.filter_log_events(logGroupName=group, startTime=now + 1, endTime=now + 2)
    assert messages(answer) == ["b", "c"]


def test_no_time_is_too_late(logs, group, stream, put):
    put("a")
    assert messages(logs.filter_log_events(logGroupName=group, endTime=2**63 - 1)) == ["a"]
    assert messages(logs.get_log_events(logGroupName=group, logStreamName=stream, endTime=2**63 - 1)) == ["a"]
    assert messages(logs.filter_log_events(logGroupName=group, startTime=2**63 - 1)) == []


def test_strange_token_is_refused(logs, group, stream):
    for token in ("f/12/s", "x", "f/" + "1" * 56):
        with pytest.raises(ClientError, match="InvalidParameterException"):
            logs.get_log_events(logGroupName=group, logStreamName=stream, nextToken=token)


def test_events_outside_the_window_are_rejected(logs, group, stream, put, now):
    assert put("old", at=now - 15 * DAY_MS)["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert put("new", at=now + 3 * 3_600_000)["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 0}
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert put("gone", at=now - 2 * DAY_MS)["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert messages(logs.get_log_events(logGroupName=group, logStreamName=stream)) == []


def test_the_rest_of_a_batch_is_taken(logs, group, stream, put, now):
    two_hours = 2 * 3_600_000
    answer = logs.put_log_events(
        logGroupName=group, logStreamName=stream,
        logEvents=[{"timestamp": now, "message": "in"}, {"timestamp": now + two_hours + 60_000, "message": "out"}],
    )  # fmt: skip
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    assert messages(logs.get_log_events(logGroupName=group, logStreamName=stream)) == ["in"]


def test_any_sequence_token_is_taken(logs, group, stream, now):
    event = {"timestamp": now, "message": "a"}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event], sequenceToken="whatever")


@pytest.mark.parametrize("size, fits", [(1_048_550, True), (1_048_551, False)])
def test_batch_of_a_megabyte(put, stream, size, fits):
    if fits:
        put("x" * size)
    else:
        with pytest.raises(ClientError, match="too large"):
            put("x" * size)


def test_batch_cannot_span_more_than_a_day(logs, group, stream, now):
    batch = [{"timestamp": now - DAY_MS - 1, "message": "a"}, {"timestamp": now, "message": "b"}]
    with pytest.raises(ClientError, match="cannot span more than 24 hours"):
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)


def test_wrong_order(logs, group, stream, now):
    batch = [{"timestamp": now, "message": "b"}, {"timestamp": now - 1, "message": "a"}]
    with pytest.raises(ClientError) as refused:
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)
    recorded("logs_events::TestLogsEvents::test_put_log_events_wrong_order", "logs").check(
        "error-wrong-order", refused.value
    )


def test_invalid_stream(logs, group, now):
    with pytest.raises(ClientError) as refused:
        logs.put_log_events(logGroupName=group, logStreamName="none", logEvents=[{"timestamp": now, "message": "a"}])
    recorded("logs_events::TestLogsEvents::test_put_log_events_to_invalid_stream", "logs").check(
        "error-invalid-stream", refused.value
    )


def test_resource_does_not_exist(logs, group):
    case = recorded("logs_events::TestLogsEventsErrors::test_resource_does_not_exist", "logs")
    with pytest.raises(ClientError) as refused:
        logs.get_log_events(logGroupName="none", logStreamName="none")
    case.check("error-log-group-does-not-exist", refused.value)
    with pytest.raises(ClientError) as refused:
        logs.get_log_events(logGroupName=group, logStreamName="none")
    case.check("error-log-stream-does-not-exist", refused.value)


def test_filter_interleaves_streams(logs, group, stream, put, now):
    logs.create_log_stream(logGroupName=group, logStreamName="two")
    put("a", at=now)
    put("b", at=now + 10, stream="two")
    put("c", at=now + 20)
    answer = logs.filter_log_events(logGroupName=group)
    assert [(e["logStreamName"], e["message"]) for e in answer["events"]] == [("one", "a"), ("two", "b"), ("one", "c")]
    assert len({event["eventId"] for event in answer["events"]}) == 3
    assert "nextToken" not in answer
    assert messages(logs.filter_log_events(logGroupName=group, logStreamNames=["two"])) == ["b"]
    assert messages(logs.filter_log_events(logGroupName=group, logStreamNamePrefix="on")) == ["a", "c"]
    assert messages(logs.filter_log_events(logGroupName=group, startFromHead=False)) == ["c", "b", "a"]


def test_filter_by_pattern_in_pages(logs, group, stream, put):
    put(*[f"{'ERROR' if n % 3 == 0 else 'INFO'} {n}" for n in range(30)])
    pages = list(
        logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern="ERROR", PaginationConfig={"PageSize": 4}
        )
    )
    assert [event["message"] for page in pages for event in page["events"]] == [f"ERROR {n}" for n in range(0, 30, 3)]
    assert [len(page["events"]) for page in pages] == [4, 4, 2]


def test_filter_descending_in_pages(logs, group, stream, put):
    put(*"abcde")
    where = {"logGroupName": group, "limit": 3}
    first = logs.filter_log_events(**where, startFromHead=False)
    rest = logs.filter_log_events(**where, nextToken=first["nextToken"])
    assert messages(first) + messages(rest) == list("edcba")


def test_page_of_a_megabyte_loses_nothing(logs, group, stream, put, now):
    for n in range(3):
        put(str(n) * 600_000, at=now + n)
    where = {"logGroupName": group, "logStreamName": stream}
    first = logs.get_log_events(**where, startFromHead=True)
    second = logs.get_log_events(**where, startFromHead=True, nextToken=first["nextForwardToken"])
    assert [m[0] for m in messages(first) + messages(second)] == ["0", "1"]
    assert [m[0] for m in messages(logs.get_log_events(**where))] == ["2"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    assert [m[0] for page in pages for m in messages(page)] == ["0", "1", "2"]


def test_filter_refuses_what_it_cannot_do(logs, group, stream):
    for bad in (
        {"filterPattern": "{ $.a = "},
        {"logStreamNames": ["one"], "logStreamNamePrefix": "o"},
        {"nextToken": "nonsense"},
        {"logGroupIdentifier": group},
    ):
        with pytest.raises(ClientError, match="InvalidParameterException"):
            logs.filter_log_events(logGroupName=group, **bad)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupName=group, logStreamNames=["none"])


def test_filter_limit_validation(logs, group):
    with pytest.raises(ClientError) as refused:
        logs.filter_log_events(logGroupName=group, limit=10001)
    recorded("logs_filter_events::TestFilterLogEvents::test_filter_log_events_limit_validation", "logs").check(
        "error-limit-exceeded", refused.value
    )


def test_group_by_arn(logs, group, stream, put, account, region):
    put("a")
    arn = f"arn:aws:logs:{region}:{account}:log-group:{group}"
    assert messages(logs.get_log_events(logGroupIdentifier=arn, logStreamName=stream)) == ["a"]
    elsewhere = f"arn:aws:logs:{region}:999999999999:log-group:{group}"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupIdentifier=elsewhere)


def test_events_expire(logs, group, stream, put, clock, undercast):
    put("kept for a day")
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert messages(logs.filter_log_events(logGroupName=group)) == ["kept for a day"]
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["storedBytes"] == 14 + 26
    clock.advance(days=1, minutes=1)
    assert messages(logs.filter_log_events(logGroupName=group)) == []
    clock.advance(hours=2)
    undercast.run(undercast.platform.jobs.idle())
    logs.delete_retention_policy(logGroupName=group)
    assert messages(logs.get_log_events(logGroupName=group, logStreamName=stream)) == []
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["storedBytes"] == 0


def test_entity_of_a_batch_is_refused_not_ignored(logs, group, stream, now):
    batch = [{"timestamp": now, "message": "a"}]
    entity = {"keyAttributes": {"Type": "Service", "Name": "shop"}}
    with pytest.raises(ClientError, match="NotImplemented"):
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch, entity=entity)
    assert logs.get_log_events(logGroupName=group, logStreamName=stream)["events"] == []
