"""Fixtures for the tests of CloudFormation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import WaiterError

_SOON = {"Delay": 0.03, "MaxAttempts": 2000}


class Stacks:
    """Makes and changes stacks and waits until that has ended."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def create(self, template: Any, name: str = "stack", **options: Any) -> dict[str, Any]:
        """The stack as it is once nothing is under way."""
        self.client.create_stack(StackName=name, TemplateBody=_text(template), **options)
        return self.settled(name)

    def update(self, template: Any, name: str = "stack", **options: Any) -> dict[str, Any]:
        self.client.update_stack(StackName=name, TemplateBody=_text(template), **options)
        return self.settled(name)

    def delete(self, name: str = "stack", **options: Any) -> dict[str, Any]:
        stack_id = self.describe(name)["StackId"]
        self.client.delete_stack(StackName=name, **options)
        return self.settled(stack_id)

    def deploy(self, template: Any, name: str = "stack", kind: str = "CREATE", change_set: str = "cs", **options: Any) -> dict[str, Any]:  # fmt: skip
        """By a change set, as most tools do."""
        made = self.client.create_change_set(
            StackName=name, ChangeSetName=change_set, ChangeSetType=kind, TemplateBody=_text(template), **options
        )
        self.client.get_waiter("change_set_create_complete").wait(ChangeSetName=made["Id"], WaiterConfig=_SOON)
        self.client.execute_change_set(ChangeSetName=made["Id"])
        return self.settled(name)

    def settled(self, name: str) -> dict[str, Any]:
        for waiter in ("stack_create_complete", "stack_update_complete", "stack_delete_complete"):
            try:
                if self.describe(name)["StackStatus"].endswith("IN_PROGRESS"):
                    self.client.get_waiter(waiter).wait(StackName=name, WaiterConfig=_SOON)
            except WaiterError:
                continue
        return self.describe(name)

    def describe(self, name: str = "stack") -> dict[str, Any]:
        return self.client.describe_stacks(StackName=name)["Stacks"][0]

    def outputs(self, name: str = "stack") -> dict[str, str]:
        return {one["OutputKey"]: one["OutputValue"] for one in self.describe(name).get("Outputs", ())}

    def events(self, name: str = "stack") -> list[tuple[str, str, str]]:
        """Oldest first: resource, status, reason."""
        found = []
        for page in self.client.get_paginator("describe_stack_events").paginate(StackName=name):
            found += page["StackEvents"]
        return [
            (one["LogicalResourceId"], one["ResourceStatus"], one.get("ResourceStatusReason", ""))
            for one in reversed(found)
        ]

    def physical(self, logical_id: str, name: str = "stack") -> str:
        found = self.client.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]


def _text(template: Any) -> str:
    return template if isinstance(template, str) else json.dumps(template)


@pytest.fixture
def cfn(aws: Any) -> Any:
    return aws("cloudformation")


@pytest.fixture
def sns(aws: Any) -> Any:
    return aws("sns")


@pytest.fixture
def ssm(aws: Any) -> Any:
    return aws("ssm")


@pytest.fixture
def stacks(cfn: Any) -> Stacks:
    return Stacks(cfn)
