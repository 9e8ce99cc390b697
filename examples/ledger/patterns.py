"""The ledger, driven: commands by its API, many events at once, a kill in the middle, and a rebuild from the archive."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from examples.platform import Platform
from examples.report import Report, check, deploy, expect, until

TEMPLATE = Path(__file__).parent / "template.yaml"
EVENTS = int(os.environ.get("EVENTS", "5000"))  # how many are appended at once
ACCOUNTS = 200
BATCH = 500  # the most records that PutRecords takes
PATIENCE_S = 600.0


def commands_and_queries(platform: Platform, report: Report) -> None:
    """CQRS: what is written goes through the stream, what is read comes from the read model."""
    report.pattern(
        "Event sourcing with CQRS",
        "A command appends an event to the stream; the archive and the read model follow; queries ask the read model.",
    )
    api = deploy(platform, report, TEMPLATE)["Api"]
    _, body, ms = expect(platform.api(api, "POST", "/accounts/ann/deposits", {"amount": 10_000}), 202)
    report.step(f"POST /accounts/ann/deposits -> 202, event ..{body['sequence'][-8:]} on the stream", ms)
    waited = until(lambda: _balance(platform, api, "ann") == 10_000, "the read model has the deposit")
    report.step("GET /accounts/ann -> 100.00", waited)
    expect(platform.api(api, "POST", "/accounts/ann/withdrawals", {"amount": 2_500}), 202)
    waited = until(lambda: _balance(platform, api, "ann") == 7_500, "the read model has the withdrawal")
    report.step("a withdrawal of 25.00 -> 75.00", waited)
    _, body, ms = expect(platform.api(api, "POST", "/accounts/ann/withdrawals", {"amount": 10_000}), 409)
    report.step(f"a withdrawal of 100.00 -> 409 {body['message']!r}", ms)


def many_events(platform: Platform, report: Report) -> None:
    """The events are the truth: whatever happens to the platform, every view of them comes out the same."""
    outputs = platform.outputs("ledger")
    report.pattern(
        f"{EVENTS:,} events, and kill -9 in the middle",
        "The functions are cut off wherever they are; each event still counts exactly once.",
    )
    wanted = Counter({"ann": 7_500})
    began = time.perf_counter()
    for number, batch in enumerate(_batches(wanted)):
        if number == EVENTS // BATCH // 2:
            platform.kill()
            report.step(f"kill -9 after {number * BATCH:,} events; started again", 1000 * platform.start())
        _append(platform, outputs["Events"], batch)
    report.step(f"{EVENTS:,} events are on the stream", 1000 * (time.perf_counter() - began))
    waited = until(
        lambda: sum(item["events"] for item in _table(platform, outputs["Accounts"]).values()) >= EVENTS + 2,
        "the read model has every event", pause_s=0.1, limit_s=PATIENCE_S,
    )  # fmt: skip
    live = _table(platform, outputs["Accounts"])
    check({name: item["balance"] for name, item in live.items()} == wanted, "the read model has other balances")
    report.step(f"{len(live)} accounts have the balances that their events make", waited)
    _rebuild(platform, report, outputs, live)


def _rebuild(platform: Platform, report: Report, outputs: dict[str, str], live: dict[str, Any]) -> None:
    until(lambda: _archived(platform, outputs["Archive"]) == EVENTS + 2, "all is archived", 0.2, PATIENCE_S)
    began = time.perf_counter()
    payload = json.dumps({"table": outputs["Rebuilt"]})
    answer = platform.client("lambda").invoke(FunctionName=outputs["Rebuild"], Payload=payload)
    built = json.load(answer["Payload"])
    check(built == {"accounts": len(live), "events": EVENTS + 2}, f"the rebuild answered {built}")
    check(_table(platform, outputs["Rebuilt"]) == live, "the rebuilt read model differs from the live one")
    report.step("rebuilt from the archive: equal to the live read model", 1000 * (time.perf_counter() - began))


def _batches(wanted: Counter[str]) -> Iterator[list[dict[str, Any]]]:
    """Records for PutRecords; what they make of the accounts is added to `wanted`."""
    chance = random.Random(7)
    for start in range(0, EVENTS, BATCH):
        batch = []
        for number in range(start, min(start + BATCH, EVENTS)):
            account, amount = f"account-{chance.randrange(ACCOUNTS)}", chance.randrange(1, 1000)
            kind = chance.choice(("Deposited", "Withdrawn"))
            wanted[account] += amount if kind == "Deposited" else -amount
            event = {"id": f"event-{number}", "type": kind, "account": account, "amount": amount}
            batch.append({"PartitionKey": account, "Data": json.dumps(event).encode()})
        yield batch


def _append(platform: Platform, stream: str, batch: list[dict[str, Any]]) -> None:
    """Put records until the stream has all: what a shard cannot take now is put again."""
    kinesis = platform.client("kinesis")
    while batch:
        results = kinesis.put_records(StreamName=stream, Records=batch)["Records"]
        batch = [record for record, result in zip(batch, results, strict=True) if "ErrorCode" in result]
        if batch:
            time.sleep(0.1)


def _balance(platform: Platform, api: str, account: str) -> int | None:
    status, body, _ = platform.api(api, "GET", f"/accounts/{account}")
    return body["balance"] if status == 200 else None


def _table(platform: Platform, table: str) -> dict[str, dict[str, Any]]:
    """A read model as Python has it, by account."""
    pages = platform.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    return {
        item["account"]["S"]: {
            "balance": int(item["balance"]["N"]),
            "events": int(item["events"]["N"]),
            "lastSequence": item["lastSequence"]["S"],
        }
        for item in items
    }


def _archived(platform: Platform, bucket: str) -> int:
    """How many different events the archive has."""
    s3 = platform.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="events/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    lines = [line for key in keys for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()]
    return len({json.loads(line)["sequence"] for line in lines})
