"""What a target gets of an event: all of it, a part, a constant, or what a template makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from undercast.engines import jsonpath
from undercast.engines.input_templates import Context, Template
from undercast.services.events.model import Rule, zulu

_path = lru_cache(maxsize=4096)(jsonpath.compile)


def payload(target: Mapping[str, Any], rule: Rule, event: dict[str, Any], text: str, now: int) -> str:
    """The text for a target; `text` is the event as JSON."""
    if target.get("InputTransformer"):
        transformer = target["InputTransformer"]
        template = _template(transformer["InputTemplate"], tuple((transformer.get("InputPathsMap") or {}).items()))
        return template.render(event, Context(rule.arn, rule.name, zulu(now - now % 1000)))
    if target.get("Input") is not None:
        constant: str = target["Input"]
        return constant
    if target.get("InputPath"):
        return orjson.dumps(value_at(target["InputPath"], event)).decode()
    return text


def value_at(path: str, event: object) -> object:
    """What a path leads to; None where it leads nowhere."""
    try:
        return _path(path).find(event)
    except jsonpath.JsonPathError:
        return None


@lru_cache(maxsize=4096)
def _template(text: str, paths: tuple[tuple[str, str], ...]) -> Template:
    return Template(text, dict(paths))
