"""The handlers of examples/hello-global, with a table of a few lines in place of DynamoDB."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

SOURCE = Path(__file__).parent.parent.parent / "examples" / "hello-global" / "src"

Answer = tuple[int, dict[str, Any]]


class Table:
    """What the handlers use of DynamoDB's client. `broken` makes it fail; `reads` counts."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.broken = False
        self.reads = 0

    def put_item(self, TableName: str, Item: dict[str, Any]) -> None:  # noqa: N803 - boto3's names
        assert TableName == "hello-items"
        self.items[Item["id"]["S"]] = Item

    def get_item(self, TableName: str, Key: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert TableName == "hello-items"
        self.reads += 1
        if self.broken:
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "lost"}}, "GetItem")
        item = self.items.get(Key["id"]["S"])
        return {} if item is None else {"Item": item}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a handler's module as a function in Paris would, with its table replaced."""
    for name, value in {
        "AWS_REGION": "eu-west-3",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "TABLE_NAME": "hello-items",
    }.items():
        monkeypatch.setenv(name, value)

    def import_it(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, SOURCE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.__dict__["dynamodb"] = Table()
        return module

    return import_it


def ask(module: ModuleType, method: str, path: str, body: str | None = None) -> Answer:
    """What API Gateway would pass on, and what comes back."""
    event = {
        "httpMethod": method,
        "path": path,
        "pathParameters": {"id": path.rpartition("/")[2]},
        "body": body,
    }
    response = module.handler(event, None)
    return response["statusCode"], json.loads(response["body"])


def test_an_item_says_where_it_was_written_and_who_answers(load: Callable[[str], ModuleType]) -> None:
    item = load("item")
    status, written = ask(item, "POST", "/item", '{"id": "1", "text": "hello"}')
    assert (status, written["written_in"], written["answered_by"]) == (201, "eu-west-3", "eu-west-3")
    item.dynamodb.items["1"]["written_in"] = {"S": "us-east-1"}
    status, found = ask(item, "GET", "/item/1")
    assert (status, found["text"], found["written_in"], found["answered_by"]) == (
        200,
        "hello",
        "us-east-1",
        "eu-west-3",
    )


def test_an_item_without_an_id_gets_one(load: Callable[[str], ModuleType]) -> None:
    item = load("item")
    _, first = ask(item, "POST", "/item")
    _, second = ask(item, "POST", "/item", "{}")
    assert first["id"] != second["id"]


@pytest.mark.parametrize("body", ["no json", "[1]"])
def test_what_is_no_item_is_refused(load: Callable[[str], ModuleType], body: str) -> None:
    assert ask(load("item"), "POST", "/item", body)[0] == 400


def test_an_item_that_is_not_there_yet(load: Callable[[str], ModuleType]) -> None:
    status, answer = ask(load("item"), "GET", "/item/9")
    assert (status, answer["answered_by"]) == (404, "eu-west-3")


def test_health_reads_the_table_and_remembers_for_a_moment(load: Callable[[str], ModuleType]) -> None:
    health = load("health")
    assert health.check(100.0) is None
    health.dynamodb.broken = True
    assert health.check(102.9) is None
    assert "lost" in health.check(103.0)
    assert health.dynamodb.reads == 2


def test_an_unhealthy_region_still_answers_pings(load: Callable[[str], ModuleType]) -> None:
    health = load("health")
    health.dynamodb.broken = True
    assert ask(health, "GET", "/health")[0] == 503
    assert ask(health, "GET", "/ping") == (200, {"status": "answering", "answered_by": "eu-west-3"})
