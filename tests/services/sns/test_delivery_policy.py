"""The rules of delivery policies."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.sns.delivery_policy import RETRIES, InvalidPolicy, delays_s, read_subscription_policy

FUNCTIONS = ["linear", "arithmetic", "geometric", "exponential"]
policies = st.builds(
    lambda low, more, phases, backing_off, function: {
        "minDelayTarget": low, "maxDelayTarget": low + more, "numNoDelayRetries": phases[0],
        "numMinDelayRetries": phases[1], "numMaxDelayRetries": phases[2], "numRetries": sum(phases) + backing_off,
        "backoffFunction": function,
    },
    st.integers(1, 100), st.integers(0, 100), st.tuples(*[st.integers(0, 5)] * 3), st.integers(0, 20),
    st.sampled_from(FUNCTIONS),
)  # fmt: skip


@given(policies)
def test_delays_rise_within_their_bounds(policy):
    delays = delays_s(policy)
    assert len(delays) == policy["numRetries"]
    assert delays == pytest.approx(sorted(delays))
    later = delays[policy["numNoDelayRetries"] :]
    assert all(policy["minDelayTarget"] - 1e-9 <= delay <= policy["maxDelayTarget"] + 1e-9 for delay in later)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_backoff_goes_from_least_to_most(function):
    policy = {**RETRIES, "minDelayTarget": 1, "maxDelayTarget": 60, "numRetries": 6, "backoffFunction": function}
    delays = delays_s(policy)
    assert (delays[0], delays[-1]) == pytest.approx((1, 60))


def test_default_is_three_times_twenty_seconds():
    assert delays_s(RETRIES) == [20, 20, 20]


@pytest.mark.parametrize(
    "policy",
    [
        {"healthyRetryPolicy": {"numRetries": 101}},
        {"healthyRetryPolicy": {"numRetries": 1, "numNoDelayRetries": 2}},
        {"healthyRetryPolicy": {"minDelayTarget": 30, "maxDelayTarget": 20}},
        {"healthyRetryPolicy": {"minDelayTarget": 0}},
        {"healthyRetryPolicy": {"maxDelayTarget": 3601}},
        {"healthyRetryPolicy": {"numRetries": 100, "minDelayTarget": 60}},
        {"healthyRetryPolicy": {"backoffFunction": "random"}},
        {"healthyRetryPolicy": {"numRetries": True}},
        {"healthyRetryPolicy": {"retries": 1}},
        {"throttlePolicy": {"maxReceivesPerSecond": 0}},
        {"requestPolicy": {"headerContentType": "video/mp4"}},
        {"sicklyRetryPolicy": {}},
        {"policy": 1},
        [],
    ],
)
def test_bad_policies_are_refused(policy):
    with pytest.raises(InvalidPolicy):
        read_subscription_policy(json.dumps(policy))
