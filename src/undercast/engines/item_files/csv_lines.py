"""Lines of CSV: a header of attribute names, then items."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence

from undercast.engines.dynamodb.values import Item
from undercast.engines.item_files.errors import Unreadable


def read(line: str, header: Sequence[str], delimiter: str, types: Mapping[str, str]) -> Item:
    """The item of a line. Attributes are strings but for keys, whose `types` are known; empty cells are left out.

    Unreadable.
    """
    cells = cells_of(line, delimiter)
    if len(cells) != len(header):
        raise Unreadable(f"The line has {len(cells)} cells, the header {len(header)}")
    return {
        name: {types.get(name, "S"): _cell(cell, types.get(name))}
        for name, cell in zip(header, cells, strict=True)
        if cell
    }


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of a line, which may hold line ends in quotes. Unreadable."""
    try:
        rows = list(csv.reader(line.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable(f"The line is no CSV: {error}") from error
    if len(rows) != 1:
        raise Unreadable("The line is no CSV: it is several")
    return rows[0]


def is_whole(line: str) -> bool:
    """Whether a line ends here: its quotes are closed."""
    return line.count('"') % 2 == 0


def _cell(cell: str, kind: str | None) -> str | bytes:
    return cell.encode() if kind == "B" else cell
