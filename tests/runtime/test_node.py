"""Node.js functions: the kinds of handlers and modules, errors as AWS words them, streaming, the log."""

import asyncio
import json
import re

import pytest

pytestmark = pytest.mark.usefixtures("node")
NODE = "nodejs20.x"


def answer(lab, code, payload=b"{}", **settings):
    return json.loads(lab.invoke(lab.function(code, NODE, **settings), payload).payload)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("exports.handler = async (event) => ({ got: event.a })", {"got": 1}),
        ("exports.handler = (event, context, callback) => setTimeout(() => callback(null, event.a), 5)", 1),
        (
            "exports.handler = (event, context, callback) => { setTimeout(() => {}, 20); callback(null, 'late') }",
            "late",
        ),
        ("exports.handler = (event, context) => context.succeed('yes')", "yes"),
        ("exports.handler = (event, context) => context.done(null, 'done')", "done"),
        ("exports.handler = async () => {}", None),
        ("exports.handler = () => {}", None),
        ("exports.handler = () => new Promise(() => {})", None),
    ],
)
def test_ways_to_answer(lab, code, expected):
    assert answer(lab, code, b'{"a": 1}') == expected


def test_modules(lab):
    esm = "import fs from 'node:fs'; export const handler = async () => typeof fs.readFileSync"
    assert answer(lab, esm, file="index.mjs") == "function"
    assert answer(lab, "exports.handler = async () => 'cjs'", file="index.cjs") == "cjs"
    nested = "exports.part = { handler: async () => 'nested' }"
    assert answer(lab, nested, file="src/app.js", handler="src/app.part.handler") == "nested"
    spec = lab.function("export const handler = async () => 'typed'", NODE)
    lab.write(spec.code_dir / "package.json", '{"type": "module"}')
    assert lab.invoke(spec).payload == b'"typed"'


def test_context_and_environment(lab):
    code = "exports.handler = async (event, context) => [context, context.getRemainingTimeInMillis(), process.env]"
    spec = lab.function(code, NODE)
    outcome = lab.invoke(spec, request_id="r-1", client_context='{"custom":\r\n"é"}')
    context, left, env = json.loads(outcome.payload)
    assert context == {
        "callbackWaitsForEmptyEventLoop": True,
        "functionVersion": "$LATEST",
        "functionName": "hello",
        "memoryLimitInMB": "128",
        "logGroupName": "/aws/lambda/hello",
        "logStreamName": outcome.log_stream,
        "clientContext": {"custom": "é"},
        "invokedFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:hello",
        "awsRequestId": "r-1",
    }
    assert 15_000 < left <= 20_000 and env["AWS_EXECUTION_ENV"] == "AWS_Lambda_nodejs20.x"


def test_error_of_the_code(lab):
    spec = lab.function("exports.handler = async () => { throw new TypeError('no') }", NODE)
    outcome = lab.invoke(spec, request_id="r-2")
    error = json.loads(outcome.payload)
    assert outcome.error == "Unhandled" and outcome.error_type == "TypeError"
    assert (error["errorType"], error["errorMessage"]) == ("TypeError", "no")
    assert error["trace"][0] == "TypeError: no" and "index.js:1" in error["trace"][1]
    event = next(text for text in lab.log_of(outcome) if "\tERROR\t" in text)
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z\tr-2\tERROR\tInvoke Error \t\{\"errorType\":\"TypeError\"", event)


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        ("require('nothere')", "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'nothere'"),
        ("", "gone.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'gone'"),
        ("", "index.handler", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        ("exports.handler = 1", "index.handler", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("", "index", "Runtime.MalformedHandlerName", "Bad handler"),
        ("exports.handler = {", "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
        ("throw new RangeError('at start')", "index.handler", "RangeError", "at start"),
    ],
)
def test_error_of_the_initialization(lab, code, handler, kind, message):
    outcome = lab.invoke(lab.function(code, NODE, handler=handler))
    error = json.loads(outcome.payload)
    assert error["errorType"] == outcome.error_type == kind and error["errorMessage"].startswith(message)


def test_what_nobody_catches(lab):
    code = "exports.handler = () => new Promise(() => { Promise.reject(new Error('lost')) })"
    error = answer(lab, code)
    assert (error["errorType"], error["errorMessage"]) == ("Runtime.UnhandledPromiseRejection", "Error: lost")
    error = answer(lab, "exports.handler = () => new Promise(() => setTimeout(() => { throw new Error('later') }, 1))")
    assert (error["errorType"], error["errorMessage"]) == ("Error", "later")


def test_answer_that_is_not_json(lab):
    assert answer(lab, "exports.handler = async () => ({ n: 1n })")["errorType"] == "Runtime.MarshalError"


def test_log_lines(lab):
    code = "exports.handler = async () => { console.log('two\\nlines', { a: 1 }); console.error('bad'); console.warn('hm') }"
    log = lab.log_of(lab.invoke(lab.function(code, NODE), request_id="r-3"))
    tails = [text.split("Z\t", 1)[1] for text in log[2:5]]
    assert tails == ["r-3\tINFO\ttwo\nlines { a: 1 }\n", "r-3\tERROR\tbad\n", "r-3\tWARN\thm\n"]


def test_json_log_format(lab):
    code = "exports.handler = async () => { console.debug('hidden'); console.log({ a: 1 }); console.error(new Error('e')) }"
    outcome = lab.invoke(lab.function(code, NODE, log_format="JSON"), request_id="r-4")
    mine = [event for event in map(json.loads, lab.log_of(outcome)) if "level" in event]
    assert [(event["level"], event["requestId"]) for event in mine] == [("INFO", "r-4"), ("ERROR", "r-4")]
    assert mine[0]["message"] == {"a": 1} and mine[1]["errorMessage"] == "e"


class Sink:
    def __init__(self):
        self.content_type, self.chunks = "", []

    def start(self, content_type):
        self.content_type = content_type

    def write(self, chunk):
        self.chunks.append(chunk)


STREAM = """
exports.handler = awslambda.streamifyResponse(async (event, out) => {
  if (event.early) throw new Error('early');
  out = awslambda.HttpResponseStream.from(out, { statusCode: 201 });
  out.write('one ');
  await new Promise((done) => setTimeout(done, 20));
  if (event.late) throw new Error('late');
  out.write('two'); out.end();
})
"""


def test_streaming(lab):
    spec, sink = lab.function(STREAM, NODE), Sink()
    outcome = lab.invoke(spec, stream=sink)
    assert outcome.error is None and outcome.payload == b""
    assert sink.content_type == outcome.content_type == "application/vnd.awslambda.http-integration-response"
    assert b"".join(sink.chunks) == b'{"statusCode":201}' + bytes(8) + b"one two" and len(sink.chunks) >= 2
    assert lab.invoke(spec).payload.endswith(b"one two")  # collected where nobody takes the stream


def test_streaming_errors(lab):
    spec, sink = lab.function(STREAM, NODE), Sink()
    early = lab.invoke(spec, b'{"early": true}', stream=sink)
    assert early.error == "Unhandled" and json.loads(early.payload)["errorMessage"] == "early" and not sink.chunks
    late = lab.invoke(spec, b'{"late": true}', stream=sink)
    assert late.error_type == "Error" and json.loads(late.payload)["errorMessage"] == "late"
    assert b"".join(sink.chunks).endswith(b"one ")


def test_whoever_takes_a_stream_is_waited_for(lab):
    taken = []

    class Slow(Sink):
        async def write(self, chunk):
            await asyncio.sleep(0.02)
            taken.append(chunk)

    assert lab.invoke(lab.function(STREAM, NODE), stream=Slow()).error is None
    assert b"".join(taken).endswith(b"one two")
    taken.clear()
    assert lab.invoke(lab.function("exports.handler = async () => 7", NODE), stream=Slow()).payload == b""
    assert taken == [b"7"]


def test_a_function_whose_stream_nobody_takes_any_more_runs_on(lab):
    class Gone(Sink):
        def write(self, chunk):
            raise ConnectionResetError

    spec = lab.function(STREAM, NODE)
    outcome = lab.invoke(spec, stream=Gone())
    assert outcome.error is None and lab.invoke(spec).log_stream == outcome.log_stream
