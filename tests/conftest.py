"""Fixtures of our own tests: boto3 clients by service name, on the plugin's platform and fresh account."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def sqs(aws: Any) -> Any:
    return aws("sqs")


@pytest.fixture
def queue(sqs: Any) -> str:
    """The URL of a fresh standard queue."""
    return sqs.create_queue(QueueName="queue")["QueueUrl"]
