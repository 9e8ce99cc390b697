"""The AWS CLI's `cloudformation package` and `deploy`, with the insurance systems."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples" / "insurance"
CLI = Path(sys.executable).parent / "aws"


@pytest.mark.skipif(not CLI.exists(), reason="the AWS CLI is not installed")
@pytest.mark.parametrize("name", ["single-api", "api-per-service", "messaging", "publish-subscribe"])
def test_the_insurance_systems_deploy(stacks: Any, aws: Any, undercast: Any, account: str, tmp_path: Path, name: str) -> None:  # fmt: skip
    bucket = f"code-{account}"
    aws("s3").create_bucket(Bucket=bucket)
    environment = {
        **os.environ, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": undercast.url, "AWS_CONFIG_FILE": os.devnull,
    }  # fmt: skip

    def run(*words: str) -> None:
        done = subprocess.run([str(CLI), "cloudformation", *words], env=environment, capture_output=True, text=True, timeout=120)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr + str([one for one in stacks.events(name) if "FAILED" in one[1]])  # fmt: skip

    out = str(tmp_path / "packaged.yaml")
    run("package", "--template-file", str(EXAMPLES / f"{name}.yaml"), "--s3-bucket", bucket, "--output-template-file", out)  # fmt: skip
    deploy = ("deploy", "--template-file", out, "--stack-name", name, "--capabilities", "CAPABILITY_IAM")
    run(*deploy, "--no-execute-changeset")  # the CLI would look every 30 seconds whether it is done
    change_set = stacks.client.list_change_sets(StackName=name)["Summaries"][0]["ChangeSetId"]
    stacks.client.execute_change_set(ChangeSetName=change_set)
    assert stacks.settled(name)["StackStatus"] == "CREATE_COMPLETE", stacks.events(name)
    run(*deploy, "--no-fail-on-empty-changeset")
    stack_id = stacks.describe(name)["StackId"]
    deleted = stacks.delete(name)
    assert deleted["StackStatus"] == "DELETE_COMPLETE", [one for one in stacks.events(stack_id) if "FAILED" in one[1]]
