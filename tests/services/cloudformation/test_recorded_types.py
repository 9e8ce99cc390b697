"""What resource types make of their properties: as AWS answered."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

DLQ = {"Type": "AWS::SQS::Queue", "Properties": {"RedriveAllowPolicy": {"redrivePermission": "allowAll"}}}
ACTIONS = ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
TAGS = [{"Key": "Environment", "Value": "Production"}, {"Key": "Department", "Value": "Finance"}]


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def redrive(count: int) -> dict[str, Any]:
    return {"deadLetterTargetArn": {"Fn::GetAtt": ["Dlq", "Arn"]}, "maxReceiveCount": count}


def case_of(name: str, service: str = "sqs") -> Any:
    return recorded(name, service)


def attributes(sqs: Any, url: str, *names: str) -> Any:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names) or ["All"])


FIFO = queue(
    QueueName="all.fifo", FifoQueue=True, ContentBasedDeduplication=True, DeduplicationScope="messageGroup",
    DelaySeconds=13, FifoThroughputLimit="perMessageGroupId", KmsDataKeyReusePeriodSeconds=200,
    KmsMasterKeyId="alias/aws/sqs", MaximumMessageSize=3232, MessageRetentionPeriod=13425,
    ReceiveMessageWaitTimeSeconds=15, RedrivePolicy=redrive(7), VisibilityTimeout=42, Tags=TAGS,
)  # fmt: skip
STANDARD = queue(
    QueueName="all", DelaySeconds=17, KmsDataKeyReusePeriodSeconds=297, KmsMasterKeyId="alias/aws/sqs",
    MaximumMessageSize=1234, MessageRetentionPeriod=13579, ReceiveMessageWaitTimeSeconds=18,
    RedrivePolicy=redrive(7), VisibilityTimeout=45, Tags=TAGS,
)  # fmt: skip


@pytest.mark.parametrize(("kind", "wanted"), [("fifo", FIFO), ("standard", STANDARD)])
def test_queue_with_all_properties(stacks: Any, sqs: Any, kind: str, wanted: dict[str, Any]) -> None:
    known = case_of(f"aws_sqs_queue::test_create_{kind}_queue_with_all_properties")
    dlq = {**DLQ, "Properties": {**DLQ["Properties"], **({"FifoQueue": True} if kind == "fifo" else {})}}
    stacks.create({"Resources": {"Dlq": dlq, "Queue": wanted}})
    url = stacks.physical("Queue")
    known.check("attributes", attributes(sqs, url))
    known.check("dlq_attributes", attributes(sqs, stacks.physical("Dlq"), "RedriveAllowPolicy"))
    known.check("tags", sqs.list_queue_tags(QueueUrl=url))


def test_fifo_queue_with_what_it_needs(stacks: Any, sqs: Any) -> None:
    known = case_of("aws_sqs_queue::test_create_fifo_queue_with_required_properties")
    stacks.create({"Resources": {"Queue": queue(FifoQueue=True)}})
    assert stacks.physical("Queue").endswith(".fifo")
    known.check("attributes", attributes(sqs, stacks.physical("Queue")))


def test_fifo_queue_loses_its_properties(stacks: Any, sqs: Any) -> None:
    known = case_of("aws_sqs_queue::test_update_fifo_queue_remove_all_properties")
    dlq = {**DLQ, "Properties": {**DLQ["Properties"], "FifoQueue": True}}
    stacks.create({"Resources": {"Dlq": dlq, "Queue": FIFO}})
    stacks.update({"Resources": {"Dlq": dlq, "Queue": queue(FifoQueue=True, QueueName="all.fifo")}})
    url = stacks.physical("Queue")
    known.check("updated_attributes", attributes(sqs, url))
    known.check("updated_tags", sqs.list_queue_tags(QueueUrl=url))


def test_replaced_queue(stacks: Any, sqs: Any) -> None:
    known = case_of("aws_sqs_queue::test_update_standard_queue_add_properties_with_replacement")
    want = known.answers["updated_attributes"]["Attributes"]["RedrivePolicy"]
    want["deadLetterTargetArn"] = "<dlq>"  # a placeholder within a placeholder
    stacks.create({"Resources": {"Dlq": DLQ, "Queue": queue()}})
    before = stacks.physical("Queue")
    changed = queue(
        QueueName="MyStandardQueueWithADifferentName", DelaySeconds=15, MaximumMessageSize=4444,
        MessageRetentionPeriod=17777, ReceiveMessageWaitTimeSeconds=14, RedrivePolicy=redrive(4), VisibilityTimeout=35,
        Tags=[{"Key": "Environment", "Value": "Pre-Test"}, {"Key": "Department", "Value": "Marketing"}],
    )  # fmt: skip
    stacks.update({"Resources": {"Dlq": DLQ, "Queue": changed}})
    known.check("updated_attributes", attributes(sqs, stacks.physical("Queue")))
    known.check("updated_tags", sqs.list_queue_tags(QueueUrl=stacks.physical("Queue")))
    with pytest.raises(ClientError) as caught:
        attributes(sqs, before)
    known.check("error", caught.value)


def test_removed_queue(stacks: Any, sqs: Any) -> None:
    known = case_of("aws_sqs_queue::test_update_completely_remove_resource")
    stacks.create({"Resources": {"Dlq": DLQ, "Queue": queue()}})
    url = stacks.physical("Queue")
    stacks.update({"Resources": {"Dlq": DLQ}})
    with pytest.raises(ClientError) as caught:
        attributes(sqs, url)
    known.check("error", caught.value)


def policy(kind: str, actions: list[str] = ACTIONS, **properties: Any) -> dict[str, Any]:
    return {
        "Type": f"AWS::SQS::{kind}",
        "Properties": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": {"Fn::GetAtt": ["Q1", "Arn"]}}],
            },
            **properties,
        },
    }  # fmt: skip


def test_queue_policies(stacks: Any, sqs: Any) -> None:
    known = case_of("aws_sqs_queuepolicy::test_sqs_queue_policy")
    one = {"Q1": queue(), "P": policy("QueuePolicy", Queues=[{"Ref": "Q1"}])}
    stacks.create({"Resources": one})
    known.check("policy", attributes(sqs, stacks.physical("Q1"), "Policy"))
    known = case_of("aws_sqs_queuepolicy::test_update_to_remove_queuepolicy_from_template")
    known.check("policy_before", attributes(sqs, stacks.physical("Q1"), "Policy"))
    stacks.update({"Resources": {"Q1": queue()}})
    known.check("policy_after", attributes(sqs, stacks.physical("Q1"), "Policy"))


def test_queue_policy_of_more_queues(stacks: Any, sqs: Any) -> None:
    known = case_of("aws_sqs_queuepolicy::test_update_add_two_additional_queues_to_policy")
    queues = {name: queue() for name in ("Q1", "Q2", "Q3")}
    stacks.create({"Resources": {**queues, "P": policy("QueuePolicy", Queues=[{"Ref": "Q1"}])}})
    urls = [stacks.physical(name) for name in queues]
    for number, url in enumerate(urls, 1):
        known.check(f"queue_{number}_before", attributes(sqs, url, "Policy"))
    more = policy("QueuePolicy", [*ACTIONS, "sqs:ChangeMessageVisibility"], Queues=[{"Ref": name} for name in queues])
    stacks.update({"Resources": {**queues, "P": more}})
    for number, url in enumerate(urls, 1):
        known.check(f"queue_{number}_after", attributes(sqs, url, "Policy"))


def test_inline_policy(stacks: Any, sqs: Any) -> None:
    known = case_of("aws_sqs_queueinlinepolicy::test_update_sqs_remove_inlinepolicy")
    stacks.create({"Resources": {"Q1": queue(), "P": policy("QueueInlinePolicy", Queue={"Ref": "Q1"})}})
    known.check("policy_before", attributes(sqs, stacks.physical("Q1"), "Policy"))
    stacks.update({"Resources": {"Q1": queue()}})
    known.check("policy_after", attributes(sqs, stacks.physical("Q1"), "Policy"))


def test_subscription_attributes(stacks: Any, sns: Any) -> None:
    known = case_of("sns::test_update_subscription", "cloudformation")
    for number, raw in enumerate((True, False), 1):
        subscription = {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "T"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Q", "Arn"]}, "RawMessageDelivery": raw},
        }  # fmt: skip
        resources = {"T": {"Type": "AWS::SNS::Topic"}, "Q": queue(), "S": subscription}
        (stacks.create if number == 1 else stacks.update)({"Resources": resources})
        shown = sns.get_subscription_attributes(SubscriptionArn=stacks.physical("S"))
        known.check(f"subscription-{number}", shown, ignore=("SubscriptionPrincipal",))  # a user's there, ours the root


def test_secret_policy(stacks: Any, aws: Any) -> None:
    known = case_of("secretsmanager::test_cfn_secret_policy[default]", "cloudformation")
    statement = {"Effect": "Allow", "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, "Action": "secretsmanager:ReplicateSecretToRegions", "Resource": "*"}  # fmt: skip
    stacks.create(
        {
            "Resources": {
                "S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "x"}},
                "P": {
                    "Type": "AWS::SecretsManager::ResourcePolicy",
                    "Properties": {
                        "SecretId": {"Ref": "S"},
                        "ResourcePolicy": {"Version": "2012-10-17", "Statement": [statement]},
                    },
                },
            },
            "Outputs": {"SecretId": {"Value": {"Ref": "S"}}, "SecretPolicyArn": {"Value": {"Ref": "P"}}},
        }
    )
    known.check("outputs", stacks.outputs())
    known.check("resource_policy", aws("secretsmanager").get_resource_policy(SecretId=stacks.outputs()["SecretId"]))


def test_cors(stacks: Any, aws: Any) -> None:
    known = case_of("s3::test_cors_configuration", "cloudformation")
    required = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    full = known.answers["cors-info-optional"]["CORSRules"][0]
    optional = {"Id": full.get("ID"), "AllowedHeaders": full["AllowedHeaders"], "AllowedMethods": full["AllowedMethods"], "AllowedOrigins": full["AllowedOrigins"], "ExposedHeaders": full["ExposeHeaders"], "MaxAge": full["MaxAgeSeconds"]}  # fmt: skip
    if optional["Id"] is None:
        del optional["Id"]
    for step, rule in (("cors-info-optional", optional), ("cors-info-only-required", required)):
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {"CorsConfiguration": {"CorsRules": [rule]}}}
        (stacks.create if step.endswith("optional") else stacks.update)({"Resources": {"B": bucket}})
        known.check(step, aws("s3").get_bucket_cors(Bucket=stacks.physical("B")))


def test_tags_of_an_event_source_mapping(stacks: Any, aws: Any) -> None:
    known = case_of("cfn_resource::test_adding_tags", "lambda")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    code = {"ZipFile": "def handler(event, context): return 1\n"}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Code": code, "Handler": "index.handler", "Runtime": "python3.12", "Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
        "Queue": queue(),
        "EventSourceMapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Tags": [{"Key": "my", "Value": "tag"}]}},
    }  # fmt: skip
    stacks.create({"Resources": resources}, Capabilities=["CAPABILITY_IAM"])
    mapping = aws("lambda").list_event_source_mappings()["EventSourceMappings"][0]
    tags = aws("lambda").list_tags(Resource=mapping["EventSourceMappingArn"])
    known.check("event-source-mapping-tags", tags)
