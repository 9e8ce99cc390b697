"""Document paths together: which of them collide, and what of an item they pick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from undercast.engines.dynamodb.lexer import Faulty
from undercast.engines.dynamodb.nodes import Path
from undercast.engines.dynamodb.values import Item, Value

Tree = dict[Any, Any]  # a part of a path to the tree of what follows it, or None at its end


def check_apart(parameter: str, paths: Sequence[Path]) -> None:
    """Faulty when two paths mean the same place, one is inside the other, or both cannot be."""
    for number, one in enumerate(paths):
        for other in paths[:number]:
            word = _collision(other.parts, one.parts)
            if word:
                raise Faulty(
                    parameter,
                    f"Two document paths {word} with each other; must remove or rewrite one of these paths; "
                    f"path one: {other}, path two: {one}",
                )


def _collision(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> str:
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            return "conflict" if type(mine) is not type(its) else ""
    return "overlap"


def tree_of(paths: Iterable[Path]) -> Tree:
    """Paths that do not collide, as a tree."""
    root: Tree = {}
    for path in paths:
        branch = root
        for part in path.parts[:-1]:
            branch = branch.setdefault(part, {})
        branch[path.parts[-1]] = None
    return root


def pick(item: Mapping[str, Value], tree: Tree) -> Item:
    """The part of an item that the paths of a tree name; lists close up."""
    picked: Item = {}
    for name, inner in tree.items():
        if name in item:
            value = item[name] if inner is None else _pick(item[name], inner)
            if value is not None:
                picked[name] = value
    return picked


def _pick(value: Value, tree: Tree) -> Value | None:
    if isinstance(next(iter(tree)), str):
        members = pick(value["M"], tree) if "M" in value else {}
        return {"M": members} if members else None
    content = value.get("L", ())
    chosen = [(content[at], tree[at]) for at in sorted(tree) if at < len(content)]
    found = [one if inner is None else _pick(one, inner) for one, inner in chosen]
    kept = [one for one in found if one is not None]
    return {"L": kept} if kept else None
