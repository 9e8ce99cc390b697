"""Environment variables under a key of KMS: sealed at rest, opened when shown or run, and the key decides."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

SECRET = "nobody reads this in the database"
CODE = "import os\ndef handler(event, context): return os.environ.get('SECRET')"
VARIABLES = {"Variables": {"SECRET": SECRET}}


@pytest.fixture
def stored(undercast, account):
    """`stored()`: the configurations as they lie in the database."""
    sql = "SELECT config FROM lambda_versions WHERE account = ?"
    return lambda: "".join(row[0] for row in undercast.run(undercast.platform.store.scan(sql, account)))


@pytest.fixture
def shown(client):
    """`shown()`: the Environment of the function."""
    return lambda: client.get_function_configuration(FunctionName="f").get("Environment")


def refused(function, **arguments):
    with pytest.raises(ClientError) as error:
        function(**arguments)
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_variables_are_sealed_shown_and_run(client, create, function, key, stored, shown, invoke):
    function("f", CODE, KMSKeyArn=key, Environment=VARIABLES)
    assert (SECRET in stored(), "SECRET" in stored()) == (False, False)
    assert shown() == VARIABLES
    assert client.get_function(FunctionName="f")["Configuration"]["Environment"] == VARIABLES
    assert client.get_function_configuration(FunctionName="f")["KMSKeyArn"] == key
    assert [one["Environment"] for one in client.list_functions()["Functions"]] == [VARIABLES]
    assert create("g", CODE, KMSKeyArn=key, Environment=VARIABLES)["Environment"] == VARIABLES
    assert invoke("f") == SECRET


def test_a_published_version_keeps_them_and_is_published_once(client, function, key, stored, invoke):
    function("f", CODE, KMSKeyArn=key, Environment=VARIABLES)
    assert client.publish_version(FunctionName="f")["Environment"] == VARIABLES
    client.update_function_configuration(FunctionName="f", Environment=VARIABLES)
    assert client.publish_version(FunctionName="f")["Version"] == "1"
    client.update_function_configuration(FunctionName="f", Environment={"Variables": {"SECRET": "other"}})
    assert [one["Environment"]["Variables"]["SECRET"] for one in client.list_versions_by_function(FunctionName="f")["Versions"]] == ["other", SECRET]  # fmt: skip
    assert (invoke("f", Qualifier="1"), invoke("f")) == (SECRET, "other")
    assert SECRET not in stored()


def test_another_key_and_none(client, kms, function, key, stored, shown, invoke):
    function("f", CODE, Environment=VARIABLES)
    assert SECRET in stored()
    client.update_function_configuration(FunctionName="f", KMSKeyArn=key)
    assert (SECRET in stored(), shown()) == (False, VARIABLES)
    client.update_function_configuration(FunctionName="f", Timeout=5)
    assert (SECRET in stored(), shown()) == (False, VARIABLES)
    other = kms.create_key()["KeyMetadata"]["Arn"]
    client.update_function_configuration(FunctionName="f", KMSKeyArn=other)
    kms.disable_key(KeyId=key)
    assert (SECRET in stored(), shown(), invoke("f")) == (False, VARIABLES, SECRET)
    client.update_function_configuration(FunctionName="f", KMSKeyArn="")
    assert (SECRET in stored(), shown(), invoke("f")) == (True, VARIABLES, SECRET)


@pytest.mark.parametrize(
    ("spoil", "kms_code", "code"),
    [
        (lambda kms, key: kms.disable_key(KeyId=key), "DisabledException", "KMSDisabledException"),
        (
            lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7),
            "KMSInvalidStateException",
            "KMSInvalidStateException",
        ),
    ],
)
def test_a_key_that_cannot_be_used_any_more(client, kms, create, function, key, shown, spoil, kms_code, code):
    function("f", CODE, KMSKeyArn=key, Environment=VARIABLES)
    spoil(kms, key)
    error = shown()["Error"]
    assert error["ErrorCode"] == kms_code
    assert error["Message"].startswith("Lambda was unable to decrypt the environment variables because the KMS key ")
    assert refused(client.invoke, FunctionName="f")[:2] == (502, code)
    status, code, message = refused(create, name="g", KMSKeyArn=key, Environment=VARIABLES)
    assert (status, code) == (400, "InvalidParameterValueException")
    assert f"KMS Exception: {kms_code} KMS Message: " in message
    assert [one["FunctionName"] for one in client.list_functions()["Functions"]] == ["f"]


def test_a_disabled_key_serves_again(kms, function, key, shown, invoke):
    function("f", CODE, KMSKeyArn=key, Environment=VARIABLES)
    kms.disable_key(KeyId=key)
    assert "Error" in shown()
    kms.enable_key(KeyId=key)
    assert (shown(), invoke("f")) == (VARIABLES, SECRET)


def test_a_deleted_key_denies_access(client, kms, function, key, shown, clock, undercast):
    function("f", CODE, KMSKeyArn=key, Environment=VARIABLES)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock.advance(days=8)
    undercast.run(undercast.platform.jobs.idle())
    assert "Error" in shown()
    assert refused(client.invoke, FunctionName="f")[:2] == (502, "KMSAccessDeniedException")


@pytest.mark.parametrize("settings", [{}, {"Environment": VARIABLES}])
def test_an_unknown_key_is_refused(client, create, function, key, settings, shown):
    unknown = f"{key.rpartition('/')[0]}/11111111-2222-3333-4444-555555555555"
    status, code, message = refused(create, name="f", KMSKeyArn=unknown, **settings)
    assert (status, code) == (400, "InvalidParameterValueException")
    assert "KMS Exception: NotFoundException KMS Message: Key '" in message
    function("f", CODE, **settings)
    assert refused(client.update_function_configuration, FunctionName="f", KMSKeyArn=unknown)[2] == message
    assert shown() == settings.get("Environment")


def test_aliases_are_no_keys_of_functions(kms, create, key):
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    alias = f"{key.rpartition(':')[0]}:alias/mine"
    assert "Key Aliases are not supported" in refused(create, name="f", KMSKeyArn=alias, Environment=VARIABLES)[2]


def test_filter_criteria_are_not_sealed_yet(client, function, sqs, key):
    function("f")
    url = sqs.create_queue(QueueName="source", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    filters = {"Filters": [{"Pattern": json.dumps({"body": {"a": [1]}})}]}
    status, code, _ = refused(
        client.create_event_source_mapping, FunctionName="f", EventSourceArn=arn, KMSKeyArn=key, FilterCriteria=filters
    )
    assert (status, code) == (501, "NotImplemented")
