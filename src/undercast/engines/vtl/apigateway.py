"""API Gateway's variables for mapping templates: $input, $util, $context, $stageVariables.

Source: "Variables for data transformations for API Gateway" and "Override your API's request and response parameters"
in its developer guide, and recorded answers.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, unquote_plus

from undercast.engines import jsonpath
from undercast.engines.patterns.reader import JsonError, tokens
from undercast.engines.vtl import Exposed, Method, Template, VtlError, to_text

_ESCAPES = {
    "\b": "\\b",
    "\n": "\\n",
    "\t": "\\t",
    "\f": "\\f",
    "\r": "\\r",
    "'": "\\'",
    '"': '\\"',
    "\\": "\\\\",
    "/": "\\/",
}


class BodyNotJson(VtlError):
    """`$input.json` or `$input.path` on a body that is no JSON; API Gateway answers 400 with this message."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template made, and the overrides that it set (values as the template wrote them)."""

    text: str
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_path: Mapping[str, str] = field(default_factory=dict)
    request_query: Mapping[str, str] = field(default_factory=dict)


def render(
    template: Template,
    *,
    body: str = "",
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    context: Mapping[str, object] | None = None,
    stage_variables: Mapping[str, str] | None = None,
) -> Rendered:
    """Render with API Gateway's variables; what leads to nothing renders as nothing. Raises VtlError.

    `body` is the payload as text: of the request, or for a response's template that of the integration.
    """
    earlier = (context or {}).get("requestOverride")  # what the request's template set is seen by the response's
    overrides: dict[str, dict[str, object]] = {
        "requestOverride": {"header": {}, "path": {}, "querystring": {}, **_plain_map(_mapping(earlier))},
        "responseOverride": {"header": {}},
    }
    variables = {
        "input": Input(body, path or {}, query or {}, headers or {}),
        "util": UTIL,
        "context": {**_plain_map(context or {}), **overrides},
        "stageVariables": dict(stage_variables or {}),
    }
    text = template.render(variables, quiet=True)
    request, response = overrides["requestOverride"], overrides["responseOverride"]
    return Rendered(
        text,
        _status(response.get("status")),
        _texts(response.get("header")),
        _texts(request.get("header")),
        _texts(request.get("path")),
        _texts(request.get("querystring")),
    )


class Input(Exposed):
    """$input. An empty body counts as `{}` (recorded)."""

    def __init__(
        self, body: str, path: Mapping[str, str], query: Mapping[str, str], headers: Mapping[str, str]
    ) -> None:
        self._body = body or "{}"
        self._parsed: object = None
        self._read = False
        # The order is that in which `params(name)` looks.
        self._params = {"path": dict(path), "querystring": dict(query), "header": dict(headers)}
        self.velocity_methods = {
            ("getBody", 0): lambda: self._body,
            ("json", 1): self._json,
            ("path", 1): self._path,
            ("params", 0): lambda: {place: dict(values) for place, values in self._params.items()},
            ("params", 1): self._param,
        }

    def _document(self) -> object:
        if not self._read:
            self._parsed, self._read = _parse_body(self._body), True
        return self._parsed

    def _path(self, path: object) -> object:
        """The value itself; null when the path leads to nothing."""
        try:
            return jsonpath.compile(to_text(path)).find(self._document())
        except jsonpath.PathNotFound:
            return None
        except jsonpath.JsonPathError as error:
            raise VtlError(str(error)) from None

    def _json(self, path: object) -> str:
        """The value as JSON; a path that leads to nothing gives an empty JSON string."""
        found = self._path(path)
        return '""' if found is None and not self._is_null(path) else _dumped(found)

    def _is_null(self, path: object) -> bool:
        try:
            return jsonpath.compile(to_text(path)).find(self._document()) is None
        except jsonpath.JsonPathError:
            return False

    def _param(self, name: object) -> str:
        """From the path, the query string or the headers (those in any case), in this order; else an empty string."""
        wanted = to_text(name)
        for values in self._params.values():
            if wanted in values:
                return values[wanted]
        lower = {key.lower(): value for key, value in self._params["header"].items()}
        return lower.get(wanted.lower(), "")


def _parse_body(body: str) -> object:
    try:
        value: object = json.loads(body)
    except RecursionError:
        raise BodyNotJson("Could not parse request body into json: nested too deep") from None
    except ValueError as error:
        raise BodyNotJson(f"Could not parse request body into json: {_reason(body, error)}") from None
    return value


def _reason(body: str, error: ValueError) -> str:
    try:
        for token in tokens(body):
            if token.kind == "end":
                return str(error)
    except JsonError as jackson:
        return jackson.text
    return str(error)


def _dumped(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise VtlError(str(error)) from None


def escape_javascript(text: str) -> str:
    """As Apache Commons' escapeEcmaScript: quotes, slashes, control characters, and all that is not ASCII."""
    return "".join(_ESCAPES.get(char) or _escaped(char) for char in text)


def _escaped(char: str) -> str:
    if " " <= char <= "\x7e":
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))


def _parse_json(text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise VtlError(f"$util.parseJson: {error}") from None
    return value


def _base64_decode(text: str) -> str:
    try:
        return base64.b64decode(text.encode(), validate=False).decode(errors="replace")
    except (binascii.Error, ValueError) as error:
        raise VtlError(f"$util.base64Decode: {error}") from None


def _of_text(function: Callable[[str], object]) -> Method:
    """Null gives null; anything else is taken as what it prints."""
    return lambda value: None if value is None else function(to_text(value))


class _Util(Exposed):
    """$util."""

    velocity_methods: Mapping[tuple[str, int], Method] = {
        ("escapeJavaScript", 1): _of_text(escape_javascript),
        ("parseJson", 1): _of_text(_parse_json),
        ("urlEncode", 1): _of_text(lambda text: quote_plus(text, safe="*", errors="replace").replace("~", "%7E")),
        ("urlDecode", 1): _of_text(lambda text: unquote_plus(text, errors="replace")),
        ("base64Encode", 1): _of_text(lambda text: base64.b64encode(text.encode(errors="replace")).decode()),
        ("base64Decode", 1): _of_text(_base64_decode),
    }


UTIL = _Util()


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _plain_map(values: Mapping[str, object]) -> dict[str, object]:
    """Copied, so that a template changes nothing of its caller's."""
    return {key: _plain_map(value) if isinstance(value, Mapping) else value for key, value in values.items()}


def _texts(values: object) -> dict[str, str]:
    if not isinstance(values, Mapping):
        return {}
    return {to_text(key): to_text(value) for key, value in values.items() if value is not None}


def _status(value: object) -> int | None:
    text = to_text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) == 3 else None
