"""The shape of ciphertexts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from undercast.services.kms.model import Key, associated_data, header, read_ciphertext

UUIDS = st.uuids().map(str)


def key(account, region, id):
    return Key(account, region, id, "CUSTOMER", "", "", "", 0, "", "", {}, True, 0, 0, 0, 0, 0)


@given(st.integers(0, 10**12 - 1), st.sampled_from(["us-east-1", "ap-southeast-2"]), UUIDS, st.integers(1, 2**31))
def test_ciphertexts_name_their_key(account, region, id, seq):
    head = header(key(f"{account:012d}", region, id), seq)
    found = read_ciphertext(head + bytes(28))
    assert found == (f"{account:012d}", region, id, seq, head, bytes(28))


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_order_of_an_encryption_context_does_not_matter(context):
    reverse = dict(reversed(context.items()))
    assert associated_data(b"h", context) == associated_data(b"h", reverse)
    assert associated_data(b"h", {**context, "more": "x"}) != associated_data(b"h", {**context, "more": "y"})
