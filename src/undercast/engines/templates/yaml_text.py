"""Reads CloudFormation's YAML.

It is read from the parser's events, not by PyYAML's constructors: that gives CloudFormation's dialect (short function
tags, dates that stay strings, no aliases), keys as they are written, and no recursion that a hostile text could steer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from undercast.engines.templates.errors import MAX_DEPTH, TemplateError, format_error

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser is ten times faster where it was built
_SHORT_TAGS = frozenset(
    [
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "ForEach",
        "GetAtt",
        "GetAZs",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    ]
)
_RESOLVED_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null"))
_PLAIN_TAGS = _RESOLVED_TAGS | {f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str")}
_BOOLEANS = {**dict.fromkeys(("true", "yes", "on"), True), **dict.fromkeys(("false", "no", "off"), False)}
_INTEGER = re.compile(r"[-+]?(0|[1-9]\d{0,17})")  # a leading zero stays text: an account id is not an octal number
_FLOAT = re.compile(r"[-+]?\d{1,17}\.\d{0,17}([eE][-+]\d{1,3})?")


def read_yaml(text: str) -> Any:
    """The value of a text of one YAML document (None if it has none). Raises TemplateError."""
    try:
        return _YamlReader(text).document()
    except yaml.MarkedYAMLError as error:
        raise _malformed(error.problem_mark or error.context_mark) from None
    except yaml.YAMLError:  # characters that YAML does not allow; recorded without a position:
        # templates::test_create_stack_invalid_yaml_template_should_fail
        raise _malformed(None) from None


def _malformed(mark: Any) -> TemplateError:
    where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return format_error(f"YAML not well-formed.{where}")


class _YamlReader:
    """Builds values from one document's events."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Any:
        """The value of the only document."""
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _malformed(event.start_mark)
                value = self._node(next(self._events), 0)
        return value

    def _node(self, event: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise format_error("Template is nested too deeply.")
        if isinstance(event, yaml.AliasEvent):
            raise format_error("YAML aliases are not allowed in CloudFormation templates")
        if isinstance(event, yaml.ScalarEvent):
            return _function(event, _scalar(event))
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(item, depth + 1))
            return _function(event, items)
        return _function(event, self._mapping(depth))

    def _mapping(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if isinstance(key, yaml.AliasEvent):
                raise format_error("YAML aliases are not allowed in CloudFormation templates")
            if not isinstance(key, yaml.ScalarEvent):
                raise _malformed(key.start_mark)
            members[key.value] = self._node(next(self._events), depth + 1)
        return members


def _scalar(event: Any) -> Any:
    """A plain scalar's value; anything quoted or tagged is text."""
    text = event.value
    if event.tag not in _RESOLVED_TAGS and (event.tag is not None or not event.implicit[0]):
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in (text.lower(), text.upper(), text.title()) and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _function(event: Any, value: Any) -> Any:
    """The long form of a short tag; `value` itself where there is none."""
    tag = event.tag
    if tag is None or tag == "!" or tag in _PLAIN_TAGS:
        return value
    name = tag[1:]
    if name in ("Ref", "Condition"):
        return {name: value}
    if name not in _SHORT_TAGS:
        raise _malformed(event.start_mark)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{name}": value}
