"""Template values as text, as CloudFormation writes them."""

from __future__ import annotations

import json
from typing import Any

from undercast.engines.templates.errors import TemplateError

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""What stands for a value that only a finished resource has; change sets show it in these words."""

MAX_TEXT = 1_048_576  # characters; ours: nested Fn::Sub could otherwise double a text a hundred times


def as_text(value: Any) -> str | None:
    """A scalar as text (true, 5, 1.5); None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else None


def as_json(value: Any) -> str:
    """Compact JSON, as Fn::ToJsonString gives it.
    Recorded: transformers::TestLanguageExtensionsTransform::test_transform_to_json_string."""
    return bounded(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def bounded(text: str) -> str:
    """`text`, if it is not beyond all measure."""
    if len(text) > MAX_TEXT:
        raise TemplateError(f"Template error: a value may not exceed {MAX_TEXT} characters.")
    return text
