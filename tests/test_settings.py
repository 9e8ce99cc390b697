"""Nothing is accepted and ignored: a service's code names every parameter of the operations that it has.

It names it to act on it, or among what it is `without` (then a request that has it is refused). The few that may do
nothing stand here, with the reason.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import botocore.session
import pytest

from undercast.services import NAMES

_BY_PATTERN = {
    "firehose": r"\w+Destination(Configuration|Update)"
}  # put together from the kind; unknown kinds are refused
_NOTHING_TO_DO = {
    "apigateway": {"generateDistinctId": "a key's id is always another text than its value"},
    "dynamodb": {
        "GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate": "refused like all whose name says AutoScaling",
        "ConfirmRemoveSelfResourceAccess": "no policy locks anyone out before policies are enforced",
    },
    "firehose": {"AllowForceDelete": "a stream can always be deleted: it holds no grant of a key"},
    "glue": {
        "ResourceShareType": "nothing is shared between accounts",
        "AuditContext": "it tells AWS's own audit more",
    },
    "kinesis": {"ScalingType": "there is one type"},
    "kms": {
        "BypassPolicyLockoutSafetyCheck": "no policy locks anyone out before policies are enforced",
        "GrantTokens": "a grant is in effect at once",
    },
    "logs": {
        "interleaved": "AWS ignores it: results are always interleaved",
        "sequenceToken": "AWS ignores it: tokens are no longer checked",
        "unmask": "nothing is masked",
        "resourceIdentifier": "refused, since the name of a group is demanded",
    },
    "s3": {
        "ConfirmRemoveSelfBucketAccess": "no policy locks its owner out before policies are enforced",
        "Token": "AWS asks for none any more",
    },
    "schemas": {"ClientTokenId": "an update that is repeated finds its version made"},
    "secretsmanager": {"ForceOverwriteReplicaSecret": "replicas are refused"},
    "sts": {
        "ExternalId": "trust policies judge customers where policies are enforced",
        "SerialNumber": "TokenCode is refused",
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_known(name: str) -> None:
    service = import_module(f"undercast.services.{name}.service").service
    model = botocore.session.get_session().get_service_model(name)
    operations = {
        method: shape
        for method, shape in ((operation, model.operation_model(operation)) for operation in model.operation_names)
        if _method(method) in service.operations and shape.input_shape
    }
    members = {member for operation in operations.values() for member in operation.input_shape.members}
    folder = Path("src/undercast/services") / name
    named = set(re.findall(r"[\w\-.:]+", "\n".join(file.read_text() for file in folder.rglob("*.py"))))
    unknown = members - named - _NOTHING_TO_DO.get(name, {}).keys()
    pattern = _BY_PATTERN.get(name, "-")
    assert sorted(member for member in unknown if not re.fullmatch(pattern, member)) == []
    assert service.without <= members, "`without` names what is no parameter"


def _method(operation: str) -> str:
    return botocore.xform_name(operation)
