"""Which resource a path finds, and with which values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.apigateway.model import Method, Resource
from panregion.services.apigateway.routing import MediaTypes, Routes

GET = {"GET": Method(http_method="GET", authorization_type="NONE", api_key_required=False)}


def routes(*paths: str) -> Routes:
    return Routes([Resource(id=path, path=path, resource_methods=GET) for path in paths])


TREE = ("/", "/item", "/item/{id}", "/item/{id}/parts", "/item/new", "/files/{path+}", "/{any+}", "/{a}/x/y")


@pytest.mark.parametrize(
    ("path", "resource", "parameters"),
    [
        ("/", "/", {}),
        ("", "/", {}),
        ("/item", "/item", {}),
        ("/item/", "/item", {}),
        ("/item/7", "/item/{id}", {"id": "7"}),
        ("/item/new", "/item/new", {}),
        ("/item/new/parts", "/item/{id}/parts", {"id": "new"}),
        ("/item/a%20b", "/item/{id}", {"id": "a b"}),
        ("/it%65m", "/item", {}),
        ("/item/7/other", "/{any+}", {"any": "item/7/other"}),
        ("/files/a/b%2Fc", "/files/{path+}", {"path": "a/b/c"}),
        ("/files", "/{any+}", {"any": "files"}),
        ("/item/x/y", "/{a}/x/y", {"a": "item"}),
        ("/q/x/y", "/{a}/x/y", {"a": "q"}),
        ("/q/x", "/{any+}", {"any": "q/x"}),
    ],
)
def test_literals_win_over_variables_and_those_over_greedy_ones(
    path: str, resource: str, parameters: dict[str, str]
) -> None:
    found = routes(*TREE).match(path)
    assert found is not None
    assert (found.resource.path, found.parameters) == (resource, parameters)


def test_a_resource_without_methods_hides_nothing() -> None:
    found = Routes([Resource(id="1", path="/a"), Resource(id="2", path="/{p+}", resource_methods=GET)]).match("/a")
    assert found is not None
    assert found.resource.id == "2"


@pytest.mark.parametrize("path", ["/", "/other", "/a/b/c"])
def test_nothing_matches(path: str) -> None:
    assert routes("/a/b").match(path) is None


@given(st.lists(st.text("ab/%{}+", max_size=6), max_size=6))
def test_any_path_finds_a_greedy_root(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    found = routes("/", "/{p+}").match(path)
    assert found is not None
    assert (found.resource.path == "/") == (path.strip("/") == "")


def test_any_takes_the_methods_that_have_none_of_their_own() -> None:
    either = Method(http_method="ANY", authorization_type="NONE", api_key_required=False)
    found = Routes([Resource(id="1", path="/", resource_methods={**GET, "ANY": either})]).match("/")
    assert found is not None
    assert found.method("GET") is GET["GET"]
    assert found.method("PUT") is either


@pytest.mark.parametrize(
    ("names", "header", "binary"),
    [
        ([], "image/png", False),
        (["*/*"], None, True),
        (["image~1png"], "image/png; q=1", True),
        (["image/png"], "text/html, image/png", False),
        (["image/*"], "IMAGE/webp", True),
        (["image/png"], None, False),
    ],
)
def test_media_types(names: list[str], header: str | None, binary: bool) -> None:
    assert MediaTypes(names).binary(header) is binary
