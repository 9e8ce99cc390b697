"""The names and schemes under which clients reach us, with nothing but urllib, on one port."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

HELLO = "def handler(event, context): return {'statusCode': 200, 'body': 'hello ' + event.get('path', event.get('rawPath', ''))}"


@pytest.fixture(params=["http", "https"])
def fetch(request, undercast):
    """Fetch a path from the platform under a host name, by HTTP or HTTPS: status and body."""
    context = ssl._create_unverified_context()

    def send(url, method="GET", data=None, host="", **headers):
        parts = urlsplit(url)
        target = f"{request.param}://{urlsplit(undercast.url).netloc}{parts.path}" + (
            f"?{parts.query}" if parts.query else ""
        )
        asked = urllib.request.Request(target, data, {"Host": host or parts.netloc, **headers}, method=method)
        try:
            with urllib.request.urlopen(asked, context=context) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    send.port = urlsplit(undercast.url).port
    return send


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_presigned_put_and_get(aws, account, fetch, style):
    from botocore.config import Config  # noqa: PLC0415  beside its only use

    endpoint = {"path": {}, "virtual": {"endpoint_url": f"http://s3.localhost.localstack.cloud:{fetch.port}"}}[style]
    s3 = aws("s3", config=Config(signature_version="s3v4", s3={"addressing_style": style}), **endpoint)
    bucket = f"b{account}"
    aws("s3").create_bucket(Bucket=bucket)
    name = {"Bucket": bucket, "Key": "a b/ä.txt"}
    put = s3.generate_presigned_url("put_object", Params=name)
    assert (bucket in urlsplit(put).netloc) == (style == "virtual")
    assert fetch(put, "PUT", b"bytes")[0] == 200
    assert fetch(s3.generate_presigned_url("get_object", Params=name)) == (200, b"bytes")


@pytest.mark.parametrize(
    "domain", ["s3.localhost.localstack.cloud", "s3.us-east-1.localhost.localstack.cloud", "s3.amazonaws.com"]
)
def test_a_bucket_as_host(aws, account, fetch, domain):
    bucket, s3 = f"b{account}", aws("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k/x", Body=b"here")
    s3.delete_public_access_block(Bucket=bucket)
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": anyone}))
    assert fetch("/k/x", host=f"{bucket}.{domain}:{fetch.port}") == (200, b"here")
    assert fetch(f"/{bucket}/k/x", host=f"{domain}:{fetch.port}") == (200, b"here")


def test_an_api_as_host(aws, account, function, fetch):
    arn = function("hello", HELLO)
    client = aws("apigateway")
    api = client.create_rest_api(name="api")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    proxy = client.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    where = {"restApiId": api, "resourceId": proxy, "httpMethod": "ANY"}
    client.put_method(**where, authorizationType="NONE")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    client.create_deployment(restApiId=api, stageName="live")
    for host in (
        f"{api}.execute-api.localhost.localstack.cloud",
        f"{api}.execute-api.us-east-1.localhost.localstack.cloud",
    ):
        assert fetch("/live/x/y", host=f"{host}:{fetch.port}") == (200, b"hello /x/y")
    assert fetch(f"/restapis/{api}/live/_user_request_/x") == (200, b"hello /x")


def test_a_function_as_host(aws, function, fetch):
    function("hello", HELLO)
    url = aws("lambda").create_function_url_config(FunctionName="hello", AuthType="NONE")["FunctionUrl"]
    assert fetch(url + "x/y", host=urlsplit(url).netloc) == (200, b"hello /x/y")


def test_our_own_paths(fetch):
    assert json.loads(fetch("/_undercast/health")[1])["status"] == "running"
    assert json.loads(fetch("/_localstack/health")[1])["services"]["sqs"] in ("running", "available")
    before = json.loads(fetch("/_undercast/clock")[1])["now"]
    moved = json.loads(fetch("/_undercast/clock", "POST", b'{"advance_ms": 60000}')[1])
    assert moved["now"] - before >= 60_000 and moved["running"] is True
    for body in (b'{"advance_ms": -1}', b'{"advance_ms": "1"}', b"[]", b"{"):
        assert fetch("/_undercast/clock", "POST", body)[0] == 400
