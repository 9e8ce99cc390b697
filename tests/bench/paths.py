"""The paths that are measured: what is made first, and what is then said over each connection."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import quote

import orjson

from tests.bench.load import always, in_turn, json_request, request

HANDLER = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n"
ROLE = "arn:aws:iam::000000000000:role/bench"


def send_message(body: int = 100, queue: str = "queue") -> Any:
    text = orjson.dumps({"QueueUrl": _url(queue), "MessageBody": "x" * body})
    return always(json_request("sqs", "AmazonSQS.SendMessage", text))


def receive_and_delete(queue: str = "queue") -> Any:
    receive = json_request("sqs", "AmazonSQS.ReceiveMessage", orjson.dumps({"QueueUrl": _url(queue)}))

    def delete(answer: bytes) -> bytes:
        handle = orjson.loads(answer)["Messages"][0]["ReceiptHandle"]
        return json_request(
            "sqs", "AmazonSQS.DeleteMessage", orjson.dumps({"QueueUrl": _url(queue), "ReceiptHandle": handle})
        )

    return in_turn(lambda _: receive, delete)


def tens(queue: str = "queue") -> Any:
    """Send 10, receive 10, delete 10."""
    entries = [{"Id": str(n), "MessageBody": "x" * 100} for n in range(10)]
    send = json_request(
        "sqs", "AmazonSQS.SendMessageBatch", orjson.dumps({"QueueUrl": _url(queue), "Entries": entries})
    )
    receive = json_request(
        "sqs", "AmazonSQS.ReceiveMessage", orjson.dumps({"QueueUrl": _url(queue), "MaxNumberOfMessages": 10})
    )

    def delete(answer: bytes) -> bytes:
        handles = [message["ReceiptHandle"] for message in orjson.loads(answer)["Messages"]]
        entries = [{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(handles)]
        body = orjson.dumps({"QueueUrl": _url(queue), "Entries": entries})
        return json_request("sqs", "AmazonSQS.DeleteMessageBatch", body)

    return in_turn(lambda _: send, lambda _: receive, delete)


def publish(topic: str) -> Any:
    arn = quote(f"arn:aws:sns:us-east-1:000000000000:{topic}", safe="")
    form = f"Action=Publish&Version=2010-03-31&TopicArn={arn}&Message={'x' * 100}".encode()
    return always(
        request("POST", "/", form, service="sns", Content_Type="application/x-www-form-urlencoded; charset=utf-8")
    )


def put_object(size: int) -> Any:
    names = iter(range(10**9))

    def talk(_: bytes) -> bytes:
        return request(
            "PUT", f"/bucket/new-{next(names)}", b"x" * size, service="s3", X_Amz_Content_SHA256="UNSIGNED-PAYLOAD"
        )

    return in_turn(talk)


def get_object(key: str) -> Any:
    return always(request("GET", f"/bucket/{key}", service="s3"))


def invoke(function: str = "function") -> Any:
    return always(request("POST", f"/2015-03-31/functions/{function}/invocations", b"{}", service="lambda"))


def api_call(api: str) -> Any:
    return always(request("GET", f"/restapis/{api}/prod/_user_request_/hello"))


def prepare(clients: Any) -> dict[str, str]:
    """Make what the paths need; the ids that only now are known."""
    sqs, sns, s3 = clients("sqs"), clients("sns"), clients("s3")
    sqs.create_queue(QueueName="queue")
    for topic, queues in (("one", 1), ("ten", 10)):
        arn = sns.create_topic(Name=topic)["TopicArn"]
        for n in range(queues):
            sqs.create_queue(QueueName=f"{topic}-{n}")
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{topic}-{n}")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="small", Body=b"x" * 1024)
    s3.put_object(Bucket="bucket", Key="large", Body=b"x" * 2**20)
    make_function(clients, "function")
    return {"api": _api(clients)}


def prepare_queue(clients: Any) -> None:
    clients("sqs").create_queue(QueueName="queue")


def make_function(clients: Any, name: str, code: str = HANDLER) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", code)
    aws_lambda = clients("lambda")
    aws_lambda.create_function(
        FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=ROLE, Code={"ZipFile": archive.getvalue()}
    )
    aws_lambda.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def stack_of_sixty() -> str:
    """A template of 20 queues, 20 topics and 20 subscriptions."""
    resources: dict[str, Any] = {}
    for n in range(20):
        resources[f"Queue{n}"] = {"Type": "AWS::SQS::Queue"}
        resources[f"Topic{n}"] = {"Type": "AWS::SNS::Topic"}
        resources[f"Subscription{n}"] = {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "Protocol": "sqs",
                "TopicArn": {"Ref": f"Topic{n}"},
                "Endpoint": {"Fn::GetAtt": [f"Queue{n}", "Arn"]},
            },
        }
    return orjson.dumps({"Resources": resources}).decode()


def _api(clients: Any) -> str:
    gateway = clients("apigateway")
    api: str = gateway.create_rest_api(name="bench")["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    path = gateway.create_resource(restApiId=api, parentId=root["id"], pathPart="hello")["id"]
    gateway.put_method(restApiId=api, resourceId=path, httpMethod="GET", authorizationType="NONE")
    uri = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:000000000000:function:function/invocations"
    )
    gateway.put_integration(
        restApiId=api, resourceId=path, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri
    )
    gateway.create_deployment(restApiId=api, stageName="prod")
    return api


def _url(queue: str) -> str:
    return f"http://127.0.0.1:4566/000000000000/{queue}"
