"""Presigned URLs, and what AWS answered to those that came too late."""

from __future__ import annotations

import re
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from botocore.config import Config

from tests.recorded import recorded
from tests.services.s3.plain import error_of, fetch

GROUP = "s3::TestS3PresignedUrl"


@pytest.fixture(params=["s3", "s3v4"])
def signed(aws, request):
    """A client that signs URLs in one of the two ways."""
    client = aws("s3", config=Config(signature_version=request.param))
    client.signature = request.param
    return client


def aged(url, **age):
    """A URL as if it had been signed earlier."""
    past = datetime.now(UTC) - timedelta(**age)
    url = re.sub(r"X-Amz-Date=\w+", f"X-Amz-Date={past:%Y%m%dT%H%M%SZ}", url)
    url = re.sub(r"%2F\d{8}%2F", f"%2F{past:%Y%m%d}%2F", url)
    return re.sub(r"([?&]Expires)=\d+", rf"\1={int(past.timestamp())}", url)


def test_get_and_put(signed, bucket):
    url = signed.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a/b c"})
    assert fetch(url, "PUT", b"hello")[0] == 200
    url = signed.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a/b c"})
    assert fetch(url) == (200, "hello")


def test_expired(signed, bucket):
    url = signed.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"}, ExpiresIn=2)
    status, text = fetch(aged(url, hours=1))
    assert status == 403
    case = recorded(f"{GROUP}::test_s3_presigned_url_expired[{signed.signature}]")
    case.check("expired-exception", error_of(text), ignore=("HostId",))
    case = recorded(f"{GROUP}::test_presigned_url_signature_authentication_expired[{signed.signature}-True]")
    case.check("expired", error_of(text), ignore=("HostId", "X-Amz-Expires"))


def test_url_outlives_a_clock_that_was_moved_before(signed, bucket, clock):
    signed.put_object(Bucket=bucket, Key="key", Body=b"x")
    clock.advance(days=1)
    url = signed.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"}, ExpiresIn=60)
    assert fetch(url) == (200, "x")


def test_overrides(signed, bucket):
    signed.put_object(Bucket=bucket, Key="key", Body=b"x")
    params = {"Bucket": bucket, "Key": "key", "ResponseContentType": "text/x-test"}
    url = signed.generate_presigned_url("get_object", Params=params)
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["Content-Type"] == "text/x-test"


def test_unsigned_listing_by_host(s3, bucket, undercast, let_all):
    """A bucket in the host name, as browsers and `virtual` addressing send it."""
    let_all(bucket)
    s3.put_object(Bucket=bucket, Key="key", Body=b"hello")
    port = undercast.url.rpartition(":")[2]
    host = {"Host": f"{bucket}.s3.localhost.localstack.cloud:{port}"}
    assert fetch(f"{undercast.url}/{quote('key')}", headers=host) == (200, "hello")
    assert "<Key>key</Key>" in fetch(f"{undercast.url}/", headers=host)[1]


@pytest.mark.parametrize("verified", [True, False])
def test_metadata_in_the_url(aws, bucket, verified):
    """The older signature carries metadata in the query."""
    s3 = aws("s3", config=Config(signature_version="s3"))
    params = {"Bucket": bucket, "Key": "key", "Metadata": {"foo": "bar"}}
    url = s3.generate_presigned_url("put_object", Params=params)
    assert "x-amz-meta-foo=bar" in url
    assert fetch(url, "PUT", b"hello world", {"Content-Type": ""})[0] == 200
    case = recorded(f"{GROUP}::test_put_url_metadata_with_sig_s3[{verified}]")
    case.check("head_object", s3.head_object(Bucket=bucket, Key="key"), ignore=("ETag", "ContentType"))
