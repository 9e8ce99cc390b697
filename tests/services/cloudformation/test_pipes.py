"""AWS::Pipes::Pipe: made, changed, replaced, deleted; the pipe works all the while."""

from __future__ import annotations

from typing import Any


def template(target: str = "Sink", **more: Any) -> dict[str, Any]:
    pipe = {
        "Source": {"Fn::GetAtt": ["Source", "Arn"]},
        "Target": {"Fn::GetAtt": [target, "Arn"]},
        "RoleArn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/any"},
        "Tags": {"a": "b"},
        **more,
    }
    return {
        "Resources": {
            **{name: {"Type": "AWS::SQS::Queue"} for name in ("Source", "Sink", "Other")},
            "Pipe": {"Type": "AWS::Pipes::Pipe", "Properties": {k: v for k, v in pipe.items() if v is not None}},
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Pipe", "Arn"]}}},
    }


def through(stacks: Any, sqs: Any, body: str, sink: str = "Sink") -> str:
    """What arrives in a queue when a message goes into the pipe."""
    url = stacks.physical(sink)
    sqs.send_message(QueueUrl=stacks.physical("Source"), MessageBody=body)
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message["Body"]


def test_a_pipe(stacks: Any, aws: Any, sqs: Any) -> None:
    pipes = aws("pipes")
    made = stacks.create(template(TargetParameters={"InputTemplate": "one <$.body>"}, Description="text"))
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    name = stacks.physical("Pipe")
    shown = pipes.describe_pipe(Name=name)
    assert (shown["Arn"], shown["CurrentState"]) == (stacks.outputs()["Arn"], "RUNNING")
    assert (shown["Tags"]["a"], shown["Tags"]["aws:cloudformation:logical-id"]) == ("b", "Pipe")
    assert through(stacks, sqs, "x") == 'one "x"'

    changed = stacks.update(template("Other", Tags={"c": "d"}))
    assert changed["StackStatus"] == "UPDATE_COMPLETE", stacks.events()
    shown = pipes.describe_pipe(Name=name)
    assert shown["Tags"].get("c") == "d" and "a" not in shown["Tags"]
    assert not shown.get("Description")
    assert '"body":"y"' in through(stacks, sqs, "y", "Other")

    stacks.update(template(Source={"Fn::GetAtt": ["Other", "Arn"]}, DesiredState="STOPPED"))
    replaced = stacks.physical("Pipe")
    assert replaced != name
    assert [(one["Name"], one["CurrentState"]) for one in pipes.list_pipes()["Pipes"]] == [(replaced, "STOPPED")]

    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert pipes.list_pipes()["Pipes"] == []


def test_a_pipe_without_its_source(stacks: Any, account: str) -> None:
    failed = stacks.create(template(Source=f"arn:aws:sqs:us-east-1:{account}:missing"))
    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("CREATE_FAILED" in reason and "missing" in reason for _, _, reason in stacks.events())


def test_a_setting_that_cannot_act(stacks: Any) -> None:
    failed = stacks.create(template(KmsKeyIdentifier="key"))
    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("KmsKeyIdentifier" in reason for _, _, reason in stacks.events())
