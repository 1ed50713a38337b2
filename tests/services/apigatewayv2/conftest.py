"""HTTP APIs in a laboratory."""

from pathlib import Path

import pytest

from tests.services.apigateway.lab import FUNCTION_ARN
from tests.services.apigatewayv2.lab import HttpLab


@pytest.fixture
def lab(tmp_path: Path) -> HttpLab:
    lab = HttpLab(tmp_path)
    lab.functions[FUNCTION_ARN] = lambda event: event
    return lab
