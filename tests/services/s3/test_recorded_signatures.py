"""What AWS answered to presigned URLs whose signature it checked."""

from __future__ import annotations

import pytest

from tests.recorded import recorded
from tests.services.s3.plain import error_of, fetch

GROUP = "s3::TestS3PresignedUrl"


def refusal(url, *args):
    status, text = fetch(url, *args)
    return {"StatusCode": status, **(error_of(text) if text else {})}


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_other_headers_than_signed(keyed, bucket, signature):
    def check(step, answer):  # each has a string to sign of its own under the same placeholder
        case = recorded(f"{GROUP}::test_s3_put_presigned_url_with_different_headers[{signature}]")
        case.check(step, answer, ignore=("HostId",))

    client = keyed(signature)
    at = {"Bucket": bucket, "Key": "key"}
    url = client.generate_presigned_url("put_object", Params={**at, "ContentType": "text/plain"})
    wrong = refusal(url, "PUT", b"test", {"Content-Type": "text/xml"})
    check("content-type-exception", wrong)
    url = client.generate_presigned_url("put_object", Params=at)
    check("content-type-response", refusal(url, "PUT", b"test", {"Content-Type": "text/plain"}))
    url = client.generate_presigned_url("put_object", Params={**at, "ContentEncoding": "identity"})
    headers = {"Content-Encoding": "gzip", "Content-Type": ""}
    check("wrong-content-encoding-response", refusal(url, "PUT", b"test", headers))


@pytest.mark.parametrize("verified", [True, False])
def test_metadata_that_was_not_signed(keyed, bucket, verified):
    case = recorded(f"{GROUP}::test_put_url_metadata_with_sig_s3[{verified}]")
    client = keyed("s3")
    url = client.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "key", "Metadata": {"foo": "bar"}}
    )
    _, text = fetch(url, "PUT", b"hello world", {"Content-Type": "", "x-amz-meta-wrong": "meta"})
    case.check("wrong-meta-headers", error_of(text), ignore=("HostId",))
    assert fetch(url, "PUT", b"test-object", {"Content-Type": ""})[0] == 200
    case.check("head_object", client.head_object(Bucket=bucket, Key="key"), ignore=("ETag", "ContentType"))


def test_metadata_beyond_ascii(keyed, bucket):
    case = recorded(f"{GROUP}::test_put_unicode_metadata_with_sig_s3")
    client = keyed("s3")
    from botocore.handlers import validate_ascii_metadata  # noqa: PLC0415  beside its only use

    client.meta.events.unregister("before-parameter-build.s3.PutObject", validate_ascii_metadata)
    params = {"Bucket": bucket, "Key": "key", "Metadata": {"foo": "non-ascii-%E2%80%94_—_é_"}}
    url = client.generate_presigned_url("put_object", Params=params)
    assert fetch(url, "PUT", b"", {"Content-Type": ""})[0] == 200
    case.check("head_object", client.head_object(Bucket=bucket, Key="key"), ignore=("ContentType",))


def test_override_beyond_latin(keyed, bucket):
    case = recorded(f"{GROUP}::test_get_response_overrides_unicode_metadata_with_sig_s3")
    client = keyed("s3")
    at = {"Bucket": bucket, "Key": "key"}
    client.put_object(**at, Body=b"")
    params = {**at, "ResponseCacheControl": "non-ascii-%E2%80%94_—_é_"}
    _, text = fetch(client.generate_presigned_url("get_object", Params=params))
    case.check("unicode-error", error_of(text), ignore=("HostId",))
