"""`kill -9` in the middle of stacks: each comes to its end by itself, and what exists is what the stacks list.

UNDERCAST_KILLS sets how many kills (a tenth of it, three at least), UNDERCAST_SEED which run to repeat.
"""

from __future__ import annotations

import io
import json
import os
import random
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.crash.platform import Victim, kills

KILLS = kills(part=10)
SEED = int(os.environ.get("UNDERCAST_SEED", "4566"))
ROUNDS = 2  # between two kills
ENDS = {"CREATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}
PATIENCE_S = 90
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def _of(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type_name}", "Properties": properties}


def _arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def _template(delay: int, *, fails: bool) -> str:
    """Two functions on queues that two topics feed, with a layer; one that fails does so when all else is there."""
    code = {"ZipFile": f"def handler(event, context): return {delay}\n"}
    resources: dict[str, Any] = {"Role": _of("IAM::Role", AssumeRolePolicyDocument=TRUST)}
    resources["Layer"] = _of("Lambda::LayerVersion", Content={"S3Bucket": "layers", "S3Key": "layer.zip"})
    for one in ("A", "B"):
        resources |= {
            f"Topic{one}": _of("SNS::Topic"),
            f"Queue{one}": _of("SQS::Queue", DelaySeconds=delay),
            f"Subscription{one}": _of("SNS::Subscription", TopicArn={"Ref": f"Topic{one}"}, Protocol="sqs", Endpoint=_arn(f"Queue{one}")),
            f"Function{one}": _of("Lambda::Function", Code=code, Handler="index.handler", Runtime="python3.12", Role=_arn("Role"), Layers=[{"Ref": "Layer"}]),
            f"Mapping{one}": _of("Lambda::EventSourceMapping", FunctionName={"Ref": f"Function{one}"}, EventSourceArn=_arn(f"Queue{one}")),
        }  # fmt: skip
    if fails:
        resources["Last"] = {**_of("SQS::Queue", DelaySeconds=901), "DependsOn": ["MappingA", "MappingB"]}
    return json.dumps({"Resources": resources})


class Deployer:
    """Asks for stacks, changes and deletions, and remembers those that were acknowledged."""

    def __init__(self, victim: Victim) -> None:
        self.cfn = victim.client("cloudformation")
        self.acknowledged: list[str] = []
        self._number = 0

    def work(self) -> None:
        """Two stacks, one that cannot be; of those from before, one changes and one goes."""
        number = self._number = self._number + 1
        for kind in ("good", "bad"):
            body = _template(1, fails=kind == "bad")
            made = self._try(
                self.cfn.create_stack, StackName=f"{kind}-{number}", TemplateBody=body, Capabilities=["CAPABILITY_IAM"]
            )
            self.acknowledged += [made["StackId"]] if made else []
        body = _template(2, fails=False)
        self._try(self.cfn.update_stack, StackName=f"good-{number - 1}", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])  # fmt: skip
        self._try(self.cfn.delete_stack, StackName=f"good-{number - 2}")

    def _try(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        try:
            return operation(**parameters)
        except (BotoCoreError, ClientError) as error:  # cut off, or the stack is busy or was never made
            if isinstance(error, ClientError):
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] < 500, error
            return None


@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_stacks_end_and_own_what_exists(store: str, tmp_path: Any, request: Any) -> None:
    url = request.getfixturevalue("postgres_url") if store == "postgres" else ""
    chance, victim = random.Random(SEED), Victim(tmp_path, url)
    victim.start()
    try:
        _put_layer(victim)
        deployer = Deployer(victim)
        for _ in range(KILLS):
            killer = threading.Thread(
                target=victim.kill_after, args=(deployer.acknowledged, 1, chance.uniform(0.0, 1.3))
            )
            killer.start()
            for _ in range(ROUNDS):
                deployer.work()
            killer.join()
            victim.start()
        victim.end_leases()
        ends = _ends(victim)
        _check_ends(ends, deployer)
        _check_resources(victim, ends)
    finally:
        victim.stop()
    print(f"\n{store}: {KILLS} kills, {dict(Counter(ends.values()))}")


def _put_layer(victim: Victim) -> None:
    content, s3 = io.BytesIO(), victim.client("s3")
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/shared.py", "VALUE = 1\n")
    s3.create_bucket(Bucket="layers")
    s3.put_object(Bucket="layers", Key="layer.zip", Body=content.getvalue())


def _ends(victim: Victim) -> dict[str, str]:
    """Stack id -> status, once nothing is under way: nobody asks for anything any more."""
    deadline = time.monotonic() + PATIENCE_S
    cfn = victim.client("cloudformation")
    while True:
        found = {one["StackId"]: one["StackStatus"] for one in _all(cfn, "list_stacks", "StackSummaries")}
        if not any(status.endswith("IN_PROGRESS") for status in found.values()) or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def _check_ends(ends: dict[str, str], deployer: Deployer) -> None:
    assert {stack: status for stack, status in ends.items() if status not in ENDS} == {}
    assert set(deployer.acknowledged) - ends.keys() == set(), "acknowledged stacks are lost"
    for stack, status in ends.items():
        assert (status == "ROLLBACK_COMPLETE") == ("/bad-" in stack), (stack, status)
    assert len(ends) >= KILLS, "the load was no load"


def _check_resources(victim: Victim, ends: dict[str, str]) -> None:
    cfn = victim.client("cloudformation")
    wanted: dict[str, list[str]] = {}
    for stack in (stack for stack, status in ends.items() if status != "DELETE_COMPLETE"):
        for row in _all(cfn, "list_stack_resources", "StackResourceSummaries", StackName=stack):
            if row["ResourceStatus"] != "DELETE_COMPLETE":
                wanted.setdefault(row["ResourceType"], []).append(row["PhysicalResourceId"])
    there = _existing(victim)
    assert wanted.keys() <= there.keys()
    for name, ids in there.items():
        assert not Counter(ids) - Counter(wanted.get(name, ())), f"{name}: nobody's"
        assert not Counter(wanted.get(name, ())) - Counter(ids), f"{name}: lost"


def _existing(victim: Victim) -> dict[str, list[str]]:
    """What the services have, by type, as CloudFormation would call it."""
    lambda_, sns = victim.client("lambda"), victim.client("sns")
    layers = [one["LayerName"] for one in _all(lambda_, "list_layers", "Layers")]
    versions = [one for name in layers for one in _all(lambda_, "list_layer_versions", "LayerVersions", LayerName=name)]
    return {
        "AWS::SQS::Queue": [*_all(victim.client("sqs"), "list_queues", "QueueUrls")],
        "AWS::SNS::Topic": [one["TopicArn"] for one in _all(sns, "list_topics", "Topics")],
        "AWS::SNS::Subscription": [
            one["SubscriptionArn"] for one in _all(sns, "list_subscriptions", "Subscriptions")
        ],
        "AWS::IAM::Role": [one["RoleName"] for one in _all(victim.client("iam"), "list_roles", "Roles")],
        "AWS::Lambda::Function": [one["FunctionName"] for one in _all(lambda_, "list_functions", "Functions")],
        "AWS::Lambda::EventSourceMapping": [
            one["UUID"] for one in _all(lambda_, "list_event_source_mappings", "EventSourceMappings")
        ],
        "AWS::Lambda::LayerVersion": [one["LayerVersionArn"] for one in versions],
    }  # fmt: skip


def _all(client: Any, operation: str, member: str, **parameters: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**parameters):
        yield from page.get(member, ())
