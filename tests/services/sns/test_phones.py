"""Text messages and apps: what is captured, who gets nothing."""

from __future__ import annotations

import json
import urllib.request

import pytest

NUMBER = "+15551234567"


def test_text_message_is_captured(sns, captured):
    sns.set_sms_attributes(attributes={"DefaultSenderID": "Shop"})
    attributes = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
    id = sns.publish(PhoneNumber=NUMBER, Message="hello", MessageAttributes=attributes)["MessageId"]
    (sms,) = captured(protocol="sms", target="%2B15551234567")
    assert (sms["messageId"], sms["message"], sms["senderId"], sms["smsType"], sms["status"]) == (
        id, "hello", "Shop", "Transactional", "SUCCESS",
    )  # fmt: skip
    assert captured(target="%2B1999") == []


def test_bad_number_is_refused(sns, refused):
    assert refused(sns.publish, PhoneNumber="12", Message="x") == (
        "InvalidParameter", "Invalid parameter: PhoneNumber Reason: 12 is not valid to publish to",
    )  # fmt: skip


def test_captured_messages_come_in_pages_and_can_be_deleted(sns, undercast, account):
    for number in range(3):
        sns.publish(PhoneNumber=NUMBER, Message=str(number))
    url = f"{undercast.url}/_aws/sns/messages?account={account}"
    first = json.load(urllib.request.urlopen(f"{url}&limit=2"))
    rest = json.load(urllib.request.urlopen(f"{url}&limit=2&after={first['next']}"))
    assert [one["message"] for one in first["messages"] + rest["messages"]] == ["0", "1", "2"]
    assert rest["next"] is None
    deleted = json.load(urllib.request.urlopen(urllib.request.Request(url, method="DELETE")))
    assert deleted == {"deleted": 3}


def test_who_answers_stop_is_opted_out(sns, captured, undercast, account):
    body = json.dumps({"phoneNumber": NUMBER, "message": " Stop"}).encode()
    urllib.request.urlopen(f"{undercast.url}/_aws/sns/replies?account={account}", body).close()
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=NUMBER)["isOptedOut"] is True
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == [NUMBER]
    sns.publish(PhoneNumber=NUMBER, Message="x")
    assert captured()[-1]["status"] == "FAILURE"
    sns.opt_in_phone_number(phoneNumber=NUMBER)
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=NUMBER)["isOptedOut"] is False


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"DefaultSMSType": "Urgent"}, "InvalidParameter"),
        ({"DefaultSenderID": "123"}, "InvalidParameter"),
        ({"Colour": "red"}, "InvalidParameter"),
        ({"UsageReportS3Bucket": "bucket"}, "NotImplemented"),
    ],
)
def test_bad_sms_attributes_are_refused(sns, refused, attributes, code):
    assert refused(sns.set_sms_attributes, attributes=attributes)[0] == code


def test_sandbox_number_is_verified_with_its_password(sns, captured, refused):
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [{"PhoneNumber": NUMBER, "Status": "Pending"}]
    password = captured()[-1]["message"].split()[-1].rstrip(".")
    wrong = f"{(int(password) + 1) % 10**6:06d}"
    answer = refused(sns.verify_sms_sandbox_phone_number, PhoneNumber=NUMBER, OneTimePassword=wrong)
    assert answer[0] == "VerificationException"
    sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=password)
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [{"PhoneNumber": NUMBER, "Status": "Verified"}]
    sns.delete_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    assert refused(sns.delete_sms_sandbox_phone_number, PhoneNumber=NUMBER)[0] == "ResourceNotFound"


# --- apps ---


@pytest.fixture
def app(sns):
    credentials = {"PlatformCredential": "secret"}
    answer = sns.create_platform_application(Name="shop", Platform="GCM", Attributes=credentials)
    return answer["PlatformApplicationArn"]


@pytest.fixture
def device(sns, app):
    return sns.create_platform_endpoint(PlatformApplicationArn=app, Token="token")["EndpointArn"]


def test_push_is_captured(sns, topic, subscribe, device, captured):
    subscribe(topic, device, "application")
    message = json.dumps({"default": "all", "GCM": "push"})
    sns.publish(TopicArn=topic, Message=message, MessageStructure="json")
    sns.publish(TargetArn=device, Message="direct")
    pushes = captured(protocol="application")
    assert [(one["message"], one["token"], one["platform"]) for one in pushes] == [
        ("push", "token", "GCM"), ("direct", "token", "GCM"),
    ]  # fmt: skip


def test_disabled_endpoint_takes_nothing(sns, topic, subscribe, device, captured, make_queue, refused):
    dead = make_queue("dead")
    subscribe(topic, device, "application", RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
    sns.set_endpoint_attributes(EndpointArn=device, Attributes={"Enabled": "false"})
    assert refused(sns.publish, TargetArn=device, Message="x") == ("EndpointDisabled", "Endpoint is disabled")
    sns.publish(TopicArn=topic, Message="x")
    assert captured() == []
    assert dead.messages() == ["x"]


def test_disabled_application_takes_nothing(sns, app, device, refused):
    sns.set_platform_application_attributes(PlatformApplicationArn=app, Attributes={"Enabled": "false"})
    assert refused(sns.publish, TargetArn=device, Message="x")[0] == "PlatformApplicationDisabled"


def test_unknown_endpoint_is_refused(sns, topic, device, refused):
    assert refused(sns.publish, TargetArn=f"{device}-not", Message="x") == (
        "InvalidParameter", "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
    )  # fmt: skip
    answer = refused(sns.subscribe, TopicArn=topic, Protocol="application", Endpoint=f"{device}-not")
    assert answer[0] == "InvalidParameter"


def test_applications_are_listed(sns, app):
    (listed,) = sns.list_platform_applications()["PlatformApplications"]
    assert listed == {"PlatformApplicationArn": app, "Attributes": {"Enabled": "true"}}


def test_nobody_is_in_the_sandbox_and_no_numbers_are_bought(sns, refused):
    assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is False
    answer = sns.list_origination_numbers(MaxResults=30)
    assert (answer["PhoneNumbers"], "NextToken" in answer) == ([], False)
    assert refused(sns.list_origination_numbers, MaxResults=31)[0] == "ValidationError"
    assert refused(sns.list_origination_numbers, NextToken="?")[0] == "InvalidParameter"
