"""What a query or scan answers of what it reads: Select, projection, filter, Limit, in AWS's order of checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from undercast.engines.dynamodb.conditions import Compiled
from undercast.engines.dynamodb.errors import Invalid, invalid_value
from undercast.engines.dynamodb.expressions import Expressions, Projection
from undercast.services.dynamodb.model import Index, Table
from undercast.services.dynamodb.parameters import Guard, read_guard, read_projection


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the items is answered; `filter` decides which."""

    select: str
    projection: Projection | None
    filter: Guard | None
    limit: int | None
    consistent: bool


def read_selection(request: Mapping[str, Any], expressions: Expressions, legacy_filter: str) -> Selection:
    """The parameters that queries and scans share."""
    select = request.get("Select")
    _check_select(request, select)
    projection = read_projection(request, expressions)
    filter = read_guard(request, expressions, "FilterExpression", legacy_filter)
    default = "SPECIFIC_ATTRIBUTES" if projection else "ALL_PROJECTED_ATTRIBUTES" if "IndexName" in request else ""
    return Selection(
        select or default or "ALL_ATTRIBUTES", projection, filter, request.get("Limit"),
        bool(request.get("ConsistentRead")),
    )  # fmt: skip


def _check_select(request: Mapping[str, Any], select: str | None) -> None:
    if select == "ALL_PROJECTED_ATTRIBUTES" and "IndexName" not in request:
        raise Invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    given = next((name for name in ("AttributesToGet", "ProjectionExpression") if request.get(name)), None)
    if select == "SPECIFIC_ATTRIBUTES" and not given:
        raise Invalid(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        )
    if given and select not in (None, "SPECIFIC_ATTRIBUTES"):
        what = "only the Count" if select == "COUNT" else select
        raise Invalid(f"Cannot specify the {given} when choosing to get {what}")


def find_index(table: Table, name: str | None, selection: Selection) -> Index | None:
    """The index to read; Invalid when there is none of this name, or when it cannot give what is selected."""
    if name is None:
        return None
    index = table.index(name)
    if index is None:
        raise Invalid(f"The table does not have the specified index: {name}")
    if index.status == "CREATING":
        raise Invalid(f"Cannot read from backfilling global secondary index: {name}")
    if index.is_global:
        _check_global(table, index, selection)
    return index


def _check_global(table: Table, index: Index, selection: Selection) -> None:
    if selection.consistent:
        raise Invalid("Consistent reads are not supported on global secondary indexes")
    if selection.select == "ALL_ATTRIBUTES" and index.projection != "ALL":
        raise invalid_value(
            f"Select type ALL_ATTRIBUTES is not supported for global secondary index {index.name} "
            "because its projection type is not ALL"
        )
    if selection.projection:
        lacking = sorted(name for name in selection.projection.names if not index.has(name, table.key))
        if lacking:
            raise invalid_value(f"Global secondary index {index.name} does not project [{', '.join(lacking)}]")


def needs_table(table: Table, index: Index | None, selection: Selection) -> bool:
    """Whether a local index lacks what is selected, so that it comes from the table."""
    if index is None or index.is_global or index.projection == "ALL":
        return False
    if selection.select == "ALL_ATTRIBUTES":
        return True
    wanted = selection.projection.names if selection.projection else frozenset()
    return not all(index.has(name, table.key) for name in wanted)


def check_filter(compiled: Compiled | None, names: tuple[str, ...]) -> None:
    """A query's filter may not be about keys: they have conditions of their own."""
    if compiled is None:
        return
    for name in names:
        if any(path.parts[0] == name for path in compiled.paths):
            what = "Filter Expression" if compiled.parameter == "FilterExpression" else "QueryFilter"
            raise Invalid(f"{what} can only contain non-primary key attributes: Primary key attribute: {name}")
