"""Every change is in the stream exactly once and in order, whatever shards do meanwhile."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMES = itertools.count()
STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("abc"), st.integers(0, 2)),
    st.tuples(st.just("delete"), st.sampled_from("abc"), st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.integers(0, 5)),  # hours
    st.tuples(st.just("read"), st.just(""), st.integers(1, 3)),  # records at a time
)


class Reader:
    """Follows a stream as consumers do: a shard to its end, then its children, from the last number that it read."""

    def __init__(self, client, arn):
        self.client, self.arn = client, arn
        self.ended, self.last, self.records = set(), {}, []

    def read(self, limit=1000):
        while True:
            shards = self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
            ready = [
                one["ShardId"] for one in shards if one["ShardId"] not in self.ended and self.is_ready(one, shards)
            ]
            if not sum(self.read_shard(shard, limit) for shard in ready):
                return

    def is_ready(self, shard, shards):
        parent = shard.get("ParentShardId")
        return parent in self.ended or parent not in {one["ShardId"] for one in shards}

    def read_shard(self, shard, limit):
        """Whether there was something new to know of a shard."""
        position = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard in self.last:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.last[shard]}
        token = self.client.get_shard_iterator(StreamArn=self.arn, ShardId=shard, **position)["ShardIterator"]
        before = len(self.records)
        while True:
            answer = self.client.get_records(ShardIterator=token, Limit=limit)
            self.records += answer["Records"]
            if answer["Records"]:
                self.last[shard] = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
            token = answer.get("NextShardIterator")
            if token is None:
                self.ended.add(shard)
                return True
            if not answer["Records"]:
                return len(self.records) > before


def told(record):
    change = record["dynamodb"]
    return record["eventName"], change.get("OldImage", {}).get("n"), change.get("NewImage", {}).get("n")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=20))
def test_a_consumer_sees_every_change_once_and_in_order(dynamodb, streams, make, clock, steps):
    table = f"table-{next(NAMES)}"
    reader, items, expected = Reader(streams, make(table)), {}, []
    for step, id, number in steps:
        if step == "put":
            value = {"N": str(number)}
            dynamodb.put_item(TableName=table, Item={"id": {"S": id}, "n": value})
            if items.get(id) != value:
                expected.append(("MODIFY" if id in items else "INSERT", items.get(id), value))
            items[id] = value
        elif step == "delete":
            dynamodb.delete_item(TableName=table, Key={"id": {"S": id}})
            if id in items:
                expected.append(("REMOVE", items.pop(id), None))
        elif step == "wait":
            reader.read()  # nothing becomes older than a day unread
            clock.advance(hours=number)
        else:
            reader.read(limit=number)
    dynamodb.delete_table(TableName=table)
    reader.read()
    assert [told(record) for record in reader.records] == expected
    numbers = [record["dynamodb"]["SequenceNumber"] for record in reader.records]
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)
    assert len({record["eventID"] for record in reader.records}) == len(numbers)


def test_writers_side_by_side(dynamodb, streams, make):
    reader = Reader(streams, make())

    def write(writer):
        for number in range(10):
            dynamodb.put_item(TableName="table", Item={"id": {"S": f"{writer}-{number % 3}"}, "n": {"N": str(number)}})

    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(write, writer) for writer in range(6)]
        while not all(one.done() for one in writing):
            reader.read(limit=7)
    reader.read()
    for one in writing:
        one.result()
    assert len(reader.records) == 60
    for writer in range(6):
        ours = [
            one["dynamodb"]["NewImage"]
            for one in reader.records
            if one["dynamodb"]["Keys"]["id"]["S"][0] == str(writer)
        ]
        assert [int(image["n"]["N"]) for image in ours] == list(range(10))
