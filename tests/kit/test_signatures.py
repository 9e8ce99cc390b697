"""Signatures: the same as botocore makes."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

from botocore.auth import HmacV1QueryAuth, S3SigV4QueryAuth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from undercast.kit import signatures
from undercast.kit.signatures import Scope

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = Credentials("AKIAEXAMPLE", SECRET)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
NAMES = st.sampled_from(["response-content-type", "versionId", "partNumber", "uploadId", "other"])
QUERIES = st.dictionaries(NAMES, TEXTS, max_size=3)
METADATA = st.dictionaries(
    st.sampled_from(["x-amz-meta-a", "x-amz-meta-b"]), st.text("abc d", max_size=9).map(str.strip), max_size=2
)
METHODS = st.sampled_from(["GET", "PUT", "DELETE"])


def asked(method, key, query, headers):
    path = "/bucket/" + quote(key, safe="/~")
    text = "&".join(f"{name}={quote(value, safe='~')}" for name, value in query.items())
    url = f"http://localhost:4566{path}" + (f"?{text}" if text else "")
    return path, AWSRequest(method=method, url=url, headers={"host": "localhost:4566", **headers})


def signed_query(request):
    return parse_qsl(urlsplit(request.url).query, keep_blank_values=True)


@given(METHODS, TEXTS, QUERIES, METADATA)
def test_version_4_for_s3(method, key, query, metadata):
    path, request = asked(method, key.replace("/", "-"), query, metadata)
    S3SigV4QueryAuth(KEYS, "s3", "eu-west-1", expires=60).add_auth(request)
    check(path, method, request, metadata, "s3", "UNSIGNED-PAYLOAD", encode_twice=False)


@given(METHODS, st.text("abc%/ ~-", max_size=9), QUERIES)
def test_version_4_for_others(method, key, query):
    key = key.replace("/", "-") + "x"
    path, request = asked(method, key, query, {})
    SigV4QueryAuth(KEYS, "sqs", "eu-west-1", expires=60).add_auth(request)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    check(path, method, request, {}, "sqs", empty, encode_twice=True)


def check(path, method, request, metadata, service, payload, *, encode_twice):
    query = dict(signed_query(request))
    rest = [(name, value) for name, value in signed_query(request) if name != "X-Amz-Signature"]
    headers = {"host": "localhost:4566", **metadata}
    signed = query["X-Amz-SignedHeaders"].split(";")
    canonical = signatures.canonical_request(method, path, rest, headers, signed, payload, encode_twice=encode_twice)
    scope = Scope(query["X-Amz-Date"][:8], "eu-west-1", service)
    text = signatures.string_to_sign(canonical, query["X-Amz-Date"], scope)
    assert signatures.sign(SECRET, scope, text) == query["X-Amz-Signature"]
    assert not signatures.same(signatures.sign(SECRET + "x", scope, text), query["X-Amz-Signature"])


@given(METHODS, TEXTS, QUERIES, METADATA)
def test_version_2(method, key, query, metadata):
    query = {name: value for name, value in query.items() if name != "other"}
    path, request = asked(method, key.replace("/", "-"), query, metadata)
    HmacV1QueryAuth(KEYS, expires=60).add_auth(request)
    found = dict(signed_query(request))
    headers = {name.lower(): value for name, value in request.headers.items()}
    text = signatures.old_string_to_sign(method, path, signed_query(request), headers, found["Expires"])
    assert signatures.old_sign(SECRET, text) == found["Signature"]
