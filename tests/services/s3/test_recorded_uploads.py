"""What AWS answered about multipart uploads."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime

import pytest

from tests.recorded import recorded
from tests.services.s3.answers import attempt, whole

MB5 = 5 * 1024 * 1024
OWN = ("Initiator", "Owner", "Location", "Bucket")  # the recording's own names


def listed(*parts):
    """The parts as CompleteMultipartUpload wants them."""
    return {"Parts": [{"PartNumber": number, "ETag": part["ETag"]} for number, part in parts]}


class Upload:
    """An upload under way, for short."""

    def __init__(self, s3, bucket, key, **options):
        self.s3 = s3
        self.created = s3.create_multipart_upload(Bucket=bucket, Key=key, **options)
        self.at = {"Bucket": bucket, "Key": key, "UploadId": self.created["UploadId"]}

    def part(self, number, body, **options):
        return self.s3.upload_part(**self.at, PartNumber=number, Body=body, **options)

    def complete(self, *parts, **options):
        return attempt(self.s3.complete_multipart_upload, **self.at, MultipartUpload=listed(*parts), **options)

    def copy(self, number, source, **options):
        return attempt(self.s3.upload_part_copy, **self.at, PartNumber=number, CopySource=source, **options)

    def parts(self, **options):
        return attempt(self.s3.list_parts, **self.at, **options)


@pytest.fixture
def begin(s3, bucket):
    return lambda key, **options: Upload(s3, bucket, key, **options)


def test_a_whole_upload(s3, bucket, begin):
    case, key = recorded("s3::TestS3::test_multipart_and_list_parts"), "test-list-parts"
    upload = begin(key)
    case.check("create-multipart", upload.created, ignore=OWN)
    case.check("list-part-after-created", upload.parts(), ignore=OWN)
    case.check("list-all-uploads", s3.list_multipart_uploads(Bucket=bucket), ignore=OWN)
    part = upload.part(1, b"upload-part-1" * 5)
    case.check("upload-part", part)
    case.check("list-part-after-upload", upload.parts(), ignore=OWN)
    case.check("list-all-uploads-after", s3.list_multipart_uploads(Bucket=bucket), ignore=OWN)
    case.check("complete-multipart", upload.complete((1, part)), ignore=OWN)
    case.check("list-part-after-complete-exc", upload.parts())
    case.check("list-all-uploads-completed", s3.list_multipart_uploads(Bucket=bucket), ignore=OWN)
    got = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.check("get-multipart-checksum", whole(got))
    head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.check("head-multipart-checksum", head)


def test_order_of_parts(begin):
    case = recorded("s3::TestS3::test_complete_multipart_parts_order")
    # the recording's bytes are not known, so neither are their digests
    unknown = (*OWN, "ETag", "ChecksumCRC64NVME")
    upload = begin("test-order-parts")
    parts = [(number, upload.part(number, f"{number}" * MB5)) for number in (1, 2, 3)]
    case.check("upload-part-negative-part-number", attempt(upload.part, number=-1, body=b"x"))
    case.check("complete-multipart-unordered", upload.complete(*reversed(parts)))
    case.check("complete-multipart-ordered", upload.complete(*parts), ignore=unknown)
    upload = begin("key-sequence-with-step-2")
    parts = [(number, upload.part(number, f"{number}" * MB5)) for number in (2, 4, 6)]
    case.check("complete-multipart-with-step-2", upload.complete(*parts), ignore=unknown)


def test_too_small(begin):
    case = recorded("s3::TestS3::test_multipart_complete_multipart_too_small")
    upload = begin("key")
    parts = [(number, upload.part(number, b"test"[:4])) for number in (1, 2)]
    unknown = ("ETag", "ChecksumCRC32")
    case.check("upload-part1", parts[0][1], ignore=unknown)
    case.check("upload-part2", parts[1][1], ignore=unknown)
    case.check("complete-exc-too-small", upload.complete(*parts), ignore=unknown)
    case.check("complete-exc-no-parts", upload.complete())


def test_wrong_parts(begin):
    case = recorded("s3::TestS3::test_multipart_complete_multipart_wrong_part")
    upload = begin("key")
    part = upload.part(1, b"data")
    case.check("complete-exc-wrong-part-number", upload.complete((2, part)))
    case.check("complete-exc-wrong-etag", upload.complete((1, {"ETag": "d41d8cd98f00b204e9800998ecf8427e"})))


def test_wrong_key(s3, begin):
    case = recorded("s3::TestS3::test_multipart_key_validation")
    upload = begin("key")
    part = upload.part(1, b"data")
    upload.at["Key"] = "another"
    case.check("upload-part-wrong-key-name", attempt(upload.part, number=1, body=b"data"))
    case.check("list-parts-wrong-key-name", upload.parts())
    case.check("abort-multipart-wrong-key-name", attempt(s3.abort_multipart_upload, **upload.at))
    case.check("complete-multipart-wrong-key-name", upload.complete((1, part)))


def test_parts_by_page(begin):
    case = recorded("s3_list_operations::TestS3ListParts::test_list_parts_pagination", "s3")
    upload = begin("test-list-part-pagination")
    case.check("list-parts-empty", upload.parts(), ignore=OWN)
    for number in (1, 2):
        upload.part(number, b"data")
    case.check("list-parts-all", upload.parts(), ignore=OWN)
    case.check("list-parts-1", upload.parts(MaxParts=1), ignore=OWN)
    case.check("list-parts-next", upload.parts(MaxParts=1, PartNumberMarker=1), ignore=OWN)
    case.check("list-parts-wrong-part", upload.parts(MaxParts=1, PartNumberMarker=10), ignore=OWN)


def test_parts_of_an_object_by_page(s3, bucket, begin):
    case = recorded("s3_list_operations::TestS3ListParts::test_list_parts_via_object_attrs_pagination", "s3")
    upload = begin("test-object-attrs-pagination", ChecksumAlgorithm="SHA256")
    parts = [upload.part(number, b"a" * (MB5 + 1), ChecksumAlgorithm="SHA256") for number in (1, 2)]
    case.check("list-parts", upload.parts(), ignore=OWN)
    done = attempt(
        s3.complete_multipart_upload, **upload.at,
        MultipartUpload={"Parts": [
            {"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
            for number, part in enumerate(parts, 1)
        ]},
    )  # fmt: skip
    case.check("complete-mpu", done, ignore=OWN)

    def attributes(**options):
        key = "test-object-attrs-pagination"
        return s3.get_object_attributes(Bucket=bucket, Key=key, ObjectAttributes=["ObjectParts"], **options)

    case.check("get-object-attrs-all", attributes())
    case.check("get-object-attrs-1", attributes(MaxParts=1000))
    case.check("get-object-attrs-next", attributes(MaxParts=1, PartNumberMarker=1))
    case.check("get-object-attrs-wrong-part", attributes(MaxParts=1, PartNumberMarker=10))


def complete_with_checksums(upload, algorithm, parts, **options):
    name = f"Checksum{algorithm}"
    entries = [
        {"PartNumber": number, "ETag": part["ETag"], **({name: part[name]} if name in part else {})}
        for number, part in enumerate(parts, 1)
    ]
    return attempt(upload.s3.complete_multipart_upload, **upload.at, MultipartUpload={"Parts": entries}, **options)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [("composite", name) for name in ("CRC32", "CRC32C", "SHA1", "SHA256")]
    + [("full_object", name) for name in ("CRC32", "CRC32C", "CRC64NVME")],
)
def test_checksums_of_parts(s3, bucket, begin, kind, algorithm):
    case = recorded(f"s3::TestS3MultipartUploadChecksum::test_complete_multipart_parts_checksum_{kind}[{algorithm}]")
    key = "test-multipart-checksum"
    upload = begin(key, ChecksumAlgorithm=algorithm, ChecksumType=kind.upper())
    case.check("create-mpu-checksum", upload.created, ignore=OWN)
    bodies = [b"a" * (MB5 + 1), b"a" * (MB5 + 1), b"a" * 10]
    parts = [upload.part(number, body, ChecksumAlgorithm=algorithm) for number, body in enumerate(bodies, 1)]
    for number, part in enumerate(parts):
        case.check(f"upload-part-{number}", part)
    case.check("list-parts", upload.parts(), ignore=OWN)
    if kind == "composite":
        case.check("complete-multipart-no-checksum", upload.complete(*enumerate(parts, 1)))
    # which of the wrong parts AWS names varies
    name = f"Checksum{algorithm}"
    wrong = [{**part, name: parts[2][name] if part is not parts[2] else parts[0][name]} for part in parts]
    refused = complete_with_checksums(upload, algorithm, wrong)
    case.check("complete-multipart-wrong-parts-checksum", refused, ignore=("PartNumber", "ETag"))
    case.check("complete-multipart-checksum", complete_with_checksums(upload, algorithm, parts), ignore=OWN)
    got = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    assert got["Body"].read() == b"".join(bodies)
    got["ResponseMetadata"].pop("ChecksumAlgorithm", None)
    case.check("get-object-with-checksum", got, ignore=("Body",))
    head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.check("head-object-with-checksum", head)
    wanted = ["Checksum", "ETag", "ObjectParts"]
    case.check("get-object-attrs", s3.get_object_attributes(Bucket=bucket, Key=key, ObjectAttributes=wanted))
    part = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", PartNumber=3)
    case.check("get-object-part-checksum", whole(part))
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/{key}")
    case.check("copy-obj-checksum", copied)
    wanted = ["Checksum", "ETag"]
    answer = s3.get_object_attributes(Bucket=bucket, Key="copy", ObjectAttributes=wanted)
    case.check("get-copy-object-attrs", answer)


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_checksum_of_one_part(s3, bucket, begin, kind):
    case = recorded(f"s3::TestS3::test_get_object_part_checksum[{kind}]")
    key = "test-multipart-checksum"
    upload = begin(key, ChecksumAlgorithm="CRC32C", ChecksumType=kind)
    case.check("create-mpu-checksum", upload.created)
    part = upload.part(1, b"test content 123", ChecksumAlgorithm="CRC32C")
    case.check("upload-part", part)
    case.check("complete-multipart-checksum", complete_with_checksums(upload, "CRC32C", [part]))
    at = {"Bucket": bucket, "Key": key, "PartNumber": 1, "ChecksumMode": "ENABLED"}
    case.check("get-object-part", whole(s3.get_object(**at)))
    case.check("head-object-part", s3.head_object(**at))


def test_checksum_without_a_choice(s3, bucket, begin):
    case = recorded("s3::TestS3MultipartUploadChecksum::test_complete_multipart_parts_checksum_full_object_default")
    key = "test-multipart-checksum"
    upload = begin(key, ChecksumAlgorithm="CRC64NVME")
    case.check("create-mpu-checksum-crc64", upload.created, ignore=OWN)
    part = upload.part(1, b"aaa", ChecksumAlgorithm="CRC64NVME")
    case.check("upload-part", part)
    case.check("complete-multipart-checksum", upload.complete((1, part)), ignore=OWN)
    got = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.check("get-object-with-checksum", whole(got), ignore=("Body",))
    head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.check("head-object-with-checksum", head)
    wanted = ["Checksum", "ETag", "ObjectParts"]
    case.check("get-object-attrs", s3.get_object_attributes(Bucket=bucket, Key=key, ObjectAttributes=wanted))


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_which_checksums_go_together(s3, bucket, kind, algorithm):
    case = recorded(
        f"s3::TestS3MultipartUploadChecksum::test_multipart_checksum_type_compatibility[{kind}-{algorithm}]"
    )
    (step,) = case.answers
    answer = attempt(
        s3.create_multipart_upload, Bucket=bucket, Key="test-multipart-checksum-compat", ChecksumAlgorithm=algorithm,
        ChecksumType=kind,
    )  # fmt: skip
    case.check(step, answer, ignore=("Bucket",))


def test_refusals_of_checksums(s3, bucket):
    case = recorded("s3::TestS3MultipartUploadChecksum::test_multipart_parts_checksum_exceptions_composite")
    key = "test-multipart-checksum-exc"
    at = {"Bucket": bucket, "Key": key}
    case.check(
        "create-mpu-no-checksum-algo-with-type", attempt(s3.create_multipart_upload, **at, ChecksumType="COMPOSITE")
    )
    case.check("create-mpu-wrong-checksum-algo", attempt(s3.create_multipart_upload, **at, ChecksumAlgorithm="TEST"))
    upload = Upload(s3, bucket, key, ChecksumAlgorithm="CRC32", ChecksumType="COMPOSITE")
    case.check("create-mpu-composite-checksum", upload.created, ignore=OWN)
    case.check("list-multiparts", s3.list_multipart_uploads(Bucket=bucket), ignore=OWN)
    part = upload.part(1, b"abc")
    case.check("upload-part-no-checksum-ok", part)
    sha = "2l26x0trnT0r2AvakoFk2MB7eKVKzYESLMxSAKAzoik="
    entries = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": sha}]
    refused = attempt(s3.complete_multipart_upload, **upload.at, MultipartUpload={"Parts": entries})
    case.check("complete-part-with-checksum", refused)
    entries = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]
    refused = attempt(
        s3.complete_multipart_upload, **upload.at, MultipartUpload={"Parts": entries}, ChecksumType="FULL_OBJECT"
    )
    case.check("complete-part-with-bad-checksum-type", refused)
    upload = Upload(s3, bucket, key, ChecksumAlgorithm="SHA256")
    case.check("create-mpu-with-checksum", upload.created, ignore=OWN)
    refused = attempt(upload.part, number=1, body=b"abc", ChecksumAlgorithm="CRC32")
    case.check("upload-part-different-checksum-exc", refused)


def test_size_that_was_promised(s3, bucket, begin):
    case = recorded("s3::TestS3MultipartUploadChecksum::test_multipart_size_validation")
    unknown = (*OWN, "ETag", "ChecksumCRC32", "ChecksumCRC64NVME")
    upload = begin("test-multipart-size")
    case.check("create-mpu", upload.created, ignore=OWN)
    part = upload.part(1, b"aaaa")
    case.check("upload-part", part, ignore=unknown)
    case.check("complete-multipart-wrong-size", upload.complete((1, part), MpuObjectSize=5))
    case.check("complete-multipart-good-size", upload.complete((1, part), MpuObjectSize=4), ignore=unknown)


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_checksum_of_a_copied_part(s3, bucket, begin, kind):
    case = recorded(f"s3::TestS3MultipartUploadChecksum::test_multipart_upload_part_copy_checksum[{kind}]")
    case.check("put-object", s3.put_object(Bucket=bucket, Key="source", Body=b"this is a part"))
    key = "test-multipart-checksum"
    upload = begin(key, ChecksumAlgorithm="CRC32C", ChecksumType=kind)
    case.check("create-mpu-checksum-sha256", upload.created, ignore=OWN)
    copied = upload.copy(1, f"{bucket}/source")
    case.check("upload-part-copy", copied)
    case.check("list-parts", upload.parts(), ignore=OWN)
    done = complete_with_checksums(upload, "CRC32C", [copied["CopyPartResult"]])
    case.check("complete-multipart-checksum", done, ignore=OWN)
    got = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.check("get-object-with-checksum", whole(got))
    head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.check("head-object-with-checksum", head)
    wanted = ["Checksum", "ETag", "ObjectParts"]
    case.check("get-object-attrs", s3.get_object_attributes(Bucket=bucket, Key=key, ObjectAttributes=wanted))


@pytest.fixture
def source(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    return f"{bucket}/source"


def test_copied_part(s3, bucket, begin):
    case = recorded("s3_api::TestS3Multipart::test_upload_part_copy_no_copy_source_range", "s3")
    case.check("put-src-object", s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789"))
    upload = begin("test-upload-part-copy")
    case.check("create-multipart", upload.created, ignore=OWN)
    case.check("upload-part-copy", upload.copy(1, f"{bucket}/source"))
    case.check("list-parts", upload.parts(), ignore=OWN)


BAD_RANGES = ["0-100", "100-200", "1-0", "1-", "-1-", "-2", "-15", "0--1", "-", "-0", "0-1,3-4,7-9"]


def test_ranges_of_a_copied_part(s3, bucket, begin, source):
    case = recorded("s3_api::TestS3Multipart::test_upload_part_copy_range", "s3")
    upload = begin("test-upload-part-copy")
    for number, text in enumerate(("0-8", "1-1", "0-0"), 1):
        case.check(f"upload-part-copy-{number}", upload.copy(number, source, CopySourceRange=f"bytes={text}"))
    case.check("list-parts", upload.parts(), ignore=OWN)
    case.check("upload-part-copy-wrong-format", upload.copy(1, source, CopySourceRange="0-8"))
    for text in BAD_RANGES:
        refused = upload.copy(1, source, CopySourceRange=f"bytes={text}")
        case.check(f"upload-part-copy-range-exc-{text}", refused)


PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)  # our clock may be years behind
MD5 = "781e5e245d69b566979b86e28d23f2c7"


@pytest.mark.parametrize(("name", "step", "conditions"), [
    ("copy_source_if_match_failed", "source-if-match", {"IfMatch": "bad"}),
    ("copy_source_if_unmodified_since_match_failed", "source-unmodified-since-match", {"IfUnmodifiedSince": PAST}),
    ("copy_source_if_none_match_and_if_unmodified_since_match_failed",
     "source-unmodified-since-and-if-none-match", {"IfNoneMatch": "bad", "IfUnmodifiedSince": PAST}),
    ("copy_source_if_match_success", "if-match", {"IfMatch": MD5}),
    ("copy_source_if_match_none_success", "if-none-match", {"IfNoneMatch": "bad"}),
    ("copy_source_if_unmodified_since_success", "if-unmodified-since", {"IfUnmodifiedSince": FUTURE}),
])  # fmt: skip
def test_conditions_on_the_source_of_a_part(begin, source, name, step, conditions):
    case = recorded(f"s3_api::TestS3Multipart::test_upload_part_copy_with_{name}", "s3")
    upload = begin("destination_file.txt")
    options = {f"CopySource{key}": value for key, value in conditions.items()}
    case.check(f"upload-part-copy-{step}", upload.copy(1, source, **options))
    if "list-parts" in case.answers:
        case.check("list-parts", upload.parts(), ignore=OWN)


def test_source_not_modified_since(s3, bucket, begin, source):
    case = recorded("s3_api::TestS3Multipart::test_upload_part_copy_with_if_modified_since_failed", "s3")
    modified = s3.head_object(Bucket=bucket, Key="source")["LastModified"]
    upload = begin("destination_file.txt")
    refused = upload.copy(1, source, CopySourceIfModifiedSince=modified)
    case.check("upload-part-copy-source-modified-since-match", refused)


def test_if_match_with_a_delete_between(s3, bucket, begin):
    case = recorded("s3_api::TestS3ObjectWritePrecondition::test_multipart_if_match_with_delete", "s3")
    at = {"Bucket": bucket, "Key": "test-precondition"}
    put = s3.put_object(**at, Body=b"test")
    case.check("put-obj", put)
    upload = begin("test-precondition")
    case.check("create-multipart", upload.created)
    part = upload.part(1, b"test")
    case.check("del-obj", s3.delete_object(**at))
    case.check("complete-multipart-after-del", upload.complete((1, part), IfMatch=put["ETag"]))
    case.check("put-obj-2", s3.put_object(**at, Body=b"test"))
    case.check("complete-multipart-if-match-after-put", upload.complete((1, part), IfMatch=put["ETag"]))


def test_if_none_match_with_a_delete_between(s3, bucket, begin):
    case = recorded("s3_api::TestS3ObjectWritePrecondition::test_multipart_if_none_match_with_delete", "s3")
    at = {"Bucket": bucket, "Key": "test-precondition"}
    case.check("put-obj", s3.put_object(**at))
    upload = begin("test-precondition")
    case.check("create-multipart", upload.created)
    part = upload.part(1, b"test")
    case.check("complete-multipart-if-none-match", upload.complete((1, part), IfNoneMatch="*"))
    case.check("del-obj", s3.delete_object(**at))
    case.check("complete-multipart-after-del", upload.complete((1, part), IfNoneMatch="*"))
    upload = begin("test-precondition")
    part = upload.part(1, b"test")
    done = upload.complete((1, part), IfNoneMatch="*")
    case.check("complete-multipart-after-del-restart", done, ignore=("ETag", "ChecksumCRC64NVME"))


@pytest.mark.parametrize("step", ["list-parts-empty-marker", "list-parts-empty-max-parts"])
def test_empty_parameters(bucket, begin, undercast, step, let_all):
    """Old SDKs send parameters without a value."""
    let_all(bucket)
    upload = begin("test-list-part-empty-marker")
    upload.part(1, b"data")
    parameter = "part-number-marker" if "marker" in step.removeprefix("list-parts-empty") else "max-parts"
    url = f"{undercast.url}/{bucket}/test-list-part-empty-marker?uploadId={upload.at['UploadId']}&{parameter}="
    with urllib.request.urlopen(url) as answer:
        text = answer.read().decode()
    want = recorded("s3::TestS3::test_list_parts_empty_part_number_marker").answers[step]
    for name in ("PartNumberMarker", "NextPartNumberMarker", "MaxParts", "StorageClass"):
        assert f"<{name}>{want[name]}</{name}>" in text
