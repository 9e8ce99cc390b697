"""Rotation of secrets by a function in four steps."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from tests.services.secretsmanager.test_secrets import code
from undercast.kit.service import Service, waits


class Function:
    """A stand-in for Lambda: one function, which rotates as AWS's templates do."""

    def __init__(self, secrets, arn):
        self.secrets, self.arn = secrets, arn
        self.steps, self.fails_at = [], ""

    def rotate(self, event):
        where = {"SecretId": event["SecretId"]}
        token = event["ClientRequestToken"]
        stages = self.secrets.describe_secret(**where)["VersionIdsToStages"]
        assert "AWSPENDING" in stages[token]
        if event["Step"] == "createSecret":
            self.secrets.put_secret_value(
                **where, ClientRequestToken=token, SecretString=f"rotated {token}", VersionStages=["AWSPENDING"]
            )
        if event["Step"] == "finishSecret":
            current = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
            self.secrets.update_secret_version_stage(
                **where, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
            )

    def service(self):
        import asyncio  # noqa: PLC0415  the stand-in alone needs it

        @waits
        async def invoke(call, request):
            assert (request["FunctionName"], call.identity.service) == (self.arn, "secretsmanager.amazonaws.com")
            event = json.loads(request["Payload"])
            self.steps.append(event["Step"])
            if event["Step"] == self.fails_at:
                return {"StatusCode": 200, "FunctionError": "Unhandled"}
            await asyncio.to_thread(self.rotate, event)
            return {"StatusCode": 200}

        async def get_function_configuration(call, request):
            return {"FunctionName": "rotator"}

        operations = ModuleType("operations")
        for function in (invoke, get_function_configuration):
            function.__module__ = "operations"
            setattr(operations, function.__name__, function)
        return Service("lambda", operations=(operations,))


@pytest.fixture
def function(secrets, undercast, account, region, monkeypatch):
    stand_in = Function(secrets, f"arn:aws:lambda:{region}:{account}:function:rotator")
    undercast.run(undercast.platform.service("secretsmanager"))
    monkeypatch.setitem(undercast.platform._services, "lambda", stand_in.service())
    return stand_in


STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


def idle(undercast):
    undercast.run(undercast.platform.jobs.idle())


def test_rotation_in_four_steps(secrets, secret, function, undercast):
    answer = secrets.rotate_secret(
        SecretId=secret, RotationLambdaARN=function.arn, RotationRules={"AutomaticallyAfterDays": 30}
    )
    idle(undercast)
    assert function.steps == STEPS
    value = secrets.get_secret_value(SecretId=secret)
    assert (value["VersionId"], value["SecretString"]) == (answer["VersionId"], f"rotated {answer['VersionId']}")
    assert value["VersionStages"] == ["AWSCURRENT"]
    assert secrets.get_secret_value(SecretId=secret, VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    shown = secrets.describe_secret(SecretId=secret)
    assert shown["RotationEnabled"] is True and shown["RotationLambdaARN"] == function.arn
    assert 29 <= (shown["NextRotationDate"] - shown["LastRotatedDate"]).total_seconds() / 86400 <= 30


def test_rotation_by_schedule(secrets, secret, function, undercast, clock):
    secrets.rotate_secret(
        SecretId=secret, RotationLambdaARN=function.arn, RotateImmediately=False,
        RotationRules={"ScheduleExpression": "rate(10 days)"},
    )  # fmt: skip
    idle(undercast)
    assert function.steps == []
    for n in (1, 2):
        clock.advance(days=10, minutes=1)
        idle(undercast)
        assert function.steps == STEPS * n


def test_cancelled_rotation(secrets, secret, function, undercast, clock):
    secrets.rotate_secret(
        SecretId=secret, RotationLambdaARN=function.arn, RotateImmediately=False,
        RotationRules={"AutomaticallyAfterDays": 1},
    )  # fmt: skip
    secrets.cancel_rotate_secret(SecretId=secret)
    clock.advance(days=2)
    idle(undercast)
    assert function.steps == []
    assert secrets.describe_secret(SecretId=secret)["RotationEnabled"] is False


def test_failing_step_is_tried_again_and_given_up(secrets, secret, function, undercast, clock):
    function.fails_at = "testSecret"
    secrets.rotate_secret(SecretId=secret, RotationLambdaARN=function.arn)
    for _ in range(5):
        idle(undercast)
        clock.advance(minutes=5)
    idle(undercast)
    assert function.steps == ["createSecret", "setSecret", *["testSecret"] * 5]
    assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "one"
    function.fails_at = ""
    assert code(secrets.rotate_secret, SecretId=secret) == "InvalidRequestException"  # and begins it again
    idle(undercast)
    assert secrets.get_secret_value(SecretId=secret)["SecretString"].startswith("rotated")


def test_the_same_request_again_rotates_once(secrets, secret, function, undercast):
    request = {
        "SecretId": secret,
        "RotationLambdaARN": function.arn,
        "ClientRequestToken": "a-request-of-thirty-two-letters-1",
    }
    first = secrets.rotate_secret(**request)
    assert secrets.rotate_secret(**request)["VersionId"] == first["VersionId"]
    idle(undercast)
    assert secrets.rotate_secret(**request)["VersionId"] == first["VersionId"]
    idle(undercast)
    assert function.steps == STEPS
    secrets.rotate_secret(**request | {"ClientRequestToken": "another-request-of-32-characters-2"})
    idle(undercast)
    assert function.steps == STEPS * 2


def test_rotation_without_a_function(secrets, secret):
    assert code(secrets.rotate_secret, SecretId=secret) == "InvalidRequestException"
    assert code(secrets.cancel_rotate_secret, SecretId=secret) == "InvalidRequestException"
