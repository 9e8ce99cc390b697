"""Queues and move tasks, as recorded from AWS."""

from __future__ import annotations

import base64
import json

import pytest

from tests.recorded import recorded

MOVES = "sqs_move_task::"


def test_list_queues_pagination(sqs, make):
    case = recorded("sqs::TestSqsProvider::test_list_queues_pagination")
    made = [make(f"7f7df0f5-test-queue-{number}") for number in range(10)]
    every = sqs.list_queues()["QueueUrls"]
    two = sqs.list_queues(MaxResults=2)
    rest = sqs.list_queues(MaxResults=8, NextToken=two["NextToken"])
    assert "NextToken" not in rest
    for step, urls in (("list_all", every), ("list_two_max", two["QueueUrls"]), ("list_remaining", rest["QueueUrls"])):
        names = [url.rpartition("/")[2] for url in case.answers[step]["QueueUrls"]]
        assert [url.rpartition("/")[2] for url in urls] == names
    assert every == made


@pytest.mark.parametrize("protocol", ["sqs", "sqs_query"], indirect=True)
def test_non_existent_queue(client, undercast, account, error_of, protocol):
    case = recorded("sqs::TestSqsProvider::test_non_existent_queue")
    name = "queue-does-not-exist" + ("-query" if protocol == "sqs_query" else "")
    case.check(name, error_of(client.get_queue_url, QueueName="none"))
    if protocol == "sqs":
        url = f"{undercast.url}/{account}/none"
        case.check("queue-does-not-exist-url", error_of(client.get_queue_attributes, QueueUrl=url))


# --- move tasks ---


@pytest.fixture
def dead(sqs, make, arn):
    """A queue, its dead-letter queue's URL, and a function that lets messages die."""
    letters = make("letters")
    redrive = json.dumps({"deadLetterTargetArn": arn(letters), "maxReceiveCount": "1"})
    source = make("source", RedrivePolicy=redrive, VisibilityTimeout="0")

    def die(count):
        for number in range(count):
            sqs.send_message(QueueUrl=source, MessageBody=str(number))
        for _ in range(2 * count + 1):
            sqs.receive_message(QueueUrl=source)

    return source, letters, die


def test_basic_move_task_workflow(sqs, make, arn, dead, bodies, settle):
    case = recorded(f"{MOVES}test_basic_move_task_workflow", "sqs")
    _, letters, die = dead
    die(2)
    target = make("target")
    answer = sqs.start_message_move_task(SourceArn=arn(letters), DestinationArn=arn(target))
    case.check("start-message-move-task-response", answer)
    settle()
    case.check("list-message-move-task-response", sqs.list_message_move_tasks(SourceArn=arn(letters)))
    assert sorted(bodies(target)) == ["0", "1"]


def test_cancel_with_invalid_source_arn_in_task_handle(sqs, account, error_of):
    content = {"taskId": "10f6ac0f-5d6f-4b1b-8b7f-5a7a1d0e4b5e", "sourceArn": f"arn:aws:sqs:us-east-1:{account}:none"}
    handle = base64.b64encode(json.dumps(content).encode()).decode()
    error = error_of(sqs.cancel_message_move_task, TaskHandle=handle)
    recorded(f"{MOVES}test_cancel_with_invalid_source_arn_in_task_handle", "sqs").check("error", error)


def test_destination_needs_to_exist(sqs, arn, dead, error_of):
    source, letters, _ = dead
    error = error_of(sqs.start_message_move_task, SourceArn=arn(letters), DestinationArn=f"{arn(source)}-not")
    recorded(f"{MOVES}test_destination_needs_to_exist", "sqs").check("error", error)


def test_move_task_delete_destination_queue_while_running(sqs, make, arn, dead, clock, settle):
    _, letters, die = dead
    die(10)
    clock.stop()
    target = make("target")
    sqs.start_message_move_task(SourceArn=arn(letters), DestinationArn=arn(target), MaxNumberOfMessagesPerSecond=1)
    for _ in range(2):
        settle()
        clock.advance(seconds=1.01)
    settle()
    sqs.delete_queue(QueueUrl=target)
    clock.advance(seconds=1.1)
    settle()
    case = recorded(f"{MOVES}test_move_task_delete_destination_queue_while_running", "sqs")
    case.check("list", sqs.list_message_move_tasks(SourceArn=arn(letters)))


def test_source_needs_redrive_policy(sqs, queue, arn, error_of):
    error = error_of(sqs.start_message_move_task, SourceArn=arn(queue))
    recorded(f"{MOVES}test_source_needs_redrive_policy", "sqs").check("error", error)


def test_start_multiple_move_tasks(sqs, arn, dead, error_of):
    _, letters, die = dead
    die(3)
    sqs.start_message_move_task(SourceArn=arn(letters), MaxNumberOfMessagesPerSecond=1)
    error = error_of(sqs.start_message_move_task, SourceArn=arn(letters))
    recorded(f"{MOVES}test_start_multiple_move_tasks", "sqs").check("error", error)
