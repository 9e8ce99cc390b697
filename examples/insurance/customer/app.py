"""Customer: who our customers are, and what they have paid. Owns one bucket: customers/{id}.json, paid/{id}/{payment}.json."""

import json
import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
BUCKET = os.environ["DATA"]


def handler(event, context):
    """Answers an API call, or takes payments that were published to a topic or a bus."""
    if "detail" in event:
        return credit(event["detail"])
    if "Records" in event:
        for record in event["Records"]:
            credit(json.loads(record["Sns"]["Message"]))
        return None
    if event["httpMethod"] == "PUT":
        return put_customer(event["pathParameters"]["id"], json.loads(event["body"]))
    if event["httpMethod"] == "POST":
        payment = json.loads(event["body"])
        if read(f"customers/{payment['customerId']}.json") is None:
            return answer(404, {"message": f"No customer {payment['customerId']}"})
        credit(payment)
    return get_customer(event["pathParameters"]["id"])


def put_customer(customer_id, customer):
    s3.put_object(Bucket=BUCKET, Key=f"customers/{customer_id}.json", Body=json.dumps(customer).encode())
    return answer(200, {"id": customer_id, **customer})


def get_customer(customer_id):
    customer = read(f"customers/{customer_id}.json")
    if customer is None:
        return answer(404, {"message": f"No customer {customer_id}"})
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"paid/{customer_id}/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    paid = sum(read(key)["amount"] for key in keys)
    return answer(200, {"id": customer_id, **customer, "paid": paid, "payments": len(keys)})


def credit(payment):
    """Remember a payment under its own id: however often it arrives, it counts once."""
    key = f"paid/{payment['customerId']}/{payment['paymentId']}.json"
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps({"amount": payment["amount"]}).encode())


def read(key):
    try:
        return json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
