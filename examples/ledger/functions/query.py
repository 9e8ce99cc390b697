"""The read side: answers from the read model alone."""

import os

import boto3
from ledger import answer, shown

accounts = boto3.resource("dynamodb").Table(os.environ["ACCOUNTS"])


def handler(event, context):
    account = event["pathParameters"]["account"]
    item = accounts.get_item(Key={"account": account}).get("Item")
    return answer(200, shown(item)) if item else answer(404, {"message": f"nothing is known of {account}"})
