"""What executions go through, state by state."""

from __future__ import annotations

import json


def chain(*states: dict) -> dict:
    names = [f"S{number}" for number in range(len(states))]
    linked = {
        name: {**state, **({"Next": following} if following else {} if state["Type"] == "Fail" else {"End": True})}
        for name, state, following in zip(names, states, [*names[1:], None], strict=True)
    }
    return {"StartAt": names[0], "States": linked}


def test_pass_states_follow_one_another(workflows):
    execution = workflows.start(
        workflows.create(chain({"Type": "Pass", "Result": 1, "ResultPath": "$.a"}, {"Type": "Pass"})), {"b": 2}
    )
    assert workflows.output(execution) == {"a": 1, "b": 2}
    assert workflows.types(execution) == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "PassStateEntered", "PassStateExited",
        "ExecutionSucceeded",
    ]  # fmt: skip
    assert [event["previousEventId"] for event in workflows.events(execution)] == [0, 0, 2, 3, 4, 5]


def test_wait_ends_at_its_time_and_not_before(workflows, clock):
    clock.stop()
    execution = workflows.start(workflows.create(chain({"Type": "Wait", "Seconds": 31_536_000}, {"Type": "Pass"})))
    assert workflows.describe(execution)["status"] == "RUNNING"
    clock.advance(seconds=31_535_999)
    workflows.settle()
    assert workflows.describe(execution)["status"] == "RUNNING"
    clock.advance(seconds=1)
    workflows.settle()
    assert workflows.describe(execution)["status"] == "SUCCEEDED"


def test_parallel_gathers_its_branches_in_their_order(workflows, clock):
    clock.stop()
    branches = [
        {
            "StartAt": f"W{seconds}",
            "States": {
                f"W{seconds}": {"Type": "Wait", "Seconds": seconds, "Next": f"P{seconds}"},
                f"P{seconds}": {"Type": "Pass", "Result": seconds, "End": True},
            },
        }
        for seconds in (3, 1, 2)
    ]
    execution = workflows.start(workflows.create(chain({"Type": "Parallel", "Branches": branches})))
    clock.advance(seconds=3)
    workflows.settle()
    assert workflows.output(execution) == [3, 1, 2]


def test_a_failed_branch_ends_the_others(workflows):
    branches = [
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": True}}},
        {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad", "Cause": "luck"}}},
    ]
    parallel = {"Type": "Parallel", "Branches": branches, "Catch": [{"ErrorEquals": ["Bad"], "Next": "S1"}]}
    execution = workflows.start(workflows.create(chain(parallel, {"Type": "Pass"})))
    assert workflows.output(execution) == {"Error": "Bad", "Cause": "luck"}
    assert "WaitStateAborted" in workflows.types(execution)


def test_map_runs_as_many_iterations_at_once_as_it_may(workflows, clock):
    clock.stop()
    processor = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    machine = workflows.create(chain({"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": processor}))
    execution = workflows.start(machine, [1, 2, 3])
    assert workflows.types(execution).count("MapIterationStarted") == 2
    clock.advance(seconds=10)
    workflows.settle()
    assert workflows.types(execution).count("MapIterationStarted") == 3
    clock.advance(seconds=10)
    workflows.settle()
    assert workflows.output(execution) == [1, 2, 3]


def test_map_of_a_thousand_items(workflows):
    processor = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    execution = workflows.start(workflows.create(chain({"Type": "Map", "ItemProcessor": processor})), list(range(1000)))
    assert workflows.output(execution) == list(range(1000))


def test_retries_come_at_their_times(workflows, clock):
    clock.stop()
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "http://x/1/none", "MessageBody": "x"},
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "MaxAttempts": 2, "BackoffRate": 2}],
    }  # fmt: skip
    execution = workflows.start(workflows.create(chain(task)))
    assert workflows.types(execution).count("TaskScheduled") == 1
    clock.advance(seconds=10)
    workflows.settle()
    assert workflows.types(execution).count("TaskScheduled") == 2
    clock.advance(seconds=20)
    workflows.settle()
    assert workflows.types(execution).count("TaskScheduled") == 3
    assert workflows.describe(execution)["status"] == "FAILED"


def test_loop_without_end_fails_at_the_limit_of_its_history(workflows):
    rule = {"Variable": "$.over", "IsPresent": True, "Next": "Over"}
    loop = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [rule], "Default": "A"},
        "Over": {"Type": "Succeed"},
    }
    machine = workflows.create({"StartAt": "A", "States": loop})
    execution = workflows.start(machine)
    described = workflows.describe(execution)
    assert (described["status"], described["error"]) == ("FAILED", "States.Runtime")
    assert len(workflows.events(execution)) == 25_000


def test_machine_times_out(workflows, clock):
    clock.stop()
    definition = chain({"Type": "Wait", "Seconds": 100}) | {"TimeoutSeconds": 5}
    execution = workflows.start(workflows.create(definition))
    clock.advance(seconds=5)
    workflows.settle()
    assert workflows.describe(execution)["status"] == "TIMED_OUT"
    assert workflows.types(execution)[-1] == "ExecutionTimedOut"


def test_redrive_goes_on_from_the_failed_state(workflows, aws, account):
    sqs = aws("sqs")
    url = f"{sqs.meta.endpoint_url}/{account}/late"
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody": "x"},
    }
    execution = workflows.start(workflows.create(chain({"Type": "Pass"}, send)))
    assert workflows.describe(execution)["redriveStatus"] == "REDRIVABLE"
    sqs.create_queue(QueueName="late")
    workflows.client.redrive_execution(executionArn=execution)
    workflows.settle()
    described = workflows.describe(execution)
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    assert workflows.types(execution).count("PassStateEntered") == 1
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1


def test_distributed_map_runs_child_executions(workflows, states):
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P",
        "States": {"P": {"Type": "Pass", "End": True}},
    }  # fmt: skip
    machine = workflows.create(chain({"Type": "Map", "Label": "Each", "ItemProcessor": processor}))
    execution = workflows.start(machine, [{"n": n} for n in range(120)])
    assert workflows.output(execution) == [{"n": n} for n in range(120)]
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    described = states.describe_map_run(mapRunArn=run["mapRunArn"])
    assert described["status"] == "SUCCEEDED"
    assert described["itemCounts"]["succeeded"] == 120
    children = states.list_executions(mapRunArn=run["mapRunArn"], maxResults=1000)["executions"]
    assert len(children) == 120
    assert json.loads(states.describe_execution(executionArn=children[0]["executionArn"])["input"]) == {"n": 119}


def test_a_machine_that_traces_samples_what_it_calls(aws, function):
    """Its functions get a sampled trace header: what X-Ray would record begins there."""
    arn = function("import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']", "traced")
    definition = {"StartAt": "F", "States": {"F": {"Type": "Task", "Resource": arn, "End": True}}}
    states = aws("stepfunctions")
    machine = states.create_state_machine(
        name="traced", definition=json.dumps(definition), roleArn="arn:aws:iam::111111111111:role/r", type="EXPRESS",
        tracingConfiguration={"enabled": True},
    )["stateMachineArn"]  # fmt: skip
    answer = states.start_sync_execution(stateMachineArn=machine)
    assert "Sampled=1" in answer["output"]
