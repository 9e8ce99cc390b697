"""What a SELECT's columns take of an item."""

from __future__ import annotations

from typing import Any

from undercast.engines.partiql.model import AttributeValue, Column, Path


def project(item: dict[str, AttributeValue], columns: tuple[Column, ...]) -> dict[str, AttributeValue]:
    """The columns that the item has; the whole item for `*`."""
    if not columns:
        return item
    found = ((column.name, _follow(item, column.path)) for column in columns)
    return {name: value for name, value in found if value is not None}


def _follow(item: dict[str, AttributeValue], path: Path) -> AttributeValue | None:
    value: Any = {"M": item}
    for step in path:
        inside = value.get("M" if isinstance(step, str) else "L")
        if inside is None:
            return None
        if isinstance(step, str):
            value = inside.get(step)
        else:
            value = inside[step] if step < len(inside) else None
        if value is None:
            return None
    found: AttributeValue = value
    return found
