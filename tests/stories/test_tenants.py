"""Accounts and regions: what one has, no other sees."""

from __future__ import annotations

import json

import pytest

from tests.stories.conftest import ROLE, RUNTIME, zipped

CODE = {"ZipFile": zipped("def handler(event, context): return 1")}
TEMPLATE = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})

# service: how to make one, and what lists them by name. Names are "mine".
CASES = {
    "apigateway": (lambda c: c.create_rest_api(name="mine"), lambda c: [x["name"] for x in c.get_rest_apis()["items"]]),
    "cloudformation": (lambda c: c.create_stack(StackName="mine", TemplateBody=TEMPLATE), lambda c: [x["StackName"] for x in c.list_stacks()["StackSummaries"]]),
    "iam": (lambda c: c.create_user(UserName="mine"), lambda c: [x["UserName"] for x in c.list_users()["Users"]]),
    "kms": (lambda c: c.create_alias(AliasName="alias/mine", TargetKeyId=c.create_key()["KeyMetadata"]["KeyId"]), lambda c: [x["AliasName"][6:] for x in c.list_aliases()["Aliases"]]),
    "lambda": (lambda c: c.create_function(FunctionName="mine", Runtime=RUNTIME, Role=ROLE, Handler="handler.handler", Code=CODE), lambda c: [x["FunctionName"] for x in c.list_functions()["Functions"]]),
    "logs": (lambda c: c.create_log_group(logGroupName="mine"), lambda c: [x["logGroupName"] for x in c.describe_log_groups()["logGroups"]]),
    "secretsmanager": (lambda c: c.create_secret(Name="mine", SecretString="x"), lambda c: [x["Name"] for x in c.list_secrets()["SecretList"]]),
    "sns": (lambda c: c.create_topic(Name="mine"), lambda c: [x["TopicArn"].rpartition(":")[2] for x in c.list_topics()["Topics"]]),
    "sqs": (lambda c: c.create_queue(QueueName="mine"), lambda c: [x.rpartition("/")[2] for x in c.list_queues().get("QueueUrls", [])]),
    "ssm": (lambda c: c.put_parameter(Name="mine", Value="x", Type="String"), lambda c: [x["Name"] for x in c.describe_parameters()["Parameters"]]),
}  # fmt: skip


@pytest.mark.parametrize("service", CASES)
def test_others_do_not_see_it(aws, account, service):
    make, names = CASES[service]
    other = f"9{account[1:]}"
    make(aws(service))
    assert "mine" in names(aws(service))
    assert "mine" not in names(aws(service, account=other))
    elsewhere = names(aws(service, region_name="eu-west-1"))
    assert ("mine" in elsewhere) == (service == "iam")  # IAM is one for all regions
    make(aws(service, account=other))  # the name is free there


def test_buckets_belong_to_an_account_but_their_names_to_all(aws, account):
    bucket = f"b{account}"
    aws("s3").create_bucket(Bucket=bucket)
    other = aws("s3", account=f"9{account[1:]}")
    assert bucket not in [item["Name"] for item in other.list_buckets()["Buckets"]]
    with pytest.raises(other.exceptions.BucketAlreadyExists):
        other.create_bucket(Bucket=bucket)


def test_the_access_key_says_the_account(aws, account):
    assert aws("sts").get_caller_identity()["Account"] == account
    for key in ("test", "AKIAIOSFODNN7EXAMPLE", "12345678901", "1234567890123", "12345678901x"):
        assert aws("sts", aws_access_key_id=key).get_caller_identity()["Account"] == "000000000000"
