"""Input transformers of EventBridge: a template whose placeholders take values of an event.

    template = Template('{"order": <id>, "text": "order <id> of <aws.events.rule-name>"}', {"id": "$.detail.id"})
    template.render(event, context)      # '{"order": 7, "text": "order 7 of rule"}'

Sources: "Amazon EventBridge input transformation" in the user guide, and what AWS answered (tests/recordings/events.json,
TestInputTransformer): outside of quotes a value is JSON; inside of quotes a text stands as it is, an object or array
loses its quotes; what the event lacks is "" outside and nothing inside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from undercast.engines import jsonpath

PREDEFINED = frozenset({
    "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
    "aws.events.event.json",
})  # fmt: skip

_TOKEN = re.compile(r"<([A-Za-z0-9_.\-]+)>|\\.|\"", re.DOTALL)
_QUOTE = re.compile(r'\\.|"')  # of JSON, escaped or not; and what else is escaped
NOTHING = object()  # what a path finds that leads nowhere


class InvalidPlaceholder(Exception):
    """The template has a placeholder that is not defined; `name` is it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Context:
    """What the predefined placeholders stand for besides the event. `ingestion_time` as ISO 8601 text."""

    rule_arn: str
    rule_name: str
    ingestion_time: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A place in a template; `quoted`: inside of a JSON string."""

    name: str
    quoted: bool


class Template:
    """A template and the paths of its placeholders. InvalidPlaceholder, jsonpath.InvalidJsonPath."""

    def __init__(self, text: str, paths: Mapping[str, str]) -> None:
        self._paths = {name: jsonpath.compile(path) for name, path in paths.items()}
        self._parts = split(text, _TOKEN)
        for part in self._parts:
            if isinstance(part, Placeholder) and part.name not in self._paths and part.name not in PREDEFINED:
                raise InvalidPlaceholder(part.name)

    def render(self, event: Mapping[str, Any], context: Context) -> str:
        """The text for an event."""
        values: dict[str, object] = {}
        for part in self._parts:
            if isinstance(part, Placeholder) and part.name not in values:
                values[part.name] = self._value(part.name, event, context)
        return "".join(part if isinstance(part, str) else shown(values[part.name], part.quoted) for part in self._parts)

    def _value(self, name: str, event: Mapping[str, Any], context: Context) -> object:
        path = self._paths.get(name)
        if path is not None:
            return find(path, event)
        if name == "aws.events.event.json":
            return event
        if name == "aws.events.event":
            return {key: value for key, value in event.items() if key != "detail"}
        own = {
            "aws.events.rule-arn": context.rule_arn,
            "aws.events.rule-name": context.rule_name,
            "aws.events.event.ingestion-time": context.ingestion_time,
        }
        return own[name]


def find(path: jsonpath.Path, event: object) -> object:
    """What a path leads to; something that is shown as nothing when it leads nowhere."""
    try:
        return path.find(event)
    except jsonpath.JsonPathError:
        return NOTHING


def split(text: str, token: re.Pattern[str]) -> list[str | Placeholder]:
    """Literals and placeholders (the first group of `token`); a quote opens or ends a JSON string unless it is escaped."""
    parts: list[str | Placeholder] = []
    end, quoted = 0, False
    for found in token.finditer(text):
        if found.group() == '"':
            quoted = not quoted
        elif found[1]:
            parts += [text[end : found.start()], Placeholder(found[1], quoted)]
            end = found.end()
    return [*parts, text[end:]]


def shown(value: object, quoted: bool) -> str:
    """A value in the place of its placeholder."""
    if value is NOTHING:
        return "" if quoted else '""'
    text = orjson.dumps(value).decode()
    if not quoted:
        return text
    if isinstance(value, str):
        return text[1:-1]  # still escaped, so that the string it stands in stays one
    return _QUOTE.sub(lambda found: "" if found.group().endswith('"') else found.group(), text)
