"""Workflows: transitions per second, latency, and many executions that wait."""

from __future__ import annotations

import json
import time
from typing import Any

import orjson
import uvloop

from tests.bench.load import Run, always, json_request

CHAIN, MAP, TASK, WAITING = "chain", "map", "task", "waiting"
STATES, ITEMS, CONNECTIONS = 20, 1_000, 16
_ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:"
_ROLE = "arn:aws:iam::000000000000:role/bench"
_TYPES = ("STANDARD", "EXPRESS")


def prepare(clients: Any) -> None:
    """Make the state machines."""
    url = clients("sqs").create_queue(QueueName="workflows")["QueueUrl"]
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    send["Parameters"] = {"QueueUrl": url, "MessageBody": "done"}
    each = {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}}
    for type in _TYPES:
        _make(clients, CHAIN, type, {f"S{n}": _passing(n) for n in range(STATES)})
        _make(clients, MAP, type, {"All": {"Type": "Map", "ItemProcessor": each, "End": True}})
        _make(clients, TASK, type, {"Send": send})
    make_waiting(clients)


def make_waiting(clients: Any) -> None:
    """The machine whose executions wait for a year."""
    _make(clients, WAITING, "STANDARD", {"Wait": {"Type": "Wait", "Seconds": 31_536_000, "End": True}})


def start(clients: Any, machine: str = WAITING) -> None:
    clients("stepfunctions").start_execution(stateMachineArn=_ARN + f"{machine}-STANDARD")


def report(server: Any, factor: float) -> None:
    """Measure and print all but the restart."""
    prepare(server.client)
    _print("states Standard, chain of 20 (transitions)", CONNECTIONS, *_standard(server, int(2_000 * factor)))
    _print("states Express, chain of 20 (transitions)", CONNECTIONS, *_express(server, int(10_000 * factor)))
    for type in _TYPES:
        _print(f"states {type.title()}, map of 1,000 (iterations)", 1, *_map(server, type, max(2, int(20 * factor))))
    for type in _TYPES:
        times = _latencies(server, type, max(20, int(500 * factor)))
        middle, high = times[len(times) // 2], times[len(times) * 99 // 100]
        print(f"{f'states {type.title()}, one task, start to finish':<54}{1:>12}{'':>29}{middle:>9.2f}{high:>9.2f}")


def _standard(server: Any, count: int) -> tuple[float, float]:
    """Transitions per second until the last execution has ended, and the processor time of one in microseconds."""
    before, began = server.cpu_s(), time.perf_counter()
    uvloop.run(Run(always(_request("StartExecution", CHAIN, "STANDARD")), count).over(server.port, CONNECTIONS))
    states = server.client("stepfunctions")
    running = {"stateMachineArn": _ARN + f"{CHAIN}-STANDARD", "statusFilter": "RUNNING", "maxResults": 1}
    while states.list_executions(**running)["executions"]:
        time.sleep(0.02)
    return _rates(server, before, began, count * STATES)


def _express(server: Any, count: int) -> tuple[float, float]:
    before, began = server.cpu_s(), time.perf_counter()
    uvloop.run(Run(always(_request("StartSyncExecution", CHAIN, "EXPRESS")), count).over(server.port, CONNECTIONS))
    return _rates(server, before, began, count * STATES)


def _map(server: Any, type: str, count: int) -> tuple[float, float]:
    """Executions of a map, one after the other."""
    before, began = server.cpu_s(), time.perf_counter()
    for _ in range(count):
        _once(server, MAP, type, list(range(ITEMS)))
    return _rates(server, before, began, count * ITEMS)


def _latencies(server: Any, type: str, count: int) -> list[float]:
    """Milliseconds from the start of an execution to its end, as it tells them itself, sorted."""
    found = [_once(server, TASK, type, {}) for _ in range(count)]
    return sorted(1000 * (one["stopDate"] - one["startDate"]).total_seconds() for one in found)


def report_waiting(server: Any, count: int) -> None:
    """Start executions that wait, on a server that did nothing else."""
    make_waiting(server.client)
    uvloop.run(Run(always(_request("StartExecution", WAITING, "STANDARD")), 500).over(server.port, CONNECTIONS))
    memory, cpu, began = server.memory_mb(), server.cpu_s(), time.perf_counter()
    uvloop.run(Run(always(_request("StartExecution", WAITING, "STANDARD")), count).over(server.port, CONNECTIONS))
    states, arn = server.client("stepfunctions"), _ARN + f"{WAITING}-STANDARD"
    first = states.list_executions(stateMachineArn=arn, maxResults=1)["executions"][0]["executionArn"]
    while len(states.get_execution_history(executionArn=first)["events"]) < 2:  # the last one has begun to wait
        time.sleep(0.01)
    _print("states StartExecution until it waits", CONNECTIONS, *_rates(server, cpu, began, count))
    each_kb, idle = 1024 * (server.memory_mb() - memory) / count, server.cpu_s()
    time.sleep(2)
    print(f"{count:,} executions wait: {each_kb:.2f} KB each, {50 * (server.cpu_s() - idle):.2f} % of a core")


def _once(server: Any, machine: str, type: str, input: Any) -> Any:
    """One execution to its end, which is looked for once a millisecond."""
    states, given = server.client("stepfunctions"), json.dumps(input)
    arn = _ARN + f"{machine}-{type}"
    if type == "EXPRESS":
        return _sync(server, arn, given)
    execution = states.start_execution(stateMachineArn=arn, input=given)["executionArn"]
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.001)
    assert found["status"] == "SUCCEEDED", found
    return found


def _sync(server: Any, arn: str, given: str) -> Any:
    found = server.client("stepfunctions").start_sync_execution(stateMachineArn=arn, input=given)
    assert found["status"] == "SUCCEEDED", found
    return found


def _request(operation: str, machine: str, type: str) -> bytes:
    body = orjson.dumps({"stateMachineArn": _ARN + f"{machine}-{type}"})
    return json_request("states", f"AWSStepFunctions.{operation}", body)


def _rates(server: Any, before: float, began: float, transitions: int) -> tuple[float, float]:
    took = time.perf_counter() - began
    return transitions / took, 1e6 * (server.cpu_s() - before) / transitions


def _print(name: str, connections: int, per_second: float, cpu_us: float) -> None:
    print(f"{name:<54}{connections:>12}{per_second:>12,.0f}{'':>9}{cpu_us:>8.0f}")


def _passing(number: int) -> dict[str, Any]:
    return {"Type": "Pass", **({"Next": f"S{number + 1}"} if number + 1 < STATES else {"End": True})}


def _make(clients: Any, name: str, type: str, states: dict[str, Any]) -> None:
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    clients("stepfunctions").create_state_machine(
        name=f"{name}-{type}", type=type, definition=definition, roleArn=_ROLE
    )
