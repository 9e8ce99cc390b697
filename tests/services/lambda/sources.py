"""What the tests of event source mappings have in common: a function that sends on what it gets, and receiving that."""

from __future__ import annotations

import json

COPY = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps({"event": event, "result": RESULT}))
    if FAIL: raise Exception("failed attempt")
    return RESULT
"""


def arn(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def wait_for(client, uuid, state):
    while (mapping := client.get_event_source_mapping(UUID=uuid))["State"] != state:
        pass
    return mapping


def receive(sqs, url, count=1):
    """The bodies of the next messages, as JSON."""
    found = []
    while len(found) < count:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10).get("Messages", [])
        assert messages, f"{len(found)} of {count} messages came"
        found += [json.loads(message["Body"]) for message in messages]
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found
