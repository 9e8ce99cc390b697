"""Payments, publish/subscribe by EventBridge: stores a payment and puts it on the bus, as one event or as several."""

import json
import os

import boto3

s3 = boto3.client("s3")
events = boto3.client("events")
BUCKET = os.environ["DATA"]
KINDS = os.environ["EVENTS"].split(",")  # the types of events that one payment is


def handler(event, context):
    payment = {"receipt": "letter", "paymentId": context.aws_request_id, **json.loads(event["body"])}
    s3.put_object(Bucket=BUCKET, Key=f"payments/{payment['paymentId']}.json", Body=json.dumps(payment).encode())
    put = events.put_events(Entries=[entry(kind, payment) for kind in KINDS])
    if put["FailedEntryCount"]:
        raise RuntimeError(f"the bus did not take all: {put['Entries']}")
    return {"statusCode": 202, "body": json.dumps({"paymentId": payment["paymentId"]})}


def entry(kind, payment):
    return {
        "EventBusName": os.environ["BUS"],
        "Source": "insurance.payments",
        "DetailType": kind,
        "Detail": json.dumps(payment),
    }
