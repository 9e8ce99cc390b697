"""A client for Secrets Manager, and a secret."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def secrets(aws: Any) -> Any:
    return aws("secretsmanager")


@pytest.fixture
def secret(secrets: Any) -> str:
    """The name of a fresh secret with the value `one`."""
    secrets.create_secret(Name="fresh", SecretString="one")
    return "fresh"
