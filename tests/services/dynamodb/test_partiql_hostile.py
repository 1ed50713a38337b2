"""Statements that nobody would write: every answer is a result or one of AWS's errors, never a traceback."""

import re
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from panregion.wire import AwsError
from tests.services.dynamodb.support import DynamoDb, index

STATEMENTS = (
    "SELECT * FROM tbl WHERE pk = 'a' AND sk > 1 ORDER BY sk DESC",
    'SELECT m.l[0], g FROM "tbl"."by-g" WHERE g = ? AND sk BETWEEN 1 AND 2',
    "SELECT * FROM tbl WHERE pk IN ['a','b'] AND (sk = 1 OR contains(g, 'x')) AND NOT m IS LIST OR m IS NOT MISSING",
    "UPDATE tbl SET n = n + 1 SET s = set_add(s, <<1,2>>) REMOVE m.l[0] WHERE pk = 'a' AND sk = ? AND size(m) > 0",
    "UPDATE tbl SET l = list_append(l, [1]) WHERE pk=? AND sk=1 AND x IS NULL RETURNING MODIFIED OLD *",
    "INSERT INTO tbl VALUE {'pk': ?, 'sk': 1, 'm': {'l': [1, null, <<'x'>>]}}",
    "DELETE FROM tbl WHERE pk = 'a' AND sk IN [1] RETURNING ALL OLD *",
    "EXISTS(SELECT * FROM tbl WHERE pk='a' AND sk=1 AND begins_with(g, 'x'))",
)
STRANGE = ["-1", "1e400", "''", '""', "true", "MISSING", "#a", ":b", "[99999999999]", "IS STRING", "\0", "{}", "(("]
VALUES: list[dict[str, Any]] = [
    *({"S": "a"}, {"N": "1"}, {"N": "x"}, {"SS": ["a", "a"]}, {"M": {}}, {"L": []}, {"NULL": True}, {"B": "YQ=="}),
    *({"BOOL": False}, {"S": ""}, {"NS": ["1", "2"]}),
]
EXPECTED = {
    *("ConditionalCheckFailedException", "DuplicateItemException", "ResourceNotFoundException"),
    *("TransactionCanceledException", "ValidationException"),
}
_words = re.compile(r"'[^']*'|\"[^\"]*\"|\w+|<<|>>|<>|[^\s\w]").findall


def mutated(chance: Random) -> str:
    """A statement with up to three words put in, taken out or replaced."""
    words = _words(chance.choice(STATEMENTS))
    known = [*STRANGE, *_words(chance.choice(STATEMENTS))]
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(words))
        match chance.randrange(3):
            case 0:
                words.insert(place, chance.choice(known))
            case 1 if len(words) > 1:
                del words[place]
            case _:
                words[place] = chance.choice(known)
    return " ".join(words)


@pytest.mark.parametrize("seed", range(4))
async def test_mutated_statements(db: DynamoDb, seed: int) -> None:
    chance = Random(seed)
    by_g = index("by-g", "g", "sk", projection="KEYS_ONLY")
    await db.table("tbl", "pk:S", "sk:N", others=("g:S",), GlobalSecondaryIndexes=[by_g])
    for sk in range(3):
        item = {"pk": {"S": "a"}, "sk": {"N": str(sk)}, "g": {"S": "x"}, "n": {"N": "1"}, "l": {"L": []}}
        await db.put_item(TableName="tbl", Item=item)
    for _ in range(250):
        statement = mutated(chance)
        given = [deepcopy(chance.choice(VALUES)) for _ in range(statement.count("?"))]
        asked: dict[str, Any] = {"Statement": statement, **({"Parameters": given} if given else {})}
        try:
            match chance.randrange(3):
                case 0:
                    await db.execute_statement(**asked)
                case 1:
                    await db.batch_execute_statement(Statements=[asked])
                case _:
                    await db.execute_transaction(TransactStatements=[asked])
        except AwsError as error:
            if error.code not in EXPECTED:
                raise
