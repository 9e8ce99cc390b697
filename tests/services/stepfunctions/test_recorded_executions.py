"""What AWS answered about executions: starting, listing, callbacks, and histories of whole workflows."""

from __future__ import annotations

import json

import pytest
from botocore.config import Config

from tests.recorded import recorded
from tests.services.stepfunctions.conftest import refused, told
from tests.services.stepfunctions.test_recorded_machines import ROLE, TEXT, _token_named


@pytest.fixture
def create(states):
    return lambda name="machine", **more: states.create_state_machine(
        **{"name": name, "definition": TEXT, "roleArn": ROLE, **more}
    )


def test_start_execution_idempotent(states, create):
    case = recorded("sfn_api::TestSnfApi::test_start_execution_idempotent", "stepfunctions")
    wait = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": True}}})
    made = create(definition=wait)
    case.check("creation_resp", made)
    wanted = {"stateMachineArn": made["stateMachineArn"], "name": "once", "input": "{}"}
    first, second = states.start_execution(**wanted), states.start_execution(**wanted)
    case.check("exec_resp", first)
    case.check("exec_resp_idempotent", second)
    assert first == second | {"ResponseMetadata": first["ResponseMetadata"]}
    case.check("start_exec_already_exists", refused(states.start_execution, **wanted | {"input": '{"other": 1}'}))
    case.check("stop_res", states.stop_execution(executionArn=first["executionArn"]))
    refused(states.start_execution, **wanted)


def test_describe_execution_arn_containing_punctuation(states, create, settle):
    case = recorded("sfn_api::TestSnfApi::test_describe_execution_arn_containing_punctuation", "stepfunctions")
    made = create("state.machine_with-punctuation")
    case.check("creation_resp", made)
    started = states.start_execution(
        stateMachineArn=made["stateMachineArn"], name="exec.name_with-punctuation", input="{}"
    )
    case.check("exec_resp", started)
    settle()
    case.check("describe_execution", states.describe_execution(executionArn=started["executionArn"]))


def test_describe_execution_no_such_state_machine(states, create):
    case = recorded("sfn_api::TestSnfApi::test_describe_execution_no_such_state_machine", "stepfunctions")
    missing = create()["stateMachineArn"].replace("stateMachine", "execution") + ":none"
    error = told(states.describe_execution, executionArn=missing)
    error["exception_value"] = error["exception_value"].replace(missing, "invalid_execution_arn")
    case.check("exception", error)


@pytest.mark.parametrize(
    ("name", "operation", "member"),
    [
        ("test_get_execution_history_invalid_arn", "get_execution_history", "executionArn"),
        ("test_list_execution_invalid_arn", "list_executions", "stateMachineArn"),
    ],
)
def test_invalid_arn(states, name, operation, member):
    case = recorded(f"sfn_api::TestSnfApi::{name}", "stepfunctions")
    case.check("exception", told(getattr(states, operation), **{member: "invalid_state_machine_arn"}))


def test_list_executions_versions_pagination(states, create, settle):
    case = recorded("sfn_api::TestSnfApi::test_list_executions_versions_pagination", "stepfunctions")
    made = create(publish=True)
    machine, version = made["stateMachineArn"], made["stateMachineVersionArn"]
    for number in range(13):
        states.start_execution(stateMachineArn=version, name=f"execution-{number}")
    settle()
    first = states.list_executions(stateMachineArn=machine, maxResults=10)
    case.check("list-executions-page-1", first)
    case.check("list-execution-page-2", states.list_executions(stateMachineArn=machine, nextToken=first["nextToken"]))
    long = refused(states.list_executions, stateMachineArn=machine, nextToken="x" * 3097)
    case.check("list-executions-invalid-param-long-nextToken", _token_named(long, 3097))
    large = refused(states.list_executions, stateMachineArn=machine, maxResults=1001)
    case.check("list-executions-invalid-param-too-large", large)
    case.check("deletion_resp", states.delete_state_machine(stateMachineArn=machine))


def test_start_sync_execution(states, create, aws):
    case = recorded("sfn_api::TestSnfApi::test_start_sync_execution", "stepfunctions")
    made = create()
    case.check("creation_response", made)
    client = aws("stepfunctions", config=Config(inject_host_prefix=False))
    error = refused(client.start_sync_execution, stateMachineArn=made["stateMachineArn"])
    case.check("start_sync_execution_error", error)


def test_start_async_describe_history_execution(states, create, settle, aws, account):
    case = recorded("sfn_api_express::TestSfnApiExpress::test_start_async_describe_history_execution", "stepfunctions")
    logs = aws("logs")
    logs.create_log_group(logGroupName="express")
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:us-east-1:{account}:log-group:express:*"}}
    config = {"level": "ALL", "includeExecutionData": True, "destinations": [group]}
    made = create(type="EXPRESS", loggingConfiguration=config)
    case.check("creation_response", made)
    execution = states.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
    settle()
    last = json.loads(logs.filter_log_events(logGroupName="express")["events"][-1]["message"])
    case.check("end_event", last)
    case.check("describe_execution_error", refused(states.describe_execution, executionArn=execution))
    case.check("stop_execution_error", refused(states.stop_execution, executionArn=execution))
    case.check("get_execution_history_error", refused(states.get_execution_history, executionArn=execution))
    case.check("list_executions_error", refused(states.list_executions, stateMachineArn=made["stateMachineArn"]))


def test_event_bridge_events_base(states, create, settle, aws, account):
    """The recording has `stopDate` in both events, as a placeholder."""
    case = recorded("base::TestSnfBase::test_event_bridge_events_base", "stepfunctions")
    sqs, events = aws("sqs"), aws("events")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{account}:events"
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name="states", EventPattern='{"source": ["aws.states"]}')
    events.put_targets(Rule="states", Targets=[{"Id": "q", "Arn": arn}])
    states.start_execution(stateMachineArn=create()["stateMachineArn"], name="once", input="{}")
    settle()
    found = [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    found.sort(key=lambda event: event["detail"]["status"])
    for event in found:
        event["detail"]["startDate"], event["detail"]["stopDate"] = "start-date", "stop-date"
        event["detail"]["name"] = "test_event_bridge_events-{short_uid()}"  # what the recorder did to it
    case.check("stepfunctions_events", found, ignore=("time",))


# --- histories ---


def history_of(states, settle, create, definition, input, account, name="history"):
    machine = create(name, definition=json.dumps(definition))["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(input))["executionArn"]
    settle()
    return execution, lambda: _plain(states.get_execution_history(executionArn=execution))


def _plain(answer):
    """The role is a placeholder that is not written as one."""
    answer["events"][0]["executionStartedEventDetails"]["roleArn"] = "snf_role_arn"
    return answer


def _role_named(case):
    """The role is named, and a token's placeholder is spelt wrong in one recording."""
    case.answers = json.loads(json.dumps(case.answers).replace("<<task_token>:1>", "<task_token:1>"))
    for answer in case.answers.values():
        answer["events"][0]["executionStartedEventDetails"]["roleArn"] = "snf_role_arn"
    return case


def test_map_state_break_condition(states, create, settle, account):
    case = recorded("base_scenarios::TestBaseScenarios::test_map_state_break_condition", "stepfunctions")
    inner = {
        "StartAt": "Equals3",
        "States": {
            "Equals3": {
                "Type": "Choice",
                "Choices": [{"Variable": "$", "IsNumeric": False, "Next": "Pass"}, {"Variable": "$", "NumericEquals": 3, "Next": "Break"}],
                "Default": "Pass",
            },
            "Pass": {"Type": "Pass", "End": True},
            "Break": {"Type": "Fail", "Error": "SomeFailure", "Cause": "This state machines raises a 'SomeFailure' failure."},
        },
    }  # fmt: skip
    definition = {
        "StartAt": "StartState",
        "States": {
            "StartState": {"Type": "Pass", "Result": {"arr": [1, "Hello", {}, 3.3, 3, 4, 5]}, "Next": "MapState"},
            "MapState": {"Type": "Map", "MaxConcurrency": 1, "ItemsPath": "$.arr", "ItemProcessor": inner, "End": True},
        },
    }
    _, history = history_of(states, settle, create, definition, {}, account)
    case.check("get_execution_history", history())


@pytest.mark.parametrize(
    ("name", "retriers"),
    [
        ("test_map_state_retry_legacy", [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]),
        (
            "test_map_state_retry_multiple_retriers",
            [
                {"ErrorEquals": ["HandleItemFailError"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 1},
                {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 0},
            ],
        ),
    ],
)  # fmt: skip
def test_map_state_retries(states, create, settle, account, clock, name, retriers):
    case = recorded(f"base_scenarios::TestBaseScenarios::{name}", "stepfunctions")
    last = case.answers["get_execution_history"]["events"][-1]["executionFailedEventDetails"]
    fail = {"Type": "Fail", "Error": last["error"], "Cause": last["cause"]}
    processor = {"StartAt": "HandleItemFail", "States": {"HandleItemFail": fail}}
    definition = {
        "StartAt": "StartState",
        "States": {
            "StartState": {"Type": "Pass", "Result": {"arr": [1]}, "Next": "MapState"},
            "MapState": {"Type": "Map", "ItemsPath": "$.arr", "Iterator": processor, "Retry": retriers, "End": True},
        },
    }
    _, history = history_of(states, settle, create, definition, {}, account)
    want = len(case.answers["get_execution_history"]["events"])
    for _ in range(5):
        clock.advance(seconds=2)
        settle()
    assert len(history()["events"]) == want
    case.check("get_execution_history", history())


def test_sqs_wait_for_task_token_timeout(states, create, settle, account, clock, aws):
    case = _role_named(recorded("callback::TestCallback::test_sqs_wait_for_task_token_timeout", "stepfunctions"))
    url = aws("sqs").create_queue(QueueName="queue")["QueueUrl"]
    events = case.answers["get_execution_history"]["events"]
    scheduled = next(event for event in events if event["type"] == "TaskScheduled")["taskScheduledEventDetails"]
    definition = {
        "StartAt": "SendMessageWithWaitAndTimeout",
        "States": {
            "SendMessageWithWaitAndTimeout": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "TimeoutSeconds": scheduled["timeoutInSeconds"],
                "Parameters": {
                    "QueueUrl.$": "$.QueueUrl",
                    "MessageBody": {"Message.$": "$.Message", "TaskToken.$": "$$.Task.Token"},
                },
                "End": True,
            }
        },
    }
    _, history = history_of(
        states, settle, create, definition, {"QueueUrl": url, "Message": "test_message_txt"}, account
    )
    clock.advance(seconds=scheduled["timeoutInSeconds"])
    settle()
    case.check("get_execution_history", history(), ignore=("SdkHttpMetadata", "SdkResponseMetadata"))


def test_heartbeat_timeout(states, create, settle, account, clock, aws):
    case = _role_named(recorded("heartbeats::TestHeartbeats::test_heartbeat_timeout", "stepfunctions"))
    url = aws("sqs").create_queue(QueueName="queue")["QueueUrl"]
    events = case.answers["get_execution_history"]["events"]
    scheduled = next(event for event in events if event["type"] == "TaskScheduled")["taskScheduledEventDetails"]
    limits = {"HeartbeatSeconds": scheduled["heartbeatInSeconds"]}
    if "timeoutInSeconds" in scheduled:
        limits["TimeoutSeconds"] = scheduled["timeoutInSeconds"]
    definition = {
        "StartAt": "SendMessageWithWait",
        "States": {
            "SendMessageWithWait": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                **limits,
                "Parameters": {
                    "QueueUrl.$": "$.QueueUrl",
                    "MessageBody": {"Message.$": "$.Message", "TaskToken.$": "$$.Task.Token"},
                },
                "End": True,
            }
        },
    }
    _, history = history_of(
        states, settle, create, definition, {"QueueUrl": url, "Message": "test_message_txt"}, account
    )
    clock.advance(seconds=scheduled["heartbeatInSeconds"])
    settle()
    case.check("get_execution_history", history(), ignore=("SdkHttpMetadata", "SdkResponseMetadata"))
