"""Several nodes over one PostgreSQL: what is read never runs ahead of what is still being written."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from types import SimpleNamespace

import pytest

from undercast.pytest_plugin import InProcessPlatform
from undercast.services.kinesis import errors, storage
from undercast.services.kinesis.model import PROVISIONED, Stream

_WRITERS = 3  # on each node
_RECORDS = 40  # of each writer


def test_records_of_two_nodes_are_read_once_and_in_order(aws, postgres_url):
    with (
        contextlib.closing(InProcessPlatform(postgres=postgres_url)) as one,
        contextlib.closing(InProcessPlatform(postgres=postgres_url)) as other,
    ):
        nodes = [aws("kinesis", endpoint_url=node.url) for node in (one, other)]
        nodes[0].create_stream(StreamName="s", StreamModeDetails={"StreamMode": "PROVISIONED"}, ShardCount=1)
        reader = _Reader(one, nodes[0])
        writers = [threading.Thread(target=_write, args=(nodes[n % 2], f"w{n}")) for n in range(2 * _WRITERS)]
        others = [*writers, threading.Thread(target=_reshard, args=(nodes[1],))]
        for thread in others:
            thread.start()
        while any(thread.is_alive() for thread in others):
            reader.read()
        reader.read()
        while reader.behind:
            reader.read()
        for thread in others:
            thread.join()
    assert reader.found == {f"w{n}": list(range(_RECORDS)) for n in range(2 * _WRITERS)}


def test_a_stream_that_goes_once_it_was_found():
    """Another node deleted it between the two statements of a put."""

    async def fetch(*_args):
        return []

    call = SimpleNamespace(platform=SimpleNamespace(things={}), db=SimpleNamespace(fetch=fetch))
    stream = Stream("111111111111", "us-east-1", "s", 1, 0, PROVISIONED, 24, 1)
    with pytest.raises(errors.ResourceNotFoundException):
        asyncio.run(storage.routing(call, stream))
    assert call.platform.things == {"kinesis.routings": {}}


def _write(kinesis, key):
    for number in range(_RECORDS):
        kinesis.put_record(StreamName="s", Data=str(number).encode(), PartitionKey=key)


def _reshard(kinesis):
    for count in (2, 1, 2):
        kinesis.update_shard_count(StreamName="s", TargetShardCount=count, ScalingType="UNIFORM_SCALING")


class _Reader:
    """Reads every shard page by page, children after their parents."""

    def __init__(self, node, kinesis):
        self._node, self._kinesis = node, kinesis
        self._places = {"shardId-000000000000": None}
        self._finished = set()
        self.found: dict[str, list[int]] = {}
        self.behind = True

    def read(self):
        """One page of every shard that can be read now."""
        self.behind = False
        for shard, iterator in list(self._places.items()):
            self._node.platform.things.pop("kinesis.buckets", None)  # it reads as often as it likes
            answer = self._kinesis.get_records(
                ShardIterator=iterator or self._begin(shard), Limit=random.randrange(1, 20)
            )
            for record in answer["Records"]:
                self.found.setdefault(record["PartitionKey"], []).append(int(record["Data"]))
            self.behind = self.behind or bool(answer["Records"]) or "ChildShards" in answer
            self._places[shard] = answer.get("NextShardIterator")
            if self._places[shard] is None:
                self._finish(shard, answer["ChildShards"])

    def _begin(self, shard):
        where = {"StreamName": "s", "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        return self._kinesis.get_shard_iterator(**where)["ShardIterator"]

    def _finish(self, shard, children):
        del self._places[shard]
        self._finished.add(shard)
        for child in children:
            if self._finished >= set(child["ParentShards"]):
                self._places[child["ShardId"]] = None
