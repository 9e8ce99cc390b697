"""How a service reacts to events of others when nobody conducts: a step, and the event that says how it went."""

import json
import os

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from saga import Cancelled

events = boto3.client("events")


def reaction(steps):
    """A handler for events. `steps` says for each type of event which step to take, what to tell when it was taken,
    and what when it was refused."""

    def handler(event, context):
        step, taken, refused = steps[event["detail-type"]]
        order = event["detail"]
        try:
            step(order)
        except Cancelled:
            return
        except (BotoCoreError, ClientError):
            raise  # not the order's fault: the event comes again
        except Exception as refusal:  # whatever is wrong with an order, it must not stay open
            if refused is None:
                raise
            tell(refused, {**order, "reason": type(refusal).__name__})
        else:
            tell(taken, order)

    return handler


def tell(kind, order):
    entry = {"EventBusName": os.environ["BUS"], "Source": "shop", "DetailType": kind, "Detail": json.dumps(order)}
    if events.put_events(Entries=[entry])["FailedEntryCount"]:
        raise RuntimeError("the bus did not take the event")
