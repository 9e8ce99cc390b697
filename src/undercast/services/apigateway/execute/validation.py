"""Request validators: required parameters, and bodies against models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from undercast.services.apigateway.execute.refusals import Refused

if TYPE_CHECKING:
    from undercast.services.apigateway.execute.exchange import Exchange


def check(exchange: Exchange) -> None:
    """Refused when the method's validator does not let the request pass."""
    validator = exchange.method.validator
    if not validator:
        return
    if validator["validateRequestParameters"]:
        _check_parameters(exchange)
    if validator["validateRequestBody"]:
        _check_body(exchange)


def _check_parameters(exchange: Exchange) -> None:
    missing = []
    for name in exchange.method.required:
        place, _, parameter = name.removeprefix("method.request.").partition(".")
        if place.endswith("header"):
            present = bool(exchange.header(parameter))
        elif place == "path":
            present = bool(exchange.path_params.get(parameter))
        else:
            present = bool(exchange.query.get(parameter))
        if not present:
            missing.append(parameter)
    if missing:
        names = ", ".join(missing)
        raise Refused("BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{names}]")


def _check_body(exchange: Exchange) -> None:
    schemas = exchange.method.schemas
    schema = schemas.get(exchange.content_type) or schemas.get("$default")
    if schema is None:
        return
    try:
        document = orjson.loads(exchange.body or b"{}")
    except ValueError as error:
        raise Refused("BAD_REQUEST_BODY", details=str(error)) from None
    found = sorted(schema.iter_errors(document), key=lambda error: list(map(str, error.path)))
    if found:
        raise Refused("BAD_REQUEST_BODY", details="[" + ", ".join(error.message for error in found) + "]")
