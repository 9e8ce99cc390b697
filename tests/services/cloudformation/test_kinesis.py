"""AWS::Kinesis, mappings from streams to functions, and the SAM events Kinesis and DynamoDB: made, changed, deleted."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded
from tests.services.cloudformation.test_types import allow, arn_of, change, failures, make, of, remove

NEED = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
CODE = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["URL"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def kinesis(aws: Any) -> Any:
    return aws("kinesis")


def summary(kinesis: Any, name: str) -> dict[str, Any]:
    return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]


def tags(kinesis: Any, arn: str) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"]}


def test_a_stream(stacks: Any, kinesis: Any, aws: Any) -> None:
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    encryption = {"EncryptionType": "KMS", "KeyId": key}
    make(
        stacks,
        Stream=of(
            "Kinesis::Stream", ShardCount=2, RetentionPeriodHours=48, StreamEncryption=encryption,
            Tags=[{"Key": "a", "Value": "1"}],
        ),
    )  # fmt: skip
    name = stacks.physical("Stream")
    found = summary(kinesis, name)
    assert (found["OpenShardCount"], found["RetentionPeriodHours"], found["KeyId"]) == (2, 48, key)
    assert tags(kinesis, found["StreamARN"])["a"] == "1"
    change(
        stacks, Stream=of("Kinesis::Stream", ShardCount=4, MaxRecordSizeInKiB=2048, Tags=[{"Key": "b", "Value": "2"}])
    )
    found = summary(kinesis, name)
    assert (found["OpenShardCount"], found["RetentionPeriodHours"], found["EncryptionType"]) == (4, 24, "NONE")
    assert found["MaxRecordSizeInKiB"] == 2048
    assert tags(kinesis, found["StreamARN"]) == {"b": "2"}
    change(stacks, Stream=of("Kinesis::Stream", StreamModeDetails={"StreamMode": "ON_DEMAND"}, MaxRecordSizeInKiB=2048))
    assert summary(kinesis, name)["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    change(stacks, Stream=of("Kinesis::Stream", Name="other", ShardCount=1))
    assert kinesis.list_streams()["StreamNames"] == ["other"]
    remove(stacks)
    assert kinesis.list_streams()["StreamNames"] == []


def test_a_name_that_is_taken(stacks: Any, kinesis: Any) -> None:
    kinesis.create_stream(StreamName="mine", ShardCount=1)
    made = stacks.create({"Resources": {"Stream": of("Kinesis::Stream", Name="mine", ShardCount=2)}})
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert summary(kinesis, "mine")["OpenShardCount"] == 1


def test_consumers_and_policies(stacks: Any, kinesis: Any) -> None:
    stream = of("Kinesis::Stream", ShardCount=1)

    def consumer(name: str) -> dict[str, Any]:
        tags = [{"Key": "t", "Value": "1"}]
        return of("Kinesis::StreamConsumer", StreamARN=arn_of("Stream"), ConsumerName=name, Tags=tags)

    def policy(action: str) -> dict[str, Any]:
        return of("Kinesis::ResourcePolicy", ResourceArn=arn_of("Stream"), ResourcePolicy=allow(action))

    make(stacks, Stream=stream, Consumer=consumer("one"), Policy=policy("kinesis:PutRecord"))
    arn = summary(kinesis, stacks.physical("Stream"))["StreamARN"]
    first = stacks.physical("Consumer")
    assert kinesis.describe_stream_consumer(ConsumerARN=first)["ConsumerDescription"]["ConsumerName"] == "one"
    assert json.loads(kinesis.get_resource_policy(ResourceARN=arn)["Policy"]) == allow("kinesis:PutRecord")
    change(stacks, Stream=stream, Consumer=consumer("one"), Policy=policy("kinesis:GetRecords"))
    assert tags(kinesis, first) == {"t": "1"}
    assert json.loads(kinesis.get_resource_policy(ResourceARN=arn)["Policy"]) == allow("kinesis:GetRecords")
    change(stacks, Stream=stream, Consumer=consumer("two"))
    assert [one["ConsumerName"] for one in kinesis.list_stream_consumers(StreamARN=arn)["Consumers"]] == ["two"]
    with pytest.raises(ClientError, match="No resource policy"):
        kinesis.get_resource_policy(ResourceARN=arn)
    remove(stacks)


def test_a_stream_that_others_read_is_not_deleted(stacks: Any, kinesis: Any) -> None:
    make(stacks, Stream=of("Kinesis::Stream", Name="mine", ShardCount=1))
    kinesis.register_stream_consumer(StreamARN=summary(kinesis, "mine")["StreamARN"], ConsumerName="c")
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"
    kinesis.deregister_stream_consumer(StreamARN=summary(kinesis, "mine")["StreamARN"], ConsumerName="c")
    remove(stacks)


def test_settings_that_do_not_act_are_refused(stacks: Any) -> None:
    stream = of("Kinesis::Stream", ShardCount=1, DesiredShardLevelMetrics=["ALL"])
    made = stacks.create({"Resources": {"Stream": stream}})
    assert made["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED")
    assert any("DesiredShardLevelMetrics" in reason for _, _, reason in failures(stacks))


def test_a_mapping_from_a_stream(stacks: Any, kinesis: Any, aws: Any) -> None:
    """As recorded in 2023, of a construct of CDK."""
    case = recorded("lambda::TestCfnLambdaIntegrations::test_cfn_lambda_kinesis_source", "cloudformation")
    role = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }

    def mapping(**settings: Any) -> dict[str, Any]:
        return of(
            "Lambda::EventSourceMapping", FunctionName={"Ref": "Function"}, EventSourceArn=arn_of("Stream"),
            StartingPosition="TRIM_HORIZON", **settings,
        )  # fmt: skip

    resources = {
        "Stream": of("Kinesis::Stream", ShardCount=1),
        "Role": of("IAM::Role", AssumeRolePolicyDocument=role),
        "Function": of("Lambda::Function", Code={"ZipFile": "def handler(e, c): pass"}, Handler="index.handler", Runtime="python3.12", Role=arn_of("Role")),
    }  # fmt: skip
    make(stacks, **resources, Mapping=mapping(BatchSize=1, MaximumBatchingWindowInSeconds=10))
    client, id = aws("lambda"), stacks.physical("Mapping")
    while (found := client.get_event_source_mapping(UUID=id))["State"] != "Enabled":
        pass
    case.check("get_esm_result", found)
    change(stacks, **resources, Mapping=mapping(BatchSize=5, BisectBatchOnFunctionError=True, ParallelizationFactor=2))
    found = client.get_event_source_mapping(UUID=id)
    assert (found["BatchSize"], found["BisectBatchOnFunctionError"], found["ParallelizationFactor"]) == (5, True, 2)
    remove(stacks)


def test_sam_events_of_streams_run_functions(stacks: Any, kinesis: Any, aws: Any, sqs: Any) -> None:
    dynamodb = aws("dynamodb")
    table = dynamodb.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]  # fmt: skip
    function = of(
        "Serverless::Function", Runtime="python3.12", Handler="index.handler", InlineCode=CODE,
        Environment={"Variables": {"URL": {"Ref": "Queue"}}},
        Policies=[{"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": ["Queue", "QueueName"]}}}],
        Events={
            "Records": {"Type": "Kinesis", "Properties": {"Stream": arn_of("Stream"), "StartingPosition": "LATEST", "BatchSize": 3}},
            "Changes": {"Type": "DynamoDB", "Properties": {"Stream": table, "StartingPosition": "TRIM_HORIZON"}},
        },
    )  # fmt: skip
    resources = {"Stream": of("Kinesis::Stream", ShardCount=1), "Queue": of("SQS::Queue"), "Function": function}
    made = stacks.deploy({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}, Capabilities=NEED)
    assert made["StackStatus"] == "CREATE_COMPLETE", failures(stacks)
    client = aws("lambda")
    while any(one["State"] != "Enabled" for one in client.list_event_source_mappings()["EventSourceMappings"]):
        pass
    kinesis.put_record(StreamName=stacks.physical("Stream"), Data=b"a record", PartitionKey="k")
    dynamodb.put_item(TableName="table", Item={"id": {"S": "an item"}})
    found = set()
    while len(found) < 2:
        for message in sqs.receive_message(QueueUrl=stacks.physical("Queue"), WaitTimeSeconds=10)["Messages"]:
            (record,) = json.loads(message["Body"])["Records"]
            found.add(
                b64decode(record["kinesis"]["data"]) if "kinesis" in record else record["dynamodb"]["Keys"]["id"]["S"]
            )
    assert found == {b"a record", "an item"}
    remove(stacks)
