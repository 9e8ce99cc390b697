"""Packages that no version of a function or layer names any more go; all others stay."""

from __future__ import annotations

import importlib
import os

import boto3

from undercast.pytest_plugin import InProcessPlatform

from .conftest import ROLE, RUNTIME, zipped

sweeps = importlib.import_module("undercast.services.lambda.sweeps")


def packages(folder):
    return {path.name for path in (folder / "blobs").glob("??/*")}


def client(platform, account):
    return boto3.client(
        "lambda",
        endpoint_url=platform.url,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="x",
    )


def create(lambda_, name, code):
    lambda_.create_function(
        FunctionName=name, Runtime=RUNTIME, Role=ROLE, Handler="handler.handler", Code={"ZipFile": zipped(code)}
    )


def test_packages_go_with_the_last_version_that_names_them(tmp_path, account):
    platform = InProcessPlatform(tmp_path)
    try:
        lambda_ = client(platform, account)
        create(lambda_, "one", "def handler(event, context): return 1")
        create(lambda_, "same", "def handler(event, context): return 1")
        create(lambda_, "other", "def handler(event, context): return 2")
        lambda_.publish_layer_version(LayerName="layer", Content={"ZipFile": zipped({"python/x.py": "x = 1"})})
        assert len(packages(tmp_path)) == 3
        for path in (tmp_path / "blobs").glob("??/*"):
            os.utime(path, (0, 0))
        sweeper = platform.platform.things[sweeps.SWEEPER]
        assert platform.run(sweeper.find_unnamed()) == {}
        lambda_.delete_function(FunctionName="one")
        assert platform.run(sweeper.find_unnamed()) == {}
        lambda_.delete_function(FunctionName="other")
        lambda_.delete_layer_version(LayerName="layer", VersionNumber=1)
        unnamed = platform.run(sweeper.find_unnamed())
        assert len(unnamed) == 1
        assert set(unnamed.values()) == {0.0}
    finally:
        platform.close()


def test_unnamed_packages_go_when_the_service_starts(tmp_path, account):
    platform = InProcessPlatform(tmp_path)
    lambda_ = client(platform, account)
    create(lambda_, "kept", "def handler(event, context): return 1")
    [kept] = packages(tmp_path)
    create(lambda_, "gone", "def handler(event, context): return 2")
    lambda_.delete_function(FunctionName="gone")
    platform.close()
    for path in (tmp_path / "blobs").glob("??/*"):
        os.utime(path, (0, 0))
    platform = InProcessPlatform(tmp_path)
    try:
        platform.run(platform.platform.service("lambda"))
        platform.run(_until_swept(platform.platform))
        assert packages(tmp_path) == {kept}
    finally:
        platform.close()


async def _until_swept(platform):
    while await platform.things[sweeps.SWEEPER].find_unnamed():
        pass
