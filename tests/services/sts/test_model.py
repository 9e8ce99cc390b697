"""Rules on sessions that need no platform."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.services.sts import errors
from undercast.services.sts.model import Session, check_packed, inherit, parse_role

_TAGS = st.dictionaries(st.sampled_from("abcdef"), st.text(max_size=3))


@given(_TAGS, _TAGS, st.sets(st.sampled_from("abcdef")))
def test_what_is_passed_on_cannot_be_overridden(have, wanted, passed):
    passed &= have.keys()
    parent = {"tags": have, "transitive": sorted(passed)}
    if passed & wanted.keys():
        with pytest.raises(errors.InvalidParameterValue):
            inherit(wanted, (), parent)
        return
    tags, transitive = inherit(wanted, (), parent)
    assert tags == wanted | {key: have[key] for key in passed}
    assert set(transitive) == passed


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::111111111111:user/ann", "arn:aws:s3:::bucket/role/x", "arn:aws:iam:::role/worker"]
)
def test_arns_of_other_things(arn):
    with pytest.raises(errors.ValidationError, match="is invalid"):
        parse_role(arn)


def test_packed_size():
    assert Session().packed_percent is None
    assert Session(policy="x" * 2048).packed_percent == 100
    with pytest.raises(errors.PackedPolicyTooLarge):
        check_packed(Session(policy="x" * 2049))
