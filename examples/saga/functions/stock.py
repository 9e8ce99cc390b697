"""Stock: sets an item aside for the order, or puts it back."""

import os
import time

from choreography import reaction
from saga import add, do, undo

TABLE = os.environ["TABLE"]


class OutOfStock(Exception):
    pass


def take(order, context=None):
    time.sleep(order.get("slowly", 0))  # a warehouse that takes its time: what the orchestration's timeout is for
    do(TABLE, order["id"], add(order["item"], "pieces", -1, least=1), OutOfStock(order["item"]))
    return {"taken": order["item"]}


def put_back(order, context=None):
    undo(TABLE, order["id"], add(order["item"], "pieces", 1))
    return {"putBack": order["item"]}


on_event = reaction(
    {
        "PaymentCharged": (take, "StockTaken", "StockRefused"),
        "DeliveryRefused": (put_back, "StockPutBack", None),
    }
)
