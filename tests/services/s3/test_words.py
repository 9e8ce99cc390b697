"""Metadata in encoded words: whatever is put can be read again, and by others than us."""

from __future__ import annotations

from email.header import decode_header

from hypothesis import given
from hypothesis import strategies as st

from undercast.services.s3 import words

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(TEXTS)
def test_told_values_are_plain(text):
    told = words.told(text)
    assert all(" " <= char <= "~" or char == "\t" for char in told)


@given(TEXTS)
def test_telling_again_changes_nothing(text):
    told = words.told(text)
    assert words.told(told) == told


@given(TEXTS.filter(bool))
def test_others_read_what_was_written(text):
    ((data, charset),) = decode_header(words.encoded(text))
    assert data.decode(charset) == text


@given(st.text("abc =?_-~!", max_size=20))
def test_plain_text_stays(text):
    if "=?" not in text:
        assert words.told(text) == text
