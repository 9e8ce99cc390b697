"""Functions with a bootstrap of their own, and the Runtime API as such a program sees it."""

import json
import sys

import pytest

PROVIDED = "provided.al2023"
CLIENT = f"""#!{sys.executable}
import http.client, json, os, sys
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
def call(method, path, body=None, **headers):
    api.request(method, "/2018-06-01/runtime" + path, body, headers)
    answer = api.getresponse()
    return answer.status, answer.headers, answer.read().decode()
"""


def test_shell(lab):
    code = """#!/bin/sh
    while true; do
      event=$(curl -sS -D "$TMPDIR/head" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next")
      id=$(tr -d '\\r' < "$TMPDIR/head" | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
      echo "got $event"
      curl -sS -o /dev/null -d "{\\"event\\":$event}" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response"
    done
    """
    spec = lab.function(code, PROVIDED)
    for number in (b"1", b"2"):
        outcome = lab.invoke(spec, number)
        assert outcome.payload == b'{"event":' + number + b"}"
        assert f"got {number.decode()}\n" in lab.log_of(outcome)


def test_answers_of_the_api(lab):
    code = (
        CLIENT
        + """
status, headers, event = call("GET", "/invocation/next")
name = headers["Lambda-Runtime-Aws-Request-Id"]
seen = [
    call("POST", "/invocation/wrong/response", "1")[::2], call("POST", "/invocation/wrong/error", "{}")[::2],
    call("GET", "/invocation/next")[::2], call("POST", "/init/error", "{}")[::2], call("GET", "/nothing")[::2],
    [status, headers["Lambda-Runtime-Invoked-Function-Arn"], headers["Lambda-Runtime-Trace-Id"], event],
]
seen.append(call("POST", f"/invocation/{name}/response", json.dumps(seen))[0])
again = call("POST", f"/invocation/{name}/response", "2")[0]
while True:
    name = call("GET", "/invocation/next")[1]["Lambda-Runtime-Aws-Request-Id"]
    call("POST", f"/invocation/{name}/response", json.dumps([seen[-1], again]))
"""
    )
    spec = lab.function(code, PROVIDED)
    seen = json.loads(lab.invoke(spec, b'"e"', trace_header="Root=1").payload)
    assert [status for status, _ in seen[:5]] == [400, 400, 403, 403, 404]
    assert json.loads(seen[0][1]) == {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}
    assert json.loads(seen[2][1])["errorType"] == "InvalidStateTransition"
    assert seen[5] == [200, "arn:aws:lambda:eu-west-1:123456789012:function:hello", "Root=1", '"e"']
    assert json.loads(lab.invoke(spec).payload) == [202, 400]


def test_error_and_init_error(lab):
    loop = 'name = call("GET", "/invocation/next")[1]["Lambda-Runtime-Aws-Request-Id"]\n'
    body = """json.dumps({"errorType": "Mine", "errorMessage": "m"})"""
    error = f'call("POST", "/invocation/" + name + "/error", {body})\n'
    outcome = lab.invoke(lab.function(CLIENT + "while True:\n    " + loop + "    " + error, PROVIDED))
    assert outcome.error == "Unhandled" and outcome.error_type == "Mine"
    assert json.loads(outcome.payload) == {"errorType": "Mine", "errorMessage": "m"}
    header = '**{"Lambda-Runtime-Function-Error-Type": "Runtime.Own"}'
    outcome = lab.invoke(lab.function(CLIENT + f'call("POST", "/init/error", {body}, {header})', PROVIDED))
    assert outcome.error_type == "Runtime.Own" and json.loads(outcome.payload)["errorType"] == "Mine"


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (None, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        (0o644, "fork/exec /var/task/bootstrap: permission denied"),
    ],
)
def test_no_entrypoint(lab, mode, reason):
    spec = lab.function("#!/bin/sh", PROVIDED)
    (spec.code_dir / "bootstrap").chmod(mode) if mode else (spec.code_dir / "bootstrap").unlink()
    outcome = lab.invoke(spec, request_id="r-1")
    assert json.loads(outcome.payload) == {
        "errorType": "Runtime.InvalidEntrypoint",
        "errorMessage": f"RequestId: r-1 Error: {reason}",
    }


def test_bootstrap_in_a_layer(lab):
    spec = lab.function("", PROVIDED, file="data")
    layer = lab.folder / "boot"
    lab.write(layer / "bootstrap", CLIENT + 'name = call("GET", "/invocation/next")[1]["Lambda-Runtime-Aws-Request-Id"]\n'
              'call("POST", f"/invocation/{name}/response", json.dumps(sorted(os.listdir("."))))\n'
              'call("GET", "/invocation/next")\n')  # fmt: skip
    spec = type(spec)(**{**vars(spec), "layer_dirs": (layer,)})
    assert json.loads(lab.invoke(spec).payload) == ["data"]
