"""Queues with a KMS key: what they are sent is nowhere in the database, comes back as it was, and the key decides."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode

import pytest

SECRET = "attack at dawn, \u00e9"
ATTRIBUTES = {
    "text": {"DataType": "String", "StringValue": "by the northern gate"},
    "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
}
SPOKEN = ("attack", "northern")  # of both, in the clear


@pytest.fixture
def sealed(make, key):
    """The URL of a queue with a key."""
    return make("sealed", KmsMasterKeyId=key)


@pytest.fixture
def rows(undercast, account):
    """`rows()`: every message of the account, as it is in the database."""

    def read():
        return undercast.run(undercast.platform.store.scan("SELECT * FROM sqs_messages WHERE account = ?", account))

    return read


@pytest.fixture
def locked(rows):
    """`locked()`: for every message whether nothing of it can be read in the database."""
    return lambda: [not any(word in str(list(row)) for word in SPOKEN) for row in rows()]


@pytest.fixture
def receive(sqs):
    """`receive(url)`: up to ten messages with all that belongs to them."""

    def receive(url, **options):
        wanted = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "AttributeNames": ["All"], **options}
        return sqs.receive_message(QueueUrl=url, **wanted).get("Messages", [])

    return receive


def send(sqs, url, body=SECRET, **options):
    return sqs.send_message(QueueUrl=url, MessageBody=body, **options)


def redrive(arn):
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})


def test_a_message_is_sealed_and_comes_back(sqs, client, sealed, locked, receive):
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}}
    sent = client.send_message(
        QueueUrl=sealed, MessageBody=SECRET, MessageAttributes=ATTRIBUTES, MessageSystemAttributes=trace
    )
    assert locked() == [True]
    (message,) = receive(sealed)
    assert (message["Body"], message["MessageAttributes"]) == (SECRET, ATTRIBUTES)
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"] == hashlib.md5(SECRET.encode()).hexdigest()
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["Attributes"]["AWSTraceHeader"] == "Root=1-2-3"


def test_without_a_key_a_message_is_plain(sqs, queue, locked):
    send(sqs, queue)
    assert locked() == [False]


def test_two_of_the_same_are_sealed_each_in_its_own_way(sqs, sealed, rows):
    send(sqs, sealed)
    send(sqs, sealed)
    assert len({row[6] for row in rows()}) == 2  # the bodies


def test_a_batch_is_sealed(sqs, sealed, locked, receive):
    entries = [{"Id": str(n), "MessageBody": f"{SECRET} {n}", "MessageAttributes": ATTRIBUTES} for n in range(10)]
    assert len(sqs.send_message_batch(QueueUrl=sealed, Entries=entries)["Successful"]) == 10
    assert locked() == [True] * 10
    messages = receive(sealed)
    assert [message["Body"] for message in messages] == [f"{SECRET} {n}" for n in range(10)]
    assert all(message["MessageAttributes"] == ATTRIBUTES for message in messages)


def test_the_largest_message_fits(sqs, make, key, receive):
    body = "x" * 1_048_576
    url = make("large", KmsMasterKeyId=key)
    send(sqs, url, body)
    assert [message["Body"] for message in receive(url)] == [body]


def test_a_fifo_queue_knows_the_same_again_by_its_plain_body(sqs, make, key, locked, receive):
    url = make("sealed.fifo", KmsMasterKeyId=key)
    first, again = (send(sqs, url, MessageGroupId="g") for _ in range(2))
    assert first["MessageId"] == again["MessageId"]
    assert locked() == [True]
    messages = receive(url, ReceiveRequestAttemptId="a")
    assert messages[0]["Attributes"]["MessageDeduplicationId"] == hashlib.sha256(SECRET.encode()).hexdigest()
    assert [message["Body"] for message in receive(url, ReceiveRequestAttemptId="a")] == [SECRET]


def test_an_event_of_another_service_is_sealed(sqs, aws, make, arn, key, settle, locked, receive):
    url, sns = make("subscribed", KmsMasterKeyId=key), aws("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn(url), Attributes=raw)
    sns.publish(TopicArn=topic, Message=SECRET, MessageAttributes=ATTRIBUTES)
    settle()
    assert locked() == [True]
    assert [(message["Body"], message["MessageAttributes"]) for message in receive(url)] == [(SECRET, ATTRIBUTES)]


def test_the_key_of_aws(sqs, kms, make, locked, receive):
    url = make("managed", KmsMasterKeyId="alias/aws/sqs")
    send(sqs, url)
    assert kms.describe_key(KeyId="alias/aws/sqs")["KeyMetadata"]["KeyManager"] == "AWS"
    assert (locked(), receive(url)[0]["Body"]) == ([True], SECRET)


def test_the_key_of_aws_may_come_later(sqs, kms, queue, clock, locked, receive):
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"KmsMasterKeyId": "alias/aws/sqs"})
    send(sqs, queue)
    clock.advance(minutes=6)
    assert (locked(), receive(queue)[0]["Body"]) == ([True], SECRET)


def test_a_data_key_is_of_the_queue(sqs, kms, key, sealed, arn, rows):
    """KMS opens the data key that lies beside a message, given the queue's ARN as context."""
    send(sqs, sealed)
    sender, _, lock = rows()[0][-1].partition(" ")
    blob = b64decode(lock)
    assert sender == arn(sealed)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"aws:sqs:arn": sender})["KeyId"].endswith(key)
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=blob, EncryptionContext={"aws:sqs:arn": f"{sender}-not"})


# --- what the key says ---


def test_a_disabled_key_refuses(sqs, kms, client, key, sealed, clock, refused, receive):
    send(sqs, sealed)
    kms.disable_key(KeyId=key)
    clock.advance(minutes=6)  # a data key is used for five minutes
    code, message = refused(client.send_message, QueueUrl=sealed, MessageBody=SECRET)
    assert (code, message.endswith(f"{key} is disabled.")) == ("KMS.DisabledException", True)
    entries = [{"Id": "1", "MessageBody": SECRET}]
    assert refused(client.send_message_batch, QueueUrl=sealed, Entries=entries)[0] == "KMS.DisabledException"
    assert refused(client.receive_message, QueueUrl=sealed)[0] == "KMS.DisabledException"
    kms.enable_key(KeyId=key)
    (message,) = receive(sealed)  # what was refused was neither sent nor received
    assert (message["Body"], message["Attributes"]["ApproximateReceiveCount"]) == (SECRET, "1")


def test_the_errors_are_modelled(sqs, kms, key, sealed):
    kms.disable_key(KeyId=key)
    with pytest.raises(sqs.exceptions.KmsDisabled):
        send(sqs, sealed)


def test_what_a_disabled_key_refused_may_be_sent_again(sqs, kms, make, key, clock, refused, receive):
    url = make("sealed.fifo", KmsMasterKeyId=key)
    kms.disable_key(KeyId=key)
    assert refused(send, sqs=sqs, url=url, MessageGroupId="g")[0] == "KMS.DisabledException"
    kms.enable_key(KeyId=key)
    send(sqs, url, MessageGroupId="g")
    assert [message["Body"] for message in receive(url)] == [SECRET]


@pytest.mark.parametrize("unknown", ["alias/none", "12345678-1234-1234-1234-123456789012", "nonsense", "arn:aws:x"])
def test_an_unknown_key_is_taken_and_refuses(client, make, unknown, refused, rows):
    url = make("unknown", KmsMasterKeyId=unknown)
    assert refused(client.send_message, QueueUrl=url, MessageBody=SECRET)[0] == "KMS.NotFoundException"
    entries = [{"Id": "1", "MessageBody": SECRET}]
    assert refused(client.send_message_batch, QueueUrl=url, Entries=entries)[0] == "KMS.NotFoundException"
    assert rows() == []
    client.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/another"})
    assert refused(client.send_message, QueueUrl=url, MessageBody=SECRET)[0] == "KMS.NotFoundException"


def test_a_key_for_something_else_refuses(sqs, kms, make, refused):
    signs = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    url = make("signed", KmsMasterKeyId=signs)
    assert refused(send, sqs=sqs, url=url)[0] == "KMS.InvalidKeyUsageException"


def test_a_deleted_key_takes_its_messages_with_it(sqs, kms, key, sealed, clock, settle, refused):
    send(sqs, sealed)
    sqs.set_queue_attributes(QueueUrl=sealed, Attributes={"MessageRetentionPeriod": "1209600"})
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock.advance(minutes=6)
    assert refused(sqs.receive_message, QueueUrl=sealed)[0] == "KMS.InvalidStateException"
    clock.advance(days=8)
    settle()
    assert refused(sqs.receive_message, QueueUrl=sealed)[0] == "KMS.AccessDeniedException"
    assert refused(send, sqs=sqs, url=sealed)[0] == "KMS.NotFoundException"


@pytest.mark.parametrize(
    ("period", "refuses_after_a_minute"), [({"KmsDataKeyReusePeriodSeconds": "60"}, True), ({}, False)]
)
def test_a_data_key_is_used_for_a_period(sqs, kms, make, key, clock, refused, period, refuses_after_a_minute):
    url = make("sealed", KmsMasterKeyId=key, VisibilityTimeout="0", **period)
    clock.stop()
    send(sqs, url)
    kms.disable_key(KeyId=key)
    clock.advance(seconds=59)
    send(sqs, url)
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    clock.advance(seconds=2)
    if refuses_after_a_minute:
        assert refused(send, sqs=sqs, url=url)[0] == "KMS.DisabledException"
        assert refused(sqs.receive_message, QueueUrl=url)[0] == "KMS.DisabledException"
    else:
        send(sqs, url)
        assert sqs.receive_message(QueueUrl=url)["Messages"]


# --- what was sent stays as it was sent ---


def test_a_queue_that_loses_its_key_still_reads_what_it_has(sqs, sealed, clock, locked, receive):
    send(sqs, sealed)
    sqs.set_queue_attributes(QueueUrl=sealed, Attributes={"KmsMasterKeyId": ""})
    send(sqs, sealed)
    clock.advance(minutes=6)  # KMS is asked again
    assert sorted(locked()) == [False, True]
    assert [message["Body"] for message in receive(sealed)] == [SECRET] * 2


def test_a_queue_that_gets_another_key_reads_both(sqs, kms, sealed, clock, locked, receive):
    send(sqs, sealed)
    another = kms.create_key()["KeyMetadata"]["KeyId"]
    sqs.set_queue_attributes(QueueUrl=sealed, Attributes={"KmsMasterKeyId": another})
    send(sqs, sealed)
    clock.advance(minutes=6)
    assert locked() == [True, True]
    assert [message["Body"] for message in receive(sealed)] == [SECRET] * 2


@pytest.mark.parametrize("suffix", ["", ".fifo"])
@pytest.mark.parametrize("encrypts", ["source", "letters", "both"])
def test_a_dead_letter_and_its_way_back(sqs, kms, make, arn, key, clock, settle, locked, receive, suffix, encrypts):
    def keyed(name):
        return {"KmsMasterKeyId": kms.create_key()["KeyMetadata"]["KeyId"]} if encrypts in (name, "both") else {}

    letters = make(f"letters{suffix}", **keyed("letters"))
    source = make(f"source{suffix}", RedrivePolicy=redrive(arn(letters)), VisibilityTimeout="0", **keyed("source"))
    send(sqs, source, MessageAttributes=ATTRIBUTES, **({"MessageGroupId": "g"} if suffix else {}))
    assert [len(receive(source)) for _ in range(2)] == [1, 0]
    clock.advance(minutes=6)
    kept = encrypts != "letters"  # moving does not change how it is kept
    assert locked() == [kept]
    (message,) = receive(letters, VisibilityTimeout=0)
    assert (message["Body"], message["MessageAttributes"]) == (SECRET, ATTRIBUTES)
    sqs.start_message_move_task(SourceArn=arn(letters))
    settle()
    clock.advance(minutes=6)
    (message,) = receive(source)
    assert (message["Body"], message["MessageAttributes"], locked()) == (SECRET, ATTRIBUTES, [kept])


def test_a_dead_letter_outlives_the_queue_that_it_was_sent_to(sqs, make, arn, key, clock, receive):
    letters = make("letters")
    source = make("source", RedrivePolicy=redrive(arn(letters)), VisibilityTimeout="0", KmsMasterKeyId=key)
    send(sqs, source)
    for _ in range(2):
        receive(source)
    sqs.delete_queue(QueueUrl=source)
    clock.advance(minutes=6)
    assert [message["Body"] for message in receive(letters)] == [SECRET]
