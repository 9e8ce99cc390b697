"""What other services deliver to buses, in process."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity

OBJECT_CREATED = {
    "version": "0", "id": "1", "detail-type": "Object Created", "source": "aws.s3", "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1", "resources": ["arn:aws:s3:::bucket"], "detail": {"object": {"key": "k"}},
}  # fmt: skip


@pytest.fixture
def deliver(undercast: Any, account: str) -> Any:
    """`deliver(arn, payload)` as a service would, in a transaction."""

    def send(arn: str, payload: bytes) -> None:
        call = Call(
            undercast.platform, account=account, region="us-east-1", identity=root_identity(account), request_id="r",
            service="s3",
        )  # fmt: skip

        async def work(inner: Call) -> None:
            await inner.deliver(arn, payload)

        undercast.run(call.transact(work))

    return send


def test_a_whole_event_of_a_service(deliver: Any, make_rule: Any, target: Any, account: str) -> None:
    bus = f"arn:aws:events:us-east-1:{account}:event-bus/default"
    deliver(bus, orjson.dumps(OBJECT_CREATED))  # nobody asked for anything yet
    make_rule("rule", target.arn, pattern={"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "k"}]}}})
    deliver(bus, orjson.dumps({**OBJECT_CREATED, "account": account}))
    assert target.bodies() == [{**OBJECT_CREATED, "account": account}]
