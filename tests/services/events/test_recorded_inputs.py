"""What targets get of an event, as recorded from AWS."""

from __future__ import annotations

import pytest

from tests.recorded import cases, recorded
from tests.services.events.conftest import DETAIL

INPUTS = "events_inputs::"
NESTED = f"{INPUTS}TestInputTransformer::test_input_transformer_nested_keys_replacement"
TRANSFORMED = {
    "command": "update-account",
    "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"},
    "listsingle": ["HIGH"],
    "listmulti": ["ACTIVE", "INACTIVE"],
    "valid": True,
}
PATHS = {
    "userId": "$.detail.payload.acc_id",
    "payload": "$.detail.payload",
    "systemstring": "$.detail.awsAccountId",  # which the event lacks
    "listsingle": "$.detail.listsingle",
    "listmulti": "$.detail.listmulti",
    "valid": "$.detail.valid",
}


def test_put_events_with_input_path_multiple_targets(make_rule, make_queue, put):
    case = recorded(f"{INPUTS}TestInputPath::test_put_events_with_input_path_multiple_targets", "events")
    first, second = make_queue("first"), make_queue("second")
    make_rule("rule", {"Arn": first.arn, "InputPath": "$.detail"}, second.arn)
    put()
    case.check("message-queue-1", first.receive(AttributeNames=[]))
    case.check("message-queue-2", second.receive(AttributeNames=[]))


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("event_detail0", DETAIL),
        (
            "event_detail1",
            {
                "command": "update-account",
                "payload": {"acc_id": "0a787ecb-4015", "payload": {"message": "baz", "id": "123"}},
            },
        ),
    ],
)
def test_put_events_with_input_path_nested(make_rule, target, put, name, detail):
    case = recorded(f"{INPUTS}TestInputPath::test_put_events_with_input_path_nested[{name}]", "events")
    make_rule("rule", {"Arn": target.arn, "InputPath": "$.detail.payload"})
    put(detail)
    case.check("message", target.receive(AttributeNames=[]))


@pytest.mark.parametrize("name", [name for name in cases("events") if name.startswith(NESTED)])
def test_input_transformer_nested_keys_replacement(make_rule, target, put, name):
    template = name[len(NESTED) + 1 : -1].replace("\\n", "\n")
    transformer = {"InputPathsMap": PATHS, "InputTemplate": template}
    make_rule("rule", {"Arn": target.arn, "InputTransformer": transformer})
    put(TRANSFORMED)
    received = target.receive(AttributeNames=[])
    recorded(name, "events").check("input-transformed-messages", received)


def test_put_events_with_input_transformer_input_template_json(make_rule, make_queue, put):
    case = recorded(
        f"{INPUTS}TestInputTransformer::test_put_events_with_input_transformer_input_template_json", "events"
    )
    target = make_queue()
    paths = {"detail-type": "$.detail-type", "timestamp": "$.time", "command": "$.detail.command"}
    template = '{"detailType": <detail-type>, "time": <timestamp>, "command": <command>}'
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    pattern = {"source": ["core.update-account-command"]}
    make_rule("rule", {"Arn": target.arn, "InputTransformer": transformer}, pattern=pattern)
    put()
    case.check("custom-variables-match-all", target.receive(AttributeNames=[]))
    put({"other": 1})
    case.check("custom-variables-not-match-all", target.receive(AttributeNames=[], VisibilityTimeout=5)[-1:])


def test_put_events_with_input_transformer_missing_keys(events, make_rule, target, error_of):
    case = recorded(f"{INPUTS}TestInputTransformer::test_put_events_with_input_transformer_missing_keys", "events")
    make_rule("rule")
    transformer = {
        "InputPathsMap": {"command": "$.detail.command"},
        "InputTemplate": '{"a": <command>, "b": <notdefinedkey>}',
    }
    targets = [{"Id": "id", "Arn": target.arn, "InputTransformer": transformer}]
    case.check("missing-key-exception-error", error_of(events.put_targets, Rule="rule", Targets=targets))


def test_put_event_input_path_and_input_transformer(events, make_rule, target, error_of):
    case = recorded(f"{INPUTS}test_put_event_input_path_and_input_transformer", "events")
    make_rule("rule")
    transformer = {"InputPathsMap": {"command": "$.detail.command"}, "InputTemplate": '{"a": <command>}'}
    targets = [{"Id": "id", "Arn": target.arn, "InputPath": "$.detail", "InputTransformer": transformer}]
    case.check("duplicated-input-operations-error", error_of(events.put_targets, Rule="rule", Targets=targets))
