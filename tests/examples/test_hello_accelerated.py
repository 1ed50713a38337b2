"""The handler of examples/hello-accelerated, with a table of a few lines in place of DynamoDB."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

SOURCE = Path(__file__).parent.parent.parent / "examples" / "hello-accelerated" / "src" / "page.py"


class Table:
    """What the handler uses of DynamoDB's client."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.broken = False

    def get_item(self, TableName: str, Key: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert TableName == "hello-items"
        if self.broken:
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "<lost>"}}, "GetItem")
        item = self.items.get(Key["id"]["S"])
        return {} if item is None else {"Item": item}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The handler's module, imported as a function in Frankfurt would."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "eu-central-1")
    monkeypatch.setenv("TABLE_NAME", "hello-items")
    spec = importlib.util.spec_from_file_location("page", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.__dict__["dynamodb"] = Table()
    return module


def test_pages_name_the_region(page: ModuleType) -> None:
    page.dynamodb.items["1"] = {"id": {"S": "1"}, "text": {"S": "a < b"}}
    for path, status, said in (
        ("/health", 200, "healthy"),
        ("/get/1", 200, "a &lt; b"),
        ("/get/2", 404, "no such item"),
    ):
        answer = page.handler({"path": path}, None)
        assert answer["statusCode"] == status
        assert said in answer["body"]
        assert "<strong>eu-central-1</strong>" in answer["body"]
        assert answer["headers"]["Content-Type"].startswith("text/html")


def test_a_table_that_does_not_answer_makes_the_region_unhealthy(page: ModuleType) -> None:
    page.dynamodb.broken = True
    answer = page.handler({"path": "/health"}, None)
    assert answer["statusCode"] == 503
    assert "&lt;lost&gt;" in answer["body"]
