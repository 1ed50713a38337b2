"""What a bucket's website makes of a request: an object, a redirect or an error. Pure; objects are asked for.

A configuration is kept as PutBucketWebsite was given it. In this order, as AWS describes it: a redirect of everything;
the first routing rule whose condition names no error; the object (the index document for a path that ends in a slash),
whose own redirect wins over its bytes; a redirect to the slash where only an index document is there; the first
routing rule for the error; the error document.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from panregion.services.s3.errors import InvalidURI, NoSuchKey
from panregion.services.s3.model import Version, check_key

Configuration = dict[str, Any]
Find = Callable[[str], Version | None]
"""The object that a key has now."""

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
