"""Accounts that nobody uses any more, as those of tests that ended."""

from __future__ import annotations


def test_an_account_that_was_left_polls_nothing(aws, account, undercast, function, make_queue, take, sqs):
    """Two queues that are read, one by a function and one by a pipe: what comes later stays in them."""
    (first, first_arn), (second, second_arn), (out, out_arn) = (make_queue(name) for name in ("first", "second", "out"))
    function("reader", "def handler(event, context): pass")
    aws("lambda").create_event_source_mapping(FunctionName="reader", EventSourceArn=first_arn)
    role = f"arn:aws:iam::{account}:role/r"
    aws("pipes").create_pipe(Name="pipe", Source=second_arn, Target=out_arn, RoleArn=role)
    sqs.send_message(QueueUrl=second, MessageBody="1")
    assert take(out)[0]["body"] == "1"  # the pipe runs
    sqs.send_message(QueueUrl=first, MessageBody="1")
    while _waiting(sqs, first):  # and so does the mapping
        pass
    undercast.run(undercast.platform.leave(account))
    for url in (first, second):
        sqs.send_message(QueueUrl=url, MessageBody="2")
        assert take(url) == [2]


def _waiting(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return any(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())
