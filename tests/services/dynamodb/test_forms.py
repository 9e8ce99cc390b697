"""Answers to callers in the platform's own process: plain dicts with bytes, not the JSON that goes out."""

from __future__ import annotations

import pytest

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity

ITEM = {"id": {"S": "a"}, "data": {"B": b"\x00\xff"}, "list": {"L": [{"BS": [b"x"]}]}}


@pytest.fixture
def inside(undercast, account, region):
    """`inside("get_item", …)` as a service of this account calls it."""

    def perform(method, **params):
        platform = undercast.platform
        call = Call(platform, account=account, region=region, identity=root_identity(account), request_id="inside")
        return undercast.run(platform.perform(call, "dynamodb", method, params))

    return perform


def test_items_are_plain(dynamodb, table, inside):
    inside("put_item", TableName=table, Item=ITEM)
    assert dynamodb.get_item(TableName=table, Key={"id": {"S": "a"}})["Item"] == ITEM
    assert inside("get_item", TableName=table, Key={"id": {"S": "a"}})["Item"] == ITEM
    assert inside("scan", TableName=table)["Items"] == [ITEM]
    assert inside("batch_get_item", RequestItems={table: {"Keys": [{"id": {"S": "a"}}]}})["Responses"] == {
        table: [ITEM]
    }
