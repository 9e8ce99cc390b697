"""Python functions: answers, errors as AWS words them, the context, the environment, the log."""

import json
import re
import shutil
from pathlib import Path

import botocore
import pytest


def error_of(outcome):
    assert outcome.error == "Unhandled"
    return json.loads(outcome.payload)


def test_answers_and_reuses_its_environment(lab):
    spec = lab.function(
        "count = 0\ndef handler(event, context):\n    global count; count += 1\n    return [event, count]\n"
    )
    first, second = lab.invoke(spec, b'{"a": 1}'), lab.invoke(spec, b'"x"')
    assert json.loads(first.payload) == [{"a": 1}, 1] and json.loads(second.payload) == ["x", 2]
    assert first.error is None and first.init_ms > 0 and second.init_ms is None
    assert first.log_stream == second.log_stream
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", first.log_stream)
    assert second.billed_ms >= second.duration_ms > 0 and 0 < second.max_memory_mb <= 128


def test_error_of_the_code(lab):
    spec = lab.function("def inner():\n    raise ValueError('no')\ndef handler(event, context):\n    inner()\n")
    outcome = lab.invoke(spec, request_id="r-1")
    error = error_of(outcome)
    assert list(error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (error["errorMessage"], error["errorType"], error["requestId"]) == ("no", "ValueError", "r-1")
    assert len(error["stackTrace"]) == 2
    assert error["stackTrace"][0] == f'  File "{lab.seen_by(spec)}/app.py", line 4, in handler\n    inner()\n'
    event = next(text for text in lab.log_of(outcome) if text.startswith("[ERROR]"))
    assert event.startswith("[ERROR] ValueError: no\nTraceback (most recent call last):\n\u00a0\u00a0File ")
    assert event.endswith("raise ValueError('no')")
    assert json.loads(lab.invoke(spec).payload)["errorType"] == "ValueError"  # the environment lives on


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        (
            "import nothere",
            "app.handler",
            "ImportModuleError",
            "Unable to import module 'app': No module named 'nothere'",
        ),
        ("", "gone.handler", "ImportModuleError", "Unable to import module 'gone': No module named 'gone'"),
        ("x = 1", "app.handler", "HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "",
            "handler",
            "MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        ),
        ("def handler(:", "app.handler", "UserCodeSyntaxError", "Syntax error in module 'app': "),
    ],
)
def test_error_of_the_initialization(lab, code, handler, kind, message):
    outcome = lab.invoke(lab.function(code, handler=handler), request_id="r-2")
    error = error_of(outcome)
    assert error["errorType"] == f"Runtime.{kind}" and error["errorMessage"].startswith(message)
    log = "".join(lab.log_of(outcome))
    assert f"Phase: init\tStatus: error\tError Type: Runtime.{kind}\n" in log
    assert "START RequestId: r-2" in log and f"Status: error\tError Type: Runtime.{kind}\t\n" in log


def test_exception_while_importing(lab):
    error = error_of(lab.invoke(lab.function("raise KeyError('setting')")))
    assert error["errorType"] == "KeyError" and error["errorMessage"] == "'setting'"
    assert error["stackTrace"][0].startswith("  File ") and "app.py" in error["stackTrace"][0]


def test_answer_that_is_not_json(lab):
    error = error_of(lab.invoke(lab.function("def handler(event, context):\n    return {1, 2}")))
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"] == "Unable to marshal response: Object of type set is not JSON serializable"


def test_event_that_is_not_json(lab):
    error = error_of(lab.invoke(lab.function("def handler(event, context):\n    return 1"), b"{"))
    assert error["errorType"] == "Runtime.UnmarshalError"


def test_context(lab):
    code = """
    def handler(event, context):
        return {**{k: v for k, v in vars(context).items() if isinstance(v, str)},
            "left": context.get_remaining_time_in_millis(), "custom": context.client_context.custom,
            "app": context.client_context.client.app_title, "identity": context.identity.cognito_identity_id}
    """
    context = '{"custom":\n{"a": "é"}, "client": {"app_title": "t"}}'
    spec = lab.function(code.replace("\n    ", "\n"), memory_mb=256)
    outcome = lab.invoke(spec, request_id="r-3", client_context=context, identity='{"cognitoIdentityId": "me"}')
    seen = json.loads(outcome.payload)
    assert 15_000 < seen.pop("left") <= 20_000
    assert seen == {
        "aws_request_id": "r-3",
        "function_name": "hello",
        "function_version": "$LATEST",
        "invoked_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:hello",
        "memory_limit_in_mb": "256",
        "log_group_name": "/aws/lambda/hello",
        "log_stream_name": outcome.log_stream,
        "custom": {"a": "é"},
        "app": "t",
        "identity": "me",
    }


def test_environment_holds_what_is_documented_and_nothing_of_the_platform(lab, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_PLATFORM", "1")
    code = "import os, tempfile\ndef handler(event, context):\n    return [dict(os.environ), os.getcwd(), tempfile.gettempdir()]"
    spec = lab.function(code, environment={"MINE": "yes", "TZ": "Europe/Berlin"})
    env, cwd, tmp = json.loads(lab.invoke(spec, trace_header="Root=1-2-3").payload)
    assert cwd == env["LAMBDA_TASK_ROOT"] == lab.seen_by(spec)
    assert tmp == env["TMPDIR"] and (tmp == "/tmp") == (cwd == "/var/task")
    expected = {
        "MINE": "yes",
        "TZ": "Europe/Berlin",
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "hello",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/hello",
        "AWS_REGION": "eu-west-1",
        "_HANDLER": "app.handler",
        "_X_AMZN_TRACE_ID": "Root=1-2-3",
    }
    assert expected.items() <= env.items()
    recorded = expected.keys() | {
        *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_XRAY_CONTEXT_MISSING", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "LANG", "LC_CTYPE", "LD_LIBRARY_PATH"),
        *("PATH", "PYTHONPATH", "HOME", "TMPDIR"),
    }
    assert set(env) == recorded


def test_log_lines(lab):
    code = (
        "import logging, sys\nlog = logging.getLogger('x')\nlog.setLevel('INFO')\n"
        "def handler(event, context):\n    print('printed')\n    log.info('two\\nlines')\n"
        "    print('to stderr', file=sys.stderr)\n    print('open end', end='')"
    )
    outcome = lab.invoke(lab.function(code), request_id="r-4")
    log = lab.log_of(outcome)
    assert log[0].startswith("INIT_START Runtime Version: python:3.11")
    assert log[1:3] == ["START RequestId: r-4 Version: $LATEST\n", "printed\n"]
    assert re.fullmatch(r"\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr-4\ttwo\nlines\n", log[3])
    assert log[4:7] == ["to stderr\n", "open end", "END RequestId: r-4\n"]
    assert re.fullmatch(
        r"REPORT RequestId: r-4\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n",
        log[7],
    )
    assert outcome.log_tail.decode().startswith("START RequestId: r-4") and b"printed\n" in outcome.log_tail


def test_json_log_format(lab):
    code = (
        "import logging\nlog = logging.getLogger('x')\n"
        "def handler(event, context):\n    log.info('hidden')\n    log.warning('seen', extra={'order': 7})\n"
    )
    spec = lab.function(code, log_format="JSON", application_log_level="WARN")
    events = [json.loads(text) for text in lab.log_of(lab.invoke(spec, request_id="r-5"))]
    kinds = [event.get("type") or event["level"] for event in events]
    assert kinds == ["platform.initStart", "platform.start", "WARNING", "platform.report"]
    assert events[1]["record"] == {"requestId": "r-5", "version": "$LATEST"}
    assert (events[2]["message"], events[2]["requestId"], events[2]["order"]) == ("seen", "r-5", 7)
    report = events[3]["record"]
    assert report["status"] == "success" and report["metrics"]["memorySizeMB"] == 128
    quiet = lab.function(code, log_format="JSON", application_log_level="ERROR", system_log_level="WARN")
    outcome = lab.invoke(quiet)
    assert outcome.log_stream not in lab.logs


def test_layers_and_what_a_function_brings_along_win(lab):
    code = "import calendar, low, boto3\ndef handler(event, context):\n    return [calendar.mine, low.layer, boto3.own]"
    spec = lab.function(code)
    lab.write(spec.code_dir / "calendar.py", "mine = 'my calendar'")
    lab.write(spec.code_dir / "boto3/__init__.py", "own = 'my boto3'")
    layers = tuple(lab.folder / f"layer{number}" for number in (1, 2))
    for layer in layers:
        lab.write(layer / "python/low.py", f"layer = '{layer.name}'")
    spec = type(spec)(**{**vars(spec), "layer_dirs": layers})
    assert json.loads(lab.invoke(spec).payload) == ["my calendar", "layer2", "my boto3"]


def test_models_that_a_function_brings_along_are_found(lab):
    """The SDK's sessions begin with data that were read before the fork, but for those with a search path of their own."""
    code = """if True:
        import boto3
        def handler(event, context):
            return [boto3.client(name).meta.service_model.api_version for name in ("sqs", "mine")]
    """
    spec = lab.function(code, environment={"AWS_DATA_PATH": "models"})
    model = {
        "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "mine", "protocol": "json", "serviceId": "Mine"}
    }
    folder = spec.code_dir / "models/mine/2020-01-01"
    lab.write(folder / "service-2.json", json.dumps({**model, "operations": {}, "shapes": {}}))
    shutil.copy(Path(botocore.__file__).parent / "data/sqs/2012-11-05/endpoint-rule-set-1.json.gz", folder)
    assert json.loads(lab.invoke(spec).payload) == ["2012-11-05", "2020-01-01"]


def test_forked_environments_have_randomness_of_their_own(make_lab):
    lab = make_lab()
    code = "import random, uuid\nvalue = [random.random(), str(uuid.uuid4())]\ndef handler(event, context):\n    return value"
    payloads = {lab.invoke(lab.function(code)).payload for _ in range(2)}
    assert len(payloads) == 2


def test_large_payloads(lab):
    spec = lab.function(
        "def handler(event, context):\n    return 'x' * event if isinstance(event, int) else len(event)"
    )
    assert lab.invoke(spec, json.dumps("y" * 6_000_000).encode()).payload == b"6000000"
    assert len(lab.invoke(spec, b"6291554").payload) == 6_291_556
    error = error_of(lab.invoke(spec, b"6291555"))
    assert error == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert lab.invoke(spec, b'"still there"').payload == b"11"
