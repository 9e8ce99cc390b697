"""What ends an invocation before its answer: time, memory, a crash; and what a flood of output does (nothing)."""

import asyncio
import json
import re
import resource

import pytest


def test_timeout(lab):
    spec = lab.function(
        "import time\nn = 0\ndef handler(event, context):\n    print('in')\n    time.sleep(event)", timeout_s=0.3
    )
    before = lab.invoke(spec, b"0")
    outcome = lab.invoke(spec, b"30", request_id="r-1")
    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r-1 Error: Task timed out after 0.30 seconds",
    }
    assert outcome.timed_out and outcome.error == "Unhandled" and outcome.duration_ms == outcome.billed_ms == 300
    log = lab.log_of(outcome)
    at = log.index("START RequestId: r-1 Version: $LATEST\n")
    assert log[at + 1] == "in\n"
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z r-1 Task timed out after 0.30 seconds\n\n", log[at + 2]
    )
    assert log[at + 3] == "END RequestId: r-1\n" and log[at + 4].endswith("\tStatus: timeout\t\n")
    after = lab.invoke(spec, b"0")
    assert after.error is None and after.log_stream != before.log_stream == outcome.log_stream


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
@pytest.mark.parametrize("during", ["invocation", "init"])
def test_crash(lab, code, reason, during):
    body = (
        f"import os, sys\ndef handler(event, context):\n    {code}\n"
        if during == "invocation"
        else f"import os, sys\n{code}\n"
    )
    outcome = lab.invoke(lab.function(body), request_id="r-2")
    assert json.loads(outcome.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: r-2 Error: {reason}",
    }
    assert "Status: error\tError Type: Runtime.ExitError\t\n" in lab.log_of(outcome)[-1]
    assert ("INIT_REPORT" in "".join(lab.log_of(outcome))) == (during == "init")


def test_end_after_the_answer_costs_no_invocation(lab):
    code = """
import os, sys
def handler(event, context):
    sys.modules["_undercast_python"].Api.receive = lambda api: os._exit(0)  # what it does once it has answered
    return 1
"""
    spec = lab.function(code)
    payloads = [lab.invoke(spec).payload for _ in range(20)]
    assert payloads.count(b"1") >= 10  # the next may come before its end is seen, and be lost; never two in a row


def test_end_at_any_moment_is_an_answer_or_an_error(lab):
    code = """
import os, threading
def handler(event, context):
    threading.Timer(0.0005, os._exit, [0]).start()
    return 1
"""
    spec = lab.function(code)
    for _ in range(20):
        payload = lab.invoke(spec).payload
        assert payload == b"1" or json.loads(payload)["errorType"] == "Runtime.ExitError"


@pytest.mark.parametrize(
    "code",
    [
        "kept = []\ndef handler(event, context):\n    while True:\n        kept.append(b'x' * 1_000_000)",
        "import subprocess, sys\ndef handler(event, context):\n"
        "    subprocess.run([sys.executable, '-c', 'x = b\"x\" * 400_000_000; import time; time.sleep(30)'])",
    ],
    ids=["itself", "child"],
)
def test_out_of_memory(lab, code):
    spec = lab.function(code, memory_mb=200)
    outcome = lab.invoke(spec, request_id="r-3")
    assert json.loads(outcome.payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": "RequestId: r-3 Error: Runtime exited with error: signal: killed",
    }
    assert outcome.max_memory_mb == 200 and outcome.duration_ms < 10_000


def test_init_that_takes_too_long_is_tried_again_in_the_invocation(lab, monkeypatch):
    monkeypatch.setattr("undercast.runtime.environment.INIT_LIMIT_S", 0.2)
    stuck = "import time\ntime.sleep(30)\ndef handler(e, c):\n    return 1"
    outcome = lab.invoke(lab.function(stuck, timeout_s=0.3), request_id="r-4")
    assert (
        outcome.error_type == "Sandbox.Timedout" and b"r-4 Error: Task timed out after 0.30 seconds" in outcome.payload
    )
    first = next(log for log in lab.logs.values() if any("Phase: init\tStatus: timeout" in text for text in log))
    assert len(first) == 2 and first[0].startswith("INIT_START")
    slow = lab.function("import time\ntime.sleep(0.3)\ndef handler(e, c):\n    return 1", timeout_s=15)
    assert lab.invoke(slow).payload == b"1"


def test_flood_of_output(make_lab):
    total, largest = 0, 0

    def count(spec, stream, events):
        nonlocal total, largest
        total += sum(len(text) for _, text in events)
        largest = max(largest, max(len(text) for _, text in events))

    lab = make_lab(on_log=count)
    code = """
import os
def handler(event, context):
    for _ in range(200):
        os.write(1, b"x" * 1_000_000)
    os.write(1, b"\\n")
    for _ in range(20):
        os.write(1, (b"y" * 99 + b"\\n") * 10_000)
"""
    spec = lab.function(code)
    lab.invoke(lab.function("def handler(event, context): pass"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = lab.invoke(spec)
    assert outcome.error is None and len(outcome.log_tail) == 4096
    assert total >= 220_000_000 and largest <= 262_144
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KB


async def until(condition):
    """Let the loop turn until it is so."""
    while not condition():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0)


def test_a_slow_reader_of_logs_holds_the_function_back(make_lab):
    seen, gate = [], None

    async def slow(spec, stream, events):
        nonlocal gate
        gate = gate or asyncio.Event()
        seen.extend(text for _, text in events)
        await gate.wait()

    lab = make_lab(on_log=slow)
    spec = lab.function("def handler(event, context):\n    for n in range(50_000): print('x' * 99)")

    async def scenario():
        running = asyncio.ensure_future(lab.start(spec))
        await until(lambda: any(text.startswith("x") for text in seen))
        for _ in range(2000):
            await asyncio.sleep(0)
        held = len(seen)
        assert not running.done() and held < 1_000
        gate.set()
        await running

    lab.run(scenario())
    assert len([text for text in seen if text.startswith("x")]) == 50_000


def test_file_larger_than_the_ephemeral_storage(lab):
    code = "import tempfile\ndef handler(event, context):\n    with open(tempfile.gettempdir() + '/f', 'wb') as f:\n        f.write(b'x' * event)\n    return 'ok'"
    spec = lab.function(code, ephemeral_storage_mb=1)
    assert lab.invoke(spec, b"1000000").payload == b'"ok"'
    assert lab.invoke(spec, b"2000000").error_type == "OSError"


def test_time_is_not_lost_on_a_dead_environment(lab):

    spec = lab.function("import os, sys\nos._exit(1)")
    assert all(lab.invoke(spec).error_type == "Runtime.ExitError" for _ in range(3))


def test_a_log_that_is_not_taken_stops_no_function(make_lab):
    def broken(spec, stream, events):
        raise RuntimeError("disk full")

    lab = make_lab(on_log=broken)
    reported = []
    lab.loop.set_exception_handler(lambda loop, context: reported.append(context["exception"]))
    assert lab.invoke(lab.function("def handler(event, context):\n    print('x'); return 1")).payload == b"1"
    assert {str(error) for error in reported} == {"disk full"}


def test_credentials_that_cannot_be_had_fail_the_invocation(make_lab):
    def broken(spec):
        raise LookupError("no role")

    lab = make_lab(credentials=broken)
    lab.loop.set_exception_handler(lambda loop, context: None)
    assert lab.invoke(lab.function("def handler(event, context): pass")).error_type == "Runtime.ExitError"
