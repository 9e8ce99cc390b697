"""Fixtures for SQS: clients of both protocols, queues of each kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from undercast.wire.awsquery_names import with_names


@pytest.fixture(scope="session")
def query_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data path for botocore with the model of the days when SQS spoke the query protocol."""
    model = Loader().load_service_model("sqs", "service-2")
    model["metadata"] |= {"protocol": "query", "protocols": ["query"]}
    model["metadata"].pop("awsQueryCompatible")
    model["shapes"] = dict(with_names("sqs", model["shapes"]))
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = f"{name}Result"
    folder = tmp_path_factory.mktemp("botocore")
    file = folder / "sqs" / model["metadata"]["apiVersion"] / "service-2.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(model))
    return folder


@pytest.fixture(params=["sqs", "sqs_query"])
def protocol(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def client(protocol: str, aws: Any, undercast: Any, account: str, region: str, request: pytest.FixtureRequest) -> Any:
    """A client of each protocol in turn."""
    if protocol == "sqs":
        return aws("sqs")
    session = botocore.session.Session()
    session.set_config_variable("data_path", str(request.getfixturevalue("query_model")))
    session.get_component("data_loader").search_paths.insert(0, str(request.getfixturevalue("query_model")))
    return session.create_client(
        "sqs", endpoint_url=undercast.url, region_name=region, aws_access_key_id=account,
        aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip


@pytest.fixture
def make(sqs: Any) -> Any:
    """`make("name", DelaySeconds="1")` answers a queue's URL."""

    def make(name: str = "made", **attributes: str) -> str:
        if name.endswith(".fifo"):
            attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true", **attributes}
        return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    return make


@pytest.fixture
def fifo(make: Any) -> str:
    """The URL of a fresh FIFO queue with content-based deduplication."""
    return make("queue.fifo")


@pytest.fixture
def arn(sqs: Any) -> Any:
    """`arn(url)`"""

    def get(url: str) -> str:
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    return get


@pytest.fixture
def bodies(sqs: Any) -> Any:
    """`bodies(url)`: the bodies of one receive of up to ten."""

    def receive(url: str, **options: Any) -> list[str]:
        answer = sqs.receive_message(QueueUrl=url, **{"MaxNumberOfMessages": 10, **options})
        return [message["Body"] for message in answer.get("Messages", [])]

    return receive


@pytest.fixture
def settle(undercast: Any) -> Any:
    """`settle()` waits until every job that is due has run."""
    return lambda: undercast.run(undercast.platform.jobs.idle())


@pytest.fixture
def error_of() -> Any:
    """`error_of(function, **arguments)` answers the error that must come."""

    def call(function: Any, **arguments: Any) -> ClientError:
        with pytest.raises(ClientError) as error:
            function(**arguments)
        return error.value

    return call


@pytest.fixture
def refused(error_of: Any) -> Any:
    """`refused(function, **arguments)` answers the code and message of the error that must come."""

    def call(function: Any, **arguments: Any) -> tuple[str, str]:
        error = error_of(function, **arguments).response["Error"]
        return error["Code"], error["Message"]

    return call
