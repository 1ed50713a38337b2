"""The functions of examples/food-for-thought, imported in this process as Lambda would import them."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCES = Path(__file__).parent.parent.parent / "examples" / "food-for-thought" / "src"
LAYER = SOURCES / "common" / "python"


def function(patch: pytest.MonkeyPatch, service: str, module: str, **environment: str) -> ModuleType:
    """A module of a service, fresh, with this environment; so is all that it imports of the application."""
    aws = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    for name, value in {**aws, **environment}.items():
        patch.setenv(name, value)
    patch.setenv("AWS_DEFAULT_REGION", environment.get("AWS_REGION", "us-east-1"))
    ours = {path.stem for path in (SOURCES / service).glob("*.py")} | {"common"}
    for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
        patch.delitem(sys.modules, name)
    patch.syspath_prepend(str(LAYER))
    patch.syspath_prepend(str(SOURCES / service))
    return importlib.import_module(module)


def ask(module: ModuleType, route: str, *, body: Any = None, query: Any = None, **ids: str) -> tuple[int, Any]:
    """Status and body of a route ("GET /restaurants/{id}") of an HTTP API's function."""
    event = {
        "version": "2.0",
        "routeKey": route,
        "headers": {"x-correlation-id": "01234567-89ab-4def-8123-456789abcdef"},
        "pathParameters": ids,
        "body": None if body is None else body if isinstance(body, str) else json.dumps(body),
    }
    answer = module.handler(event if query is None else {**event, "queryStringParameters": query}, None)
    assert answer["headers"]["x-correlation-id"] == "01234567-89ab-4def-8123-456789abcdef"
    return answer["statusCode"], json.loads(answer["body"])
