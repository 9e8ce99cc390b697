"""Fixtures for S3: a client, and buckets with names that nobody else has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config


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
def let_all(s3: Any) -> Callable[..., None]:
    """Lets everybody do some actions (all by default) with a bucket and its objects, by its policy."""

    def let(bucket: str, *actions: str) -> None:
        arn = f"arn:aws:s3:::{bucket}"
        statement = {"Effect": "Allow", "Principal": "*", "Action": actions or "s3:*", "Resource": [arn, f"{arn}/*"]}
        if all("Object" in action for action in actions) and actions:
            statement["Resource"] = f"{arn}/*"
        s3.delete_public_access_block(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    return let


@pytest.fixture
def versioned(make_bucket: Callable[..., str]) -> str:
    return make_bucket(versioned=True)


@pytest.fixture
def destination(sqs: Any, queue: str) -> str:
    """The ARN of a queue."""
    return sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


@pytest.fixture
def notify(s3: Any, destination: str) -> Callable[..., None]:
    """Sends some events of a bucket to the queue."""

    def configure(bucket: str, *events: str, **settings: Any) -> None:
        one = {"QueueArn": destination, "Events": list(events), **settings}
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [one]}
        )

    return configure


@pytest.fixture
def records(sqs: Any, queue: str) -> Callable[..., list[dict[str, Any]]]:
    """All records that have come to the queue, without the tests of it."""

    def receive() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", ()):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        bodies = [json.loads(message["Body"]) for message in answer.get("Messages", ())]
        return [record for body in bodies for record in body.get("Records", ())]

    return receive


@pytest.fixture
def keyed(aws: Any) -> Callable[..., Any]:
    """Clients that sign with the keys of a user, whose secret the platform knows."""
    iam = aws("iam")
    iam.create_user(UserName="signer")
    key = iam.create_access_key(UserName="signer")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def client(signature: str = "s3v4", **options: Any) -> Any:
        return aws("s3", config=Config(signature_version=signature, **options), **keys)

    return client
