"""From a topic to a function."""

from __future__ import annotations

import io
import json
import sys
import zipfile

import pytest

from tests.recorded import recorded

RUNTIME = f"python3.{sys.version_info[1]}"
CODE = """
def handler(event, context):
    if '"raise_error": 1' in event["Records"][0]["Sns"]["Message"]:
        raise Exception("Test exception (this is intentional)")
"""


@pytest.fixture
def function(aws):
    """A function that fails when it is told to, and is not tried again."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("failing.py", CODE)
    client = aws("lambda")

    def make(dead_letters):
        made = client.create_function(
            FunctionName="failing", Runtime=RUNTIME, Handler="failing.handler", Code={"ZipFile": package.getvalue()},
            Role="arn:aws:iam::000000000000:role/x", DeadLetterConfig={"TargetArn": dead_letters},
        )  # fmt: skip
        client.get_waiter("function_active_v2").wait(FunctionName="failing", WaiterConfig={"Delay": 0.01})
        client.put_function_event_invoke_config(FunctionName="failing", MaximumRetryAttempts=0)
        return made

    return make


def test_sns_topic_as_lambda_dead_letter_queue(sns, sqs, topic, listener, subscribe, function, settle):
    case = recorded("sns::TestSNSSubscriptionLambda::test_sns_topic_as_lambda_dead_letter_queue")
    letters = sns.create_topic(Name="letters")["TopicArn"]
    made = function(letters)
    case.check("lambda-response-dlq-config", made["DeadLetterConfig"])
    subscribe(topic, made["FunctionArn"], "lambda")
    subscribe(letters, listener)
    sns.publish(TopicArn=topic, Message=json.dumps({"raise_error": 1}))
    settle()
    answer = sqs.receive_message(QueueUrl=listener.url, WaitTimeSeconds=10)
    case.check("messages", answer)


def test_missing_function_is_a_dead_letter(sns, topic, account, make_queue, subscribe):
    dead = make_queue("dead")
    arn = f"arn:aws:lambda:us-east-1:{account}:function:none"
    subscribe(topic, arn, "lambda", RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
    sns.publish(TopicArn=topic, Message="lost")
    assert dead.messages() == ["lost"]
