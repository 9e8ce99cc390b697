"""Presigned URLs: what they are good for, and what they are not."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.services.s3.plain import error_of, fetch

SIGNATURES = ("s3", "s3v4")
WITHOUT_TYPE = {"Content-Type": ""}


def code(answer):
    return error_of(answer[1])["Error"]["Code"]


def get(client, bucket, key="a b/ü+~.txt", **params):
    return client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key, **params})


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_good_signature(keyed, aws, bucket, signature, style, undercast):
    port = undercast.url.rpartition(":")[2]
    client = keyed(signature, s3={"addressing_style": style})
    key = {"Bucket": bucket, "Key": "a b/ü+~.txt"}
    client.put_object(**key, Body=b"hello")
    url = get(client, bucket, ResponseContentType="text/x y+z")
    if style == "virtual":  # the name resolves nowhere here; it is signed as the host
        host = f"s3.localhost.localstack.cloud:{port}"
        client = aws(
            "s3", config=client.meta.config, endpoint_url=f"http://{host}",
            aws_access_key_id=client._request_signer._credentials.access_key,
            aws_secret_access_key=client._request_signer._credentials.secret_key,
        )  # fmt: skip
        url = get(client, bucket, ResponseContentType="text/x y+z")
        named = re.match(r"http://([^/]+)", url)[1]
        assert named.startswith(bucket)
        url = url.replace(f"http://{named}", undercast.url)
        assert fetch(url, headers={"Host": named}) == (200, "hello")
        assert code(fetch(url.replace("txt", "tx"), headers={"Host": named})) == "SignatureDoesNotMatch"
    else:
        assert fetch(url) == (200, "hello")
        assert code(fetch(url.replace("txt", "tx"))) == "SignatureDoesNotMatch"


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("change", [("a%20b", "a%20c"), ("Signature=", "Signature=0"), ("?", "?partNumber=1&")])
def test_changed_url(keyed, bucket, signature, change):
    client = keyed(signature)
    client.put_object(Bucket=bucket, Key="a b/ü+~.txt", Body=b"hello")
    assert code(fetch(get(client, bucket).replace(*change, 1))) == "SignatureDoesNotMatch"


@pytest.mark.parametrize("signature", SIGNATURES)
def test_other_method(keyed, bucket, signature):
    assert code(fetch(get(keyed(signature), bucket), "PUT", b"x", WITHOUT_TYPE)) == "SignatureDoesNotMatch"


def test_session(aws, bucket):
    """Temporary keys are known, too."""
    credentials = aws("sts").get_session_token()["Credentials"]
    client = aws(
        "s3", aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )  # fmt: skip
    client.put_object(Bucket=bucket, Key="key", Body=b"hello")
    url = get(client, bucket, "key")
    assert fetch(url) == (200, "hello")
    assert code(fetch(url.replace("/key?", "/kee?"))) == "SignatureDoesNotMatch"


def test_unknown_key_is_held_to_form_and_time_only(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"hello")
    s3.put_object(Bucket=bucket, Key="other", Body=b"other")
    assert fetch(get(s3, bucket, "key").replace("/key?", "/other?")) == (200, "other")


@pytest.mark.parametrize(("change", "wanted"), [
    ((r"X-Amz-Expires=\d+&", ""), "requires the X-Amz-Algorithm"),
    ((r"X-Amz-Expires=\d+", "X-Amz-Expires=soon"), "should be a number"),
    ((r"X-Amz-Expires=\d+", "X-Amz-Expires=-1"), "must be non-negative"),
    ((r"X-Amz-Expires=\d+", "X-Amz-Expires=604801"), "less than a week"),
    ((r"X-Amz-Date=\w+", "X-Amz-Date=today"), "ISO8601 Long Format"),
    ((r"X-Amz-Date=\d{8}", "X-Amz-Date=20200101"), "Invalid credential date"),
    ((r"X-Amz-Algorithm=[\w-]+", "X-Amz-Algorithm=AWS4"), "X-Amz-Algorithm only supports"),
])  # fmt: skip
def test_form(s3, keyed, bucket, change, wanted):
    status, text = fetch(re.sub(*change, get(keyed("s3v4"), bucket)))
    assert (status, error_of(text)["Error"]["Code"]) == (400, "AuthorizationQueryParametersError")
    assert wanted in text


def test_date_in_the_future(keyed, bucket):
    url = re.sub(r"X-Amz-Date=\w+", "X-Amz-Date=20991231T235959Z", get(keyed("s3v4"), bucket))
    url = re.sub(r"%2F\d{8}%2F", "%2F20991231%2F", url)
    assert error_of(fetch(url)[1])["Error"]["Message"] == "Request is not yet valid"


def test_headers_that_were_not_signed(keyed, bucket):
    url = keyed("s3v4").generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "key"})
    error = error_of(fetch(url, "PUT", b"x", {"x-amz-meta-more": "more"})[1])["Error"]
    assert (error["Code"], error["HeadersNotSigned"]) == ("AccessDenied", "x-amz-meta-more")


@pytest.mark.parametrize(("change", "wanted"), [
    ((r"&Expires=\d+", ""), "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"),
    ((r"Expires=\d+", "Expires=soon"), "Invalid date (should be seconds since epoch): soon"),
])  # fmt: skip
def test_old_form(keyed, bucket, change, wanted):
    status, text = fetch(re.sub(*change, get(keyed("s3"), bucket)))
    assert (status, error_of(text)["Error"]["Message"]) == (403, wanted)


def test_signed_by_another_account(aws, s3, bucket, let_all):
    s3.put_object(Bucket=bucket, Key="key", Body=b"hello")
    other = aws("s3", account="999988887777")
    url = get(other, bucket, quote("key"))
    assert code(fetch(url)) == "AccessDenied"
    let_all(bucket, "s3:GetObject")
    assert fetch(url) == (200, "hello")
