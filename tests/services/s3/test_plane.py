"""Websites of buckets: their configuration by boto3, and requests to them as users send them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from panregion.region import Region
from panregion.services import Context
from panregion.services.s3 import stack
from panregion.world import Request, Response
from tests.services.s3.test_objects import code

PLAIN = {"IndexDocument": {"Suffix": "index.html"}}
WHOLE = {
    **PLAIN,
    "ErrorDocument": {"Key": "error.html"},
    "RoutingRules": [
        {"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "new/"}},
        {
            "Condition": {"HttpErrorCodeReturnedEquals": "404", "KeyPrefixEquals": "app/"},
            "Redirect": {"HostName": "b.test", "HttpRedirectCode": "302", "Protocol": "https", "ReplaceKeyWith": "x"},
        },
    ],
}


def test_the_life_of_a_website(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as none:
        s3.get_bucket_website(Bucket=bucket)
    assert code(none) == ("NoSuchWebsiteConfiguration", 404)
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=WHOLE)
    found = s3.get_bucket_website(Bucket=bucket)
    assert {name: found[name] for name in WHOLE} == WHOLE
    everything = {"RedirectAllRequestsTo": {"HostName": "b.test", "Protocol": "https"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=everything)
    found = s3.get_bucket_website(Bucket=bucket)
    assert (found["RedirectAllRequestsTo"], "IndexDocument" in found) == (everything["RedirectAllRequestsTo"], False)
    s3.delete_bucket_website(Bucket=bucket)
    s3.delete_bucket_website(Bucket=bucket)
    with pytest.raises(ClientError, match="does not have a website configuration"):
        s3.get_bucket_website(Bucket=bucket)


@pytest.mark.parametrize("operation", ["get_bucket_website", "delete_bucket_website"])
def test_a_bucket_that_is_not_there(s3: Any, operation: str) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(s3, operation)(Bucket="no-such-bucket")
    assert code(caught) == ("NoSuchBucket", 404)


@pytest.mark.parametrize(
    ("configuration", "refused", "message"),
    [
        ({}, "InvalidArgument", "A value for IndexDocument Suffix must be provided"),
        ({"IndexDocument": {"Suffix": "a/b"}}, "InvalidArgument", "The IndexDocument Suffix is not well formed"),
        ({"IndexDocument": {"Suffix": ""}}, "InvalidArgument", "The IndexDocument Suffix is not well formed"),
        ({**PLAIN, "RedirectAllRequestsTo": {"HostName": "b"}}, "InvalidArgument", "in conjunction with other"),
        ({"RedirectAllRequestsTo": {"HostName": ""}}, "InvalidRequest", "A host name must be provided"),
        ({"RedirectAllRequestsTo": {"HostName": "b", "Protocol": "ftp"}}, "InvalidArgument", "enum value set"),
        ({**PLAIN, "RoutingRules": []}, "MalformedXML", "not well-formed"),
        ({**PLAIN, "RoutingRules": [{"Redirect": {"HostName": "b"}}] * 51}, "InvalidRequest", "51 routing rules"),
        (
            {**PLAIN, "RoutingRules": [{"Redirect": {"HttpRedirectCode": "300"}}]},
            "InvalidRequest",
            "The provided HTTP redirect code .300. is not valid",
        ),
        (
            {**PLAIN, "RoutingRules": [{"Redirect": {"HttpRedirectCode": "314"}}]},
            "InvalidRequest",
            "The provided HTTP redirect code .314. is not valid",
        ),
        (
            {**PLAIN, "RoutingRules": [{"Redirect": {"ReplaceKeyWith": "a", "ReplaceKeyPrefixWith": "b"}}]},
            "InvalidRequest",
            "ReplaceKeyPrefix or ReplaceKey but not both",
        ),
        (
            {
                **PLAIN,
                "RoutingRules": [
                    {"Condition": {"HttpErrorCodeReturnedEquals": "200"}, "Redirect": {"HostName": "b"}},
                ],
            },
            "InvalidRequest",
            "The provided HTTP error code .200. is not valid",
        ),
        (
            {**PLAIN, "RoutingRules": [{"Condition": {}, "Redirect": {"HostName": "b"}}]},
            "InvalidRequest",
            "Condition cannot be empty",
        ),
    ],
)
def test_configurations_that_are_refused(
    s3: Any, bucket: str, configuration: dict[str, Any], refused: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)
    assert code(caught) == (refused, 400)


def test_an_object_cannot_redirect_to_just_anything(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match="must have a prefix of 'http://'") as caught:
        s3.put_object(Bucket=bucket, Key="k", WebsiteRedirectLocation="other.html")
    assert code(caught) == ("InvalidRedirectLocation", 400)
    s3.put_object(Bucket=bucket, Key="k", WebsiteRedirectLocation="https://b.test/")
    assert s3.head_object(Bucket=bucket, Key="k")["WebsiteRedirectLocation"] == "https://b.test/"


class Site:
    """A bucket that is a website."""

    def __init__(self, region: Region, name: str = "www.hello.test") -> None:
        self.region = region
        self.name = name
        self.host = f"{name}.s3-website-us-east-1.amazonaws.com"

    async def put(self, key: str, body: bytes, **more: Any) -> None:
        await self.region.ask("s3", "PutObject", {"Bucket": self.name, "Key": key, "Body": body, **more})

    async def get(
        self, path: str, method: str = "GET", host: str | None = None, query: str = "", **headers: str
    ) -> Response:
        given = [("Host", host or self.host), *((name.replace("_", "-"), value) for name, value in headers.items())]
        return await self.region.gateway(Request(method, path, query, given, b"", "198.18.3.7"))


@pytest.fixture
async def site(region: Region) -> Site:
    site = Site(region)
    await region.ask("s3", "CreateBucket", {"Bucket": site.name})
    await region.ask("s3", "PutBucketWebsite", {"Bucket": site.name, "WebsiteConfiguration": WHOLE})
    await site.put("index.html", b"<h1>home</h1>", ContentType="text/html", CacheControl="max-age=60")
    await site.put("docs/index.html", b"docs", ContentType="text/html")
    return site


def told(response: Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers}


async def whole(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    return b"".join([piece async for piece in response.body])


@pytest.mark.parametrize(
    "host",
    [
        "www.hello.test.s3-website-us-east-1.amazonaws.com",
        "www.hello.test.s3-website.us-east-1.amazonaws.com:4566",
        "www.hello.test.s3-website.localhost:4566",
        "WWW.hello.test",
    ],
)
async def test_the_index_document_by_every_name(site: Site, host: str) -> None:
    answer = await site.get("/", host=host)
    headers = told(answer)
    assert (answer.status, await whole(answer)) == (200, b"<h1>home</h1>")
    assert (headers["content-type"], headers["cache-control"]) == ("text/html", "max-age=60")
    assert headers["etag"].strip('"').isalnum()
    assert headers["x-amz-request-id"]
    assert headers["last-modified"].endswith("GMT")


async def test_a_name_is_a_websites_unless_the_request_is_signed_for_an_api(site: Site) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    buckets = await site.get("/", host=site.name, Authorization=scope)
    assert b"<ListAllMyBucketsResult" in await whole(buckets)
    assert await whole(await site.get("/", host=site.name, Authorization="Basic YTpi")) == b"<h1>home</h1>"


async def test_heads_conditions_and_ranges(site: Site) -> None:
    head = await site.get("/", "HEAD")
    etag = told(head)["etag"]
    assert (head.status, told(head)["content-length"], head.body) == (200, "13", b"")
    same = await site.get("/", If_None_Match=etag)
    assert (same.status, told(same)["etag"], same.body) == (304, etag, b"")
    part = await site.get("/", Range="bytes=1-2")
    assert (part.status, await whole(part), told(part)["content-range"]) == (206, b"h1", "bytes 1-2/13")
    later = await site.get("/", If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    nonsense = await site.get("/", If_Modified_Since="yesterday")
    assert (later.status, nonsense.status) == (304, 200)
    assert (await site.get("/", Range="bytes=99-")).status == 416
    assert (await site.get("/", If_Match='"other"')).status == 412


async def test_a_large_object_comes_whole(site: Site) -> None:
    await site.put("large", b"x" * 2_000_000)
    assert await whole(await site.get("/large")) == b"x" * 2_000_000


async def test_folders(site: Site) -> None:
    assert await whole(await site.get("/docs/")) == b"docs"
    moved = await site.get("/docs")
    headers = told(moved)
    assert (moved.status, headers["location"], headers["x-amz-error-code"]) == (302, "/docs/", "Found")
    assert b"<h1>302 Moved Temporarily</h1>" in await whole(moved)


async def test_an_error_without_its_document(site: Site) -> None:
    answer = await site.get("/no%3Csuch")
    page = (await whole(answer)).decode()
    assert (answer.status, told(answer)["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<title>404 Not Found</title>" in page
    assert "<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n<li>Key: no&lt;such" in page
    assert "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>" in page
    assert page.count("<li>Key: error.html</li>") == 1


async def test_an_error_with_its_document(site: Site) -> None:
    await site.put("error.html", b"sorry", ContentType="text/plain")
    answer = await site.get("/nothing/", If_None_Match="*", Range="bytes=0-1")
    headers = told(answer)
    assert (answer.status, await whole(answer), headers["content-type"]) == (404, b"sorry", "text/plain")
    assert (headers["x-amz-error-code"], headers["x-amz-error-detail-key"]) == ("NoSuchKey", "nothing/index.html")
    await site.put("error.html", b"", WebsiteRedirectLocation="https://b.test/")
    moved = await site.get("/nothing")
    assert (moved.status, told(moved)["location"]) == (301, "https://b.test/")


async def test_redirects(site: Site) -> None:
    await site.put("gone", b"", WebsiteRedirectLocation="/docs/")
    gone, by_prefix, by_error = [await site.get(path) for path in ("/gone", "/old/a", "/app/none")]
    assert (gone.status, told(gone)["location"], gone.body) == (301, "/docs/", b"")
    assert (by_prefix.status, told(by_prefix)["location"]) == (301, f"http://{site.host}/new/a")
    assert (by_error.status, told(by_error)["location"]) == (302, "https://b.test/x")


async def test_a_configuration_cannot_add_headers(site: Site) -> None:
    rules = [{"Redirect": {"HostName": "b.test", "ReplaceKeyWith": "a\r\nSet-Cookie: x=1"}}]
    params = {"Bucket": site.name, "WebsiteConfiguration": {**PLAIN, "RoutingRules": rules}}
    await site.region.ask("s3", "PutBucketWebsite", params)
    assert told(await site.get("/"))["location"] == "http://b.test/a%0D%0ASet-Cookie:%20x=1"


async def test_only_reading_is_allowed(site: Site) -> None:
    answer = await site.get("/", "PUT")
    page = (await whole(answer)).decode()
    assert (answer.status, "<li>Code: MethodNotAllowed</li>" in page) == (405, True)
    assert told(answer)["allow"] == "GET, HEAD"
    assert "<li>Method: PUT</li>\n<li>ResourceType: OBJECT</li>" in page


async def test_deleted_objects_are_gone(site: Site) -> None:
    configuration = {"Bucket": site.name, "VersioningConfiguration": {"Status": "Enabled"}}
    await site.region.ask("s3", "PutBucketVersioning", configuration)
    await site.region.ask("s3", "DeleteObject", {"Bucket": site.name, "Key": "docs/index.html"})
    assert [(await site.get(path)).status for path in ("/docs/", "/docs")] == [404, 404]


async def test_websites_that_are_not_there(region: Region) -> None:
    await region.ask("s3", "CreateBucket", {"Bucket": "plain.test"})
    none, bare = await Site(region, "no.such").get("/"), await Site(region, "plain.test").get("/")
    assert (none.status, bare.status) == (404, 404)
    assert b"<li>Code: NoSuchBucket</li>" in await whole(none)
    assert b"<li>Code: NoSuchWebsiteConfiguration</li>" in await whole(bare)
    assert (await Site(region).get("/", host="plain.test")).status == 404  # no bucket's website: nobody's name
    elsewhere = await Site(region).get("/", host="a.s3-website.eu-west-1.amazonaws.com")
    assert (elsewhere.status, told(elsewhere)["x-amz-error-code"]) == (400, "IncorrectEndpoint")
    nobody = await Site(region).get("/", host="s3-website-us-east-1.amazonaws.com")
    assert (nobody.status, told(nobody)["location"]) == (301, "https://aws.amazon.com/s3/")


async def test_a_path_that_is_no_key(site: Site) -> None:
    answer = await site.get("/%ff")
    assert (answer.status, told(answer)["x-amz-error-code"]) == (400, "InvalidURI")


async def test_a_website_of_a_stack(region: Region) -> None:
    context = Context(stack_name="Site", stack_id="arn:stack", logical_id="Files", suffix="ABCDEFGHIJKL")
    kind = stack.RESOURCES["AWS::S3::Bucket"]
    rule = {
        "RoutingRuleCondition": {"HttpErrorCodeReturnedEquals": 404},
        "RedirectRule": {"HostName": "b.test", "HttpRedirectCode": 307},
    }
    website = {"IndexDocument": "index.html", "ErrorDocument": "error.html", "RoutingRules": [rule]}
    name = await kind.create(region.here, {"WebsiteConfiguration": website}, context)
    found = await region.ask("s3", "GetBucketWebsite", {"Bucket": name})
    assert (found["IndexDocument"], found["ErrorDocument"]) == ({"Suffix": "index.html"}, {"Key": "error.html"})
    url = (await kind.attributes(region.here, name, {}))["WebsiteURL"]
    moved = await Site(region, name).get("/x", host=url.removeprefix("http://"))
    assert (moved.status, told(moved)["location"]) == (307, "http://b.test/x")

    assert kind.update is not None
    old, everything = {"WebsiteConfiguration": website}, {"RedirectAllRequestsTo": {"HostName": "c.test"}}
    await kind.update(region.here, name, old, {"WebsiteConfiguration": everything}, context)
    assert told(await Site(region, name).get("/y"))["location"] == "http://c.test/y"
    await kind.update(region.here, name, {"WebsiteConfiguration": everything}, {}, context)
    assert (await Site(region, name).get("/y")).status == 404
    await kind.delete(region.here, name, {}, context)
