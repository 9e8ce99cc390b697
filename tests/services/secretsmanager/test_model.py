"""The rules for SecretIds and staging labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.secretsmanager.errors import InvalidParameterException
from undercast.services.secretsmanager.model import CURRENT, PREVIOUS, SecretId, label

LABELS = st.sampled_from([CURRENT, PREVIOUS, "AWSPENDING", "A", "B"])
STEPS = st.lists(st.tuples(st.sampled_from("abcd"), st.lists(LABELS, min_size=1, max_size=3)), max_size=12)


@given(STEPS)
def test_a_label_is_on_one_version(steps):
    stages = {}
    for version, labels in steps:
        stages = label(stages, version, labels)
        everything = [each for held in stages.values() for each in held]
        assert len(everything) == len(set(everything))
        assert all(held for held in stages.values())
        if CURRENT in labels:
            assert CURRENT in stages[version]


def test_previous_follows_current():
    stages = label({}, "a", [CURRENT])
    stages = label(stages, "b", [CURRENT])
    stages = label(stages, "c", [CURRENT])
    assert stages == {"b": (PREVIOUS,), "c": (CURRENT,)}


def test_secret_ids():
    prefix = "arn:aws:secretsmanager:us-east-1:111111111111:secret:"
    here = {"account": "111111111111", "region": "us-east-1"}
    assert SecretId.parse("name") == SecretId("name")
    assert SecretId.parse(prefix + "a/b-AbC123") == SecretId("a/b", "AbC123", **here)
    assert SecretId.parse(prefix + "a/b") == SecretId("a/b", **here)
    for wrong in ("arn:aws:secretsmanager", "arn:aws:secretsmanager:us-east-1:111111111111:other:a"):
        with pytest.raises(InvalidParameterException):
            SecretId.parse(wrong)
