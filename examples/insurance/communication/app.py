"""Communication: letters to customers. Owns one bucket: letters/{payment}.txt."""

import json
import os

import boto3

s3 = boto3.client("s3")
BUCKET = os.environ["DATA"]


def handler(event, context):
    """Answers an API call, or takes payments that were published to a topic or a bus."""
    if "detail" in event:
        return write_letter(event["detail"])
    if "Records" in event:
        for record in event["Records"]:
            write_letter(json.loads(record["Sns"]["Message"]))
        return None
    letter = write_letter(json.loads(event["body"]))
    return {"statusCode": 201, "headers": {"Content-Type": "application/json"}, "body": json.dumps({"letter": letter})}


def write_letter(payment):
    key = f"letters/{payment['paymentId']}.txt"
    text = (
        f"Dear customer {payment['customerId']},\nwe have received {payment['amount']:.2f} for {payment['policyId']}.\n"
    )
    s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode(), ContentType="text/plain")
    return key
