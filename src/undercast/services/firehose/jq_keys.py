"""Partitioning keys found in a record by a jq program."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from undercast.kit.errors import NotImplementedYet
from undercast.services.firehose.errors import InvalidArgumentException

try:
    import jq
except ImportError:  # an extra
    jq = None


def check(query: str) -> None:
    """InvalidArgumentException when a query is no jq program."""
    if jq is None:
        raise NotImplementedYet("Dynamic partitioning by a query needs jq: install undercast[firehose].")
    try:
        _program(query)
    except ValueError as error:
        raise InvalidArgumentException(f"MetadataExtractionQuery is not a valid JQ expression: {error}") from None


def find(query: str, data: bytes) -> dict[str, str]:
    """The keys that a query (`{customer: .customer_id}`) finds in a JSON record. ValueError when there are none."""
    keys = _program(query).input_text(data.decode()).first()
    if not isinstance(keys, dict):
        raise ValueError("The query does not answer an object of keys.")
    return {name: _text(name, value) for name, value in keys.items()}


@lru_cache(maxsize=256)
def _program(query: str) -> Any:
    return jq.compile(query)


def _text(name: str, value: Any) -> str:
    if value is None or value == "" or isinstance(value, dict | list):
        raise ValueError(f"The partitioning key {name} has no value.")
    return str(value).lower() if isinstance(value, bool) else str(value)
