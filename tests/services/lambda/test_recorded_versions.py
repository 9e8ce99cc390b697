"""Versions and aliases, as AWS answered."""

from __future__ import annotations

from botocore.config import Config

from .answers import IGNORED, invoked, recorded, refusal, wait_active, wait_updated
from .conftest import zipped

VERSION = """
def handler(event, context):
    return {{
        "version_id": "{}",
        "invoked_arn": context.invoked_function_arn,
        "version_from_ctx": context.function_version,
    }}
"""
HANDLERS = """
def handler(event, context): return {"handler": "handler"}
def handler_two(event, context): return {"handler": "handler_two"}
"""


def code(number):
    return VERSION.format(f"version{number}")


def new_code(client, number, **settings):
    return client.update_function_code(FunctionName="f", ZipFile=zipped(code(number)), **settings)


def test_versions_with_code_changes(client, create):
    case = recorded("lambda::TestLambdaVersions::test_lambda_versions_with_code_changes")
    ignored = (*IGNORED, "Runtime")
    case.check("create_response", create("f", code(1), Description="No version :("), ignore=ignored)
    wait_active(client, "f")
    answer = client.publish_version(FunctionName="f", Description="First version description :)")
    case.check("first_publish_response", answer, ignore=ignored)
    case.check("invocation_result_v1", invoked(client, FunctionName="f", Qualifier="1"))
    case.check("update_lambda_response", new_code(client, 2), ignore=ignored)
    wait_updated(client, "f")
    case.check("invocation_result_latest", invoked(client, FunctionName="f"))
    case.check("invocation_result_v1_end", invoked(client, FunctionName="f", Qualifier="1"))
    answer = client.publish_version(FunctionName="f", Description="Second version description :)")
    case.check("second_publish_response", answer, ignore=ignored)
    case.check("invocation_result_v2", invoked(client, FunctionName="f", Qualifier="2"))
    case.check("update_lambda_response_with_publish", new_code(client, 3, Publish=True), ignore=ignored)
    wait_updated(client, "f")
    for step, qualifier in (("v3", "3"), ("v2_end", "2")):
        case.check(f"invocation_result_{step}", invoked(client, FunctionName="f", Qualifier=qualifier))
    case.check("invocation_result_latest_end", invoked(client, FunctionName="f"))


def test_handler_update(client, function):
    case = recorded("lambda::TestLambdaVersions::test_lambda_handler_update")
    ignored = (*IGNORED, "Runtime")
    function("f", HANDLERS, Timeout=30, Environment={"Variables": {}})
    case.check("invoke_result_handler_one", invoked(client, FunctionName="f"))
    answer = client.update_function_configuration(FunctionName="f", Handler="handler.handler_two")
    case.check("update_function_configuration_result", answer, ignore=ignored)
    wait_updated(client, "f")
    case.check("get_function_result", client.get_function(FunctionName="f"), ignore=ignored)
    case.check("invoke_result_handler_two", invoked(client, FunctionName="f"))
    client.publish_version(FunctionName="f")
    case.check("invoke_result_handler_two_postpublish", invoked(client, FunctionName="f"))


def test_moving_an_alias(client, create):
    case = recorded("lambda::TestLambdaAliases::test_lambda_alias_moving")
    ignored = (*IGNORED, "Runtime")
    case.check("create_response", create("f", code(1), Description="No version :("), ignore=ignored)
    wait_active(client, "f")
    client.publish_version(FunctionName="f", Description="First version description :)")
    answer = client.create_alias(FunctionName="f", FunctionVersion="1", Name="alias1")
    case.check("create_alias_response", answer)

    def look(step, name="f", qualifier="alias1"):
        case.check(step, invoked(client, FunctionName=name, **({"Qualifier": qualifier} if qualifier else {})))

    look("invocation_result_qualifier_v1")
    look("invocation_result_qualifier_v1_arn", answer["AliasArn"], None)
    case.check("update_lambda_response", new_code(client, 2), ignore=ignored)
    wait_updated(client, "f")
    look("invocation_result_qualifier_v1_after_update")
    answer = client.publish_version(FunctionName="f", Description="Second version description :)")
    case.check("second_publish_response", answer, ignore=ignored)
    look("invocation_result_qualifier_v1_after_publish")
    case.check("update_alias_response", client.update_alias(FunctionName="f", Name="alias1", FunctionVersion="2"))
    look("invocation_result_qualifier_v2")
    error = refusal(client.invoke, FunctionName="f", Qualifier="non-existent-alias")
    case.check("invocation_exc_not_existent", error)


def make_two(client, create, case, *, publish=False):
    """A function with versions 1 and 2."""
    settings = {
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Environment": {"Variables": {"testenv": "staging"}},
    }
    answer = create("f", {"index.py": "def handler(e, c): return e"}, Publish=publish, **settings)
    case.check("create_response", answer, ignore=IGNORED)
    wait_active(client, "f")
    case.check("publish_v1", client.publish_version(FunctionName="f"), ignore=IGNORED)
    if "publish_v2" in case.answers:
        client.update_function_configuration(FunctionName="f", Environment={"Variables": {"testenv": "prod"}})
        wait_updated(client, "f")
        case.check("publish_v2", client.publish_version(FunctionName="f"), ignore=IGNORED)


def test_alias_lifecycle(client, create):
    case = recorded("lambda_api::TestLambdaAlias::test_alias_lifecycle")
    make_two(client, create, case)

    def make(name, version, step, **settings):
        answer = client.create_alias(FunctionName="f", Name=name, FunctionVersion=version, **settings)
        case.check(f"create_alias_{step}", answer)
        case.check(f"get_alias_{step}", client.get_alias(FunctionName="f", Name=name))

    described = {"Description": "custom-alias"}
    weights = {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.2}}}
    make("aliasname1_1", "1", "1_1", **described, **weights)
    make("aliasname1_2", "1", "1_2", **described)
    make("aliasname1_3", "1", "1_3")
    make("aliasname2", "2", "2", **described)
    answer = client.list_aliases(FunctionName="f", MaxItems=50)
    case.check("list_aliases_for_fnname", {"Aliases": answer["Aliases"]})
    got = client.get_function(FunctionName="f", Qualifier="aliasname1_1")
    case.check("get_function_alias_1_1", got, ignore=IGNORED)
    arn = got["Configuration"]["FunctionArn"]
    case.check("get_function_byarn_alias_1_1", client.get_function(FunctionName=arn), ignore=IGNORED)
    missing = refusal(client.get_function, FunctionName="f", Qualifier="aliasdoesnotexist")
    case.check("get_function_alias_notfound_exc", missing)
    missing = refusal(client.get_function, FunctionName=arn.replace("aliasname1_1", "aliasdoesnotexist"))
    case.check("get_function_alias_byarn_notfound_exc", missing)
    none = {"RoutingConfig": {"AdditionalVersionWeights": {}}}
    case.check("update_alias_1_1", client.update_alias(FunctionName="f", Name="aliasname1_1", **none))
    case.check("get_alias_1_1_after_update", client.get_alias(FunctionName="f", Name="aliasname1_1"))
    case.check("list_aliases_for_fnname_after_update", client.list_aliases(FunctionName="f"))
    case.check("update_alias_1_2", client.update_alias(FunctionName="f", Name="aliasname1_2"))
    case.check("get_alias_1_2_after_update", client.get_alias(FunctionName="f", Name="aliasname1_2"))
    case.check("list_aliases_for_fnname_after_update_2", client.list_aliases(FunctionName="f"))
    case.check("list_aliases_for_version", client.list_aliases(FunctionName="f", FunctionVersion="1"))
    case.check("delete_alias_response", client.delete_alias(FunctionName="f", Name="aliasname1_1"))
    case.check("list_aliases_for_fnname_afterdelete", client.list_aliases(FunctionName="f"))


def test_alias_names(client, create):
    case = recorded("lambda_api::TestLambdaAlias::test_alias_naming")
    make_two(client, create, case)
    settings = {"FunctionName": "f", "FunctionVersion": "1", "Description": "custom-alias"}
    case.check("create_alias_date", client.create_alias(Name="2024-01-02", **settings))
    case.check("get_alias_date", client.get_alias(FunctionName="f", Name="2024-01-02"))
    case.check("create_alias_number_exception", refusal(client.create_alias, Name="2024", **settings))


def test_routing(client, create):
    case = recorded("lambda::TestLambdaAliases::test_alias_routingconfig")
    create("f", Publish=True)
    new_code(client, 2, Publish=True)
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    answer = client.create_alias(FunctionName="f", Name="alias1", FunctionVersion="1", RoutingConfig=weights)
    case.check("create_alias_response", answer)
    versions = {invoked(client, FunctionName="f", Qualifier="alias1")["ExecutedVersion"] for _ in range(64)}
    assert versions == {"1", "2"}


def test_wrong_routing(client, create, aws):
    unchecked = aws("lambda", config=Config(parameter_validation=False))
    case = recorded("lambda_api::TestLambdaAlias::test_notfound_and_invalid_routingconfigs")
    make_two(client, create, case, publish=True)

    def wrong(step, function="f", version="1", weights=None):
        routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
        call = {"FunctionName": function, "Name": "custom", "FunctionVersion": version, **routing}
        case.check(step, refusal(unchecked.create_alias, **call))

    wrong("routing_config_exc_toomany", weights={"1": 0.1, "2": 0.2})
    wrong("routing_config_exc_toohigh", weights={"2": 2.0})
    wrong("routing_config_exc_subzero", weights={"2": -1.0})
    wrong("routing_config_exc_sameversion", weights={"1": 0.5})
    wrong("routing_config_exc_version_doesnotexist", weights={"10": 0.5})
    wrong("routing_config_exc_version_latest", weights={"$LATEST": 0.5})
    wrong("routing_config_exc_fn_doesnotexist", function="f-unknown", weights={"2": 0.5})
    wrong("target_version_doesnotexist", version="10")
    wrong("target_version_exc_version_latest", version="$LATEST", weights={"1": 0.5})
    settings = {"FunctionName": "f", "FunctionVersion": "1"}
    answer = client.create_alias(FunctionName="f", Name="custom-latest", FunctionVersion="$LATEST")
    case.check("create-alias-latest", answer)
    answer = client.create_alias(
        Name="custom-empty-routingconfig", RoutingConfig={"AdditionalVersionWeights": {}}, **settings
    )
    case.check("create_alias_empty_routingconfig", answer)
    weights = {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}}
    case.check("create_alias_response", client.create_alias(Name="custom", **settings, **weights))
    wrong("routing_config_exc_already_exist")
    case.check("alias_does_not_exist_esc", refusal(client.get_alias, FunctionName="f", Name="non-existent"))
