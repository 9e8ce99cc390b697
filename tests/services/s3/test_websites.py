"""Buckets as websites: what a browser gets, and what a configuration may not say."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.recorded import recorded

from .answers import attempt

INDEX = {"IndexDocument": {"Suffix": "index.html"}}


@pytest.fixture
def make_public(s3):
    def allow(bucket):
        s3.delete_public_access_block(Bucket=bucket)
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    return allow


@pytest.fixture
def site(s3, bucket, make_public):
    """Makes the bucket a website with these pages."""

    def make(configuration=None, **pages):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration or INDEX)
        make_public(bucket)
        for key, text in pages.items():
            s3.put_object(Bucket=bucket, Key=key.replace("__", "/"), Body=text, ContentType="text/html")
        return bucket

    return make


@pytest.fixture
def browse(undercast):
    """One request to a bucket's website, without following redirects: status, headers, body."""

    def get(bucket, path="/", method="GET", host="s3-website.us-east-1.localhost", **headers):
        connection = http.client.HTTPConnection(urlsplit(undercast.url).netloc)
        connection.request(method, path, headers={"Host": f"{bucket}.{host}", **headers})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    return get


def test_pages(site, browse):
    bucket = site(**{"index.html": "Home", "about": "About", "docs__index.html": "Docs"})
    assert browse(bucket, "/about")[2] == "About"
    status, headers, body = browse(bucket)
    assert (status, headers["content-type"], body) == (200, "text/html", "Home")
    assert browse(bucket, "/docs/")[2] == "Docs"
    assert browse(bucket, "/?x=y")[2] == "Home"
    assert browse(bucket, host="s3-website.localhost.localstack.cloud")[2] == "Home"
    assert browse(bucket, host="s3-website-us-east-1.amazonaws.com")[2] == "Home"
    status, headers, _ = browse(bucket, "/docs")
    assert (status, headers["location"]) == (302, "/docs/")
    assert browse(bucket, "/", "HEAD")[0] == 200
    etag = browse(bucket)[1]["etag"]
    assert browse(bucket, **{"If-None-Match": etag})[0] == 304


def test_nothing_is_shown_that_is_not_public(s3, bucket, browse):
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=INDEX)
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"secret")
    status, _, body = browse(bucket)
    assert status == 403
    assert "<li>Code: AccessDenied</li>" in body


def test_error_document(site, browse):
    bucket = site({**INDEX, "ErrorDocument": {"Key": "error.html"}}, **{"error.html": "Sorry"})
    assert browse(bucket, "/nothing")[::2] == (404, "Sorry")
    bucket = site({**INDEX, "ErrorDocument": {"Key": "missing.html"}})
    assert "<li>Key: nothing</li>" in browse(bucket, "/nothing")[2]


def test_redirect_of_an_object(s3, site, browse):
    bucket = site()
    s3.put_object(Bucket=bucket, Key="old", Body=b"", WebsiteRedirectLocation="/new")
    status, headers, _ = browse(bucket, "/old")
    assert (status, headers["location"]) == (301, "/new")


def test_redirect_of_everything(site, browse):
    bucket = site({"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}})
    status, headers, _ = browse(bucket, "/a b/c".replace(" ", "%20"))
    assert (status, headers["location"]) == (301, "https://example.com/a%20b/c")


def test_routing_rules(site, browse):
    rules = [
        {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}},
        {"Condition": {"KeyPrefixEquals": "one"}, "Redirect": {"ReplaceKeyWith": "two", "HttpRedirectCode": "302"}},
        {
            "Condition": {"HttpErrorCodeReturnedEquals": "404"},
            "Redirect": {"HostName": "elsewhere", "Protocol": "https"},
        },
    ]
    bucket = site({**INDEX, "RoutingRules": rules}, **{"index.html": "Home"})
    host = f"{bucket}.s3-website.us-east-1.localhost"
    status, headers, _ = browse(bucket, "/docs/a")
    assert (status, headers["location"]) == (301, f"http://{host}/documents/a")
    status, headers, _ = browse(bucket, "/one")
    assert (status, headers["location"]) == (302, f"http://{host}/two")
    status, headers, _ = browse(bucket, "/nothing")
    assert (status, headers["location"]) == (301, "https://elsewhere/nothing")
    assert browse(bucket)[2] == "Home"


def test_configuration_comes_back_and_goes(s3, bucket):
    with pytest.raises(ClientError, match="does not have a website configuration"):
        s3.get_bucket_website(Bucket=bucket)
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={**INDEX, "ErrorDocument": {"Key": "e"}})
    answer = s3.get_bucket_website(Bucket=bucket)
    assert (answer["IndexDocument"], answer["ErrorDocument"]) == ({"Suffix": "index.html"}, {"Key": "e"})
    s3.delete_bucket_website(Bucket=bucket)
    with pytest.raises(ClientError):
        s3.get_bucket_website(Bucket=bucket)


# --- as AWS answered ---


def test_recorded_lookup(site, browse):
    """test_website_hosting_index_lookup"""
    case = recorded("s3::TestS3StaticWebsiteHosting::test_website_hosting_index_lookup", "s3")
    bucket = site()
    case.check("404-no-trailing-slash", browse(bucket, "/directory-wrong")[2])
    case = recorded("s3::TestS3StaticWebsiteHosting::test_website_hosting_index_lookup", "s3")
    case.check("404-with-trailing-slash", browse(bucket, "/directory-wrong/")[2])


@pytest.mark.parametrize(("step", "method"), [("not-allowed-post", "POST"), ("not-allowed-delete", "DELETE")])
def test_recorded_methods(site, browse, step, method):
    """test_website_hosting_http_methods"""
    case = recorded("s3::TestS3StaticWebsiteHosting::test_website_hosting_http_methods", "s3")
    case.check(step, {"content": browse(site(), "/index.html", method)[2]})


@pytest.mark.parametrize(
    ("step", "there", "path"),
    [
        ("no-such-bucket", False, "/"),
        ("no-such-website-config", True, "/"),
        ("no-such-website-config-key", True, "/key"),
    ],
)
def test_recorded_without_website(bucket, browse, step, there, path):
    """test_website_hosting_no_such_website"""
    case = recorded("s3::TestS3StaticWebsiteHosting::test_website_hosting_no_such_website", "s3")
    case.check(step, browse(bucket if there else "nobody-has-this-bucket", path)[2])


@pytest.mark.parametrize(
    ("step", "configuration"),
    [
        ("0", {"IndexDocument": {"Suffix": "/index.html"}}),
        ("1", {"IndexDocument": {"Suffix": ""}}),
        ("2", {"RedirectAllRequestsTo": {"HostName": "x"}, "RoutingRules": [{"Redirect": {"ReplaceKeyWith": "x"}}]}),
        ("3", {}),
        ("4", {**INDEX, "RoutingRules": [{"Redirect": {"Protocol": "protocol"}}]}),
        ("5", {**INDEX, "RoutingRules": [{"Redirect": {"ReplaceKeyWith": "x", "ReplaceKeyPrefixWith": "y"}}]}),
        ("6", {**INDEX, "RoutingRules": [{"Condition": {}, "Redirect": {"ReplaceKeyWith": "x"}}]}),
        ("7", {**INDEX, "RoutingRules": [{"Redirect": {}}]}),
    ],
)
def test_recorded_refusals(s3, bucket, step, configuration):
    """test_validate_website_configuration"""
    answer = attempt(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration=configuration)
    case = recorded("s3::TestS3StaticWebsiteHosting::test_validate_website_configuration", "s3")
    case.check(f"invalid-website-conf-{step}", answer)
