"""Operations on secrets, their values, lists and policies, as boto3 sees them."""

from __future__ import annotations

import json
import string

import pytest
from botocore.exceptions import ClientError


def code(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def names(answer):
    return [secret["Name"] for secret in answer["SecretList"]]


def test_deleted_secret_can_be_restored(secrets, secret):
    secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    assert code(secrets.get_secret_value, SecretId=secret) == "InvalidRequestException"
    assert names(secrets.list_secrets()) == []
    assert names(secrets.list_secrets(IncludePlannedDeletion=True)) == [secret]
    secrets.restore_secret(SecretId=secret)
    assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "one"


def test_secret_is_gone_after_its_window(secrets, secret, clock, undercast):
    secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    clock.advance(days=6, hours=23)
    secrets.describe_secret(SecretId=secret)
    clock.advance(hours=2)
    undercast.run(undercast.platform.jobs.idle())
    assert code(secrets.describe_secret, SecretId=secret) == "ResourceNotFoundException"
    secrets.create_secret(Name=secret)


@pytest.mark.parametrize(
    "options", [{"RecoveryWindowInDays": 6}, {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}]
)
def test_delete_refusals(secrets, secret, options):
    assert code(secrets.delete_secret, SecretId=secret, **options) == "InvalidParameterException"


def test_creation_is_idempotent_by_its_token(secrets):
    request = {"Name": "s", "SecretString": "v", "ClientRequestToken": "t" * 32}
    first = secrets.create_secret(**request)
    assert secrets.create_secret(**request)["ARN"] == first["ARN"]
    assert code(secrets.create_secret, **{**request, "SecretString": "w"}) == "ResourceExistsException"
    assert code(secrets.create_secret, Name="s") == "ResourceExistsException"


def test_put_is_idempotent_by_its_token(secrets, secret):
    request = {"SecretId": secret, "SecretString": "two", "ClientRequestToken": "t" * 32}
    secrets.put_secret_value(**request)
    secrets.put_secret_value(**request)
    assert code(secrets.put_secret_value, **{**request, "SecretString": "x"}) == "ResourceExistsException"
    assert len(secrets.list_secret_version_ids(SecretId=secret)["Versions"]) == 2


def test_large_secret(secrets):
    value = string.printable * 655
    secrets.create_secret(Name="large", SecretString=value)
    assert secrets.get_secret_value(SecretId="large")["SecretString"] == value


def test_value_needs_its_key(secrets, aws):
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    secrets.create_secret(Name="s", SecretString="v", KmsKeyId=key)
    assert secrets.describe_secret(SecretId="s")["KmsKeyId"] == key
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "v"
    kms.disable_key(KeyId=key)
    assert code(secrets.get_secret_value, SecretId="s") == "DecryptionFailure"
    assert code(secrets.create_secret, Name="t", SecretString="v", KmsKeyId="alias/none") == "EncryptionFailure"
    assert names(secrets.list_secrets()) == ["s"]


def test_values_at_rest_are_encrypted(secrets, undercast, account):
    secrets.create_secret(Name="s", SecretString="do-not-find-me")
    rows = undercast.run(
        undercast.platform.store.scan("SELECT value FROM secretsmanager_versions WHERE account = ?", account)
    )
    assert rows and not any("do-not-find-me" in value for (value,) in rows)


def test_deprecated_versions_are_listed_on_request(secrets, secret):
    for n in range(3):
        secrets.put_secret_value(SecretId=secret, SecretString=str(n))
    assert len(secrets.list_secret_version_ids(SecretId=secret)["Versions"]) == 2
    first = secrets.list_secret_version_ids(SecretId=secret, IncludeDeprecated=True, MaxResults=3)
    rest = secrets.list_secret_version_ids(
        SecretId=secret, IncludeDeprecated=True, MaxResults=3, NextToken=first["NextToken"]
    )
    assert (len(first["Versions"]), len(rest["Versions"])) == (3, 1)
    assert "VersionStages" not in first["Versions"][0]


def test_stage_refusals(secrets, secret):
    current = secrets.get_secret_value(SecretId=secret)["VersionId"]
    other = secrets.put_secret_value(SecretId=secret, SecretString="x", VersionStages=["OTHER"])["VersionId"]
    move = {"SecretId": secret, "VersionStage": "AWSCURRENT"}
    for bad in (
        {"MoveToVersionId": other},
        {"RemoveFromVersionId": other, "MoveToVersionId": other},
        {"RemoveFromVersionId": current},
        {},
    ):
        assert code(secrets.update_secret_version_stage, **move, **bad) == "InvalidParameterException"
    assert secrets.get_secret_value(SecretId=secret)["VersionId"] == current


def test_another_accounts_secret_by_arn(aws):
    arn = aws("secretsmanager", account="000000000777").create_secret(Name="shared", SecretString="v")["ARN"]
    here = aws("secretsmanager")
    assert here.get_secret_value(SecretId=arn)["SecretString"] == "v"
    here.delete_secret(SecretId=arn)
    here.restore_secret(SecretId=arn)
    elsewhere = aws("secretsmanager", region_name="eu-west-1")
    assert code(elsewhere.get_secret_value, SecretId=arn) == "ResourceNotFoundException"


@pytest.fixture
def several(secrets):
    for name, description, tag in (
        ("app/db", "Database login", "prod"), ("app/key", "A signing key", "test"), ("other", "", "prod"),
    ):  # fmt: skip
        secrets.create_secret(
            Name=name, SecretString=name, Description=description, Tags=[{"Key": "stage", "Value": tag}]
        )


@pytest.mark.parametrize(
    "filters, expected",
    [
        ([("name", "app/")], ["app/db", "app/key"]),
        ([("name", "APP")], []),
        ([("name", "!app/")], ["other"]),
        ([("description", "SIGN")], ["app/key"]),
        ([("tag-key", "sta")], ["app/db", "app/key", "other"]),
        ([("tag-value", "prod"), ("name", "app")], ["app/db"]),
        ([("all", "database")], ["app/db"]),
        ([("owning-service", "rds")], []),
    ],
)
def test_list_by_filters(secrets, several, filters, expected):
    chosen = [{"Key": key, "Values": [value]} for key, value in filters]
    assert names(secrets.list_secrets(Filters=chosen)) == expected


def test_list_in_pages_and_order(secrets, several):
    pages = secrets.get_paginator("list_secrets").paginate(
        SortBy="name", SortOrder="desc", PaginationConfig={"PageSize": 2}
    )
    assert [names(page) for page in pages] == [["other", "app/key"], ["app/db"]]
    assert code(secrets.list_secrets, NextToken="nonsense") == "InvalidNextTokenException"


def test_batch_get(secrets, several):
    answer = secrets.batch_get_secret_value(SecretIdList=["app/db", "none"])
    assert [secret["SecretString"] for secret in answer["SecretValues"]] == ["app/db"]
    assert [(e["SecretId"], e["ErrorCode"]) for e in answer["Errors"]] == [("none", "ResourceNotFoundException")]
    answer = secrets.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["app"]}], MaxResults=1)
    assert [secret["Name"] for secret in answer["SecretValues"]] == ["app/db"]
    assert answer["NextToken"]
    assert code(secrets.batch_get_secret_value) == "InvalidParameterException"


def test_resource_policies(secrets, secret):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    public = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    put = {"SecretId": secret, "ResourcePolicy": public}
    assert code(secrets.put_resource_policy, **put, BlockPublicPolicy=True) == "PublicPolicyException"
    secrets.put_resource_policy(**put)
    assert secrets.get_resource_policy(SecretId=secret)["ResourcePolicy"] == public
    secrets.delete_resource_policy(SecretId=secret)
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=secret)
    assert code(secrets.put_resource_policy, SecretId=secret, ResourcePolicy="{") == "MalformedPolicyDocumentException"
    assert secrets.validate_resource_policy(ResourcePolicy=public)["PolicyValidationPassed"] is False
    private = public.replace('"*", "Action"', '{"AWS": "111111111111"}, "Action"')
    assert secrets.validate_resource_policy(ResourcePolicy=private)["PolicyValidationPassed"] is True


def test_random_passwords(secrets):
    seen = set()
    for _ in range(20):
        password = secrets.get_random_password(PasswordLength=8, ExcludeCharacters="lO0")["RandomPassword"]
        assert len(password) == 8 and not set(password) & set("lO0")
        for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
            assert set(password) & set(kind)
        seen.add(password)
    assert len(seen) == 20
    digits = secrets.get_random_password(ExcludeLowercase=True, ExcludeUppercase=True, ExcludePunctuation=True)
    assert digits["RandomPassword"].isdigit() and len(digits["RandomPassword"]) == 32
    assert code(secrets.get_random_password, PasswordLength=3) == "InvalidParameterException"


def test_what_is_not_here_says_so(secrets, secret):
    for call, options in (
        (secrets.create_secret, {"Name": "r", "AddReplicaRegions": [{"Region": "eu-west-1"}]}),
        (secrets.replicate_secret_to_regions, {"SecretId": secret, "AddReplicaRegions": [{"Region": "eu-west-1"}]}),
        (secrets.rotate_secret, {"SecretId": secret, "RotationRules": {"ScheduleExpression": "cron(0 8 1 * ? *)"}}),
    ):
        assert code(call, **options) == "NotImplemented"


def test_on_postgres(on_postgres, aws):
    secrets = aws("secretsmanager", endpoint_url=on_postgres.url)
    secrets.create_secret(Name="s", SecretString="v")
    secrets.put_secret_value(SecretId="s", SecretString="w")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "w"
    secrets.create_secret(Name="t")
    pages = secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1})
    assert [names(page) for page in pages] == [["s"], ["t"]]
    secrets.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    assert names(secrets.list_secrets()) == ["t"]
