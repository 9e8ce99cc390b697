"""The AWS CLI, as it is, with an endpoint in its environment: a write and a read of every service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.conftest import ROLE, RUNTIME, zipped

BIN = Path(sys.executable).parent

PAIRS = {
    "apigateway": ("create-rest-api --name mine", "get-rest-apis"),
    "iam": ("create-user --user-name mine", "list-users"),
    "kms": ("create-key --description mine", "list-keys"),
    "secretsmanager": ("create-secret --name mine --secret-string x", "get-secret-value --secret-id mine"),
    "sns": ("create-topic --name mine", "list-topics"),
    "sqs": ("create-queue --queue-name mine", "get-queue-url --queue-name mine"),
    "ssm": ("put-parameter --name mine --value x --type String", "get-parameter --name mine"),
    "sts": ("get-session-token", "get-caller-identity"),
}


@pytest.mark.parametrize("service", PAIRS)
def test_write_and_read(cli, service, undercast):
    write, read = PAIRS[service]
    # version 1 of the CLI does not look into its environment for SQS
    at = ("--endpoint-url", undercast.url) if service == "sqs" else ()
    json.loads(cli(service, *write.split(), *at))
    answer = cli(service, *read.split(), *at)
    assert json.loads(answer) and ("mine" in answer or service in ("kms", "sts"))


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_queues_too_in_a_shell_that_took_the_exports(shell, undercast, account):
    """Without --endpoint-url, which version 1 of the CLI needs for SQS."""
    lines = f"""
        set -e
        eval "$({BIN}/undercast env --url {undercast.url} --account {account})"
        aws sqs create-queue --queue-name mine
        aws --output text sqs get-queue-url --queue-name mine
        aws --output text sts get-caller-identity
    """
    path = f"{BIN}:{os.environ['PATH']}"
    done = subprocess.run([shell, "-c", lines], env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *_, url, identity = done.stdout.splitlines()
    assert url == f"{undercast.url}/{account}/mine"
    assert account in identity


def test_files_of_a_folder(cli, account, tmp_path):
    (tmp_path / "site" / "deep").mkdir(parents=True)
    (tmp_path / "site" / "a.txt").write_text("a")
    (tmp_path / "site" / "deep" / "b.txt").write_text("b")
    cli("s3", "mb", f"s3://b{account}")
    cli("s3", "cp", "--recursive", "site", f"s3://b{account}/site")
    cli("s3", "cp", "--recursive", f"s3://b{account}/site", "back")
    assert (tmp_path / "back" / "deep" / "b.txt").read_text() == "b"


def test_a_stack(cli, tmp_path):
    template = {
        "Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-a-stack"}}},
        "Outputs": {"Url": {"Value": {"Ref": "Q"}}},
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    cli("cloudformation", "deploy", "--template-file", "t.json", "--stack-name", "mine")
    [stack] = json.loads(cli("cloudformation", "describe-stacks", "--stack-name", "mine"))["Stacks"]
    assert stack["Outputs"][0]["OutputValue"].endswith("/of-a-stack")


def test_a_function_and_its_log(cli, tmp_path):
    (tmp_path / "f.zip").write_bytes(zipped("def handler(event, context):\n    print('said', event)\n    return event"))
    cli("lambda", "create-function", "--function-name", "mine", "--runtime", RUNTIME, "--role", ROLE,
        "--handler", "handler.handler", "--zip-file", "fileb://f.zip")  # fmt: skip
    cli("lambda", "wait", "function-active-v2", "--function-name", "mine")
    cli("lambda", "invoke", "--function-name", "mine", "--payload", '{"a": 1}', "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == {"a": 1}
    assert "said {'a': 1}" in cli(
        "logs", "filter-log-events", "--log-group-name", "/aws/lambda/mine"
    )  # `logs tail` is in version 2 only
