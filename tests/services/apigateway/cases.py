"""Words that the recorded cases share."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.recorded import Recorded, recorded


def api_case(name: str) -> Recorded:
    """A case of `apigateway.json`; the file's name is not in its cases' names."""
    return recorded(name, "apigateway")


def refused(operation: Any, **params: Any) -> ClientError:
    """The error that an operation ends with."""
    with pytest.raises(ClientError) as caught:
        operation(**params)
    return caught.value


def patch(op: str, path: str, value: str | None = None, **more: str) -> dict[str, str]:
    return {"op": op, "path": path, **({} if value is None else {"value": value}), **more}
