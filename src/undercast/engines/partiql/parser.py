"""Reads a PartiQL statement. One method for each rule of the grammar, the statements first.

The grammar is that of the developer guide's "PartiQL for DynamoDB reference".
"""

from __future__ import annotations

from undercast.engines.partiql.conditions import Conditions
from undercast.engines.partiql.model import (
    Action,
    AttributeValue,
    Column,
    Condition,
    Delete,
    Exists,
    Insert,
    NotWellFormed,
    PartiqlError,
    Select,
    Statement,
    Update,
)

_RETURNS = ("ALL", "MODIFIED"), ("OLD", "NEW")


def parse(statement: str, parameters: list[AttributeValue] | None = None) -> Statement:
    """Read a statement, with its `?` replaced by the parameters. PartiqlError."""
    parser = _Statements(statement, parameters or [])
    parsed = parser.statement()
    parser.finish()
    return parsed


class _Statements(Conditions):
    def statement(self) -> Statement:
        """One whole statement."""
        if self.taken("SELECT"):
            return self._select()
        if self.taken("INSERT"):
            return self._insert()
        if self.taken("UPDATE"):
            return self._update()
        if self.taken("DELETE"):
            return self._delete()
        if self.taken("EXISTS"):
            return self._exists()
        raise NotWellFormed("Expected data manipulation")

    def finish(self) -> None:
        """Nothing may follow, and every parameter must have been asked for."""
        if self.next.kind != "end":
            raise NotWellFormed(f"Unexpected term: {self.next.text}")
        if self.used != len(self.parameters):
            raise PartiqlError("Number of parameters in request and statement don't match.")

    def _select(self) -> Select:
        columns = self._columns()
        self.expect("FROM", "Expected FROM clause")
        table, index = self._table(), ""
        if self.taken_symbol("."):
            index = self.name("Expected index name")
        where = self._where()
        return Select(table, index, columns, where, self._order())

    def _columns(self) -> tuple[Column, ...]:
        if self.taken_symbol("*"):
            return ()
        columns = [Column(self.path())]
        while self.taken_symbol(","):
            columns.append(Column(self.path()))
        return tuple(columns)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self.taken("ORDER"):
            return ()
        self.expect("BY", "Expected BY after ORDER")
        order = [self._order_key()]
        while self.taken_symbol(","):
            order.append(self._order_key())
        return tuple(order)

    def _order_key(self) -> tuple[str, bool]:
        name = self.name("Expected attribute in ORDER BY clause")
        descending = bool(self.taken("DESC"))
        if not descending:
            self.taken("ASC")
        return name, descending

    def _insert(self) -> Insert:
        self.expect("INTO", "Expected INTO after INSERT")
        table = self._table()
        self.expect("VALUE", "Expected VALUE clause")
        item = self.literal()
        if set(item) != {"M"}:
            raise PartiqlError("Unsupported: the value of an INSERT statement must be a tuple")
        return Insert(table, item["M"])

    def _update(self) -> Update:
        table = self._table()
        actions: list[Action] = []
        while word := self.taken("SET", "REMOVE"):
            actions.append(self._action(word))
            while self.taken_symbol(","):
                actions.append(self._action(word))
        if not actions:
            raise NotWellFormed("Expected SET or REMOVE clause")
        return Update(table, tuple(actions), self._where(), self._returning())

    def _action(self, word: str) -> Action:
        path = self.path()
        if word == "REMOVE":
            return Action(path, None)
        self.expect_symbol("=")
        return Action(path, self.operand())

    def _delete(self) -> Delete:
        self.expect("FROM", "Expected FROM after DELETE")
        return Delete(self._table(), self._where(), self._returning())

    def _exists(self) -> Exists:
        self.expect_symbol("(")
        self.expect("SELECT", "Expected SELECT in EXISTS")
        select = self._select()
        self.expect_symbol(")")
        return Exists(select)

    def _table(self) -> str:
        return self.name("Unexpected from source")

    def _where(self) -> Condition | None:
        return self.condition() if self.taken("WHERE") else None

    def _returning(self) -> str:
        if not self.taken("RETURNING"):
            return "NONE"
        words = [self.taken(*choices) for choices in _RETURNS]
        if not all(words) or not self.taken_symbol("*"):
            raise NotWellFormed("Unexpected RETURNING clause")
        return "_".join("UPDATED" if word == "MODIFIED" else str(word) for word in words)
