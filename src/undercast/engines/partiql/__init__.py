"""DynamoDB's PartiQL: statements are parsed, then planned as the requests of DynamoDB's own operations.

statement = parse("SELECT * FROM t WHERE pk = ?", [{"S": "a"}])
plan = plan_select(statement, keys)
"""

from __future__ import annotations

from undercast.engines.partiql.model import (
    Action,
    Column,
    Delete,
    Exists,
    Insert,
    Keys,
    NotWellFormed,
    PartiqlError,
    Select,
    Statement,
    Update,
)
from undercast.engines.partiql.parser import parse
from undercast.engines.partiql.planner import (
    SelectPlan,
    plan_delete,
    plan_exists,
    plan_insert,
    plan_key,
    plan_select,
    plan_update,
)
from undercast.engines.partiql.projection import project

__all__ = [
    "Action",
    "Column",
    "Delete",
    "Exists",
    "Insert",
    "Keys",
    "NotWellFormed",
    "PartiqlError",
    "Select",
    "SelectPlan",
    "Statement",
    "Update",
    "parse",
    "plan_delete",
    "plan_exists",
    "plan_insert",
    "plan_key",
    "plan_select",
    "plan_update",
    "project",
]
