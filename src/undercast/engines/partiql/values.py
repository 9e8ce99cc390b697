"""Literals of PartiQL: numbers, strings, lists, maps and sets as attribute values."""

from __future__ import annotations

from undercast.engines.partiql.model import AttributeValue, PartiqlError

_SET_TYPES = {"S": "SS", "N": "NS", "B": "BS"}


def as_set(members: list[AttributeValue]) -> AttributeValue:
    """`<<'a', 'b'>>`: a set of strings, numbers or binaries. PartiqlError."""
    if not members:
        raise PartiqlError("One or more parameter values were invalid: An string set  may not be empty")
    types = {next(iter(member)) for member in members}
    if len(types) != 1 or not types <= _SET_TYPES.keys():
        raise PartiqlError(
            "One or more parameter values were invalid: A set may only hold strings, numbers or binaries of one type"
        )
    kind = types.pop()
    values = [member[kind] for member in members]
    if len(set(values)) != len(values):
        raise PartiqlError(
            f"One or more parameter values were invalid: Input collection {_listed(values)} contains duplicates."
        )
    return {_SET_TYPES[kind]: values}


def negative(number: str) -> AttributeValue:
    """`-1`."""
    return {"N": f"-{number}"}


def _listed(values: list[object]) -> str:
    return "[" + ", ".join(str(value) for value in values) + "]"
