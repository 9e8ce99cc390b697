"""Turns the text of an event pattern into conditions, or says with AWS's words why it is none.

The grammar, the order of the checks and the texts are those of AWS's Event Ruler, which EventBridge, Lambda's filters,
Pipes and SNS share; `Dialect` holds where a service differs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from undercast.engines.patterns import leaves
from undercast.engines.patterns.leaves import (
    AnythingBut,
    Exact,
    Exists,
    IgnoreCase,
    Leaf,
    Numeric,
    Prefix,
    Suffix,
    Wildcard,
)
from undercast.engines.patterns.reader import JsonError, Token, place, tokens

MAX_ALTERNATIVES = 1000  # combinations that `$or` may make; EventBridge's documented limit
_MAX_DEPTH = 100
_MAX_WILDCARDS = 5  # believed: the recorded pattern with six is too complex, those with one and two are not
_OPERATORS = (
    "exact", "prefix", "suffix", "numeric", "anything-but", "exists", "cidr", "wildcard", "equals-ignore-case",
)  # fmt: skip


class InvalidPattern(Exception):
    """The pattern is not one. The message is what AWS says after `Reason: `, with the place in the text."""


class NotJson(InvalidPattern):
    """The pattern is not even JSON. `text` has no place; some services name it their own way."""

    def __init__(self, message: str, text: str, position: int) -> None:
        self.text, self.position = text, position
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Condition:
    """One field of the pattern, found by its `keys`; any of `leaves` may match."""

    keys: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    path: str  # the keys joined by dots: AWS does not tell {"a.b": 1} from {"a": {"b": 1}}

    @property
    def depth(self) -> int:
        return len(self.keys)


Alternative = tuple[Condition, ...]


@dataclass(frozen=True)
class Dialect:
    """What a service allows of the language."""

    anything_but: frozenset[str] = frozenset({"prefix", "suffix", "wildcard", "equals-ignore-case"})


def alternatives(text: str, dialect: Dialect) -> tuple[Alternative, ...]:
    """The pattern as an "or" of "ands" of conditions. Raises InvalidPattern."""
    return _Compiler(text, dialect).run()


class _Compiler:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        self._tokens = tokens(text)
        self._ahead: deque[Token] = deque()
        self._depth = 0
        self._token = Token("start", None, 0)

    def run(self) -> tuple[Alternative, ...]:
        try:
            if self._next().kind != "{":
                self._fail("Filter is not an object")
            return tuple(tuple(found.values()) for found in self._object((), [{}]))
        except JsonError as error:
            message = f"{error.text}\n{place(self._text, error.position)}"
            raise NotJson(message, error.text, error.position) from None

    def _next(self) -> Token:
        self._token = self._ahead.popleft() if self._ahead else next(self._tokens)
        return self._token

    def _fail(self, reason: str) -> NoReturn:
        raise InvalidPattern(f"{reason}\n{place(self._text, self._token.position)}")

    def _object(self, path: tuple[str, ...], found: list[_Fields]) -> list[_Fields]:
        """Read the members of an object whose `{` was read; each member narrows every alternative `found` so far."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._fail("Filter is too deep")
        empty = True
        while self._next().kind != "}":
            empty = False
            name = str(self._token.value)
            kind = self._next().kind
            if kind == "{":
                found = self._object((*path, name), found)
            elif kind == "[":
                found = self._or(path, found) if name == "$or" and self._is_or() else self._field((*path, name), found)
            else:
                self._fail(f'"{name}" must be an object or an array')
        if empty:
            self._fail("Empty objects are not allowed")
        self._depth -= 1
        return found

    def _is_or(self) -> bool:
        """Is the array just opened a list of two or more sub-patterns? If not, `$or` is a field like any other."""
        sizes = depth = 0
        good, wants_name = True, False
        for token in self._look_ahead():
            if depth == 0 and token.kind not in ("]", "{"):
                good = False
            if token.kind == "field" and depth == 1:
                good, wants_name = good and token.value not in _OPERATORS, False
            if token.kind == "{" and depth == 0:
                sizes, wants_name = sizes + 1, True
            depth += (token.kind in "{[") - (token.kind in "}]")
            if depth < 0 or not good or token.kind == "end":
                break
            good = good and not (wants_name and depth == 0)
        return good and sizes >= 2

    def _look_ahead(self) -> Iterator[Token]:
        """The tokens that `_next` will give, without taking them."""
        yield from tuple(self._ahead)
        for token in self._tokens:
            self._ahead.append(token)
            yield token

    def _or(self, path: tuple[str, ...], found: list[_Fields]) -> list[_Fields]:
        either: list[_Fields] = []
        while self._next().kind != "]":
            either += self._object(path, [dict(fields) for fields in found])
            if len(either) > MAX_ALTERNATIVES:
                self._fail(f"Rule is too complex. There are more than {MAX_ALTERNATIVES} combinations of $or")
        return either

    def _field(self, path: tuple[str, ...], found: list[_Fields]) -> list[_Fields]:
        key = ".".join(path)
        condition = Condition(path, tuple(self._values()), key)
        for fields in found:
            # A field named twice on different levels of `$or` must satisfy both, as two conditions.
            fields[(key, len(fields)) if (key, 0) in fields else (key, 0)] = condition
        return found

    def _values(self) -> Iterator[Leaf]:
        empty = True
        while (token := self._next()).kind != "]":
            empty = False
            if token.kind == "{":
                yield self._expression()
            elif token.kind in ("string", "number", "word"):
                yield Exact(token.value)  # type: ignore[arg-type]  # the reader makes only JSON scalars
            else:
                self._fail("Match value must be String, number, true, false, or null")
        if empty:
            self._fail("Empty arrays are not allowed")

    def _expression(self) -> Leaf:
        if self._next().kind != "field":
            self._fail("Match expression name not found")
        name = str(self._token.value)
        read: Callable[[], Leaf] | None = {
            "exact": self._exact,
            "prefix": lambda: self._affix("prefix", Prefix),
            "suffix": lambda: self._affix("suffix", Suffix),
            "numeric": self._numeric,
            "anything-but": self._anything_but,
            "exists": self._exists,
            "cidr": self._cidr,
            "wildcard": lambda: self._wildcard(self._string_of("wildcard")),
            "equals-ignore-case": lambda: IgnoreCase(self._string_of("equals-ignore-case")),
        }.get(name)
        if read is None:
            self._fail(f"Unrecognized match type {name}")
        leaf = read()
        self._close()
        return leaf

    def _close(self) -> None:
        if self._next().kind != "}":
            self._fail("Only one key allowed in match expression")

    def _string_of(self, name: str) -> str:
        if self._next().kind != "string":
            self._fail(f"{name} match pattern must be a string")
        return str(self._token.value)

    def _exact(self) -> Leaf:
        return Exact(self._string_of("exact"))

    def _affix(self, name: str, leaf: type[Prefix] | type[Suffix]) -> Leaf:
        if self._next().kind == "{":
            if self._next().kind != "field" or self._token.value != "equals-ignore-case":
                self._fail(f"Unsupported {name} pattern: {self._token.value}")
            text = self._string_of("equals-ignore-case")
            self._close()
            return leaf(text, ignore_case=True)
        if self._token.kind != "string":
            self._fail(f"{name} match pattern must be a string")
        return leaf(str(self._token.value))

    def _exists(self) -> Leaf:
        if not isinstance(self._next().value, bool) or self._token.kind != "word":
            self._fail("exists match pattern must be either true or false.")
        return Exists(bool(self._token.value))

    def _cidr(self) -> Leaf:
        if self._next().kind != "string":
            self._fail("prefix match pattern must be a string")  # AWS says prefix here
        try:
            return leaves.parse_cidr(str(self._token.value))
        except ValueError as error:
            self._fail(str(error))

    def _wildcard(self, text: str) -> Leaf:
        try:
            parts = leaves.wildcard_parts(text)
        except ValueError as error:
            self._fail(str(error))
        if len(parts) - 1 > _MAX_WILDCARDS:
            self._fail(
                "Rule is too complex. Try using fewer wildcard characters or fewer repeating character sequences "
                "after a wildcard character"
            )
        return Wildcard(parts)

    def _numeric(self) -> Leaf:
        if self._next().kind != "[":
            self._fail("Value of numeric must be an array.")
        if self._next().kind != "string":
            self._fail(f"Invalid member in numeric match: {_shown(self._token)}")
        operator = str(self._token.value)
        if operator not in ("=", "<", "<=", ">", ">="):
            self._next()
            self._fail(f"Unrecognized numeric range operator: {operator}")
        number = self._bound("equals" if operator == "=" else operator)
        following = self._next()
        if operator == "=" or operator[0] == "<":
            if following.kind != "]":
                self._fail("Too many elements in numeric expression")
            low = number if operator == "=" else None
            return Numeric(low, low is not None, number, operator != "<")
        if following.kind == "]":
            return Numeric(low=number, low_included=operator == ">=")
        return self._range(number, low_included=operator == ">=")

    def _range(self, low: leaves.Number, *, low_included: bool) -> Leaf:
        if self._token.kind != "string":
            self._fail(f"Bad value in numeric range: {_shown(self._token)}")
        operator = str(self._token.value)
        if operator not in ("<", "<="):
            self._next()
            self._fail(f"Bad numeric range operator: {operator}")
        high = self._bound(operator)
        if self._next().kind != "]":
            self._fail("Too many terms in numeric range expression")
        if low >= high:
            self._fail("Bottom must be less than top")
        return Numeric(low, low_included, high, operator == "<=")

    def _bound(self, operator: str) -> leaves.Number:
        token = self._next()
        if token.kind != "number" or not isinstance(token.value, int | float):
            self._fail(f"Value of {operator} must be numeric")
        if not -5e9 <= token.value <= 5e9:
            self._fail("Value must be between -5.0E9 and 5.0E9, inclusive")
        return token.value

    def _anything_but(self) -> Leaf:
        kind = self._next().kind
        if kind == "{":
            return self._anything_but_expression()
        if kind in ("string", "number"):
            return AnythingBut((Exact(self._token.value),))  # type: ignore[arg-type]
        if kind != "[":
            self._fail("Value of anything-but must be an array or single string/number value.")
        values: list[Token] = []
        while self._next().kind != "]":
            if self._token.kind not in ("string", "number"):
                self._fail("Inside anything but list, start|null|boolean is not supported.")
            values.append(self._token)
        if not values:
            self._fail("Empty arrays are not allowed")
        if len({token.kind for token in values}) > 1:
            self._fail("Inside anything but list, either all values are number or string, mixed type is not supported")
        return AnythingBut(tuple(Exact(token.value) for token in values))  # type: ignore[arg-type]

    def _anything_but_expression(self) -> Leaf:
        if self._next().kind != "field":
            self._fail("Anything-But expression name not found")
        name = str(self._token.value)
        if name not in self._dialect.anything_but:
            self._fail(f"Unsupported anything-but pattern: {name}")
        kind = self._next().kind
        texts = list(self._anything_but_list(name)) if kind == "[" else [self._anything_but_text(name)]
        if not texts:
            self._fail("Empty arrays are not allowed")
        self._close()
        return AnythingBut(tuple(self._named_leaf(name, text) for text in texts))

    def _anything_but_list(self, name: str) -> Iterator[str]:
        while self._next().kind != "]":
            if self._token.kind != "string":
                self._fail(f"Inside anything-but/{name} list, number|start|null|boolean is not supported.")
            yield self._anything_but_text(name)

    def _anything_but_text(self, name: str) -> str:
        if self._token.kind != "string":
            self._fail(f"{name} match pattern must be a string")
        if not self._token.value and name in ("prefix", "suffix"):
            self._fail(f"Null {name} not allowed")
        return str(self._token.value)

    def _named_leaf(self, name: str, text: str) -> Leaf:
        if name == "wildcard":
            return self._wildcard(text)
        return {"prefix": Prefix, "suffix": Suffix, "equals-ignore-case": IgnoreCase}[name](text)  # type: ignore[no-any-return]


_Fields = dict[tuple[str, int], Condition]


def _shown(token: Token) -> str:
    return token.kind if token.value is None else str(token.value)
