"""The AWS CLI's `cloudformation package` and `deploy`, with the insurance systems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples" / "insurance"


@pytest.mark.parametrize("name", ["single-api", "api-per-service", "messaging", "publish-subscribe"])
def test_the_insurance_systems_deploy(stacks: Any, aws: Any, cli: Callable[..., str], account: str, name: str) -> None:
    bucket = f"code-{account}"
    aws("s3").create_bucket(Bucket=bucket)
    template = str(EXAMPLES / f"{name}.yaml")
    package = ("package", "--template-file", template, "--s3-bucket", bucket, "--output-template-file", "packaged.yaml")
    cli("cloudformation", *package)
    deploy = ("deploy", "--template-file", "packaged.yaml", "--stack-name", name, "--capabilities", "CAPABILITY_IAM")
    cli("cloudformation", *deploy, "--no-execute-changeset")  # the CLI would look every 30 seconds whether it is done
    change_set = stacks.client.list_change_sets(StackName=name)["Summaries"][0]["ChangeSetId"]
    stacks.client.execute_change_set(ChangeSetName=change_set)
    assert stacks.settled(name)["StackStatus"] == "CREATE_COMPLETE", stacks.events(name)
    cli("cloudformation", *deploy, "--no-fail-on-empty-changeset")
    stack_id = stacks.describe(name)["StackId"]
    deleted = stacks.delete(name)
    assert deleted["StackStatus"] == "DELETE_COMPLETE", [one for one in stacks.events(stack_id) if "FAILED" in one[1]]
