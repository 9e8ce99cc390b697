"""The read side's writer: keeps one item per account up to date with the stream."""

import json
import os
from base64 import b64decode

import boto3
from ledger import empty, follow

accounts = boto3.resource("dynamodb").Table(os.environ["ACCOUNTS"])


def handler(event, context):
    """A batch of one shard's events, in order. When it fails it comes again, and what was done is not done twice."""
    by_account = {}
    for record in event["Records"]:
        found = record["kinesis"]
        happened = (found["sequenceNumber"], json.loads(b64decode(found["data"])))
        by_account.setdefault(found["partitionKey"], []).append(happened)
    for account, events in by_account.items():
        project(account, events)


def project(account, events):
    before = accounts.get_item(Key={"account": account}, ConsistentRead=True).get("Item", empty(account))
    after = follow(before, events)
    if after["events"] == before["events"]:
        return
    accounts.put_item(  # only on top of what was read: a second writer would make the batch fail and come again
        Item=after,
        ConditionExpression="attribute_not_exists(account) OR lastSequence = :seen",
        ExpressionAttributeValues={":seen": before["lastSequence"]},
    )
