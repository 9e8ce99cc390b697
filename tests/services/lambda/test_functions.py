"""Operations on functions that no recording tells of."""

from __future__ import annotations

from .answers import refusal, wait_active
from .conftest import ROLE, zipped


def test_lists_in_pages(client, create):
    for number in range(5):
        create(f"f{number}", Publish=number == 2)
    names = []
    for page in client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}):
        names += [one["FunctionName"] for one in page["Functions"]]
    assert names == [f"f{n}" for n in range(5)]
    every = client.list_functions(FunctionVersion="ALL")["Functions"]
    assert [one["Version"] for one in every if one["FunctionName"] == "f2"] == ["$LATEST", "1"]
    versions = client.list_versions_by_function(FunctionName="f2")["Versions"]
    assert [one["FunctionArn"].rpartition(":")[2] for one in versions] == ["$LATEST", "1"]


def test_a_function_is_created_once(create):
    create("f")
    assert refusal(create, name="f").response["Error"]["Code"] == "ResourceConflictException"


def test_nothing_new_is_no_new_version(client, function):
    function("f")
    assert client.publish_version(FunctionName="f")["Version"] == "1"
    assert client.publish_version(FunctionName="f", Description="again")["Version"] == "1"
    client.update_function_code(FunctionName="f", ZipFile=zipped("def handler(e, c): return 2"))
    assert client.publish_version(FunctionName="f")["Version"] == "2"


def test_a_version_is_ready_with_what_it_was_published_of(client, create, invoke):
    for name, ready in (("waited", lambda: wait_active(client, "waited")), ("invoked", lambda: invoke("invoked"))):
        create(name, Publish=True)
        ready()
        assert client.get_function_configuration(FunctionName=name, Qualifier="1")["State"] == "Active"


def test_a_version_that_an_alias_names_stays(client, create):
    create("f", Publish=True)
    client.create_alias(FunctionName="f", Name="a", FunctionVersion="1")
    error = refusal(client.delete_function, FunctionName="f", Qualifier="1")
    assert error.response["Error"]["Code"] == "ResourceConflictException"
    client.delete_alias(FunctionName="f", Name="a")
    client.delete_function(FunctionName="f", Qualifier="1")
    assert refusal(client.get_function, FunctionName="f", Qualifier="1")


def test_deleting(client, create, invoke):
    create("f")
    invoke("f")
    assert client.delete_function(FunctionName="f")["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)
    assert refusal(client.get_function, FunctionName="f").response["Error"]["Code"] == "ResourceNotFoundException"
    create("f", "def handler(e, c): return 'new'")
    assert invoke("f") == "new"


def test_a_dry_run_changes_nothing(client, function, invoke):
    function("f", "def handler(e, c): return 1")
    client.update_function_code(FunctionName="f", ZipFile=zipped("def handler(e, c): return 2"), DryRun=True)
    assert invoke("f") == 1


def test_revisions(client, function):
    function("f")
    revision = client.get_function_configuration(FunctionName="f")["RevisionId"]
    error = refusal(client.update_function_configuration, FunctionName="f", Timeout=5, RevisionId="wrong")
    assert error.response["Error"]["Code"] == "PreconditionFailedException"
    client.update_function_configuration(FunctionName="f", Timeout=5, RevisionId=revision)


def test_account_settings(client, create):
    create("f")
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=100)
    answer = client.get_account_settings()
    assert answer["AccountUsage"]["FunctionCount"] == 1 and answer["AccountUsage"]["TotalCodeSize"] > 0
    assert answer["AccountLimit"]["UnreservedConcurrentExecutions"] == 900
    error = refusal(client.put_function_concurrency, FunctionName="f", ReservedConcurrentExecutions=901)
    assert "minimum value of [100]" in error.response["Error"]["Message"]


def test_layer_permissions(client, create, aws):
    layer = client.publish_layer_version(LayerName="l", Content={"ZipFile": zipped({"a.txt": "a"})})
    settings = {"LayerName": "l", "VersionNumber": 1}
    assert refusal(client.get_layer_version_policy, **settings)
    added = client.add_layer_version_permission(
        StatementId="all", Action="lambda:GetLayerVersion", Principal="*", **settings
    )
    assert client.get_layer_version_policy(**settings)["RevisionId"] == added["RevisionId"]
    other = aws("lambda", account="000000009999")
    other.create_function(
        FunctionName="f", Runtime="python3.12", Role=ROLE, Handler="h.h", Code={"ZipFile": zipped("")},
        Layers=[layer["LayerVersionArn"]],
    )  # fmt: skip
    other.delete_function(FunctionName="f")
    client.remove_layer_version_permission(StatementId="all", **settings)
    assert refusal(client.get_layer_version_policy, **settings)
    assert [one["LayerName"] for one in client.list_layers()["Layers"]] == ["l"]


def test_code_that_must_be_signed_is_refused(client, create, account):
    policy = {"UntrustedArtifactOnDeployment": "Enforce"}
    config = client.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [f"arn:aws:signer:us-east-1:{account}:/signing-profiles/p"]},
        CodeSigningPolicies=policy,
    )["CodeSigningConfig"]["CodeSigningConfigArn"]
    error = refusal(create, name="f", CodeSigningConfigArn=config)
    assert error.response["Error"]["Code"] == "NotImplemented"


def test_management(client, create):
    create("f")
    wait_active(client, "f")
    assert client.get_runtime_management_config(FunctionName="f")["UpdateRuntimeOn"] == "Auto"
    put = client.put_runtime_management_config
    assert put(FunctionName="f", UpdateRuntimeOn="FunctionUpdate")["UpdateRuntimeOn"] == "FunctionUpdate"
    assert refusal(put, FunctionName="f", UpdateRuntimeOn="Manual")
    assert client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Terminate"
    client.put_function_recursion_config(FunctionName="f", RecursiveLoop="Allow")
    assert client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Allow"
