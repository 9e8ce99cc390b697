"""What goes into enrichments and targets: one event, before and after its template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from undercast.services.pipes.templates import Template


class Failed(Exception):
    """An enrichment or a target did not do its part; the message says why."""


@dataclass(frozen=True, slots=True)
class Item:
    """`value` is the event, `read` the same with its encoded fields read, `text` what is sent of it."""

    value: Any
    read: Any
    text: str
    variables: Mapping[str, object]

    def through(self, template: Template | None) -> Item:
        """As a template makes it."""
        return replace(self, text=template.render(self.read, self.variables)) if template else self

    @property
    def payload(self) -> Any:
        """The text as JSON, or as it is."""
        try:
            return orjson.loads(self.text)
        except orjson.JSONDecodeError:
            return self.text
