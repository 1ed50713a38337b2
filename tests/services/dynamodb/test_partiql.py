"""PartiQL: statements, batches and transactions of them."""

from typing import Any

import pytest

from tests.services.dynamodb.support import DynamoDb, index, refusal

VALIDATION = "ValidationException: "
FAILED = "ConditionalCheckFailedException: The conditional request failed"


@pytest.fixture
async def table(db: DynamoDb) -> str:
    name = await db.table(
        "tbl",
        "pk:S",
        "sk:N",
        others=("g:S",),
        GlobalSecondaryIndexes=[index("by-g", "g", "sk", projection="KEYS_ONLY")],
    )
    for pk in "ab":
        for sk in range(3):
            item = {"pk": {"S": pk}, "sk": {"N": str(sk)}, "g": {"S": "x"}, "m": {"M": {"l": {"L": [{"N": "1"}]}}}}
            await db.put_item(TableName=name, Item=item)
    return name


async def keys(db: DynamoDb, where: str, **options: Any) -> list[str]:
    output = await db.execute_statement(Statement=f"SELECT pk, sk FROM tbl WHERE {where}", **options)
    return [item["pk"]["S"] + item["sk"]["N"] for item in output["Items"]]


READS = {
    "pk = 'a' AND sk = 1": ["a1"],
    "pk = 'a' AND sk >= 1": ["a1", "a2"],
    "pk = 'a' AND sk BETWEEN 0 AND 1": ["a0", "a1"],
    "pk = 'a' AND sk <> 1": ["a0", "a2"],
    "pk = 'b' AND sk IN [0, 2]": ["b0", "b2"],
    "pk = 'a' AND NOT sk = 0 ORDER BY sk DESC": ["a2", "a1"],
    "pk IN ['a', 'b'] AND sk > 0 ORDER BY pk DESC, sk": ["b1", "b2", "a1", "a2"],
    "pk = 'a' AND m.l[0] = 1 AND sk = 0": ["a0"],
    "pk = 'a' AND nothing IS MISSING AND sk = 0": ["a0"],
    "pk = 'a' AND g IS NOT MISSING AND sk < 1": ["a0"],
}


@pytest.mark.parametrize(("where", "expected"), READS.items())
async def test_reads_by_key(db: DynamoDb, table: str, where: str, expected: list[str]) -> None:
    assert await keys(db, where) == expected


async def test_a_scan_filters(db: DynamoDb, table: str) -> None:
    assert sorted(await keys(db, "sk = 2 OR pk = 'zz'")) == ["a2", "b2"]
    assert sorted(await keys(db, "pk > 'a'")) == ["b0", "b1", "b2"]


async def test_columns_are_flat(db: DynamoDb, table: str) -> None:
    output = await db.execute_statement(Statement="SELECT m.l[0], g, none FROM tbl WHERE pk = 'a' AND sk = 0")
    assert output["Items"] == [{"l[0]": {"N": "1"}, "g": {"S": "x"}}]


async def test_pages(db: DynamoDb, table: str) -> None:
    statement = {"Statement": "SELECT * FROM tbl WHERE pk IN ['a', 'b']", "Limit": 2}
    found, token = [], None
    while True:
        page = await db.execute_statement(**statement, **({"NextToken": token} if token else {}))
        found += [item["pk"]["S"] + item["sk"]["N"] for item in page["Items"]]
        if "NextToken" not in page:
            break
        assert page["LastEvaluatedKey"].keys() == {"pk", "sk"}
        token = page["NextToken"]
    assert found == ["a0", "a1", "a2", "b0", "b1", "b2"]
    other = {"Statement": "SELECT * FROM tbl", "NextToken": token}
    assert await refusal(db.execute_statement(**other)) == VALIDATION + "NextToken does not match request"
    assert await refusal(db.execute_statement(**{**other, "NextToken": "x"})) == VALIDATION + "Invalid NextToken"


async def test_an_index(db: DynamoDb, table: str) -> None:
    select = 'SELECT pk, sk FROM "tbl"."by-g" WHERE g = ?'
    output = await db.execute_statement(Statement=select, Parameters=[{"S": "x"}], ReturnConsumedCapacity="INDEXES")
    assert len(output["Items"]) == 6
    assert output["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"by-g": {"CapacityUnits": 0.5}}
    assert await refusal(db.execute_statement(Statement=select + " AND m = 1", Parameters=[{"S": "x"}])) == (
        VALIDATION + "One or more parameter values were invalid: Secondary index by-g does not project one or more "
        "filter attributes: [m]"
    )


REFUSED = {
    "SELECT * FROM tbl WHERE pk = 1": "Key attribute's data type should match its data type in table's schema: Key pk",
    "SELECT * FROM tbl WHERE pk = 'a' OR pk = 'a'": (
        "Overlapping conditions with range keys are not supported in where clause"
    ),
    "SELECT * FROM tbl WHERE pk = 'a' AND (sk > 0 OR sk < 5)": (
        "Overlapping conditions with range keys are not supported in where clause"
    ),
    "SELECT * FROM tbl WHERE sk = 1 ORDER BY sk": (
        "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
    ),
    "SELECT * FROM tbl ORDER BY sk": "Must have WHERE clause in the statement when using ORDER BY clause.",
    'SELECT * FROM tbl."none"': "The table does not have the specified index",
    "SELECT m FROM tbl.\"by-g\" WHERE g = 'x'": (
        "One or more parameter values were invalid: Global secondary index by-g does not project [m]"
    ),
    "SELECT * FROM tbl WHERE pk = ?": "Number of parameters in request and statement don't match.",
    "UPDATE tbl SET x = 1 WHERE pk = 'a'": "Where clause does not contain a mandatory equality on all key attributes",
    "DELETE FROM tbl WHERE pk = 'a' AND sk = 1 AND pk = 'b'": (
        "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported"
    ),
    "UPDATE tbl SET x = 'a' + 1 WHERE pk = 'a' AND sk = 1": (
        "Incorrect operand type for operator or function; operator or function: +, operand type: S"
    ),
    "UPDATE tbl SET pk = 'b' WHERE pk = 'a' AND sk = 1": (
        "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"
    ),
    "INSERT INTO tbl VALUE {'pk': 'a'}": "One or more parameter values were invalid: Missing the key sk in the item",
    "EXISTS(SELECT * FROM tbl WHERE pk = 'a' AND sk = 1 AND x = 1)": (
        "EXISTS can only be used in ExecuteTransaction write requests."
    ),
}


@pytest.mark.parametrize(("statement", "complaint"), REFUSED.items())
async def test_refusals(db: DynamoDb, table: str, statement: str, complaint: str) -> None:
    assert await refusal(db.execute_statement(Statement=statement)) == VALIDATION + complaint


async def test_insert_makes_an_item_once(db: DynamoDb, table: str) -> None:
    insert = {
        "Statement": "INSERT INTO tbl VALUE {'pk': ?, 'sk': 7, 's': <<'x', 'y'>>, 'it''s': {'n': null}}",
        "Parameters": [{"S": "n"}],
    }
    assert await db.execute_statement(**insert) == {"Items": []}
    item = (await db.get_item(TableName="tbl", Key={"pk": {"S": "n"}, "sk": {"N": "7"}}))["Item"]
    assert item["it's"] == {"M": {"n": {"NULL": True}}}
    assert sorted(item["s"]["SS"]) == ["x", "y"]
    twice = "DuplicateItemException: Duplicate primary key exists in table"
    assert await refusal(db.execute_statement(**insert)) == twice


async def test_update(db: DynamoDb, table: str) -> None:
    update = (
        "UPDATE tbl SET n = 1 SET l = list_append(m.l, [2]), s = set_add(s, <<'q'>>) REMOVE g "
        "WHERE pk = 'a' AND sk = 0 AND m.l[0] = 1 RETURNING MODIFIED NEW *"
    )
    output = await db.execute_statement(Statement=update)
    assert output["Items"] == [{"n": {"N": "1"}, "l": {"L": [{"N": "1"}, {"N": "2"}]}, "s": {"SS": ["q"]}}]
    minus = "UPDATE tbl SET n=n-3 WHERE pk='a' AND sk=0 RETURNING ALL OLD *"
    assert (await db.execute_statement(Statement=minus))["Items"][0]["n"] == {"N": "1"}
    item = (await db.get_item(TableName="tbl", Key={"pk": {"S": "a"}, "sk": {"N": "0"}}))["Item"]
    assert item["n"] == {"N": "-2"}
    assert "g" not in item


async def test_an_update_needs_its_item_and_a_delete_does_not(db: DynamoDb, table: str) -> None:
    assert await refusal(db.execute_statement(Statement="UPDATE tbl SET x = 1 WHERE pk = 'no' AND sk = 1")) == FAILED
    assert await db.execute_statement(Statement="DELETE FROM tbl WHERE pk='no' AND sk=1 AND x=1") == {"Items": []}
    assert await refusal(db.execute_statement(Statement="DELETE FROM tbl WHERE pk='a' AND sk=1 AND x=1")) == FAILED
    gone = await db.execute_statement(Statement="DELETE FROM tbl WHERE pk='a' AND sk=1 RETURNING ALL OLD *")
    assert gone["Items"][0]["g"] == {"S": "x"}
    assert await keys(db, "pk = 'a'") == ["a0", "a2"]


async def test_a_batch_of_reads(db: DynamoDb, table: str) -> None:
    output = await db.batch_execute_statement(
        Statements=[
            {"Statement": "SELECT g FROM tbl WHERE pk = 'a' AND sk = 0"},
            {"Statement": "SELECT * FROM tbl WHERE pk = ? AND sk = 0", "Parameters": [{"S": "none"}]},
            {"Statement": "SELECT * FROM tbl WHERE pk = 'a'"},
            {"Statement": "SELECT * FROM nowhere WHERE pk = 'a'"},
            {"Statement": "UPDATE tbl WHERE"},
        ],
        ReturnConsumedCapacity="TOTAL",
    )
    assert output["Responses"] == [
        {"TableName": "tbl", "Item": {"g": {"S": "x"}}},
        {"TableName": "tbl"},
        {
            "Error": {
                "Code": "ValidationError",
                "Message": "Select statements within BatchExecuteStatement must specify the primary key in the "
                "where clause.",
            }
        },
        {"Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}},
        {
            "Error": {
                "Code": "ValidationError",
                "Message": "Statement wasn't well formed, can't be processed: Expected data manipulation",
            }
        },
    ]
    assert output["ConsumedCapacity"] == [{"TableName": "tbl", "CapacityUnits": 1.0}]


async def test_a_batch_of_writes_goes_on_past_an_error(db: DynamoDb, table: str) -> None:
    output = await db.batch_execute_statement(
        Statements=[
            {"Statement": "INSERT INTO tbl VALUE {'pk': 'a', 'sk': 0}"},
            {"Statement": "INSERT INTO tbl VALUE {'pk': 'new', 'sk': 0}"},
            {"Statement": "DELETE FROM tbl WHERE pk = 'a' AND sk = 1 AND g = 'y'"},
        ]
    )
    assert [response.get("Error", {}).get("Code") for response in output["Responses"]] == [
        "DuplicateItem",
        None,
        "ConditionalCheckFailed",
    ]
    assert await keys(db, "pk = 'new'") == ["new0"]
    mixed = [{"Statement": "SELECT * FROM tbl WHERE pk='a' AND sk=0"}, {"Statement": "DELETE FROM tbl WHERE pk='a'"}]
    assert (await refusal(db.batch_execute_statement(Statements=mixed))).startswith(VALIDATION)


def statements(*texts: str) -> list[dict[str, Any]]:
    return [{"Statement": text} for text in texts]


async def test_a_transaction_of_writes(db: DynamoDb, table: str) -> None:
    wanted = statements(
        "EXISTS(SELECT * FROM tbl WHERE pk = 'a' AND sk = 0 AND g = 'x')",
        "INSERT INTO tbl VALUE {'pk': 'new', 'sk': 0}",
        "UPDATE tbl SET n = 1 WHERE pk = 'a' AND sk = 1",
        "DELETE FROM tbl WHERE pk = 'a' AND sk = 2",
    )
    await db.execute_transaction(TransactStatements=wanted, ClientRequestToken="once")
    assert await keys(db, "pk IN ['a', 'new']") == ["a0", "a1", "new0"]
    await db.execute_transaction(TransactStatements=wanted, ClientRequestToken="once")
    again = await refusal(db.execute_transaction(TransactStatements=wanted, ClientRequestToken="twice"))
    assert again == (
        "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, DuplicateItem, None, None]"
    )
    changed = wanted[:-1]
    assert (await refusal(db.execute_transaction(TransactStatements=changed, ClientRequestToken="once"))).startswith(
        "IdempotentParameterMismatchException"
    )


TRANSACTIONS = {
    ("EXISTS(SELECT * FROM tbl WHERE pk = 'a' AND sk = 0 AND g = 'y')",): (
        "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[ConditionalCheckFailed]"
    ),
    ("UPDATE none SET a = 1 WHERE pk = 'a'", "UPDATE tbl SET a = 1 WHERE pk = 'a' AND sk = 0"): (
        "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[ResourceNotFound, None]"
    ),
    ("UPDATE tbl SET a = 1 WHERE pk = 'a'",): (
        "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[ValidationError]"
    ),
    ("SELECT * FROM tbl WHERE pk = 'a'",): (
        VALIDATION + "Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must "
        "specify the primary key in the where clause."
    ),
    ("UPDATE tbl SET a = 1 WHERE pk = 'a' AND sk = 0 RETURNING ALL NEW *",): (
        VALIDATION + "Validation failed in TransactStatements[0]: RETURNING clause is not supported in "
        "ExecuteTransaction."
    ),
    ("SELECT * FROM tbl WHERE pk='a' AND sk=0", "SELECT * FROM tbl WHERE sk=0 AND pk='a'"): (
        VALIDATION + "Transaction request cannot include multiple operations on one item"
    ),
    ("EXISTS(SELECT * FROM tbl WHERE pk = 'a' AND sk = 0)",): (
        VALIDATION + "Validation failed in TransactStatements[0]: EXISTS() must contain a single item read with "
        "additional condition"
    ),
}


@pytest.mark.parametrize(("texts", "complaint"), TRANSACTIONS.items())
async def test_transactions_refused(db: DynamoDb, table: str, texts: tuple[str, ...], complaint: str) -> None:
    assert await refusal(db.execute_transaction(TransactStatements=statements(*texts))) == complaint
    assert "a" not in (await db.get_item(TableName="tbl", Key={"pk": {"S": "a"}, "sk": {"N": "0"}}))["Item"]


async def test_a_transaction_of_reads(db: DynamoDb, table: str) -> None:
    output = await db.execute_transaction(
        TransactStatements=statements(
            "SELECT g FROM tbl WHERE pk = 'a' AND sk = 0", "SELECT * FROM tbl WHERE pk IN ['none'] AND sk = 1"
        ),
        ReturnConsumedCapacity="TOTAL",
    )
    assert output["Responses"] == [{"Item": {"g": {"S": "x"}}}, {}]
    assert output["ConsumedCapacity"] == [{"TableName": "tbl", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]
