"""Sales: what was sold, and the commission for it. Owns one bucket: sales/{payment}.json."""

import json
import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
BUCKET = os.environ["DATA"]
COMMISSION = 0.05


def handler(event, context):
    """Answers an API call, takes a payment from a bus, or payments from a queue, naming those that failed so that only they come back."""
    if "detail" in event:
        return book(event["detail"])
    if "Records" not in event:
        return answer(201, book(json.loads(event["body"])))
    failed = []
    for record in event["Records"]:
        try:
            book(payment_of(json.loads(record["body"])))
        except Exception as error:  # noqa: BLE001  whatever is wrong with one payment must not hold up the others
            print(f"payment in message {record['messageId']} failed: {error!r}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def payment_of(body):
    """A payment as Payments queued it, or inside the envelope of a topic."""
    return json.loads(body["Message"]) if body.get("Type") == "Notification" else body


def book(payment):
    """Write the sale under the payment's id, once: who comes second finds it there."""
    if payment["amount"] <= 0:
        raise ValueError(f"a payment of {payment['amount']} is no sale")
    sale = {"paymentId": payment["paymentId"], "commission": round(payment["amount"] * COMMISSION, 2)}
    try:
        s3.put_object(
            Bucket=BUCKET, Key=f"sales/{payment['paymentId']}.json", Body=json.dumps(sale).encode(), IfNoneMatch="*"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
    return sale


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
