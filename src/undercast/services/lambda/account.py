"""The operation on an account's limits."""

from __future__ import annotations

from typing import Any

from undercast.kit.call import Call

from . import storage
from .model import CODE_STORAGE_BYTES, CONCURRENT_EXECUTIONS
from .packages import UNZIPPED_LIMIT_BYTES, ZIPPED_LIMIT_BYTES


async def get_account_settings(call: Call, _request: dict[str, Any]) -> dict[str, Any]:
    """Limits and usage of the account in the region."""
    size, count = await storage.usage(call)
    return {
        "AccountLimit": {
            "TotalCodeSize": CODE_STORAGE_BYTES,
            "CodeSizeUnzipped": UNZIPPED_LIMIT_BYTES,
            "CodeSizeZipped": ZIPPED_LIMIT_BYTES,
            "ConcurrentExecutions": CONCURRENT_EXECUTIONS,
            "UnreservedConcurrentExecutions": CONCURRENT_EXECUTIONS - await storage.reserved_in_account(call),
        },
        "AccountUsage": {"TotalCodeSize": size, "FunctionCount": count},
    }
