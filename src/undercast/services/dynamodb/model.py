"""What tables, indexes and stored items are, and the rules for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from undercast.engines.dynamodb import values
from undercast.engines.dynamodb.comparing import equal
from undercast.engines.dynamodb.keys import KeyBytes, KeySchema
from undercast.engines.dynamodb.values import Item

KEY_TYPES = ("S", "N", "B")
REPLICATION = "replication"  # the principal of changes that come from another replica of a global table


class Stored:
    """An item as it is kept: JSON and size; `item` is read when someone asks."""

    __slots__ = ("_item", "json", "size")

    def __init__(self, json: bytes, size: int, item: Item | None = None) -> None:
        self.json = json
        self.size = size
        self._item = item

    @classmethod
    def of(cls, item: Item, size: int) -> Stored:
        """An item that is canonical, with its size."""
        return cls(values.encode(item), size, item)

    @property
    def item(self) -> Item:
        """The item; do not change it."""
        if self._item is None:
            self._item = values.decode(self.json)
        return self._item

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stored) or self.size != other.size:
            return False
        return self.json == other.json or equal({"M": self.item}, {"M": other.item})

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Change:
    """One item that a table gained (no `old`), lost (no `new`) or changed, and who did it ("" for a client).

    `call.now` of the call that made it is when.
    """

    key: KeyBytes
    old: Stored | None
    new: Stored | None
    principal: str = ""

    @property
    def event(self) -> str:
        """INSERT, MODIFY or REMOVE."""
        return "INSERT" if self.old is None else "REMOVE" if self.new is None else "MODIFY"

    @property
    def some(self) -> Stored:
        """The new image, or the old one of an item that is gone: both have the key attributes."""
        stored = self.new or self.old
        assert stored is not None
        return stored


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index. `include` are the attributes it has beside keys when the projection is INCLUDE."""

    name: str
    id: int
    is_global: bool
    key: KeySchema
    projection: str
    include: tuple[str, ...] = ()
    status: str = "ACTIVE"
    backfilling: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)  # ProvisionedThroughput, OnDemandThroughput

    def project(self, stored: Stored, table_key: KeySchema) -> Stored:
        """What the index holds of an item."""
        if self.projection == "ALL":
            return stored
        names = {*self.key.names, *table_key.names, *self.include}
        item = {name: value for name, value in stored.item.items() if name in names}
        return Stored.of(item, values.item_size(item))

    def has(self, name: str, table_key: KeySchema) -> bool:
        """Whether an attribute is projected."""
        return self.projection == "ALL" or name in self.key.names or name in table_key.names or name in self.include


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Times are milliseconds since the epoch; `id` is that of its items, `uuid` what clients see.

    `settings` are AWS's own members (BillingMode, ProvisionedThroughput, SSESpecification, TableClass, …) and those of
    the features that hang on a table, by a name of their own: `stream` (see `Stream`), `ttl`, `pitr`, `kinesis`, …
    Change them with `dataclasses.replace(table, settings={**table.settings, …})` and `storage.save_table`.
    """

    account: str
    region: str
    name: str
    id: int
    uuid: str
    status: str
    created_at: int
    attributes: Mapping[str, str]  # names to types
    key: KeySchema
    indexes: tuple[Index, ...]
    settings: Mapping[str, Any]
    tags: Mapping[str, str]

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:table/{self.name}"

    @property
    def stream(self) -> Stream | None:
        """The stream that is enabled."""
        kept = self.settings.get("stream")
        return Stream(self.arn, **kept) if kept else None

    def index(self, name: str) -> Index | None:
        return next((index for index in self.indexes if index.name == name), None)

    @property
    def on_demand(self) -> bool:
        return self.settings.get("BillingMode") == "PAY_PER_REQUEST"

    @property
    def needs_images(self) -> bool:
        """Whether a change must know the item that was there before: something hangs on changes."""
        return bool(self.indexes or any(self.settings.get(name) for name in FOLLOWERS))


# The settings that make a change known to someone: each needs the old and the new image.
FOLLOWERS = ("stream", "ttl", "pitr", "copying", "kinesis", "replicas")


@dataclass(frozen=True, slots=True)
class Stream:
    """A table's stream; its records are kept by the service dynamodbstreams."""

    table_arn: str
    label: str
    view: str

    @property
    def arn(self) -> str:
        return f"{self.table_arn}/stream/{self.label}"


def pack_definition(table: Table) -> str:
    """All of a table that has no column of its own, as JSON."""
    definition = {
        "uuid": table.uuid,
        "attributes": table.attributes,
        "key": _pack_key(table.key),
        "indexes": [
            [i.name, i.id, i.is_global, _pack_key(i.key), i.projection, i.include, i.status, i.backfilling, i.settings]
            for i in table.indexes
        ],
        "settings": table.settings,
    }
    return orjson.dumps(definition).decode()


@lru_cache(maxsize=1024)
def unpack_table(
    account: str, region: str, name: str, id: int, status: str, created_at: int, definition: str, tags: str
) -> Table:
    """A table from its row. The answer is shared: do not change what is in it."""
    read = orjson.loads(definition)
    types = read["attributes"]
    indexes = tuple(
        Index(name, id, is_global, _unpack_key(key, types), projection, tuple(include), *rest)
        for name, id, is_global, key, projection, include, *rest in read["indexes"]
    )
    key = _unpack_key(read["key"], types)
    return Table(
        account, region, name, id, read["uuid"], status, created_at, types, key, indexes, read["settings"],
        orjson.loads(tags),
    )  # fmt: skip


def _pack_key(key: KeySchema) -> list[str | None]:
    return [key.hash, key.range]


def _unpack_key(names: list[Any], types: Mapping[str, str]) -> KeySchema:
    hash, range = names
    return KeySchema(hash, types[hash], range, types[range] if range is not None else "")
