"""`make bench`: every path in one run, beside a bare responder on the same HTTP server.

make bench                     everything; at the end empty beside full: 1,000,000 messages, 10,000,000 items
make bench BENCH="--quick"     fewer requests, a tenth of that
make bench BENCH="--only sqs"  the paths whose names contain a word

`cpu us` is the processor time that the server's process takes for one request. Other work on the machine slows the
rates and their ratios, and this number hardly: it tells whether a change is worth keeping.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench import data_paths, flat, paths, seed, states_paths
from tests.bench.load import always, json_request
from tests.bench.servers import CONNECTIONS, Server, measured, served


def main() -> None:
    options = _options()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    factor = 0.1 if options.quick else 1.0
    print(f"{'path':<54}{'connections':>12}{'per second':>12}{'of bare':>9}{'cpu us':>8}{'p50 ms':>9}{'p99 ms':>9}")
    bare = {n: _bare(n, factor) for n in CONNECTIONS}
    with tempfile.TemporaryDirectory(prefix="undercast-bench-", dir=options.folder) as folder:
        with served(folder) as server:
            _idle(server)
            ids = paths.prepare(server.client)
            data_paths.prepare(server.client)
            print(f"memory after the preparations: {server.memory_mb():.0f} MB")
            for name, talk, count, each in _paths(ids):
                if options.only in name:
                    for connections in CONNECTIONS:
                        _measure(server, name, talk, connections, int(count * factor), bare, each)
            if options.only in "stepfunctions":
                states_paths.report(server, factor)
            if not options.only:
                _cold(server)
                _stack(server)
                _stream_latency(server)
                print(f"an event among 10,000 rules, without the request: {data_paths.match_us():.1f} us")
            print(f"peak memory: {server.memory_mb('VmHWM'):.0f} MB")
        if options.only in "stepfunctions":
            _with_executions(Path(folder), factor)
        flat.report(Path(folder), options.only, factor)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", help="where the data goes: a folder on the disk to measure")
    return parser.parse_args()


def _paths(ids: dict[str, str]) -> list[tuple[str, Any, int, int]]:
    """Name, what is said, how many requests, and how many things one request (or turn of three) is worth."""
    return [
        ("sqs SendMessage", paths.send_message(), 20_000, 1),
        ("sqs ReceiveMessage + DeleteMessage", paths.receive_and_delete(), 20_000, 1),
        ("sqs send 10, receive 10, delete 10 (messages)", paths.tens("ten-9"), 6_000, 10),
        ("sns Publish to 1 queue", paths.publish("one"), 10_000, 1),
        ("sns Publish to 10 queues", paths.publish("ten"), 3_000, 1),
        ("s3 PutObject 1 KB", paths.put_object(1024), 10_000, 1),
        ("s3 GetObject 1 KB", paths.get_object("small"), 20_000, 1),
        ("s3 PutObject 1 MB", paths.put_object(2**20), 300, 1),
        ("s3 GetObject 1 MB", paths.get_object("large"), 1_000, 1),
        ("lambda Invoke, warm", paths.invoke(), 3_000, 1),
        ("apigateway GET through a Lambda proxy", paths.api_call(ids["api"]), 3_000, 1),
        ("dynamodb PutItem", data_paths.put_item(), 20_000, 1),
        ("dynamodb GetItem", data_paths.get_item(), 20_000, 1),
        ("dynamodb Query of 100 items", data_paths.query(), 3_000, 1),
        ("dynamodb TransactWriteItems of 10", data_paths.transact_write(), 2_000, 1),
        ("kinesis PutRecords of 100", data_paths.put_records(), 1_000, 1),
        ("events PutEvents, 1 rule", data_paths.put_events("bus-1"), 10_000, 1),
        ("events PutEvents, 1,000 rules", data_paths.put_events("bus-1000"), 10_000, 1),
    ]


def _bare(connections: int, factor: float) -> float:
    with served("bare") as server:
        request = json_request("sqs", "AmazonSQS.SendMessage", b'{"QueueUrl":"x","MessageBody":"' + b"x" * 100 + b'"}')
        return _measure(server, "bare responder", always(request), connections, int(60_000 * factor), {}, 1)


def _measure(
    server: Server, name: str, talk: Any, connections: int, count: int, bare: dict[int, float], each: int
) -> float:
    count = count // 10 if connections == 1 else count
    measured(server, talk, connections, max(count // 20, 2 * connections))  # warm up
    result, cpu_us = measured(server, talk, connections, max(count, 4 * connections))
    per_second = result.per_second * each / (3 if each == 10 else 1)
    ratio = f"{per_second / bare[connections]:.2f}" if bare else ""
    print(
        f"{name:<54}{connections:>12}{per_second:>12,.0f}{ratio:>9}"
        f"{cpu_us:>8.0f}{result.ms(50):>9.2f}{result.ms(99):>9.2f}"
    )
    return result.per_second


def _idle(server: Server) -> None:
    """What it costs to have the platform running and not to use it."""
    before = server.cpu_s()
    time.sleep(2)
    cpu = 100 * (server.cpu_s() - before) / 2
    print(f"started in {server.started_ms:.0f} ms; idle: {server.memory_mb():.0f} MB, {cpu:.2f} % of a core")


def _cold(server: Server) -> None:
    """First invocations of functions that nobody has called before."""
    times = []
    for n in range(10):
        paths.make_function(server.client, f"cold-{n}")
        began = time.perf_counter()
        server.client("lambda").invoke(FunctionName=f"cold-{n}")
        times.append(1000 * (time.perf_counter() - began))
    print(f"{'lambda Invoke, cold, with boto3 around it':<54}{1:>12}{'':>29}{sorted(times)[5]:>9.2f}{max(times):>9.2f}")


def _stack(server: Server) -> None:
    cloudformation = server.client("cloudformation")
    began = time.perf_counter()
    cloudformation.create_stack(StackName="sixty", TemplateBody=paths.stack_of_sixty())
    while (
        status := cloudformation.describe_stacks(StackName="sixty")["Stacks"][0]["StackStatus"]
    ) != "CREATE_COMPLETE":
        assert status == "CREATE_IN_PROGRESS", status
        time.sleep(0.002)
    print(
        f"{'a stack of 60 queues, topics, subscriptions':<54}{1:>12}{'':>29}{1000 * (time.perf_counter() - began):>9.0f}"
    )


def _stream_latency(server: Server) -> None:
    times = data_paths.stream_latencies(server.client)
    middle, high = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"{'kinesis PutRecord until the function has it':<54}{1:>12}{'':>29}{middle:>9.2f}{high:>9.2f}")


def _with_executions(folder: Path, factor: float) -> None:
    with served(str(folder / "waiting")) as server:
        states_paths.report_waiting(server, int(10_000 * factor))
    folder, count = folder / "executions", int(100_000 * factor)
    with served(str(folder)) as server:
        states_paths.make_waiting(server.client)
        states_paths.start(server.client)
        time.sleep(0.5)  # until it waits
    seed.executions(folder, f"{states_paths.WAITING}-STANDARD", count)
    with served(str(folder)) as server:
        print(f"restart with {count:,} executions waiting: {server.started_ms:.0f} ms, {server.memory_mb():.0f} MB")


if __name__ == "__main__":
    main()
