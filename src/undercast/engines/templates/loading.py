"""Reads a template's text, JSON or YAML, into plain dicts, lists, strings, numbers and booleans."""

from __future__ import annotations

import json
from typing import Any

from undercast.engines.depth import is_deeper
from undercast.engines.templates.errors import MAX_DEPTH, TemplateError, format_error

MAX_BODY_BYTES = 51_200
MAX_URL_BYTES = 1_000_000


def read(text: str, *, by_url: bool = False) -> dict[str, Any]:
    """The template's document. A later duplicate key wins. Raises TemplateError; checks the size limit too."""
    _check_size(text, by_url)
    document = _read_json(text) if text.lstrip().startswith("{") else _read_yaml(text)
    if not isinstance(document, dict) or not document:
        # recorded: stacks::TestStacksApi::test_create_stack_url_as_template, where the body was a URL
        raise format_error("unsupported structure.")
    return document


def _check_size(text: str, by_url: bool) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if by_url and size > MAX_URL_BYTES:
        raise TemplateError(f"Template may not exceed {MAX_URL_BYTES} bytes in size.")
    if not by_url and size > MAX_BODY_BYTES:
        raise TemplateError(
            f"1 validation error detected: Value '{text}' at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_BODY_BYTES}"
        )


def _read_json(text: str) -> Any:
    try:
        document = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        try:  # a YAML flow mapping also begins with a brace
            return _read_yaml(text)
        except TemplateError:
            raise format_error(f"JSON not well-formed. (line {error.lineno}, column {error.colno})") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, NaN; a nesting deeper than the stack
        raise format_error("JSON not well-formed.") from None
    if is_deeper(document, MAX_DEPTH):
        raise format_error("Template is nested too deeply.")
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _read_yaml(text: str) -> Any:
    # PyYAML takes 40 ms to import, which only a YAML template should cost
    from undercast.engines.templates.yaml_text import read_yaml  # noqa: PLC0415

    return read_yaml(text)
