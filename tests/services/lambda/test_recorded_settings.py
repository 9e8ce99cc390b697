"""Permissions, layers, URLs, concurrency, code signing and event-invoke configurations, as AWS answered."""

from __future__ import annotations

from botocore.config import Config

from .answers import IGNORED, created, invoked, recorded, refusal, wait_active
from .conftest import zipped

S3 = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}


def test_permission(client, create):
    case = recorded("lambda_api::TestLambdaPermissions::test_add_lambda_permission_aws")
    answer = create("f", Runtime="python3.12", Environment={"Variables": {}}, Timeout=30)
    case.check("create_lambda", created(answer), ignore=(*IGNORED, "Timeout"))
    case.check("add_permission", client.add_permission(FunctionName="f", SourceArn="arn:aws:s3:::bucket", **S3))
    case.check("get_policy", client.get_policy(FunctionName="f"))


def test_permission_fields(client, create, account):
    case = recorded("lambda_api::TestLambdaPermissions::test_add_lambda_permission_fields")
    create("f")

    def add(step, sid, principal, action="lambda:InvokeFunction", **fields):
        answer = client.add_permission(FunctionName="f", StatementId=sid, Action=action, Principal=principal, **fields)
        case.check(f"add_permission_{step}", answer)

    source = {"SourceAccount": account}
    add("principal_wildcard", "wilcard", "*", **source)
    add("principal_service", "lambda", "lambda.amazonaws.com", **source)
    add("principal_account", "account-id", account)
    add("principal_arn", "user-arn", f"arn:aws:iam::{account}:user/test", **source)
    add("alexa_skill", "alexaSkill", "*", EventSourceToken="amzn1.ask.skill.xxxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
    add(
        "optional_fields", "urlPermission", "*", "lambda:InvokeFunctionUrl", SourceArn="arn:aws:s3:::bucket",
        FunctionUrlAuthType="NONE", PrincipalOrgID="o-1234567890", **source,
    )  # fmt: skip


def test_permission_exceptions(client, create):
    case = recorded("lambda_api::TestLambdaPermissions::test_permission_exceptions")
    create("f")

    def wrong(step, call=client.add_permission, **request):
        case.check(step, refusal(call, **({"FunctionName": "f"} | request)))

    wrong("get_policy_fn_doesnotexist", client.get_policy, FunctionName="doesnotexist")
    wrong("get_policy_fn_version_doesnotexist", client.get_policy, Qualifier="42")
    remove = client.remove_permission
    wrong("remove_permission_policy_doesnotexist", remove, StatementId="s3")
    wrong("add_permission_invalid_statement_id", **S3 | {"StatementId": "example.com"})
    wrong("add_permission_fn_qualifier_latest", **S3, Qualifier="$LATEST")
    wrong("add_permission_fn_version_doesnotexist", **S3, Qualifier="42")
    wrong("add_permission_fn_alias_doesnotexist", **S3, Qualifier="alias-doesnotexist")
    wrong("add_permission_fn_qualifier_invalid", **S3, Qualifier="invalid-qualifier-with-?-char")
    wrong("add_permission_fn_qualifier_valid_doesnotexist", **S3, Qualifier="valid-with-$-but-doesnotexist")
    wrong("add_permission_fn_qualifier_mismatch", **S3, FunctionName="f:alias-not-42", Qualifier="42")
    wrong("add_permission_principal_invalid", **S3 | {"Principal": "invalid.nonaws.com"})
    wrong("add_permission_fn_doesnotexist", **S3, FunctionName="doesnotexist")
    client.add_permission(FunctionName="f", **S3)
    wrong("add_permission_conflicting_statement_id", **S3)
    wrong("remove_permission_fn_doesnotexist", remove, FunctionName="doesnotexist", StatementId="s3")
    wrong("remove_permission_fn_alias_doesnotexist", remove, StatementId="s3", Qualifier="alias-doesnotexist")


def test_permission_revision(client, create):
    case = recorded("lambda_api::TestLambdaRevisions::test_function_revisions_permissions")
    create("f")
    client.add_permission(FunctionName="f", **S3)
    settings = S3 | {"StatementId": "other", "RevisionId": "wrong"}
    case.check("add_permission_revision_exception", refusal(client.add_permission, FunctionName="f", **settings))


# --- layers ---

LAYER = {"Content": {"ZipFile": zipped({"file.txt": "a"})}}


def test_layer_exceptions(client, aws):
    case = recorded("lambda_api::TestLambdaLayer::test_layer_exceptions")
    version = client.publish_layer_version(
        LayerName="layer", CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"], **LAYER
    )
    case.check("publish_result", version, ignore=IGNORED)
    empty = client.publish_layer_version(LayerName="empty", **LAYER)
    case.check("publish_empty_result", empty, ignore=IGNORED)

    def wrong(step, call, **request):
        case.check(step, refusal(call, **request))

    both = {"CompatibleRuntimes": ["invalidruntime"], "CompatibleArchitectures": ["invalidarch"]}
    publish = client.publish_layer_version
    wrong("publish_layer_version_exc_invalid_runtime_arch", publish, LayerName="layer", **LAYER, **both)
    both = {
        "CompatibleRuntimes": ["invalidruntime", "invalidruntime2", "nodejs20.x"],
        "CompatibleArchitectures": ["invalidarch", "x86_64"],
    }
    wrong("publish_layer_version_exc_partially_invalid_values", publish, LayerName="layer", **LAYER, **both)
    wrong(
        "list_layers_exc_compatiblearchitecture_invalid", client.list_layers, CompatibleArchitecture="archdoesnotexist"
    )
    case.check("list_nonexistent_layer", client.list_layer_versions(LayerName="none"))
    get = client.get_layer_version
    wrong("get_layer_version_exc_layer_doesnotexist", get, LayerName="none", VersionNumber=1)
    for name, number in (("negative", -1), ("zero", 0), ("2", 2)):
        wrong(f"get_layer_version_exc_layer_version_doesnotexist_{name}", get, LayerName="layer", VersionNumber=number)
    by_arn = client.get_layer_version_by_arn
    # today's model has one more pair of brackets in its pattern than the recording
    assert refusal(by_arn, Arn=version["LayerArn"]).response["Error"]["Code"] == "ValidationException"
    wrong("get_layer_version_by_arn_exc_nonexistentversion", by_arn, Arn=version["LayerArn"] + ":2")
    delete = client.delete_layer_version
    case.check("delete_nonexistent_response", delete(LayerName="none", VersionNumber=1))
    case.check("delete_nonexistent_version_response", delete(LayerName="layer", VersionNumber=2))
    case.check("delete_layer_response", delete(LayerName="layer", VersionNumber=1))
    case.check("delete_layer_again_response", delete(LayerName="layer", VersionNumber=1))
    wrong("delete_layer_version_exc_layerversion_invalid_version", delete, LayerName="layer", VersionNumber=-1)


def test_too_many_layers(client, create):
    case = recorded("lambda_api::TestLambdaLayer::test_layer_function_quota_exception")
    layers = [client.publish_layer_version(LayerName=f"l{n}", **LAYER)["LayerVersionArn"] for n in range(6)]
    case.check("create_function_with_six_layers", refusal(create, name="f", Layers=layers))


def test_layer_lifecycle(client, create):
    case = recorded("lambda_api::TestLambdaLayer::test_layer_lifecycle")
    create("f", Runtime="python3.12", Environment={"Variables": {}}, Timeout=30)
    wait_active(client, "f")
    case.check("get_fn_result", client.get_function(FunctionName="f"), ignore=IGNORED)
    case.check("get_fn_config_result", client.get_function_configuration(FunctionName="f"), ignore=IGNORED)
    settings = {
        "LayerName": "layer", "Description": "d", "LicenseInfo": "MIT", "CompatibleRuntimes": ["python3.12"],
        "CompatibleArchitectures": ["x86_64"],
    }  # fmt: skip
    first = client.publish_layer_version(**settings, **LAYER)
    case.check("publish_result", first, ignore=IGNORED)
    answer = client.update_function_configuration(FunctionName="f", Layers=[first["LayerVersionArn"]])
    case.check("update_fn_config", answer, ignore=IGNORED)
    client.get_waiter("function_updated_v2").wait(FunctionName="f", WaiterConfig={"Delay": 0.01})
    case.check("get_fn_config", client.get_function_configuration(FunctionName="f"), ignore=IGNORED)
    case.check("get_layer_ver_result", client.get_layer_version(LayerName="layer", VersionNumber=1), ignore=IGNORED)
    case.check(
        "get_layer_by_arn_version", client.get_layer_version_by_arn(Arn=first["LayerVersionArn"]), ignore=IGNORED
    )
    case.check("publish_result_2", client.publish_layer_version(**settings, **LAYER), ignore=IGNORED)
    case.check("list_layer_versions_predelete", client.list_layer_versions(LayerName="layer"))
    case.check("delete_layer_1", client.delete_layer_version(LayerName="layer", VersionNumber=1))
    case.check("get_fn_config_postdelete", client.get_function_configuration(FunctionName="f"), ignore=IGNORED)
    case.check("delete_layer_2", client.delete_layer_version(LayerName="layer", VersionNumber=2))
    case.check("list_layer_versions_postdelete", client.list_layer_versions(LayerName="layer"))
    case.check("publish_result_3", client.publish_layer_version(**settings, **LAYER), ignore=IGNORED)


# --- function URLs ---


def test_url_exceptions(client, create, account):
    case = recorded("lambda_api::TestLambdaUrl::test_url_config_exceptions")
    settings = {"Runtime": "nodejs20.x", "Handler": "lambda_handler.handler", "Timeout": 30}
    create("f", Environment={"Variables": {}}, **settings)
    wait_active(client, "f")
    case.check("fn_version_result", client.publish_version(FunctionName="f"), ignore=IGNORED)
    answer = client.create_alias(FunctionName="f", Name="urlalias", FunctionVersion="1")
    case.check("create_alias_result", answer)
    calls = {
        "create": lambda **request: client.create_function_url_config(AuthType="NONE", **request),
        "get": client.get_function_url_config,
        "delete": client.delete_function_url_config,
        "update": lambda **request: client.update_function_url_config(AuthType="AWS_IAM", **request),
    }
    arn = f"arn:aws:lambda:us-east-1:{account}:function:"
    requests = {
        "name_doesnotexist": {"FunctionName": "doesnotexist"},
        "name_doesnotexist_qualifier": {"FunctionName": "doesnotexist", "Qualifier": "1"},
        "arn_doesnotexist": {"FunctionName": f"{arn}doesnotexist"},
        "qualifier_version": {"FunctionName": "f", "Qualifier": "1"},
        "qualifier_version_doesnotexist": {"FunctionName": "f", "Qualifier": "2"},
        "qualifier_alias_doesnotexist": {"FunctionName": "f", "Qualifier": "doesntexist"},
        "qualifier_alias_doesnotmatch_arn": {"FunctionName": f"{arn}f:doesnotmatch", "Qualifier": "urlalias"},
        "qualifier_latest": {"FunctionName": "f", "Qualifier": "$LATEST"},
        "config_doesnotexist": {"FunctionName": "f"},
    }
    for verb, call in calls.items():
        for kind, request in requests.items():
            step = f"{verb}_function_url_config_{kind}"
            if isinstance(case.answers.get(step), dict):
                case.check(step, refusal(call, **request))


def test_url_lifecycle(client, create):
    case = recorded("lambda_api::TestLambdaUrl::test_url_config_lifecycle")
    ignored = ("FunctionUrl",)
    create("f")
    answer = client.create_function_url_config(FunctionName="f", AuthType="NONE")
    case.check("url_creation", answer, ignore=ignored)
    error = refusal(client.create_function_url_config, FunctionName="f", AuthType="NONE")
    case.check("failed_duplication", error)
    case.check("get_url_config", client.get_function_url_config(FunctionName="f"), ignore=ignored)
    answer = client.update_function_url_config(FunctionName="f", AuthType="AWS_IAM")
    case.check("updated_url_config", answer, ignore=ignored)
    client.delete_function_url_config(FunctionName="f")
    case.check("failed_getter", refusal(client.get_function_url_config, FunctionName="f"))


def test_url_lists(client, create):
    case = recorded("lambda_api::TestLambdaUrl::test_url_config_list_paging")
    ignored = ("FunctionUrl",)
    settings = {"Runtime": "nodejs20.x", "Handler": "lambda_handler.handler", "Timeout": 30}
    create("f", Environment={"Variables": {}}, **settings)
    wait_active(client, "f")
    case.check("fn_version_result", client.publish_version(FunctionName="f"), ignore=IGNORED)
    answer = client.create_alias(FunctionName="f", Name="urlalias", FunctionVersion="1")
    case.check("create_alias_result", answer)
    case.check("list_function_notfound", refusal(client.list_function_url_configs, FunctionName="none"))
    case.check("list_all_empty", client.list_function_url_configs(FunctionName="f"))
    url = client.create_function_url_config(FunctionName="f", AuthType="NONE")
    case.check("url_config_fn", url, ignore=ignored)
    url = client.create_function_url_config(FunctionName="f", Qualifier="urlalias", AuthType="NONE")
    case.check("url_config_alias", url, ignore=ignored)
    case.check("list_all", client.list_function_url_configs(FunctionName="f"), ignore=ignored)


def test_url_mode(create, aws):
    case = recorded("lambda::TestLambdaURL::test_lambda_url_invalid_invoke_mode")
    create("f")
    call = aws("lambda", config=Config(parameter_validation=False)).create_function_url_config
    error = refusal(call, FunctionName="f", AuthType="NONE", InvokeMode="UNKNOWN")
    case.check("invoke_function_invalid_invoke_type", error)


# --- concurrency ---


def wait_ready(client, name, qualifier):
    while True:
        answer = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
        if answer["Status"] != "IN_PROGRESS":
            return answer


def test_provisioned_on_alias(client, create):
    case = recorded("lambda::TestLambdaConcurrency::test_provisioned_concurrency_on_alias")
    create("f", Publish=True)
    wait_active(client, "f")
    client.create_alias(FunctionName="f", Name="alias1", FunctionVersion="1")
    answer = client.put_provisioned_concurrency_config(
        FunctionName="f", Qualifier="alias1", ProvisionedConcurrentExecutions=5
    )
    case.check("put_provisioned_5", answer)
    case.check("get_provisioned_postwait", wait_ready(client, "f", "alias1"))


def test_provisioned_scheduling(client, create):
    case = recorded("lambda::TestLambdaConcurrency::test_lambda_provisioned_concurrency_scheduling")
    code = "import os\ndef handler(e, c): return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']"
    create("f", code, Publish=True)
    wait_active(client, "f")
    client.put_provisioned_concurrency_config(FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=1)
    case.check("get_provisioned_postwait", wait_ready(client, "f", "1"))
    assert invoked(client, FunctionName="f", Qualifier="1")["Payload"] == '"provisioned-concurrency"'
    assert invoked(client, FunctionName="f")["Payload"] == '"on-demand"'


def test_reserved_and_provisioned(client, create):
    case = recorded("lambda::TestLambdaConcurrency::test_reserved_provisioned_overlap")
    create("f", "def handler(e, c): return 1", Publish=True)
    wait_active(client, "f")
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=2)
    case.check("get_concurrency", client.get_function_concurrency(FunctionName="f"))
    put = client.put_provisioned_concurrency_config
    answer = put(FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=2)
    case.check("put_provisioned_5", answer)
    case.check("get_provisioned_postwait", wait_ready(client, "f", "1"))
    error = refusal(client.put_function_concurrency, FunctionName="f", ReservedConcurrentExecutions=1)
    case.check("reserved_lower_than_provisioned_exc", error)
    error = refusal(put, FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=3)
    case.check("reserved_equals_provisioned_increase_provisioned_exc", error)
    error = refusal(client.invoke, FunctionName="f")
    case.check("reserved_equals_provisioned_latest_invoke_exc", error)
    assert invoked(client, FunctionName="f", Qualifier="1")["Payload"] == "1"
    client.update_function_configuration(FunctionName="f", Timeout=4)
    client.publish_version(FunctionName="f")
    error = refusal(put, FunctionName="f", Qualifier="2", ProvisionedConcurrentExecutions=1)
    case.check("reserved_equals_provisioned_another_provisioned_exc", error)


def test_concurrency_blocks(client, create):
    case = recorded("lambda::TestLambdaConcurrency::test_lambda_concurrency_block")
    create("f", Timeout=30, Environment={"Variables": {}}, Runtime="python3.12")
    wait_active(client, "f")
    case.check("v1_result", client.publish_version(FunctionName="f"), ignore=IGNORED)
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    payload = b'{"hello": "world"}'
    case.check("invoke_latest_before_block", invoked(client, FunctionName="f", Payload=payload))
    answer = client.put_provisioned_concurrency_config(
        FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    case.check("provisioned_concurrency_result", answer)
    wait_ready(client, "f", "1")
    case.check("invoke_latest_first_exc", refusal(client.invoke, FunctionName="f", Payload=payload))
    case.check("invoke_latest_second_exc", refusal(client.invoke, FunctionName="f", Payload=payload))
    case.check("invoke_v1_after_block", invoked(client, FunctionName="f", Qualifier="1", Payload=payload))


def test_provisioned_lifecycle(client, create):
    case = recorded("lambda_api::TestLambdaProvisionedConcurrency::test_lambda_provisioned_lifecycle")
    create("f", Runtime="python3.12", Timeout=30, Environment={"Variables": {}})
    wait_active(client, "f")
    case.check("publish_version_result", client.publish_version(FunctionName="f"), ignore=IGNORED)
    answer = client.create_alias(FunctionName="f", Name="alias", FunctionVersion="1")
    case.check("create_alias_result", answer)
    put, get = client.put_provisioned_concurrency_config, client.get_provisioned_concurrency_config
    one = {"FunctionName": "f", "ProvisionedConcurrentExecutions": 1}
    case.check("put_provisioned_on_version", put(Qualifier="1", **one))
    case.check("put_provisioned_on_alias_versionconflict", refusal(put, Qualifier="alias", **one))
    answer = client.delete_provisioned_concurrency_config(FunctionName="f", Qualifier="1")
    case.check("delete_provisioned_version", answer)
    case.check("get_provisioned_version_postdelete", refusal(get, FunctionName="f", Qualifier="1"))
    case.check("put_provisioned_on_alias", put(Qualifier="alias", **one))
    case.check("put_provisioned_on_version_conflict", refusal(put, Qualifier="1", **one))
    case.check("delete_alias_result", client.delete_alias(FunctionName="f", Name="alias"))
    case.check("get_provisioned_alias_postaliasdelete", refusal(get, FunctionName="f", Qualifier="alias"))
    case.check("list_response_postdeletes", client.list_provisioned_concurrency_configs(FunctionName="f"))


def test_provisioned_limits(client, create):
    case = recorded("lambda_api::TestLambdaProvisionedConcurrency::test_provisioned_concurrency_limits")
    create("f", Publish=True)
    put = client.put_provisioned_concurrency_config
    error = refusal(put, FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=1001)
    case.check("put_provisioned_concurrency_account_limit_exceeded", error)
    error = refusal(put, FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=1000)
    case.check("put_provisioned_concurrency_below_unreserved_min_value", error)


# --- code signing ---

PROFILE = "arn:aws:signer:us-east-1:{}:/signing-profiles/test"


def signing(client, account):
    return client.create_code_signing_config(
        Description="Testing CodeSigning Config",
        AllowedPublishers={"SigningProfileVersionArns": [PROFILE.format(account)]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )


def test_code_signing(client, create, account):
    case = recorded("lambda_api::TestCodeSigningConfig::test_function_code_signing_config")
    create("f")
    answer = signing(client, account)
    case.check("create_code_signing_config", answer)
    arn = answer["CodeSigningConfig"]["CodeSigningConfigArn"]
    policy = {"UntrustedArtifactOnDeployment": "Warn"}
    answer = client.update_code_signing_config(CodeSigningConfigArn=arn, CodeSigningPolicies=policy)
    case.check("update_code_signing_config", answer)
    case.check("get_code_signing_config", client.get_code_signing_config(CodeSigningConfigArn=arn))
    answer = client.put_function_code_signing_config(CodeSigningConfigArn=arn, FunctionName="f")
    case.check("put_function_code_signing_config", answer)
    answer = client.get_function_code_signing_config(FunctionName="f")
    case.check("get_function_code_signing_config", answer)
    (config,) = client.list_code_signing_configs()["CodeSigningConfigs"]
    case.check("list_code_signing_configs", config)
    answer = client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)
    case.check("list_functions_by_code_signing_config", answer)
    answer = client.delete_function_code_signing_config(FunctionName="f")
    case.check("delete_function_code_signing_config", answer)
    case.check("delete_code_signing_config", client.delete_code_signing_config(CodeSigningConfigArn=arn))


def test_code_signing_exceptions(client, create, account):
    case = recorded("lambda_api::TestCodeSigningConfig::test_code_signing_not_found_excs")
    create("f")
    answer = signing(client, account)
    case.check("create_code_signing_config", answer)
    arn = answer["CodeSigningConfig"]["CodeSigningConfigArn"]
    wrong = {"CodeSigningConfigArn": arn[:-17] + "x" * 17}
    none = {"FunctionName": "csc-test-doesnotexist"}
    for step, call, request in (
        ("delete_csc_notfound", client.delete_code_signing_config, wrong),
        ("get_csc_invalid", client.get_code_signing_config, wrong),
        ("list_functions_by_csc_invalid_cscarn", client.list_functions_by_code_signing_config, wrong),
        ("update_csc_invalid_csc_arn", client.update_code_signing_config, wrong | {"Description": "d"}),
        ("update_csc_noupdates", client.update_code_signing_config, wrong),
        ("put_function_csc_invalid_csc_arn", client.put_function_code_signing_config, wrong | {"FunctionName": "f"}),
        (
            "put_function_csc_invalid_fnname",
            client.put_function_code_signing_config,
            none | {"CodeSigningConfigArn": arn},
        ),
        ("put_function_csc_invalid_both", client.put_function_code_signing_config, none | wrong),
        ("get_function_csc_nonexistingfn", client.get_function_code_signing_config, none),
        ("delete_function_csc_fnnotfound", client.delete_function_code_signing_config, none),
    ):
        case.check(step, refusal(call, **request))
    case.check("update_csc_noupdate_response", client.update_code_signing_config(CodeSigningConfigArn=arn))
    case.check("nothing_to_delete_response", client.delete_function_code_signing_config(FunctionName="f"))
    case.check("get_function_csc_fnwithoutcsc", client.get_function_code_signing_config(FunctionName="f"))
    answer = client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)
    case.check("list_functions_by_csc_fnwithoutcsc", answer)


# --- event-invoke configurations ---


def test_event_invoke_config(client, create):
    case = recorded("lambda_api::TestLambdaEventInvokeConfig::test_lambda_eventinvokeconfig_lifecycle")
    create("f", Runtime="python3.12", Timeout=30, Environment={"Variables": {}})
    wait_active(client, "f")
    put, update = client.put_function_event_invoke_config, client.update_function_event_invoke_config
    get, both = client.get_function_event_invoke_config, client.list_function_event_invoke_configs
    case.check("put_invokeconfig_retries_0", put(FunctionName="f", MaximumRetryAttempts=0))
    case.check("put_invokeconfig_eventage_60", put(FunctionName="f", MaximumEventAgeInSeconds=60))
    answer = update(FunctionName="f", MaximumEventAgeInSeconds=60)
    case.check("update_invokeconfig_eventage_nochange", answer)
    case.check("update_invokeconfig_retries", update(FunctionName="f", MaximumRetryAttempts=1))
    case.check("get_invokeconfig", get(FunctionName="f"))
    case.check("get_invokeconfig_latest", get(FunctionName="f", Qualifier="$LATEST"))
    case.check("list_single_invokeconfig", both(FunctionName="f"))
    case.check("publish_version_result", client.publish_version(FunctionName="f"), ignore=IGNORED)
    case.check("get_invokeconfig_postpublish", refusal(get, FunctionName="f", Qualifier="1"))
    answer = put(FunctionName="f", Qualifier="1", MaximumEventAgeInSeconds=120)
    case.check("put_published_invokeconfig", answer)
    case.check("get_published_invokeconfig", get(FunctionName="f", Qualifier="1"))
    client.delete_function_event_invoke_config(FunctionName="f")
    case.check("list_paging_nolimit_postdelete", both(FunctionName="f"))
