"""AWS::DynamoDB::Table made of files in S3."""

from __future__ import annotations

import pytest


@pytest.fixture
def bucket(aws, account):
    s3, name = aws("s3"), f"cfn-imports-{account}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="items.csv", Body=b"id,text\na,x\nb,y\n")
    return name


def template(bucket):
    source = {
        "S3BucketSource": {"S3Bucket": bucket},
        "InputFormat": "CSV",
        "InputFormatOptions": {"Csv": {"Delimiter": ","}},
    }
    properties = {
        "TableName": "imported",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
        "Tags": [{"Key": "a", "Value": "b"}],
        "ImportSourceSpecification": source,
    }
    return {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}


def test_a_stack_waits_for_the_items(stacks, aws, bucket):
    assert stacks.create(template(bucket))["StackStatus"] == "CREATE_COMPLETE"
    dynamodb = aws("dynamodb")
    assert dynamodb.scan(TableName="imported")["Count"] == 2
    described = dynamodb.describe_table(TableName="imported")["Table"]
    assert described["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    tags = dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
    assert {"Key": "a", "Value": "b"} in tags


def test_an_import_that_fails_fails_the_stack(stacks, aws):
    assert stacks.create(template("no-such-bucket-anywhere"))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "S3NoSuchBucket" in str(stacks.events())
    assert aws("dynamodb").list_tables()["TableNames"] == []
