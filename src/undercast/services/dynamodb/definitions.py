"""Reading and checking what a table shall be: keys, attributes, indexes, capacity, in AWS's order and words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from undercast.engines.dynamodb.keys import KeySchema
from undercast.kit.call import Call
from undercast.services.dynamodb.errors import ValidationException
from undercast.services.dynamodb.model import Index

_NAME = re.compile(r"[a-zA-Z0-9_.-]+")
_LARGEST_CAPACITY = 1_000_000_000_000
_MOST_INCLUDED = 100  # over all indexes of a table


def invalid(reason: str) -> ValidationException:
    """AWS's usual words for a bad definition."""
    return ValidationException(f"One or more parameter values were invalid: {reason}")


def table_name(text: str | None, call: Call) -> str:
    """The name in a table name or ARN that a client gives for a new table."""
    if text is None:
        raise ValidationException("The parameter 'TableName' is required but was not present in the request")
    if text.startswith("arn:"):
        text = text.rpartition("/")[2]
    if not 3 <= len(text) <= 255:
        raise ValidationException("TableName must be at least 3 characters long and at most 255 characters long")
    if not _NAME.fullmatch(text):
        raise ValidationException(
            f"1 validation error detected: Value '{text}' at 'tableName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        )
    return text


def check_capacity(request: Mapping[str, Any]) -> None:
    """BillingMode and ProvisionedThroughput of a table."""
    units = request.get("ProvisionedThroughput")
    if request.get("BillingMode") == "PAY_PER_REQUEST":
        if units:
            raise invalid(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
            )
    elif units is None:
        raise invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
    check_units(units)


def check_units(units: Mapping[str, int] | None) -> None:
    """Read and write capacity units."""
    for name, value in (units or {}).items():
        if value > _LARGEST_CAPACITY:
            raise ValidationException(f"Given value {value} for {name} is out of bounds")
        if value < 1:
            raise ValidationException(
                f"1 validation error detected: Value '{value}' at 'provisionedThroughput.{name[0].lower()}{name[1:]}' "
                "failed to satisfy constraint: Member must have value greater than or equal to 1"
            )


def read_attributes(definitions: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Attribute names to types."""
    types: dict[str, str] = {}
    for one in definitions:
        if one["AttributeName"] in types:
            raise invalid(f"Duplicate AttributeName: {one['AttributeName']}")
        types[one["AttributeName"]] = one["AttributeType"]
    return types


def read_key(schema: Sequence[Mapping[str, str]], types: Mapping[str, str]) -> KeySchema:
    """A key of one or two attributes."""
    if len(schema) > 2:
        raise ValidationException(
            f"1 validation error detected: Value '{_shown(schema)}' at 'keySchema' failed to satisfy constraint: "
            "Member must have length less than or equal to 2"
        )
    if schema[0]["KeyType"] != "HASH":
        raise ValidationException("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    names = [element["AttributeName"] for element in schema]
    if len(schema) == 2:
        if names[0] == names[1]:
            raise invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
        if schema[1]["KeyType"] != "RANGE":
            raise ValidationException("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    if any(name not in types for name in names):
        raise invalid(
            "Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: {_list(names)}, AttributeDefinitions: {_list(types)}"
        )
    range_name = names[1] if len(names) == 2 else None
    return KeySchema(names[0], types[names[0]], range_name, types[range_name] if range_name else "")


def read_indexes(call: Call, request: Mapping[str, Any], key: KeySchema, types: Mapping[str, str]) -> tuple[Index, ...]:
    """The secondary indexes of a new table."""
    local, global_ = request.get("LocalSecondaryIndexes"), request.get("GlobalSecondaryIndexes")
    for name, given in (("LocalSecondaryIndexes", local), ("GlobalSecondaryIndexes", global_)):
        if given is not None and not given:
            raise invalid(f"List of {name} is empty")
    if local and key.range is None:
        raise invalid(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"
        )
    on_demand = request.get("BillingMode") == "PAY_PER_REQUEST"
    indexes = [read_local(call, one, key, types) for one in local or ()]
    indexes += [read_global(call, one, types, on_demand=on_demand) for one in global_ or ()]
    check_together(indexes)
    return tuple(indexes)


def read_local(call: Call, given: Mapping[str, Any], key: KeySchema, types: Mapping[str, str]) -> Index:
    """A local secondary index."""
    name = given["IndexName"]
    found = read_key(given["KeySchema"], types)
    if found.range is None:
        raise invalid(f"Index KeySchema does not have a range key for index: {name}")
    if found.hash != key.hash:
        raise invalid(
            f"Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. "
            f"index hash key: {found.hash}, table hash key: {key.hash}"
        )
    projection, include = _read_projection(given["Projection"])
    return Index(name, call.ids.sequence(), False, found, projection, include)


def read_global(call: Call, given: Mapping[str, Any], types: Mapping[str, str], *, on_demand: bool) -> Index:
    """A global secondary index."""
    name, units = given["IndexName"], given.get("ProvisionedThroughput")
    key = read_key(given["KeySchema"], types)
    projection, include = _read_projection(given["Projection"])
    if on_demand and units:
        raise invalid(
            f"ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
        )
    if not on_demand and not units:
        raise invalid(f"ProvisionedThroughput is not specified for index: {name}")
    check_units(units)
    settings = {part: given[part] for part in ("ProvisionedThroughput", "OnDemandThroughput") if given.get(part)}
    return Index(name, call.ids.sequence(), True, key, projection, include, settings=settings)


def check_together(indexes: Sequence[Index]) -> None:
    """What must hold of all indexes of a table."""
    names = [index.name for index in indexes]
    for name in names:
        if names.count(name) > 1:
            raise invalid(f"Duplicate index name: {name}")
    if sum(not index.is_global for index in indexes) > 5:
        raise invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5")
    if sum(index.is_global for index in indexes) > 20:
        raise invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20")
    if sum(len(index.include) for index in indexes) > _MOST_INCLUDED:
        raise invalid("Number of NonKeyAttributes exceeds per-table limit of 100")


def check_all_used(types: Mapping[str, str], key: KeySchema, indexes: Sequence[Index]) -> None:
    """Every attribute that is defined must be a key."""
    used = dict.fromkeys([*key.names, *(name for index in indexes for name in index.key.names)])
    if len(used) == len(types):
        return
    if not indexes:
        raise invalid(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
        )
    raise invalid(
        f"Some AttributeDefinitions are not used. AttributeDefinitions: {_list(types)}, keys used: {_list(used)}"
    )


def _read_projection(given: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    kind, include = given.get("ProjectionType"), given.get("NonKeyAttributes")
    if kind is None:
        raise invalid("Unknown ProjectionType: null")
    if kind != "INCLUDE" and include is not None:
        raise invalid(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    if kind == "INCLUDE" and include is None:
        raise invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    return kind, tuple(include or ())


def _list(names: Any) -> str:
    return f"[{', '.join(names)}]"


def _shown(schema: Sequence[Mapping[str, str]]) -> str:
    elements = (f"KeySchemaElement(attributeName={e['AttributeName']}, keyType={e['KeyType']})" for e in schema)
    return f"[{', '.join(elements)}]"
