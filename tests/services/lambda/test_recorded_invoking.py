"""Invocations, as AWS answered."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode, b64encode

import pytest

from .answers import IGNORED, OLDER, created, invoked, names, recorded, refusal, wait_active

NOTHING_PYTHON = "def handler(e, c): pass"
NOTHING_NODE = {"handler.js": "exports.handler = async () => {};"}
COUNTER = "n = -1\ndef handler(e, c):\n    global n\n    n += 1\n    return {'counter': n}"
COUNTER_NODE = {"handler.js": "let n = 0; exports.handler = async () => ({counter: n++});"}

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


def runtimes(test):
    return [
        pytest.param(name, marks=needs_node) if name.startswith("node") else name
        for name in names(f"TestLambdaFeatures::{test}[")
    ]


def make(function, runtime, python, node):
    if runtime.startswith("node"):
        return function("f", node, Runtime="nodejs20.x")
    return function("f", python)


@pytest.mark.parametrize(
    ("test", "kind"),
    [("test_invocation_type_request_response", "RequestResponse"), ("test_invocation_type_event", "Event"),
     ("test_invocation_type_dry_run", "DryRun")],
)  # fmt: skip
@pytest.mark.parametrize("runtime", runtimes("test_invocation_type_event"))
def test_invocation_types(client, function, test, kind, runtime):
    make(function, runtime, "def handler(e, c): return e", {"handler.js": "exports.handler = async (e) => e;"})
    answer = invoked(client, FunctionName="f", Payload=b"{}", InvocationType=kind)
    recorded(f"lambda::TestLambdaFeatures::{test}[{runtime}]").check("invoke-result", answer)


@pytest.mark.parametrize("case", runtimes("test_invocation_type_no_return_payload"))
def test_no_payload(client, function, case):
    runtime, _, kind = case.partition("-")
    make(function, runtime, NOTHING_PYTHON, NOTHING_NODE)
    answer = invoked(client, FunctionName="f", Payload=b"{}", InvocationType=kind)
    name = f"lambda::TestLambdaFeatures::test_invocation_type_no_return_payload[{case}]"
    recorded(name).check("invoke-result", answer)


@pytest.mark.parametrize("runtime", runtimes("test_invocation_with_logs"))
def test_logs(client, function, runtime):
    case = recorded(f"lambda::TestLambdaFeatures::test_invocation_with_logs[{runtime}]")
    node = {"handler.js": "exports.handler = async (e) => { console.log(JSON.stringify(e)); return e; };"}
    make(function, runtime, "import json\ndef handler(e, c):\n    print(json.dumps(e))\n    return e", node)
    answer = invoked(client, FunctionName="f", Payload=b"{}", LogType="Tail")
    case.check("invoke", answer, ignore=("LogResult",))
    lines = b64decode(answer["LogResult"]).decode().splitlines(keepends=True)
    kept = [line for line in lines if line.strip() and not line.startswith("INIT_START")]
    assert kept[0].startswith("START")
    wanted = [line.split()[0] for line in case.answers["logs"]["logs"] if not line.startswith("date")]
    assert [line.split()[0] for line in kept if line.split()[0] in wanted] == wanted


@pytest.mark.parametrize("language", ["python", pytest.param("nodejs", marks=needs_node)])
def test_state_is_kept(client, function, language):
    case = recorded(f"lambda::TestLambdaBehavior::test_lambda_cache_local[{language}]")
    make(function, language, COUNTER, COUNTER_NODE)
    case.check("first_invoke_result", invoked(client, FunctionName="f"))
    case.check("second_invoke_result", invoked(client, FunctionName="f"))


def test_no_timeout(client, create):
    case = recorded("lambda::TestLambdaBehavior::test_lambda_invoke_no_timeout")
    answer = create("f", NOTHING_PYTHON, Runtime="python3.12", Timeout=2, Environment={"Variables": {}})
    case.check("create-result", created(answer), ignore=IGNORED)
    wait_active(client, "f")
    case.check("invoke-result", invoked(client, FunctionName="f"))


REUSE = """
import time
number = 0
def handler(event, context):
    global number
    if "set" in event: number = event["set"]
    elif "get" in event: return {"number": number}
    elif "write" in event:
        with open("/tmp/content", "w") as file: file.write(event["write"])
    elif "sleep" in event: time.sleep(event["sleep"])
"""


def test_timeout_ends_the_environment(client, create):
    case = recorded("lambda::TestLambdaBehavior::test_lambda_invoke_timed_out_environment_reuse")
    answer = create("f", REUSE, Runtime="python3.12", Timeout=1, Environment={"Variables": {}})
    case.check("create-result", created(answer), ignore=IGNORED)

    def step(name, event, ignore=()):
        answer = invoked(client, FunctionName="f", Payload=json.dumps(event))
        case.check(f"invoke-result-{name}", answer, ignore=ignore)

    step("set-number", {"set": 42})
    step("read-number", {"get": 1})
    step("file-write", {"write": "some-content"})
    # AWS says when it timed out in words that were recorded in part
    step("timed-out", {"sleep": 5}, ignore=("Payload",))
    step("read-number-after-timeout", {"get": 1})


CONTEXT = """
exports.handler = async (event, context) => ({context: {...context, awsRequestId: context.awsRequestId}});
"""


@needs_node
def test_client_context(client, create):
    case = recorded("lambda::TestLambdaFeatures::test_lambda_with_context")
    settings = {"Runtime": "nodejs20.x", "Handler": "lambda_integration.handler", "Environment": {"Variables": {}}}
    answer = create("f", {"lambda_integration.js": CONTEXT}, Timeout=30, **settings)
    case.check("creation", created(answer), ignore=(*OLDER, "Architectures"))
    wait_active(client, "f")
    context = {"custom": {"foo": "bar"}, "client": {"snap": ["crackle", "pop"]}, "env": {"fizz": "buzz"}}
    encoded = b64encode(json.dumps(context).encode()).decode()
    case.check("invocation", invoked(client, FunctionName="f", Payload=b"{}", ClientContext=encoded))


UPLOADED = """
def handler(event, context):
    names = ("aws_request_id", "client_context", "function_name", "function_version", "invoked_function_arn",
             "log_group_name", "log_stream_name", "memory_limit_in_mb")
    return {"event": event, "context": {name: getattr(context, name) for name in names}}
"""


def test_context(client, create):
    case = recorded("lambda::TestLambdaFeatures::test_upload_lambda_from_s3")
    case.check("creation-response", create("f", UPLOADED, Runtime="python3.12", Timeout=10), ignore=IGNORED)
    wait_active(client, "f")
    payload = json.dumps({"foo": "bar with 'quotes\""})
    case.check("invocation-response", invoked(client, FunctionName="f", Payload=payload))


def test_reserved_concurrency(client, create, sqs):
    case = recorded("lambda::TestLambdaConcurrency::test_reserved_concurrency")
    create("f", Runtime="python3.12", Timeout=30, Environment={"Variables": {}})
    wait_active(client, "f")
    answer = client.get_function_configuration(FunctionName="f", Qualifier="$LATEST")
    case.check("fn", answer, ignore=(*IGNORED, "Timeout"))
    case.check("put_reserved", client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0))
    case.check("exc_no_cap_requestresponse", refusal(client.invoke, FunctionName="f"))
    url = sqs.create_queue(QueueName="destination")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    answer = client.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    case.check("put_event_invoke_conf", answer)
    answer = invoked(client, FunctionName="f", InvocationType="Event", Payload=b"{}")
    case.check("invoke_result", answer)
    (message,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], WaitTimeSeconds=10)["Messages"]
    case.check("msg", message, ignore=("AWSTraceHeader",))


def test_reserved_concurrency_is_a_limit(client, create):
    case = recorded("lambda::TestLambdaConcurrency::test_reserved_concurrency_async_queue")
    create("f", "import time\ndef handler(e, c): time.sleep(e['s'])", Runtime="python3.12", Timeout=30)
    answer = client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    case.check("put_fn_concurrency", answer)
    client.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"s": 2}')
    while True:  # until the event has been taken up
        try:
            client.invoke(FunctionName="f", Payload=b'{"s": 0}')
        except client.exceptions.TooManyRequestsException as error:
            case.check("too_many_requests_exc", error)
            return


FAIL = """
def handler(event, context):
    if event.get("raise_error"): raise Exception("Test exception (this is intentional)")
"""


@pytest.fixture
def dead_letters(sqs):
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def give_up(client, clock, sqs, url, undercast):
    """Invoke, let both retries come due, and receive what is left."""
    client.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"raise_error": 1}')
    for minutes in (1, 2):
        wait_for_try(client, minutes)
        clock.advance(minutes=minutes)
    return sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=20)


def wait_for_try(client, number):
    """Until the function has written the END of its try."""
    logs = client._undercast_logs
    while True:
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/f", filterPattern="REPORT")["events"]
        except logs.exceptions.ResourceNotFoundException:
            continue
        if len(events) >= number:
            return


def test_dead_letter_queue(client, create, sqs, dead_letters, clock, aws, undercast):
    case = recorded("lambda_destinations::TestLambdaDLQ::test_dead_letter_queue")
    url, arn = dead_letters
    client._undercast_logs = aws("logs")
    settings = {"Runtime": "python3.12", "Timeout": 30, "Environment": {"Variables": {}}}
    answer = create("f", FAIL, DeadLetterConfig={"TargetArn": arn}, **settings)
    case.check("create_lambda_with_dlq", created(answer), ignore=IGNORED)
    wait_active(client, "f")
    received = give_up(client, clock, sqs, url, undercast)
    case.check("receive_result", received, ignore=("MD5OfMessageAttributes",))
    other = recorded("lambda_integration_sqs::test_sqs_queue_as_lambda_dead_letter_queue")
    other.check("messages", received)
    other.check("lambda-response-dlq-config", answer["DeadLetterConfig"])


def test_event_error(client, create, clock, aws):
    case = recorded("lambda::TestLambdaFeatures::test_invocation_type_event_error")
    code = "class CustomException(Exception):\n    pass\n\n\ndef handler(event, context):\n    raise CustomException('some error occurred')\n"
    create("f", code.replace("'", '"'))
    wait_active(client, "f")
    client._undercast_logs = aws("logs")
    answer = invoked(client, FunctionName="f", Payload=b"{}", InvocationType="Event")
    case.check("invocation_response", answer)
    wait_for_try(client, 1)
    clock.advance(minutes=1)
    wait_for_try(client, 2)
    events = aws("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    ours = [event["message"].split()[0] for event in events]
    wanted = [event["message"].split()[0] for event in case.answers["log_events"]]
    assert ours == wanted
