"""Pure rules: names, ARNs, tokens, frames, aliases, events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.stepfunctions import arns, context, errors, history
from undercast.services.stepfunctions.frames import READY, Frame
from undercast.services.stepfunctions.model import Alias, checked_name, merged_tags

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)  # fmt: skip


@given(json_values, st.dictionaries(st.integers(0, 9), st.integers(0, 9)), st.text())
def test_a_frame_is_kept_as_it_is(value, attempts, state):
    frame = Frame(
        7, 0, 3, READY, "/States/x", state, value, {"v": value}, [3, value], attempts, serial=4, work={"a": 1}
    )
    assert Frame.of(7, 0, 3, READY, frame.content()) == frame


@given(st.integers(0, 2**63), st.integers(0, 2**63), st.text("0123456789abcdef", min_size=1))
def test_a_token_tells_whose_it_is(execution, frame, secret):
    assert context.read_token(context.token(execution, frame, secret)) == (execution, frame, secret)


@given(st.text())
def test_any_text_may_come_as_a_token(text):
    context.read_token(text)


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("nonsense", "Invalid ARN prefix: nonsense"),
        ("arn:aws:states:us-east-1:1:activity:a", "Resource type not valid in this context: activity"),
        ("arn:aws:sqs:us-east-1:1:stateMachine:a", "arn:aws:sqs:us-east-1:1:stateMachine:a"),
        ("arn:aws:states:us-east-1:1:stateMachine:a:1:2", "arn:aws:states:us-east-1:1:stateMachine:a:1:2"),
    ],
)
def test_what_is_no_arn_of_a_machine(arn, message):
    with pytest.raises(errors.InvalidArn) as raised:
        arns.parse(arn, "stateMachine")
    assert raised.value.message == f"Invalid Arn: '{message}'"


@given(st.integers(0, 100), st.floats(0, 1, exclude_max=True))
def test_an_alias_gives_each_version_its_weight(weight, chance):
    alias = Alias("machine", "live", None, ((1, weight), (2, 100 - weight)), 0, 0)
    assert alias.version(chance) == (1 if chance * 100 < weight else 2)


@pytest.mark.parametrize("name", ["a", "A-1_b.c", "x" * 80, "größe"])
def test_good_names(name):
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["x" * 81, "a b", "a/b", "a:b", 'a"', "a\n", "a\x7f"])
def test_bad_names(name):
    with pytest.raises(errors.InvalidName):
        checked_name(name)


def test_fifty_tags_and_no_more():
    fifty = [{"key": str(n), "value": ""} for n in range(50)]
    assert len(merged_tags({}, fifty)) == 50
    with pytest.raises(errors.TooManyTags):
        merged_tags({"one": "more"}, fifty)


@pytest.mark.parametrize(
    ("type", "key"),
    [
        ("PassStateEntered", "stateEnteredEventDetails"),
        ("MapStateExited", "stateExitedEventDetails"),
        ("MapIterationStarted", "mapIterationStartedEventDetails"),
        ("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails"),
    ],
)
def test_where_an_events_details_are(type, key):
    assert history.key(type) == key
