"""What AWS answered about encryption with KMS keys."""

from __future__ import annotations

import pytest

from tests.recorded import recorded
from tests.services.s3.answers import attempt, whole

KMS = {"ServerSideEncryption": "aws:kms"}
READ = {"ChecksumMode": "ENABLED"}


@pytest.fixture
def key(aws):
    """The metadata of a key of the customer's."""
    return aws("kms").create_key(Description="a key")["KeyMetadata"]


def set_default(s3, bucket, *, enabled=True, **default):
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", **default}, "BucketKeyEnabled": enabled}
    return s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def put(s3, bucket, key="key", body=b"test-sse", **options):
    return whole(s3.put_object(Bucket=bucket, Key=key, Body=body, ChecksumAlgorithm="CRC32", **options))


def get(s3, bucket, key="key"):
    return whole(s3.get_object(Bucket=bucket, Key=key, **READ))


def test_copy_under_a_key(s3, bucket, key):
    case = recorded("s3::TestS3::test_copy_object_kms")
    put(s3, bucket, body=b"hello world")
    case.check("get-object", get(s3, bucket))
    to = {"Bucket": bucket, "Key": "copied", "CopySource": f"{bucket}/key"}
    copied = s3.copy_object(**to, **KMS, SSEKMSKeyId=key["Arn"], BucketKeyEnabled=True)
    case.check("copy-object", whole(copied), ignore=("ETag",))  # the recording has words for it
    case.check("get-copied-object", get(s3, bucket, "copied"), ignore=("ETag",))
    assert copied["CopyObjectResult"]["ETag"] == s3.head_object(Bucket=bucket, Key="copied")["ETag"]


def test_copy_in_place(s3, bucket, key):
    case = recorded("s3::TestS3::test_s3_copy_object_in_place_with_encryption")
    random = ("ETag",)
    answer = put(s3, bucket, body=b"test", **KMS, SSEKMSKeyId=key["KeyId"], BucketKeyEnabled=True)
    case.check("put-object-with-kms-encryption", answer, ignore=random)
    case.check("head-object", s3.head_object(Bucket=bucket, Key="key"), ignore=random)
    to = {"Bucket": bucket, "Key": "key", "CopySource": f"{bucket}/key"}
    for options, name, head, ignored in (
        (KMS, "with-sse", "with-sse", random),
        ({}, "without-kms-sse", "without-kms-sse", ()),
        ({"ServerSideEncryption": "AES256"}, "with-aes", "with-aes", ()),
    ):
        case.check(f"copy-object-in-place-{name}", whole(s3.copy_object(**to, **options)), ignore=ignored)
        case.check(f"head-copy-{head}", s3.head_object(Bucket=bucket, Key="key"), ignore=ignored)


def test_upload_in_parts(s3, bucket, key):
    case = recorded("s3::TestS3::test_s3_multipart_upload_sse")
    it = {"Bucket": bucket, "Key": "test-sse-field-multipart"}
    started = s3.create_multipart_upload(**it, **KMS, SSEKMSKeyId=key["KeyId"], BucketKeyEnabled=True)
    case.check("multi-sse-create-multipart", started)
    it["UploadId"] = started["UploadId"]
    part = s3.upload_part(**it, Body=b"test-sse", PartNumber=1, ChecksumAlgorithm="CRC32")
    case.check("multi-sse-upload-part", whole(part), ignore=("ETag",))
    parts = [{"ETag": part["ETag"], "PartNumber": 1}]
    done = s3.complete_multipart_upload(**it, MultipartUpload={"Parts": parts})
    case.check("multi-sse-compete-multipart", done, ignore=("ETag", "ChecksumCRC64NVME", "ChecksumType"))
    case.check("get-obj", get(s3, bucket, it["Key"]), ignore=("ETag",))


def test_default_with_a_bucket_key(s3, bucket, key):
    case = recorded("s3::TestS3::test_s3_sse_bucket_key_default")
    case.check("put-obj-default-before-setting", put(s3, bucket, "before"))
    case.check("get-obj-default-before-setting", get(s3, bucket, "before"))
    case.check("put-bucket-encryption", set_default(s3, bucket, KMSMasterKeyID=key["KeyId"]))
    case.check("get-bucket-encryption", s3.get_bucket_encryption(Bucket=bucket))
    case.check("put-obj-after-setting", put(s3, bucket, "after"), ignore=("ETag",))
    case.check("get-obj-after-setting", get(s3, bucket, "after"), ignore=("ETag",))
    case.check("get-obj-default-after-setting", get(s3, bucket, "before"))


def test_key_of_aws(s3, make_bucket):
    case = recorded("s3::TestS3::test_s3_sse_default_kms_key")
    one, two = make_bucket(), make_bucket()
    for bucket, end in ((one, ""), (two, "-bucket-2")):
        case.check(f"put-obj-default-kms-s3-key{end}", put(s3, bucket, **KMS), ignore=("ETag",))
        case.check(f"get-obj-default-kms-s3-key{end}", get(s3, bucket), ignore=("ETag",))
    case.check("put-bucket-encryption-default-kms-s3-key", set_default(s3, one))
    case.check("get-bucket-encryption-default-kms-s3-key", s3.get_bucket_encryption(Bucket=one))
    case.check("put-obj-default-kms-s3-key-from-bucket", put(s3, one), ignore=("ETag",))
    case.check("get-obj-default-kms-s3-key-from-bucket", get(s3, one), ignore=("ETag",))


def test_keys_that_are_not_there(aws, s3, bucket, account):
    case = recorded("s3::TestS3::test_s3_sse_validate_kms_key")
    far = aws("kms", region_name="eu-west-2").create_key(Description="far away")["KeyMetadata"]
    case.check("create-kms-key", far)
    unknown = "134f2428-cec1-4b25-a1ae-9048164dba47"
    it = {"Bucket": bucket, "Key": "key", **KMS}
    for step, key in (
        ("put-obj-wrong-kms-key", "fake-key-id"),
        ("put-obj-wrong-kms-key-real-uuid", unknown),
        ("put-obj-wrong-kms-key-real-uuid-arn", f"arn:aws:kms:us-east-1:{account}:key/{unknown}"),
        ("put-obj-different-region-kms-key", far["Arn"]),
        ("put-obj-different-region-kms-key-no-arn", far["KeyId"]),
    ):
        case.check(step, attempt(s3.put_object, **it, Body=b"x", SSEKMSKeyId=key))
    wrong = {**it, "SSEKMSKeyId": "fake-key-id"}
    case.check("create-multipart-wrong-kms-key", attempt(s3.create_multipart_upload, **wrong))
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    refused = attempt(s3.copy_object, **wrong, CopySource=f"{bucket}/source")
    case.check("copy-obj-wrong-kms-key", refused)


def test_default_key_of_a_bucket(s3, bucket, key):
    case = recorded("s3_api::TestS3BucketEncryption::test_s3_bucket_encryption_sse_kms", "s3")
    case.check("put-bucket-enc", set_default(s3, bucket, KMSMasterKeyID=key["KeyId"]))
    case.check("get-bucket-enc", s3.get_bucket_encryption(Bucket=bucket))
    case.check("put-object-encrypted", put(s3, bucket, body=b"test-encrypted"), ignore=("ETag",))
    case.check("head-object-encrypted", s3.head_object(Bucket=bucket, Key="key"), ignore=("ETag",))
    case.check("get-object-encrypted", get(s3, bucket), ignore=("ETag",))
    disabled = set_default(s3, bucket, KMSMasterKeyID=key["KeyId"], enabled=False)
    case.check("put-bucket-enc-bucket-key-disabled", disabled)
    answer = put(s3, bucket, body=b"test-encrypted")
    case.check("put-object-encrypted-bucket-key-disabled", answer, ignore=("ETag",))
