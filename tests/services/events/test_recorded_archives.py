"""Archives and replays, as recorded from AWS."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.recorded import recorded

ARCHIVES = "archive_and_replay::TestArchive::"
REPLAYS = "archive_and_replay::TestReplay::"


@pytest.fixture(params=["default", "custom"])
def kind(request):
    return request.param


@pytest.fixture
def bus_arn(events, kind):
    if kind == "custom":
        return events.create_event_bus(Name="bus")["EventBusArn"]
    return events.describe_event_bus()["Arn"]


def test_create_archive_error_duplicate(events, kind, bus_arn, error_of):
    archive = {"ArchiveName": "archive", "EventSourceArn": bus_arn, "RetentionDays": 1}
    events.create_archive(**archive)
    error = error_of(events.create_archive, **archive)
    recorded(f"{ARCHIVES}test_create_archive_error_duplicate[{kind}]", "events").check(
        "create-archive-duplicate-error", error
    )


def test_create_archive_error_unknown_event_bus(events, error_of, account):
    arn = f"arn:aws:events:us-east-1:{account}:event-bus/none"
    error = error_of(events.create_archive, ArchiveName="archive", EventSourceArn=arn)
    recorded(f"{ARCHIVES}test_create_archive_error_unknown_event_bus", "events").check(
        "create-archive-unknown-event-bus-error", error
    )


def test_describe_archive_error_unknown_archive(events, error_of):
    error = error_of(events.describe_archive, ArchiveName="none")
    recorded(f"{ARCHIVES}test_describe_archive_error_unknown_archive", "events").check(
        "describe-archive-unknown-archive-error", error
    )


def test_list_archive_with_source_arn(events, kind, bus_arn):
    events.create_archive(ArchiveName="archive", EventSourceArn=bus_arn, RetentionDays=1)
    other = events.create_event_bus(Name="other")["EventBusArn"]
    events.create_archive(ArchiveName="another", EventSourceArn=other, RetentionDays=1)
    case = recorded(f"{ARCHIVES}test_list_archive_with_source_arn[{kind}]", "events")
    case.check("list-archives-with-source-arn", events.list_archives(EventSourceArn=bus_arn))


def test_describe_replay_error_unknown_replay(events, error_of):
    error = error_of(events.describe_replay, ReplayName="none")
    recorded(f"{REPLAYS}test_describe_replay_error_unknown_replay", "events").check(
        "describe-replay-unknown-replay-error", error
    )


def test_list_replay_with_limit(events, settle):
    case = recorded(f"{REPLAYS}test_list_replay_with_limit", "events")
    bus = events.describe_event_bus()["Arn"]
    archive = events.create_archive(ArchiveName="archive", EventSourceArn=bus)["ArchiveArn"]
    for number in range(6):
        events.start_replay(
            ReplayName=f"prefix-test-replay-{number}", EventSourceArn=archive, Destination={"Arn": bus},
            EventStartTime=datetime(2024, 1, 1, tzinfo=UTC), EventEndTime=datetime(2024, 1, 2, tzinfo=UTC),
        )  # fmt: skip
    settle()
    first = events.list_replays(NamePrefix="prefix", Limit=3)
    case.check("list-replays-with-limit", first)
    rest = events.list_replays(NamePrefix="prefix", Limit=3, NextToken=first["NextToken"])
    case.check("list-replays-with-limit-next-token", rest)
