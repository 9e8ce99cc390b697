"""Recorded cases: arguments, outputs and errors of tasks, in both query languages, and branches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.stepfunctions.recordings import check_branches, check_history, of
from tests.services.stepfunctions.test_recorded_variables import JSONATA, chain

ECHO = "def handler(event, context):\n    return event\n"
RAISES = 'def handler(event, context):\n    raise Exception("Some exception was raised.")\n'
INVOKE = "arn:aws:states:::lambda:invoke"
SCENARIOS = "base_scenarios::TestBaseScenarios::"
CONSTANTS: dict[str, Any] = {
    "null": None, "int": 0, "float": 0.1, "bool": True, "str": "constant string", "not_jsonata": " {% states.input %} ",
    "lst_empty": [], "obj_empty": {},
    "lst": [None, 0, 0.1, True, [], {"constant": 0}, " {% states.input %} ", "$states.input", "$no.such.var.path"],
}  # fmt: skip
LITERALS = {f"constant_{name}": value for name, value in CONSTANTS.items()} | {
    "constant_varpath_states": "$states.input",
    "constant_varpath": "$no.such.var.path",
    "constant_obj": {f"in_obj_constant_{name}": value for name, value in CONSTANTS.items()}
    | {"in_obj_constant_obj": {"constant": 0}},
}
EXPRESSIONS = {
    "ja_var_access": "{% $var_input_value %}",
    "ja_expr": "{% $sum($states.input.input_values) + $var_constant_1 %}",
    "ja_states_input": "{% $states.input %}",
}
INIT = ("Init", {"Assign": {"var_input_value": "{% $states.input.input_value %}", "var_constant_1": 1}, **JSONATA})
ASSIGNED = {"ja_expr": "{% $states.result.ja_expr %}", "ja_var_access": "{% $states.result.ja_var_access %}"}
RESULTS = EXPRESSIONS | {
    "ja_states_result": "{% $states.result %}",
    "ja_states_result_access": "{% $states.result.ja_expr %}",
}


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, **fields}


@pytest.fixture
def run(workflows: Any) -> Any:
    """Runs a workflow with the recorded input, or another; its events."""

    def events(case: str, definition: dict[str, Any], given: Any = None) -> list[dict[str, Any]]:
        recorded = of(case).answers["get_execution_history"]["events"]
        given = given or recorded[0]["executionStartedEventDetails"]["input"]
        execution = workflows.start(workflows.create(definition), given)
        found: list[dict[str, Any]] = workflows.events(execution)
        return found

    return events


@pytest.mark.parametrize(
    ("name", "before", "fields", "language"),
    [
        ("BASE_LAMBDA_EMPTY", [], {"Arguments": {}, **JSONATA}, {}),
        ("BASE_LAMBDA_EMPTY_GLOBAL_QL_JSONATA", [], {"Arguments": {}}, JSONATA),
        ("BASE_LAMBDA_EXPRESSION", [INIT], {"Arguments": EXPRESSIONS, "Assign": ASSIGNED, **JSONATA}, {}),
        ("BASE_LAMBDA_LITERALS", [], {"Arguments": LITERALS, **JSONATA}, {}),
    ],
)
def test_arguments(run: Any, function: Any, name: str, before: Any, fields: Any, language: Any) -> None:
    case = f"arguments::TestArgumentsBase::test_base_cases[{name}]"
    check_history(case, run(case, chain(*before, ("State0", task(function(ECHO), **fields)), **language)))


def test_output(run: Any, function: Any) -> None:
    case = "output::TestArgumentsBase::test_base_lambda[BASE_LAMBDA]"
    state = task(function(ECHO), Arguments=EXPRESSIONS, Output=RESULTS, **JSONATA)
    check_history(case, run(case, chain(INIT, ("State0", state))))


def test_output_of_a_service(run: Any, function: Any) -> None:
    function(ECHO)
    case = "output::TestArgumentsBase::test_base_task_lambda[BASE_TASK_LAMBDA]"
    arguments = {"FunctionName": "{% $states.input.FunctionName %}", "Payload": "{% $states.input.Payload %}"}
    output = {"ja_states_input": "{% $states.input %}", "ja_states_result": "{% $states.result %}"}
    check_history(case, run(case, chain(("State0", task(INVOKE, Arguments=arguments, Output=output, **JSONATA)))))


@pytest.mark.parametrize("name", ["HEARTBEAT_SECONDS", "TIMEOUT_SECONDS"])
def test_expressions_of_times(run: Any, function: Any, name: str) -> None:
    case = f"base_evaluate_expressions::TestBaseEvaluateJsonata::test_base_task[{name}]"
    field = "".join(part.capitalize() for part in name.split("_"))
    arguments = {"FunctionName": function(ECHO), "Payload": {}}
    state = task(INVOKE, Arguments=arguments, **{field: "{% 1 %}"}, **JSONATA)
    check_history(case, run(case, chain(("Start", state))))


@pytest.mark.parametrize(
    ("name", "direct"),
    [
        ("TASK_LAMBDA_LEGACY_RESOURCE_JSONATA_TO_JSONPATH", True),
        ("TASK_LAMBDA_SDK_RESOURCE_JSONATA_TO_JSONPATH", False),
        ("TASK_LAMBDA_LEGACY_RESOURCE_JSONPATH_TO_JSONATA", True),
        ("TASK_LAMBDA_SDK_RESOURCE_JSONPATH_TO_JSONATA", False),
    ],
)
def test_from_language_to_language(run: Any, function: Any, name: str, direct: bool) -> None:
    case = f"mixed_query_language::TestMixedQueryLanguageFlow::test_lambda_task_resource_data_flow[{name}]"
    arn, payload = function(ECHO), {"Payload": {"foo": "foo-1"}}
    resource, given = (arn, payload) if direct else (INVOKE, {"FunctionName": arn, **payload})
    if name.endswith("TO_JSONPATH"):
        result = "{% $states.result %}"
        first = task(resource, Arguments=given, Assign={"resultsVar": result}, Output={"results": result}, **JSONATA)
        definition = chain(("JsonataState", first), ("JsonPathState", {"Parameters": {"results.$": "$resultsVar"}}))
    else:
        first = task(resource, Parameters=given, Assign={"resultsVar.$": "$"})
        definition = chain(("JsonPathState", first), ("JsonataState", {"Output": "{% $resultsVar %}", **JSONATA}))
    check_history(case, run(case, definition))


def test_variables_into_a_task(run: Any, function: Any) -> None:
    case = "mixed_query_language::TestMixedQueryLanguageFlow::test_task_dataflow_to_state"
    riddle = {"riddle": "What is the answer to life, the universe, and everything?"}
    first = {
        "Parameters": {"mystery": riddle}, "ResultPath": "$.enigma",
        "Assign": {"inputData": riddle, "answer": 42},
    }  # fmt: skip
    payload = {"theQuestion": "{% $states.input.enigma.mystery.riddle %}", "theAnswer": "{% $answer %}"}
    second = task(
        INVOKE,
        Arguments={"FunctionName": "{% $states.input.functionName %}", "Payload": payload},
        Assign={"message": "{% $states.result %}", "answer": "none"},
        Output={"result": "{% $states.result.Payload %}"},
        **JSONATA,
    )
    definition = chain(("StateJsonPath", first), ("StateJsonata", second))
    check_history(case, run(case, definition, {"functionName": function(ECHO)}))


CAUGHT = {"stateInput": "{% $states.input %}", "stateError": "{% $states.errorOutput %}"}
CATCH = {"ErrorEquals": ["States.ALL"], "Next": "Fallback"}
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]


@pytest.mark.parametrize(
    ("name", "catch", "fallback"),
    [
        ("PARALLEL_CATCH_ERROR_OUTPUT", {"Output": CAUGHT}, {"Output": {"result": "{% $states.input %}"}}),
        ("PARALLEL_CATCH_ERROR_OUTPUT_WITH_RETRY", {"Output": CAUGHT}, {"Output": {"result": "{% $states.input %}"}}),
        (
            "PARALLEL_CATCH_ERROR_VARIABLE_SAMPLING",
            {"Assign": {"inputVar": "{% $states.input %}", "errorVar": "{% $states.errorOutput %}"}},
            {"Output": {"error": "{% $errorVar %}"}},
        ),
    ],
)
def test_caught_branch(workflows: Any, function: Any, clock: Any, name: str, catch: Any, fallback: Any) -> None:
    case = f"error_output::TestStateVariablesTemplate::test_parallel_catch_error[{name}]"
    arguments = {"FunctionName": function(RAISES), "Payload": {"foo": "foobar"}}
    state = {
        "Type": "Parallel", "Branches": [chain(("ExecuteLambdaTask", task(INVOKE, Arguments=arguments)))],
        "Catch": [{**CATCH, **catch}], **({"Retry": RETRY} if name.endswith("RETRY") else {}), "Next": "Fallback",
    }  # fmt: skip
    execution = workflows.start(workflows.create(chain(("ParallelState", state), ("Fallback", fallback), **JSONATA)),
                                {"inputData": "dummy"})  # fmt: skip
    clock.advance(seconds=1)
    workflows.settle()
    check_branches(case, workflows.events(execution))


@pytest.mark.parametrize("suffix", ["", "_TO_JSONPATH"])
def test_caught_after_retries(workflows: Any, function: Any, clock: Any, suffix: str) -> None:
    case = (
        "error_output::TestStateVariablesTemplate::"
        f"test_task_catch_error_with_retry[TASK_CATCH_ERROR_OUTPUT_WITH_RETRY{suffix}]"
    )
    arguments = {"FunctionName": function(RAISES), "Payload": {"foo": "foobar"}}
    state = task(INVOKE, Arguments=arguments, Retry=RETRY, Catch=[{**CATCH, "Output": CAUGHT}], **JSONATA)
    fallback = {} if suffix else {"Output": {"error": "{% $states.input %}"}, **JSONATA}
    definition = chain(("Task", {**state, "Next": "Fallback"}), ("Fallback", fallback))
    execution = workflows.start(workflows.create(definition), {"inputData": "dummy"})
    clock.advance(seconds=1)
    workflows.settle()
    check_history(case, workflows.events(execution))


def test_task_with_a_catcher(run: Any, function: Any) -> None:
    case = f"{SCENARIOS}test_catch_empty"
    state = task(function(ECHO), Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Final"}], Next="Final")
    check_history(case, run(case, chain(("StartTask", state), ("Final", {}))))


def test_no_attempts(run: Any, function: Any) -> None:
    case = f"{SCENARIOS}test_retry_interval_features_max_attempts_zero"
    function(RAISES)
    payload = {"RetryAttempt.$": "$$.State.RetryCount"}
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]
    state = task(INVOKE, Parameters={"FunctionName.$": "$.FunctionName", "Payload": payload}, Retry=retry)
    check_history(case, run(case, chain(("LambdaTask", state))))


def test_context_of_retries(workflows: Any, function: Any, clock: Any) -> None:
    case = f"{SCENARIOS}test_lambda_service_invoke_with_retry_extended_input"
    function(RAISES, "function_1")
    payload = {"ThisState.$": "$", "ThisContextObject.$": "$$"}
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}]
    state = task(
        INVOKE, Parameters={"FunctionName.$": "$.FunctionName", "Payload": payload}, Retry=retry,
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "HandleError"}], Next="HandleError",
    )  # fmt: skip
    definition = chain(("InvokeLambdaWithRetry", state), ("HandleError", {}))
    given = {"FunctionName": "function_1", "Value1": "HelloWorld!", "Value2": None}
    execution = workflows.start(workflows.create(definition), given)
    for seconds in (1, 2, 4):
        clock.advance(seconds=seconds)
        workflows.settle()
    check_history(case, workflows.events(execution), "RoleArn", "StartTime", "RedriveCount")  # older than redrives


SLOW = "import time\n\ndef handler(event, context):\n    time.sleep(60)\n"


def begun(workflows: Any, definition: dict[str, Any], given: str, type: str) -> str:
    """The ARN of an execution whose function runs."""
    arn: str = workflows.client.start_execution(stateMachineArn=workflows.create(definition), input=given)[
        "executionArn"
    ]
    while type not in workflows.types(arn):
        pass
    return arn


def test_timeout_of_a_service(workflows: Any, function: Any, clock: Any) -> None:
    function(SLOW, "function_1")
    parameters = {"FunctionName.$": "$.FunctionName", "Payload.$": "$.Payload"}
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "EndWithHandler"}]
    state = task(INVOKE, Parameters=parameters, TimeoutSeconds=5, Catch=catch, Next="EndWithHandler")
    definition = chain(("Start", state), ("EndWithHandler", {"ResultPath": "$.error"}))
    execution = begun(workflows, definition, '{"FunctionName": "function_1", "Payload": null}', "TaskStarted")
    clock.advance(seconds=5)
    workflows.settle()
    check_history("task_service_lambda::TestTaskServiceLambda::test_invoke_timeout", workflows.events(execution))


def test_fixed_timeout(workflows: Any, function: Any, clock: Any) -> None:
    case = "timeouts::TestTimeouts::test_fixed_timeout_lambda"
    definition = chain(("Start", task(function(SLOW), TimeoutSeconds=5)))
    execution = begun(workflows, definition, '{"Payload": null}', "LambdaFunctionStarted")
    clock.advance(seconds=5)
    workflows.settle()
    check_history(case, workflows.events(execution))


def test_branches_with_functions(run: Any, function: Any) -> None:
    function('def handler(event, context):\n    return f"input-event-{event}"\n', "function_name_branch1")
    function(ECHO, "function_name_branch2")
    branches = []
    for name in ("Branch1", "Branch2"):
        parameters = {"FunctionName.$": f"$.FunctionName{name}", "Payload.$": "$.Payload"}
        branches.append(chain((name, task(INVOKE, Parameters=parameters))))
    case = f"{SCENARIOS}test_parallel_state_lambda"
    events = run(case, chain(("ParallelState", {"Type": "Parallel", "Branches": branches})))
    for event in events:  # their outputs were replaced by names
        for details in ("stateExitedEventDetails", "executionSucceededEventDetails"):
            if details in event:
                event[details]["output"] = f"{details}.output"
    check_branches(case, events)


def test_express_execution_that_is_waited_for(workflows: Any, function: Any) -> None:
    function(ECHO)
    case = of(f"{SCENARIOS}test_lambda_service_invoke_sync_execution")
    parameters = {"FunctionName.$": "$.FunctionName", "Payload.$": "$.Payload"}
    definition = chain(("Start", task(INVOKE, Parameters=parameters)), ("EndWithFinal", {"ResultPath": "$.final"}))
    machine = workflows.create(definition, type="EXPRESS")
    given = '{"FunctionName": "lambda_function_name", "Payload": {"body": "string body"}}'
    answer = workflows.client.start_sync_execution(stateMachineArn=machine, input=given)
    varying = ("billingDetails", "x-amzn-RequestId", "X-Amzn-Trace-Id", "SdkResponseMetadata")
    case.check("start_execution_sync_response", answer, ignore=("ResponseMetadata", *varying))


def test_branch_that_fails(run: Any) -> None:
    case = f"{SCENARIOS}test_parallel_state_catch"
    branch = chain(("Branch1", {"Type": "Fail", "Error": "FailureType", "Cause": "Cause description"}))
    catch = [{"ErrorEquals": ["FailureType"], "Next": "FinalCaught"}]
    state = {"Type": "Parallel", "Branches": [branch], "Catch": catch, "Next": "FinalCaught"}
    check_history(case, run(case, chain(("ParallelState", state), ("FinalCaught", {}))))


def test_branches_of_branches(run: Any) -> None:
    case = f"{SCENARIOS}test_parallel_state_nested"
    inner = {"Type": "Parallel", "Branches": [chain(("BranchL2", {}))]}
    outer = {"Type": "Parallel", "Branches": [chain(("ParallelStateL2", inner))]}
    events = run(case, chain(("ParallelStateL1", outer)), [[1, 2, 3], [4, 5, 6]])
    check_branches(case, events, "input", "output")
