"""What databases and tables of the catalog are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Database:
    """One database; `input` is what it was made of. Times are milliseconds."""

    account: str
    region: str
    name: str
    created_at: int
    input: Mapping[str, Any]

    def show(self) -> dict[str, Any]:
        """As GetDatabase has it."""
        return {**self.input, "Name": self.name, "CreateTime": self.created_at, "CatalogId": self.account}


@dataclass(frozen=True, slots=True)
class Table:
    """One version of a table."""

    account: str
    region: str
    database: str
    name: str
    version: int
    created_at: int
    updated_at: int
    created_by: str
    input: Mapping[str, Any]

    def show(self) -> dict[str, Any]:
        """As GetTable has it."""
        return {
            "Retention": 0,
            **self.input,
            "Name": self.name,
            "DatabaseName": self.database,
            "CreateTime": self.created_at,
            "UpdateTime": self.updated_at,
            "CreatedBy": self.created_by,
            "IsRegisteredWithLakeFormation": False,
            "CatalogId": self.account,
            "VersionId": str(self.version),
        }

    def show_version(self) -> dict[str, Any]:
        """As GetTableVersion has it."""
        return {"Table": self.show(), "VersionId": str(self.version)}
