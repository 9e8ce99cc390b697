"""The documents that schemas are: checked, and OpenAPI's turned into JSON Schema's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError

from undercast.services.schemas.errors import BadRequestException

_COMPONENTS = "#/components/schemas/"
_DEFINITIONS = "#/definitions/"
_EVENT = "AWSEvent"
DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def check(type: str, content: str) -> None:
    """BadRequestException when content is no document of its type."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadRequestException(f"Content is not valid JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadRequestException("Content must be a JSON object.")
    if type == "OpenApi3":
        _check_openapi(document)
    else:
        _check_json_schema(document)


def as_json_schema(content: str) -> str:
    """An OpenAPI document as one of JSON Schema draft 4: its event, or its first schema, is what is described."""
    document = orjson.loads(content)
    components = (document.get("components") or {}).get("schemas") or {}
    definitions = {name: _moved(one) for name, one in components.items()}
    main = _EVENT if _EVENT in definitions else next(iter(definitions), "")
    schema = {"$schema": DRAFT_4, "title": document["info"]["title"], **definitions.pop(main, {})}
    if definitions:
        schema["definitions"] = definitions
    return orjson.dumps(schema).decode()


def _check_openapi(document: dict[str, Any]) -> None:
    if not str(document.get("openapi", "")).startswith("3."):
        raise BadRequestException("Content is not a valid OpenApi3 document: openapi must be 3.x.")
    info = document.get("info")
    if not isinstance(info, dict) or not info.get("title") or not info.get("version"):
        raise BadRequestException("Content is not a valid OpenApi3 document: info must have title and version.")
    if not isinstance(document.get("paths"), dict):
        raise BadRequestException("Content is not a valid OpenApi3 document: paths must be there.")
    components = (document.get("components") or {}).get("schemas") or {}
    if not isinstance(components, dict) or not all(isinstance(one, dict) for one in components.values()):
        raise BadRequestException("Content is not a valid OpenApi3 document: schemas must be objects.")
    for reference in _references(document):
        if reference.startswith(_COMPONENTS) and reference.removeprefix(_COMPONENTS) not in components:
            raise BadRequestException(f"Content is not a valid OpenApi3 document: {reference} is not there.")


def _check_json_schema(document: dict[str, Any]) -> None:
    if document.get("$schema") not in (DRAFT_4, DRAFT_4.rstrip("#")):
        raise BadRequestException(f"Content is not a valid JSONSchemaDraft4 document: $schema must be {DRAFT_4}.")
    try:
        Draft4Validator.check_schema(document)
    except SchemaError as error:
        raise BadRequestException(f"Content is not a valid JSONSchemaDraft4 document: {error.message}") from None


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _moved(value: Any) -> Any:
    """References to components as references to definitions."""
    if isinstance(value, dict):
        return {
            name: one.replace(_COMPONENTS, _DEFINITIONS) if name == "$ref" and isinstance(one, str) else _moved(one)
            for name, one in value.items()
        }
    return [_moved(one) for one in value] if isinstance(value, list) else value
