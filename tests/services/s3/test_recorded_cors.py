"""What AWS answered to web pages."""

from __future__ import annotations

import http.client
from xml.etree import ElementTree

import pytest

from tests.recorded import recorded

OURS = (
    "date",
    "server",
    "x-amz-id-2",
    "x-amz-request-id",
    "Connection",
    "Transfer-Encoding",
    "content-length",
    "last-modified",
)


class Page:
    """Speaks as a browser does, and tells answers as they were recorded."""

    def __init__(self, undercast, bucket):
        self._host = undercast.url.removeprefix("http://")
        self._bucket = bucket

    def __call__(self, method, origin=None, key="/test-cors", **headers):
        connection = http.client.HTTPConnection(self._host)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"/{self._bucket}{key}", headers={**sent, **({"Origin": origin} if origin else {})})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        if body.startswith("<?xml"):
            body = {"Error": {child.tag: child.text for child in ElementTree.fromstring(body)}}
        return {"Body": body, "Headers": dict(answer.getheaders()), "StatusCode": answer.status}


@pytest.fixture
def page(s3, bucket, undercast, let_all):
    let_all(bucket, "s3:GetObject")
    s3.put_object(Bucket=bucket, Key="test-cors", Body="test-cors", ContentType="binary/octet-stream")
    return Page(undercast, bucket)


def compare(case, step, answer):
    """Header names in lower case, without those that any server sends; who asked is in no recording."""
    want = case.answers[step]
    ours = {name.lower() for name in OURS}
    for one in (want, answer):
        one["Headers"] = {
            name.lower(): value for name, value in one["Headers"].items()
            if name.lower() not in ours and not name.lower().startswith("x-amz-checksum")
        }  # fmt: skip
    case.check(step, answer, ignore=("HostId", "RequestId", "content-length"))


def test_no_configuration(page):
    case = recorded("s3_cors::TestS3Cors::test_cors_http_options_no_config", "s3")
    case.check("options-no-origin", page("OPTIONS")["Body"], ignore=("HostId",))
    answer = page("OPTIONS", "https://whatever.example")
    case.check("options-with-origin-no-method", answer["Body"], ignore=("HostId",))
    answer = page("OPTIONS", "https://whatever.example", Access_Control_Request_Method="PUT")
    case.check("options-with-origin-and-method", answer["Body"], ignore=("HostId",))


def test_no_bucket(undercast):
    case = recorded("s3_cors::TestS3Cors::test_cors_http_options_non_existent_bucket", "s3")
    page = Page(undercast, "no-such-bucket-at-all")
    case.check("options-no-origin", page("OPTIONS")["Body"], ignore=("HostId",))
    case.check("options-with-origin", page("OPTIONS", "https://whatever.example")["Body"], ignore=("HostId",))


def test_origins(s3, bucket, page):
    case = recorded("s3_cors::TestS3Cors::test_cors_match_origins", "s3")
    origin = "https://localhost:4200"

    def rule(allowed):
        rules = [
            {
                "AllowedOrigins": [allowed],
                "AllowedMethods": ["GET", "PUT"],
                "MaxAgeSeconds": 3000,
                "AllowedHeaders": ["*"],
            }
        ]
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})

    rule(origin)
    compare(case, "opt-no-origin", page("OPTIONS"))
    compare(case, "get-no-origin", page("GET"))
    compare(case, "opt-referer", page("OPTIONS", Referer=origin))
    compare(case, "get-referer", page("GET", Referer=origin))
    compare(case, "opt-right-origin", page("OPTIONS", origin, Access_Control_Request_Method="PUT"))
    compare(case, "get-right-origin", page("GET", origin))
    wrong = "http://localhost:4200"
    compare(case, "opt-wrong-origin", page("OPTIONS", wrong, Access_Control_Request_Method="PUT"))
    compare(case, "get-wrong-origin", page("GET", wrong))
    rule("*")
    compare(
        case, "opt-random-wildcard-origin", page("OPTIONS", "http://any.where", Access_Control_Request_Method="PUT")
    )
    compare(case, "get-random-wildcard-origin", page("GET", "http://any.where"))


def test_headers(s3, bucket, page):
    case = recorded("s3_cors::TestS3Cors::test_cors_match_headers", "s3")
    origin = "https://localhost:4200"

    def rule(*allowed):
        rules = [
            {"AllowedOrigins": [origin], "AllowedMethods": ["GET"], "MaxAgeSeconds": 3000, "AllowedHeaders": allowed}
        ]
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})

    def preflight(*asked, by=", "):
        return page(
            "OPTIONS", origin, Access_Control_Request_Method="GET", Access_Control_Request_Headers=by.join(asked)
        )

    payer, owner, sse = "x-amz-request-payer", "x-amz-expected-bucket-owner", "x-amz-server-side-encryption"
    rule("*")
    compare(case, "opt-get", preflight(payer))
    compare(case, "opt-get-two", preflight(payer, owner))
    compare(case, "get-op", page("GET", origin, **{payer: "requester"}))
    casing = (owner, "x-amz-server-side-encryption-customer-algorithm", "x-AMZ-server-SIDE-encryption")
    rule(*casing)
    case.check("get-bucket-cors-casing", s3.get_bucket_cors(Bucket=bucket))
    compare(case, "opt-get-non-allowed", preflight(payer))
    compare(case, "opt-get-allowed", preflight(owner))
    compare(case, "opt-get-allowed-diff-casing", preflight(owner, sse))
    compare(case, "opt-get-allowed-no-space", preflight(owner, sse, by=","))
    compare(case, "get-non-allowed", page("GET", origin, **{payer: "requester"}))
    compare(case, "get-non-allowed-with-acl", page("GET", origin, Access_Control_Request_Headers=payer))


def test_local_page_needs_no_configuration(page):
    answer = page("GET", "http://localhost:3000")
    assert answer["Headers"]["Access-Control-Allow-Origin"] == "http://localhost:3000"
