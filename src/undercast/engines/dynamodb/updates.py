"""Updates: what SET, REMOVE, ADD and DELETE make of an item.

Every value is computed from the item as it was; https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from undercast.engines.dynamodb import numbers
from undercast.engines.dynamodb.comparing import kind_of, long_name, look_up
from undercast.engines.dynamodb.conditions import Values, check_type, operands_of, undefined
from undercast.engines.dynamodb.errors import Invalid
from undercast.engines.dynamodb.lexer import Faulty
from undercast.engines.dynamodb.nodes import Action, Call, Literal, Operand, Path, Substitute, Sum
from undercast.engines.dynamodb.paths import Tree, check_apart, tree_of
from undercast.engines.dynamodb.values import SETS, Item, Value

_PARAMETER = "UpdateExpression"
_WRONG_TYPE = "An operand in the update expression has an incorrect data type"
_WRONG_PATH = "The document path provided in the update expression is invalid for update"
_MISSING = "The provided expression refers to an attribute that does not exist in the item"


@dataclass(frozen=True, slots=True)
class Update:
    """An update that can be applied to items. `names` are the attributes it touches, `tree` the paths."""

    actions: tuple[Action, ...]
    substitutes: frozenset[str]
    aliases: frozenset[str]
    tree: Tree

    @property
    def names(self) -> list[str]:
        return [str(action.path.parts[0]) for action in self.actions]

    def check(self, values: Values) -> None:
        """Faulty when values are missing or of types that the actions do not take."""
        for name in sorted(self.substitutes):
            if name not in values:
                raise undefined(_PARAMETER, name)
        for action in self.actions:
            _check_action(action, values)

    def apply(self, item: Mapping[str, Value], values: Values) -> Item:
        """The item as it will be. Invalid when it lacks what the update needs."""
        computed = [(action, _compute(action, item, values)) for action in self.actions]
        changed = dict(item)
        for name in {name for name in self.names if name in changed and isinstance(self.tree[name], dict)}:
            changed[name] = deepcopy(changed[name])  # it is changed inside
        for action, value in sorted(computed, key=_order):
            if value is None:
                _remove(changed, action.path.parts, there=look_up(item, action.path.parts) is not None)
            else:
                _put(changed, action.path.parts, value)
        return changed


def make_update(actions: Sequence[Action], aliases: frozenset[str] = frozenset()) -> Update:
    """An update ready for use. Faulty when its paths collide."""
    paths = [action.path for action in actions]
    check_apart(_PARAMETER, paths)
    operands = [one for action in actions if action.value is not None for one in operands_of(action.value)]
    substitutes = frozenset(one.name for one in operands if isinstance(one, Substitute))
    return Update(tuple(actions), substitutes, aliases, tree_of(paths))


def _order(change: tuple[Action, Value | None]) -> Any:
    """First what is put, into lists from their front; then what is removed, from lists' ends, so positions hold."""
    action, value = change
    last = action.path.parts[-1]
    position = last if isinstance(last, int) else 0
    return (0, position) if value is not None else (1, -position)


# --- computing values ---


def _compute(action: Action, item: Mapping[str, Value], values: Values) -> Value | None:
    """The new value at an action's path; None to remove it."""
    if action.value is None:
        return None
    if action.kind == "SET":
        return _value(action.value, item, values)
    old, given = look_up(item, action.path.parts), _value(action.value, item, values)
    kind = kind_of(given)
    if action.kind == "ADD":
        return _added(old, given, kind)
    if old is None:
        return None
    if kind not in old:
        raise Invalid(_WRONG_TYPE)
    gone = set(given[kind])
    left = [one for one in old[kind] if one not in gone]
    return {kind: left} if left else None


def _added(old: Value | None, given: Value, kind: str) -> Value:
    if old is None:
        return given
    if kind not in old:
        raise Invalid(_WRONG_TYPE)
    if kind == "N":
        return {"N": numbers.add(old["N"], given["N"])}
    if kind == "L":  # only the legacy AttributeUpdates add to lists
        return {"L": old["L"] + given["L"]}
    return {kind: list(dict.fromkeys([*old[kind], *given[kind]]))}


def _value(operand: Operand, item: Mapping[str, Value], values: Values) -> Value:
    found = _find(operand, item, values)
    if found is None:
        raise Invalid(_MISSING)
    return found


def _find(operand: Operand, item: Mapping[str, Value], values: Values) -> Value | None:
    if isinstance(operand, Substitute):
        return values[operand.name]
    if isinstance(operand, Literal):
        value: Value = operand.value
        return value
    if isinstance(operand, Path):
        return look_up(item, operand.parts)
    if isinstance(operand, Sum):
        left, right = _value(operand.left, item, values), _value(operand.right, item, values)
        if "N" not in left or "N" not in right:
            raise Invalid(_WRONG_TYPE)
        compute = numbers.add if operand.sign == "+" else numbers.subtract
        return {"N": compute(left["N"], right["N"])}
    return _function(operand, item, values)


def _function(call: Call, item: Mapping[str, Value], values: Values) -> Value:
    first, second = call.operands
    if call.name == "if_not_exists":
        found = _find(first, item, values)
        return found if found is not None else _value(second, item, values)
    left, right = _value(first, item, values), _value(second, item, values)
    if "L" not in left or "L" not in right:
        raise Invalid(_WRONG_TYPE)
    return {"L": left["L"] + right["L"]}


# --- changing the item ---


def _put(item: Item, parts: tuple[str | int, ...], value: Value) -> None:
    place, last = _parent(item, parts), parts[-1]
    if isinstance(place, dict) and isinstance(last, str):
        place[last] = value
    elif isinstance(place, list) and isinstance(last, int):
        place[last : last + 1] = [value]  # behind the end it is appended
    else:
        raise Invalid(_WRONG_PATH)


def _remove(item: Item, parts: tuple[str | int, ...], *, there: bool) -> None:
    """`there`: the item had it before the update, which may have put something else behind the end of a list."""
    place, last = _parent(item, parts), parts[-1]
    if isinstance(place, dict) and isinstance(last, str):
        place.pop(last, None)
    elif isinstance(place, list) and isinstance(last, int):
        if there:
            del place[last]
    else:
        raise Invalid(_WRONG_PATH)


def _parent(item: Item, parts: tuple[str | int, ...]) -> Any:
    """The map or list that holds the last part of a path."""
    if len(parts) == 1:
        return item
    value = look_up(item, parts[:-1])
    return None if value is None else value.get("M", value.get("L"))


# --- checking the values of a request ---


def _check_action(action: Action, values: Values) -> None:
    if action.kind in ("ADD", "DELETE") and isinstance(action.value, Substitute):
        value = values[action.value.name]
        if kind_of(value) not in SETS and not (action.kind == "ADD" and "N" in value):
            raise Faulty(
                _PARAMETER,
                f"Incorrect operand type for operator or function; operator: {action.kind}, "
                f"operand type: {long_name(value)}, typeSet: ALLOWED_FOR_{action.kind}_OPERAND",
            )
    elif action.value is not None:
        _check_operand(action.value, values)


def _check_operand(operand: Operand, values: Values) -> None:
    if isinstance(operand, Sum):
        for one in (operand.left, operand.right):
            check_type(_PARAMETER, operand.sign, one, values, ("N",))
            _check_operand(one, values)
    elif isinstance(operand, Call):
        if operand.name == "if_not_exists" and not isinstance(operand.operands[0], Path):
            raise Faulty(
                _PARAMETER, "Operator or function requires a document path; operator or function: if_not_exists"
            )
        for one in operand.operands:
            if operand.name == "list_append":
                check_type(_PARAMETER, "list_append", one, values, ("L",))
            _check_operand(one, values)
