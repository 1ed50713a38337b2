"""PatchOperations on records."""

from typing import Any

import pytest

from panregion.services.apigateway.errors import BadRequestException
from panregion.services.apigateway.model import Integration
from panregion.services.apigateway.patch import patched, rules

RULES = rules(replace="/uri /timeoutInMillis", anyway="/requestTemplates/*", add_remove="/cacheKeyParameters/*")

RECORD = Integration(
    type="HTTP",
    passthrough_behavior="NEVER",
    timeout_in_millis=100,
    cache_namespace="n",
    cache_key_parameters=["a"],
    request_templates={"text/plain": "x"},
)


@pytest.mark.parametrize(
    ("operation", "member", "value"),
    [
        ({"op": "replace", "path": "/uri", "value": "u"}, "uri", "u"),
        ({"op": "replace", "path": "/timeoutInMillis", "value": "50"}, "timeout_in_millis", 50),
        (
            {"op": "add", "path": "/requestTemplates/application~1json", "value": "y"},
            "request_templates",
            {"text/plain": "x", "application/json": "y"},
        ),
        ({"op": "remove", "path": "/requestTemplates/text~1plain"}, "request_templates", {}),
        ({"op": "remove", "path": "/requestTemplates/none"}, "request_templates", {"text/plain": "x"}),
        ({"op": "add", "path": "/cacheKeyParameters/b~1c"}, "cache_key_parameters", ["a", "b/c"]),
        ({"op": "add", "path": "/cacheKeyParameters/a"}, "cache_key_parameters", ["a"]),
        ({"op": "remove", "path": "/cacheKeyParameters/a"}, "cache_key_parameters", []),
    ],
)
def test_patches(operation: dict[str, str], member: str, value: Any) -> None:
    assert getattr(patched(RECORD, [operation], RULES), member) == value


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/uri", "value": "u"},
        {"op": "replace", "path": "/uri/more", "value": "u"},
        {"op": "replace", "path": "/type", "value": "MOCK"},
        {"op": "replace", "path": "/timeoutInMillis", "value": "soon"},
        {"op": "remove", "path": "/cacheKeyParameters/none"},
        {"op": "copy", "path": "/uri"},
    ],
)
def test_patches_that_cannot_be(operation: dict[str, str]) -> None:
    with pytest.raises(BadRequestException):
        patched(RECORD, [operation], RULES)


def test_the_record_itself_stays_as_it_is() -> None:
    patched(RECORD, [{"op": "add", "path": "/cacheKeyParameters/b"}], RULES)
    assert RECORD.cache_key_parameters == ["a"]
