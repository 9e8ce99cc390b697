"""Uploads by forms: what their policies let pass, where they lead, and what they store."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode

import pytest
from botocore.config import Config

from tests.services.s3.plain import error_of, fetch, post_form
from tests.services.s3.test_recorded_forms import form

__all__ = ["form"]


def error(answer):
    return error_of(answer.text)["Error"]


def message(answer):
    return error(answer)["Message"]


def test_filename_in_the_key(s3, bucket, form):
    url, fields = form(key="uploads/${filename}")
    answer = post_form(url, fields, b"hello", "C:\\files\\me.txt")
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["Location"].endswith(f"/{bucket}/uploads/me.txt")
    stored = s3.get_object(Bucket=bucket, Key="uploads/me.txt")
    assert stored["Body"].read() == b"hello"
    assert stored["ContentType"] == "binary/octet-stream"
    assert answer.headers["ETag"] == stored["ETag"]


@pytest.mark.parametrize(("wanted", "status"), [("200", 200), ("201", 201), ("204", 204), ("418", 204)])
def test_success_status(form, wanted, status):
    url, fields = form(fields={"success_action_status": wanted})
    answer = post_form(url, fields, b"x")
    assert (answer.status, bool(answer.text)) == (status, status == 201)


def test_redirect(bucket, form):
    url, fields = form(fields={"success_action_redirect": "http://example.com/done?a=1"})
    answer = post_form(url, fields, b"x")
    assert answer.status == 303
    assert answer.headers["Location"].startswith(f"http://example.com/done?a=1&bucket={bucket}&key=key&etag=%22")


def test_redirect_to_nowhere_is_none(form):
    url, fields = form(fields={"success_action_redirect": "somewhere"})
    assert post_form(url, fields, b"x").status == 204


def test_conditions(form):
    url, fields = form(conditions=[["starts-with", "$Content-Type", "image/"]])
    assert post_form(url, {**fields, "Content-Type": "image/png"}, b"x").status == 204
    refused = post_form(url, {**fields, "Content-Type": "text/plain"}, b"x")
    assert (refused.status, error(refused)["Code"]) == (403, "AccessDenied")
    why = 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$Content-Type", "image/"]'
    assert message(refused) == why
    assert message(post_form(url, fields, b"x")) == why
    assert "Policy Condition failed" in message(post_form(url, {**fields, "key": "other"}, b"x"))


def test_field_that_no_condition_names(form):
    url, fields = form()
    refused = post_form(url, {**fields, "acl": "private"}, b"x")
    assert message(refused) == "Invalid according to Policy: Extra input fields: acl"
    assert post_form(url, {**fields, "x-ignore-this": "please"}, b"x").status == 204


def test_expired(form, clock):
    clock.advance(minutes=2)  # nothing to the form, which is signed later
    url, fields = form(expires=60)
    assert post_form(url, fields, b"x").status == 204
    url, fields = form(expires=-60)
    assert message(post_form(url, fields, b"x")) == "Invalid according to Policy: Policy expired."


def signed_by_nobody(policy):
    """A form whose key the platform does not know: only its policy is checked."""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    return {"key": "key", "AWSAccessKeyId": "test", "signature": "x", "policy": b64encode(text.encode()).decode()}


@pytest.mark.parametrize(("policy", "wanted"), [
    ("{", "Invalid Policy: Invalid JSON."),
    ({"conditions": []}, "Invalid Policy: Policy missing expiration."),
    ({"expiration": "2099-01-01T00:00:00Z"}, "Invalid Policy: Policy missing conditions."),
    ({"expiration": "soon", "conditions": []}, "Invalid Policy: Invalid 'expiration' value: 'soon'"),
    ({"expiration": "2099-01-01T00:00:00Z", "conditions": [["eq", "$key"]]}, "Invalid Policy: Invalid Condition."),
])  # fmt: skip
def test_malformed_policies(form, policy, wanted):
    url, _ = form()
    refused = post_form(url, signed_by_nobody(policy), b"x")
    assert (refused.status, error(refused)["Code"], message(refused)) == (400, "InvalidPolicyDocument", wanted)


def test_wrong_signature(form):
    url, fields = form()
    policy = json.loads(b64decode(fields["policy"]))
    policy["conditions"].append({"acl": "public-read"})
    fields["policy"] = b64encode(json.dumps(policy).encode()).decode()
    assert error(post_form(url, fields, b"x"))["Code"] == "SignatureDoesNotMatch"


def test_no_key_and_no_file(form):
    url, fields = form()
    fields.pop("key")
    assert error(post_form(url, {"a": "b"}, b"x"))["Code"] == "InvalidArgument"
    assert "Policy Condition failed" in message(post_form(url, fields, b"x"))
    body = b'------form\r\nContent-Disposition: form-data; name="key"\r\n\r\nkey\r\n------form--\r\n'
    _, text = fetch(url, "POST", body, {"Content-Type": "multipart/form-data; boundary=----form"})
    assert error_of(text)["Error"]["Message"] == "POST requires exactly one file upload per request."


def test_anyone_where_the_bucket_lets_all(s3, bucket, form, let_all):
    url, _ = form()
    assert error(post_form(url, {"key": "key"}, b"x"))["Code"] == "AccessDenied"
    let_all(bucket, "s3:PutObject")
    assert post_form(url, {"key": "key"}, b"mine").status == 204
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"mine"


def test_keys_of_a_session(aws, s3, bucket, undercast):
    credentials = aws("sts").get_session_token()["Credentials"]
    client = aws(
        "s3", aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"], config=Config(signature_version="s3v4"),
    )  # fmt: skip
    fields = client.generate_presigned_post(bucket, "key")["fields"]
    assert post_form(f"{undercast.url}/{bucket}", fields, b"x").status == 204
    signature = "0" * 64
    refused = post_form(f"{undercast.url}/{bucket}", {**fields, "x-amz-signature": signature}, b"x")
    assert error(refused)["Code"] == "SignatureDoesNotMatch"


def test_who_listens_hears_of_a_post(aws, s3, bucket, form):
    sqs = aws("sqs")
    queue = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    wanted = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:Post"]}]}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=wanted, SkipDestinationValidation=True
    )
    url, fields = form()
    post_form(url, fields, b"x")
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert json.loads(message["Body"])["Records"][0]["eventName"] == "ObjectCreated:Post"


def test_bucket_in_the_host(s3, bucket, form, undercast):
    _, fields = form()
    host = f"{bucket}.s3.localhost.localstack.cloud:{undercast.url.rpartition(':')[2]}"
    answer = post_form(undercast.url, fields, b"x", headers={"Host": host})
    assert (answer.status, answer.headers["Location"]) == (204, f"http://{host}/key")
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == 1


def test_encrypted_tagged_and_checked(s3, bucket, form):
    tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    told = {
        "x-amz-server-side-encryption": "aws:kms",
        "tagging": tagging,
        "x-amz-checksum-sha256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
    }
    url, fields = form(fields=told)
    assert post_form(url, fields, b"abc").status == 204
    assert s3.head_object(Bucket=bucket, Key="key")["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object_tagging(Bucket=bucket, Key="key")["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert error(post_form(url, fields, b"abd"))["Code"] == "BadDigest"


def test_locked(s3, keyed, undercast, account):
    locked, until = f"locked-{account}", "2099-01-01T00:00:00Z"
    s3.create_bucket(Bucket=locked, ObjectLockEnabledForBucket=True)
    told = {
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-object-lock-retain-until-date": until,
        "content-md5": "kAFQmDzST7DWlj99KOF/cg==",
    }
    conditions = [{name: value} for name, value in told.items()]
    fields = keyed().generate_presigned_post(locked, "key", Fields=told, Conditions=conditions)["fields"]
    assert post_form(f"{undercast.url}/{locked}", fields, b"abc").status == 204
    kept = s3.get_object_retention(Bucket=locked, Key="key")["Retention"]
    assert (kept["Mode"], f"{kept['RetainUntilDate']:%Y-%m-%dT%H:%M:%SZ}") == ("GOVERNANCE", until)
    wrong = {**fields, "x-amz-object-lock-retain-until-date": "soon"}
    assert error(post_form(f"{undercast.url}/{locked}", wrong, b"abc"))["Code"] == "AccessDenied"


@pytest.mark.parametrize("virtual", [False, True])
def test_scripts_of_allowed_pages_hear_the_answer(s3, bucket, form, undercast, virtual):
    rules = [{"AllowedOrigins": ["https://page.example"], "AllowedMethods": ["POST"]}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    url, fields = form()
    host = f"{bucket}.s3.localhost.localstack.cloud:{undercast.url.rpartition(':')[2]}"
    headers = {"Origin": "https://page.example", **({"Host": host} if virtual else {})}
    answer = post_form(undercast.url if virtual else url, fields, b"x", headers=headers)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "https://page.example")
    answer = post_form(url, fields, b"x", headers={"Origin": "https://other.example"})
    assert (answer.status, answer.headers.get("Access-Control-Allow-Origin")) == (204, None)
