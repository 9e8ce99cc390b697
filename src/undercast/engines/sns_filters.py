"""SNS filter policies: which messages a subscription wants, by their attributes or by their body.

The language is that of event patterns (`engines.patterns`) with SNS's own limits and texts. Sources: the recorded
answers of SNS, and "Amazon SNS subscription filter policies" and "Filter policy constraints" in its developer guide.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from undercast.engines import patterns
from undercast.engines.patterns.events import Field, Fields
from undercast.engines.patterns.reader import JsonError, line_and_column, tokens

Scope = Literal["MessageAttributes", "MessageBody"]

MAX_KEYS = 5
MAX_COMBINATIONS = 150
MAX_SIZE_BYTES = 256 * 1024
# Recorded: `suffix` and `exists` are refused inside anything-but, where EventBridge takes the former.
_DIALECT = patterns.Dialect(anything_but=frozenset({"prefix", "wildcard"}))


class InvalidFilterPolicy(Exception):
    """Not a filter policy. The message is what SNS says after `... Attributes Reason: FilterPolicy: `."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter policy. An empty policy (`{}`) lets everything through: it is how SNS removes one."""

    scope: Scope
    pattern: patterns.Pattern | None

    def matches(self, message: Mapping[str, object] | str) -> bool:
        """Does the subscription want it?

        For MessageAttributes: the attributes as published, `{name: {"DataType": ..., "StringValue": ...}}`.
        For MessageBody: the text of the message; one that is no JSON object matches nothing.
        """
        if self.pattern is None:
            return True
        if self.scope == "MessageBody":
            body = _json(message) if isinstance(message, str) else message
            return isinstance(body, Mapping) and self.pattern.matches(body)
        return isinstance(message, Mapping) and self.pattern.matches_fields(attribute_fields(message))


def compile(policy: str | Mapping[str, object], scope: Scope = "MessageAttributes") -> Filter:
    """Raises InvalidFilterPolicy with SNS's text."""
    text = policy if isinstance(policy, str) else _text(policy)
    if len(text.encode(errors="surrogatepass")) > MAX_SIZE_BYTES:
        raise InvalidFilterPolicy("Filter policy exceeds the maximum size of 256 KB")
    _check_json(text)
    if _json(text) == {}:
        return Filter(scope, None)
    try:
        pattern = patterns.compile(text, _DIALECT)
    except patterns.InvalidPattern as error:
        raise InvalidFilterPolicy(str(error)) from None
    _check_limits(pattern, scope)
    return Filter(scope, pattern)


def attribute_fields(attributes: Mapping[str, object]) -> Fields:
    """Message attributes as the fields of an event: a Number is a number, a String.Array each of its elements."""
    fields: dict[str, list[Field]] = {}
    for name, attribute in attributes.items():
        if isinstance(attribute, Mapping):
            values = list(_attribute_values(attribute))
            if values:
                fields[name] = [Field(value, ()) for value in values]
    return fields


def _attribute_values(attribute: Mapping[str, object]) -> Iterator[object]:
    """Binary attributes, custom types and arrays that are no JSON have no values: SNS ignores them."""
    text = attribute.get("StringValue", attribute.get("Value"))
    kind = str(attribute.get("DataType", attribute.get("Type", ""))).split(".")
    if not isinstance(text, str):
        return
    if kind == ["String", "Array"]:
        array = _json(text)
        yield from (value for value in array if not isinstance(value, list | dict)) if isinstance(array, list) else ()
    elif kind[0] == "Number":
        number = _number(text)
        if number is not None:
            yield number
    elif kind[0] == "String":
        yield text


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _check_json(text: str) -> None:
    try:
        for token in tokens(text):
            if token.kind == "end":
                return
    except JsonError as error:
        source = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
        place = f" at [Source: {source}; {line_and_column(text, error.position)}]"
        raise InvalidFilterPolicy(f"failed to parse JSON. {error.text}\n{place}") from None


def _check_limits(pattern: patterns.Pattern, scope: Scope) -> None:
    """Keys are counted at the top level; combinations multiply the values of each key by how deep it lies."""
    conditions = [condition for alternative in pattern.alternatives for condition in alternative]
    if scope == "MessageAttributes" and any(condition.depth > 1 for condition in conditions):
        raise InvalidFilterPolicy("Filter policy scope MessageAttributes does not support nested filter policy")
    if len({condition.keys[0] for condition in conditions}) > MAX_KEYS:
        raise InvalidFilterPolicy(f"Filter policy can not have more than {MAX_KEYS} keys")
    combinations = sum(
        math.prod(len(condition.leaves) * condition.depth for condition in alternative)
        for alternative in pattern.alternatives
    )
    if combinations > MAX_COMBINATIONS:
        raise InvalidFilterPolicy("Filter policy is too complex")


def _text(policy: Mapping[str, object]) -> str:
    try:
        return json.dumps(policy)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidFilterPolicy(str(error)) from None


def _json(text: str) -> object:
    """The parsed text, or None when it is no JSON (or nested too deep to be worth parsing)."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
