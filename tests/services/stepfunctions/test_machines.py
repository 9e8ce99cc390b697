"""State machines, versions, aliases, tags: what recordings do not tell."""

from __future__ import annotations

import json
import threading

import pytest

from tests.services.stepfunctions.conftest import PASS, refused
from undercast.engines import states as engine

WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": True}}}


def code(error) -> str:
    return error.response["Error"]["Code"]


def test_an_update_is_for_new_executions_only(workflows, states):
    machine = workflows.create(WAIT)
    before = workflows.start(machine)
    answer = states.update_state_machine(stateMachineArn=machine, definition=json.dumps(PASS))
    after = workflows.start(machine)
    assert workflows.describe(before)["status"] == "RUNNING"
    assert workflows.output(after) == {}
    described = states.describe_state_machine_for_execution(executionArn=before)
    assert json.loads(described["definition"]) == WAIT
    assert states.describe_state_machine(stateMachineArn=machine)["revisionId"] == answer["revisionId"]


def test_publishing_names_the_revision_that_is_meant(workflows, states):
    machine = workflows.create(WAIT)
    error = refused(states.publish_state_machine_version, stateMachineArn=machine, revisionId="other")
    assert code(error) == "ConflictException"
    assert states.publish_state_machine_version(stateMachineArn=machine, revisionId="INITIAL")


def test_deleting_a_machine_aborts_what_runs_of_it(workflows, states):
    machine = workflows.create(WAIT)
    execution = workflows.start(machine)
    states.delete_state_machine(stateMachineArn=machine)
    workflows.settle()
    assert workflows.describe(execution)["status"] == "ABORTED"
    assert code(refused(states.start_execution, stateMachineArn=machine)) == "StateMachineDoesNotExist"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"name": "a b"}, "InvalidName"),
        ({"roleArn": "nobody"}, "InvalidArn"),
        ({"definition": "{"}, "InvalidDefinition"),
        ({"definition": '{"StartAt": "X", "States": {}}'}, "InvalidDefinition"),
        ({"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration"),
        ({"tags": [{"key": str(n), "value": ""} for n in range(51)]}, "TooManyTags"),
        ({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}}, "NotImplemented"),
    ],
)
def test_refused(states, change, wanted):
    given = {"name": "machine", "definition": json.dumps(PASS), "roleArn": "arn:aws:iam::123456789012:role/r", **change}
    assert code(refused(states.create_state_machine, **given)) == wanted


def test_a_role_that_does_not_trust_states_is_refused(states, aws):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = aws("iam").create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    error = refused(states.create_state_machine, name="machine", definition=json.dumps(PASS), roleArn=role)
    assert code(error) == "AccessDeniedException"


def test_updating_nothing_is_refused(workflows, states):
    assert (
        code(refused(states.update_state_machine, stateMachineArn=workflows.create(PASS))) == "MissingRequiredParameter"
    )


def test_an_alias_routes_executions_to_its_versions(workflows, states):
    machine = workflows.create(PASS, publish=True)
    second = states.update_state_machine(stateMachineArn=machine, definition=json.dumps(WAIT), publish=True)
    routing = [
        {"stateMachineVersionArn": f"{machine}:1", "weight": 50},
        {"stateMachineVersionArn": f"{machine}:2", "weight": 50},
    ]
    assert second["stateMachineVersionArn"] == f"{machine}:2"
    alias = states.create_state_machine_alias(name="live", routingConfiguration=routing)["stateMachineAliasArn"]
    found = [workflows.describe(workflows.start(alias)) for _ in range(30)]
    assert {one["stateMachineVersionArn"] for one in found} == {f"{machine}:1", f"{machine}:2"}
    assert {one["stateMachineAliasArn"] for one in found} == {alias}
    assert len(states.list_executions(stateMachineArn=alias)["executions"]) == 30
    of_first = states.list_executions(stateMachineArn=f"{machine}:1")["executions"]
    assert 0 < len(of_first) < 30
    assert len(states.list_state_machine_aliases(stateMachineArn=f"{machine}:1")["stateMachineAliases"]) == 1


@pytest.mark.parametrize("weights", [[60, 60], [100, 0, 0], [99]])
def test_weights_add_up_to_a_hundred(workflows, states, weights):
    machine = workflows.create(PASS, publish=True)
    routing = [
        {"stateMachineVersionArn": f"{machine}:{number + 1}", "weight": weight} for number, weight in enumerate(weights)
    ]
    assert (
        code(refused(states.create_state_machine_alias, name="live", routingConfiguration=routing))
        == "ValidationException"
    )


def test_tags_of_machines_and_activities(workflows, states):
    machine = workflows.create(PASS, tags=[{"key": "a", "value": "1"}])
    activity = states.create_activity(name="activity")["activityArn"]
    for arn in (machine, activity):
        states.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}, {"key": "c", "value": "3"}])
        states.untag_resource(resourceArn=arn, tagKeys=["c"])
    assert states.list_tags_for_resource(resourceArn=activity)["tags"] == [{"key": "b", "value": "2"}]
    assert {tag["key"] for tag in states.list_tags_for_resource(resourceArn=machine)["tags"]} == {"a", "b"}
    assert code(refused(states.list_tags_for_resource, resourceArn=machine + "x")) == "ResourceNotFound"


def test_machines_of_another_account_are_not_found(workflows, aws):
    machine = workflows.create(PASS)
    other = aws("stepfunctions", account="999999999999")
    assert code(refused(other.describe_state_machine, stateMachineArn=machine)) == "StateMachineDoesNotExist"
    assert code(refused(other.start_execution, stateMachineArn=machine)) == "StateMachineDoesNotExist"


@pytest.mark.parametrize(("states_of_it", "apart"), [(1, False), (600, True)])
def test_a_large_definition_is_checked_beside_the_event_loop(states, monkeypatch, states_of_it, apart):
    threads = []

    def diagnose(*given):
        threads.append(threading.current_thread().name)
        return []

    monkeypatch.setattr(engine, "diagnose", diagnose)
    some = {f"S{n}": {"Type": "Pass", "End": True} for n in range(states_of_it)}
    answer = states.validate_state_machine_definition(definition=json.dumps({"StartAt": "S0", "States": some}))
    assert answer["result"] == "OK"
    assert [name != "undercast" for name in threads] == [apart]  # that is what the plugin calls the loop's thread
