"""Delivery: books a place on the van for the order, or gives it up."""

import os

from choreography import reaction
from saga import add, do, undo

TABLE = os.environ["TABLE"]


class NoDelivery(Exception):
    pass


def book(order, context=None):
    do(TABLE, order["id"], add(order["area"], "places", -1, least=1), NoDelivery(order["area"]))
    return {"booked": order["area"]}


def cancel(order, context=None):
    undo(TABLE, order["id"], add(order["area"], "places", 1))
    return {"cancelled": order["area"]}


on_event = reaction({"StockTaken": (book, "OrderConfirmed", "DeliveryRefused")})
