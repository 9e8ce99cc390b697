"""What AWS answered about access control lists."""

from __future__ import annotations

import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests.recorded import recorded
from tests.services.s3.answers import attempt
from tests.services.s3.plain import fetch

FAKE_GROUP = "http://acs.amazonaws.com/groups/s3/FakeGroup"
EVERYBODY = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}


@pytest.fixture
def listed(s3, make_bucket):
    """A bucket in which lists act."""
    bucket = make_bucket(ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=bucket)
    return bucket


def refusals(owner):
    """What was asked, by what follows the prefix in the recording's step."""
    everybody = [{"Grantee": EVERYBODY, "Permission": "READ"}]

    def document(grantee, permission="READ", of=owner):
        return {
            "AccessControlPolicy": {"Owner": {"ID": of}, "Grants": [{"Grantee": grantee, "Permission": permission}]}
        }

    return {
        "canned-acl": {"ACL": "fake-acl"},
        "grant-acl-fake-uri": {"GrantWrite": f'uri="{FAKE_GROUP}"'},
        "grant-acl-fake-key": {"GrantWrite": 'fakekey="1234"'},
        "grant-acl-wrong-id": {"GrantWrite": 'id="wrong-id"'},
        "acp-acl-1": {"AccessControlPolicy": {"Grants": everybody}},
        "acp-acl-2": document({"Type": "CanonicalUser"}),
        "acp-acl-3": document({"Type": "CanonicalUser", "ID": "wrong-id"}),
        "acp-acl-4": document({"Type": "Group", "URI": FAKE_GROUP}),
        "acp-acl-5": document({"Type": "CanonicalUser", "ID": owner}, of="wrong-id"),
        "acp-acl-6": document(EVERYBODY, "FAKE-PERMISSION"),
        "empty-acp": {"AccessControlPolicy": {}},
        "empty": {},
        "two-type-acl": {"ACL": "private", "GrantRead": f'uri="{EVERYBODY["URI"]}"'},
        "two-type-acl-acp": {"ACL": "private", **document(EVERYBODY)},
    }


def test_refused_bucket_lists(s3, listed):
    case = recorded("s3::TestS3::test_s3_bucket_acl_exceptions")
    owner = s3.list_buckets()["Owner"]["ID"]
    for name, options in refusals(owner).items():
        case.check(f"put-bucket-{name}", attempt(s3.put_bucket_acl, Bucket=listed, **options))


def test_refused_object_lists(s3, listed):
    case = recorded("s3::TestS3::test_s3_object_acl_exceptions")
    owner = s3.list_buckets()["Owner"]["ID"]
    at = {"Bucket": listed, "Key": "key"}
    case.check("put-object-canned-acl", attempt(s3.put_object, **at, ACL="fake-acl"))
    s3.put_object(**at)
    for name, options in refusals(owner).items():
        step = {"empty": "acl-empty", "canned-acl": "acl-canned-acl"}.get(name, name)
        case.check(f"put-object-{step}", attempt(s3.put_object_acl, **at, **options))


def test_lists_of_uploads(s3, listed):
    case = recorded("s3::TestS3::test_s3_multipart_upload_acls")
    s3.put_bucket_acl(Bucket=listed, ACL="public-read")
    case.check("bucket-acl", s3.get_bucket_acl(Bucket=listed))
    for key, options in (("key0", {}), ("key1", {"ACL": "private"}), ("key2", {"ACL": "public-read-write"})):
        at = {"Bucket": listed, "Key": key}
        at["UploadId"] = s3.create_multipart_upload(**at, **options)["UploadId"]
        part = {"PartNumber": 1, "ETag": s3.upload_part(**at, PartNumber=1, Body=b"part")["ETag"]}
        s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [part]})
        case.check(f"permission-acl-{key}", s3.get_object_acl(Bucket=listed, Key=key))


def test_everybody_deletes_in_a_public_bucket(s3, aws, listed, undercast):
    case = recorded("s3::TestS3::test_s3_batch_delete_public_objects_using_requests")
    s3.put_bucket_acl(Bucket=listed, ACL="public-read-write")
    nobody = aws("s3", config=Config(signature_version=UNSIGNED))
    keys = ["key-created-by-anonymous-1", "key-created-by-anonymous-2"]
    for key in keys:
        nobody.put_object(Bucket=listed, Key=key, Body=b"body", ACL="public-read-write")
    body = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
    status, text = fetch(f"{undercast.url}/{listed}?delete", "POST", f"<Delete>{body}</Delete>".encode())
    assert status == 200
    for key in keys:
        assert f"<Deleted><Key>{key}</Key></Deleted>" in text
    case.check("list-remaining-objects", attempt(s3.list_objects, Bucket=listed))
