"""A database for each crash test."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest


@pytest.fixture
def postgres_url(postgres_url: str) -> str:
    """The URL of a fresh database: what other tests leave behind must not be counted."""
    name = f"crash_{uuid4().hex}"
    asyncio.run(_create(postgres_url, name))
    return postgres_url.replace("/postgres?", f"/{name}?")


async def _create(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
