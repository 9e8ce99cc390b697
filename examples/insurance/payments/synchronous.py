"""Payments, API gateway pattern: stores a payment, calls the other services by HTTP, answers when all of them have."""

import json
import os
import urllib.error
import urllib.request

import boto3

s3 = boto3.client("s3")
BUCKET = os.environ["DATA"]


def handler(event, context):
    payment = {"paymentId": context.aws_request_id, **json.loads(event["body"])}
    s3.put_object(Bucket=BUCKET, Key=f"payments/{payment['paymentId']}.json", Body=json.dumps(payment).encode())
    # One API for all services: its own id is in the request. An API for each service: their ids are in the environment.
    here = event["requestContext"]["apiId"]
    customer = post(os.environ.get("CUSTOMER_API", here), f"/customers/{payment['customerId']}/payments", payment)
    if customer["status"] == 404:
        return answer(422, {"paymentId": payment["paymentId"], "message": customer["body"]["message"]})
    sale = post(os.environ.get("SALES_API", here), "/sales", payment)
    letter = post(os.environ.get("COMMUNICATION_API", here), "/letters", payment)
    return answer(
        201,
        {
            "paymentId": payment["paymentId"],
            "paid": customer["body"]["paid"],
            "commission": sale["body"]["commission"],
            "letter": letter["body"]["letter"],
        },
    )


def post(api, path, body):
    request = urllib.request.Request(
        url_of(api) + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return {"status": response.status, "body": json.load(response)}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": json.load(error)}


def url_of(api):
    """Where an API answers: on AWS at its own host, on Undercast at a path of the endpoint."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        return f"{endpoint}/restapis/{api}/prod/_user_request_"
    return f"https://{api}.execute-api.{os.environ['AWS_REGION']}.amazonaws.com/prod"


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
