"""Names in a JSONata expression that refer to nothing.

Step Functions evaluates without a context value, so a bare name at the top level cannot be found: AWS refuses the definition
with UNSUPPORTED_JSONATA_EXPRESSION, "Reference to 'phone' at the top level is not supported."
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Not predicates, stages, groups and transforms: these are evaluated for each value found, whose members the names are.
_PARTS = (
    "lhs",
    "rhs",
    "procedure",
    "arguments",
    "expression",
    "expressions",
    "lhs_object",
    "condition",
    "then",
    "_else",
    "body",
)


def top_level_names(tree: Any) -> Iterator[str]:
    """The bare names, `$` and `$$` of a syntax tree of jsonata-python, which are looked up where there is no context."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if node.type == "name":
            yield str(node.value)
        elif node.type == "variable" and node.value in ("", "$"):
            yield f"${node.value}"
        elif node.type == "path":
            waiting.append(node.steps[0])
        elif node.type != "transform":
            waiting += reversed(list(_children(node)))


def _children(node: Any) -> Iterator[Any]:
    for name in _PARTS:
        yield from _nodes(getattr(node, name, None))


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _nodes(one)
    elif hasattr(value, "type") and value.type is not None:
        yield value
