"""Operations as AWS's SDKs know them: what `call.platform.sdk(service_id, action)` gives (wire/sdk.py makes it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from undercast.kit.errors import ServiceError
from undercast.kit.http import Response


@dataclass(frozen=True, slots=True)
class SdkError:
    """An error as an SDK knows it: `name` is the exception's in the Java SDK 2, `name_v1` in version 1; "" for none."""

    name: str
    name_v1: str
    code: str
    status: int


class SdkOperation(Protocol):
    """One operation in the words of the SDKs."""

    client: str  # boto3's name of the service: `stepfunctions`
    method: str  # boto3's name of the operation: `start_execution`
    service: str  # the Java SDK's name of the service: `Sfn`
    fields: Mapping[str, str]  # its parameters, by their names in lower case
    required: tuple[str, ...]

    def params(self, given: dict[str, Any]) -> dict[str, Any]:
        """Parameters under boto3's names, whatever case they came in; JSON where a text is wanted becomes its text."""
        ...

    def answer(self, output: dict[str, Any]) -> dict[str, Any]:
        """An answer as JSON under the Java SDK 2's names, capitalised (`Md5OfMessageBody`); times as texts."""
        ...

    def answer_v1(self, output: dict[str, Any]) -> dict[str, Any]:
        """An answer as JSON under the model's names, capitalised (`MD5OfMessageBody`); times in milliseconds."""
        ...

    def response(self, output: dict[str, Any], request_id: str) -> Response:
        """The answer as it goes over the wire."""
        ...

    def error(self, error: ServiceError) -> SdkError:
        """What an SDK makes of an error. One that the service's model lacks has no exception of its own."""
        ...

    def flaw(self, answer: Any, *, is_v1: bool, whole: bool) -> str | None:
        """How JSON differs from what `answer` (or `answer_v1`) could give, in the words of TestState; None when it
        does not. `whole`: it must have all that is required."""
        ...
