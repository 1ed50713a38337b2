"""What a bucket's website makes of a request: an object, a redirect or an error. Pure; objects are asked for.

A configuration is kept as PutBucketWebsite was given it. In this order, as AWS describes it: a redirect of everything;
the first routing rule whose condition names no error; the object (the index document for a path that ends in a slash),
whose own redirect wins over its bytes; a redirect to the slash where only an index document is there; the first
routing rule for the error; the error document.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from panregion.services.s3.errors import (
    InvalidArgument,
    InvalidRequest,
    InvalidURI,
    MalformedXML,
    NoSuchKey,
)
from panregion.services.s3.model import Version, check_key

Configuration = dict[str, Any]
Find = Callable[[str], Version | None]
"""The object that a key has now."""

RULES_MAX = 50
REDIRECT_CODES = frozenset({301, 302, 303, 304, 305, 307, 308})
PATH_SAFE = "/~!$&'()*+,;=:@"
URL_SAFE = "%!#$&'()*+,/:;=?@[]~"
PROTOCOL = "http"
"""Website endpoints speak nothing else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a website: its key, decoded; host as in its header, with the port; path and query as they came."""

    key: str
    host: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Look elsewhere. `by_slash` marks AWS's own redirect to a folder."""

    status: int
    location: str
    by_slash: bool = False


def decide(configuration: Configuration, asked: Asked, find: Find) -> Version | Moved:
    """What a request gets. Raises NoSuchKey."""
    everything = configuration.get("RedirectAllRequestsTo")
    if everything is not None:
        return Moved(301, _with_query(_url(everything, asked, asked.path.removeprefix("/")), asked.query))
    moved = by_rule(configuration, asked, None)
    if moved is not None:
        return moved
    suffix = configuration["IndexDocument"]["Suffix"]
    key = asked.key + suffix if asked.key.endswith("/") or not asked.key else asked.key
    found = find(key)
    if found is not None:
        return own_redirect(found) or found
    if key == asked.key and find(f"{key}/{suffix}") is not None:
        return Moved(302, f"/{quote(key, safe=PATH_SAFE)}/", by_slash=True)
    raise NoSuchKey("The specified key does not exist.", Key=key)


def own_redirect(version: Version) -> Moved | None:
    """Where an object sends its readers (x-amz-website-redirect-location)."""
    location = version.settings.get("WebsiteRedirectLocation")
    return None if location is None else Moved(301, str(location))


def location_header(location: str) -> str:
    """A location in the letters that a header may have: configurations are free text, line breaks included."""
    return quote(location, safe=URL_SAFE)


def by_rule(configuration: Configuration, asked: Asked, status: int | None) -> Moved | None:
    """Where the first fitting rule leads: before anything was looked up (no status), or after an error."""
    for rule in configuration.get("RoutingRules") or ():
        condition = rule.get("Condition") or {}
        error = condition.get("HttpErrorCodeReturnedEquals")
        prefix = condition.get("KeyPrefixEquals") or ""
        if error == (None if status is None else str(status)) and asked.key.startswith(prefix):
            redirect = rule["Redirect"]
            location = _with_query(_url(redirect, asked, _key(redirect, asked.key, prefix)), asked.query)
            return Moved(int(redirect.get("HttpRedirectCode") or 301), location)
    return None


def _key(redirect: dict[str, str], key: str, prefix: str) -> str:
    """The redirect's own words go out as they are: they may hold a query or a fragment."""
    if "ReplaceKeyWith" in redirect:
        return redirect["ReplaceKeyWith"]
    if "ReplaceKeyPrefixWith" in redirect:
        return redirect["ReplaceKeyPrefixWith"] + quote(key[len(prefix) :], safe=PATH_SAFE)
    return quote(key, safe=PATH_SAFE)


def _url(redirect: dict[str, str], asked: Asked, path: str) -> str:
    return f"{redirect.get('Protocol') or PROTOCOL}://{redirect.get('HostName') or asked.host}/{path}"


def _with_query(url: str, query: str) -> str:
    return f"{url}?{query}" if query and "?" not in url and "#" not in url else url


def error_document(configuration: Configuration, status: int) -> str | None:
    """The key of the document for an error; only those of the client have one."""
    document = configuration.get("ErrorDocument")
    return document["Key"] if document is not None and 400 <= status < 500 else None


def key_of(path: str) -> str:
    """The key that a raw path names. Raises InvalidURI, KeyTooLongError."""
    try:
        key = unquote_to_bytes(path.removeprefix("/")).decode()
    except UnicodeDecodeError as error:
        raise InvalidURI("Couldn't parse the specified URI.", URI=path) from error
    check_key(key)
    return key


def check_configuration(configuration: Configuration) -> None:
    """Raises InvalidArgument, InvalidRequest, MalformedXML."""
    everything = configuration.get("RedirectAllRequestsTo")
    if everything is not None:
        _check_everything(configuration, everything)
        return
    index = configuration.get("IndexDocument")
    if index is None:
        raise _argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null",
        )
    if not index["Suffix"] or "/" in index["Suffix"]:
        raise _argument("The IndexDocument Suffix is not well formed", "IndexDocument", index["Suffix"])
    rules = configuration.get("RoutingRules")
    if rules is not None and not rules:
        raise MalformedXML("The XML you provided was not well-formed or did not validate against our published schema")
    if len(rules or ()) > RULES_MAX:
        raise InvalidRequest(
            f"{len(rules or ())} routing rules provided, the number of routing rules in a website configuration is "
            f"limited to {RULES_MAX}."
        )
    for problem in (problem for rule in rules or () for problem in _problems(rule)):
        raise InvalidRequest(problem)


def _check_everything(configuration: Configuration, everything: dict[str, str]) -> None:
    if len(configuration) > 1:
        raise _argument(
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
            "RedirectAllRequestsTo",
            "not null",
        )
    if not everything["HostName"]:
        raise InvalidRequest('A host name must be provided to redirect all requests (e.g. "example.com").')


def _problems(rule: dict[str, Any]) -> Iterator[str]:
    redirect, condition = rule["Redirect"], rule.get("Condition")
    if "ReplaceKeyPrefixWith" in redirect and "ReplaceKeyWith" in redirect:
        yield "You can only define ReplaceKeyPrefix or ReplaceKey but not both."
    code = redirect.get("HttpRedirectCode")
    if code is not None and _number(code) not in REDIRECT_CODES:
        yield f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300."
    if condition is None:
        return
    if not condition:
        yield (
            "Condition cannot be empty. To redirect all requests without a condition, the condition element "
            "shouldn't be present."
        )
    error = condition.get("HttpErrorCodeReturnedEquals")
    if error is not None and not 400 <= _number(error) < 600:
        yield f"The provided HTTP error code ({error}) is not valid. Valid codes are 4XX or 5XX."


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 3):
        return 0
    return int(text)


def _argument(message: str, name: str, value: str) -> InvalidArgument:
    return InvalidArgument(message, ArgumentName=name, ArgumentValue=value)
