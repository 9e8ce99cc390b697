"""The grammar of expressions: conditions, projections and updates, read into nodes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from undercast.engines.dynamodb.lexer import Faulty, Token, syntax_error, tokens
from undercast.engines.dynamodb.nodes import (
    Action,
    And,
    Between,
    Call,
    Compare,
    Condition,
    In,
    Not,
    Operand,
    Or,
    Path,
    Substitute,
    Sum,
)
from undercast.engines.dynamodb.reserved import is_reserved

# Functions, with how many operands they take.
TESTS = {"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2}
VALUES = {"size": 1}
UPDATES = {"if_not_exists": 2, "list_append": 2}
SECTIONS = ("SET", "REMOVE", "ADD", "DELETE")

_COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}
_KEYWORDS = {"AND", "OR", "NOT", "BETWEEN", "IN"}
_MOST_CHOICES = 100
_DEEPEST_PATH = 32
_DEEPEST = 64  # parentheses, NOTs and functions in one another; believed, AWS tells of 300 operators at most

Parsed = Operand | Condition


class Parser:
    """Reads one expression. `names` are the ExpressionAttributeNames; those that were used are in `used`."""

    def __init__(self, parameter: str, text: str, names: Mapping[str, str]) -> None:
        self.parameter = parameter
        self.used: set[str] = set()
        self._text = text
        self._names = names
        self._tokens = tokens(parameter, text)
        self._at = 0
        self._depth = 0

    # --- what can stand alone ---

    def condition(self) -> Condition:
        """A condition, to the end of the text."""
        found = self._either()
        self._expect_end()
        return self._as_condition(found)

    def projection(self) -> tuple[Path, ...]:
        """Paths, to the end of the text."""
        paths = [self._path()]
        while self._take(","):
            paths.append(self._path())
        self._expect_end()
        return tuple(paths)

    def update(self) -> tuple[Action, ...]:
        """The sections of an update, to the end of the text."""
        actions: list[Action] = []
        seen: set[str] = set()
        while True:
            kind = self._next().word()
            if kind not in SECTIONS:
                raise self._syntax_error()
            if kind in seen:
                raise self.fault(f'The "{kind}" section can only be used once in an update expression;')
            seen.add(kind)
            self._at += 1
            actions.append(self._action(kind))
            while self._take(","):
                actions.append(self._action(kind))
            if self._next().kind == "end":
                return tuple(actions)

    # --- conditions ---

    def _either(self) -> Parsed:
        parts = [self._both()]
        while self._take_word("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Or(tuple(map(self._as_condition, parts)))

    def _both(self) -> Parsed:
        parts = [self._negation()]
        while self._take_word("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(map(self._as_condition, parts)))

    def _negation(self) -> Parsed:
        if not self._take_word("NOT"):
            return self._comparison()
        with self._deeper():
            return Not(self._as_condition(self._negation()))

    def _comparison(self) -> Parsed:
        left = self._primary()
        token = self._next()
        if token.kind == "sign" and token.text in _COMPARISONS:
            self._at += 1
            return Compare(token.text, self._as_operand(left), self._as_operand(self._primary()))
        if self._take_word("BETWEEN"):
            low = self._as_operand(self._primary())
            if not self._take_word("AND"):
                raise self._syntax_error()
            return Between(self._as_operand(left), low, self._as_operand(self._primary()))
        if self._take_word("IN"):
            return In(self._as_operand(left), self._choices())
        return left

    def _choices(self) -> tuple[Operand, ...]:
        self._expect("(")
        choices = [self._as_operand(self._primary())]
        while self._take(","):
            choices.append(self._as_operand(self._primary()))
        self._expect(")")
        if len(choices) > _MOST_CHOICES:
            raise self.fault(f"The IN operator is provided with too many operands; number of operands: {len(choices)}")
        return tuple(choices)

    def _primary(self) -> Parsed:
        if not self._take("("):
            return self._operand()
        doubled = self._next().text == "("
        begin = self._at
        with self._deeper():
            found = self._either()
        self._expect(")")
        if doubled and self._closes_twice(begin):
            raise self.fault("The expression has redundant parentheses;")
        return found

    def _closes_twice(self, begin: int) -> bool:
        """Whether the parenthesis that opens at `begin` closes right before the one just closed."""
        depth = 0
        for at in range(begin, self._at - 1):
            depth += {"(": 1, ")": -1}.get(self._tokens[at].text, 0)
            if depth == 0:
                return at == self._at - 2
        return False

    def _as_condition(self, found: Parsed) -> Condition:
        if isinstance(found, Call) and found.name in VALUES:
            raise self._misused(found.name)
        if isinstance(found, Call | Compare | Between | In | And | Or | Not):
            return found
        raise self._syntax_error()

    def _as_operand(self, found: Parsed) -> Operand:
        if isinstance(found, Call) and found.name in TESTS:
            raise self._misused(found.name)
        if isinstance(found, Compare | Between | In | And | Or | Not):
            raise self._syntax_error()
        return found

    def _misused(self, name: str) -> Faulty:
        return self.fault(f"The function is not allowed to be used this way in an expression; function: {name}")

    # --- updates ---

    def _action(self, kind: str) -> Action:
        path = self._path()
        if kind == "REMOVE":
            return Action(kind, path)
        if kind == "SET":
            self._expect("=")
            return Action(kind, path, self._sum())
        token = self._next()
        if token.kind != "value":
            raise self._syntax_error()
        self._at += 1
        return Action(kind, path, Substitute(token.text))

    def _sum(self) -> Operand:
        left = self._term()
        token = self._next()
        if token.text not in ("+", "-") or token.kind != "sign":
            return left
        self._at += 1
        return Sum(token.text, left, self._term())

    def _term(self) -> Operand:
        if not self._take("("):
            return self._as_operand(self._operand())
        with self._deeper():
            found = self._sum()
        self._expect(")")
        return found

    # --- operands ---

    def _operand(self) -> Parsed:
        token = self._next()
        if token.kind == "value":
            self._at += 1
            return Substitute(token.text)
        if token.kind == "name" and self._tokens[self._at + 1].text == "(" and token.word() not in _KEYWORDS:
            return self._call(token)
        return self._path()

    def _call(self, token: Token) -> Call:
        self._at += 2
        updating = self.parameter == "UpdateExpression"
        known = TESTS | VALUES | UPDATES
        if token.text not in known:
            raise self.fault(f"Invalid function name; function: {token.text}")
        if updating != (token.text in UPDATES):
            where = "an update" if updating else "a condition"
            raise self.fault(f"The function is not allowed in {where} expression; function: {token.text}")
        with self._deeper():
            operands = [self._as_operand(self._argument())]
            while self._take(","):
                operands.append(self._as_operand(self._argument()))
        self._expect(")")
        if len(operands) != known[token.text]:
            raise self.fault(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {token.text}, number of operands: {len(operands)}"
            )
        return Call(token.text, tuple(operands))

    def _argument(self) -> Parsed:
        return self._term() if self.parameter == "UpdateExpression" else self._primary()

    def _path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while True:
            if self._take("."):
                parts.append(self._name())
            elif self._take("["):
                token = self._next()
                if token.kind != "number":
                    raise self._syntax_error()
                self._at += 1
                parts.append(int(token.text))
                self._expect("]")
            else:
                break
        if len(parts) > _DEEPEST_PATH:
            raise self.fault(f"The document path has too many nesting elements; nesting levels: {len(parts)}")
        return Path(tuple(parts))

    def _name(self) -> str:
        token = self._next()
        if token.kind == "alias":
            self._at += 1
            return self._resolve(token.text)
        if token.kind != "name" or token.word() in _KEYWORDS:
            raise self._syntax_error()
        if is_reserved(token.text):
            raise self.fault(f"Attribute name is a reserved keyword; reserved keyword: {token.text}")
        self._at += 1
        return token.text

    def _resolve(self, alias: str) -> str:
        if alias not in self._names:
            raise self.fault(
                f"An expression attribute name used in the document path is not defined; attribute name: {alias}"
            )
        self.used.add(alias)
        return self._names[alias]

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        """One level further in."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.fault(f"The expression contains too many levels of nesting; nesting levels: {self._depth}")
        yield
        self._depth -= 1

    # --- tokens ---

    def fault(self, reason: str) -> Faulty:
        """A mistake in this expression."""
        return Faulty(self.parameter, reason)

    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, sign: str) -> bool:
        token = self._tokens[self._at]
        if token.kind == "sign" and token.text == sign:
            self._at += 1
            return True
        return False

    def _take_word(self, word: str) -> bool:
        if self._next().word() == word:
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._syntax_error()

    def _expect_end(self) -> None:
        if self._next().kind != "end":
            raise self._syntax_error()

    def _syntax_error(self) -> Faulty:
        return syntax_error(self.parameter, self._text, self._tokens, self._at)
