"""A disk that is really full: one clear error, nothing lost, and on it goes when there is room again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.crash.platform import Program

_SIZE = "48m"
_BALLAST = 32 * 2**20


class OnSmallDisk(Program):
    """A platform whose data folder is a small file system of its own, in a mount namespace of its own."""

    def command(self) -> list[str]:
        script = f'mount -t tmpfs -o size={_SIZE} tmpfs "$0" && exec "$@"'
        return [
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            script,
            str(self._data),
            *super().command(),
        ]

    @property
    def disk(self) -> Path:
        """The data folder as the platform sees it."""
        assert self._process
        return Path(f"/proc/{self._process.pid}/root{self._data}")


@pytest.fixture
def victim(tmp_path):
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if sys.platform != "linux" or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("this machine allows no mount namespaces")
    victim = OnSmallDisk(tmp_path)
    victim.start()
    yield victim
    victim.stop()


def test_a_full_disk_refuses_loses_nothing_and_goes_on(victim):
    ballast = victim.disk / "ballast"
    ballast.write_bytes(b"x" * _BALLAST)
    sqs, s3 = victim.client("sqs"), victim.client("s3")
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    s3.create_bucket(Bucket="things")
    sent = 0
    with pytest.raises(ClientError) as error:
        for sent in range(1000):
            sqs.send_message(QueueUrl=url, MessageBody=f"{sent:04d}" + "x" * 250_000)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert "is full or failing" in error.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="things", Key="large", Body=b"x" * 8_000_000)
    assert "is full or failing" in error.value.response["Error"]["Message"]
    assert sqs.get_queue_url(QueueName="work")["QueueUrl"] == url  # who only reads is answered

    ballast.unlink()
    sqs, s3 = victim.client("sqs", attempts=5), victim.client("s3", attempts=5)  # as SDKs do by default
    s3.put_object(Bucket="things", Key="small", Body=b"x")
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="things")["Contents"]] == ["small"]
    found = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages"):
        found.add(messages[0]["Body"][:4])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    assert found == {f"{n:04d}" for n in range(sent)}
