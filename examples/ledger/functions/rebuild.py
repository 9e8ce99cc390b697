"""Makes a read model anew from the archive: the events are the truth, and every table is a view of them."""

import json
import os

import boto3
from ledger import empty, follow

s3 = boto3.client("s3")


def handler(event, context):
    """Fill the table that the event names; how many accounts and events it was."""
    by_account = {}
    for sequence, happened in archived():
        by_account.setdefault(happened["account"], {})[int(sequence)] = (sequence, happened)
    with boto3.resource("dynamodb").Table(event["table"]).batch_writer() as table:
        for account, events in by_account.items():
            table.put_item(Item=follow(empty(account), [events[at] for at in sorted(events)]))
    return {"accounts": len(by_account), "events": sum(map(len, by_account.values()))}


def archived():
    bucket = os.environ["ARCHIVE"]
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="events/"):
        for item in page.get("Contents", []):
            for text in s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].iter_lines():
                line = json.loads(text)
                yield line["sequence"], line["event"]
