"""AWS::Glue: databases and tables of the Data Catalog."""

from __future__ import annotations

from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.handler import Handler, Made, NeedsReplacement, Work, already_exists


class Database(Handler):
    """AWS::Glue::Database"""

    type = "AWS::Glue::Database"
    service = "glue"
    properties = frozenset({"CatalogId", "DatabaseInput", "DatabaseName"})

    async def create(self, work: Work) -> Made:
        """A database; its name must be free."""
        name = _name(work, "DatabaseInput", "DatabaseName")
        await _create(work, name, "create_database", DatabaseInput={**work.properties["DatabaseInput"], "Name": name})
        return Made(name)

    async def update(self, work: Work) -> Made:
        """All but the name."""
        name = work.physical_id
        if work.properties["DatabaseInput"].get("Name", name) != name:
            raise NeedsReplacement
        given = {**work.properties["DatabaseInput"], "Name": name}
        await work.aws.glue.update_database(CatalogId=_catalog(work), Name=name, DatabaseInput=given)
        return Made(name, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its tables."""
        await work.aws.glue.delete_database(CatalogId=_catalog(work), Name=work.physical_id)


class Table(Handler):
    """AWS::Glue::Table"""

    type = "AWS::Glue::Table"
    service = "glue"
    properties = frozenset({"CatalogId", "DatabaseName", "Name", "TableInput"})

    async def create(self, work: Work) -> Made:
        """A table; its name must be free in its database."""
        name = _name(work, "TableInput", "Name")
        given = {**work.properties["TableInput"], "Name": name}
        await _create(work, name, "create_table", DatabaseName=work.properties["DatabaseName"], TableInput=given)
        return Made(name)

    async def update(self, work: Work) -> Made:
        """A new version of it."""
        given = {**work.properties["TableInput"], "Name": work.physical_id}
        await work.aws.glue.update_table(
            CatalogId=_catalog(work), DatabaseName=work.properties["DatabaseName"], TableInput=given
        )
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its versions."""
        await work.aws.glue.delete_table(
            CatalogId=_catalog(work), DatabaseName=work.properties["DatabaseName"], Name=work.physical_id
        )


TYPES = (Database(), Table())


def _name(work: Work, input: str, given: str) -> str:
    """Its name in the input, in a property of its own, or a generated one."""
    name: str = work.properties[input].get("Name") or work.name(given, lower=True)
    return name


def _catalog(work: Work) -> str:
    catalog: str = work.properties["CatalogId"]
    return catalog


async def _create(work: Work, name: str, method: str, **parameters: Any) -> None:
    try:
        await getattr(work.aws.glue, method)(CatalogId=_catalog(work), **parameters)
    except ServiceError as error:
        if error.code == "AlreadyExistsException":
            raise already_exists(work.type, name) from None
        raise
