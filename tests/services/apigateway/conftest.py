"""Fixtures of API Gateway's tests."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.services.apigateway.lab import FUNCTION_ARN, Lab


def echo(event: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": msgspec.json.encode(event).decode()}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """API Gateway, and a function that echoes its event as a body."""
    lab = Lab(tmp_path)
    lab.functions[FUNCTION_ARN] = echo
    return lab
