"""Scalars as an operation wants them, whatever the template made of them."""

from typing import Any

import pytest

from panregion.services.cloudformation.coerce import convert


@pytest.mark.parametrize(
    ("service", "operation", "given", "wanted"),
    [
        ("ssm", "PutParameter", {"Value": 5, "Overwrite": "true"}, {"Value": "5", "Overwrite": True}),
        ("ssm", "PutParameter", {"Value": True, "Overwrite": "maybe"}, {"Value": "true", "Overwrite": "maybe"}),
        ("lambda", "CreateFunction", {"Timeout": "5", "Environment": {"Variables": {"PORT": 80}}},
         {"Timeout": 5, "Environment": {"Variables": {"PORT": "80"}}}),
        ("ssm", "DeleteParameters", {"Names": [1, "two"]}, {"Names": ["1", "two"]}),
        ("lambda", "CreateFunction", {"Timeout": "soon", "Unknown": 5}, {"Timeout": "soon", "Unknown": 5}),
        ("iam", "panregion:Own", {"A": 1}, {"A": 1}),
    ],
)  # fmt: skip
def test_convert(service: str, operation: str, given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert convert(service, operation, given) == wanted
