"""What an account may have, and where DynamoDB is."""

from __future__ import annotations

from urllib.parse import urlsplit


def test_limits(dynamodb):
    answer = dynamodb.describe_limits()
    del answer["ResponseMetadata"]
    assert answer == {
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    }


def test_endpoints(dynamodb, undercast):
    (endpoint,) = dynamodb.describe_endpoints()["Endpoints"]
    assert endpoint == {"Address": urlsplit(undercast.url).netloc, "CachePeriodInMinutes": 1440}
