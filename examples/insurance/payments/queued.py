"""Payments, decoupled messaging: stores a payment, queues it for Sales, answers at once with an id to ask for later."""

import json
import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
sqs = boto3.client("sqs")
BUCKET = os.environ["DATA"]
SALES_BUCKET = os.environ["SALES_DATA"]


def handler(event, context):
    if event["httpMethod"] == "GET":
        return status_of(event["pathParameters"]["id"])
    payment = {"paymentId": context.aws_request_id, **json.loads(event["body"])}
    s3.put_object(Bucket=BUCKET, Key=f"payments/{payment['paymentId']}.json", Body=json.dumps(payment).encode())
    sqs.send_message(QueueUrl=os.environ["SALES_QUEUE"], MessageBody=json.dumps(payment))
    return answer(202, {"requestId": payment["paymentId"]})


def status_of(request_id):
    if exists(SALES_BUCKET, f"sales/{request_id}.json"):
        return answer(200, {"requestId": request_id, "status": "PROCESSED"})
    if exists(BUCKET, f"payments/{request_id}.json"):
        return answer(200, {"requestId": request_id, "status": "ACCEPTED"})
    return answer(404, {"message": f"No request {request_id}"})


def exists(bucket, key):
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
