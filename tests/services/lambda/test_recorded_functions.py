"""Functions, as AWS answered."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

from .answers import IGNORED, OLDER, created, invoked, names, recorded, refusal, wait_active, wait_updated
from .conftest import ROLE, zipped

NAMES = "lambda_api::TestLambdaFunction::test_function_name_and_qualifier_validation"
REGION_CASES = "lambda_api::TestLambdaFunction::test_get_function_wrong_region"
REGION = "arn:aws:lambda:us-east-1:{account}:function:"
TOO_LONG = "function:my-function"

# The function name and the qualifier of each case; the qualifier is part of the name for CreateFunction.
ARGUMENTS = {
    "full_arn_and_qualifier_too_long_and_invalid_region": (
        "arn:aws:lambda:invalid-region:{account}:function:my-function-" + "a" * 170, "a" * 129),
    "full_arn_with_multiple_qualifiers": (REGION + "my-function:1:2", None),
    "function_name_and_qualifier_too_long": ("my-function", "a" * 65),
    "function_name_is_single_invalid": ("*", None),
    "function_name_too_long": ("a" * 65, None),
    "function_name_too_long_and_invalid_region": (
        "arn:aws:lambda:invalid-region:{account}:function:my-function" + "a" * 170, None),
    "incomplete_arn": ("arn:aws:lambda:us-east-1:{account}:function", None),
    "invalid_account_id_in_partial_arn": ("invalid-account:function:my-function", None),
    "invalid_characters_in_function_name": ("my-function!", None),
    "invalid_characters_in_qualifier": ("my-function", "invalid!"),
    "invalid_region_in_arn": (None, None),
    "latest_version_with_additional_qualifier": (REGION + "my-function:$LATEST", "1"),
    "lowercase_latest_qualifier": (REGION + "my-function", "$latest"),
    "missing_account_id_in_arn": ("arn:aws:lambda:us-east-1::function:my-function", None),
    "missing_region_in_arn": ("arn:aws:lambda::{account}:function:my-function", None),
    "misspelled_latest_in_arn": (REGION + "my-function:$LATES", None),
    "non_lambda_arn": ("arn:aws:ec2:us-east-1:{account}:instance:i-1234567890abcdef0", None),
    "partial_arn_with_extra_qualifier": ("function:my-function:$LATEST:extra", None),
    "qualifier_too_long": ("my-function", "a" * 129),
    "qualifier_too_long0": ("my-function", "a" * 129),
    "qualifier_too_long1": ("my-function", "a" * 65),
}  # fmt: skip
ARGUMENTS["invalid_region_in_arn"] = ("arn:aws:lambda:invalid-region:{account}:function:my-function", None)
_CASES = names(NAMES)


@pytest.mark.parametrize("case", _CASES)
def test_names(client, account, case):
    kind, _, operation = case.rpartition("-")
    name, qualifier = ARGUMENTS[kind]
    name = name.format(account=account)
    with pytest.raises(ClientError) as refused:
        if operation == "create_function":
            client.create_function(
                FunctionName=f"{name}:{qualifier}" if qualifier else name, Runtime="python3.12", Role=ROLE,
                Handler="handler.handler", Code={"ZipFile": zipped("")},
            )  # fmt: skip
        else:
            getattr(client, operation)(FunctionName=name, **({"Qualifier": qualifier} if qualifier else {}))
    (step,) = recorded(f"{NAMES}[{case}]").answers
    recorded(f"{NAMES}[{case}]").check(step, summary(refused.value))


def summary(error: ClientError) -> dict:
    """An error as these cases were recorded: the errors of a ValidationException one by one."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if " detected: " not in message:
        return {"Code": code, "Message": message}
    found = sorted(message.partition(" detected: ")[2].split("; "))
    return {"Code": code, "Count": len(found), "Errors": found}


@pytest.mark.parametrize("operation", names(REGION_CASES))
def test_wrong_region(client, account, operation):
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(FunctionName=f"arn:aws:lambda:eu-west-1:{account}:function:f")
    recorded(f"{REGION_CASES}[{operation}]").check("wrong_region_exception", refused.value)


@pytest.mark.parametrize(
    "operation", ["get_function", "get_function_configuration", "get_function_event_invoke_config"]
)
def test_nonexisting_version(client, create, operation):
    create("f")
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(FunctionName="f", Qualifier="1221")
    case = recorded(f"lambda_api::TestLambdaFunction::test_ops_on_nonexisting_version[{operation}]")
    case.check("version_not_found_exception", refused.value)


def test_delete_nonexisting(client):
    case = recorded("lambda_api::TestLambdaFunction::test_delete_on_nonexisting_version")
    with pytest.raises(ClientError) as refused:
        client.delete_function(FunctionName="none")
    case.check("delete_function_response_non_existent", refused.value)
    with pytest.raises(ClientError) as refused:
        client.delete_function(FunctionName="none", Qualifier="1")
    case.check("delete_function_response_non_existent_with_qualifier", refused.value)


def test_invalid_invoke(client):
    with pytest.raises(ClientError) as refused:
        client.invoke(FunctionName="arn:aws:lambda:us-east-1:123400000000@function:myfn")
    recorded("lambda_api::TestLambdaFunction::test_invalid_invoke").check(
        "invoke_function_name_pattern_exc", refused.value
    )


def test_create_exceptions(create):
    case = recorded("lambda_api::TestLambdaFunction::test_create_lambda_exceptions")
    case.check("invalid_role_arn_exc", refusal(create, name="f", Role="r1"))
    case.check("invalid_runtime_exc", refusal(create, name="f", Runtime="non-existent-runtime"))
    case.check("uppercase_runtime_exc", refusal(create, name="f", Runtime="PYTHON3.9"))
    case.check(
        "invalid_zip_exc", refusal(create, name="f", Code={"ZipFile": b"this is not a zip file, just a random string"})
    )
    case.check("multiple_architectures", refusal(create, name="f", Architectures=["x86_64", "arm64"]))
    case.check("uppercase_architecture", refusal(create, name="f", Architectures=["X86_64"]))


def test_update_exceptions(client, create):
    case = recorded("lambda_api::TestLambdaFunction::test_update_lambda_exceptions")
    create("f")
    update = client.update_function_configuration
    case.check("invalid_role_arn_exc", refusal(update, FunctionName="f", Role="r1"))
    case.check("invalid_runtime_exc", refusal(update, FunctionName="f", Runtime="non-existent-runtime"))
    case.check("uppercase_runtime_exc", refusal(update, FunctionName="f", Runtime="PYTHON3.9"))


def test_state(client, create):
    case = recorded("lambda::TestLambdaBaseFeatures::test_function_state")
    case.check("create-fn-response", create("f", Runtime="python3.12"), ignore=IGNORED)
    wait_active(client, "f")
    case.check("get-fn-response", client.get_function(FunctionName="f"), ignore=IGNORED)


def test_redundant_updates(client, create):
    case = recorded("lambda_api::TestLambdaFunction::test_redundant_updates")
    ignored = (*IGNORED, "MemorySize", "Timeout")
    answer = create("f", Runtime="python3.12", Environment={"Variables": {}}, Description="Initial description")
    case.check("create_response", created(answer), ignore=ignored)
    wait_active(client, "f")
    change = {"FunctionName": "f", "Description": "1st update description"}
    case.check("first_update_result", client.update_function_configuration(**change), ignore=ignored)
    wait_updated(client, "f")
    case.check("get_fn_config_result", client.get_function_configuration(FunctionName="f"), ignore=ignored)
    case.check("get_fn_result", client.get_function(FunctionName="f"), ignore=ignored)
    case.check("redundant_update_result", client.update_function_configuration(**change), ignore=ignored)
    wait_updated(client, "f")
    case.check("get_fn_result_after_redundant_update", client.get_function(FunctionName="f"), ignore=ignored)


def test_code_from_a_bucket(client, create, aws, account):
    case = recorded("lambda_api::TestLambdaFunction::test_lambda_code_location_s3")
    s3, bucket = aws("s3"), f"code-{account}"
    place = {"S3Bucket": bucket, "S3Key": "code.zip"}
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="code.zip", Body=zipped({"index.py": "def handler(e, c): return 1"}))
    answer = create("f", Runtime="python3.12", Handler="index.handler", Code=place)
    case.check("create_response_s3", answer, ignore=("CodeSize",))
    wait_active(client, "f")
    case.check("get-function-response", client.get_function(FunctionName="f"), ignore=("CodeSize", "Location"))
    s3.put_object(Bucket=bucket, Key="code.zip", Body=zipped({"index.py": "def handler(e, c): return 2"}))
    answer = client.update_function_code(FunctionName="f", **place)
    case.check("update-function-response", answer, ignore=("CodeSize",))
    # it was recorded before the update was done, which takes AWS longer
    early = [name for name in case.answers["update-function-response"] if name.startswith("LastUpdateStatus")]
    ignored = ("CodeSize", "Location", "RevisionId", *early)
    case.check("get-function-response-updated", client.get_function(FunctionName="f"), ignore=ignored)


def test_code_from_a_wrong_place(client, create, aws, account):
    case = recorded("lambda_api::TestLambdaFunction::test_lambda_code_location_s3_errors")
    s3, bucket = aws("s3"), f"code-{account}"
    s3.create_bucket(Bucket=bucket)
    nowhere, nothing = {"S3Bucket": f"none-{account}", "S3Key": "k"}, {"S3Bucket": bucket, "S3Key": "k"}
    case.check("create-error-wrong-bucket", refusal(create, name="f", Code=nowhere))
    case.check("create-error-wrong-key", refusal(create, name="f", Code=nothing))
    create("f")
    case.check("update-error-wrong-bucket", refusal(client.update_function_code, FunctionName="f", **nowhere))
    case.check("update-error-wrong-key", refusal(client.update_function_code, FunctionName="f", **nothing))


def test_environment(client, create):
    case = recorded("lambda::TestLambdaFeatures::test_lambda_environment")
    code = "import os\ndef handler(e, c): return {'Hello': os.environ['Hello']}"
    answer = create("f", code, Environment={"Variables": {"Hello": "World"}}, Timeout=30)
    case.check("creation-result", created(answer), ignore=OLDER)
    wait_active(client, "f")
    case.check("get-configuration-result", client.get_function_configuration(FunctionName="f"), ignore=OLDER)
    case.check("invocation-result", invoked(client, FunctionName="f"))


def test_variables_near_the_limit(create):
    case = recorded("lambda_api::TestLambdaSizeLimits::test_lambda_envvars_near_limit_succeeds")
    wanted = case.answers["successful_create_fn_result"]["CreateFunctionResponse"]
    settings = {key: wanted[key] for key in ("Timeout", "MemorySize", "Environment", "Handler")}
    answer = create("f", Runtime="python3.12", **settings)
    case.check("successful_create_fn_result", created(answer), ignore=IGNORED)


def test_too_many_variables(create):
    case = recorded("lambda_api::TestLambdaSizeLimits::test_large_environment_variables_fails")
    text = case.answers["failed_create_fn_result"]["Error"]["Message"]
    variables = json.loads(text.partition("String measured: ")[2])
    case.check("failed_create_fn_result", refusal(create, name="f", Environment={"Variables": variables}))


def archive(size: int, compression: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as target:
        target.writestr("big.txt", b"0" * size)
    return buffer.getvalue()


@pytest.mark.parametrize("test", ["test_oversized_unzipped_lambda", "test_oversized_lambda"])
def test_code_that_is_too_large(create, test):
    case = recorded(f"lambda_api::TestLambdaSizeLimits::{test}")
    code = {"ZipFile": archive(263_000_000, zipfile.ZIP_DEFLATED)}
    case.check("invalid_param_exc", refusal(create, name="f", Code=code))


def test_tags(client, create):
    case = recorded("lambda_api::TestLambdaTags::test_tag_lifecycle")
    arn = create("f", Runtime="python3.12", Timeout=30, Environment={"Variables": {}}, Tags={"key_a": "value_a"})[
        "FunctionArn"
    ]
    wait_active(client, "f")

    def look(step):
        case.check(f"list_tags_response_{step}", client.list_tags(Resource=arn))
        case.check(f"get_fn_response_{step}", client.get_function(FunctionName="f"), ignore=(*IGNORED, "RevisionId"))

    look("postfncreate")
    tags = {key: f"value_{key[-1]}" for key in ("key_b", "key_c", "key_d", "key_e")}
    case.check("tag_resource_response", client.tag_resource(Resource=arn, Tags=tags))
    look("postaddtags")
    case.check("tag_resource_overwrite", client.tag_resource(Resource=arn, Tags={"key_c": "value_x"}))
    look("overwrite")
    client.untag_resource(Resource=arn, TagKeys=["key_c", "key_d"])
    look("postuntag")
    client.untag_resource(Resource=arn, TagKeys=["key_a", "key_b", "key_e"])
    look("postuntagall")
    client.delete_function(FunctionName="f")
    case.check("list_tags_postdelete", refusal(client.list_tags, Resource=arn))


SNAP_START = names("test_snapstart_update")


@pytest.mark.parametrize("runtime", SNAP_START)
def test_snap_start(client, create, runtime):
    case = recorded(f"lambda_api::TestLambdaSnapStart::test_snapstart_update_function_configuration[{runtime}]")
    wanted = case.answers["create_function_response"]
    settings = {key: wanted[key] for key in ("Handler", "MemorySize", "Timeout", "Runtime")}
    if "Environment" in wanted:
        settings["Environment"] = wanted["Environment"]
    case.check("create_function_response", create("f", **settings), ignore=IGNORED)
    wait_active(client, "f")
    answer = client.update_function_configuration(FunctionName="f", SnapStart={"ApplyOn": "PublishedVersions"})
    case.check("update_function_response", answer, ignore=IGNORED)


SWITCH, ADVANCED = "test_advanced_logging_configuration_format_switch", "test_function_advanced_logging_configuration"
JSON = {"LogFormat": "JSON"}


@pytest.mark.parametrize(
    ("test", "first", "changes"),
    [(SWITCH, {}, [JSON, {"LogFormat": "Text"}]), (ADVANCED, JSON, [{"LogGroup": "cool_lambda"}])],
)
def test_logging_configuration(client, create, test, first, changes):
    case = recorded(f"lambda_api::TestLoggingConfig::{test}")
    wanted = case.answers["create_response"]["CreateFunctionResponse"]
    settings = {key: wanted[key] for key in ("Handler", "MemorySize", "Timeout", "Runtime", "Environment")}
    answer = create("f", **settings, LoggingConfig=first)
    case.check("create_response", created(answer), ignore=IGNORED)
    wait_active(client, "f")
    case.check("function_config", client.get_function_configuration(FunctionName="f"), ignore=IGNORED)
    case.check("get_function_response", client.get_function(FunctionName="f"), ignore=IGNORED)
    for change, step in zip(changes, ("", "_v2"), strict=False):
        answer = client.update_function_configuration(FunctionName="f", LoggingConfig=change)
        case.check(f"updated_config{step}", answer, ignore=IGNORED)
        wait_updated(client, "f")
        case.check(f"received_config{step}", client.get_function_configuration(FunctionName="f"), ignore=IGNORED)


INTROSPECTION = "test_introspection_invoke"
RUNS_HERE = "import json\ndef handler(e, c): return {'ctx': {name: getattr(c, name) for name in %s}}"


@pytest.mark.parametrize("runtime", names(INTROSPECTION))
def test_every_runtime_can_be_created(client, create, runtime):
    """Recorded with functions that look around; those of Python are invoked here too, on the Python that is there."""
    case = recorded(f"lambda_common::TestLambdaRuntimesCommon::{INTROSPECTION}[{runtime}]")
    wanted = case.answers["create_function_result"]
    settings = {key: wanted[key] for key in ("Runtime", "Handler", "MemorySize", "Timeout", "Environment")}
    context = case.answers["invocation_result_payload"].get("ctx", {})
    attributes = [name for name in context if name != "remaining_time_in_millis"]
    answer = create("f", RUNS_HERE % attributes, **settings)
    case.check("create_function_result", answer, ignore=IGNORED)
    if not runtime.startswith("python"):
        return
    for step, qualifier in (("payload", {}), ("payload_qualified", {"Qualifier": "$LATEST"})):
        payload = invoked(client, FunctionName="f", **qualifier)["Payload"]
        ignored = ("environment", "packages", "remaining_time_in_millis")
        case.check(f"invocation_result_{step}", payload, ignore=ignored)


def test_no_keys_in_the_environment(client, create, account):
    case = recorded("lambda::TestLambdaBaseFeatures::test_lambda_different_iam_keys_environment")
    wanted = case.answers["create-result"]["CreateFunctionResponse"]
    answer = create("f", Runtime="python3.12", Timeout=wanted["Timeout"], Environment={"Variables": {}})
    case.check("create-result", created(answer), ignore=IGNORED)


def test_a_large_package(client, create):
    case = recorded("lambda_api::TestLambdaSizeLimits::test_large_lambda")
    code = {"ZipFile": archive(40_000_000, zipfile.ZIP_STORED)}
    case.check("create_function_large_zip", create("f", Runtime="python3.12", Timeout=10, Code=code), ignore=IGNORED)


def test_a_request_that_is_too_large(create):
    case = recorded("lambda_api::TestLambdaSizeLimits::test_oversized_request_create_lambda")
    code = {"ZipFile": archive(52_800_000, zipfile.ZIP_STORED)}
    case.check("invalid_param_exc", refusal(create, name="f", Code=code))
