"""A client for Parameter Store."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def ssm(aws: Any) -> Any:
    return aws("ssm")
