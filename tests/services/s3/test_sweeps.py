"""Files that no row names go; all others stay."""

from __future__ import annotations

import os
import time

import boto3
import pytest

from undercast.pytest_plugin import InProcessPlatform
from undercast.services.s3.sweeps import SWEEPER

BIG = b"x" * 300_000


def put(platform, account, key):
    client = boto3.client(
        "s3", endpoint_url=platform.url, region_name="us-east-1", aws_access_key_id=account, aws_secret_access_key="x"
    )
    client.create_bucket(Bucket=f"b{account}")
    client.put_object(Bucket=f"b{account}", Key=key, Body=BIG)
    return client


def files(folder):
    return [path for path in (folder / "blobs").glob("??/*") if path.is_file()]


@pytest.fixture
def orphan(tmp_path):
    """What an upload left behind that never came to its commit."""

    def make(name, age_s):
        path = tmp_path / "blobs" / name[:2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(BIG)
        os.utime(path, (time.time() - age_s,) * 2)
        return path

    return make


def test_orphans_go_when_the_service_starts(tmp_path, account, orphan):
    platform = InProcessPlatform(tmp_path)
    put(platform, account, "k")
    platform.close()
    [kept] = files(tmp_path)
    os.utime(kept, (0, 0))
    old, young, of_a_function = orphan("a" * 32, 4000), orphan("b" * 32, 3000), orphan("c" * 64, 4000)
    platform = InProcessPlatform(tmp_path)
    try:
        platform.run(platform.platform.service("s3"))
        assert platform.run(swept(platform.platform))
        assert sorted(files(tmp_path)) == sorted([kept, young, of_a_function])
        assert not old.exists()
    finally:
        platform.close()


async def swept(platform):
    """Whether a sweep finds nothing more to do once the first is over."""
    while await platform.things[SWEEPER].find_unnamed():
        pass
    return True


def test_names_are_asked_for_on_both_databases(on_postgres, account):
    put(on_postgres, account, "k")
    kept = max(files(on_postgres.platform.folder), key=lambda file: file.stat().st_ctime_ns)
    os.utime(kept, (0, 0))
    assert kept.name not in on_postgres.run(on_postgres.platform.things[SWEEPER].find_unnamed())
