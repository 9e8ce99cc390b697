"""Running functions."""

from __future__ import annotations

import io
import json
import shutil
import urllib.request
import zipfile
from base64 import b64encode

import pytest

from .answers import refusal, wait_active, wait_updated
from .conftest import zipped


def error(call, **request):
    found = refusal(call, **request).response
    return found["Error"]["Code"], found["Error"]["Message"], found["ResponseMetadata"]["HTTPStatusCode"]


def test_a_function_answers(function, invoke):
    function("echo")
    assert invoke("echo", {"a": 1}) == {"a": 1}


def test_it_can_be_invoked_before_it_is_active(create, invoke):
    create("echo")
    assert invoke("echo", {"a": 1}) == {"a": 1}


def test_an_exception(function, client):
    function("f", "def handler(e, c): raise ValueError('no')")
    answer = client.invoke(FunctionName="f")
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "ValueError"


def test_payloads_are_checked(function, client):
    function("f")
    code, message, status = error(client.invoke, FunctionName="f", Payload=b"{no json")
    assert (code, status) == ("InvalidRequestContentException", 400)
    assert message.startswith("Could not parse request body into json")
    large = b'"' + b"x" * 6_291_456 + b'"'
    assert error(client.invoke, FunctionName="f", Payload=large)[::2] == ("RequestEntityTooLargeException", 413)
    code, message, status = error(
        client.invoke, FunctionName="f", Payload=b'"' + b"x" * 1_048_576 + b'"', InvocationType="Event"
    )
    assert (code, status) == ("RequestTooLargeException", 413)
    assert message == "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
    context = b64encode(b"no json").decode()
    assert error(client.invoke, FunctionName="f", ClientContext=context)[0] == "InvalidRequestContentException"


def test_code_and_configuration_change(function, client, invoke):
    function("f", "def handler(e, c): return 1")
    assert invoke("f") == 1
    client.update_function_code(FunctionName="f", ZipFile=zipped("def handler(e, c): return 2"))
    assert invoke("f") == 2
    wait_updated(client, "f")
    assert invoke("f") == 2
    client.update_function_configuration(FunctionName="f", Handler="handler.other")
    assert invoke("f")["errorType"] == "Runtime.HandlerNotFound"


def test_layers(create, client, invoke):
    layer = zipped({"python/greeting.py": "text = 'hello'"})
    arn = client.publish_layer_version(LayerName="l", Content={"ZipFile": layer})["LayerVersionArn"]
    create("f", "import greeting\ndef handler(e, c): return greeting.text", Layers=[arn])
    assert invoke("f") == "hello"


def test_the_code_can_be_downloaded(function, client):
    function("f", "def handler(e, c): return 1")
    location = client.get_function(FunctionName="f")["Code"]["Location"]
    with urllib.request.urlopen(location) as answer:
        assert zipfile.ZipFile(io.BytesIO(answer.read())).namelist() == ["handler.py"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(location[:-1] + ("0" if location[-1] != "0" else "1"))


def test_hot_reload(create, invoke, tmp_path):
    (tmp_path / "handler.py").write_text("def handler(e, c): return 1")
    create("f", Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path)})
    assert invoke("f") == 1
    (tmp_path / "handler.py").write_text("def handler(e, c): return 'changed'")
    assert invoke("f") == "changed"


def test_hot_reload_of_what_is_not_there(create):
    code, message, _ = error(create, name="f", Code={"S3Bucket": "hot-reload", "S3Key": "relative/path"})
    assert code == "InvalidParameterValueException" and "absolute path" in message


IDENTITY = """
import boto3
def handler(event, context): return boto3.client("sts").get_caller_identity()["Arn"]
"""


@pytest.fixture
def role(aws):
    """The ARN of a role that Lambda may assume."""
    service = {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return aws("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=trust)["Role"]["Arn"]


def test_it_acts_as_its_role(create, invoke, role, account, clock):
    create("who", IDENTITY, Role=role, Timeout=30)
    assert invoke("who") == f"arn:aws:sts::{account}:assumed-role/runner/who"
    clock.advance(hours=2)  # its credentials have ended
    assert invoke("who") == f"arn:aws:sts::{account}:assumed-role/runner/who"


def test_without_such_a_role_it_acts_as_its_account(create, invoke, account):
    create("who", IDENTITY, Timeout=30)
    assert invoke("who") == f"arn:aws:iam::{account}:root"


def test_logs_reach_cloudwatch(function, invoke, aws):
    function("f", "def handler(e, c): print('a line')")
    invoke("f")
    logs = aws("logs")
    while True:
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/f")["events"]
        except logs.exceptions.ResourceNotFoundException:
            continue
        messages = [event["message"] for event in events]
        if messages and messages[-1].startswith("REPORT"):
            break
    assert [message.split()[0] for message in messages] == ["INIT_START", "START", "a", "END", "REPORT"]


def test_a_log_group_of_ones_own(function, invoke, aws, client):
    function("f", LoggingConfig={"LogFormat": "JSON", "LogGroup": "mine"})
    invoke("f")
    logs = aws("logs")
    while not logs.describe_log_groups(logGroupNamePrefix="mine")["logGroups"]:
        pass


STREAM = """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.setContentType("text/plain");
    stream.write("one,");
    stream.write("two");
    stream.end();
});
"""


def test_a_stream_of_a_function_that_does_not_stream(function, client):
    function("f")
    answer = client.invoke_with_response_stream(FunctionName="f", Payload=b'{"a": 1}')
    events = list(answer["EventStream"])
    chunks = b"".join(event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event)
    assert json.loads(chunks) == {"a": 1}
    assert "InvokeComplete" in events[-1]


def test_a_stream_that_fails(function, client):
    function("f", "def handler(e, c): raise ValueError('no')")
    (end,) = list(client.invoke_with_response_stream(FunctionName="f")["EventStream"])
    assert end["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert "ValueError" in end["InvokeComplete"]["ErrorDetails"]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_a_stream(function, client):
    function("f", {"handler.js": STREAM}, Runtime="nodejs20.x")
    answer = client.invoke_with_response_stream(FunctionName="f")
    chunks = [event["PayloadChunk"]["Payload"] for event in answer["EventStream"] if "PayloadChunk" in event]
    assert b"".join(chunks) == b"one,two"


def test_a_runtime_that_is_not_here(create, client):
    create("f", Runtime="ruby3.4")
    wait_active(client, "f")
    code, message, status = error(client.invoke, FunctionName="f")
    assert (code, status) == ("InvalidRuntimeException", 502)
    assert "ruby3.4" in message


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"PackageType": "Image", "Code": {"ImageUri": "repo:latest"}}, "NotImplemented"),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, "NotImplemented"),
        ({"MemorySize": 10241}, "ValidationException"),
        ({"Timeout": 901}, "ValidationException"),
        ({"Runtime": "python3.7"}, "InvalidParameterValueException"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException"),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:s3:::bucket"}}, "InvalidParameterValueException"),
        ({"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "WARN"}}, "InvalidParameterValueException"),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}, "Runtime": "nodejs20.x"}, "InvalidParameterValueException"),
    ],
)
def test_refusals(create, settings, code):
    assert error(create, name="f", **settings)[0] == code


def test_a_function_stops_calling_itself(create, client, invoke):
    code = """
import boto3, json
def handler(event, context):
    try:
        answer = boto3.client("lambda").invoke(FunctionName="f", Payload=json.dumps({"n": event["n"] + 1}))
        return json.load(answer["Payload"])
    except Exception as error:
        return [event["n"], str(error)]
"""
    create("f", code, Timeout=60)
    depth, message = invoke("f", {"n": 1})
    assert depth == 16
    assert "RecursiveInvocationException" in message
