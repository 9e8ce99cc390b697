"""What AWS answered to uploads by forms."""

from __future__ import annotations

import pytest

from tests.recorded import recorded
from tests.services.s3.answers import whole
from tests.services.s3.plain import error_of, fetch, post_form

GROUP = "s3::TestS3PresignedPost"
BOTH = pytest.mark.parametrize("signature", ["s3", "s3v4"])


@pytest.fixture
def form(keyed, bucket, undercast):
    """Makes a form that the user's keys sign."""

    def make(key="key", signature="s3v4", fields=None, conditions=(), expires=60):
        conditions = [*({name: value} for name, value in (fields or {}).items()), *conditions]
        post = keyed(signature).generate_presigned_post(
            bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=expires
        )
        return f"{undercast.url}/{bucket}", post["fields"]

    return make


def refused(answer):
    return {"StatusCode": answer.status, **error_of(answer.text)}


@BOTH
def test_policy_that_is_none(form, signature):
    case = recorded(f"{GROUP}::test_post_request_malformed_policy[{signature}]")
    url, fields = form(signature=signature)
    fields["policy"] = "invalid"
    case.check("exception-policy", refused(post_form(url, fields, b"test")), ignore=("HostId",))


@BOTH
def test_missing_signature(form, signature):
    case = recorded(f"{GROUP}::test_post_request_missing_signature[{signature}]")
    url, fields = form(signature=signature)
    fields.pop("signature" if signature == "s3" else "x-amz-signature")
    case.check("exception-missing-signature", refused(post_form(url, fields, b"test")), ignore=("HostId",))


@BOTH
def test_missing_fields(form, signature):
    case = recorded(f"{GROUP}::test_post_request_missing_fields[{signature}]")
    url, fields = form(signature=signature)
    fields.pop("AWSAccessKeyId" if signature == "s3" else "x-amz-algorithm")
    case.check("exception-missing-fields", refused(post_form(url, fields, b"test")), ignore=("HostId",))
    answer = refused(post_form(url, {"key": fields["key"]}, b"test"))
    case.check("exception-no-sig-related-fields", answer, ignore=("HostId",))


def test_sizes(s3, bucket, form):
    case = recorded(f"{GROUP}::test_post_object_policy_validation_size")
    url, fields = form(conditions=[["content-length-range", "test", 10]])
    for step, size, limits in (
        ("wrong-type", 1, ["test", 10]), ("too-small", 1, [5, 10]), ("too-big", 12, [5, 10]),
    ):  # fmt: skip
        url, fields = form(conditions=[["content-length-range", *limits]])
        answer = post_form(url, fields, b"a" * size)
        case.check(f"invalid-content-length-{step}", error_of(answer.text), ignore=("HostId",))
    assert post_form(url, fields, b"a" * 10).status == 204
    case.check("final-object", whole(s3.get_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")))


def test_file_as_a_field(s3, bucket, form):
    case = recorded(f"{GROUP}::test_post_object_with_file_as_string")
    url, fields = form(key="test-presigned-post-file-as-field")
    assert post_form(url, fields, b"test-body-as-str-as-str", None).status == 204
    case.check("head-object", s3.head_object(Bucket=bucket, Key=fields["key"]), ignore=("ETag",))
    url, fields = form(key="file-as-field-${filename}")
    assert post_form(url, fields, b"x" * 44, None).status == 204
    case.check("list-objects", s3.list_objects_v2(Bucket=bucket), ignore=("ETag",))


def test_metadata(s3, bucket, form):
    case = recorded(f"{GROUP}::test_post_object_with_metadata")
    told = {
        "x-amz-meta-test-1": "test-meta-1", "x-amz-meta-TEST-2": "test-meta-2", "Content-Type": "text/plain",
        "Expires": "Wed, 21 Oct 2037 07:28:00 GMT",
    }  # fmt: skip
    url, fields = form(fields=told)
    assert post_form(url, fields, b"x" * 17).status == 204
    case.check("head-object", s3.head_object(Bucket=bucket, Key="key"), ignore=("ETag",))


def test_metadata_beyond_ascii(s3, bucket, form):
    case = recorded(f"{GROUP}::test_post_object_with_unicode_metadata")
    metadata = {
        "nonascii": "ÄMÄZÕÑ S3",
        "nonascii-2": "test_—_file%E2%80%94_é_2\N{CROWN}.pdf",
        "b-encoded": "=?UTF-8?B?YWJj?=",
        "q-encoded": "=?UTF-8?Q?actually-ascii?=",
        "utf-8": "\0\1\2\3\4",
    }
    told = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
    url, fields = form("test_unicode—_file.pdf", fields={**told, "success_action_status": "201"})
    answer = post_form(url, fields, b"x" * 17)
    members = {name: value for child in error_of(answer.text).values() for name, value in child.items()}
    posted = {"LocationHeader": answer.headers["Location"], "PostResponse": members}
    case.check("post-object", posted, ignore=("ETag",))
    want = case.answers["head-object"]["Metadata"]
    have = s3.head_object(Bucket=bucket, Key="test_unicode—_file.pdf")["Metadata"]
    assert have == {name: want[name] for name in metadata}


def test_other_content_type(form):
    case = recorded(f"{GROUP}::test_post_object_with_wrong_content_type")
    url, _ = form()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _, text = fetch(url, "POST", b"key=key&file=test", headers)
    case.check("invalid-content-type-error", error_of(text), ignore=("HostId",))
