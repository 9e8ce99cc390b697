"""The archive's writer: every batch of events becomes an object, named by the shard and the sequence numbers in it."""

import json
import os
from base64 import b64decode

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    """A batch that comes again with other neighbours makes objects that overlap: who reads them counts each event once."""
    lines = [line(record["kinesis"]) for record in event["Records"]]
    shard = event["Records"][0]["eventID"].partition(":")[0]
    first, last = (event["Records"][at]["kinesis"]["sequenceNumber"] for at in (0, -1))
    s3.put_object(
        Bucket=os.environ["ARCHIVE"], Key=f"events/{shard}/{first}-{last}.jsonl", Body="\n".join(lines).encode()
    )


def line(record):
    return json.dumps({"sequence": record["sequenceNumber"], "event": json.loads(b64decode(record["data"]))})
