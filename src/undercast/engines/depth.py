"""How deep a document nests."""

from __future__ import annotations

from typing import Any


def is_deeper(document: Any, levels: int) -> bool:
    """Whether dicts and lists nest deeper than so many levels; found without recursion, so that no depth is too much."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(levels):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return bool(level)
