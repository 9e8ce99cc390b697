"""Payments, publish/subscribe: stores a payment and publishes it once; who is interested has subscribed."""

import json
import os

import boto3

s3 = boto3.client("s3")
sns = boto3.client("sns")
BUCKET = os.environ["DATA"]


def handler(event, context):
    payment = {"paymentId": context.aws_request_id, **json.loads(event["body"])}
    s3.put_object(Bucket=BUCKET, Key=f"payments/{payment['paymentId']}.json", Body=json.dumps(payment).encode())
    channel = payment.get("receipt", "letter")
    sns.publish(
        TopicArn=os.environ["TOPIC"],
        Message=json.dumps(payment),
        MessageAttributes={"receipt": {"DataType": "String", "StringValue": channel}},
    )
    return {"statusCode": 202, "body": json.dumps({"paymentId": payment["paymentId"]})}
