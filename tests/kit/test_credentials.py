"""Keys and tokens that tell whose they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undercast.kit.credentials import (
    DEFAULT_ACCOUNT,
    Identity,
    account_of,
    issue_access_key,
    issue_session_token,
    read_session_token,
)


@given(st.integers(0, 10**12 - 1), st.binary(min_size=3, max_size=8))
def test_issued_key_tells_its_account(account, chance):
    key = issue_access_key(f"{account:012d}", "AKIA", chance)
    assert len(key) == 20
    assert account_of(key) == f"{account:012d}"


@given(st.text(max_size=24).filter(lambda text: len(text) != 12))
def test_any_other_key_is_the_default_account(key):
    assert account_of(key) == DEFAULT_ACCOUNT


def test_token_carries_its_identity():
    identity = Identity("1" * 12, "arn:aws:sts::1:assumed-role/r/s", "AROA:s", "ASIA", session={"tags": {"a": "b"}})
    assert read_session_token(issue_session_token(identity, 42)) == (identity, 42)


@given(st.text())
def test_other_tokens_are_nobodys(token):
    assert read_session_token(token) is None
    assert read_session_token("UndercastSession." + token) is None
