"""Payment: takes the order's amount from the customer's account, or gives it back."""

import os

from choreography import reaction
from saga import add, do, undo

TABLE = os.environ["TABLE"]


class NotEnoughMoney(Exception):
    pass


def charge(order, context=None):
    amount = order["amount"]
    do(TABLE, order["id"], add(order["customer"], "balance", -amount, least=amount), NotEnoughMoney(order["customer"]))
    return {"charged": amount}


def refund(order, context=None):
    undo(TABLE, order["id"], add(order["customer"], "balance", order["amount"]))
    return {"refunded": order["amount"]}


on_event = reaction(
    {
        "OrderPlaced": (charge, "PaymentCharged", "OrderFailed"),
        "StockRefused": (refund, "OrderFailed", None),
        "StockPutBack": (refund, "OrderFailed", None),
    }
)
