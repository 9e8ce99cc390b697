"""Requests that are HTTP but not what the service speaks: AWS's error, in the words and the type of the protocol."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from xml.etree import ElementTree

import pytest

from tests.hostile.conftest import BODY_LIMIT
from tests.hostile.raw import CALLS

JSON = ["kms", "logs", "secretsmanager", "sqs", "ssm"]
QUERY = ["cloudformation", "iam", "sns", "sqs-query", "sts"]
REST_JSON = ["apigateway", "lambda"]
ALL = [*CALLS, "sqs-query"]
NESTED = 50_000


def error(answer):
    """Status, code and content type of an error; it must be one that the client can read."""
    status, headers, body = answer
    kind = headers["content-type"]
    assert headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")
    if "xml" in kind:
        root = ElementTree.fromstring(body)
        found = [item.text for item in root.iter() if item.tag.rpartition("}")[2] == "Code"]
        return status, found[0], kind
    code = headers.get("x-amzn-errortype") or json.loads(body)["__type"]
    return status, code.rpartition("#")[2].partition(":")[0], kind


def ask(raw, sent):
    raw.send(sent.bytes())
    return error(raw.answer())


def json_type(service):
    return "application/x-amz-json-1.0" if service == "sqs" else "application/x-amz-json-1.1"


SPOILED = [
    b"{", b"\xff\xfe", b'{"a":\x00}', b"not json", b"<xml/>", b"\xbf\xff", b'{"a": "\xff"}', b'{"x":"\\ud800"}',
    b'{"a":' * NESTED, b'{"a":' * NESTED + b"1" + b"}" * NESTED, b"[" * NESTED + b"]" * NESTED,
]  # fmt: skip


@pytest.mark.parametrize("body", SPOILED, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize("service", JSON)
def test_what_is_not_json(raw, valid, service, body):
    assert ask(raw, valid(service).but(body=body)) == (400, "SerializationException", json_type(service))


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"true"])
@pytest.mark.parametrize("service", JSON)
def test_json_that_is_no_object(raw, valid, service, body):
    assert ask(raw, valid(service).but(body=body)) == (400, "SerializationException", json_type(service))


@pytest.mark.parametrize("body", SPOILED, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize("service", REST_JSON)
def test_rest_bodies_that_are_not_json(raw, valid, service, body):
    status, code, kind = ask(raw, valid(service).but(body=body))
    assert (status, kind) == (400, "application/json")
    assert code in ("SerializationException", "InvalidRequestContentException", "BadRequestException")


@pytest.mark.parametrize(
    "body",
    [b"<", b"<a>", b"\xff\xfe<a/>", b"{}", b"<a>" * NESTED, b"<a>" * NESTED + b"</a>" * NESTED, b"<a>\x00</a>",
     b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
     b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Tagging>&x;</Tagging>'],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_not_xml(aws, account, raw, valid, body):
    bucket = f"hostile-{account}"  # of this test alone
    aws("s3").create_bucket(Bucket=bucket)
    sent = valid("s3")
    sent = sent.but(body=body, target=sent.target.replace(b"hostile-bucket", bucket.encode()))
    for name in [name for name in sent.headers if name.lower().startswith(b"x-amz-")]:
        sent = sent.header(name, None)
    assert ask(raw, sent)[:2] == (400, "MalformedXML")


FORMS = {
    b"": "MissingAction", b"\xff\xfe": "MissingAction", b"&&&===": "MissingAction", b"Action=": "MissingAction",
    b"Action=Nothing&Version=2012-11-05": "InvalidAction", b"Action=%00%ff": "InvalidAction",
}  # fmt: skip


@pytest.mark.parametrize(
    ("service", "body"),  # an unsigned form for SQS tells by its version alone that it is
    [(service, body) for service in QUERY for body in FORMS if service != "sqs-query" or b"Version" in body],
)
def test_forms_without_a_known_action(raw, valid, service, body):
    assert ask(raw, valid(service).but(body=body)) == (400, FORMS[body], "text/xml")


@pytest.mark.parametrize("service", QUERY)
def test_forms_that_are_too_deep_or_too_many(raw, valid, service):
    good = valid(service)
    deep, many = good.body + b"&" + b"a." * NESTED + b"b=1", good.body + b"&x=1" * 200_000
    for body in (deep, many):
        status, code, kind = ask(raw, good.but(body=body))
        assert (status, code, kind) == (400, "MalformedInput", "text/xml")


@pytest.mark.parametrize("service", JSON)
def test_unknown_targets(raw, valid, service):
    good = valid(service)
    [target] = [value for name, value in good.headers.items() if name.lower() == b"x-amz-target"]
    for wrong in (target.rpartition(b".")[0] + b".Nothing", target + b"\xff"):
        answer = ask(raw, good.header(b"X-Amz-Target", wrong))
        assert answer[:2] == (400, "UnknownOperationException")


@pytest.mark.parametrize("target", [b".", b"", b"a.b.c.d", b"Nothing.Nothing", b"\xff\xff", b"x" * 5000])
def test_targets_of_no_service_do_not_leave_the_signed_one(raw, valid, target):
    status, code, _ = ask(raw, valid("ssm").header(b"X-Amz-Target", target))
    assert 400 <= status < 500 and code


@pytest.mark.parametrize("method", [b"PUT", b"DELETE", b"PATCH", b"GET"])
@pytest.mark.parametrize("service", REST_JSON)
def test_unknown_paths(raw, valid, service, method):
    status, code, kind = ask(raw, valid(service).but(method=method, target=b"/no/such/path/at/all"))
    assert 400 <= status < 500 and code and kind == "application/json"


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("sqs", b'{"QueueName": {"a": 1}}'), ("sqs", b'{"QueueName": "q", "Attributes": [1]}'),
        ("ssm", b'{"Name": 1, "Value": [], "Type": {}}'), ("kms", b'{"Tags": {"a": 1}}'),
        ("logs", b'{"logEvents": "x"}'), ("logs", b'{"logEvents": [{"timestamp": "x"}]}'),
        ("secretsmanager", b'{"SecretBinary": "%%%"}'),
    ],
)  # fmt: skip
def test_wrong_types(raw, valid, service, body):
    assert ask(raw, valid(service).but(body=body)) == (400, "SerializationException", json_type(service))


@pytest.mark.parametrize("number", [b"99999999999999999999999999", b"1e400", b"-1e999", b"1" * 400, b"NaN", b"0.5"])
@pytest.mark.parametrize("service", ["logs", "lambda"])
def test_numbers_beyond_all_bounds(raw, valid, service, number):
    body = b'{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":%b,"message":"m"}]}'
    if service == "lambda":
        body = b'{"FunctionName":"f","Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":"eA=="},"Timeout":%b}'
    status, code, _ = ask(raw, valid(service).but(body=body % number))
    assert (status, code) != (500, "InternalFailure") and 400 <= status < 500


@pytest.mark.parametrize("service", ALL)
def test_missing_bodies(raw, valid, service):
    raw.send(valid(service).but(body=b"").bytes())
    assert raw.answer()[0] < 500


@pytest.mark.parametrize("service", ALL)
def test_bodies_that_are_too_large(raw, valid, service):
    """By what they declare, so that nothing of it needs to be sent."""
    head = valid(service).but(body=b"").bytes().replace(b"Content-Length: 0", b"Content-Length: %d" % (BODY_LIMIT + 1))
    raw.send(head)
    assert raw.answer()[0] == 413
    assert raw.rest() == b""


SIGNATURES = [
    b"AWS4-HMAC-SHA256", b"AWS4-HMAC-SHA256 Credential=", b"AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=x, Signature=y",
    b"AWS4-HMAC-SHA256 Credential=////, SignedHeaders=x, Signature=y",
    b"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/SERVICE/aws4_request",
    b"AWS4-HMAC-SHA256 " + b"," * 5000, b"AWS4-ECDSA-P256-SHA256 Credential=\xff",
]  # fmt: skip


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda value: repr(value[:40]))
@pytest.mark.parametrize("service", ALL)
def test_signatures_of_a_wrong_shape(raw, valid, service, signature):
    status, code, _ = ask(raw, valid(service).header(b"Authorization", signature))
    assert status in (400, 403) and code in (
        "IncompleteSignatureException",
        "IncompleteSignature",
        "AuthorizationHeaderMalformed",
    )


@pytest.mark.parametrize(
    "content", [b"1", b"[]", b"[1,2,3,4,5,6]", b'["a","b","c","d","e",null]', b"\xff", b'["1","b","c","d",[],{}]']
)
def test_forged_session_tokens(raw, valid, content):
    token = b"UndercastSession." + urlsafe_b64encode(content)
    raw.send(valid("sts").header(b"X-Amz-Security-Token", token).bytes())
    assert raw.answer()[0] < 500


STRANGE = [b"Basic x", b"", b"Bearer", b"\xff\xff", b"AWS :", b"AWS a:b", b"AWS4-HMAC-SHA256x"]


@pytest.mark.parametrize("value", STRANGE)
@pytest.mark.parametrize("service", ALL)
def test_other_authorizations(raw, valid, service, value):
    raw.send(valid(service).header(b"Authorization", value).bytes())
    assert raw.answer()[0] < 500


TARGETS = [b"/%ff%fe", b"/%00", b"/a%00b/c", b"/\xff\xfe", b"/\xc3\xa9", b"/..//../..%2f..%2fetc/passwd", b"/?%ff=%00&&=",
           b"/%", b"/%zz", b"/" + b"a/" * 5000, b"//", b"/b/k?versionId=%00", b"/?list-type=\xff", b"/b?tagging&acl&policy"]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS, ids=lambda value: repr(value[:20]))
@pytest.mark.parametrize("service", ALL)
def test_strange_paths(connect, valid, service, target):
    for method in (b"GET", b"PUT", b"POST", b"DELETE", b"HEAD", b"OPTIONS"):
        raw = connect()
        sent = valid(service).but(method=method, target=target).header(b"Connection", b"close")
        raw.send(sent.bytes())
        status = int(raw.rest().split(b" ", 2)[1])
        assert status < 500 or status == 501


@pytest.mark.parametrize("path", [b"/_undercast/clock", b"/_undercast/nothing", b"/_localstack/health/../x", b"/_aws/sns/x",
                                  b"/_aws/execute-api/x/y", b"/_aws/lambda-url/x", b"/restapis/x/y/_user_request_/z",
                                  b"/_aws/lambda/code/x", b"/_aws/cloudformation/x"])  # fmt: skip
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"advance_ms": -1}', b'{"advance_ms": "x"}', b'{"advance_ms": true}']
)
def test_our_own_paths(raw, valid, path, body):
    raw.send(valid("sns").but(target=path, body=body).header(b"Authorization", None).bytes())
    status, _, _ = raw.answer()
    assert status < 500


@pytest.mark.parametrize("name", [b"X-Amz-Date", b"X-Amz-Security-Token", b"Content-Type", b"Host", b"X-Amz-Content-SHA256",
                                  b"Content-Encoding", b"Origin", b"Range", b"Content-MD5", b"X-Amz-Copy-Source"])  # fmt: skip
@pytest.mark.parametrize("service", ALL)
def test_strange_headers(connect, valid, service, name):
    for value in (b"\xff\xfe", b"\xc3\xa9", b"x" * 8000, b"%ff", b"\x01\x02", b"", b"gzip", b"bytes=-"):
        raw = connect()
        raw.send(valid(service).header(name, value).header(b"Connection", b"close").bytes())
        status = int(raw.rest().split(b" ", 2)[1])
        assert status < 500 or status == 501


def test_text_with_nul_is_kept_or_refused(aws):
    """JSON may say what no text column of PostgreSQL may hold."""
    url = aws("sqs").create_queue(QueueName="q")["QueueUrl"]
    refused = pytest.raises(aws("sqs").exceptions.ClientError)
    with refused as caught:
        aws("sqs").send_message(QueueUrl=url, MessageBody="a\x00b")
    assert caught.value.response["Error"]["Code"] == "InvalidMessageContents"
