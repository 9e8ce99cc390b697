"""What AWS answered about state machines, versions and aliases."""

from __future__ import annotations

import json

import pytest

from tests.recorded import recorded
from tests.services.stepfunctions.conftest import refused, told

PASS = {"Comment": "BASE_PASS_RESULT", "StartAt": "State_1",
        "States": {"State_1": {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}}}  # fmt: skip
TEXT = json.dumps(PASS)
ROLE = "arn:aws:iam::111111111111:role/states"


@pytest.fixture
def create(states):
    return lambda name="machine", **more: states.create_state_machine(
        **{"name": name, "definition": TEXT, "roleArn": ROLE, **more}
    )


@pytest.fixture
def describe(states):
    """The role is a placeholder that is not written as one."""

    def describe(**request):
        described = states.describe_state_machine(**request)
        return described | {"roleArn": "snf_role_arn"}

    return describe


def versions_of(states, create, count):
    """A machine and the ARNs of so many versions."""
    machine = create()["stateMachineArn"]
    arns = []
    for number in range(count):
        text = json.dumps({**PASS, "Comment": str(number)})
        answer = states.update_state_machine(stateMachineArn=machine, definition=text, publish=True)
        arns.append(answer["stateMachineVersionArn"])
    return machine, arns


def test_create_duplicate_sm_name(states, create, describe):
    case = recorded("sfn_api::TestSnfApi::test_create_duplicate_sm_name", "stepfunctions")
    made = create()
    case.check("creation_resp_1", made)
    case.check("describe_resp_1", describe(stateMachineArn=made["stateMachineArn"]))
    other = json.dumps({**PASS, "Comment": "other"})
    case.check("already_exists_1", refused(create, definition=other))


def test_create_exact_duplicate_sm(create, describe):
    case = recorded("sfn_api::TestSnfApi::test_create_exact_duplicate_sm", "stepfunctions")
    first, second = create(), create()
    case.check("creation_resp_1", first)
    case.check("describe_resp_1", describe(stateMachineArn=first["stateMachineArn"]))
    case.check("creation_resp_2", second)
    case.check("describe_resp_2", describe(stateMachineArn=second["stateMachineArn"]))
    case.check("describe_resp_1_2", describe(stateMachineArn=first["stateMachineArn"]))


def test_list_sms_pagination(states, create):
    case = recorded("sfn_api::TestSnfApi::test_list_sms_pagination", "stepfunctions")
    for number in range(13):
        create(f"machine-{number}")
    first = states.list_state_machines(maxResults=10)
    case.check("list-state-machines-page-1", first["stateMachines"])
    second = states.list_state_machines(maxResults=10, nextToken=first["nextToken"])
    case.check("list-state-machines-page-2", second["stateMachines"])
    short = told(states.list_state_machines, nextToken="")
    assert short == case.answers["list-state-machines-invalid-param-short-nextToken"]
    long = refused(states.list_state_machines, nextToken="x" * 1025)
    assert "<= 1024" not in str(long)
    case.check("list-state-machines-invalid-param-long-nextToken", _token_named(long, 1025))
    case.check("list-state-machines-invalid-param-too-large", refused(states.list_state_machines, maxResults=1001))


def _token_named(error, length):
    """The recording names the token where AWS shows it."""
    error.response["Error"]["Message"] = error.response["Error"]["Message"].replace(
        "x" * length, f"<invalid_token_{length}_chars>"
    )
    error.response["message"] = error.response["Error"]["Message"]
    return error


def test_describe_invalid_arn_sm(states):
    case = recorded("sfn_api::TestSnfApi::test_describe_invalid_arn_sm", "stepfunctions")
    case.check("exception", told(states.describe_state_machine, stateMachineArn="not_a_valid_arn"))


@pytest.mark.parametrize("kind", ["express", "logging_configuration0", "logging_configuration1"])
def test_create_with_settings(states, create, describe, kind):
    if kind == "express":
        case = recorded("sfn_api_express::TestSfnApiExpress::test_create_describe_delete", "stepfunctions")
        made = create(type="EXPRESS")
        case.check("creation_response", made)
        case.check("describe_response", describe(stateMachineArn=made["stateMachineArn"]))
        case.check("deletion_response", states.delete_state_machine(stateMachineArn=made["stateMachineArn"]))
        return
    name = f"sfn_api_logs::TestSnfApiLogs::test_incomplete_logging_configuration[{kind}]"
    case = recorded(name, "stepfunctions")
    made = create(loggingConfiguration={"level": "OFF"} if kind.endswith("0") else {"destinations": []})
    case.check("creation_resp", made)
    case.check("describe_resp", describe(stateMachineArn=made["stateMachineArn"]))


def test_illegal_activity_task(states, create):
    case = recorded("sfn_api_express::TestSfnApiExpress::test_illegal_activity_task", "stepfunctions")
    activity = states.create_activity(name="activity")["activityArn"]
    definition = {
        "StartAt": "ActivityTask",
        "States": {"ActivityTask": {"Type": "Task", "Resource": activity, "End": True}},
    }
    case.check("creation_error", refused(create, definition=json.dumps(definition), type="EXPRESS"))


def test_update_logging_configuration(states, create, describe, aws, account):
    case = recorded("sfn_api_logs::TestSnfApiLogs::test_update_logging_configuration", "stepfunctions")
    aws("logs").create_log_group(logGroupName="log_group_name")
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:us-east-1:{account}:log-group:log_group_name:*"}}
    config = {"level": "ALL", "includeExecutionData": True, "destinations": [group]}
    made = create(loggingConfiguration=config)
    machine = made["stateMachineArn"]
    case.check("creation_resp", made)
    case.check("describe_resp", describe(stateMachineArn=machine))

    def update(**changes):
        config.update(changes)
        states.update_state_machine(stateMachineArn=machine, loggingConfiguration=config)
        return describe(stateMachineArn=machine)

    case.check("describe_resp_log_level", update(level="FATAL"))
    case.check("describe_resp_flag", update(includeExecutionData=False))
    config["includeExecutionData"] = True
    for step, destinations in (("exception_multiple_endpoints", [group, group]), ("exception_invalid", [])):
        wrong = {**config, "destinations": destinations}
        case.check(step, told(states.update_state_machine, stateMachineArn=machine, loggingConfiguration=wrong))


# --- versions ---


def test_create_with_version_description_no_publish(create):
    case = recorded(
        "sfn_api_versioning::TestSnfApiVersioning::test_create_with_version_description_no_publish", "stepfunctions"
    )
    case.check("validation_exception", refused(create, versionDescription="HelloWorld!"))


def test_empty_revision_with_publish_and_no_publish_on_creation(states, create):
    name = "sfn_api_versioning::TestSnfApiVersioning::test_empty_revision_with_publish_and_no_publish_on_creation"
    case = recorded(name, "stepfunctions")
    made = create(publish=False)
    case.check("creation_resp_1", made)
    for step in ("update_resp_1", "update_resp_2"):
        case.check(step, states.update_state_machine(stateMachineArn=made["stateMachineArn"], publish=True))


def test_list_delete_version(states, create, describe):
    case = recorded("sfn_api_versioning::TestSnfApiVersioning::test_list_delete_version", "stepfunctions")
    made = create(publish=True)
    machine, version = made["stateMachineArn"], made["stateMachineVersionArn"]
    case.check("creation_resp_1", made)
    case.check("list_versions_resp_1", states.list_state_machine_versions(stateMachineArn=machine))
    case.check("describe_resp_version", describe(stateMachineArn=version))
    case.check("delete_version_resp", states.delete_state_machine_version(stateMachineVersionArn=version))
    case.check("list_versions_resp_2", states.list_state_machine_versions(stateMachineArn=machine))
    case.check("delete_version_resp_after_del", states.delete_state_machine_version(stateMachineVersionArn=version))


def test_list_state_machine_versions_pagination(states, create):
    case = recorded(
        "sfn_api_versioning::TestSnfApiVersioning::test_list_state_machine_versions_pagination", "stepfunctions"
    )
    machine, _ = versions_of(states, create, 13)
    first = states.list_state_machine_versions(stateMachineArn=machine, maxResults=10)
    case.check("list-state-machine-versions-page-1", first)
    second = states.list_state_machine_versions(stateMachineArn=machine, maxResults=10, nextToken=first["nextToken"])
    case.check("list-state-machine-versions-page-2", second)
    long = refused(states.list_state_machine_versions, stateMachineArn=machine, nextToken="x" * 1025)
    case.check("list-state-machine-versions-invalid-param-long-nextToken", _token_named(long, 1025))
    large = refused(states.list_state_machine_versions, stateMachineArn=machine, maxResults=1001)
    case.check("list-state-machine-versions-invalid-param-too-large", large)


def test_publish_state_machine_version_invalid_arn(states):
    case = recorded(
        "sfn_api_versioning::TestSnfApiVersioning::test_publish_state_machine_version_invalid_arn", "stepfunctions"
    )
    case.check("exception", told(states.publish_state_machine_version, stateMachineArn="invalid_arn"))


def test_publish_state_machine_version_no_such_machine(states, create):
    name = "sfn_api_versioning::TestSnfApiVersioning::test_publish_state_machine_version_no_such_machine"
    case = recorded(name, "stepfunctions")
    missing = create()["stateMachineArn"] + "x"
    error = told(states.publish_state_machine_version, stateMachineArn=missing)
    error["exception_value"] = error["exception_value"].replace(missing, "ssm_nonexistent_arn")
    case.check("exception", error)


def test_version_ids_between_deletions(states, create):
    case = recorded("sfn_api_versioning::TestSnfApiVersioning::test_version_ids_between_deletions", "stepfunctions")
    made = create(publish=True)
    case.check("creation_resp_1", made)
    machine = made["stateMachineArn"]
    changed = json.dumps({**PASS, "Comment": "2"})
    states.update_state_machine(stateMachineArn=machine, definition=changed)
    second = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    states.delete_state_machine_version(stateMachineVersionArn=second)
    case.check("publish_res_v2_2", states.publish_state_machine_version(stateMachineArn=machine))


def test_start_version_execution(states, create, settle):
    """The recording is older than redriveCount."""
    case = recorded("sfn_api_versioning::TestSnfApiVersioning::test_start_version_execution", "stepfunctions")
    made = create(publish=True)
    case.check("creation_resp_1", made)
    machine, version = made["stateMachineArn"], made["stateMachineVersionArn"]
    case.check("execution_resp", states.start_execution(stateMachineArn=machine))
    settle()
    case.check("exec_list_resp", states.list_executions(stateMachineArn=machine), ignore=("redriveCount",))
    case.check("execution_version_resp", states.start_execution(stateMachineArn=version))
    settle()
    case.check("exec_version_list_resp", states.list_executions(stateMachineArn=version), ignore=("redriveCount",))


def test_describe_state_machine_for_execution_of_version(states, create, settle):
    """The recording is older than revision ids."""
    name = "sfn_api_versioning::TestSnfApiVersioning::test_describe_state_machine_for_execution_of_version"
    case = recorded(name, "stepfunctions")
    made = create(publish=True)
    case.check("creation_resp_1", made)
    started = states.start_execution(stateMachineArn=made["stateMachineVersionArn"])
    case.check("execution_resp", started)
    described = states.describe_state_machine_for_execution(executionArn=started["executionArn"])
    case.check("describe_resp", described | {"roleArn": "snf_role_arn"})


# --- aliases ---


def route(version, weight=100):
    return [{"stateMachineVersionArn": version, "weight": weight}]


def test_base_lifecycle_create_delete_list(states, create):
    case = recorded("sfn_api_aliasing::TestSfnApiAliasing::test_base_lifecycle_create_delete_list", "stepfunctions")
    machine, (version,) = versions_of(states, create, 1)
    case.check("list_state_machine_aliases_response_empty", states.list_state_machine_aliases(stateMachineArn=machine))
    aliases = []
    for number in range(3):
        name = f"state_machine_alias_base_name-{number}"
        made = states.create_state_machine_alias(name=name, routingConfiguration=route(version))
        case.check(f"create_state_machine_alias_response_num_{number}", made)
        aliases.append(made["stateMachineAliasArn"])
        listed = states.list_state_machine_aliases(stateMachineArn=machine)
        case.check(f"list_state_machine_aliases_response_after_creation_{number}", listed)
    for number, alias in enumerate(aliases):
        gone = states.delete_state_machine_alias(stateMachineAliasArn=alias)
        case.check(f"delete_state_machine_alias_response_{number}", gone)
        listed = states.list_state_machine_aliases(stateMachineArn=machine)
        case.check(f"list_state_machine_aliases_response_after_deletion_{number}", listed)


def test_delete_version_with_alias(states, create):
    case = recorded("sfn_api_aliasing::TestSfnApiAliasing::test_delete_version_with_alias", "stepfunctions")
    _, (first, second) = versions_of(states, create, 2)
    wanted = {"name": "state_machine_alias_name", "description": "create state machine alias description"}
    made = states.create_state_machine_alias(**wanted, routingConfiguration=route(first))
    case.check("create_state_machine_alias_response", made)
    error = told(states.delete_state_machine_version, stateMachineVersionArn=first)
    case.check("exception_delete_version_with_alias_reference", error)
    alias = made["stateMachineAliasArn"]
    states.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=route(second))
    described = states.describe_state_machine_alias(stateMachineAliasArn=alias)
    case.check("describe_state_machine_alias_response", described)
    case.check("delete_version_response", states.delete_state_machine_version(stateMachineVersionArn=first))


def test_delete_revision_with_alias(states, create):
    case = recorded("sfn_api_aliasing::TestSfnApiAliasing::test_delete_revision_with_alias", "stepfunctions")
    machine, (version,) = versions_of(states, create, 1)
    made = states.create_state_machine_alias(name="state_machine_alias_name", routingConfiguration=route(version))
    case.check("create_state_machine_alias_response", made)
    case.check("delete_state_machine_response", states.delete_state_machine(stateMachineArn=machine))


def test_error_create_alias_invalid_name(states, create):
    case = recorded("sfn_api_aliasing::TestSfnApiAliasing::test_error_create_alias_invalid_name", "stepfunctions")
    _, (version,) = versions_of(states, create, 1)
    for step in case.answers:
        name = step.removeprefix("exception_for_name")
        case.check(step, told(states.create_state_machine_alias, name=name, routingConfiguration=route(version)))


def test_error_create_alias_not_idempotent(states, create):
    case = recorded("sfn_api_aliasing::TestSfnApiAliasing::test_error_create_alias_not_idempotent", "stepfunctions")
    _, (first, second) = versions_of(states, create, 2)
    wanted = {"name": "state_machine_alias_name", "description": "words", "routingConfiguration": route(first)}
    case.check("create_state_machine_alias_response", states.create_state_machine_alias(**wanted))
    states.create_state_machine_alias(**wanted)
    other = told(states.create_state_machine_alias, **wanted | {"description": "other"})
    case.check("not_idempotent_description", other)
    other = told(states.create_state_machine_alias, **wanted | {"routingConfiguration": route(second)})
    case.check("not_idempotent_routing_configuration", other)


def test_error_create_alias_with_state_machine_arn(states, create):
    case = recorded(
        "sfn_api_aliasing::TestSfnApiAliasing::test_error_create_alias_with_state_machine_arn", "stepfunctions"
    )
    machine = create()["stateMachineArn"]
    case.check("exception", told(states.create_state_machine_alias, name="alias", routingConfiguration=route(machine)))


def test_list_state_machine_aliases_pagination_invalid_next_token(states, create):
    name = "sfn_api_aliasing::TestSfnApiAliasing::test_list_state_machine_aliases_pagination_invalid_next_token"
    case = recorded(name, "stepfunctions")
    machine, (version,) = versions_of(states, create, 1)
    made = states.create_state_machine_alias(name="state_machine_alias_name", routingConfiguration=route(version))
    case.check("create_state_machine_alias_response", made)
    error = told(states.list_state_machine_aliases, stateMachineArn=machine, nextToken="InvalidToken")
    case.check("invalidTokenException", error)


@pytest.mark.parametrize("most", [0, 1])
def test_list_state_machine_aliases_pagination_max_results(states, create, most):
    name = f"sfn_api_aliasing::TestSfnApiAliasing::test_list_state_machine_aliases_pagination_max_results[{most}]"
    case = recorded(name, "stepfunctions")
    machine, (version,) = versions_of(states, create, 1)
    for number in (1, 2, 3):
        made = states.create_state_machine_alias(name=f"AliasName-{number}", routingConfiguration=route(version))
        case.check(f"create_state_machine_alias_response-{number}", made)
    listed = states.list_state_machine_aliases(stateMachineArn=machine, maxResults=most)
    case.check(f"list_state_machine_aliases_max_results_{most}_response", listed)
    if most:
        rest = states.list_state_machine_aliases(stateMachineArn=machine, nextToken=listed["nextToken"])
        case.check("list_state_machine_aliases_next_token_response", rest)
    large = refused(states.list_state_machine_aliases, stateMachineArn=machine, maxResults=1001)
    case.check("list_state_machine_aliases_max_results_1001_response", large)


def test_update_no_such_alias_arn(states, create):
    case = recorded("sfn_api_aliasing::TestSfnApiAliasing::test_update_no_such_alias_arn", "stepfunctions")
    _, (version,) = versions_of(states, create, 1)
    made = states.create_state_machine_alias(name="state_machine_alias_name", routingConfiguration=route(version))
    case.check("create_state_machine_alias_response", made)
    missing = made["stateMachineAliasArn"] + "InvalidArn"
    error = told(states.update_state_machine_alias, stateMachineAliasArn=missing, description="x")
    case.check("update_no_such_alias_arn", error)


@pytest.mark.parametrize("tags", ["None", "tag_list0", "tag_list1", "tag_list2", "tag_list3"])
def test_tag_invalid_state_machine(states, create, tags):
    case = recorded(f"sfn_api_tagging::TestSnfApiTagging::test_tag_invalid_state_machine[{tags}]", "stepfunctions")
    made = create()
    case.check("creation_resp_1", made)
    given = {
        "None": None, "tag_list0": [{"key": "", "value": "x"}], "tag_list1": [{"key": "", "value": ""}],
        "tag_list2": [{"key": None, "value": "x"}], "tag_list3": [{"key": "k", "value": None}],
    }[tags]  # fmt: skip
    error = told(states.tag_resource, resourceArn=made["stateMachineArn"], tags=given)
    step = "resource_not_found" if tags == "tag_list0" else "error"
    case.check(step, error["exception_value"])
