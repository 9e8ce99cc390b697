"""Does a request cost the same when much is stored? The same requests to two servers, one empty and one full.

They are asked in turn, because the machine's speed changes from minute to minute: what counts is the middle of the
rounds' ratios.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tests.bench import data_paths, paths, seed
from tests.bench.servers import CONNECTIONS, Server, measured, served

ROUNDS = 15

# The name of what is asked, how a server is asked (made once for each of them), and how many times in a round.
Asked = tuple[str, Callable[[], Any], int]


class Case(NamedTuple):
    """Two folders with the same things in them, of which one is then filled."""

    service: str
    prepare: Callable[[Any], None]
    fill: Callable[[Path, int], None]
    few: int
    many: int
    things: str
    asked: list[Asked]


def report(folder: Path, only: str, factor: float) -> None:
    """Measure and print all cases of a service (of all, if none is named)."""
    for case in _cases():
        if only in case.service:
            _report(folder / case.service, case, factor)


def _cases() -> list[Case]:
    def messages(folder: Path, count: int) -> None:
        seed.messages(folder, "queue", count)

    def items(folder: Path, count: int) -> None:
        seed.items(folder, data_paths.TABLE, count)

    def objects(folder: Path, count: int) -> None:
        seed.objects(folder, data_paths.LISTED, count)

    queue: list[Asked] = [
        ("SendMessage", paths.send_message, 2_000),
        ("ReceiveMessage + DeleteMessage", paths.receive_and_delete, 2_000),
        ("send 10, receive 10, delete 10", paths.tens, 900),
    ]
    data: list[Asked] = [
        ("PutItem", data_paths.put_item, 2_000),
        ("GetItem", data_paths.get_item, 2_000),
        ("Query of 100 items", data_paths.query, 600),
        ("TransactWriteItems of 10", data_paths.transact_write, 400),
        ("PutRecords of 100", data_paths.put_records, 200),
        ("PutEvents, 1 rule", lambda: data_paths.put_events("bus-1"), 1_000),
        ("PutEvents, 1,000 rules", lambda: data_paths.put_events("bus-1000"), 1_000),
    ]
    pages: list[Asked] = [("ListObjectsV2 of 1,000 keys", data_paths.list_objects, 100)]
    return [
        Case("sqs", paths.prepare_queue, messages, 0, 1_000_000, "messages", queue),
        Case("dynamodb", data_paths.prepare, items, 0, 10_000_000, "items", data),
        Case("s3", data_paths.prepare_list, objects, 2_000, 1_000_000, "objects", pages),
    ]


def _report(folder: Path, case: Case, factor: float) -> None:
    many = int(case.many * factor)
    for name, count in (("few", case.few), ("many", many)):
        with served(str(folder / name)) as server:
            case.prepare(server.client)
        case.fill(folder / name, count)
    with served(str(folder / "few")) as few, served(str(folder / "many")) as full:
        print(f"\nrestart with {many:,} {case.things}: {full.started_ms:.0f} ms")
        print(f"{'path':<42}{'connections':>12}{f'cpu us, {case.few:,}':>15}{f'{many:,}':>12}{'ratio':>8}{'rates':>8}")
        for connections in CONNECTIONS:
            _compare((few, full), case, connections, factor)
        print(f"peak memory: {full.memory_mb('VmHWM'):.0f} MB")


def _compare(servers: tuple[Server, Server], case: Case, connections: int, factor: float) -> None:
    asked = [(name, [talk() for _ in servers], int(count * factor)) for name, talk, count in case.asked]
    found: dict[str, list[list[tuple[float, float]]]] = {name: [] for name, _, _ in asked}
    for turn in range(ROUNDS + 1):
        for name, talks, count in asked:
            both = list(zip(servers, talks, strict=True))
            each = [_once(server, talk, connections, count) for server, talk in (both, both[::-1])[turn % 2]]
            found[name].append(each[:: (1, -1)[turn % 2]])
    for name, rounds in found.items():
        _print(f"{case.service} {name}", connections, rounds[1:])  # the first was to warm up


def _once(server: Server, talk: Any, connections: int, count: int) -> tuple[float, float]:
    result, cpu_us = measured(server, talk, connections, max(count // (5 if connections == 1 else 1), 2 * connections))
    return cpu_us, result.per_second


def _print(name: str, connections: int, rounds: list[list[tuple[float, float]]]) -> None:
    few, many = (median(each[n][0] for each in rounds) for n in (0, 1))
    cpu = median(many[0] / few[0] for few, many in rounds)
    rate = median(many[1] / few[1] for few, many in rounds)
    print(f"{name:<42}{connections:>12}{few:>15.0f}{many:>12.0f}{cpu:>8.2f}{rate:>8.2f}")
