"""The data plane of buckets that are websites.

    BUCKET.s3-website-REGION.amazonaws.com/path     either form, in every region
    BUCKET.s3-website.REGION.amazonaws.com/path
    BUCKET.s3-website.localhost[.anything]/path
    www.hello.test/path                             a name that is a bucket's: an alias to the region's website endpoint

Requests are anonymous; bucket policies are kept and not enforced, as everywhere here, so every object is readable.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from panregion.services import Here
from panregion.services.s3 import layout, pages, website
from panregion.services.s3.api.objects import get_object, head_object
from panregion.services.s3.errors import (
    IncorrectEndpoint,
    MethodNotAllowed,
    NoSuchWebsiteConfiguration,
    NotModified,
)
from panregion.wire import AwsError, serialize_output
from panregion.wire.sigv4 import credential
from panregion.world import Request, Response

ENDPOINT = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3-website"
    r"(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d+)\.amazonaws\.com|\.localhost(?:\..+)?)"
)
ABOUT_S3 = "https://aws.amazon.com/s3/"
METHODS = ("GET", "HEAD")
CONDITIONS = {"if-match": "if_match", "if-none-match": "if_none_match", "range": "range"}
DATES = {"if-modified-since": "if_modified_since", "if-unmodified-since": "if_unmodified_since"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to one bucket's website."""

    bucket: str
    configuration: website.Configuration
    asked: website.Asked
    method: str


class WebsitePlane:
    """Serves the websites of a region's buckets."""

    def matches(self, here: Here, request: Request) -> bool:
        host = request.host
        if "s3-website" in host and ENDPOINT.fullmatch(host):
            return True
        if host.endswith(".amazonaws.com") or here.read(lambda step: layout.website(step.tx, host)) is None:
            return False
        return credential(request) is None  # signed: an endpoint of AWS's APIs may be called as a bucket is

    async def handle(self, here: Here, request: Request) -> Response:
        found = ENDPOINT.fullmatch(request.host)
        if found is not None and found["bucket"] is None:
            answer = Response(301, [("Location", ABOUT_S3)])
        else:
            answer = await self._answer(here, request, found)
        names = {name.lower() for name, _ in answer.headers}
        ids = [("x-amz-request-id", here.request_id), ("x-amz-id-2", pages.host_id(here.request_id))]
        answer.headers += [(name, value) for name, value in ids if name not in names]
        return answer

    async def _answer(self, here: Here, request: Request, found: "re.Match[str] | None") -> Response:
        try:
            visit = _visit(here, request, found)
        except MethodNotAllowed as error:
            answer = pages.page(error, here.request_id)
            answer.headers.append(("Allow", ", ".join(METHODS)))
            return answer
        except AwsError as error:
            return pages.page(error, here.request_id)
        try:
            return await _serve(here, request, visit)
        except AwsError as error:
            return await _failed(here, visit, error)


def _visit(here: Here, request: Request, found: "re.Match[str] | None") -> Visit:
    """Raises what a website that is not there says, and what no website says anything else to."""
    if request.method not in METHODS:
        raise MethodNotAllowed(
            "The specified method is not allowed against this resource.", Method=request.method, ResourceType="OBJECT"
        )
    bucket = request.host if found is None else found["bucket"]
    if found is not None and found["region"] not in (None, here.region):
        raise IncorrectEndpoint(
            "The specified bucket exists in another region. Please direct requests to the specified endpoint.",
            Endpoint=request.host,
        )
    here.read(lambda step: layout.bucket(step.tx, bucket))
    configuration = here.read(lambda step: layout.website(step.tx, bucket))
    if configuration is None:
        raise NoSuchWebsiteConfiguration(
            "The specified bucket does not have a website configuration", BucketName=bucket
        )
    host = request.header("host") or request.host
    asked = website.Asked(website.key_of(request.path), host, request.path, request.query)
    return Visit(bucket, configuration, asked, request.method)


async def _serve(here: Here, request: Request, visit: Visit) -> Response:
    """Raises AwsError."""
    decided = here.read(
        lambda step: website.decide(
            visit.configuration, visit.asked, lambda key: layout.current(step.tx, visit.bucket, key)
        )
    )
    if isinstance(decided, website.Moved):
        return _moved(here, decided)
    try:
        return await _object(here, visit, decided.key, _conditions(request))
    except NotModified:
        return Response(304, [("ETag", decided.quoted_etag)])


def _moved(here: Here, moved: website.Moved) -> Response:
    if moved.by_slash:
        return pages.to_slash(moved.location, here.request_id)
    return Response(moved.status, [("Location", website.location_header(moved.location))])


async def _object(here: Here, visit: Visit, key: str, conditions: dict[str, Any]) -> Response:
    """An object as S3 tells of it. Raises AwsError."""
    operation = head_object if visit.method == "HEAD" else get_object
    output = await operation(here, bucket=visit.bucket, key=key, **conditions)
    name = "HeadObject" if visit.method == "HEAD" else "GetObject"
    return serialize_output("s3", name, output, here.request_id)


async def _failed(here: Here, visit: Visit, error: AwsError) -> Response:
    """A routing rule for the error, else the error document, else a page."""
    moved = website.by_rule(visit.configuration, visit.asked, error.status)
    if moved is not None:
        return _moved(here, moved)
    key = website.error_document(visit.configuration, error.status)
    if key is None:
        return pages.page(error, here.request_id)
    try:
        document = here.read(lambda step: layout.version(step.tx, visit.bucket, key, None))
        redirect = website.own_redirect(document)
        if redirect is not None:
            return _moved(here, redirect)
        answer = await _object(here, visit, key, {})
    except AwsError as second:
        return pages.page(error, here.request_id, second)
    answer.status = error.status
    answer.headers += pages.told(error)
    return answer


def _conditions(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {
        parameter: request.header(name) for name, parameter in CONDITIONS.items() if request.header(name) is not None
    }
    for name, parameter in DATES.items():
        moment = _moment(request.header(name))
        if moment is not None:
            given[parameter] = moment
    return given


def _moment(text: str | None) -> datetime | None:
    """A date of HTTP; one that makes no sense is ignored (RFC 9110 13.1.3)."""
    try:
        return None if text is None else parsedate_to_datetime(text)
    except ValueError:
        return None
