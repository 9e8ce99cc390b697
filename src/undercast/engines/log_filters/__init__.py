"""CloudWatch Logs' filter patterns: terms, JSON conditions, fields separated by spaces, regular expressions.

    errors = log_filters.compile('{ $.level = "ERROR" && $.ms > 100 }')
    errors.matches('{"level": "ERROR", "ms": 250}')     # True
    errors.extract('{"level": "ERROR", "ms": 250}')     # {"$.level": "ERROR", "$.ms": "250"}

Source: "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail" in the
user guide; error texts from public issues.
"""

from __future__ import annotations

from typing import Protocol

from undercast.engines.log_filters.fields import parse_fields
from undercast.engines.log_filters.json_conditions import parse_json
from undercast.engines.log_filters.scanner import InvalidLogFilter
from undercast.engines.log_filters.terms import parse_terms

__all__ = ["InvalidLogFilter", "LogFilter", "compile"]

MAX_CHARS = 1024  # the model's limit for a filterPattern


class LogFilter(Protocol):
    """A compiled pattern."""

    @property
    def names_values(self) -> bool:
        """Has it values to extract? If not: "The specified filter pattern does not support dimensions"."""

    def matches(self, message: str) -> bool: ...

    def extract(self, message: str) -> dict[str, str] | None:
        """The values that the pattern names (TestMetricFilter's `extractedValues`); None when it does not match."""

    def select(self, message: str, selector: str) -> str | None:
        """The value of `$.path` or `$field` in `message`: a metric's value or dimension. None when it is not there."""


def compile(pattern: str) -> LogFilter:
    """Raises InvalidLogFilter. An empty pattern matches every message."""
    if len(pattern) > MAX_CHARS:
        raise InvalidLogFilter("Invalid filter pattern", f"longer than {MAX_CHARS} characters")
    text = pattern.strip()
    for opening, closing, parse in (("{", "}", parse_json), ("[", "]", parse_fields)):
        if text.startswith(opening):
            if not text.endswith(closing):
                message = f"If a filter pattern starts with '{opening}' it must end with '{closing}'"
                raise InvalidLogFilter(message, message)
            return parse(text)
    return parse_terms(text)
