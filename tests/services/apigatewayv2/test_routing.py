"""Which route takes a request."""

import pytest

from panregion.services.apigatewayv2.model import Integration, Route, Snapshot
from panregion.services.apigatewayv2.routing import Routes

INTEGRATION = Integration(
    integration_id="i",
    integration_type="AWS_PROXY",
    payload_format_version="2.0",
    timeout_in_millis=30_000,
    connection_type="INTERNET",
)


def routes(*keys: str) -> Routes:
    made = [
        Route(route_id=key, route_key=key, authorization_type="NONE", api_key_required=False, target="integrations/i")
        for key in keys
    ]
    return Routes(Snapshot(routes=made, integrations=[INTEGRATION]))


KEYS = (
    *("$default", "GET /", "GET /pets", "ANY /pets", "GET /pets/{id}", "GET /pets/dog", "ANY /pets/{rest+}"),
    *("GET /pets/dog/{rest+}", "POST /{any+}"),
)


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/", "GET /", {}),
        ("GET", "/pets", "GET /pets", {}),
        ("PUT", "/pets/", "ANY /pets", {}),
        ("GET", "/pets/a%20b", "GET /pets/{id}", {"id": "a b"}),
        ("GET", "/pets/dog", "GET /pets/dog", {}),
        ("PUT", "/pets/dog", "ANY /pets/{rest+}", {"rest": "dog"}),
        ("GET", "/pets/dog/1/2", "GET /pets/dog/{rest+}", {"rest": "1/2"}),
        ("GET", "/pets/cat/1", "ANY /pets/{rest+}", {"rest": "cat/1"}),
        ("POST", "/x/y", "POST /{any+}", {"any": "x/y"}),
        ("POST", "/", "$default", {}),
        ("GET", "/none", "$default", {}),
    ],
)
def test_the_most_specific_route_takes_it(method: str, path: str, key: str, parameters: dict[str, str]) -> None:
    found = routes(*KEYS).match(method, path)
    assert found is not None
    assert (found.route.route_key, found.parameters) == (key, parameters)


def test_no_route() -> None:
    assert routes("GET /pets").match("POST", "/pets") is None
