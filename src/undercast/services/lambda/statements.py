"""Statements of the policies of functions and layers, as AddPermission makes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import errors

LIMIT_BYTES = 20_480

_ACCOUNT = re.compile(r"\d{12}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com|amazon\.com|aws\.internal)(\.cn)?")
_PRINCIPAL_ARN = re.compile(r"arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:.+")


def statement(request: Mapping[str, Any], resource: str) -> dict[str, Any]:
    """One statement. InvalidParameterValueException when the principal is none."""
    found: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": principal(request["Principal"]),
        "Action": request["Action"],
        "Resource": resource,
    }
    if conditions := _conditions(request):
        found["Condition"] = conditions
    return found


def principal(text: str) -> Any:
    """An account, an ARN, a service or everyone (recorded: test_add_lambda_permission_fields)."""
    if text == "*":
        return "*"
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if _PRINCIPAL_ARN.fullmatch(text):
        return {"AWS": text}
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    raise errors.InvalidParameterValueException(
        "The provided principal was invalid. Please check the principal and try again."
    )


def _conditions(request: Mapping[str, Any]) -> dict[str, Any]:
    equals = {
        "lambda:FunctionUrlAuthType": request.get("FunctionUrlAuthType"),
        "lambda:EventSourceToken": request.get("EventSourceToken"),
        "AWS:SourceAccount": request.get("SourceAccount"),
        "aws:PrincipalOrgID": request.get("PrincipalOrgID") or request.get("OrganizationId"),
    }
    conditions: dict[str, Any] = {}
    if equals := {key: value for key, value in equals.items() if value}:
        conditions["StringEquals"] = equals
    if request.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": request["SourceArn"]}
    if request.get("InvokedViaFunctionUrl") is not None:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": str(request["InvokedViaFunctionUrl"]).lower()}
    return conditions
