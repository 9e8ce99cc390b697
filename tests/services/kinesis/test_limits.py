"""What an account may have and has."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def test_limits(kinesis, stream):
    assert kinesis.describe_limits()["OpenShardCount"] == 0
    stream("a", 3)
    stream("b", None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    answer = kinesis.describe_limits()
    assert (answer["OpenShardCount"], answer["OnDemandStreamCount"]) == (3, 1)
    assert answer["OnDemandStreamCountLimit"] >= 10
    with pytest.raises(ClientError) as refused:
        kinesis.create_stream(StreamName="c", ShardCount=answer["ShardLimit"] - 2)
    assert refused.value.response["Error"]["Code"] == "LimitExceededException"


def test_account_settings(kinesis, clock):
    """A commitment lasts for 24 hours at least (API reference, UpdateAccountSettings)."""

    def shown():
        return kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]

    assert shown() == {"Status": "DISABLED"}
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    assert shown()["Status"] == "ENABLED"
    assert (shown()["EarliestAllowedEndAt"] - shown()["StartedAt"]).total_seconds() == 86_400
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "DISABLED"})
    assert shown()["Status"] == "ENABLED_UNTIL_EARLIEST_ALLOWED_END"
    clock.advance(hours=24)
    assert (shown()["Status"], "EndedAt" in shown()) == ("DISABLED", True)
