"""PartiQL through boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

TABLE = "panregion-range"


def test_a_life_in_statements(client: Any) -> None:
    insert = {"Statement": f"INSERT INTO \"{TABLE}\" VALUE {{'pk': ?, 'sk': 1, 'n': 1}}", "Parameters": [{"S": "pq"}]}
    assert client.execute_statement(**insert)["Items"] == []
    with pytest.raises(ClientError) as refused:
        client.execute_statement(**insert)
    assert refused.value.response["Error"] == {
        "Code": "DuplicateItemException",
        "Message": "Duplicate primary key exists in table",
    }
    update = f"UPDATE \"{TABLE}\" SET n = n + 1 WHERE pk = 'pq' AND sk = 1 RETURNING MODIFIED NEW *"
    assert client.execute_statement(Statement=update)["Items"] == [{"n": {"N": "2"}}]
    select = f"SELECT n FROM \"{TABLE}\" WHERE pk = 'pq' AND sk BETWEEN 0 AND 5"
    assert client.execute_statement(Statement=select)["Items"] == [{"n": {"N": "2"}}]
    batch = client.batch_execute_statement(
        Statements=[{"Statement": f"DELETE FROM \"{TABLE}\" WHERE pk = 'pq' AND sk = 1 RETURNING ALL OLD *"}]
    )
    assert batch["Responses"][0]["Item"]["n"] == {"N": "2"}


def test_a_cancelled_transaction_has_its_reasons(client: Any) -> None:
    statements = [
        {"Statement": f"EXISTS(SELECT * FROM \"{TABLE}\" WHERE pk = 'none' AND sk = 1 AND n = 1)"},
        {"Statement": f"INSERT INTO \"{TABLE}\" VALUE {{'pk': 'pq-t', 'sk': 1}}"},
    ]
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.execute_transaction(TransactStatements=statements)
    assert cancelled.value.response["CancellationReasons"] == [
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        {"Code": "None"},
    ]
