"""Records that hold records: JSON objects one after the other, or pieces with a delimiter between them."""

from __future__ import annotations

import json

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


def split_json(data: bytes) -> list[bytes]:
    """The JSON objects in data, each as it stands there. ValueError when something else is in it."""
    parts: list[bytes] = []
    text, start = data.decode(), 0
    while True:
        while start < len(text) and text[start] in _SPACE:
            start += 1
        if start == len(text):
            return parts
        value, end = _DECODER.raw_decode(text, start)
        if not isinstance(value, dict):
            raise ValueError("Only JSON objects can be taken apart.")
        parts.append(text[start:end].encode())
        start = end


def split_delimited(data: bytes, delimiter: bytes) -> list[bytes]:
    """The pieces between delimiters; empty ones are none."""
    return [part for part in data.split(delimiter) if part]
