"""Input templates of pipes: JSON or text with `<$.path>` and `<aws.pipes.…>`; and parameters that are a path.

    Template('{"order": <$.body.id>, "pipe": "<aws.pipes.pipe-name>"}').render(event, {"aws.pipes.pipe-name": "orders"})

Outside of quotes a value is JSON; inside of quotes a text stands as it is, an object or array loses its quotes. What an
event lacks is "" outside and nothing inside, as in EventBridge's rules. (AWS's guide says that a template which is
nothing but a path to an object delivers it without its quotes; here it stays JSON, for which such templates are written.)
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import orjson

from undercast.engines import jsonpath
from undercast.engines.input_templates import NOTHING, Placeholder, shown, split

EVENT, EVENT_JSON = "aws.pipes.event", "aws.pipes.event.json"
RESERVED = frozenset({
    EVENT, EVENT_JSON, "aws.pipes.event.ingestion-time", "aws.pipes.pipe-arn", "aws.pipes.pipe-name",
    "aws.pipes.source-arn", "aws.pipes.enrichment-arn", "aws.pipes.target-arn",
})  # fmt: skip

_TOKEN = re.compile(r"<(\$[^<>\"]*|aws\.pipes\.[a-z.\-]+)>|\\.|\"", re.DOTALL)
_PATH = re.compile(r"\$(\.[\w/-]+(\[(\d+|\*)\])*)*", re.ASCII)


class InvalidTemplate(Exception):
    """A placeholder is neither a path nor a reserved variable."""


class Template:
    """A template, read once. InvalidTemplate."""

    def __init__(self, text: str) -> None:
        self._parts = split(text, _TOKEN)
        for part in self._parts:
            if isinstance(part, Placeholder) and not _known(part.name):
                raise InvalidTemplate(f"<{part.name}>")

    def render(self, event: object, variables: Mapping[str, object]) -> str:
        """The text for an event whose encoded fields are read already."""
        return "".join(
            part if isinstance(part, str) else shown(_value(part.name, event, variables), part.quoted)
            for part in self._parts
        )


def resolved(text: str, event: object) -> str:
    """A parameter of a target: what it leads to when the whole of it is a path, else itself."""
    if not _PATH.fullmatch(text):
        return text
    found = _find(text, event)
    return "" if found is NOTHING else found if isinstance(found, str) else orjson.dumps(found).decode()


def _known(name: str) -> bool:
    return _compiled(name) is not None if name.startswith("$") else name in RESERVED


def _value(name: str, event: object, variables: Mapping[str, object]) -> object:
    if name == EVENT_JSON:
        return event
    return variables.get(name, NOTHING) if name in RESERVED else _find(name, event)


def _find(path: str, event: object) -> object:
    compiled = _compiled(path)
    try:
        return compiled.find(event) if compiled else NOTHING
    except jsonpath.JsonPathError:
        return NOTHING


@lru_cache(maxsize=4096)
def _compiled(path: str) -> jsonpath.Path | None:
    try:
        return jsonpath.compile(path)
    except jsonpath.InvalidJsonPath:
        return None
