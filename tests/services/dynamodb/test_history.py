"""The history of items: a table can be read as it was at every moment, page by page, while it goes on changing."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMES = itertools.count()
WRITES = st.tuples(st.sampled_from("abcdefgh"), st.one_of(st.none(), st.integers(0, 3)))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seconds=st.lists(st.lists(WRITES, max_size=4), min_size=1, max_size=6), data=st.data())
def test_any_second_can_be_restored(undercast, dynamodb, make, clock, settle_retries, seconds, data):
    table = make(f"table-{next(NAMES)}")
    specification = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)
    clock.stop()
    model, states = {}, []
    for writes in seconds:
        clock.advance(seconds=1)
        for id, value in writes:
            if value is None:
                dynamodb.delete_item(TableName=table, Key={"id": {"S": id}})
                model.pop(id, None)
            else:
                dynamodb.put_item(TableName=table, Item={"id": {"S": id}, "n": {"N": str(value)}})
                model[id] = str(value)
        states.append((undercast.platform.clock.now() // 1000, dict(model)))
    clock.advance(seconds=1)
    second, expected = data.draw(st.sampled_from(states))
    restored = f"restored-{next(NAMES)}"
    dynamodb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=restored, RestoreDateTime=second)
    for id, _ in itertools.chain(*seconds):
        dynamodb.put_item(TableName=table, Item={"id": {"S": id}, "n": {"N": "9"}})  # while it may still be restored
    settle_retries()
    found = dynamodb.scan(TableName=restored)["Items"]
    assert {item["id"]["S"]: item["n"]["N"] for item in found} == expected


def test_a_table_of_many_pages_that_was_emptied(dynamodb, make, ids, clock, settle, undercast):
    make()
    specification = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName="table", PointInTimeRecoverySpecification=specification)
    clock.stop()
    names = [f"{number:03d}" for number in range(350)]

    def change(kind, some):
        for start in range(0, len(some), 25):
            batch = [
                {f"{kind}Request": {"Item" if kind == "Put" else "Key": {"id": {"S": name}}}}
                for name in some[start : start + 25]
            ]
            dynamodb.batch_write_item(RequestItems={"table": batch})

    change("Put", names)
    full = undercast.platform.clock.now() // 1000
    clock.advance(seconds=2)
    change("Delete", names[100:])
    part = undercast.platform.clock.now() // 1000
    clock.advance(seconds=2)
    change("Delete", names[:100])
    change("Put", names[::2])
    clock.advance(seconds=1)
    for at, target in ((full, "full"), (part, "part")):
        dynamodb.restore_table_to_point_in_time(SourceTableName="table", TargetTableName=target, RestoreDateTime=at)
    settle()
    assert ids("full") == names
    assert ids("part") == names[:100]
