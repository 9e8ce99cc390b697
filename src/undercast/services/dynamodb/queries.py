"""Query and Scan: pages of items in key order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from undercast.engines.dynamodb import keys, legacy
from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.expressions import Expressions
from undercast.engines.dynamodb.keyconditions import KeyTest, key_range, read_tests
from undercast.engines.dynamodb.values import Item
from undercast.kit.call import Call
from undercast.kit.service import relaxed
from undercast.services.dynamodb import capacity, forms, page_storage, storage
from undercast.services.dynamodb.capacity import Consumed, read_units
from undercast.services.dynamodb.model import Index, Stored, Table
from undercast.services.dynamodb.page_storage import Row, Stretch
from undercast.services.dynamodb.parameters import read_expressions, read_key
from undercast.services.dynamodb.selections import Selection, check_filter, find_index, needs_table, read_selection

_PAGE_BYTES = 1024 * 1024
_FIRST_ROWS, _MOST_ROWS = 128, 20_000


@relaxed
async def query(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Items of one partition key, in the order of their sort keys."""
    expressions = read_expressions(request, "ProjectionExpression", "FilterExpression", "KeyConditionExpression")
    start = read_key(request["ExclusiveStartKey"]) if request.get("ExclusiveStartKey") else None
    selection = read_selection(request, expressions, "QueryFilter")
    tests = _read_tests(request, expressions)
    expressions.check_used()
    table = await storage.find_table(call, request["TableName"])
    index = find_index(table, request.get("IndexName"), selection)
    key = index.key if index else table.key
    span = key_range(tests, key)
    check_filter(selection.filter.compiled if selection.filter else None, key.names)
    stretch = Stretch(
        table, index, span, forward=request.get("ScanIndexForward") is not False,
        whole=needs_table(table, index, selection),
    )  # fmt: skip
    after = _place(table, index, start) if start else None
    if after is not None:
        _check_within(after[0] == span.pk, "The provided starting key is outside query boundaries based on provided "
                                           "conditions")  # fmt: skip
        after = after[1:]
    return await _answer(call, request, selection, stretch, after)


@relaxed
async def scan(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Items of a table or index, or of one of the segments it is divided into."""
    expressions = read_expressions(request, "ProjectionExpression", "FilterExpression")
    start = read_key(request["ExclusiveStartKey"]) if request.get("ExclusiveStartKey") else None
    selection = read_selection(request, expressions, "ScanFilter")
    segment = _read_segment(request)
    expressions.check_used()
    table = await storage.find_table(call, request["TableName"])
    index = find_index(table, request.get("IndexName"), selection)
    stretch = Stretch(table, index, segment=segment, whole=needs_table(table, index, selection))
    after = _place(table, index, start) if start else None
    if after is not None and segment is not None:
        inside = segment[0] <= after[0] and (segment[1] is None or after[0] < segment[1])
        _check_within(inside, "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                              f"ExclusiveStartKey with correct Segment. TotalSegments: {request['TotalSegments']} "
                              f"Segment: {request['Segment']}")  # fmt: skip
    return await _answer(call, request, selection, stretch, after)


# --- what to read ---


def _read_tests(request: Mapping[str, Any], expressions: Expressions) -> list[KeyTest]:
    if "KeyConditionExpression" in request:
        compiled = expressions.condition("KeyConditionExpression", request["KeyConditionExpression"])
        return read_tests(compiled.node, expressions.values)
    if not request.get("KeyConditions"):
        raise Invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    return legacy.read_key_conditions(request["KeyConditions"])


def _read_segment(request: Mapping[str, Any]) -> tuple[bytes, bytes | None] | None:
    number, total = request.get("Segment"), request.get("TotalSegments")
    if number is None and total is None:
        return None
    if total is None:
        raise Invalid(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"
        )
    if number is None:
        raise Invalid(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"
        )
    if number >= total:
        raise Invalid(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {number} is not less than TotalSegments: {total}"
        )
    return keys.segment(number, total)


def _place(table: Table, index: Index | None, start: Item) -> tuple[bytes, ...]:
    """The place that an ExclusiveStartKey names, as a row of the table or index has it."""
    names = {*table.key.names, *(index.key.names if index else ())}
    if start.keys() != names:
        if index:
            raise Invalid("The provided starting key is invalid")
        raise Invalid("The provided starting key is invalid: The provided key element does not match the schema")
    try:
        key = table.key.of_key(table.key.pick(start))
        if index is None:
            return key
        return *index.key.of_key(index.key.pick(start)), *key
    except Invalid as error:
        raise Invalid(f"The provided starting key is invalid: {error}") from None


def _check_within(inside: bool, message: str) -> None:
    if not inside:
        raise Invalid(message)


# --- a page ---


async def _answer(
    call: Call, request: Mapping[str, Any], selection: Selection, stretch: Stretch, after: Sequence[bytes] | None
) -> dict[str, Any]:
    rows, more = await _page(call, stretch, after, selection.limit)
    found = _filtered([row.stored for row in rows], selection)
    consumed = await _consume(call, stretch, rows, selection)
    answer: dict[str, Any] = {
        "Count": len(found),
        "ScannedCount": len(rows),
        "LastEvaluatedKey": _last_key(stretch, rows[-1].stored) if more else None,
        "ConsumedCapacity": consumed.report(request.get("ReturnConsumedCapacity")),
    }
    if selection.select != "COUNT":
        answer["Items"] = forms.many(call, found, selection.projection)
    return answer


async def _page(
    call: Call, stretch: Stretch, after: Sequence[bytes] | None, limit: int | None
) -> tuple[list[Row], bool]:
    """Rows up to the limit or to 1 MB, and whether the page ends before the stretch may."""
    rows: list[Row] = []
    size, wanted = 0, _FIRST_ROWS
    while True:
        wanted = min(wanted, limit - len(rows)) if limit else wanted
        got = await page_storage.read(call, stretch, after, wanted)
        for row in got:
            rows.append(row)
            size += row.stored.size
            if size > _PAGE_BYTES:  # the item that passes the limit is the last one
                return rows, True
        if limit and len(rows) == limit:
            return rows, True
        if len(got) < wanted:
            return rows, False
        after = rows[-1].place
        wanted = min(_MOST_ROWS, (_PAGE_BYTES - size) * len(rows) // max(size, 1) + 2)


def _filtered(found: list[Stored], selection: Selection) -> list[Stored]:
    if selection.filter is None:
        return found
    test, values = selection.filter.compiled.test, selection.filter.values
    return [stored for stored in found if test(stored.item, values)]


def _last_key(stretch: Stretch, stored: Stored) -> Item:
    item, index = stored.item, stretch.index
    key = stretch.table.key.pick(item)
    return {**index.key.pick(item), **key} if index else key


async def _consume(call: Call, stretch: Stretch, rows: list[Row], selection: Selection) -> Consumed:
    consumed = Consumed(stretch.table, "read")
    size = sum(row.read_size for row in rows)
    consumed.add(read_units(size, consistent=selection.consistent), stretch.index)
    await capacity.take(call, consumed)
    return consumed
