"""Integrations with S3: binary bodies, and every method."""

from __future__ import annotations

import base64
import gzip
import json
from ast import literal_eval
from xml.etree import ElementTree as ET

import pytest

from tests.services.apigateway.cases import api_case, patch

_CASE = "apigateway_s3::TestApiGatewayS3BinarySupport::test_apigw_s3_binary_support"
_TEXT = b"this is a UTF8 text typed object"


@pytest.fixture
def s3(aws):
    return aws("s3")


@pytest.fixture
def bucket(s3, account):
    s3.create_bucket(Bucket=f"bucket-{account}")
    return f"bucket-{account}"


def raw_payload():
    """The bytes that were recorded: what a step's base64 says."""
    answers = api_case(f"{_CASE}_request[CONVERT_TO_TEXT]").answers
    return base64.b64decode(literal_eval(answers["get-obj-binary-type-binary-raw"]["Body"]))


_RAW = raw_payload()
_ENCODED = base64.b64encode(_RAW)
assert b"compressed" in gzip.decompress(_RAW)


def store(api, bucket, account, **integration):
    """ANY /{object_path} goes to the bucket."""
    declared = ("path.object_path", "header.Content-Type", "header.response-content-type")
    where = api.method(
        "ANY", "/{object_path+}", requestParameters={f"method.request.{name}": False for name in declared}
    )
    answer = api.client.put_integration(
        **where, type="AWS", integrationHttpMethod="ANY", uri=f"arn:aws:apigateway:us-east-1:s3:path/{bucket}/{{object_path}}",
        credentials=f"arn:aws:iam::{account}:role/r",
        requestParameters={
            "integration.request.path.object_path": "method.request.path.object_path",
            "integration.request.header.Content-Type": "method.request.header.Content-Type",
            "integration.request.querystring.response-content-type": "method.request.header.response-content-type",
        },
        **integration,
    )  # fmt: skip
    return where, answer


def respond(api, where, **settings):
    parameters = {"method.response.header.ETag": "integration.response.header.ETag"}
    api.respond(where, responseParameters=parameters, **settings)


def set_binary(apigateway, api):
    operations = [patch("add", "/binaryMediaTypes/image~1png")]
    apigateway.update_rest_api(restApiId=api.id, patchOperations=operations)


@pytest.mark.parametrize("handling", ["CONVERT_TO_TEXT", None])
def test_request_bodies(api, apigateway, account, s3, bucket, handling):
    case = api_case(f"{_CASE}_request[{handling}]")
    where, answer = store(api, bucket, account, **({"contentHandling": handling} if handling else {}))
    case.check("put-integration", answer)
    respond(api, where)
    api.deploy()

    def check(step, payload, content_type):
        assert api.ask("PUT", f"/{step}", payload, {"Content-Type": content_type}).status == 200
        found = s3.get_object(Bucket=bucket, Key=step)["Body"].read()
        wanted = case.answers[step]["Body"]
        assert found == (literal_eval(wanted) if wanted.startswith("b'") else wanted.encode())

    payloads = {"text": _TEXT, "binary-raw": _RAW, "binary-encoded": _ENCODED}
    for kind, payload in payloads.items():
        check(f"get-obj-no-binary-media-{kind}", payload, "image/png")
    set_binary(apigateway, api)
    api.deploy()
    for kind, payload in payloads.items():
        check(f"get-obj-binary-type-{kind}", payload, "image/png")
        check(f"get-obj-text-type-{kind}", payload, "text/plain")


@pytest.mark.parametrize(
    ("name", "handling"), [("convert_to_binary", "CONVERT_TO_BINARY"), ("no_content_handling", None)]
)
def test_response_bodies(api, apigateway, account, s3, bucket, name, handling):
    case = api_case(f"{_CASE}_response_{name}")
    for key, body in (("raw", _RAW), ("encoded", _ENCODED), ("text", _TEXT)):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    where, _ = store(api, bucket, account)
    respond(api, where, **({"contentHandling": handling} if handling else {}))
    api.deploy()

    def check(step, key, payload, accept):
        if step in case.answers:
            headers = {"Accept": accept, "response-content-type": payload}
            reply = api.ask("GET", f"/{key}", headers=headers)
            assert reply.status == 200
            case.check(step, {"content": str(reply.body), "etag": reply.headers["etag"]})

    kinds = {"binary": "image/png", "text": "text/plain"}
    for key in ("raw", "encoded", "text"):
        check(f"{key}-no-media", key, "image/png", "image/png")
    set_binary(apigateway, api)
    api.deploy()
    for key in ("raw", "encoded", "text"):
        for payload, media in kinds.items():
            for accept, accepted in kinds.items():
                check(f"{key}-payload-{payload}-accept-{accept}", key, media, accepted)


def test_every_method(api, account, s3, bucket):
    case = api_case("apigateway_s3::test_apigateway_s3_any")
    where, _ = store(api, bucket, account)
    respond(api, where)
    api.deploy()

    def error():
        reply = api.ask("GET", "/test.json")
        return {"Error": {element.tag: element.text for element in ET.fromstring(reply.text)}}

    case.check("get-object-empty", error())
    for number in (1, 2):
        assert api.ask("PUT", "/test.json", json.dumps({"put_id": number})).status == 200
        case.check(f"get-object-{number}", api.ask("GET", "/test.json").json())
    assert api.ask("DELETE", "/test.json").status == 200
    case.check("get-object-deleted", error())
    with pytest.raises(s3.exceptions.NoSuchKey) as missing:
        s3.get_object(Bucket=bucket, Key="test.json")
    case.check("get-object-s3", missing.value)
