"""AWS::S3::Bucket: what acts of its properties, and SAM's S3 event."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

RUNTIME = f"python3.{sys.version_info[1]}"


@pytest.fixture
def s3(aws: Any) -> Any:
    return aws("s3")


def template(account: str, **properties: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"logs-{account}"}},
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"bucket-{account}", **properties}},
        }
    }


EVENTS = {
    "QueueConfigurations": [
        {
            "Event": "s3:ObjectCreated:*",
            "Queue": {"Fn::GetAtt": ["Queue", "Arn"]},
            "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}},
        }
    ],
    "EventBridgeConfiguration": {"EventBridgeEnabled": True},
}
RULES = {
    "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    "Rules": [
        {
            "Id": "one",
            "Status": "Enabled",
            "Prefix": "a",
            "ExpirationInDays": 90,
            "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
            "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 5}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 10, "NewerNoncurrentVersions": 3},
        },
        {
            "Id": "two",
            "Status": "Disabled",
            "ExpirationDate": "2030-01-01T00:00:00.000Z",
            "TagFilters": [{"Key": "k", "Value": "v"}],
            "ObjectSizeGreaterThan": "5",
        },
    ],
}


INVENTORY = {
    "Id": "list",
    "Enabled": True,
    "IncludedObjectVersions": "All",
    "Prefix": "a",
    "ScheduleFrequency": "Daily",
    "Destination": {"BucketArn": {"Fn::GetAtt": ["Logs", "Arn"]}, "Format": "CSV"},
}


def test_properties_act_change_and_go(stacks: Any, s3: Any, account: str) -> None:
    bucket = f"bucket-{account}"
    properties = {
        "NotificationConfiguration": EVENTS,
        "LifecycleConfiguration": RULES,
        "LoggingConfiguration": {"DestinationBucketName": {"Ref": "Logs"}, "LogFilePrefix": "x/"},
        "AccelerateConfiguration": {"AccelerationStatus": "Enabled"},
        "WebsiteConfiguration": {"IndexDocument": "index.html"},
        "InventoryConfigurations": [INVENTORY],
    }
    stack = stacks.create(template(account, **properties))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert told["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"] == [{"Name": "Prefix", "Value": "in/"}]
    assert told["EventBridgeConfiguration"] == {}
    lived = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert lived["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    one, two = lived["Rules"]
    assert one["NoncurrentVersionTransitions"] == [{"StorageClass": "GLACIER", "NoncurrentDays": 5}]
    assert one["Expiration"] == {"Days": 90}
    assert two["Expiration"]["Date"].year == 2030
    assert two["Filter"]["And"] == {"ObjectSizeGreaterThan": 5, "Tags": [{"Key": "k", "Value": "v"}]}
    logged = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    assert (logged["TargetBucket"], logged["TargetPrefix"]) == (f"logs-{account}", "x/")
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Enabled"
    [listed] = s3.list_bucket_inventory_configurations(Bucket=bucket)["InventoryConfigurationList"]
    assert (listed["Id"], listed["IsEnabled"], listed["Filter"]) == ("list", True, {"Prefix": "a"})
    assert s3.get_bucket_website(Bucket=bucket)["IndexDocument"] == {"Suffix": "index.html"}

    stacks.update(
        template(account, NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": False}})
    )
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "QueueConfigurations" not in told
    assert "EventBridgeConfiguration" not in told
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert "InventoryConfigurationList" not in s3.list_bucket_inventory_configurations(Bucket=bucket)
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Suspended"
    for gone in (s3.get_bucket_lifecycle_configuration, s3.get_bucket_website):
        with pytest.raises(s3.exceptions.ClientError):
            gone(Bucket=bucket)
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_replication(stacks: Any, s3: Any, account: str) -> None:
    keeps = {"VersioningConfiguration": {"Status": "Enabled"}}
    bucket = template(account, **keeps)
    bucket["Resources"]["Logs"]["Properties"] |= keeps
    assert stacks.create(bucket)["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    rule = {
        "Id": "one",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"And": {"Prefix": "a", "TagFilters": [{"Key": "k", "Value": "v"}]}},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": {"Fn::GetAtt": ["Logs", "Arn"]}},
    }
    replication = {"Role": "arn:aws:iam::111111111111:role/replication", "Rules": [rule]}
    bucket["Resources"]["Bucket"]["Properties"]["ReplicationConfiguration"] = replication
    assert stacks.update(bucket)["StackStatus"] == "UPDATE_COMPLETE", stacks.events()
    [kept] = s3.get_bucket_replication(Bucket=f"bucket-{account}")["ReplicationConfiguration"]["Rules"]
    assert kept["Filter"]["And"] == {"Prefix": "a", "Tags": [{"Key": "k", "Value": "v"}]}
    del bucket["Resources"]["Bucket"]["Properties"]["ReplicationConfiguration"]
    assert stacks.update(bucket)["StackStatus"] == "UPDATE_COMPLETE", stacks.events()
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_bucket_replication(Bucket=f"bucket-{account}")


def test_destination_that_is_not_there_fails_the_stack(stacks: Any, account: str) -> None:
    wrong = {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": f"arn:aws:sqs:us-east-1:{account}:none"}]}
    stack = stacks.create(template(account, NotificationConfiguration=wrong))
    assert stack["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED")
    assert any(
        "Unable to validate the following destination configurations" in reason for *_, reason in stacks.events()
    )


def test_event_of_sam_fires_its_function(stacks: Any, aws: Any, s3: Any, sqs: Any, queue: str, account: str) -> None:
    code = (
        "import boto3, json, os\n"
        "def handler(event, context):\n"
        "    sqs = boto3.client('sqs', endpoint_url=os.environ['AWS_ENDPOINT_URL'])\n"
        "    sqs.send_message(QueueUrl=os.environ['QUEUE'], MessageBody=json.dumps(event))\n"
    )
    bucket = f"uploads-{account}"
    stack = stacks.deploy(
        {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {
                "Uploads": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}},
                "Function": {
                    "Type": "AWS::Serverless::Function",
                    "Properties": {
                        "InlineCode": code,
                        "Handler": "index.handler",
                        "Runtime": RUNTIME,
                        "Timeout": 20,
                        "Environment": {"Variables": {"QUEUE": queue}},
                        "Events": {
                            "Upload": {
                                "Type": "S3",
                                "Properties": {
                                    "Bucket": {"Ref": "Uploads"},
                                    "Events": "s3:ObjectCreated:*",
                                    "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".jpg"}]}},
                                },
                            }
                        },
                    },
                },
            },
        },
        Capabilities=["CAPABILITY_IAM"],
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.events()
    policy = json.loads(aws("lambda").get_policy(FunctionName=stacks.physical("Function"))["Policy"])
    assert policy["Statement"][0]["Principal"] == {"Service": "s3.amazonaws.com"}
    s3.put_object(Bucket=bucket, Key="a b.png", Body=b"x")
    s3.put_object(Bucket=bucket, Key="a b.jpg", Body=b"x")
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    [record] = json.loads(message["Body"])["Records"]
    assert record["s3"]["object"]["key"] == "a+b.jpg"
    assert record["s3"]["bucket"]["name"] == bucket
