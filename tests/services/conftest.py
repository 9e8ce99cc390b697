"""Every test of every service runs on SQLite; in CI on PostgreSQL, too."""

from __future__ import annotations

import os
from typing import Any

import pytest


@pytest.fixture(scope="session", params=["sqlite", "postgres"] if os.environ.get("UNDERCAST_CI") else ["sqlite"])
def undercast(request: pytest.FixtureRequest, undercast: Any) -> Any:
    return undercast if request.param == "sqlite" else request.getfixturevalue("on_postgres")
