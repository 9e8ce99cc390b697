"""`sam deploy`, unmodified, with nothing set but AWS_ENDPOINT_URL, a region and a key."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest

SAM = Path(__file__).parents[2] / ".venv-sam" / "bin" / "sam"
TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Greeting: { Type: String }
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello
      Handler: app.handler
      Runtime: python3.12
      Environment: { Variables: { GREETING: !Ref Greeting } }
      Events:
        Get: { Type: Api, Properties: { Path: /hello, Method: get } }
Outputs:
  Api: { Value: !Ref ServerlessRestApi }
"""
HANDLER = "import os\ndef handler(event, context):\n    return {'statusCode': 200, 'body': os.environ['GREETING']}\n"


@pytest.fixture
def sam(undercast, account, tmp_path):
    """Runs the SAM CLI in a folder of its own."""
    if not SAM.exists():
        if os.environ.get("UNDERCAST_CI"):
            pytest.fail("CI installs the SAM CLI (.ci/run)")
        pytest.skip("needs the SAM CLI in .venv-sam (its dependencies want an environment of their own)")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": undercast.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "x",
        "SAM_CLI_TELEMETRY": "0",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run([SAM, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=170)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "app.py").write_text(HANDLER)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return run


def deploy(sam, greeting):
    sam(
        "deploy", "--stack-name", "hello", "--resolve-s3", "--no-confirm-changeset", "--capabilities", "CAPABILITY_IAM",
        "--parameter-overrides", f'Greeting="{greeting}"',  # without quotes the CLI cuts it at a space
    )  # fmt: skip


def test_deploy_update_and_delete(sam, undercast, aws):
    deploy(sam, "hello")
    (stack,) = aws("cloudformation").describe_stacks(StackName="hello")["Stacks"]
    (output,) = (item for item in stack["Outputs"] if item["OutputKey"] == "Api")
    url = f"{undercast.url}/restapis/{output['OutputValue']}/Prod/_user_request_/hello"
    assert urllib.request.urlopen(url).read() == b"hello"
    deploy(sam, "good morning")
    assert urllib.request.urlopen(url).read() == b"good morning"
    sam("delete", "--stack-name", "hello", "--no-prompts")
    assert json.dumps([s["StackName"] for s in aws("cloudformation").describe_stacks()["Stacks"]]).count("hello") == 0
