"""A step of a saga: done once, undone once, in whatever order and however often it is asked for.

Each service keeps one row per order beside its own data, and changes both in one transaction:

    nothing -> DONE -> UNDONE      done, then compensated
    nothing -> UNDONE              compensated before it was done: a late try to do it is refused
"""

import boto3

dynamodb = boto3.client("dynamodb")


class Cancelled(Exception):
    """The order was given up before this step was done."""


def do(table, order_id, change, refusal):
    """Make the change (an update of a row, with a condition) once. Raises `refusal` when its condition does not hold."""
    marker = {"id": {"S": f"order {order_id}"}, "state": {"S": "DONE"}}
    put = {"TableName": table, "Item": marker, "ConditionExpression": "attribute_not_exists(id)"}
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": {"TableName": table, **change}}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        first, second = (reason["Code"] for reason in error.response["CancellationReasons"])
        if first == "ConditionalCheckFailed":
            if state(table, order_id) == "UNDONE":
                raise Cancelled(order_id) from None
        elif second == "ConditionalCheckFailed":
            raise refusal from None
        else:
            raise


def undo(table, order_id, change):
    """Make the opposite change once, if the step was done."""
    undone = {"id": {"S": f"order {order_id}"}, "state": {"S": "UNDONE"}}
    before = state(table, order_id)
    if before == "UNDONE":
        return
    put = {"TableName": table, "Item": undone, "ConditionExpression": "attribute_not_exists(id)"}
    items = [{"Put": put}]
    if before == "DONE":
        put |= {
            "ConditionExpression": "#state = :done",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":done": {"S": "DONE"}},
        }
        items.append({"Update": {"TableName": table, **change}})
    dynamodb.transact_write_items(TransactItems=items)  # who was faster makes this fail, and it is asked for again


def state(table, order_id):
    found = dynamodb.get_item(TableName=table, Key={"id": {"S": f"order {order_id}"}}, ConsistentRead=True)
    return found["Item"]["state"]["S"] if "Item" in found else None


def add(row, column, amount, least=None):
    """The change that adds to a number, if at least so much is there."""
    change = {
        "Key": {"id": {"S": row}},
        "UpdateExpression": "ADD #column :amount",
        "ExpressionAttributeNames": {"#column": column},
        "ExpressionAttributeValues": {":amount": {"N": str(amount)}},
    }
    if least is not None:
        change["ConditionExpression"] = "#column >= :least"
        change["ExpressionAttributeValues"][":least"] = {"N": str(least)}
    return change
