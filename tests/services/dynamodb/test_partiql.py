"""PartiQL statements: alone, in batches, in transactions."""

from __future__ import annotations

import pytest

from tests.recorded import recorded


@pytest.fixture
def execute(dynamodb):
    """`execute("SELECT …", {"S": "a"})`: the items of a statement."""

    def execute(statement, *parameters, **options):
        more = {"Parameters": list(parameters)} if parameters else {}
        return dynamodb.execute_statement(Statement=statement, **more, **options)["Items"]

    return execute


@pytest.fixture
def orders(make, execute):
    """A table with three items of the partition a and one of b."""
    make("table", "pk", "sk:N")
    for pk, sk, status in (("a", 1, "new"), ("a", 2, "paid"), ("a", 3, "new"), ("b", 1, "paid")):
        execute(f"INSERT INTO \"table\" VALUE {{'pk': '{pk}', 'sk': {sk}, 'status': '{status}'}}")


def keys(items):
    return [(item["pk"]["S"], int(item["sk"]["N"])) for item in items]


def test_reading(execute, orders):
    assert keys(execute("SELECT * FROM \"table\" WHERE pk = 'a'")) == [("a", 1), ("a", 2), ("a", 3)]
    assert keys(execute('SELECT * FROM "table" WHERE pk = ? AND sk > ? AND sk < ?', {"S": "a"}, {"N": "1"}, {"N": "3"})) == [("a", 2)]  # fmt: skip
    assert keys(execute("SELECT * FROM \"table\" WHERE pk = 'a' AND status = 'new' ORDER BY sk DESC")) == [
        ("a", 3),
        ("a", 1),
    ]
    assert keys(execute("SELECT * FROM \"table\" WHERE pk IN ['b', 'a'] AND sk = 1")) == [("b", 1), ("a", 1)]
    assert sorted(keys(execute("SELECT * FROM \"table\" WHERE status = 'paid'"))) == [("a", 2), ("b", 1)]
    assert execute("SELECT status FROM \"table\" WHERE pk = 'b'") == [{"status": {"S": "paid"}}]
    assert len(execute('SELECT * FROM "table"')) == 4


def test_pages(dynamodb, orders):
    statement = "SELECT * FROM \"table\" WHERE pk IN ['a', 'b']"
    token, pages = {}, []
    while True:
        answer = dynamodb.execute_statement(Statement=statement, Limit=2, **token)
        pages.append(keys(answer["Items"]))
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert [key for page in pages for key in page] == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]
    assert all(len(page) <= 2 for page in pages)


def test_a_token_is_of_its_statement(dynamodb, orders, refused):
    token = dynamodb.execute_statement(Statement='SELECT * FROM "table"', Limit=1)["NextToken"]
    other = {"Statement": "SELECT * FROM \"table\" WHERE pk = 'a'", "NextToken": token}
    assert refused(dynamodb.execute_statement, **other)[0] == "ValidationException"
    assert refused(dynamodb.execute_statement, Statement='SELECT * FROM "table"', NextToken="???") == (
        "ValidationException", "Invalid NextToken",
    )  # fmt: skip


def test_an_index(dynamodb, execute, make, refused):
    make(
        "table",
        "pk",
        "sk:N",
        also=("status",),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    execute("INSERT INTO \"table\" VALUE {'pk': 'a', 'sk': 1, 'status': 'new', 'x': 1}")
    [item] = execute('SELECT * FROM "table"."by-status" WHERE status = \'new\'')
    assert item == {"pk": {"S": "a"}, "sk": {"N": "1"}, "status": {"S": "new"}}
    statement = 'SELECT x FROM "table"."by-status" WHERE status = \'new\''
    assert "does not project [x]" in refused(dynamodb.execute_statement, Statement=statement)[1]


def test_writing(execute, orders):
    update = (
        "UPDATE \"table\" SET total = ? SET tags = <<'x'>> REMOVE status WHERE pk = 'a' AND sk = 1 RETURNING ALL NEW *"
    )
    [item] = execute(update, {"N": "9"})
    assert item == {"pk": {"S": "a"}, "sk": {"N": "1"}, "total": {"N": "9"}, "tags": {"SS": ["x"]}}
    [item] = execute(
        "UPDATE \"table\" SET total = total + 1 SET tags = set_add(tags, <<'y'>>) WHERE pk = 'a' AND sk = 1 RETURNING MODIFIED NEW *"
    )
    assert item == {"total": {"N": "10"}, "tags": {"SS": ["x", "y"]}}
    [item] = execute("DELETE FROM \"table\" WHERE pk = 'a' AND sk = 1 AND total = 10 RETURNING ALL OLD *")
    assert item["total"] == {"N": "10"}
    assert execute("DELETE FROM \"table\" WHERE pk = 'a' AND sk = 1") == []
    assert execute("DELETE FROM \"table\" WHERE pk = 'a' AND sk = 1 AND total = 10") == []


def test_conditions_that_fail(dynamodb, orders, refused):
    execute = dynamodb.execute_statement
    failed = ("ConditionalCheckFailedException", "The conditional request failed")
    assert refused(execute, Statement="UPDATE \"table\" SET x = 1 WHERE pk = 'z' AND sk = 1") == failed
    assert (
        refused(execute, Statement="UPDATE \"table\" SET x = 1 WHERE pk = 'a' AND sk = 1 AND status = 'paid'") == failed
    )
    assert refused(execute, Statement="DELETE FROM \"table\" WHERE pk = 'a' AND sk = 1 AND status = 'paid'") == failed
    assert refused(execute, Statement="INSERT INTO \"table\" VALUE {'pk': 'a', 'sk': 1}") == (
        "DuplicateItemException", "Duplicate primary key exists in table",
    )  # fmt: skip


def test_what_is_refused(dynamodb, orders, refused):
    execute = dynamodb.execute_statement
    assert refused(execute, Statement="DROP") == (
        "ValidationException", "Statement wasn't well formed, can't be processed: Expected data manipulation",
    )  # fmt: skip
    assert refused(execute, Statement="SELECT * FROM ghost")[0] == "ResourceNotFoundException"
    assert refused(execute, Statement='SELECT * FROM "table"."ghost"') == (
        "ValidationException", "The table does not have the specified index: ghost",
    )  # fmt: skip
    assert refused(execute, Statement="UPDATE \"table\" SET x = 1 WHERE pk = 'a'") == (
        "ValidationException", "Where clause does not contain a mandatory equality on all key attributes",
    )  # fmt: skip
    assert refused(execute, Statement="INSERT INTO \"table\" VALUE {'pk': 'a'}")[0] == "ValidationException"
    assert refused(execute, Statement='SELECT * FROM "table" WHERE pk = ?')[1] == (
        "Number of parameters in request and statement don't match."
    )


def test_recorded_missing(dynamodb, make):
    make("recorded", "Username")
    case = recorded("dynamodb::TestDynamoDB::test_dynamodb_partiql_missing")
    dynamodb.put_item(TableName="recorded", Item={"Username": {"S": "Alice123"}, "FirstName": {"S": "Alice"}})
    dynamodb.put_item(TableName="recorded", Item={"Username": {"S": "Bob123"}})
    statement = 'SELECT * FROM "recorded" WHERE FirstName IS NOT MISSING'
    case.check("FirstNameNotMissing", dynamodb.execute_statement(Statement=statement)["Items"])


def test_recorded_transaction(dynamodb, make):
    make("recorded", "Username")
    case = recorded("dynamodb::TestDynamoDB::test_dynamodb_execute_transaction")
    statements = [
        {"Statement": f"INSERT INTO \"recorded\" VALUE {{'Username': '{name}'}}"} for name in ("user01", "user02")
    ]
    case.check("ExecutedTransaction", dynamodb.execute_transaction(TransactStatements=statements))
    answer = dynamodb.scan(TableName="recorded")
    answer["Items"].sort(key=str)
    case.check("TableScan", answer)


# --- batches ---


def test_a_batch_answers_each_statement(dynamodb, orders):
    answer = dynamodb.batch_execute_statement(
        Statements=[
            {"Statement": "INSERT INTO \"table\" VALUE {'pk': 'c', 'sk': 1}"},
            {"Statement": "INSERT INTO \"table\" VALUE {'pk': 'a', 'sk': 1}"},
            {"Statement": "UPDATE ghost SET a = 1 WHERE pk = 'a'"},
            {"Statement": "nonsense"},
        ]
    )
    first, second, third, fourth = answer["Responses"]
    assert first == {"TableName": "table"}
    assert second["Error"] == {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}
    assert third["Error"]["Code"] == "ResourceNotFound"
    assert fourth["Error"]["Code"] == "ValidationError"


def test_a_batch_of_reads(dynamodb, orders, refused):
    one = {"Statement": "SELECT status FROM \"table\" WHERE pk = 'a' AND sk = 2"}
    none = {"Statement": "SELECT * FROM \"table\" WHERE pk = 'z' AND sk = 2"}
    part = {"Statement": "SELECT * FROM \"table\" WHERE pk = 'a'"}
    answers = dynamodb.batch_execute_statement(Statements=[one, none, part])["Responses"]
    assert answers[:2] == [{"TableName": "table", "Item": {"status": {"S": "paid"}}}, {"TableName": "table"}]
    assert answers[2]["Error"]["Message"] == (
        "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
    )
    mixed = [one, {"Statement": "DELETE FROM \"table\" WHERE pk = 'a' AND sk = 2"}]
    assert refused(dynamodb.batch_execute_statement, Statements=mixed)[0] == "ValidationException"


# --- transactions ---


def test_a_transaction_is_all_or_nothing(dynamodb, orders, error_of, execute):
    statements = [
        {"Statement": "UPDATE \"table\" SET status = 'x' WHERE pk = 'a' AND sk = 1"},
        {"Statement": "INSERT INTO \"table\" VALUE {'pk': 'a', 'sk': 2}"},
        {"Statement": "EXISTS(SELECT * FROM \"table\" WHERE pk = 'b' AND sk = 1 AND status = 'paid')"},
    ]
    error = error_of(dynamodb.execute_transaction, TransactStatements=statements).response
    assert error["Error"]["Code"] == "TransactionCanceledException"
    assert error["Error"]["Message"].endswith("[None, DuplicateItem, None]")
    assert error["CancellationReasons"][1]["Code"] == "DuplicateItem"
    assert execute("SELECT status FROM \"table\" WHERE pk = 'a' AND sk = 1") == [{"status": {"S": "new"}}]
    del statements[1]
    dynamodb.execute_transaction(TransactStatements=statements)
    assert execute("SELECT status FROM \"table\" WHERE pk = 'a' AND sk = 1") == [{"status": {"S": "x"}}]


def test_a_transaction_of_reads(dynamodb, orders, refused):
    one = {"Statement": "SELECT status FROM \"table\" WHERE pk = 'a' AND sk = 2"}
    none = {"Statement": "SELECT * FROM \"table\" WHERE pk = 'z' AND sk = 2"}
    answer = dynamodb.execute_transaction(TransactStatements=[one, none])
    assert answer["Responses"] == [{"Item": {"status": {"S": "paid"}}}, {}]
    mixed = [one, {"Statement": "DELETE FROM \"table\" WHERE pk = 'a' AND sk = 2"}]
    assert refused(dynamodb.execute_transaction, TransactStatements=mixed) == (
        "ValidationException",
        "ExecuteTransaction API does not support both read and write operations in the same request.",
    )
