"""What a website makes of requests, the rules alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.services.s3 import pages, website
from panregion.services.s3.errors import InvalidURI, KeyTooLongError, NoSuchKey
from panregion.services.s3.model import Version
from panregion.services.s3.website import Asked, Moved, by_rule, decide, key_of

HOST = "site.s3-website-us-east-1.amazonaws.com:4566"
PLAIN = {"IndexDocument": {"Suffix": "index.html"}}


def asked(path: str, query: str = "") -> Asked:
    return Asked(key_of(path), HOST, path, query)


def finding(*keys: str, **redirects: str) -> Any:
    found = {key: Version(key=key, modified=0) for key in keys}
    found |= {
        key: Version(key=key, modified=0, settings={"WebsiteRedirectLocation": location})
        for key, location in redirects.items()
    }
    return found.get


def ruled(*rules: dict[str, Any]) -> dict[str, Any]:
    return {**PLAIN, "RoutingRules": list(rules)}


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", "index.html"),
        ("", "index.html"),
        ("/docs/", "docs/index.html"),
        ("/docs/a.html", "docs/a.html"),
        ("/a%20b+c", "a b+c"),
        ("/%C3%BC", "ü"),
        ("//", "/index.html"),
    ],
)
def test_a_path_names_an_object(path: str, key: str) -> None:
    found = decide(PLAIN, asked(path), finding(key))
    assert isinstance(found, Version)
    assert found.key == key


def test_a_folder_without_its_slash_is_sent_to_it() -> None:
    keys = finding("a b/index.html")
    assert decide(PLAIN, asked("/a%20b"), keys) == Moved(302, "/a%20b/", by_slash=True)
    found = decide(PLAIN, asked("/a%20b"), finding("a b", "a b/index.html"))
    assert isinstance(found, Version)


@pytest.mark.parametrize(("path", "key"), [("/", "index.html"), ("/x", "x"), ("/x/", "x/index.html")])
def test_what_is_not_there_is_named(path: str, key: str) -> None:
    with pytest.raises(NoSuchKey) as caught:
        decide(PLAIN, asked(path), finding())
    assert caught.value.fields == {"Key": key}


def test_an_object_may_send_its_readers_elsewhere() -> None:
    assert decide(PLAIN, asked("/old"), finding(old="/new.html")) == Moved(301, "/new.html")


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ({"HostName": "b.test"}, "http://b.test/a/b%20c?x=1"),
        ({"HostName": "b.test", "Protocol": "https"}, "https://b.test/a/b%20c?x=1"),
    ],
)
def test_everything_may_be_sent_elsewhere(to: dict[str, str], location: str) -> None:
    assert decide({"RedirectAllRequestsTo": to}, asked("/a/b%20c", "x=1"), finding()) == Moved(301, location)


@pytest.mark.parametrize(
    ("redirect", "location"),
    [
        ({"ReplaceKeyPrefixWith": "documents/"}, f"http://{HOST}/documents/a%20b.html"),
        ({"ReplaceKeyWith": "gone.html", "HttpRedirectCode": "307"}, f"http://{HOST}/gone.html"),
        ({"HostName": "b.test"}, "http://b.test/docs/a%20b.html"),
        ({"Protocol": "https", "HostName": "b.test", "ReplaceKeyPrefixWith": "#!/"}, "https://b.test/#!/a%20b.html"),
    ],
)
def test_a_rule_by_prefix(redirect: dict[str, str], location: str) -> None:
    configuration = ruled({"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": redirect})
    moved = Moved(int(redirect.get("HttpRedirectCode", "301")), location)
    assert decide(configuration, asked("/docs/a%20b.html"), finding("docs/a b.html")) == moved
    assert isinstance(decide(configuration, asked("/other"), finding("other")), Version)


def test_a_query_is_kept_unless_the_rule_brings_its_own() -> None:
    def location(word: str) -> str:
        moved = by_rule(ruled({"Redirect": {"ReplaceKeyWith": word}}), asked("/k", "a=1"), None)
        assert moved is not None
        return moved.location.removeprefix(f"http://{HOST}/")

    assert [location(word) for word in ("x", "x?k=2", "#x")] == ["x?a=1", "x?k=2", "#x"]


def test_rules_for_errors_wait_for_them() -> None:
    configuration = ruled(
        {"Condition": {"HttpErrorCodeReturnedEquals": "404", "KeyPrefixEquals": "a/"}, "Redirect": {"HostName": "a"}},
        {"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"HostName": "rest"}},
        {"Condition": {"HttpErrorCodeReturnedEquals": "403"}, "Redirect": {"HostName": "never"}},
    )
    assert by_rule(configuration, asked("/a/b"), None) is None
    assert by_rule(configuration, asked("/a/b"), 404) == Moved(301, "http://a/a/b")
    assert by_rule(configuration, asked("/c"), 404) == Moved(301, "http://rest/c")
    assert by_rule(configuration, asked("/c"), 416) is None


def test_only_errors_of_the_client_have_a_document() -> None:
    configuration = {**PLAIN, "ErrorDocument": {"Key": "e.html"}}
    assert [website.error_document(configuration, status) for status in (404, 403, 500)] == ["e.html", "e.html", None]


def test_paths_that_are_no_keys() -> None:
    with pytest.raises(InvalidURI):
        key_of("/%ff")
    with pytest.raises(KeyTooLongError):
        key_of("/" + "x" * 1025)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_a_redirect_to_the_slash_leads_to_the_index_document(key: str) -> None:
    if not key or key.endswith("/"):
        return
    find = finding(f"{key}/index.html")
    moved = decide(PLAIN, Asked(key, HOST, "", ""), find)
    assert isinstance(moved, Moved)
    assert isinstance(decide(PLAIN, asked(moved.location), find), Version)
    assert moved.location.isascii()
    assert moved.location.isprintable()


@pytest.mark.parametrize(
    ("location", "header"),
    [
        ("https://b.test/a?b=c%20d&e#!/f", "https://b.test/a?b=c%20d&e#!/f"),
        ("/a\r\nSet-Cookie: x=1", "/a%0D%0ASet-Cookie:%20x=1"),
        ("/\u00fc\u20ac", "/%C3%BC%E2%82%AC"),
    ],
)
def test_a_location_fits_into_a_header(location: str, header: str) -> None:
    assert website.location_header(location) == header


def test_pages_escape_what_users_wrote() -> None:
    body = pages.page(NoSuchKey("No", Key="<script>ü\n"), "R").body
    assert isinstance(body, bytes)
    assert "<li>Key: &lt;script&gt;ü" in body.decode()
    assert [name for name, _ in pages.told(NoSuchKey("No", Key="ü"))] == ["x-amz-error-code", "x-amz-error-message"]
