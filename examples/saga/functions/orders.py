"""Orders: takes an order, begins its saga, remembers how it ended, and answers what became of it."""

import json
import os

import boto3
from choreography import tell

orders = boto3.resource("dynamodb").Table(os.environ["ORDERS"])
ENDS = {"OrderConfirmed": "CONFIRMED", "OrderFailed": "FAILED"}


def handler(event, context):
    """POST /orders and GET /orders/{id}."""
    if event["httpMethod"] == "GET":
        found = orders.get_item(Key={"id": event["pathParameters"]["id"]}, ConsistentRead=True).get("Item")
        return answer(200, {"id": found["id"], "status": found["status"]}) if found else answer(404, {})
    order = {"id": context.aws_request_id, **json.loads(event["body"])}
    orders.put_item(Item={"id": order["id"], "status": "PLACED"})
    if "MACHINE" in os.environ:
        boto3.client("stepfunctions").start_execution(
            stateMachineArn=os.environ["MACHINE"], name=order["id"], input=json.dumps(order)
        )
    else:
        tell("OrderPlaced", order)
    return answer(202, {"id": order["id"]})


def on_end(event, context):
    """An event of the choreography, or a call of the orchestration, that says how an order ended."""
    order_id, status = event["detail"]["id"], ENDS[event["detail-type"]]
    orders.update_item(
        Key={"id": order_id}, UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"}, ExpressionAttributeValues={":status": status},
    )  # fmt: skip


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
