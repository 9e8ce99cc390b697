"""CloudFormation's own resource schemas: what a resource type's properties are, which identify it, which replace it.

    >>> queue = schema("AWS::SQS::Queue")
    >>> checked = queue.check({"DelaySeconds": "5", "FifoTopic": True})
    >>> checked.properties["DelaySeconds"], failure("Orders", checked.problems).splitlines()[1]
    (5, '#: extraneous key [FifoTopic] is not permitted')
    >>> sorted(queue.attributes), queue.requires_replacement(("QueueName",))
    (['Arn', 'QueueUrl'], 'Always')

The data in `data/` is built by `tools/build_resource_schemas.py`; `data/SOURCE.md` says from what. One type is read
and kept when it is first asked for.
"""

from __future__ import annotations

import gzip
import zipfile
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from undercast.engines.resource_schemas.schema import Recreation, ResourceSchema
from undercast.engines.resource_schemas.validation import Checked, Problem, failure

__all__ = ["Checked", "Problem", "Recreation", "ResourceSchema", "failure", "iam_actions", "schema", "type_names"]

_DATA = files(__package__) / "data"


@cache
def schema(type_name: str) -> ResourceSchema | None:
    """The schema of a resource type, e.g. "AWS::SQS::Queue"; None if there is none. `Custom::X` is a custom resource."""
    name = "AWS::CloudFormation::CustomResource" if type_name.startswith("Custom::") else type_name
    try:
        return ResourceSchema(orjson.loads(_archive().read(name)))
    except KeyError:
        return None


def type_names() -> frozenset[str]:
    """All resource types that have a schema."""
    return frozenset(_archive().namelist())


@cache
def iam_actions() -> dict[str, Any]:
    """IAM's vocabulary: service prefix -> {"actions": {lower-case action: [resource types]}, "resources": {resource
    type: [ARN patterns]}, "keys": {resource type: [condition keys]}}. 15 ms on first use."""
    data: dict[str, Any] = orjson.loads(gzip.decompress((_DATA / "iam_actions.json.gz").read_bytes()))
    return data


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile((_DATA / "schemas.zip").open("rb"))
