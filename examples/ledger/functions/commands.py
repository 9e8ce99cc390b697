"""The write side: a command is checked, and what it does is appended to the stream as an event. Nothing else is written."""

import json
import os
import time

import boto3
from ledger import answer, empty

kinesis = boto3.client("kinesis")
accounts = boto3.resource("dynamodb").Table(os.environ["ACCOUNTS"])
TYPES = {"deposits": "Deposited", "withdrawals": "Withdrawn"}


def handler(event, context):
    account, kind = event["pathParameters"]["account"], event["pathParameters"]["kind"]
    amount = json.loads(event["body"] or "{}").get("amount")
    if kind not in TYPES:
        return answer(404, {"message": f"there are {' and '.join(TYPES)}, no {kind}"})
    if not isinstance(amount, int) or amount <= 0:
        return answer(400, {"message": "amount must be a whole number of cents above 0"})
    if kind == "withdrawals" and amount > balance(account):
        return answer(409, {"message": f"{account} does not have {amount} cents"})
    done = {"id": context.aws_request_id, "type": TYPES[kind], "account": account, "amount": amount, "at": time.time()}
    put = kinesis.put_record(StreamName=os.environ["EVENTS"], PartitionKey=account, Data=json.dumps(done).encode())
    return answer(202, {**done, "sequence": put["SequenceNumber"]})


def balance(account):
    """As the read model knows it: it may be a moment behind. A ledger that must never overdraw reserves first."""
    return accounts.get_item(Key={"account": account}).get("Item", empty(account))["balance"]
