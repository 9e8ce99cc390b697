"""Where objects go: prefixes with expressions, and what follows them.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from undercast.services.firehose.errors import InvalidArgumentException
from undercast.services.firehose.java_dates import InvalidPattern, format_date
from undercast.services.firehose.model import Stream

DEFAULT = "yyyy/MM/dd/HH/"

_EXPRESSION = re.compile(r"!\{([^:}]*):?([^}]*)\}")
_KEYS = ("partitionKeyFromQuery", "partitionKeyFromLambda")
_SUFFIXES = {"GZIP": ".gz", "ZIP": ".zip", "Snappy": ".snappy", "HADOOP_SNAPPY": ".hsnappy"}
_LONGEST = 512  # of an evaluated prefix


@dataclass(frozen=True)
class Facts:
    """What expressions are about. `arrived_at`: milliseconds, of the oldest record; `random`: 11 characters."""

    arrived_at: int
    random: str
    error_type: str = ""
    query_keys: Mapping[str, str] = field(default_factory=dict)
    lambda_keys: Mapping[str, str] = field(default_factory=dict)


class MissingKey(Exception):
    """A partitioning key of the prefix has no value."""


def object_key(stream: Stream, bucket: Mapping[str, Any], facts: Facts, id: str) -> str:
    """The key of an object. MissingKey."""
    zone = _zone(bucket.get("CustomTimeZone"))
    at = datetime.fromtimestamp(facts.arrived_at / 1000, zone)
    prefix = _error_prefix(bucket, facts, at) if facts.error_type else _prefix(bucket, facts, at)
    suffix = "" if facts.error_type else extension(stream, bucket)
    return f"{prefix[:_LONGEST]}{stream.name}-{stream.version}-{at:%Y-%m-%d-%H-%M-%S}-{id}{suffix}"


def extension(stream: Stream, bucket: Mapping[str, Any]) -> str:
    """What an object's key ends with."""
    if bucket.get("FileExtension"):
        return str(bucket["FileExtension"])
    if stream.conversion and bucket is stream.settings:
        serializer = stream.conversion["OutputFormatConfiguration"]["Serializer"]
        return ".orc" if "OrcSerDe" in serializer else ".parquet"
    return _SUFFIXES.get(bucket["CompressionFormat"], "")


def check(bucket: Mapping[str, Any], *, partitioned: bool) -> None:
    """InvalidArgumentException when a prefix cannot be used."""
    prefix, failures = bucket.get("Prefix") or "", bucket.get("ErrorOutputPrefix") or ""
    _zone(bucket.get("CustomTimeZone"))
    for namespace, value in _EXPRESSION.findall(prefix):
        _check_expression(namespace, value, "Prefix", ("random-string",), keys=partitioned)
    for namespace, value in _EXPRESSION.findall(failures):
        _check_expression(namespace, value, "ErrorOutputPrefix", ("random-string", "error-output-type"), keys=False)
    if _EXPRESSION.search(prefix) and not failures:
        raise InvalidArgumentException("ErrorOutputPrefix must be specified when Prefix contains expressions.")
    if _EXPRESSION.search(failures) and not prefix:
        raise InvalidArgumentException("ErrorOutputPrefix cannot contain expressions when Prefix is null.")
    if _EXPRESSION.search(failures) and "!{firehose:error-output-type}" not in failures:
        raise InvalidArgumentException(
            "ErrorOutputPrefix must contain at least one instance of !{firehose:error-output-type} when it contains "
            "expressions."
        )


def keys_named(prefix: str, namespace: str) -> set[str]:
    """The partitioning keys that a prefix names in one of the two namespaces."""
    return {value for found, value in _EXPRESSION.findall(prefix) if found == namespace}


def _check_expression(namespace: str, value: str, where: str, allowed: tuple[str, ...], *, keys: bool) -> None:
    if namespace == "timestamp":
        try:
            format_date(value, datetime(2020, 1, 1, tzinfo=UTC))
        except InvalidPattern as error:
            raise InvalidArgumentException(
                f"{where} contains an invalid timestamp expression: {value}: {error}"
            ) from None
    elif namespace in _KEYS:
        if not keys:
            raise InvalidArgumentException(
                "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is "
                "enabled."
            )
    elif namespace != "firehose" or value not in allowed:
        raise InvalidArgumentException(f"{where} contains an invalid expression: !{{{namespace}:{value}}}")


def _prefix(bucket: Mapping[str, Any], facts: Facts, at: datetime) -> str:
    given = bucket.get("Prefix") or ""
    names = {namespace for namespace, _ in _EXPRESSION.findall(given)}
    dated = "timestamp" in names or names & set(_KEYS)
    return _evaluate(given, facts, at) + ("" if dated else format_date(DEFAULT, at))


def _error_prefix(bucket: Mapping[str, Any], facts: Facts, at: datetime) -> str:
    """Without expressions, AWS puts the kind of failure and the hour after what is given."""
    given = bucket.get("ErrorOutputPrefix") or bucket.get("Prefix") or ""
    if _EXPRESSION.search(given):
        return _evaluate(given, facts, at)
    return f"{given}{facts.error_type}/{format_date(DEFAULT, at)}"


def _evaluate(text: str, facts: Facts, at: datetime) -> str:
    def value(found: re.Match[str]) -> str:
        namespace, name = found.groups()
        if namespace == "timestamp":
            return format_date(name, at)
        if namespace == "firehose":
            return facts.random if name == "random-string" else facts.error_type
        keys = facts.query_keys if namespace == "partitionKeyFromQuery" else facts.lambda_keys
        if not keys.get(name):
            raise MissingKey(name)
        return keys[name]

    return _EXPRESSION.sub(value, text)


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidArgumentException(f"CustomTimeZone {name} is not a supported time zone.") from None
