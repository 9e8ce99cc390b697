"""Events on their way through several services."""

from __future__ import annotations

import json
import urllib.request

FORWARD = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(event))
"""


def test_a_topic_reaches_queues_and_functions_by_their_filters(aws, function, make_queue, take):
    """Publish -> SNS -> SQS, Lambda; a filter policy; a subscription whose target is gone goes to its DLQ."""
    sns = aws("sns")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    everything, all_arn = make_queue("everything")
    large, large_arn = make_queue("large")
    dead, dead_arn = make_queue("dead")
    out, _ = make_queue("out")
    gone = function("gone", "def handler(event, context): pass")
    worker = function("worker", FORWARD, Environment={"Variables": {"OUT": out}})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=all_arn, Attributes={"RawMessageDelivery": "true"})
    policy = json.dumps({"total": [{"numeric": [">", 100]}]})
    attributes = {"FilterPolicy": policy, "FilterPolicyScope": "MessageBody", "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=large_arn, Attributes=attributes)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=worker)
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn})}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=gone, Attributes=redrive)
    aws("lambda").delete_function(FunctionName="gone")
    for total in (50, 500):
        sns.publish(TopicArn=topic, Message=json.dumps({"total": total}))
    assert sorted(body["total"] for body in take(everything, 2)) == [50, 500]
    assert take(large) == [{"total": 500}]
    seen = [json.loads(event["Records"][0]["Sns"]["Message"])["total"] for event in take(out, 2)]
    assert sorted(seen) == [50, 500]
    assert sorted(json.loads(body["Message"])["total"] for body in take(dead, 2)) == [50, 500]


PICKY = """
import json
def handler(event, context):
    bad = [r["messageId"] for r in event["Records"] if json.loads(r["body"])["amount"] < 0]
    return {"batchItemFailures": [{"itemIdentifier": i} for i in bad]}
"""


def test_an_api_feeds_a_queue_whose_bad_messages_come_back(
    aws, account, undercast, function, make_queue, take, sqs, clock
):
    """API Gateway -> SQS with VTL -> event source mapping with partial failures -> DLQ -> move task."""
    dead, dead_arn = make_queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url, arn = make_queue("payments", VisibilityTimeout="30", RedrivePolicy=redrive)
    function("picky", PICKY)
    mapping = aws("lambda").create_event_source_mapping(
        FunctionName="picky", EventSourceArn=arn, BatchSize=2, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    pay = _api_to_queue(aws("apigateway"), account, undercast.url)
    pay({"amount": 5})
    pay({"amount": -1})
    assert left(sqs, url) == ("0", "1")
    clock.advance(seconds=31)
    [failed] = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=20)["Messages"]
    assert json.loads(failed["Body"]) == {"amount": -1}
    aws("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    clock.advance(seconds=31)
    sqs.start_message_move_task(SourceArn=dead_arn)
    assert take(url) == [{"amount": -1}]


def left(sqs, url):
    """How many messages are visible and in flight once only the bad one is left."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    for _ in range(3000):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        counts = tuple(attributes[name] for name in names)
        if counts == ("0", "1"):
            break
    return counts


def _api_to_queue(client, account, url):
    api = client.create_rest_api(name="front")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    where = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
    client.put_method(**where, authorizationType="NONE")
    client.put_integration(
        **where, type="AWS", integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:sqs:path/{account}/payments", credentials="arn:aws:iam::111111111111:role/r",
        requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
        passthroughBehavior="NEVER",
    )  # fmt: skip
    client.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": ""})
    client.put_method_response(**where, statusCode="200")
    client.create_deployment(restApiId=api, stageName="live")

    def post(value):
        address = f"{url}/restapis/{api}/live/_user_request_/"
        request = urllib.request.Request(address, json.dumps(value).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
            return answer.read()

    return post


UNPACK = """
import base64, boto3, gzip, json, os
def handler(event, context):
    text = gzip.decompress(base64.b64decode(event["awslogs"]["data"])).decode()
    boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=text)
"""


def test_logs_reach_a_function_by_their_filter(aws, account, function, make_queue, take):
    out, _ = make_queue("out")
    arn = function("unpack", UNPACK, Environment={"Variables": {"OUT": out}})
    aws("lambda").add_permission(
        FunctionName="unpack", StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com"
    )
    logs = aws("logs")
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="s")
    logs.put_subscription_filter(logGroupName="app", filterName="errors", filterPattern="ERROR", destinationArn=arn)
    [stream] = logs.describe_log_streams(logGroupName="app")["logStreams"]
    now = stream["creationTime"]  # by the platform's clock, which other tests have moved
    events = [{"timestamp": now, "message": "all well"}, {"timestamp": now, "message": "ERROR: not well"}]
    logs.put_log_events(logGroupName="app", logStreamName="s", logEvents=events)
    for _ in range(3):
        [data] = take(out)
        if data["messageType"] == "DATA_MESSAGE":
            break
    assert [event["message"] for event in data["logEvents"]] == ["ERROR: not well"]
    assert (data["owner"], data["logGroup"], data["subscriptionFilters"]) == (account, "app", ["errors"])


SECRETS = """
import boto3, json, os
def handler(event, context):
    secret = boto3.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"]
    kms = boto3.client("kms")
    sealed = kms.encrypt(KeyId=os.environ["KEY"], Plaintext=secret.encode())["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=sealed)["Plaintext"].decode()
    who = boto3.client("sts").get_caller_identity()
    return {"opened": opened, "arn": who["Arn"], "account": who["Account"]}
"""


def test_a_function_uses_secrets_and_keys_under_its_role(aws, account, function):
    aws("secretsmanager").create_secret(Name="db", SecretString="hunter2")
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = aws("iam").create_role(RoleName="safe-role", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    function("safe", SECRETS, Environment={"Variables": {"KEY": key}}, Role=role["Role"]["Arn"])
    answer = aws("lambda").invoke(FunctionName="safe")
    result = json.loads(answer["Payload"].read())
    assert result["opened"] == "hunter2"
    assert result["account"] == account
    assert result["arn"] == f"arn:aws:sts::{account}:assumed-role/safe-role/safe"
