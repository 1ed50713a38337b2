"""The short way of the gateway gives the answers that the long way gives, right and wrong requests alike."""

from collections.abc import Coroutine

import msgspec
import pytest

from panregion.region import Region
from panregion.region.lanes import Lanes
from panregion.world import Request, Response

TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
KEY = {"id": {"S": "a"}}
BODIES: list[tuple[str, bytes]] = [
    (operation, body if isinstance(body, bytes) else msgspec.json.encode(body))
    for operation, body in [
        ("PutItem", {"TableName": "things", "Item": {**KEY, "b": {"B": "AAE="}, "n": {"N": "1.50"}}}),
        ("GetItem", {"TableName": "things", "Key": KEY}),
        ("GetItem", {"TableName": "things", "Key": {"id": {"S": "absent"}}}),
        ("GetItem", {"TableName": "things", "Key": KEY, "ConsistentRead": None}),
        ("GetItem", {"TableName": "things", "Key": KEY, "Unheard": 1}),
        ("GetItem", {"TableName": "things", "Key": KEY, "ConsistentRead": "yes"}),
        ("GetItem", {"TableName": "no-such-table", "Key": KEY}),
        ("GetItem", {"TableName": "t", "Key": KEY}),
        ("GetItem", {"Key": KEY}),
        ("GetItem", {}),
        ("GetItem", b""),
        ("GetItem", b"{"),
        ("GetItem", b"[]"),
        ("GetItem", b'{"TableName": "things", "Key": ' + b'{"M":' * 5000 + b"1" + b"}" * 5001),
        (
            "Query",
            {
                "TableName": "things",
                "KeyConditionExpression": "id = :a",
                "ExpressionAttributeValues": {":a": KEY["id"]},
            },
        ),
        ("UpdateItem", {"TableName": "things", "Key": KEY, "UpdateExpression": "ADD m :one"}),
        ("DescribeTable", {"TableName": "things"}),
        ("ListTables", {"Limit": 0}),
    ]
]


def request(operation: str, body: bytes, scope: str = "us-east-1/dynamodb") -> Request:
    headers = [
        ("Host", "127.0.0.1"),
        ("X-Amz-Target", f"DynamoDB_20120810.{operation}"),
        (
            "Authorization",
            f"AWS4-HMAC-SHA256 Credential=test/20261121/{scope}/aws4_request, SignedHeaders=host, Signature=0",
        ),
    ]
    return Request("POST", "/", headers=headers, body=body)


def plain(response: Response) -> tuple[int, list[tuple[str, str]], object]:
    headers = [(name, value) for name, value in response.headers if name != "x-amzn-RequestId"]
    return response.status, headers, response.body


def begun(region: Region, request: Request) -> Response | None:
    """The answer if it is there at once."""
    answer = region.gateway.begin(request)
    if isinstance(answer, Response):
        return answer
    assert isinstance(answer, Coroutine)
    answer.close()
    return None


@pytest.fixture
async def table(region: Region) -> Region:
    await region.ask("dynamodb", "CreateTable", TABLE)
    while (await region.ask("dynamodb", "DescribeTable", {"TableName": "things"}))["Table"]["TableStatus"] != "ACTIVE":
        await region.here.world.clock.sleep(0.01)
    return region


async def test_both_ways_answer_alike(table: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    for operation in {operation for operation, _ in BODIES}:
        right = next(body for name, body in BODIES if name == operation)
        await table.gateway(request(operation, right))  # the first right request of its kind makes the lane
    short = [plain(await table.gateway(request(operation, body))) for operation, body in BODIES]
    at_once = [begun(table, request(operation, body)) for operation, body in BODIES]
    monkeypatch.setattr(Lanes, "find", lambda _self, _signs: None)
    long = [plain(await table.gateway(request(operation, body))) for operation, body in BODIES]
    for (operation, body), one, other in zip(BODIES, short, long, strict=True):
        assert one == other, (operation, body[:80])
    for (operation, body), response, other in zip(BODIES, at_once, long, strict=True):
        assert (response is not None) == (operation in ("GetItem", "Query", "DescribeTable")), operation
        assert response is None or plain(response) == other, (operation, body[:80])
    assert {status for status, _, _ in short} == {200, 400, 501} or {status for status, _, _ in short} == {200, 400}


async def test_another_region_service_or_host_is_another_lane(table: Region) -> None:
    await table.gateway(request("ListTables", b"{}"))
    elsewhere = await table.gateway(request("ListTables", b"{}", "eu-west-1/dynamodb"))
    assert (elsewhere.status, b"eu-west-1 is not a region of this world" in bytes(elsewhere.body)) == (400, True)  # type: ignore[arg-type]
    named = request("ListTables", b"{}")
    named.headers[0] = ("Host", "api.example")
    assert (await table.gateway(named)).status == 200
