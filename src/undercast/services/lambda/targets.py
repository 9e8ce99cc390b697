"""Which version an invocation runs: what its qualifier names, or what an alias's weights choose."""

from __future__ import annotations

from undercast.kit.call import Call

from . import errors, storage
from .activation import complete
from .model import Function, Version
from .names import LATEST, Reference, is_version


async def choose(call: Call, reference: Reference) -> tuple[Version, Function]:
    """The version and its function. ResourceNotFoundException; ResourceConflictException when it cannot be run."""
    qualifier = reference.qualifier or LATEST
    if not is_version(qualifier):
        alias = await storage.find_alias(call, reference, qualifier)
        if alias is None:
            raise errors.no_function(reference.qualified_arn)
        qualifier = alias.pick(call.ids.fraction()) if alias.weights else alias.version
    version = await storage.find_version(call, reference, qualifier)
    function = await storage.find_function(call, reference)
    if version is None or function is None:
        # recorded in 2025: test_function_name_and_qualifier_validation[incomplete_arn-invoke]; in 2023 without $LATEST
        raise errors.no_function(reference.of(reference.qualifier or LATEST).qualified_arn)
    if version.state == "Active" and version.update_status != "InProgress":
        return version, function
    if version.state == "Failed":
        raise errors.ResourceConflictException(
            f"The operation cannot be performed at this time. The function is currently in the following state: Failed. "
            f"{version.state_reason}"
        )
    return await complete(call, version), function
