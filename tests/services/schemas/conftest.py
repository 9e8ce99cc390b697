"""Fixtures for EventBridge Schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def schemas(aws: Any) -> Any:
    return aws("schemas")


@pytest.fixture
def registry(schemas: Any) -> str:
    """The name of a fresh registry."""
    return schemas.create_registry(RegistryName="orders")["RegistryName"]


@pytest.fixture
def refused() -> Any:
    """`refused(function, **arguments)` answers the code and message of the error that must come."""

    def call(function: Any, **arguments: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as error:
            function(**arguments)
        response = error.value.response
        assert response["Code"] == response["Error"]["Code"]
        return response["Error"]["Code"], response["Error"]["Message"]

    return call


def openapi(title: str = "Order", **properties: Any) -> str:
    """An OpenAPI document with one schema."""
    shape = {"type": "object", "properties": properties or {"id": {"type": "string"}}}
    return json.dumps({
        "openapi": "3.0.0", "info": {"version": "1.0.0", "title": title}, "paths": {},
        "components": {"schemas": {title: shape}},
    })  # fmt: skip
