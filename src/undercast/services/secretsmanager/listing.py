"""Operations that list secrets."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call
from undercast.services.secretsmanager import lists
from undercast.services.secretsmanager.secrets import show, shown_stages


async def list_secrets(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Secrets in order of their creation, or as asked."""
    found, token = await lists.search(call, request, request.get("MaxResults") or 100)
    return {
        "SecretList": [{**show(secret), "SecretVersionsToStages": shown_stages(secret)} for secret in found],
        "NextToken": token,
    }
