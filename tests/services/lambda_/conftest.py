"""Functions in a region that boto3 talks to."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from panregion.functions import zipped
from tests.support import ServedRegion

ROLE = "arn:aws:iam::000000000000:role/lambda"


@pytest.fixture
def client(served: ServedRegion) -> Any:
    return served.client("lambda")


Deploy = Callable[..., str]


@pytest.fixture
def deploy(client: Any, request: pytest.FixtureRequest) -> Iterator[Deploy]:
    """Make a function of a source text; its name. It is deleted after the test."""
    made: list[str] = []

    def make(source: str | dict[str, str | bytes], handler: str = "app.handler", **params: Any) -> str:
        name = f"{request.node.originalname}-{len(made)}"[-64:]
        content = zipped({"app.py": source} if isinstance(source, str) else source)
        given = {"Runtime": "python3.11", "Role": ROLE, "Handler": handler, "Code": {"ZipFile": content}, **params}
        client.create_function(FunctionName=name, **given)
        made.append(name)
        return name

    yield make
    for name in made:
        client.delete_function(FunctionName=name)
