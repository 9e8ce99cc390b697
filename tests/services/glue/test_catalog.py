"""The Data Catalog: databases, tables and their versions."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def glue(aws):
    return aws("glue")


@pytest.fixture
def database(glue):
    glue.create_database(DatabaseInput={"Name": "Shop", "Description": "ours"})
    return "shop"


def refused(operation, **arguments):
    with pytest.raises(ClientError) as error:
        operation(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def table(name="orders", *columns):
    listed = [{"Name": column, "Type": "string"} for column in columns or ("id",)]
    return {"Name": name, "StorageDescriptor": {"Columns": listed}}


def test_databases(glue, database, account):
    found = glue.get_database(Name="SHOP")["Database"]
    assert (found["Name"], found["Description"], found["CatalogId"]) == ("shop", "ours", account)
    assert refused(glue.create_database, DatabaseInput={"Name": "shop"}) == ("AlreadyExistsException", "Database already exists.")  # fmt: skip
    glue.update_database(Name="shop", DatabaseInput={"Name": "shop", "Description": "theirs"})
    assert [one["Description"] for one in glue.get_databases()["DatabaseList"]] == ["theirs"]
    glue.delete_database(Name="shop")
    assert refused(glue.get_database, Name="shop") == ("EntityNotFoundException", "Database shop not found.")


def test_tables_and_versions(glue, database):
    glue.create_table(DatabaseName="shop", TableInput=table("Orders"))
    assert refused(glue.create_table, DatabaseName="shop", TableInput=table())[0] == "AlreadyExistsException"
    glue.update_table(DatabaseName="shop", TableInput=table("orders", "id", "amount"))
    found = glue.get_table(DatabaseName="shop", Name="orders")["Table"]
    assert [one["Name"] for one in found["StorageDescriptor"]["Columns"]] == ["id", "amount"]
    assert (found["VersionId"], found["DatabaseName"]) == ("1", "shop")
    versions = glue.get_table_versions(DatabaseName="shop", TableName="orders")["TableVersions"]
    assert [one["VersionId"] for one in versions] == ["1", "0"]
    first = glue.get_table_version(DatabaseName="shop", TableName="orders", VersionId="0")["TableVersion"]["Table"]
    assert len(first["StorageDescriptor"]["Columns"]) == 1
    glue.update_table(DatabaseName="shop", TableInput=table(), SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName="shop", TableName="orders")["TableVersions"]
    assert [one["VersionId"] for one in versions] == ["2", "0"]
    stale = {"DatabaseName": "shop", "TableInput": table(), "VersionId": "0"}
    assert refused(glue.update_table, **stale)[0] == "ConcurrentModificationException"
    glue.delete_table(DatabaseName="shop", Name="orders")
    assert refused(glue.get_table, DatabaseName="shop", Name="orders") == (
        "EntityNotFoundException",
        "Entity Not Found",
    )


def test_lists_in_pages(glue, database):
    for name in ("a1", "a2", "b1"):
        glue.create_table(DatabaseName="shop", TableInput=table(name))
    page = glue.get_tables(DatabaseName="shop", MaxResults=2)
    rest = glue.get_tables(DatabaseName="shop", MaxResults=2, NextToken=page["NextToken"])
    assert [one["Name"] for one in page["TableList"] + rest["TableList"]] == ["a1", "a2", "b1"]
    assert [one["Name"] for one in glue.get_tables(DatabaseName="shop", Expression="a*")["TableList"]] == ["a1", "a2"]


def test_what_is_not_here(glue, database):
    iceberg = {"IcebergInput": {"MetadataOperation": "CREATE"}}
    wanted = {"DatabaseName": "shop", "TableInput": table(), "OpenTableFormatInput": iceberg}
    assert refused(glue.create_table, **wanted)[0] == "NotImplemented"
    assert refused(glue.create_table, DatabaseName="none", TableInput=table())[0] == "EntityNotFoundException"
