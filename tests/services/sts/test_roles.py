"""Assuming roles, as boto3 sees it."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.services.sts.conftest import trust


def refusal(action, /, **request):
    """The code and message with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        action(**request)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_assumed_role_is_who_calls(sts, iam, role, account, holding):
    answer = sts.assume_role(RoleArn=role, RoleSessionName="me")
    role_id = iam.get_role(RoleName="worker")["Role"]["RoleId"]
    seen = holding(answer["Credentials"], "sts").get_caller_identity()
    assert seen["Arn"] == f"arn:aws:sts::{account}:assumed-role/worker/me"
    assert (seen["Account"], seen["UserId"]) == (account, f"{role_id}:me")


def test_path_is_not_in_the_sessions_arn(sts, iam, account):
    document = trust(account, "sts:AssumeRole")
    arn = iam.create_role(RoleName="deep", Path="/a/b/", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    user = sts.assume_role(RoleArn=arn, RoleSessionName="me")["AssumedRoleUser"]
    assert user["Arn"] == f"arn:aws:sts::{account}:assumed-role/deep/me"
    without_path = f"arn:aws:iam::{account}:role/deep"
    assert refusal(sts.assume_role, RoleArn=without_path, RoleSessionName="me")[0] == "AccessDenied"


def test_role_of_another_account_acts_there(aws, sts, account, holding):
    other = f"{int(account) + 500_000:012d}"
    document = trust(account, "sts:AssumeRole")
    arn = aws("iam", account=other).create_role(RoleName="guest", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    credentials = sts.assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    holding(credentials, "sqs").create_queue(QueueName="there")
    assert aws("sqs").list_queues().get("QueueUrls", []) == []
    assert len(aws("sqs", account=other).list_queues()["QueueUrls"]) == 1


def test_missing_role_is_denied(sts, account):
    arn = f"arn:aws:iam::{account}:role/nobody"
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="me") == (
        "AccessDenied",
        f"User: arn:aws:iam::{account}:root is not authorized to perform: sts:AssumeRole on resource: {arn}",
    )


def test_durations(sts, iam, role, holding, clock):
    clock.stop()
    iam.update_role(RoleName="worker", MaxSessionDuration=7200)
    session = {"RoleArn": role, "RoleSessionName": "me"}
    assert refusal(sts.assume_role, **session, DurationSeconds=7201) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    chained = holding(sts.assume_role(**session, DurationSeconds=7200)["Credentials"], "sts")
    assert refusal(chained.assume_role, **session, DurationSeconds=3601) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )
    clock.advance(seconds=7199)
    chained.get_caller_identity()
    clock.advance(seconds=2)
    assert "Expired" in refusal(chained.get_caller_identity)[0]


def test_session_policies(sts, role, holding):
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    session = {"RoleArn": role, "RoleSessionName": "me"}
    answer = sts.assume_role(**session, Policy=json.dumps(policy))
    assert 0 < answer["PackedPolicySize"] <= 100
    assert "PackedPolicySize" not in sts.assume_role(**session)
    assert refusal(sts.assume_role, **session, Policy="{}")[0] == "MalformedPolicyDocument"


def test_source_identity_stays_in_a_chain(sts, role, holding):
    session = {"RoleArn": role, "RoleSessionName": "me"}
    first = sts.assume_role(**session, SourceIdentity="ann")
    assert first["SourceIdentity"] == "ann"
    chained = holding(first["Credentials"], "sts")
    assert chained.assume_role(**session)["SourceIdentity"] == "ann"
    assert refusal(chained.assume_role, **session, SourceIdentity="bob")[0] == "AccessDenied"


def test_transitive_tags_pass_through_a_chain(sts, role, holding):
    session = {"RoleArn": role, "RoleSessionName": "me"}
    tags = [{"Key": "Keep", "Value": "1"}, {"Key": "Drop", "Value": "2"}]
    first = holding(sts.assume_role(**session, Tags=tags, TransitiveTagKeys=["keep"])["Credentials"], "sts")
    second = holding(first.assume_role(**session, Tags=[{"Key": "Drop", "Value": "3"}])["Credentials"], "sts")
    again = refusal(second.assume_role, **session, Tags=[{"Key": "KEEP", "Value": "4"}])
    assert again[0] == "InvalidParameterValue"
    second.assume_role(**session, Tags=[{"Key": "Drop", "Value": "5"}])


def test_codes_of_mfa_devices_are_not_ignored(sts, role):
    session = {"RoleArn": role, "RoleSessionName": "me", "SerialNumber": "arn:aws:iam::1:mfa/me"}
    assert refusal(sts.assume_role, **session, TokenCode="123456")[0] == "NotImplemented"


def token(**claims):
    """A JSON Web Token with these claims."""
    parts = ({"alg": "RS256"}, claims)
    return ".".join([*(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2ln"])


@pytest.fixture
def anonymous(aws):
    return aws("sts", config=Config(signature_version=UNSIGNED))


@pytest.fixture
def soon(sts):
    """A time that is not over yet on the platform's clock."""
    return sts.get_session_token()["Credentials"]["Expiration"]


def test_web_identity(iam, anonymous, role, account, holding, soon):
    provider = iam.create_open_id_connect_provider(Url="https://id.example.com", ClientIDList=["app"])
    claims = {"iss": "https://id.example.com", "sub": "ann", "aud": "app", "exp": int(soon.timestamp())}
    session = {"RoleArn": role, "RoleSessionName": "me"}
    answer = anonymous.assume_role_with_web_identity(**session, WebIdentityToken=token(**claims))
    assert answer["Provider"] == provider["OpenIDConnectProviderArn"]
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == ("ann", "app")
    seen = holding(answer["Credentials"], "sts").get_caller_identity()
    assert seen["Arn"] == f"arn:aws:sts::{account}:assumed-role/worker/me"


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"aud": "other"}, "InvalidIdentityToken", "Incorrect token audience"),
        (
            {"iss": "https://else.example.com"},
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://else.example.com",
        ),
        ({"exp": 1}, "ExpiredTokenException", None),
        ({"sub": ""}, "InvalidIdentityToken", "Missing a required claim: sub"),
    ],
)
def test_refused_web_identity(iam, anonymous, role, soon, change, code, message):
    iam.create_open_id_connect_provider(Url="https://id.example.com", ClientIDList=["app"])
    claims = {"iss": "https://id.example.com", "sub": "ann", "aud": "app", "exp": int(soon.timestamp())} | change
    answer = refusal(
        anonymous.assume_role_with_web_identity,
        RoleArn=role, RoleSessionName="me", WebIdentityToken=token(**claims),
    )  # fmt: skip
    assert answer[0] == code
    assert message in (None, answer[1])


def test_token_that_is_none(anonymous, role):
    answer = refusal(
        anonymous.assume_role_with_web_identity, RoleArn=role, RoleSessionName="me", WebIdentityToken="opaque"
    )
    assert answer[0] == "InvalidIdentityToken"


_ASSERTION = """<Response xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"><s:Assertion><s:Issuer>https://idp</s:Issuer>
<s:Subject><s:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann</s:NameID><s:SubjectConfirmation>
<s:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="https://signin.aws.amazon.com/saml"/>
</s:SubjectConfirmation></s:Subject><s:AttributeStatement>
<s:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">
<s:AttributeValue>{roles}</s:AttributeValue></s:Attribute>
<s:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><s:AttributeValue>ann@example.com
</s:AttributeValue></s:Attribute></s:AttributeStatement></s:Assertion></Response>"""


def test_saml(iam, anonymous, role, soon, account):
    metadata = f'<EntityDescriptor entityID="idp">{" " * 1000}</EntityDescriptor>'
    provider = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata)["SAMLProviderArn"]

    def assume(until, roles):
        text = _ASSERTION.format(until=until.astimezone(UTC).isoformat(), roles=roles)
        return anonymous.assume_role_with_saml(
            RoleArn=role, PrincipalArn=provider, SAMLAssertion=b64encode(text.encode()).decode()
        )

    answer = assume(soon, f"{provider},{role}")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/worker/ann@example.com"
    assert (answer["Subject"], answer["SubjectType"]) == ("ann", "persistent")
    assert refusal(assume, until=soon, roles=f"{role}2,{provider}")[0] == "InvalidIdentityToken"
    past = datetime.now(UTC) - timedelta(days=1)
    assert refusal(assume, until=past, roles=f"{role},{provider}")[0] == "ExpiredTokenException"
