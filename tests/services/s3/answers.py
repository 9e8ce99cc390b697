"""Answers in the form that they were recorded in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


def whole(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with its body read, as text, and without what botocore says of its own doing."""
    answer["ResponseMetadata"].pop("ChecksumAlgorithm", None)
    if "Body" in answer:
        answer["Body"] = answer["Body"].read().decode()
    return answer


def attempt(method: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
    """The answer, or the error's, of a call that may be refused."""
    try:
        return whole(method(**parameters))
    except ClientError as error:
        return error.response
