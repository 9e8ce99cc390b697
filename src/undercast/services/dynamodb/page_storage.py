"""The SQL of queries and scans: stretches of a table or an index in key order, each one indexed range read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from undercast.engines.dynamodb.keyconditions import KeyRange
from undercast.kit.call import Call
from undercast.services.dynamodb.model import Index, Stored, Table


@dataclass(frozen=True, slots=True)
class Stretch:
    """What to read: of a table or `index`, one partition's `range`, or all between two partition bytes.

    `after` is the place (the key columns that are not fixed) behind which to begin. With `whole` the items of a local
    index come with all their attributes, from the table.
    """

    table: Table
    index: Index | None = None
    range: KeyRange | None = None
    segment: tuple[bytes, bytes | None] | None = None
    forward: bool = True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An item, the place it was found at, and the bytes that were read for it."""

    place: tuple[bytes, ...]
    stored: Stored
    read_size: int


async def read(call: Call, stretch: Stretch, after: Sequence[bytes] | None, limit: int) -> list[Row]:
    """Up to `limit` items of a stretch, behind a place."""
    index, span = stretch.index, stretch.range
    bounds: list[str] = []
    values: list[Any] = [stretch.table.id] if stretch.whole else []
    values += [stretch.table.account, stretch.table.region, index.id if index else stretch.table.id]
    if span is not None:
        values.append(span.pk)
        for bound, inclusive, sign in ((span.low, span.low_inclusive, ">"), (span.high, span.high_inclusive, "<")):
            if bound is not None:
                bounds.append(f"sk {sign}{'=' if inclusive else ''} ?")
                values.append(bound)
    elif stretch.segment is not None:
        begin, end = stretch.segment
        bounds.append("pk >= ?")
        values.append(begin)
        if end is not None:
            bounds.append("pk < ?")
            values.append(end)
    if after is not None:
        values += after
    sql = _sql(
        is_index=index is not None, whole=stretch.whole, in_partition=span is not None, bounds=tuple(bounds),
        resumed=after is not None, forward=stretch.forward,
    )  # fmt: skip
    count = (4 if index else 2) - (span is not None)
    rows = await call.db.fetch(sql, *values, limit)
    return [Row(tuple(row[:count]), Stored(row[count], row[count + 1]), row[count + 2]) for row in rows]


@lru_cache(maxsize=256)
def _sql(
    *, is_index: bool, whole: bool, in_partition: bool, bounds: tuple[str, ...], resumed: bool, forward: bool
) -> str:
    """The statement for a kind of stretch; there are few kinds, so the database keeps their plans."""
    columns = ["pk", "sk", "table_pk", "table_sk"] if is_index else ["pk", "sk"]
    source = "dynamodb_index_items" if is_index else "dynamodb_items"
    where = f"i.account = ? AND i.region = ? AND i.{'index_id' if is_index else 'table_id'} = ?"
    if in_partition:
        where += " AND i.pk = ?"
        columns = columns[1:]
    where += "".join(f" AND i.{bound}" for bound in bounds)
    places = ", ".join(f"i.{column}" for column in columns)
    if resumed:
        where += f" AND ({places}) {'>' if forward else '<'} ({', '.join('?' * len(columns))})"
    item = "t.item, t.size, i.size + t.size" if whole else "i.item, i.size, i.size"
    join = ""
    if whole:
        join = (
            " JOIN dynamodb_items t ON t.table_id = ? AND t.account = i.account AND t.region = i.region "
            "AND t.pk = i.table_pk AND t.sk = i.table_sk"
        )
    order = ", ".join(f"i.{column}{'' if forward else ' DESC'}" for column in columns)
    return f"SELECT {places}, {item} FROM {source} i{join} WHERE {where} ORDER BY {order} LIMIT ?"
