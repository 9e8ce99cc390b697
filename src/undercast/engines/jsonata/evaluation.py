"""One run of one expression: the library's evaluator with limits, and without its faults."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from undercast.engines.jsonata.builtins import environment
from undercast.engines.jsonata.corrections import string
from undercast.engines.jsonata.errors import failure
from undercast.engines.jsonata.library import Jsonata, Parser, Utils
from undercast.engines.jsonata.limits import MAX_DEPTH, Budget, check_text, current, spend
from undercast.engines.jsonata.model import Moment
from undercast.engines.jsonata.values import identity, is_function

_NUMERIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
}
MAX_RANGE = 1_000_000
_BUILTINS = environment()
_PARSER = Parser()  # what the library wants with every symbol; it parses nothing here


class Evaluation(Jsonata):  # type: ignore[misc]
    """The library's functions find it as `Jsonata.CURRENT.jsonata`."""

    def __init__(self, tree: Any, moment: Moment) -> None:
        self.ast = tree
        self.parser = _PARSER
        self.moment = moment
        self.timestamp = moment.now_ms
        self.environment = self.input = None
        self.depth = 0
        self.budget = Budget()

    def run(self, input: Any, bindings: dict[str, Any]) -> Any:
        """Undefined is None, null is values.NULL. Raises JException, RecursionError."""
        frame = self.create_frame(_BUILTINS)
        frame.bindings.update(bindings)
        frame.bindings["$"] = input
        if isinstance(input, list):
            input = Utils.create_sequence(input)
            input.outer_wrapper = True
        Jsonata.CURRENT.jsonata = self
        current.budget = self.budget
        self.environment = frame
        return self.eval(self.ast, input, frame)

    def eval(self, expr: Any, input: Any, environment: Any) -> Any:
        """The value of one node. Not left by an exception that anything catches, so `depth` need not be restored."""
        budget = self.budget
        budget.left -= 1
        if budget.left < 0:
            budget.spend(0)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise failure("D1011")
        result = _NODES[expr.type](self, expr, input, environment)
        if (predicates := getattr(expr, "predicate", None)) is not None:
            for predicate in predicates:
                result = self.evaluate_filter(predicate.expr, result, environment)
        if expr.type != "path" and getattr(expr, "group", None) is not None:
            result = self.evaluate_group_expression(expr.group, result, environment)
        self.depth -= 1
        return _collapsed(result, expr) if isinstance(result, Utils.JList) else result

    def apply_inner(self, proc: Any, args: Any, input: Any, environment: Any) -> Any:
        if proc is not None and not is_function(proc):
            raise failure("T1006")  # the library would print it too
        return super().apply_inner(proc, args, input, environment)

    def evaluate_literal(self, expr: Any) -> Any:
        value = super().evaluate_literal(expr)
        if isinstance(value, str) and not value.isascii():  # "\uD834\uDD1E" is one character
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return value

    def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: Any) -> Any:
        if lhs is not None and not Utils.is_numeric(lhs):
            raise failure("T2001", op, lhs)
        if rhs is not None and not Utils.is_numeric(rhs):
            raise failure("T2002", op, rhs)
        if lhs is None or rhs is None:
            return None
        try:
            result = _NUMERIC[op](float(lhs), float(rhs))
        except (ArithmeticError, ValueError):  # JavaScript has Infinity and NaN, which then are no JSON
            return math.nan if op == "%" or not lhs else math.inf
        return _as_integer(result) if math.isfinite(result) else result

    def evaluate_equality_expression(self, lhs: Any, rhs: Any, op: Any) -> bool:
        if lhs is None or rhs is None:
            return False
        return (identity(lhs) == identity(rhs)) is (op == "=")

    def evaluate_includes_expression(self, lhs: Any, rhs: Any) -> bool:
        if lhs is None or rhs is None:
            return False
        wanted = identity(lhs)
        return any(identity(item) == wanted for item in (rhs if isinstance(rhs, list) else [rhs]))

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        left, right = string(lhs) or "", string(rhs) or ""
        check_text(len(left) + len(right))
        return left + right

    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        for code, value in (("T2003", lhs), ("T2004", rhs)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
                raise failure(code, value)
        if lhs is None or rhs is None or lhs > rhs:
            return None
        if rhs - lhs + 1 > MAX_RANGE:
            raise failure("D2014", rhs - lhs + 1)
        spend(rhs - lhs + 1 >> 3)
        return Utils.create_sequence_from_iter(range(lhs, rhs + 1))

    def evaluate_group_expression(self, expr: Any, input: Any, environment: Any) -> Any:
        if isinstance(input, list) and not input:
            input = Utils.create_sequence_from_iter(())  # the library would write into the empty list of the input
        spend(len(input) ** 2 >> 10 if isinstance(input, list) else 0)  # it copies the group for each of its values
        return super().evaluate_group_expression(expr, input, environment)

    def evaluate_wildcard(self, expr: Any, input: Any) -> Any:
        spend(len(input) if isinstance(input, list | dict) else 1)
        return super().evaluate_wildcard(expr, input)

    def recurse_descendants(self, input: Any, results: Any) -> None:
        spend(1)
        super().recurse_descendants(input, results)

    def flatten(self, arg: Any, flattened: Any) -> Any:
        spend(1)
        return super().flatten(arg, flattened)


def _collapsed(result: Any, expr: Any) -> Any:
    """A sequence of one value is that value, one of none is undefined."""
    if not result.sequence or result.tuple_stream:
        return result
    if expr.keep_array:
        result.keep_singleton = True
    if not result:
        return None
    return result[0] if len(result) == 1 and not result.keep_singleton else result


# How the library evaluates each type of node. Its own way to here asks the whole chain of frames for two callbacks at every node.
_NODES: dict[str | None, Callable[[Evaluation, Any, Any, Any], Any]] = {
    None: lambda run, expr, input, frame: None,
    "operator": lambda run, expr, input, frame: None,  # the `?` of a partial application
    "path": Evaluation.evaluate_path,
    "binary": Evaluation.evaluate_binary,
    "unary": Evaluation.evaluate_unary,
    "name": Evaluation.evaluate_name,
    "string": lambda run, expr, input, frame: run.evaluate_literal(expr),
    "number": lambda run, expr, input, frame: run.evaluate_literal(expr),
    "value": lambda run, expr, input, frame: run.evaluate_literal(expr),
    "wildcard": lambda run, expr, input, frame: run.evaluate_wildcard(expr, input),
    "descendant": lambda run, expr, input, frame: run.evaluate_descendants(expr, input),
    "parent": lambda run, expr, input, frame: frame.lookup(expr.slot.label),
    "condition": Evaluation.evaluate_condition,
    "block": Evaluation.evaluate_block,
    "bind": Evaluation.evaluate_bind_expression,
    "regex": lambda run, expr, input, frame: run.evaluate_regex(expr),
    "function": lambda run, expr, input, frame: run.evaluate_function(expr, input, frame, Utils.NONE),
    "variable": Evaluation.evaluate_variable,
    "lambda": Evaluation.evaluate_lambda,
    "partial": Evaluation.evaluate_partial_application,
    "apply": Evaluation.evaluate_apply_expression,
    "transform": Evaluation.evaluate_transform_expression,
}


def _as_integer(value: float) -> float:
    return int(value) if value.is_integer() and abs(value) < 1e21 else value
