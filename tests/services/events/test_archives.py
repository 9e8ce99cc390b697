"""Archives and replays: what is kept, for how long, and sent again in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.events.conftest import DETAIL, ENTRY, PATTERN
from undercast.kit.call import Call
from undercast.kit.credentials import root_identity

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def bus(events: Any) -> str:
    """The ARN of a bus."""
    return events.create_event_bus(Name="bus")["EventBusArn"]


@pytest.fixture
def archive(events: Any, bus: str) -> str:
    """The ARN of an archive of the bus for every event."""
    return events.create_archive(ArchiveName="archive", EventSourceArn=bus)["ArchiveArn"]


@pytest.fixture
def replay(events: Any, archive: str, bus: str, settle: Any) -> Any:
    def start(
        name: str = "replay", start: datetime = START, end: datetime = END, *, wait: bool = True, **options: Any
    ) -> Any:
        made = events.start_replay(
            ReplayName=name, EventSourceArn=archive, EventStartTime=start, EventEndTime=end,
            Destination={"Arn": bus, **options},
        )  # fmt: skip
        if wait:
            settle()
        return made

    return start


def put_many(events: Any, count: int, bus: str = "bus") -> None:
    """Events of a day, the latest first."""
    entries = [
        {**ENTRY, "EventBusName": bus, "Time": START + timedelta(minutes=count - n), "Detail": f'{{"n": {count - n}}}'}
        for n in range(count)
    ]
    for first in range(0, count, 10):
        events.put_events(Entries=entries[first : first + 10])


def test_a_replay_is_in_the_order_of_the_events_times(events: Any, make_rule: Any, target: Any, replay: Any) -> None:
    put_many(events, 250)
    make_rule("rule", target.arn, bus="bus", pattern={"source": PATTERN["source"], "replay-name": ["replay"]})
    assert replay()["State"] == "STARTING"
    assert [body["detail"]["n"] for body in target.bodies()] == list(range(1, 251))
    shown = events.describe_replay(ReplayName="replay")
    assert (shown["State"], shown["EventLastReplayedTime"]) == ("COMPLETED", START + timedelta(minutes=250))
    assert events.describe_archive(ArchiveName="archive")["EventCount"] == 250  # not archived again


def test_only_a_span_and_some_rules(events: Any, make_rule: Any, make_queue: Any, replay: Any) -> None:
    put_many(events, 20)
    first, second = make_queue("first"), make_queue("second")
    wanted = make_rule("wanted", first.arn, bus="bus", pattern={"source": PATTERN["source"]})
    make_rule("other", second.arn, bus="bus", pattern={"source": PATTERN["source"]})
    replay("replay", START + timedelta(minutes=5), START + timedelta(minutes=7), FilterArns=[wanted])
    assert [body["detail"]["n"] for body in first.bodies()] == [5, 6, 7]
    assert second.bodies() == []


def test_what_is_done_cannot_be_cancelled(events: Any, replay: Any, refused: Any) -> None:
    replay("done")
    assert refused(events.cancel_replay, ReplayName="done")[0] == "IllegalStatusException"


def test_cancelling(
    events: Any, make_rule: Any, target: Any, archive: str, bus: str, settle: Any, undercast: Any, account: str
) -> None:
    put_many(events, 10)
    make_rule("rule", target.arn, bus="bus", pattern={"source": PATTERN["source"]})
    call = Call(
        undercast.platform, account=account, region="us-east-1", identity=root_identity(account), request_id="r",
        service="events",
    )  # fmt: skip

    async def start_and_cancel(call: Call) -> str:
        """In one transaction, so that the replay cannot be quicker."""
        start, end = (int(1000 * when.timestamp()) for when in (START, END))
        await call.aws.events.start_replay(
            ReplayName="replay",
            EventSourceArn=archive,
            Destination={"Arn": bus},
            EventStartTime=start,
            EventEndTime=end,
        )
        return (await call.aws.events.cancel_replay(ReplayName="replay"))["State"]

    assert undercast.run(call.transact(start_and_cancel)) == "CANCELLING"
    settle()
    shown = events.describe_replay(ReplayName="replay")
    assert (shown["State"], "ReplayEndTime" in shown) == ("CANCELLED", True)
    assert target.bodies() == []


def test_a_pattern_chooses_and_can_change(events: Any, bus: str, refused: Any) -> None:
    events.create_archive(ArchiveName="archive", EventSourceArn=bus, EventPattern='{"detail": {"n": [1, 2]}}')
    put_many(events, 5)
    shown = events.describe_archive(ArchiveName="archive")
    assert (shown["EventCount"], shown["SizeBytes"] > 400) == (2, True)
    events.update_archive(ArchiveName="archive", EventPattern='{"detail": {"n": [3]}}')
    put_many(events, 5)
    assert events.describe_archive(ArchiveName="archive")["EventCount"] == 3
    code, _ = refused(events.update_archive, ArchiveName="archive", EventPattern='{"detail": {}}')
    assert code == "InvalidEventPatternException"


def test_events_are_kept_as_long_as_agreed(events: Any, bus: str, clock: Any, settle: Any) -> None:
    events.create_archive(ArchiveName="archive", EventSourceArn=bus, RetentionDays=2)
    put_many(events, 3)
    clock.advance(days=1)
    put_many(events, 2)
    for days, left in ((1.01, 2), (1, 0)):
        clock.advance(days=days)
        settle()
        assert events.describe_archive(ArchiveName="archive")["EventCount"] == left


def test_the_rule_of_an_archive_is_managed(events: Any, archive: str, refused: Any) -> None:
    (rule,) = events.list_rules(EventBusName="bus")["Rules"]
    assert (rule["Name"], rule["ManagedBy"]) == ("Events-Archive-archive", "prod.vhs.events.aws.internal")
    named = {"Name": rule["Name"], "EventBusName": "bus"}
    assert refused(events.disable_rule, **named)[0] == "ManagedRuleException"
    assert refused(events.delete_rule, **named)[0] == "ManagedRuleException"
    assert refused(events.remove_targets, Rule=rule["Name"], EventBusName="bus", Ids=["x"])[0] == "ManagedRuleException"
    tags = [{"Key": "a", "Value": "b"}]
    assert refused(events.tag_resource, ResourceARN=rule["Arn"], Tags=tags)[0] == "ManagedRuleException"
    events.delete_archive(ArchiveName="archive")
    assert events.list_rules(EventBusName="bus")["Rules"] == []


def test_refusals(events: Any, archive: str, bus: str, refused: Any) -> None:
    span = {"EventStartTime": START, "EventEndTime": END}
    default = events.describe_event_bus()["Arn"]
    call = {"ReplayName": "replay", "EventSourceArn": archive, "Destination": {"Arn": bus}, **span}
    assert refused(events.start_replay, **{**call, "EventEndTime": START})[1] == (
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
    )
    assert refused(events.start_replay, **{**call, "Destination": {"Arn": default}})[1] == (
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
    )
    assert refused(events.start_replay, **{**call, "EventSourceArn": archive + "x"})[1] == (
        "Parameter EventSourceArn is not valid. Reason: Archive archivex does not exist."
    )
    events.start_replay(**call)
    assert refused(events.start_replay, **call) == ("ResourceAlreadyExistsException", "Replay replay already exists.")
    assert (
        refused(events.create_archive, ArchiveName="k", EventSourceArn=bus, KmsKeyIdentifier="key")[0]
        == "NotImplemented"
    )


def test_details_survive(events: Any, make_rule: Any, target: Any, replay: Any) -> None:
    events.put_events(Entries=[{**ENTRY, "EventBusName": "bus", "Time": START}])
    make_rule("rule", target.arn, bus="bus", pattern={"replay-name": [{"exists": True}]})
    replay()
    (body,) = target.bodies()
    assert (body["detail"], body["time"], body["replay-name"]) == (DETAIL, "2026-01-01T00:00:00Z", "replay")
