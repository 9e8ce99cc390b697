"""What the functions share: an event, and what events make of an account. Amounts are whole cents."""

import json
from decimal import Decimal

EFFECTS = {"Deposited": 1, "Withdrawn": -1}


def empty(account):
    """An account that nothing happened to."""
    return {"account": account, "balance": 0, "events": 0, "lastSequence": ""}


def follow(state, events):
    """The account after `events`, pairs of sequence number and event in their order. What it has seen already is left
    out: the stream gives each event at least once, and this makes it exactly once."""
    state = dict(state)
    for sequence, event in events:
        if not state["lastSequence"] or int(sequence) > int(state["lastSequence"]):
            state["balance"] += EFFECTS[event["type"]] * event["amount"]
            state["events"] += 1
            state["lastSequence"] = sequence
    return state


def shown(state):
    """An account as the API answers it."""
    numbers = {name: int(value) for name, value in state.items() if isinstance(value, Decimal)}
    return {**state, **numbers}


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
