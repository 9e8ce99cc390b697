"""What AWS answered, case by case."""

from __future__ import annotations

import json
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.recorded import recorded

CASE = "secretsmanager::TestSecretsManager::"


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value


def delete(secrets, name):
    return secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_call_lists_secrets_multiple_times(secrets):
    case = recorded(CASE + "test_call_lists_secrets_multiple_times_snapshots")
    case.check(
        "create_secret_rs_1",
        secrets.create_secret(Name="s", SecretString="my_secret", Description="testing creation of secrets"),
    )
    for n in range(3):
        case.check(f"list_secrets_res_{n}", secrets.list_secrets())
    case.check("delete_secret_res_1", delete(secrets, "s"))


@pytest.mark.parametrize(
    "name, suffix",
    [
        ("Valid/_+=.@-Name", "-True"),
        ("Valid/_+=.@-Name", ""),
        ("Valid/_+=.@-Name-a1b2", "-True"),
        ("Valid/_+=.@-Name-a1b2", ""),
        ("Valid/_+=.@-Name-a1b2c3-", "-True"),
        ("Valid/_+=.@-Name-a1b2c3-", ""),
        ("Invalid/_+=.@-Name-a1b2c3", "-False"),
        ("s-4b175f02", "-True"),
        ("s-c64bdc03", "-True"),
        ("s-c64bdc03", ""),
    ],
)
def test_create_and_update_secret(secrets, name, suffix):
    case = recorded(f"{CASE}test_create_and_update_secret[{name}{suffix}]")
    ignored = () if "ResponseMetadata" in case.answers["create_secret_rs_1"] else ("ResponseMetadata",)
    created = secrets.create_secret(Name=name, SecretString="my_secret", Description="Testing secret creation.")
    case.check("create_secret_rs_1", created, ignored)
    case.check("get_secret_value_rs_1", secrets.get_secret_value(SecretId=name), ignored)
    case.check("describe_secret_rs_1", secrets.describe_secret(SecretId=name), ignored)
    case.check("get_secret_value_rs_2", secrets.get_secret_value(SecretId=created["ARN"]), ignored)
    partial = created["ARN"][:-7]
    if suffix == "-False":
        case.check("resource_not_found_dict_1", refusal(secrets.get_secret_value, SecretId=partial))
    else:
        case.check("get_secret_value_rs_3", secrets.get_secret_value(SecretId=partial), ignored)
    case.check("put_secret_value_rs_1", secrets.put_secret_value(SecretId=name, SecretString="new_secret"), ignored)
    case.check("get_secret_value_rs_4", secrets.get_secret_value(SecretId=name), ignored)
    case.check("update_secret_res_1", secrets.update_secret(SecretId=name, SecretString="updated"), ignored)
    case.check("delete_secret_res_1", delete(secrets, name), ignored)


def test_create_multi_secrets(secrets):
    case = recorded(CASE + "test_create_multi_secrets_snapshot")
    for n in range(3):
        secrets.create_secret(Name=f"s{n}", SecretString=f"v{n}", Description="Testing secrets creation.")
    case.check("list_secrets_res", secrets.list_secrets())
    for n in range(3):
        case.check(f"delete_secret_res{n}", delete(secrets, f"s{n}"))


def test_creation_of_secret_scheduled_for_deletion(secrets, secret):
    case = recorded(CASE + "test_exp_raised_on_creation_of_secret_scheduled_for_deletion")
    case.check("delete_res", secrets.delete_secret(SecretId=secret), ("ResponseMetadata",))
    case.check("invalid_req_ex", refusal(secrets.create_secret, Name=secret, SecretString="again"))


def test_force_delete_deleted_secret(secrets):
    case = recorded(CASE + "test_force_delete_deleted_secret")
    case.check("create_secret_response", secrets.create_secret(Name="s", SecretString="v"))
    case.check("delete_secret_response", secrets.delete_secret(SecretId="s"))
    case.check("describe_secret_response", secrets.describe_secret(SecretId="s"))
    case.check("force_delete_secret_response", delete(secrets, "s"))


def raw(secrets, operation, body, account):
    """The answer as it goes over the wire."""
    url = secrets.meta.endpoint_url
    headers = {"X-Amz-Target": f"secretsmanager.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", url, data=json.dumps(body), headers=headers)
    SigV4Auth(Credentials(account, "test"), "secretsmanager", "us-east-1").add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(url, request.body, dict(request.headers))) as answer:
        return json.load(answer)


def test_get_secret_value(secrets, account):
    case = recorded(CASE + "test_get_secret_value")
    secrets.create_secret(Name="s", SecretBinary=b"footest")
    answer = secrets.get_secret_value(SecretId="s")
    case.check("secret_value_response", {**answer, "SecretBinary": str(answer["SecretBinary"])})
    case.check("secret_value_http_response", raw(secrets, "GetSecretValue", {"SecretId": "s"}, account))


def test_get_secret_value_errors(secrets):
    case = recorded(CASE + "test_get_secret_value_errors")
    version = secrets.create_secret(Name="s", SecretString="v")["VersionId"]
    case.check(
        "error_get_secret_value_non_existing",
        refusal(secrets.get_secret_value, SecretId="s", VersionStage="AWSPREVIOUS"),
    )
    case.check(
        "mismatch_version_id_and_stage",
        refusal(secrets.get_secret_value, SecretId="s", VersionId=version, VersionStage="AWSPREVIOUS"),
    )


def test_non_versioning_version_stages_replacement(secrets):
    case = recorded(CASE + "test_non_versioning_version_stages_replacement")
    case.check("create_secret_rs_0", secrets.create_secret(Name="s", SecretString="S0"))
    for n, stages in enumerate((["one", "two", "three"], ["one", "two", "three", "four"])):
        put = secrets.put_secret_value(SecretId="s", SecretString=f"S{n + 1}", VersionStages=stages)
        case.check(f"put_secret_value_res_{n}", put)
        case.check(f"list_secret_version_ids_res_{n}", secrets.list_secret_version_ids(SecretId="s"))
    case.check("delete_secret_res_0", delete(secrets, "s"))


def test_secret_tags(secrets):
    case = recorded(CASE + "test_secret_tags")
    case.check("create_secret", secrets.create_secret(Name="s"))
    case.check("describe_secret", secrets.describe_secret(SecretId="s"))

    def tag(step, *numbers):
        tags = [{"Key": f"tag{n}", "Value": f"value{n}"} for n in numbers]
        case.check(step, secrets.tag_resource(SecretId="s", Tags=tags))

    def untag(step, *numbers):
        case.check(step, secrets.untag_resource(SecretId="s", TagKeys=[f"tag{n}" for n in numbers]))

    steps = [(tag, "tag_resource_1", 1), (tag, "tag_resource_2", 2), (untag, "untag_resource_1", 1)]
    steps += [(untag, "untag_resource_2", 2), (tag, "tag_resource_2", 3, 4), (untag, "untag_resource_2", 3, 4)]
    for number, (change, *arguments) in enumerate(steps, 1):
        change(*arguments)
        case.check(f"describe_secret_{number}", secrets.describe_secret(SecretId="s"))


def test_tag_untag_resource_on_deleted_secret(secrets):
    case = recorded(CASE + "test_tag_untag_resource_on_deleted_secret")
    case.check("create_secret", secrets.create_secret(Name="s", SecretString="v"))
    case.check("delete_secret", secrets.delete_secret(SecretId="s"))
    tags = [{"Key": "a", "Value": "b"}]
    case.check("tag_deleted_secret_error", refusal(secrets.tag_resource, SecretId="s", Tags=tags))
    case.check("untag_deleted_secret_error", refusal(secrets.untag_resource, SecretId="s", TagKeys=["a"]))


def test_update_secret_description(secrets):
    case = recorded(CASE + "test_update_secret_description")
    case.check("create_secret_rs_0", secrets.create_secret(Name="s", SecretString="v"))
    case.check("describe_secret_res_0", secrets.describe_secret(SecretId="s"))
    changes = (
        {"Description": "MyDescription"},
        {"Description": "MyNewDescription", "SecretString": "w"},
        {"SecretString": "x"},
        {"Description": "MyNewDescription"},
    )
    for n, change in enumerate(changes):
        case.check(f"update_secret_res_{n}", secrets.update_secret(SecretId="s", **change))
        case.check(f"describe_secret_res_{n + 1}", secrets.describe_secret(SecretId="s"))
    case.check("delete_secret_res_0", delete(secrets, "s"))


def test_version_stages_current_pending_cycle_custom_stages_2(secrets):
    case = recorded(CASE + "test_update_secret_version_stages_current_pending_cycle_custom_stages_2")

    def put(n, *stages):
        answer = secrets.put_secret_value(SecretId="s", SecretString=f"S{n + 1}", VersionStages=list(stages))
        case.check(f"put_secret_value_res_{n}", answer)
        return answer["VersionId"]

    def get(n):
        case.check(f"get_secret_value_res_{n}", secrets.get_secret_value(SecretId="s"))

    def listed(n):
        case.check(f"list_secret_version_ids_res_{n}", secrets.list_secret_version_ids(SecretId="s"))

    def move(n, source, target):
        answer = secrets.update_secret_version_stage(
            SecretId="s", VersionStage="AWSCURRENT", RemoveFromVersionId=source, MoveToVersionId=target
        )
        case.check(f"update_secret_version_stage_res_{n}", answer)

    case.check("create_secret_rs_0", secrets.create_secret(Name="s", SecretString="S0"))
    v1 = put(0, "AWSCURRENT", "PUT0")
    listed(0)
    v2 = put(1, "AWSPENDING", "PUT1")
    listed(1)
    get(0)
    move(0, v1, v2)
    listed(2)
    get(1)
    v3 = put(2, "AWSPENDING", "PUT2")
    listed(3)
    get(2)
    move(1, v2, v3)
    listed(4)
    get(3)
    case.check("delete_secret_res_0", delete(secrets, "s"))


def test_version_stages_current_pending_cycle_custom_stages_3(secrets):
    case = recorded(CASE + "test_update_secret_version_stages_current_pending_cycle_custom_stages_3")
    created = secrets.create_secret(Name="s", SecretString="SS")
    case.check("create_secret_rs", created)
    v1 = created["VersionId"]
    put = secrets.put_secret_value(SecretId="s", SecretString="S1", VersionStages=["PENDING"])
    case.check("put_secret_value_res_0", put)
    v2 = put["VersionId"]
    case.check("list_secret_version_ids_rs", secrets.list_secret_version_ids(SecretId="s"))

    def get(suffix):
        case.check(f"get_secret_value_v1_rs{suffix}", secrets.get_secret_value(SecretId="s", VersionId=v1))
        case.check(f"get_secret_value_v2_rs{suffix}", secrets.get_secret_value(SecretId="s", VersionId=v2))

    get("")
    moved = secrets.update_secret_version_stage(
        SecretId="s", VersionStage="AWSCURRENT", RemoveFromVersionId=v1, MoveToVersionId=v2
    )
    case.check("update_secret_version_stage_res_1", moved)
    get("_1")
    removed = secrets.update_secret_version_stage(SecretId="s", VersionStage="PENDING", RemoveFromVersionId=v2)
    case.check("update_secret_version_stage_res_2", removed)
    get("_2")
    case.check("delete_secret_res_0", delete(secrets, "s"))
