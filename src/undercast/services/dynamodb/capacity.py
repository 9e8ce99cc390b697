"""Capacity units: what requests consume, how that is reported, and throttling for those who switch it on.

A table whose tag `undercast:throttling` is `on` gives no more than its provisioned units, with five minutes of unused
ones saved up, as AWS keeps them ("burst capacity"), or on demand its maximum, if it has one; without the tag capacity is
counted and never refused.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from undercast.kit.call import Call
from undercast.services.dynamodb import errors, storage
from undercast.services.dynamodb.model import Index, Stored, Table

SWITCH = "undercast:throttling"
THROTTLED = (errors.ProvisionedThroughputExceededException, errors.ThrottlingException)  # provisioned, on demand
_BURST_S = 300
_READ, _WRITE = 4096, 1024  # bytes to a unit


class Consumed:
    """The units that a request consumes of one table and its indexes."""

    __slots__ = ("indexes", "kind", "own", "table")

    def __init__(self, table: Table, kind: str) -> None:
        self.table = table
        self.kind = kind  # read or write
        self.own = 0.0
        self.indexes: dict[str, float] = {}

    def add(self, units: float, index: Index | None = None) -> None:
        """Count units of the table or of an index."""
        if index is None:
            self.own += units
        else:
            self.indexes[index.name] = self.indexes.get(index.name, 0.0) + units

    @property
    def total(self) -> float:
        return self.own + sum(self.indexes.values())

    def report(self, wanted: str | None, *, by_kind: bool = False) -> dict[str, Any] | None:
        """ConsumedCapacity, as `wanted` asks: INDEXES, TOTAL or NONE. Transactions tell reads and writes apart."""
        if wanted not in ("TOTAL", "INDEXES"):
            return None
        report = {"TableName": self.table.name, **self._units(self.total, by_kind)}
        if wanted == "INDEXES":
            report["Table"] = self._units(self.own, by_kind)
            for name, is_global in (("GlobalSecondaryIndexes", True), ("LocalSecondaryIndexes", False)):
                used = {i.name: self._units(self.indexes[i.name], by_kind) for i in self.table.indexes
                        if i.is_global == is_global and i.name in self.indexes}  # fmt: skip
                report[name] = used or None
        return report

    def _units(self, units: float, by_kind: bool) -> dict[str, float]:
        shown = {"CapacityUnits": units}
        if by_kind:
            shown["ReadCapacityUnits" if self.kind == "read" else "WriteCapacityUnits"] = units
        return shown


def read_units(size: int, *, consistent: bool, transactional: bool = False) -> float:
    """Read units for bytes that were read together."""
    units = max(1, -(-size // _READ))
    return units * (2.0 if transactional else 1.0 if consistent else 0.5)


def write_units(*images: Stored | None) -> float:
    """Write units of an item with its old and new images: the larger counts."""
    return float(max(1, *(-(-image.size // _WRITE) for image in images if image), 1))


def of_write(table: Table, old: Stored | None, new: Stored | None, factor: float = 1.0) -> Consumed:
    """What a write of one item consumes. `factor` is 2 in a transaction."""
    consumed = Consumed(table, "write")
    consumed.add(factor * write_units(old, new))
    for index in table.indexes:
        before = index.key.find(old.item) if old else None
        after = index.key.find(new.item) if new else None
        gone = index.project(old, table.key) if old and before else None
        came = index.project(new, table.key) if new and after else None
        if before != after:
            for image in (gone, came):
                if image:
                    consumed.add(factor * write_units(image), index)
        elif gone is not None and gone != came:
            consumed.add(factor * write_units(gone, came), index)
    return consumed


def merged(parts: Iterable[Consumed]) -> list[Consumed]:
    """What several writes or reads consume, together for each table."""
    tables: dict[int, Consumed] = {}
    for part in parts:
        whole = tables.setdefault(part.table.id, Consumed(part.table, part.kind))
        whole.own += part.own
        for name, units in part.indexes.items():
            whole.indexes[name] = whole.indexes.get(name, 0.0) + units
    return list(tables.values())


# --- throttling ---


def throttled(table: Table) -> bool:
    """Whether the user switched throttling on."""
    return table.tags.get(SWITCH) == "on"


async def take(call: Call, consumed: Consumed) -> None:
    """Take units from what is left. ProvisionedThroughputExceededException or ThrottlingException when that is nothing."""
    table = consumed.table
    if not throttled(table):
        return
    await _take(call, table, table.id, table.settings, consumed.kind, consumed.own)
    for index in table.indexes:
        if index.name in consumed.indexes:
            settings = index.settings if index.is_global else table.settings
            id = index.id if index.is_global else table.id
            await _take(call, table, id, settings, consumed.kind, consumed.indexes[index.name])


async def _take(call: Call, table: Table, id: int, settings: Any, kind: str, units: float) -> None:
    per_second, burst_s = _limit(table, settings, kind)
    if per_second is None:
        return
    most = per_second * burst_s
    kept = await storage.find_capacity(call, table, id, kind)
    left = most if kept is None else min(most, kept[0] + per_second * (call.now - kept[1]) / 1000)
    if left <= 0:  # AWS lets a request through while anything is left, and counts what it took
        raise THROTTLED[table.on_demand]()
    await storage.save_capacity(call, table, id, kind, left - units)


def _limit(table: Table, settings: Any, kind: str) -> tuple[int | None, int]:
    """Units a second, None for no limit, and for how many seconds unused ones are kept."""
    word = kind.capitalize()
    if table.on_demand:
        most = (settings.get("OnDemandThroughput") or {}).get(f"Max{word}RequestUnits", -1)
        return (None if most == -1 else most), 1
    return (settings.get("ProvisionedThroughput") or {}).get(f"{word}CapacityUnits", 0), _BURST_S
