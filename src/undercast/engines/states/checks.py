"""What a single value in a definition must be, and AWS's words for one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from undercast.engines.jsonpath import InvalidJsonPath
from undercast.engines.states.expressions import is_expression, problems_of
from undercast.engines.states.intrinsics import IntrinsicSyntax, compile_call
from undercast.engines.states.paths import VARIABLE, compile_path, compile_reference
from undercast.engines.states.payloads import is_number
from undercast.engines.states.times import timestamp_ms

FAILED = "SCHEMA_VALIDATION_FAILED"
MAX_SECONDS = 99_999_999

Problem = tuple[str, str, str]  # code, message, and where: what is appended to the location of the value
Check = Callable[[Any], Iterator[Problem]]

_VARIABLE_NAME = re.compile(VARIABLE)


def failed(message: str, where: str = "") -> Problem:
    return FAILED, message, where


def string(value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield failed("Expected value of type String")


def boolean(value: Any) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield failed("Expected value of type Boolean")


def anything(value: Any) -> Iterator[Problem]:
    yield from ()


def a_list(value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield failed("Expected value of type Array")
    elif not value:
        yield failed("Value cannot be empty")


def an_object(value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield failed("Expected value of type Object")


def integer(least: int, most: int = MAX_SECONDS) -> Check:
    def check(value: Any) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield failed("Expected value of type Integer")
        else:
            yield from _within(value, least, most)

    return check


def number(least: float, most: float) -> Check:
    def check(value: Any) -> Iterator[Problem]:
        if not is_number(value):
            yield failed("Expected value of type Float")
        else:
            yield from _within(value, least, most)

    return check


def _within(value: float, least: float, most: float) -> Iterator[Problem]:
    if value < least:
        yield failed(f"Minimum value is {least}")
    elif value > most:
        yield failed(f"Maximum value is {most}")


def one_of(*values: str) -> Check:
    def check(value: Any) -> Iterator[Problem]:
        if value not in values:
            yield failed(f"Value should be one of [{', '.join(values)}]")

    return check


def timestamp(value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield failed("Expected value of type String")
    elif timestamp_ms(value) is None:
        yield failed("String does not match RFC3339 timestamp")


def path(value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield failed("Expected value of type String")
        return
    try:
        compile_path(value)
    except InvalidJsonPath as error:
        yield failed(f"Value is not a valid JSONPath: {error}")


def nullable_path(value: Any) -> Iterator[Problem]:
    if value is not None:
        yield from path(value)


def reference_path(value: Any) -> Iterator[Problem]:
    """A ResultPath, which may be null."""
    if value is None:
        return
    if not isinstance(value, str):
        yield failed("Expected value of type String")
        return
    try:
        compile_reference(value)
    except InvalidJsonPath as error:
        yield failed(f"Value is not a Reference Path: {error}")


def path_or_call(value: Any) -> Iterator[Problem]:
    """ErrorPath and CausePath may call intrinsic functions too."""
    if isinstance(value, str) and not value.startswith("$"):
        try:
            compile_call(value)
        except IntrinsicSyntax:
            yield failed("The value must be a valid JSONPath or a valid intrinsic function call")
    else:
        yield from path(value)


def path_template(value: Any) -> Iterator[Problem]:
    """Parameters and its like: every member named `….$` is a path or a call."""
    for members, name, inner in _members(value):
        if name.endswith(".$") and name[:-2] in members:
            yield failed(f"Duplicate field '{name[:-2]}'")
        if name.endswith(".$") and not _computes(inner):
            yield failed(
                f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
            )


def path_template_object(value: Any) -> Iterator[Problem]:
    yield from an_object(value)
    yield from path_template(value)


def path_assignments(value: Any) -> Iterator[Problem]:
    yield from path_template_object(value)
    yield from _variables(value)


def jsonata_template(value: Any) -> Iterator[Problem]:
    for where, inner in _leaves(value):
        yield from ((code, message, where) for code, message, _ in expression(inner))


def jsonata_assignments(value: Any) -> Iterator[Problem]:
    yield from an_object(value)
    yield from jsonata_template(value)
    yield from _variables(value)


def expression(value: Any) -> Iterator[Problem]:
    """An expression of JSONata that cannot be parsed, or reads what is not there."""
    if is_expression(value):
        yield from ((code, message, "") for code, message in problems_of(value))


def or_expression(check: Check) -> Check:
    """In JSONata many fields may be computed."""

    def either(value: Any) -> Iterator[Problem]:
        yield from (expression if is_expression(value) else check)(value)

    return either


def _variables(value: Any) -> Iterator[Problem]:
    for name in value if isinstance(value, dict) else ():
        name = name.removesuffix(".$")
        if name == "states" or len(name) > 80 or not _VARIABLE_NAME.fullmatch(name):
            yield failed(f"The variable name '{name}' is not valid")


def _computes(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    try:
        compile_path(text) if text.startswith("$") else compile_call(text)
    except (InvalidJsonPath, IntrinsicSyntax):
        return False
    return True


def _members(value: Any) -> Iterator[tuple[dict[str, Any], str, Any]]:
    """All members of all objects in a value, with their object."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from ((one, name, inner) for name, inner in one.items())
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """All that is neither object nor array in a value, with where it is: `/orders[0]/id`."""
    waiting = [("", value)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, dict):
            waiting += reversed([(f"{where}/{name}", inner) for name, inner in one.items()])
        elif isinstance(one, list):
            waiting += reversed([(f"{where}[{index}]", inner) for index, inner in enumerate(one)])
        else:
            yield where, one
