"""A request that asks to be followed: what the region takes down of it, and that nobody else pays for it."""

from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.services import Here
from panregion.services.tracing import STEPS_MAX, Recording, begin_step
from panregion.world import Request, Response, SystemClock

ROOT = "1-65a1b2c3-0123456789abcdef01234567"
SCOPE = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x"


def call(operation: str, params: dict[str, Any], *headers: tuple[str, str]) -> Request:
    """An operation of DynamoDB as AWS's client sends it."""
    usual = [
        ("Host", "127.0.1.1"),
        ("X-Amz-Target", f"DynamoDB_20120810.{operation}"),
        ("Content-Type", "application/x-amz-json-1.0"),
        ("Authorization", SCOPE),
    ]
    return Request("POST", "/", "", [*usual, *headers], msgspec.json.encode(params))


async def told(region: Region, root: str = ROOT) -> list[dict[str, Any]]:
    response = await region.gateway(Request("GET", "/_panregion/trace", f"id={root}"))
    assert isinstance(response.body, bytes)
    steps: list[dict[str, Any]] = msgspec.json.decode(response.body)["steps"]
    return steps


@pytest.fixture
async def table(region: Region) -> Region:
    await region.ask(
        "dynamodb",
        "CreateTable",
        {
            "TableName": "orders",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    )
    while (await region.ask("dynamodb", "DescribeTable", {"TableName": "orders"}))["Table"]["TableStatus"] != "ACTIVE":
        await region.here.world.clock.sleep(0.01)
    return region


PUT = {"TableName": "orders", "Item": {"id": {"S": "a"}}}
GET = {"TableName": "orders", "Key": {"id": {"S": "a"}}}


async def test_what_was_done_is_told_with_its_times(table: Region) -> None:
    response = await table.gateway(call("PutItem", PUT, ("x-panregion-trace", ROOT)))
    assert response.status == 200
    gateway, operation, store = await told(table)
    assert (gateway["kind"], gateway["what"], gateway["status"]) == ("gateway", "POST /", 200)
    assert (operation["kind"], operation["what"], operation["parent"]) == ("operation", "dynamodb PutItem", 1)
    assert (store["kind"], store["parent"], store["wrote"], store["feeds"]) == ("store", 2, True, {})
    assert gateway["began_s"] <= operation["began_s"] <= store["began_s"] <= store["ended_s"] <= gateway["ended_s"]
    assert {"waited_ms", "ran_ms", "sync_ms"} <= store.keys()


async def test_an_error_is_told_by_its_code(table: Region) -> None:
    await table.gateway(call("PutItem", PUT))
    again = {**PUT, "ConditionExpression": "attribute_not_exists(id)"}
    await table.gateway(call("PutItem", again, ("x-panregion-trace", ROOT)))
    assert (await told(table))[1]["error"] == "ConditionalCheckFailedException"


async def test_who_does_not_ask_is_not_followed(table: Region) -> None:
    for headers in ([], [("x-panregion-trace", "me")], [("x-amzn-trace-id", f"Root={ROOT};Parent=0000000000000001")]):
        for _ in range(2):  # the second takes the short way
            assert (await table.gateway(call("PutItem", PUT, *headers))).status == 200
    assert await told(table) == []
    assert table.gateway.recorder.live == {}


async def test_what_a_function_calls_belongs_to_the_request(table: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS's SDKs do within a function, it sends the trace id that it was given."""

    class Plane:
        def matches(self, _here: Here, request: Request) -> bool:
            return request.host == "api.test"

        async def handle(self, here: Here, request: Request) -> Response:
            seen.append(request.header("x-panregion-trace"))
            begun = begin_step(here, "function", "orders")
            assert begun is not None
            recording, step = begun
            header = recording.header(step)
            for request in (call("PutItem", PUT, ("X-Amzn-Trace-Id", header)), call("GetItem", GET)):
                await table.gateway(request)
            recording.end(step, duration_ms=5.0, init_ms=None)
            return Response(200)

    seen: list[str | None] = []
    monkeypatch.setattr(
        table.gateway, "_plane", lambda here, request: Plane() if Plane().matches(here, request) else None
    )
    await table.gateway(call("GetItem", GET))
    await table.gateway(Request("GET", "/", "", [("Host", "api.test"), ("x-panregion-trace", ROOT)]))
    assert seen == [None]
    steps = await told(table)
    assert [(step["kind"], step["what"], step["parent"]) for step in steps] == [
        ("gateway", "GET /", 0),
        ("function", "orders", 1),
        ("operation", "dynamodb PutItem", 2),
        ("store", "transaction", 3),
    ]
    assert steps[1]["duration_ms"] == 5.0
    assert "init_ms" not in steps[1]


async def test_only_the_last_are_kept_and_a_long_one_is_cut(table: Region) -> None:
    roots = [f"1-65a1b2c3-{number:024x}" for number in range(70)]
    for root in roots:
        await table.gateway(call("GetItem", GET, ("x-panregion-trace", root)))
    assert await told(table, roots[0]) == []
    assert [step["what"] for step in await told(table, roots[-1])] == ["POST /", "dynamodb GetItem"]
    recording = Recording(ROOT, SystemClock())
    for _ in range(STEPS_MAX + 3):
        recording.begin(0, "operation", "x")
    assert (len(recording.steps), recording.left_out) == (STEPS_MAX, 3)
