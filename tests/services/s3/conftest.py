"""Fixtures for S3: a client, and buckets with names that nobody else has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


@pytest.fixture
def make_bucket(s3: Any, account: str) -> Callable[..., str]:
    """Creates a bucket and tells its name; `versioned=True` keeps versions."""
    made: list[str] = []

    def make(*, versioned: bool = False, **options: Any) -> str:
        name = f"bucket-{account}-{len(made)}"
        made.append(name)
        s3.create_bucket(Bucket=name, **options)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    return make


@pytest.fixture
def bucket(make_bucket: Callable[..., str]) -> str:
    return make_bucket()


@pytest.fixture
def versioned(make_bucket: Callable[..., str]) -> str:
    return make_bucket(versioned=True)
