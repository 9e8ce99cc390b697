"""Presigned requests to services other than S3."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest


@pytest.fixture
def caller(aws, undercast):
    """Asks STS who calls, by a URL that a user's keys sign, changed before it is sent."""
    iam = aws("iam")
    iam.create_user(UserName="signer")
    key = iam.create_access_key(UserName="signer")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def ask(pattern="", new=""):
        url = aws("sts", **keys).generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        try:
            with urllib.request.urlopen(re.sub(pattern, new, url, count=1) if pattern else url) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    return ask


def test_good_signature(caller):
    assert ":user/signer" in caller()


@pytest.mark.parametrize(("pattern", "new", "wanted"), [
    ("GetCallerIdentity", "GetSessionToken", "SignatureDoesNotMatch"),
    ("X-Amz-Expires=60", "X-Amz-Expires=61", "SignatureDoesNotMatch"),
    ("&X-Amz-Expires=60", "", "SignatureDoesNotMatch"),
    ("X-Amz-Expires=60", "X-Amz-Expires=never", "AuthorizationQueryParametersError"),
    (r"X-Amz-Date=\w+&", "", "AuthorizationQueryParametersError"),
])  # fmt: skip
def test_changed_request(caller, pattern, new, wanted):
    assert f"<Code>{wanted}</Code>" in caller(pattern, new)
