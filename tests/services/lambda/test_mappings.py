"""Event source mappings: from a queue to a function."""

from __future__ import annotations

import json

import pytest

from .answers import recorded, refusal, wait_active, wait_updated
from .sources import COPY, arn, receive, wait_for


@pytest.fixture
def connect(client, sqs):
    """A mapping from a queue that is polled."""

    def make(url, name="copy", **settings):
        answer = client.create_event_source_mapping(FunctionName=name, EventSourceArn=arn(sqs, url), **settings)
        return wait_for(client, answer["UUID"], "Enabled")

    return make


def bodies(sqs, url, count=1):
    """The bodies of the records in the events that were sent on."""
    found = []
    while len(found) < count:
        found += [record["body"] for sent in receive(sqs, url) for record in sent["event"]["Records"]]
    return found


def left(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())


def wait_until_empty(sqs, url):
    while left(sqs, url):
        pass


def test_messages_are_processed_and_deleted(copy, connect, sqs, queue, out):
    copy()
    connect(queue)
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    assert bodies(sqs, out) == ["hello"]
    wait_until_empty(sqs, queue)


def test_a_backlog_is_processed_by_many(copy, connect, sqs, queue, out):
    copy()
    for start in range(0, 60, 10):
        entries = [{"Id": str(n), "MessageBody": str(start + n)} for n in range(10)]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    connect(queue)
    assert sorted(map(int, bodies(sqs, out, 60))) == list(range(60))
    wait_until_empty(sqs, queue)


def test_what_fails_returns_after_its_visibility(copy, connect, sqs, out, clock):
    copy(fail=True)
    attributes = {"VisibilityTimeout": "30"}
    url = sqs.create_queue(QueueName="in", Attributes=attributes)["QueueUrl"]
    connect(url)
    sqs.send_message(QueueUrl=url, MessageBody="again")
    assert bodies(sqs, out) == ["again"]
    clock.advance(seconds=31)
    assert bodies(sqs, out) == ["again"]


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        (None, 0), ({}, 0), ("", 0), ({"batchItemFailures": None}, 0), ({"batchItemFailures": []}, 0),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, 1), ({"batchItemFailures": [{"itemIdentifier": None}]}, 1),
        ({"batchItemFailures": [{"foo": "bar"}]}, 1), ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, 1),
        ("no report", 1),
    ],
)  # fmt: skip
def test_reports_of_failures(copy, connect, sqs, queue, out, result, kept):
    copy(result=result)
    connect(queue, FunctionResponseTypes=["ReportBatchItemFailures"])
    sqs.send_message(QueueUrl=queue, MessageBody="m")
    assert bodies(sqs, out) == ["m"]
    if kept:
        assert left(sqs, queue) == 1
    else:
        wait_until_empty(sqs, queue)


def test_only_what_is_reported_returns(function, connect, sqs, queue):
    code = """
def handler(event, context):
    return {"batchItemFailures": [
        {"itemIdentifier": record["messageId"]} for record in event["Records"] if record["body"] == "bad"]}
"""
    function("copy", code)
    connect(queue, FunctionResponseTypes=["ReportBatchItemFailures"])
    entries = [{"Id": str(n), "MessageBody": "bad" if n == 3 else "good"} for n in range(6)]
    sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    while left(sqs, queue) != 1:
        pass


def test_filters(copy, connect, sqs, queue, out):
    copy()
    connect(queue, FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]})
    for body in ('{"kind": "other"}', "no JSON", '{"kind": "wanted"}'):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    assert bodies(sqs, out) == ['{"kind": "wanted"}']
    wait_until_empty(sqs, queue)


def test_groups_keep_their_order(copy, connect, sqs, out):
    copy()
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="in.fifo", Attributes=attributes)["QueueUrl"]
    connect(url, BatchSize=2)
    for number in range(9):
        sqs.send_message(QueueUrl=url, MessageBody=str(number), MessageGroupId="a")
    wait_until_empty(sqs, url)
    received = [record for sent in receive(sqs, out, 5) for record in sent["event"]["Records"]]
    by_number = sorted(received, key=lambda record: record["attributes"]["SequenceNumber"])
    assert [record["body"] for record in by_number] == [str(n) for n in range(9)]
    assert {record["attributes"]["MessageGroupId"] for record in received} == {"a"}


def test_a_window_gathers(copy, connect, sqs, queue, out, clock):
    copy()
    connect(queue, BatchSize=100, MaximumBatchingWindowInSeconds=60)
    for number in range(25):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    while int(
        sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"]
    ):
        pass
    clock.advance(seconds=61)
    (sent,) = receive(sqs, out)
    assert len(sent["event"]["Records"]) == 25


def test_disabling_and_deleting(copy, connect, client, sqs, queue, out):
    copy()
    mapping = connect(queue)
    answer = client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    assert answer["State"] == "Disabling"
    wait_for(client, mapping["UUID"], "Disabled")
    sqs.send_message(QueueUrl=queue, MessageBody="later")
    assert client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)["State"] == "Enabling"
    assert bodies(sqs, out) == ["later"]
    assert client.delete_event_source_mapping(UUID=mapping["UUID"])["State"] == "Deleting"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        while True:
            client.get_event_source_mapping(UUID=mapping["UUID"])


def test_refusals(client, create, sqs, queue, account):
    create("f", Timeout=60)
    source = arn(sqs, queue)

    def wrong(**request):
        request = {"FunctionName": "f", "EventSourceArn": source} | request
        return refusal(client.create_event_source_mapping, **request).response["Error"]

    assert "Queue visibility timeout: 30 seconds is less than Function timeout: 60" in wrong()["Message"]
    assert "does not exist" in wrong(EventSourceArn=f"arn:aws:sqs:us-east-1:{account}:none")["Message"]
    assert wrong(FunctionName="none")["Code"] == "ResourceNotFoundException"
    assert "greater than 0" in wrong(BatchSize=11)["Message"]
    assert wrong(FilterCriteria={"Filters": [{"Pattern": "{"}]})["Message"] == "Invalid filter pattern definition."
    assert "Unsupported ParallelizationFactor" in wrong(ParallelizationFactor=2)["Message"]
    assert wrong(EventSourceArn=f"arn:aws:kafka:us-east-1:{account}:cluster/c/1")["Code"] == "NotImplemented"


# --- recorded ---


def test_starting_positions(client, create, account, aws):
    case = recorded("lambda_api::TestLambdaEventSourceMappings::test_create_event_source_validation")
    create("f")
    stream = f"arn:aws:dynamodb:us-east-1:{account}:table/t/stream/2024-01-01T00:00:00.000"
    create_mapping = client.create_event_source_mapping
    case.check("no_starting_position", refusal(create_mapping, FunctionName="f", EventSourceArn=stream))
    for step, position in (
        ("invalid_starting_position", "invalid"),
        ("incompatible_starting_position", "AT_TIMESTAMP"),
    ):
        request = {"FunctionName": "f", "EventSourceArn": stream, "StartingPosition": position}
        error = refusal(create_mapping, **request).response
        if step == "invalid_starting_position":  # the values are those of a set, in no order
            assert error["Error"]["Message"].startswith(case.answers[step]["Error"]["Message"].partition("[")[0])
        else:
            case.check(step, refusal(create_mapping, **request))


def test_duplicates(client, create, sqs, queue):
    case = recorded("lambda_integration_sqs::TestSQSEventSourceMapping::test_duplicate_event_source_mappings")
    create("f")
    request = {"FunctionName": "f", "EventSourceArn": arn(sqs, queue)}
    case.check("create", client.create_event_source_mapping(**request))
    case.check("error", refusal(client.create_event_source_mapping, **request))


def test_names_of_functions(client, create, sqs, queue, account):
    case = recorded("lambda_api::TestLambdaEventSourceMappings::test_function_name_variations")
    full = create("f", Publish=True)["FunctionArn"]
    wait_active(client, "f")
    client.create_alias(FunctionName="f", Name="myalias", FunctionVersion="1")
    partial = f"{account}:function:f"
    for step, name in {
        "name_only": "f", "partial_arn_latest": f"{partial}:$LATEST", "partial_arn_version": f"{partial}:1",
        "partial_arn_alias": f"{partial}:myalias", "full_arn_latest": full, "full_arn_version": f"{full}:1",
        "full_arn_alias": f"{full}:myalias",
    }.items():  # fmt: skip
        answer = client.create_event_source_mapping(FunctionName=name, EventSourceArn=arn(sqs, queue))
        case.check(f"{step}_create_esm", answer)
        client.delete_event_source_mapping(UUID=answer["UUID"])


def test_tags(client, create, sqs, queue):
    case = recorded("lambda_api::TestLambdaTag::test_create_tag_on_esm_create")
    create("f")
    request = {"FunctionName": "f", "EventSourceArn": arn(sqs, queue), "Tags": {"testtag": "value"}}
    answer = client.create_event_source_mapping(**request)
    case.check("list_tags_result", client.list_tags(Resource=answer["EventSourceMappingArn"]))


def test_message_and_attributes(copy, connect, sqs, queue, out):
    case = recorded("lambda_integration_sqs::test_message_body_and_attributes_passed_correctly")
    wanted = case.answers["first_attempt"]["Messages"][0]["Body"]["event"]["Records"][0]
    copy()
    connect(queue)
    attributes = {
        name: {"DataType": value["dataType"], "StringValue": value["stringValue"]}
        for name, value in wanted["messageAttributes"].items()
    }
    sqs.send_message(QueueUrl=queue, MessageBody='{"fail_attempts": 0}', MessageAttributes=attributes)
    ((record,),) = [sent["event"]["Records"] for sent in receive(sqs, out)]
    case.answers["record"] = wanted | {"body": '{"fail_attempts": 0}', "attributes": "<attributes:1>"}
    assert set(record["attributes"]) == set(wanted["attributes"])
    case.check("record", record | {"attributes": "x"})


@pytest.mark.parametrize(
    ("test", "step", "settings"),
    [
        ("test_redrive_policy_with_failing_lambda", "first_attempt", {"fail": True}),
        ("test_report_batch_item_failures_invalid_result_json_batch_fails", "first_invocation",
         {"result": {"batchItemFailures": [{"foo": "notvalid"}]}}),
    ],
)  # fmt: skip
def test_what_fails_ends_in_the_dead_letter_queue(copy, connect, sqs, out, clock, test, step, settings):
    case = recorded(f"lambda_integration_sqs::{test}")
    copy(**settings)
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 2})
    url = sqs.create_queue(QueueName="in", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    connect(url, FunctionResponseTypes=["ReportBatchItemFailures"], BatchSize=1)
    sqs.send_message(QueueUrl=url, MessageBody='{"message": 1}')
    for attempt, name in ((1, step), (2, step.replace("first", "second"))):
        wanted = case.answers[name]["Messages"][0]["Body"]["event"]["Records"][0]
        ((record,),) = [sent["event"]["Records"] for sent in receive(sqs, out)]
        case.answers["record"] = wanted | {"body": '{"message": 1}'}
        case.answers["record"]["attributes"] = wanted["attributes"] | {"SenderId": "<sender>"}
        case.answers["record"]["attributes"]["SentTimestamp"] = "<sent>"
        assert record["attributes"]["ApproximateReceiveCount"] == str(attempt)
        case.check("record", record, ignore=("md5OfBody",))
        clock.advance(seconds=31)
    assert receive(sqs, dead) == [{"message": 1}]


def test_update(client, function, connect, sqs, queue, out):
    case = recorded("lambda_integration_sqs::TestSQSEventSourceMapping::test_sqs_event_source_mapping_update")
    code = COPY.replace("RESULT", 'os.environ["CUSTOM_VAR"] + context.function_version').replace("FAIL", "False")
    function("copy", code, Environment={"Variables": {"OUT": out, "CUSTOM_VAR": "a"}}, Publish=True)
    change = {"OUT": out, "CUSTOM_VAR": "b"}
    client.update_function_configuration(FunctionName="copy", Environment={"Variables": change})
    wait_updated(client, "copy")
    client.publish_version(FunctionName="copy")
    settings = {"EventSourceArn": arn(sqs, queue), "MaximumBatchingWindowInSeconds": 1}
    answer = client.create_event_source_mapping(FunctionName="copy:1", **settings)
    case.check("create-event-source-mapping-response", answer, ignore=("FunctionArn",))
    wait_for(client, answer["UUID"], "Enabled")
    sqs.send_message(QueueUrl=queue, MessageBody='{"foo": "bar"}')
    (sent,) = receive(sqs, out)
    assert sent["result"] == "a1"
    (wanted,) = case.answers["events"][0]["event"]["Records"]
    case.answers["record"] = wanted | {"attributes": "<attributes:1>"}
    case.check("record", sent["event"]["Records"][0] | {"attributes": "x"})
    answer = client.update_event_source_mapping(UUID=answer["UUID"], FunctionName="copy:2")
    case.check("updated_esm", answer, ignore=("FunctionArn",))
    answer = wait_for(client, answer["UUID"], "Enabled")
    case.check("updated_event_source_mapping", answer, ignore=("FunctionArn",))
    sqs.send_message(QueueUrl=queue, MessageBody='{"foo": "bar2"}')
    (sent,) = receive(sqs, out)
    assert sent["result"] == "b2"
