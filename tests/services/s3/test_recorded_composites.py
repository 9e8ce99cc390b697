"""What AWS answered about checksums of checksums: a whole upload, its parts, its copy; and about metadata in words."""

from __future__ import annotations

import json

import pytest

from tests.recorded import recorded
from tests.services.s3.answers import attempt, whole

GROUP = "s3::TestS3MultipartUploadChecksum"
KEY = "test-multipart-checksum"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_composite(s3, bucket, algorithm):
    case = recorded(f"{GROUP}::test_complete_multipart_parts_checksum_composite[{algorithm}]")
    at, name = {"Bucket": bucket, "Key": KEY}, f"Checksum{algorithm}"

    def check(step, answer):
        case.check(step, answer, ignore=("Bucket", "Body", "Initiator", "Owner"))

    created = s3.create_multipart_upload(**at, ChecksumAlgorithm=algorithm, ChecksumType="COMPOSITE")
    check("create-mpu-checksum", created)
    upload, parts = {**at, "UploadId": created["UploadId"]}, []
    for number, body in enumerate((b"a" * 5_242_881, b"a" * 5_242_881, b"a" * 10)):
        part = s3.upload_part(**upload, PartNumber=number + 1, Body=body, ChecksumAlgorithm=algorithm)
        case.check(f"upload-part-{number}", part)
        parts.append({"PartNumber": number + 1, "ETag": part["ETag"], name: part[name]})
    check("list-parts", s3.list_parts(**upload))
    complete = {"MultipartUpload": {"Parts": [{key: part[key] for key in ("PartNumber", "ETag")} for part in parts]}}
    check("complete-multipart-no-checksum", attempt(s3.complete_multipart_upload, **upload, **complete))
    # Which part AWS names first differs from recording to recording.
    wrong = json.loads(json.dumps(parts))
    number = int(case.answers["complete-multipart-wrong-parts-checksum"]["Error"]["PartNumber"])
    wrong[number - 1][name] = parts[0 if number == 3 else 2][name]
    refused = attempt(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": wrong})
    check("complete-multipart-wrong-parts-checksum", refused)
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    case.check("complete-multipart-checksum", done, ignore=("Bucket", "Location"))
    case.check(
        "get-object-with-checksum", s3.get_object(**at, ChecksumMode="ENABLED"), ignore=("Body", "ChecksumAlgorithm")
    )
    case.check("head-object-with-checksum", s3.head_object(**at, ChecksumMode="ENABLED"))
    wanted = ["Checksum", "ETag", "ObjectParts"]
    case.check("get-object-attrs", s3.get_object_attributes(**at, ObjectAttributes=wanted))
    part = s3.get_object(**at, PartNumber=3, ChecksumMode="ENABLED")
    case.check("get-object-part-checksum", whole(part))
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/{KEY}")
    case.check("copy-obj-checksum", copied)
    attributes = s3.get_object_attributes(Bucket=bucket, Key="copy", ObjectAttributes=wanted)
    case.check("get-copy-object-attrs", attributes)


def test_metadata_in_words(s3, bucket):
    case = recorded("s3::TestS3::test_user_metadata_rfc2047_encoded")
    metadata = {
        "non-ascii": "test_—_file%E2%80%94_é_2?.pdf",
        "non-ascii-2": "ÄMÄZÕÑ S3",
        "asciib64-encoded": "=?UTF-8?B?YWJj?=",
        "fake-encoded": "=?UTF-8?Q?actually-ascii?=",
        "non-ascii-binary": "=?UTF-8?B?AAECAw==?=",
        "replacement-chars": "\ufffd" * 7,
        "safe-chars": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    }
    # botocore refuses metadata beyond ASCII; AWS takes it in UTF-8.
    s3.meta.events.unregister("before-parameter-build.s3.PutObject", _validate_ascii())
    at = {"Bucket": bucket, "Key": "key"}
    case.check("put-object", s3.put_object(**at, Metadata=metadata), ignore=("ChecksumAlgorithm",))
    answer = whole(s3.get_object(**at, ChecksumMode="ENABLED"))
    case.check("get-object", answer)


def _validate_ascii():
    from botocore.handlers import validate_ascii_metadata  # noqa: PLC0415  beside its only use

    return validate_ascii_metadata
