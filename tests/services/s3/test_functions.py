"""Functions that objects are sent to, or that make them: as AWS answered."""

from __future__ import annotations

import io
import sys
import time
import urllib.request
import zipfile

import pytest

from tests.recorded import recorded

_IGNORED = ("sequencer", "x-amz-id-2", "x-amz-request-id", "eTag")

TO_TABLE = """
import boto3, os
from boto3.dynamodb.types import TypeSerializer

def handler(event, context):
    table = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    for record in event["Records"]:
        item = {"uuid": {"S": record["s3"]["object"]["key"]}, "data": TypeSerializer().serialize(record)}
        table.put_item(TableName="records", Item=item)
"""
TO_BUCKET = """
import boto3, os

def handler(event, context):
    boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"]).put_object(Bucket=event["bucket"], Key="made")
"""


@pytest.fixture
def function(aws):
    """Makes a function; its ARN."""
    client = aws("lambda")

    def make(code):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("handler.py", code)
        made = client.create_function(
            FunctionName="function",
            Runtime=f"python3.{sys.version_info[1]}",
            Role="arn:aws:iam::111111111111:role/role",
            Handler="handler.handler",
            Timeout=20,
            Code={"ZipFile": package.getvalue()},
        )
        client.get_waiter("function_active_v2").wait(FunctionName="function", WaiterConfig={"Delay": 0.01})
        return made["FunctionArn"]

    return make


@pytest.fixture
def told(aws, s3, bucket, function):
    """A function that keeps its records in a table; gives those, sorted by the objects' keys, once there are so many."""
    table = aws("dynamodb")
    table.create_table(
        TableName="records",
        KeySchema=[{"AttributeName": "uuid", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "uuid", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.get_waiter("table_exists").wait(TableName="records", WaiterConfig={"Delay": 0})
    one = {"LambdaFunctionArn": function(TO_TABLE), "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [one]}
    )

    def read(count):
        end = time.monotonic() + 20
        while len(items := table.scan(TableName="records", ConsistentRead=True)["Items"]) < count:
            assert time.monotonic() < end
        return sorted(items, key=lambda item: item["uuid"]["S"])

    return read


def test_record_of_a_put(s3, bucket, told):
    """test_create_object_put_via_dynamodb"""
    s3.put_object(Bucket=bucket, Key="key", Body=b"hello world")
    recorded("s3_notifications_lambda::TestS3NotificationsToLambda::test_create_object_put_via_dynamodb", "s3").check(
        "table_content", told(1)[0]["data"], _IGNORED
    )


def test_records_of_a_form_and_a_presigned_put(s3, bucket, told):
    """test_create_object_by_presigned_request_via_dynamodb"""
    form = s3.generate_presigned_post(Bucket=bucket, Key="by-form")
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    ]
    lines.append(
        '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nthe content here\r\n--x--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    urllib.request.urlopen(urllib.request.Request(form["url"], "".join(lines).encode(), headers)).close()
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "by-url"})
    urllib.request.urlopen(urllib.request.Request(url, b"the content here", method="PUT")).close()
    found = [{"data": item["data"], "uuid": {"S": str(at)}} for at, item in enumerate(told(2))]
    case = "s3_notifications_lambda::TestS3NotificationsToLambda::test_create_object_by_presigned_request_via_dynamodb"
    recorded(case, "s3").check("items", found, (*_IGNORED, "key"))


def test_object_that_a_function_made(aws, s3, bucket, function):
    """test_s3_lambda_integration"""
    function(TO_BUCKET)
    answer = aws("lambda").invoke(FunctionName="function", Payload=f'{{"bucket": "{bucket}"}}')
    assert "FunctionError" not in answer, answer["Payload"].read()
    recorded("s3::TestS3::test_s3_lambda_integration", "s3").check(
        "head_object", s3.head_object(Bucket=bucket, Key="made")
    )
